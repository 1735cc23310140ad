"""Formulas as text with references that can be moved, so that they still mean their cells afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from xlcrm.xlsx.ranges import MAX_COLUMN, MAX_ROW, Area, letters, number

_TOKEN = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
    |(?P<table>[^\W\d][\w.]*)?(?P<brackets>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])(?![\w.]*!)
    |(?P<sheet>(?:'(?:[^']|'')+'|(?:\[\d+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?|\[\d+\][\w.]*)!)?
     (?:(?P<ref>(?<![\w.$])\$?[A-Za-z]{1,3}\$?\d{1,7}(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?(?![\w.(!\[]))
       |(?P<line>(?<![\w.$])(?:\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d{1,7}:\$?\d{1,7})(?![\w.(!\[]))
       |(?P<name>[^\W\d][\w.\\?]*(?P<call>\()?))
    """,
    re.VERBOSE,
)
_PART = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})")


class Move(Protocol):
    """Where an area of a sheet goes; None where it is gone. `grow`: a range that ends with the table grows with it."""

    def __call__(self, sheet: str, area: Area, grow: bool) -> Area | None: ...


class Token(NamedTuple):
    """Something a formula refers to: cells (`area` on `sheet`, "" for its own), a table's brackets, or a name."""

    sheet: str = ""
    area: Area | None = None
    table: str = ""
    brackets: str = ""
    name: str = ""
    calls: bool = False


def tokens(formula: str) -> Iterator[Token]:
    """What a formula refers to, in order."""
    for found in _TOKEN.finditer(formula):
        sheet = sheet_name(found["sheet"] or "")
        if found["ref"]:
            yield Token(sheet, _area(_PART.findall(found["ref"])))
        elif found["line"]:
            yield Token(sheet, _line(found["line"].replace("$", "")))
        elif found["brackets"]:
            yield Token(table=found["table"] or "", brackets=found["brackets"])
        elif found["name"]:
            yield Token(sheet, name=found["name"].rstrip("("), calls=bool(found["call"]))


def _line(text: str) -> Area:
    """Whole rows ("3:7") or whole columns ("B:D") as an area."""
    first, _, last = text.partition(":")
    if first.isdecimal():
        return Area(int(first), 1, int(last), MAX_COLUMN)
    return Area(1, number(first), MAX_ROW, number(last))


def _on_any_sheet(area: Area) -> bool:
    """Whether a sheet has such cells: what only looks like an address (ABC9999999, A0) is a name or function."""
    return area.top >= 1 and area.bottom <= MAX_ROW and area.right <= MAX_COLUMN


def _area(ends: list[tuple[str, str, str, str]]) -> Area:
    """The area between the ends of a reference, in whatever order they stand; ends are matches of `_PART`."""
    rows = [int(end[3]) for end in ends]
    columns = [number(end[1]) for end in ends]
    return Area(min(rows), min(columns), max(rows), max(columns))


def shifted(formula: str, rows: int, columns: int = 0) -> str:
    """A formula as it reads `rows` further down and `columns` to the right: only relative references move along."""

    def move(found: re.Match[str]) -> str:
        """A token with its relative references moved."""
        if not found["ref"]:
            return found[0]
        return (found["sheet"] or "") + _PART.sub(lambda part: _shifted(part, rows, columns), found["ref"])

    return _TOKEN.sub(move, formula)


def _shifted(part: re.Match[str], rows: int, columns: int) -> str:
    """One address moved where it has no dollar sign; #REF! where it would leave the sheet, as Excel has it."""
    row = int(part[4]) + (0 if part[3] else rows)
    column = number(part[2]) + (0 if part[1] else columns)
    if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
        return "#REF!"
    return f"{part[1]}{letters(column)}{part[3]}{row}"


def follow_rule(formula: str, here: str, move: Move, rows: int) -> str:
    """A formula that went `rows` down with the cell it is counted from: relative rows count on, others follow."""

    def replaced(found: re.Match[str]) -> str:
        """A token: relative rows count on from the cell, a reference with a fixed row follows its cells."""
        if not found["ref"]:
            return found[0]
        if all(not end[2] for end in _PART.findall(found["ref"])):
            return (found["sheet"] or "") + _PART.sub(lambda part: _shifted(part, rows, 0), found["ref"])
        return _followed(found, here, move, True)

    return _TOKEN.sub(replaced, formula)


def follow(formula: str, here: str, move: Move, *, inside: bool = False) -> str:
    """A formula after cells moved. `here` is its sheet; an area that is gone reads #REF!, as Excel has it.

    `inside` says that the formula stands in the table that changes: there a range whose end is relative ("so far")
    must not grow. Dollar signs and everything else stay.
    """
    return _TOKEN.sub(lambda found: _followed(found, here, move, not inside), formula)


def _followed(found: re.Match[str], here: str, move: Move, grow: bool) -> str:
    """A reference after its cells moved, with its dollar signs and letters; any other token as it is.

    Other workbooks' cells ("[1]Sheet!A1") do not move with ours. `move` is asked with `grow` or where the range's last
    row is fixed ($): "$A$2:$A$9" means all of them in every row.
    """
    sheet, ends = found["sheet"] or "", _PART.findall(found["ref"] or "")
    if not ends or sheet.startswith(("[", "'[")):
        return found[0]
    area = _area(ends)
    moved = move(sheet_name(sheet) or here, area, grow or bool(ends[-1][2])) if _on_any_sheet(area) else area
    if moved == area:
        return found[0]
    if moved is None:
        return f"{sheet}#REF!"
    rows = [moved.top, moved.bottom]
    return sheet + ":".join(f"{d}{column}{e}{row}" for (d, column, e, _), row in zip(ends, rows, strict=False))


def sheet_name(prefix: str) -> str:
    """The sheet that a reference's prefix names ("'My sheet'!" -> "My sheet"), "" for none."""
    name = prefix.removesuffix("!")
    return name[1:-1].replace("''", "'") if name.startswith("'") else name
