"""Formulas as text whose references can be moved, so that a formula still means the same cells after they moved."""

from __future__ import annotations

import re
from collections.abc import Callable

from xlcrm.adapters import markup
from xlcrm.adapters.ranges import MAX_COLUMN, MAX_ROW, Area, letters
from xlcrm.adapters.ranges import number as column_number

_TOKEN = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
    |(?P<structured>[^\W\d][\w.]*\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\](?!\w))
    |(?P<sheet>(?:'(?:[^']|'')+'|(?:\[\d+\])?[^\W\d][\w.]*|\[\d+\][\w.]*)(?::[^\W\d][\w.]*)?!)?
     (?P<ref>(?<![\w.$])\$?[A-Za-z]{1,3}\$?\d{1,7}(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?(?![\w.(!\[]))
    |(?P<name>[^\W\d][\w.\\?]*)
    """,
    re.VERBOSE,
)
_PART = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})")
Move = Callable[[str, Area], Area | None]


def text(raw: bytes) -> str:
    return markup.unescape(raw)


def shifted(formula: str, rows: int) -> str:
    """A formula as it reads `rows` further down: relative rows move along, absolute ones stay."""

    def move(found: re.Match[str]) -> str:
        if not found["ref"]:
            return found[0]
        return (found["sheet"] or "") + _PART.sub(lambda part: _shifted(part, rows), found["ref"])

    return _TOKEN.sub(move, formula)


def _shifted(part: re.Match[str], rows: int) -> str:
    if part[3]:
        return part[0]
    row = int(part[4]) + rows
    return f"{part[1]}{part[2]}{row}" if 1 <= row <= MAX_ROW else "#REF!"


def follow_rule(formula: str, here: str, move: Move, rows: int) -> str:
    """The formula of a rule whose first cell went `rows` down: relative rows count from there, absolute ones follow."""

    def replaced(found: re.Match[str]) -> str:
        if not found["ref"]:
            return found[0]
        if all(not end[2] for end in _PART.findall(found["ref"])):
            return (found["sheet"] or "") + _PART.sub(lambda part: _shifted(part, rows), found["ref"])
        return follow(found[0], here, move)

    return _TOKEN.sub(replaced, formula)


def follow(formula: str, here: str, move: Move) -> str:
    """A formula after cells moved. `here` is the sheet of the formula; `move(sheet, area)` says where an area went.

    None from `move` is an area that is gone: #REF!, as Excel has it. Dollar signs, and everything else, stay.
    """

    def replaced(found: re.Match[str]) -> str:
        ref = found["ref"]
        if not ref:
            return found[0]
        sheet = found["sheet"] or ""
        if sheet.startswith("[") or "'[" in sheet:
            return found[0]
        ends = _PART.findall(ref)
        rows = [int(end[3]) for end in ends]
        columns = [column_number(end[1]) for end in ends]
        if max(rows) > MAX_ROW or max(columns) > MAX_COLUMN or min(rows) < 1:
            return found[0]
        area = Area(min(rows), min(columns), max(rows), max(columns))
        moved = move(sheet_name(sheet) or here, area)
        if moved == area:
            return found[0]
        if moved is None:
            return f"{sheet}#REF!"
        new = [moved.top, moved.bottom] if len(ends) == 2 else [moved.top]
        parts = [f"{d1}{letters(c)}{d2}{r}" for (d1, _, d2, _), c, r in zip(ends, columns, new, strict=True)]
        return sheet + ":".join(parts)

    return _TOKEN.sub(replaced, formula)


def sheet_name(prefix: str) -> str:
    """The sheet that a reference's prefix names ("'My sheet'!" -> "My sheet"), "" for none."""
    name = prefix.removesuffix("!")
    return name[1:-1].replace("''", "'") if name.startswith("'") else name
