"""Columns of cells as XML, put together by Arrow a column and then a block of rows at a time.

Python alone would put the pieces of each cell together one by one, which is most of the time that new columns take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NOTHING = pa.scalar(b"", pa.binary())
_BLANK_OR_NUMBER = frozenset({float, type(None)})
_PLAINLY = 1e-4, 1e9  # between these Arrow writes a number as `repr` does


def binary(pieces: Sequence[bytes]) -> pa.Array:
    """Pieces of XML, one for each row."""
    return pa.array(pieces, pa.binary())


def row_names(rows: Sequence[int]) -> pa.Array:
    """The numbers of rows as they stand in addresses."""
    return pa.array(rows, pa.int64()).cast(pa.string()).cast(pa.binary())


def numbers(values: Sequence[Any]) -> pa.Array | None:
    """Numbers as they stand in a cell (as `repr` has them, whole ones without a point, never -0), null for blanks.

    None where something else is among them, or a number that Arrow would write otherwise.
    """
    if not _BLANK_OR_NUMBER.issuperset(map(type, values)):
        return None
    found = np.array(values, dtype="float64") + 0.0
    blank = np.isnan(found)
    size = np.abs(found)
    if not (blank | (size == 0) | ((size >= _PLAINLY[0]) & (size < _PLAINLY[1]))).all():
        return None
    if (blank | (found == np.trunc(found))).all():
        return pa.array(np.where(blank, 0, found).astype("int64"), mask=blank).cast(pa.string()).cast(pa.binary())
    return pa.array(found, mask=blank).cast(pa.string()).cast(pa.binary())


def joined(*pieces: pa.Array | bytes) -> pa.Array:
    """Row by row, these pieces one behind the other; null where one of them is null."""
    return pc.binary_join_element_wise(*pieces, b"")


def cells(start: bytes, rows: pa.Array, ends: pa.Array) -> pa.Array:
    """The cells of a column: what stands before the row's number, that, and what stands behind it.

    A cell without an end is no cell: b"".
    """
    made = joined(start, rows, ends)
    gone = pc.equal(ends, _NOTHING)
    return pc.if_else(gone, _NOTHING, made) if pc.any(gone).as_py() else made


def whole(rows: pa.Array) -> bytes:
    """All rows, one behind the other."""
    found: bytes = pc.binary_join(pa.ListArray.from_arrays([0, len(rows)], rows), b"")[0].as_py()
    return found
