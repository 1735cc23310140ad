"""Cell ranges (A1 references, areas), and how they follow when a table's rows come and go."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})$")


class Area(NamedTuple):
    """A rectangle of cells; rows and columns count from 1, both ends inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, text: str) -> Area:
        """From "B2:D9" or "B2"; ValueError for anything else."""
        first, _, last = text.partition(":")
        (row, column), (bottom, right) = cell(first), cell(last or first)
        return cls(min(row, bottom), min(column, right), max(row, bottom), max(column, right))

    @classmethod
    def read(cls, text: str) -> Area | None:
        """As `of`, but None for anything else: files hold #REF!, lists of ranges and names where ranges belong."""
        try:
            return cls.of(text)
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """ "B2:D9", or "B2" for one cell: the form in which parts hold ranges (ST_Ref, ECMA-376 part 1, 18.18.62)."""
        first = f"{letters(self.left)}{self.top}"
        return first if self[:2] == self[2:] else f"{first}:{letters(self.right)}{self.bottom}"

    def meets(self, other: Area) -> bool:
        """Whether the two have a cell in common."""
        return not (
            self.bottom < other.top or other.bottom < self.top or self.right < other.left or other.right < self.left
        )

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


def cell(text: str) -> tuple[int, int]:
    """Row and column of an address such as "B2"; ValueError for anything else."""
    found = _CELL.match(text.strip())
    if not found:
        raise ValueError(text)
    row, column = int(found[2]), number(found[1])
    if not (1 <= row <= MAX_ROW and column <= MAX_COLUMN):
        raise ValueError(text)
    return row, column


@cache
def letters(column: int) -> str:
    """1 -> "A", 28 -> "AB"."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


@cache
def number(column: str) -> int:
    """ "A" -> 1, "AB" -> 28."""
    found = 0
    for letter in column.upper():
        found = found * 26 + ord(letter) - 64
    return found
