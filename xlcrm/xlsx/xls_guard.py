"""Guard of old workbooks (.xls): what a file claims must not make the reader take a gigabyte.

The reader believes the length of the container's small streams, and lays out every cell between the first and the last
one; an honest sheet fills a fair part of that area.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# records that are a cell, or a row of cells; each begins with its row and column
_CELLS = frozenset({0x0006, 0x00BD, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
_BEGIN = 0x0809  # of a sheet
_FREE = 3_000_000  # cells that may be laid out in any case
_SPARSE = 100  # places for each cell


def is_hostile(path: Path) -> bool:
    """Whether reading an .xls file would take memory out of all proportion to it."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        return _claim(file, size) > size or _is_sparse(path)


def _claim(file: BinaryIO, size: int) -> int:
    """How long the container says that its collection of small streams is; 0 for what has no head of one."""
    file.seek(0)
    head = file.read(512)
    if len(head) < 512:
        return 0
    (shift,), (first,) = struct.unpack_from("<H", head, 30), struct.unpack_from("<I", head, 48)
    place = ((first + 1) << shift) if shift in (9, 12) else size
    if place + 128 > size:
        return size + 1  # its directory is not in the file: whatever it says next is no length
    file.seek(place)
    return int(struct.unpack_from("<I", file.read(128), 120)[0])


def _is_sparse(path: Path) -> bool:
    """Whether the cells of some sheet are so far apart that laying them out is no sheet's honest size.

    False for what is no such workbook, or a damaged one: the reader says so better.
    """
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as container:
            name = next((name for name in ("Workbook", "Book") if container.exists(name)), "")
            content = container.openstream(name).read() if name else b""
    except Exception:  # noqa: BLE001 - a damaged container fails in the library's own many ways
        return False
    return any(area > max(_FREE, _SPARSE * count) for area, count in _areas(content))


def _areas(content: bytes) -> Iterator[tuple[int, int]]:
    """For each sheet the area between its first and last cells, and how many cells there are."""
    rows: list[int] = []
    columns: list[int] = []
    for kind, start in _records(content):
        if kind == _BEGIN:
            yield _area(rows, columns), len(rows)
            rows, columns = [], []
        elif kind in _CELLS and start + 4 <= len(content):
            row, column = struct.unpack_from("<HH", content, start)
            rows.append(row)
            columns.append(column)
    yield _area(rows, columns), len(rows)


def _area(rows: list[int], columns: list[int]) -> int:
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1) if rows else 0


def _records(content: bytes) -> Iterator[tuple[int, int]]:
    """The kind of each record and where its content begins."""
    at = 0
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        yield kind, at + 4
        at += 4 + length
