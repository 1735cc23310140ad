"""Filling rows of a table from rows of a list: blanks are filled, differences changed or only reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm.importing.matching import alike, comparable
from xlcrm.plan import Change
from xlcrm.problems import Problem
from xlcrm.tables import Table
from xlcrm.values import as_text, text_of


@dataclass(frozen=True, eq=False)
class Filled:
    """The changes, one a column, and what differed and was kept."""

    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, parts: Iterable[Filled]) -> Filled:
        """Several as one; where two change the same cell, the first does."""
        by_column: dict[str, list[Change]] = {}
        problems: list[Problem] = []
        for part in parts:
            problems += part.problems
            for change in part.changes:
                by_column.setdefault(change.column, []).append(change)
        return cls(tuple(_joined(changes) for changes in by_column.values()), tuple(problems))


def fill(
    table: Table, rows: pd.DataFrame, at: Any, *, kept: frozenset[str], code: str = "import.differs",
    raw: Mapping[str, pd.Series[Any]] = {},
) -> Filled:  # fmt: skip
    """What the cells of `rows` do to the rows of `table` at the positions `at` (one each, repeats allowed).

    A blank incoming cell does nothing; a blank cell of the table takes the incoming one; one that differs takes it
    too, unless its column is in `kept`: then it is a Problem `code` that names both, but for a
    name or a place in other capitals or without its accents. Of several rows for one position
    the first is taken first. Columns that the table does not have are taken as blank there. `raw` has the list's cells
    as typed, for dates and numbers: a cell of the table that still is that text takes what it was read as.
    """
    changes: list[Change] = []
    problems: list[Problem] = []
    if not len(rows):
        return Filled()
    at = np.asarray(at)
    ids = table.frame["client_id"] if "client_id" in table.frame else table.frame.iloc[:, 0]
    rounds = pd.Series(at).groupby(at).cumcount().to_numpy()
    for column in map(str, rows.columns):
        if column in table.formulas:
            continue
        have = table.frame[column] if column in table.frame else pd.Series([None] * len(table.frame), dtype=object)
        new = comparable(rows[column], table.name, column).to_numpy(dtype=object)
        after: dict[int, object] = {}
        old = comparable(have, table.name, column).to_numpy(dtype=object).copy()
        values = rows[column].to_numpy(dtype=object)
        typed = (
            still_typed(have.iloc[at], raw[column].reindex(rows.index)) if column in raw else np.zeros(len(at), bool)
        )
        for turn in range(int(rounds.max()) + 1):
            pick = np.flatnonzero((rounds == turn) & (new != "") & ((new != old[at]) | typed))
            for place in pick:
                position = int(at[place])
                if old[position] == "" or column not in kept or typed[place]:
                    after[position], old[position] = values[place], new[place]
                elif not alike(column, old[position], new[place]):
                    shown = after.get(position, have.iloc[position])
                    problems.append(_differs(code, table, column, position, shown, values[place], ids))
        if after:
            changes.append(_change(table, column, have, after, ids))
    return Filled(tuple(changes), tuple(problems))


def still_typed(have: pd.Series[Any], raw: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Where a cell of the table is text and the same as the list's own cell, which could not be read before."""
    if have.dtype.kind in "Mfiub":
        return np.zeros(len(have), dtype=bool)
    text = np.array([isinstance(value, str) and bool(value.strip()) for value in have], dtype=bool)
    same = as_text(have).str.strip().to_numpy() == as_text(raw).str.strip().to_numpy()
    return np.asarray(text & same, dtype=bool)


def _differs(
    code: str, table: Table, column: str, position: int, old: object, new: object, ids: pd.Series[Any]
) -> Problem:
    row = table.excel_row(position) if table.sheet else 0
    return Problem(
        code, table.name, row, text_of(ids.iloc[position]), column, text_of(old), text_of(new), level="note",
    )  # fmt: skip


def _change(table: Table, column: str, have: pd.Series[Any], after: dict[int, object], ids: pd.Series[Any]) -> Change:
    index = pd.Index(sorted(after))
    before = have.iloc[index]
    values = pd.Series([after[p] for p in index], index=index, dtype=object)
    if column in table.frame and have.dtype != object:
        with suppress(ValueError, TypeError):  # a cell as typed in a column of numbers or dates stays as typed
            values = values.astype(have.dtype)
    return Change(table.name, column, before.set_axis(index), values, ids.iloc[index].set_axis(index))


def _joined(changes: list[Change]) -> Change:
    if len(changes) == 1:
        return changes[0]
    first = changes[0]
    parts = [pd.concat([getattr(c, name) for c in changes]) for name in ("before", "after", "keys")]
    once = ~parts[0].index.duplicated()
    before, after, keys = (part[once].sort_index() for part in parts)
    return Change(first.table, first.column, before, after, keys)
