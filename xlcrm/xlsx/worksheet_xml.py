"""Worksheet XML in pieces: what stands before the cells, rows, cells, and what stands after them.

Excel's own writers are not the only ones: prefixes of any kind, rows and cells without addresses, attributes in any
order and in either quotes are read alike. Parts come through `guard.clean`, so there are no comments or CDATA.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from xlcrm.errors import CrmError
from xlcrm.xlsx import guard, ranges, xml_parts
from xlcrm.xlsx.package import Package
from xlcrm.xlsx.xml_parts import count, followed

HEAD, ROWS, TAIL = "head", "rows", "tail"
_PREFIXED_FORMULA = re.compile(rb":f[\s/>]")
_START = re.compile(rb"<((?:\w+:)?)sheetData(?:\s[^>]*?)?(/?)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*?)(/?)>")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c\s*>)", re.DOTALL)
_OPENING = re.compile(rb"<(?:\w+:)?(?:c|row)(?=[\s/>])[^>]*>")
_SAMPLE = 1 << 16
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")


class SheetRow(NamedTuple):
    """One row: its attributes, the XML of its cells, and the name of its tag."""

    number: int
    attributes: bytes
    body: bytes
    tag: bytes


class Cell(NamedTuple):
    """One cell: attributes as they stand (address included), content between its tags."""

    column: int
    attributes: bytes
    inner: bytes
    xml: bytes


def prefix(head: bytes) -> bytes:
    """The namespace prefix of the sheet's elements with its colon, b"" for none."""
    found = _START.search(head)
    return found[1] if found else b""


def end_of_rows(head: bytes) -> bytes:
    """The closing tag of the sheet's rows, by which its blocks are cut."""
    return b"</" + prefix(head) + b"row>"


def pieces(chunks: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The sheet as (kind, bytes): one head (up to and with the tag sheetData), blocks of whole rows, one tail."""
    rest = b""
    tail: list[bytes] = []
    close = row_end = b""
    for chunk in chunks:
        if tail:
            tail.append(chunk)
            continue
        rest += chunk
        if not close:
            start = _START.search(rest)
            if not start:
                continue
            p = start[1]
            close, row_end = b"</" + p + b"sheetData", b"</" + p + b"row>"
            if start[2]:
                yield HEAD, rest[: start.start()] + b"<" + p + b"sheetData>"
                tail.append(close + b">" + rest[start.end() :])
                continue
            yield HEAD, rest[: start.end()]
            rest = rest[start.end() :]
        at = rest.find(close)
        if at >= 0:
            if at:
                yield ROWS, rest[:at]
            tail.append(rest[at:])
            continue
        cut = rest.rfind(row_end)
        if cut >= 0:
            cut += len(row_end)
            yield ROWS, rest[:cut]
            rest = rest[cut:]
    if not tail:
        raise CrmError("workbook.damaged_part")
    yield TAIL, b"".join(tail)


def rows(block: bytes, row_end: bytes, previous: int = 0) -> Iterator[SheetRow]:
    """The rows of a block. `row_end` is the closing tag with its prefix; `previous` numbers rows without a number."""
    at = 0
    while found := _ROW.search(block, at):
        begin = found.end()
        attributes = found[1]
        number = _PLACE.search(attributes)
        previous = int(number[2]) if number else previous + 1
        if found[2]:
            yield SheetRow(previous, attributes, b"", row_end[2:-1])
            at = begin
            continue
        close = block.find(row_end, begin)
        if close < 0:
            raise CrmError("workbook.damaged_part")
        at = close + len(row_end)
        yield SheetRow(previous, attributes, block[begin:close], row_end[2:-1])


def cells(body: bytes) -> list[Cell]:
    """The cells of a row in order. A cell without an address stands right of the one before it."""
    found = []
    column = 0
    for match in _CELL.finditer(body):
        place = _PLACE.search(match[1])
        column = ranges.number(place[1].decode().upper()) if place and place[1] else column + 1
        found.append(Cell(column, match[1], match[2] or b"", match[0]))
    return found


def last_number(block: bytes, row_end: bytes) -> int:
    """The number of the last row of a block, 0 where it cannot be told without reading all of it."""
    at = block.rfind(b"<" + row_end[2:-1])
    found = _ROW.match(block, at) if at >= 0 else None
    number = _PLACE.search(found[1]) if found else None
    return int(number[2]) if number else 0


def may_hold_formula(block: bytes) -> bool:
    """Whether there may be a formula in a block; a prefix is looked for only where there is a colon."""
    return bool(count(block, b"<f") or (b":" in block and _PREFIXED_FORMULA.search(block)))


def _all_addressed(block: bytes) -> bool:
    """Whether every cell of a block begins with its address, as Excel writes it."""
    return followed(block, b"<c ", b'r="')


def read(
    package: Package, part: str, all_addressed: Callable[[bytes], bool] = _all_addressed
) -> Iterator[tuple[str, bytes]]:
    """The pieces of a sheet's part, clean, every row and cell with its address.

    `all_addressed` is asked for each block whether each of its cells begins with `<c r="`: whoever looks for all cells
    of a block anyway need not do it twice.
    """
    row_end = b""
    number = 0
    spaced = False
    for kind, block in pieces(guard.clean(package.chunks(part))):
        spaced = spaced or (kind == HEAD and xml_parts.is_spaced(block))
        if spaced:
            block = xml_parts.unspaced(block)
        if kind == HEAD:
            row_end = end_of_rows(block)
        elif kind == ROWS:
            if not _is_addressed(block, all_addressed):
                block = b"".join(_addressed(row) for row in rows(block, row_end, number))
            number = last_number(block, row_end)
        yield kind, block


def _is_addressed(block: bytes, all_addressed: Callable[[bytes], bool]) -> bool:
    """Whether every row and cell of a block says where it stands, as Excel writes them."""
    # nobody who writes addresses in a different form does so from the middle on
    start = block[: block.rfind(b"<", 0, _SAMPLE)]
    if start.count(b"<row ") == start.count(b'<row r="') > 0 and b"<c>" not in start and b"<c/" not in start:
        return all_addressed(block)
    return all(_PLACE.search(tag) for tag in _OPENING.findall(block))


def _addressed(row: SheetRow) -> bytes:
    """A row whose row and cells all say where they stand."""
    attributes = row.attributes if _PLACE.search(row.attributes) else b' r="%d"' % row.number + row.attributes
    body = []
    for cell in cells(row.body):
        name = re.match(rb"<[\w:]+", cell.xml)
        if _PLACE.search(cell.attributes) or not name:
            body.append(cell.xml)
        else:
            place = b' r="%s%d"' % (ranges.letters(cell.column).encode(), row.number)
            body.append(name[0] + place + cell.xml[name.end() :])
    return b"<%s%s>%s</%s>" % (row.tag, attributes, b"".join(body), row.tag)
