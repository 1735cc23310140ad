"""Own sheets of users in two copies of a workbook: which of them differ; they are named and never copied.

Sheets of the same bytes are the same; else their cells are held against each other, because a program that saves a
workbook numbers its texts anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from xlcrm import words
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.shared_strings import SharedStrings
from xlcrm.xlsx.workbook import Workbook, open_workbook

Cells = dict[str, tuple[str, str]]


def own_sheets(ours: Path, theirs: Path) -> list[str]:
    """The users' own sheets that are not alike in two unlocked workbooks, and those that only the second has."""
    mine, other = open_workbook(ours), open_workbook(theirs)
    with mine.package, other.package:
        there = {sheet.name: sheet.part for sheet in mine.worksheets}
        found = []
        for name, part in _own(other):
            if name not in there or not _alike(mine, there[name], other, part):
                found.append(name)
        return found


def _own(book: Workbook) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet on which no table of ours stands."""
    ours: Collection[str] = {table.sheet.name for table in book.tables if words.table_of(table.canonical)}
    for sheet in book.worksheets:
        if sheet.name not in ours and not words.table_of(sheet.name):
            yield sheet.name, sheet.part


def _alike(mine: Workbook, part: str, other: Workbook, there: str) -> bool:
    if mine.package.read(part) == other.package.read(there):
        return True
    return _cells(mine, part) == _cells(other, there)


def _cells(book: Workbook, part: str) -> Cells:
    """Formula and content of every filled cell."""
    parts = book.package.related(book.part, "sharedStrings")
    texts = SharedStrings(b"".join(book.package.chunks(name)) for _, name in parts)
    found = {}
    for cell in xml_parts.parse(book.package.read(part)).iter():
        if cell.tag.rsplit("}", 1)[-1] == "c":
            held = {child.tag.rsplit("}", 1)[-1]: "".join(child.itertext()) for child in cell}
            value = held.get("v", held.get("is", ""))
            if cell.get("t") == "s" and value.strip().isdigit() and int(value) < len(texts):
                value = texts[int(value)]
            if value or "f" in held:
                found[cell.get("r", "")] = (held.get("f", ""), "" if "f" in held else value)
    return found
