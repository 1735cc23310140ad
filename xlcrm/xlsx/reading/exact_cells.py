"""Exact cells as the file holds them, for columns that the fast reader flattens and for comparing before writing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from xlcrm.xlsx import guard, ranges, sheet_scan, styles, worksheet_xml
from xlcrm.xlsx.cell_reader import Decoder
from xlcrm.xlsx.shared_strings import SharedStrings
from xlcrm.xlsx.styles import Styles
from xlcrm.xlsx.workbook import TableInfo, Workbook

_ADDRESSED = rb"""<(?:\w+:)?c(\s(?:[^>]*?\s)?r=["'](%s)(\d+)["'][^>]*?)(?:/>|>(.*?)</(?:\w+:)?c\s*>)"""
_ROW = re.compile(rb'<c r="[A-Z]+(\d+)"')


def read_styles(book: Workbook) -> Styles:
    """The cell formats of a workbook; those of a new style part where it has none, so that dates can show as dates."""
    return Styles(_style_part(book))


def _style_part(book: Workbook) -> bytes:
    part = book.related("styles")
    return book.package.read(part) if part else styles.MINIMAL


def styles_digest(book: Workbook, count: int) -> str:
    """What tells how numbers show in the first `count` cell styles from any other; see `Styles.meaning`."""
    return hashlib.sha256(_looked_at(_style_part(book)).meaning(count)).hexdigest()


@lru_cache(maxsize=4)
def _looked_at(part: bytes) -> Styles:
    """The formats of a style part, only to be read: each of a workbook's tables asks for them."""
    return Styles(part)


def decoder(book: Workbook, formats: Styles) -> Decoder:
    """A decoder for the workbook's cells; shared strings are read when the first one is met."""

    return Decoder(cache(lambda: shared_strings(book)), formats, book.date1904)


def shared_strings(book: Workbook) -> SharedStrings:
    """The workbook's table of texts, read now."""
    part = book.related("sharedStrings")
    return SharedStrings(guard.clean(book.package.chunks(part)) if part else ())


def read_columns(book: Workbook, info: TableInfo, positions: list[int]) -> dict[int, list[Any]]:
    """The data cells of some of a table's columns (positions from 0) as values of their own type, None for blanks."""
    values = decoder(book, _looked_at(_style_part(book)))
    found: dict[int, list[Any]] = {info.area.left + p: [None] * len(info) for p in positions}
    for row, column, attributes, inner in _cells(book, info, found):
        found[column][row - info.first_row] = values.value(attributes, inner)
    return {column - info.area.left: cells for column, cells in found.items()}


def _begin(block: bytes, row: int) -> int:
    """From where on the cells of a row and of those below it stand, in a block of cells in order; 0 where in doubt.

    A row's tag may say another number than its cells do, so the cell in front of it must be of a row above.
    """
    start = max(block.find(b'<row r="%d"' % row), 0)
    before = _ROW.match(block, max(block.rfind(b'<c r="', 0, start), 0))
    return start if before and int(before[1]) < row else 0


def _cells(book: Workbook, info: TableInfo, columns: Iterable[int]) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Row, column, attributes and content of the cells of some columns in a table's rows."""
    names = "|".join(ranges.letters(column) for column in columns).encode()
    addressed = re.compile(_ADDRESSED % names, re.DOTALL)
    number = 0
    facts = sheet_scan.scan(book.package, info.sheet.part)
    ordered = facts.ordered and facts.style != sheet_scan.UNTOLD  # every address was looked at, and none comes too late
    for kind, block in sheet_scan.pieces(book.package, info.sheet.part):
        if kind == worksheet_xml.ROWS and number <= info.last_row:
            start = _begin(block, info.first_row) if ordered else 0
            for found in addressed.finditer(block, start):
                number = int(found[3])
                if ordered and number > info.last_row:
                    break
                if info.first_row <= number <= info.last_row:
                    yield number, ranges.number(found[2].decode()), found[1], found[4] or b""
