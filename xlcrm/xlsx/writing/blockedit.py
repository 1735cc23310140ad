"""Changes cells of a block column by column where all its rows look alike, which is four times as fast as row by row.

Rows look alike where the cells from the first written column on stand in the same columns in each, as they do in a
table that was filled by a program. Everything else is left to the row by row way, which knows every form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from xlcrm.xlsx.cell_reader import KEPT, is_formula, style_of

if TYPE_CHECKING:
    from xlcrm.xlsx.writing.cell_editor import Column

Cell = tuple[bytes, bytes, bytes, bytes]  # XML, column letters, attributes, content
CELLS = re.compile(rb'(<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>))', re.DOTALL)
_ROW = b'<row r="'
_END = b"</row>"


class _Rows(NamedTuple):
    """Rows of a block: their numbers, what stands before the first written column, and all cells from there on."""

    numbers: list[int]
    starts: list[bytes]
    cells: list[Cell]
    width: int


def edited(
    block: bytes, columns: Sequence[Column], pending: Sequence[int], decode: Callable[[bytes, bytes], Any]
) -> bytes | None:
    """The block with the columns' values in it; None, and nothing done, where its rows do not look alike.

    `pending` are the rows that the columns have values for and that must stand in the block.
    """
    rows = _rows(block, columns[0].letters)
    if rows is None or not set(pending).issubset(rows.numbers):
        return None
    places = {cell[1]: place for place, cell in enumerate(rows.cells[: rows.width])}
    first, last = rows.numbers[0], rows.numbers[-1]
    here = [column for column in columns if column.letters in places or column.has_between(first, last)]
    if any(column.letters not in places for column in here):
        return None
    out = [cell[0] for cell in rows.cells]
    names = [b"%d" % number for number in rows.numbers]
    for column in here:
        every = slice(places[column.letters], None, rows.width)
        out[every] = _column(column, rows.numbers, names, rows.cells[every], decode)
    width = rows.width
    whole = []
    for i, start in enumerate(rows.starts):
        whole += [start, *out[i * width : (i + 1) * width], _END]
    return b"".join(whole)


def _column(
    column: Column,
    numbers: list[int],
    names: list[bytes],
    cells: list[Cell],
    decode: Callable[[bytes, bytes], Any],
) -> list[bytes]:
    """The cells of one column, with its values where it has some."""
    out = [cell[0] for cell in cells]
    wanted, start, found = column.rows, column.start, column.found.append
    known = b""
    ends = column.styled(0)
    for i, number in enumerate(numbers):
        if number not in wanted:
            continue
        _, _, attributes, inner = cells[i]
        if not inner:
            found(None)
        elif is_formula(inner):
            found(KEPT)
            next(column.values)
            continue
        else:
            found(decode(attributes, inner))
        if attributes != known:
            known, ends = attributes, column.styled(style_of(attributes))
        end = next(ends)
        out[i] = start + names[i] + end if end else b""
    return out


def _rows(block: bytes, first: bytes) -> _Rows | None:
    """The block's rows, None where they do not look alike from column `first` on."""
    parts = block.split(_END)
    if parts.pop().strip() or block.count(b"<row") != len(parts):
        return None
    numbers, starts, rest = [], [], []
    for part in parts:
        if not part.startswith(_ROW):
            return None
        digits = part[len(_ROW) : part.find(b'"', len(_ROW))]
        at = part.find(b'<c r="%s%s"' % (first, digits))
        if at < 0 or not digits.isdigit():
            return None
        numbers.append(int(digits))
        starts.append(part[:at])
        rest.append(part[at:])
    region = b"".join(rest)
    cells = CELLS.findall(region)
    width, odd = divmod(len(cells), len(parts)) if parts else (0, 1)
    if odd or sum([len(cell[0]) for cell in cells]) != len(region):  # else some cell is written in another way
        return None
    letters = [cell[1] for cell in cells]
    alike = letters == letters[:width] * len(parts) and all(a < b for a, b in pairwise(numbers))
    return _Rows(numbers, starts, cells, width) if alike else None
