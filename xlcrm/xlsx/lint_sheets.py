"""Rules about the cells of a sheet: order, kinds, texts, indexes, headers, rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlcrm.xlsx import worksheet_xml, xml_parts
from xlcrm.xlsx.cell_reader import style_of
from xlcrm.xlsx.cell_writer import MAX_TEXT
from xlcrm.xlsx.findings import Finding
from xlcrm.xlsx.ranges import MAX_COLUMN, MAX_ROW
from xlcrm.xlsx.reading import exact_cells
from xlcrm.xlsx.workbook import Sheet, TableInfo, Workbook
from xlcrm.xlsx.worksheet_xml import Cell

MAX_LIST = 255
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>(.*?)</(?:\w+:)?v\s*>", re.DOTALL)
_LIST = re.compile(rb"<(?:\w+:)?dataValidation\s[^>]*>\s*<(?:\w+:)?formula1>([^<]*)</")
_DXF = re.compile(rb"""\sdxfId=["'](\d+)["']""")
_BOOLEAN = re.compile(rb"[01]$|true$|false$")
_NUMBER = re.compile(rb"$|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$")
_ANY = re.compile(rb"")
_TEXTS = (b"s", b"str", b"inlineStr")


class _Context:
    """What the cells of a workbook point to."""

    def __init__(self, book: Workbook) -> None:
        formats = exact_cells.read_styles(book)
        part = book.related("styles")
        root = xml_parts.parse(book.package.read(part)) if part else None
        self.styles = formats.count
        self.dxfs = sum(len(group) for group in xml_parts.children(root, "dxfs")) if root is not None else 0
        self.strings = exact_cells.shared_strings(book)
        self.values = exact_cells.decoder(book, formats)


def check(book: Workbook) -> Iterator[Finding]:
    """Every worksheet's rows and cells, its tables' header cells, its drop-down lists and conditional formats."""
    context = _Context(book)
    for sheet in book.sheets:
        if sheet.kind == "worksheet":
            yield from _sheet(book, sheet, context)


def _sheet(book: Workbook, sheet: Sheet, context: _Context) -> Iterator[Finding]:
    tables = [table for table in book.tables if table.sheet == sheet]
    header_rows = {table.area.top for table in tables if table.header_rows}
    headers: dict[tuple[int, int], Cell] = {}
    row_end = b""
    last = 0
    for kind, block in worksheet_xml.read(book.package, sheet.part):
        if kind == worksheet_xml.HEAD:
            row_end = b"</" + worksheet_xml.prefix(block) + b"row>"
        elif kind == worksheet_xml.TAIL:
            yield from _tail(sheet, block, context)
        else:
            for row in worksheet_xml.rows(block, row_end, last):
                if not last < row.number <= MAX_ROW:
                    yield Finding("row-order", sheet.part, f"row {row.number} after row {last}")
                last = row.number
                column = 0
                for cell in worksheet_xml.cells(row.body):
                    if not column < cell.column <= MAX_COLUMN:
                        yield Finding("cell-order", sheet.part, f"row {row.number}")
                    column = cell.column
                    yield from _cell(sheet, row.number, cell, context)
                    if row.number in header_rows:
                        headers[row.number, cell.column] = cell
    for table in tables:
        yield from _headers(table, headers, context)


def _cell(sheet: Sheet, row: int, cell: Cell, context: _Context) -> Iterator[Finding]:
    where = f"row {row}, column {cell.column}"
    if style_of(cell.attributes) >= max(context.styles, 1):
        yield Finding("style-index", sheet.part, where)
    kind = _TYPE.search(cell.attributes)
    found = _VALUE.search(cell.inner)
    code = kind[1] if kind else b"n"
    value = found[1].strip() if found else b""
    if code == b"s" and found and not (value.isdigit() and int(value) < len(context.strings)):
        yield Finding("string-index", sheet.part, where)
    elif found and not (_BOOLEAN if code == b"b" else _ANY if code != b"n" else _NUMBER).match(value):
        yield Finding("cell-value", sheet.part, where)
    elif code in _TEXTS and len(cell.inner) > MAX_TEXT // 4:
        text = context.values.value(cell.attributes, cell.inner) or ""
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
            yield Finding("text-length", sheet.part, where)


def _headers(table: TableInfo, cells: dict[tuple[int, int], Cell], context: _Context) -> Iterator[Finding]:
    """Header cells are texts that equal the table's column names; Excel compares them with line breaks as they are."""
    if not table.header_rows:
        return
    for i, header in enumerate(table.headers):
        cell = cells.get((table.area.top, table.area.left + i))
        kind = _TYPE.search(cell.attributes) if cell else None
        value = context.values.value(cell.attributes, cell.inner) if cell else None
        if not cell or not kind or kind[1] not in _TEXTS or _plain(value) != _plain(header):
            yield Finding("table-header", table.part, f"{header!r} is not what its cell holds ({value!r})")


def _plain(text: object) -> str:
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def _tail(sheet: Sheet, tail: bytes, context: _Context) -> Iterator[Finding]:
    for raw in _LIST.findall(tail):
        text = xml_parts.unescape(raw)
        if text.startswith('"') and len(text) - 2 > MAX_LIST:
            yield Finding("list-length", sheet.part, f"{len(text) - 2} characters")
    for index in _DXF.findall(tail):
        if int(index) >= context.dxfs:
            yield Finding("dxf-index", sheet.part, f"{int(index)} of {context.dxfs}")
