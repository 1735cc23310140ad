"""The question that a column of two readings raises: where, how many cells, three of them with both readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from xlcrm.problems import Problem

SHOWN = 3


class TwoReadings(Protocol):
    """What was found about a list: columns and cells that have two readings, `count` how many cells in all."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def asked(self) -> tuple[str, ...]: ...

    @property
    def count(self) -> int: ...


def question(code: str, found: TwoReadings, readings: Callable[[str], str], file: str) -> list[Problem]:
    """The Problem of this code; none where nothing is doubtful. `readings` shows a cell with both its readings."""
    if not found.count:
        return []
    values: Mapping[str, str] = {
        "count": str(found.count),
        "columns": ", ".join(found.columns),
        "examples": "; ".join(map(readings, found.asked[:SHOWN])),
        "file": file,
    }
    first = found.asked[0]
    return [Problem(code, column=found.columns[0], value=first, level="doubt", values=tuple(values.items()))]
