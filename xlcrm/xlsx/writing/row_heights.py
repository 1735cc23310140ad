"""Heights of rows that get sentences: a file says how high a row is, as only Excel itself fits it to its text.

LibreOffice and the viewers of phones show a row as the file says; Excel fits it again when somebody types there.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

SENTENCES = frozenset({"problem", "suggestion", "doubt", "what", "agrees", "differs"})  # columns that wrap their text
TABLES = frozenset({"Problems", "Changes", "Import", "Duplicates"})
LETTERS = 1.12  # letters of running text in the width of a digit
LINE, MARGIN, LONGEST = 13, 4, 409  # points; Excel takes no higher row
_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*>")
_ATTRIBUTE = re.compile(rb'\s(min|max|width)="([\d.]+)"')
_HEIGHT = re.compile(rb"""\s(?:ht|customHeight)=["'][^"']*["']""")
_POINTS = re.compile(rb"""\sht=["']([\d.]+)["']""")
Heights = Callable[[bytes, Mapping[int, Any]], bytes]


def as_it_is(attributes: bytes, values: Mapping[int, Any]) -> bytes:
    """The heights of tables without sentences: new rows have that of the row above."""
    return attributes


def heights_of(table: str, names: Sequence[str], left: int, head: bytes) -> Heights:
    """How a table's new rows get their heights: attributes of a row and its values (sheet column -> value) come in.

    names  the table's columns by their canonical names, the first one in sheet column `left`
    head   the sheet's XML above its rows, which has the widths
    """
    columns = {left + at for at, name in enumerate(names) if name in SENTENCES}
    widths = {column: width for column, width in _widths(head).items() if column in columns}
    if table not in TABLES or not widths:
        return as_it_is

    def fitted(attributes: bytes, values: Mapping[int, Any]) -> bytes:
        lines = max((_lines(str(values.get(column) or ""), width) for column, width in widths.items()), default=1)
        return _HEIGHT.sub(b"", attributes) + b' ht="%d"' % min(MARGIN + LINE * lines, LONGEST)

    return fitted


def raised(fitting: Heights) -> Heights:
    """How a row that is there gets room for a longer sentence: no row gets lower, and one that a person made as high
    as it is stays so, as does one of which the file says nothing."""

    def fitted(attributes: bytes, values: Mapping[int, Any]) -> bytes:
        height = _POINTS.search(attributes)
        if not height or b"customHeight" in attributes:
            return attributes
        new = fitting(attributes, values)
        wanted = _POINTS.search(new)
        return new if wanted and float(wanted[1]) > float(height[1]) else attributes

    return as_it_is if fitting is as_it_is else fitted


def _lines(text: str, width: float) -> int:
    """How many lines a text takes, by whole words; an estimate for Arial."""
    letters = max(int(width * LETTERS), 1)
    return sum(_lines_of(part, letters) for part in text.splitlines()) or 1


def _lines_of(part: str, letters: int) -> int:
    """How many lines of so many letters `textwrap` makes of a text without breaks, at least one.

    Words with one space between them are counted without it: only hyphens and words longer than a line are its work.
    """
    if len(part) <= letters and "\t" not in part:
        return 1
    if _plain_words(letters).fullmatch(part):
        return len(_line_of(letters).findall(part))
    return len(textwrap.wrap(part, letters)) or 1


@cache
def _plain_words(letters: int) -> re.Pattern[str]:
    """Words without hyphens of so many letters at most, with one space between them."""
    return re.compile(rf"[^\s-]{{1,{letters}}}(?: [^\s-]{{1,{letters}}})*")


@cache
def _line_of(letters: int) -> re.Pattern[str]:
    """As many whole words as a line of so many letters holds."""
    return re.compile(rf"\S.{{0,{letters - 1}}}(?= |$)")


def _widths(head: bytes) -> dict[int, float]:
    """Sheet column -> its width in characters; a run of all columns to the sheet's end counts up to 200."""
    found: dict[int, float] = {}
    for column in _COLUMN.findall(head):
        said = {name: float(value) for name, value in _ATTRIBUTE.findall(column)}
        if {b"min", b"max", b"width"} <= said.keys():
            found |= dict.fromkeys(range(int(said[b"min"]), min(int(said[b"max"]), 200) + 1), said[b"width"])
    return found
