"""Cell values into a live workbook and back: what Excel would turn them into is prevented or allowed for."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlcrm.values import same_value, text_of

LONGEST = 255  # a longer text in a cell of text format shows as ##### in some versions of Excel
MOMENT = dt.timedelta(milliseconds=500)  # Excel hands out times rounded


@dataclass(frozen=True)
class Block:
    """Cells side by side: `place` is the first row's position in its table, `column` the first one on the sheet.

    as_text  the cells get the text format first, so that Excel doesn't read 007, =x or 1/2 as something else
    """

    place: int
    column: int
    rows: list[list[Any]]
    as_text: bool = False


def plain(value: Any) -> Any:
    """A value as xlwings takes it: plain Python, None for blanks."""
    kind = type(value)  # most cells are one of these, and there may be millions
    if kind is str:
        return value or None
    if kind is float:
        return None if math.isnan(value) else value
    if text_of(value) == "":
        return None
    if isinstance(value, (pd.Timestamp, dt.datetime)):
        return pd.Timestamp(value).to_pydatetime()
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return value.item() if hasattr(value, "item") else value


def guarded(value: Any) -> Any:
    """A text too long for text format that Excel would take for a formula gets the apostrophe Excel hides."""
    if isinstance(value, str) and len(value) > LONGEST and value[:1] in "=+-@'":
        return "'" + value
    return value


def alike(a: Any, b: Any) -> bool:
    """Whether two values are the same cell; moments may differ by the half second that Excel rounds away."""
    if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):
        return abs(pd.Timestamp(a) - pd.Timestamp(b)) < MOMENT
    return same_value(a, b)


def differing(places: Iterable[int], expected: Iterable[Any], found: Iterable[Any]) -> Iterator[int]:
    """The places where two rows of values differ."""
    for place, a, b in zip(places, expected, found, strict=True):
        if a is b or (type(a) is type(b) and a == b) or (b is None and plain(a) is None):
            continue
        if not alike(a, b):
            yield place


def runs(
    after: pd.Series[Any], blanks: Collection[int] = (), all_text: bool = False
) -> Iterator[tuple[int, list[Any]]]:
    """Blocks of rows that follow each other: (first position, values). Text and numbers don't share a block.

    Rows in `blanks` may fill what lies between two rows of a block. Where the cells have the text format already
    (`all_text`), blanks go with text too; else they don't, because the block's text would bring them that format.
    """
    values = {int(str(position)): plain(value) for position, value in after.items()}
    run: _Run | None = None
    for position in sorted(values):
        value = values[position]
        kind = _kind(value, all_text)
        if run and run.takes(position, kind, blanks, all_text):
            run.values += [None] * (position - run.end) + [value]
            run.kind = run.kind or kind
            continue
        if run:
            yield run.start, run.values
        run = _Run(position, [value], kind)
    if run:
        yield run.start, run.values


def _kind(value: Any, all_text: bool) -> str:
    """What a value needs of its cell's format: "text", "other", or "" for a blank that goes with both."""
    if isinstance(value, str):
        return "text"
    return "" if value is None and all_text else "other"


@dataclass
class _Run:
    """Rows that follow each other, with what their values need of the format."""

    start: int
    values: list[Any]
    kind: str

    @property
    def end(self) -> int:
        """The first row under it."""
        return self.start + len(self.values)

    def takes(self, position: int, kind: str, blanks: Collection[int], all_text: bool) -> bool:
        """Whether a row may follow: alike in format, and all cells between blank, which are then written as blank."""
        if kind and self.kind and kind != self.kind:
            return False
        if position == self.end:
            return True
        return (all_text or self.kind != "text") and all(row in blanks for row in range(self.end, position))


def block(place: int, column: int, values: list[Any], *, is_text: bool = False) -> Block:
    """A block of one column; `is_text` where its cells have the text format already."""
    as_text = not is_text and any(isinstance(value, str) and len(value) <= LONGEST for value in values)
    return Block(place, column, [[guarded(value)] for value in values], as_text)


def side_by_side(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with those that lie beside each other, alike in rows and format, made one: Excel takes as long for a
    cell as for many."""
    made: list[Block] = []
    for new in sorted(blocks, key=lambda b: (b.as_text, b.place, len(b.rows), b.column)):
        last = made[-1] if made else None
        shape = (new.as_text, new.place, len(new.rows))
        if last and shape == (last.as_text, last.place, len(last.rows)) and new.column == _right_of(last):
            rows = [[*left, *right] for left, right in zip(last.rows, new.rows, strict=True)]
            made[-1] = Block(last.place, last.column, rows, last.as_text)
        else:
            made.append(new)
    return made


def _right_of(block: Block) -> int:
    """The first column right of a block."""
    return block.column + len(block.rows[0])


def neighbours(columns: Iterable[int], most: int) -> Iterator[list[int]]:
    """Column numbers in groups that follow each other, of `most` columns at most."""
    group: list[int] = []
    for column in sorted(set(columns)):
        if group and (column != group[-1] + 1 or len(group) >= most):
            yield group
            group = []
        group.append(column)
    if group:
        yield group
