"""Blank columns of a block of rows, filled for the first time: column by column, no cell looked at by itself.

That is possible where every row ends in the same blank cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from xlcrm.xlsx import cell_columns
from xlcrm.xlsx.cell_reader import style_of

if TYPE_CHECKING:
    from xlcrm.xlsx.writing.cell_editor import ColumnEdit

CELLS = re.compile(rb'(<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>))', re.DOTALL)  # XML, letters, attributes, content
END = b"</row>"
_HERE = b"\0"  # stands for a row's number; no XML holds it


class Parts(NamedTuple):
    """Rows of a block: their numbers, rising, what stands before the first written column, and what from there on."""

    numbers: list[int]
    starts: list[bytes]
    rest: list[bytes]


def filled(parts: Parts, columns: Sequence[ColumnEdit]) -> bytes | None:
    """The rows with their values where all have the same blank cells from the first written column on, else None."""
    names = [b"%d" % number for number in parts.numbers]
    blank = _blank_cells(parts.rest[0], names[0]) if names else {}
    same = b"".join(blank.values())
    if not same or not all(rest == same.replace(_HERE, name) for rest, name in zip(parts.rest, names, strict=True)):
        return None
    written = {column.letters: column for column in columns if column.between(parts.numbers[0], parts.numbers[-1])}
    if not written.keys() <= blank.keys():
        return None
    rows = cell_columns.binary(names)
    pieces: list[pa.Array | bytes] = [cell_columns.binary(parts.starts)]
    for letters, cell in blank.items():
        start, _, attributes = cell.partition(_HERE)
        if letters in written:
            pieces.append(_column(written[letters], parts.numbers, rows, start, attributes))
        else:
            pieces += [start, rows, attributes]
    return cell_columns.whole(cell_columns.joined(*pieces, END))


def _column(column: ColumnEdit, numbers: list[int], rows: pa.Array, start: bytes, attributes: bytes) -> pa.Array:
    """The cells of a column, blank so far, with the values there are; the row's number comes behind `start`."""
    count = column.between(numbers[0], numbers[-1])
    cells = column.blanks_filled(count, start, style_of(attributes))
    if count == len(numbers):
        return cells
    untouched = cell_columns.joined(start, rows, attributes)
    return pc.replace_with_mask(untouched, pa.array([number in column.rows for number in numbers]), cells)


def _blank_cells(rest: bytes, name: bytes) -> dict[bytes, bytes]:
    """Column letters -> XML of the blank cells of a row, `_HERE` for its number; {} where one is not blank."""
    found = CELLS.findall(rest)
    cells = {cell[1]: b'<c r="%s%s"%s/>' % (cell[1], _HERE, cell[2]) for cell in found}
    whole = b"".join(cells.values()).replace(_HERE, name)
    return cells if whole == rest else {}
