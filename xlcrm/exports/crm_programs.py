"""CRM programs that lists are made for: their columns and what else their imports want, read from the tables of facts.

`data/exports/crm_columns.csv`: system, file, header, value; `crm_programs.csv`: what a program needs and how it takes
who wants no e-mail.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data" / "exports"


@dataclass(frozen=True)
class CrmProgram:
    """One program's import.

    system       its name in the sheet Lists, behind "crm:"
    title        its name as it writes itself
    needs        fields of a contact of which one must be filled; none for no such rule
    sends        its file may hold only who wants e-mail: the others are in the suppression list alone
    suppression  header of the list of addresses that want no e-mail; "" where the program has no use for one
    most_bytes   of a cell in UTF-8; 0 for no limit
    files        "contacts" and, where it wants them apart, "companies" -> its columns as (header, name of the value)
    """

    system: str
    title: str
    needs: tuple[str, ...]
    sends: bool
    suppression: str
    most_bytes: int
    files: dict[str, tuple[tuple[str, str], ...]]


@cache
def programs() -> dict[str, CrmProgram]:
    """All programs by system."""
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in _rows("crm_columns.csv"):
        columns.setdefault((row["system"], row["file"]), []).append((row["header"], row["value"]))
    return {row["system"]: _program(row, columns) for row in _rows("crm_programs.csv")}


def _program(row: dict[str, str], columns: dict[tuple[str, str], list[tuple[str, str]]]) -> CrmProgram:
    """One row of the programs with its columns."""
    return CrmProgram(
        system=row["system"],
        title=row["title"],
        needs=tuple(row["needs"].split("|")) if row["needs"] else (),
        sends=row["refused"] == "leave",
        suppression=row["suppression"],
        most_bytes=int(row["most_bytes"] or 0),
        files={file: tuple(found) for (system, file), found in columns.items() if system == row["system"]},
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
