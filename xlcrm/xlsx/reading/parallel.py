"""Parallel reader for large sheets: blocks of rows on all cores while the sheet is being checked.

Each block becomes a workbook of one sheet in memory, which fastexcel reads beside the main thread. The sheet is
unpacked once for both and never laid out whole.
"""

from __future__ import annotations

import os
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import fastexcel
import pyarrow as pa

from xlcrm.xlsx import guard, sheet_scan, worksheet_xml
from xlcrm.xlsx.sheet_scan import Extent
from xlcrm.xlsx.workbook import TableInfo, Workbook

BIG = 24 << 20  # bytes of XML from which on a sheet is worth it
BLOCK = 12 << 20
_THREADS = min(4, os.cpu_count() or 1)
_SPARSE = 200  # laying out that many cells for one that is there costs more than reading it
_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>\
</Types>"""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BOOK = f"""<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="%d"/>\
<sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>"""


class Source:
    """A workbook whose tables are read one after the other: what they share is read once, and no file stays open."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._seen = self._state()

    @property
    def outdated(self) -> bool:
        """Whether the file is another one by now. One that is gone is not: what was kept of it is all there is."""
        return self.book.package.path.exists() and self._state() != self._seen

    def _state(self) -> tuple[int, int]:
        found = self.book.package.path.stat()
        return found.st_mtime_ns, found.st_size

    @cached_property
    def styles(self) -> bytes:
        return self._clean("styles")

    @cached_property
    def strings(self) -> bytes:
        return self._clean("sharedStrings")

    @cached_property
    def whole(self) -> fastexcel.ExcelReader:
        _ = self.styles, self.strings  # refused here where they are hostile
        return fastexcel.read_excel(self.book.package.path.read_bytes())

    def _clean(self, kind: str) -> bytes:
        part = self.book.related(kind)
        return b"".join(guard.clean(self.book.package.chunks(part))) if part else b""


@dataclass
class _Block:
    """Rows of a table, `top` to `bottom`, and the pieces of the sheet that hold them."""

    top: int
    bottom: int = 0
    cells: int = 0
    right: int = 0
    pieces: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    def add(self, piece: bytes, extent: Extent) -> None:
        self.pieces.append(piece)
        self.bottom = extent.bottom
        self.cells += extent.cells
        self.right = max(self.right, extent.right)

    def fits(self, extent: Extent) -> bool:
        """Whether rows may follow: below those that are there, and not so far that the gap costs more than they do."""
        rows, right = extent.bottom - self.top + 1, max(self.right, extent.right)
        return extent.top > self.bottom and rows * right <= max(BLOCK, _SPARSE * (self.cells + extent.cells))


def read(source: Source, info: TableInfo, chosen: list[int]) -> dict[int, list[pa.Array]] | None:
    """The chosen columns (positions from 0) of a table's data rows: for each the arrays of its blocks, in order.

    None where the sheet is small, or is written in a way that this cannot read: then the time is lost and nothing else.
    `sheet_scan.scan` remembers the facts of the sheet, and refuses what it would refuse.
    """
    package, part = source.book.package, info.sheet.part
    if package.entries[part].file_size < BIG or info.sheet.kind != "worksheet":
        return None
    scanner = sheet_scan.Scanner()
    block = _Block(info.first_row)
    sent: list[Future[list[pa.Array]]] = []
    readable = True
    limit = max(BLOCK, 4 * len(source.strings))  # the texts that cells share are read anew for each block
    with ThreadPoolExecutor(_THREADS) as pool:

        def send() -> None:
            if block.bottom >= block.top <= info.last_row:
                sent.append(pool.submit(_read, source, info, block, chosen))
                if len(sent) > _THREADS:
                    sent[-_THREADS - 1].exception()  # no more blocks in memory than are being read

        for kind, piece in worksheet_xml.read(package, part):
            extent = scanner.see(kind, piece)
            if kind != worksheet_xml.ROWS or not readable or (extent and not extent.cells):
                continue
            readable = extent is not None and block.fits(extent)
            if not readable or extent is None:
                continue
            block.add(piece, extent)
            if block.size >= limit:
                send()
                block = _Block(max(block.bottom + 1, info.first_row), block.bottom)
        sheet_scan.remember(package, part, scanner.facts())
        send()
        try:
            parts = [future.result() for future in sent] if readable else None
        except fastexcel.FastExcelError:  # it does not know every producer's XML
            parts = None
    return None if parts is None else {i: [arrays[n] for arrays in parts] for n, i in enumerate(chosen)}


def _read(source: Source, info: TableInfo, block: _Block, chosen: list[int]) -> list[pa.Array]:
    rows = min(block.bottom, info.last_row) - block.top + 1
    reader = fastexcel.read_excel(_packed(source, b"".join(block.pieces)))
    return columns(reader, 0, info.area.left, chosen, block.top, rows)


def columns(
    reader: fastexcel.ExcelReader, sheet: str | int, left: int, chosen: list[int], first_row: int, rows: int
) -> list[pa.Array]:
    """Columns of a sheet as fastexcel reads them; `chosen` counts from column `left`. Blank where the sheet ends."""
    found: dict[int, int] = {}
    wanted = set(chosen)

    def pick(column: Any) -> bool:
        position = column.absolute_index - (left - 1)
        if position in wanted:
            found[position] = len(found)
            return True
        return False

    batch = reader.load_sheet(
        sheet,
        header_row=None,
        skip_rows=first_row - 1,
        n_rows=rows,
        schema_sample_rows=None,
        use_columns=pick,
        eager=True,
    )
    return [_padded(batch.column(found[i]), rows) if i in found else pa.nulls(rows) for i in chosen]


def _padded(array: pa.Array, height: int) -> pa.Array:
    missing = height - len(array)
    return pa.concat_arrays([array, pa.nulls(missing, array.type)]) if missing > 0 else array


def _packed(source: Source, rows: bytes) -> bytes:
    """A workbook of one sheet with these rows."""
    parts = {
        "xl/worksheet.xml": b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (_MAIN.encode(), rows)
    }
    if source.styles:
        parts["xl/styles.xml"] = source.styles
    if b't="s"' in rows:
        parts["xl/sharedStrings.xml"] = source.strings
    with BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
            package.writestr("[Content_Types].xml", _TYPES)
            package.writestr("_rels/.rels", _rels({"xl/workbook.xml": "officeDocument"}))
            package.writestr("xl/workbook.xml", _BOOK % source.book.date1904)
            kinds = {name: name.removeprefix("xl/").removesuffix(".xml") for name in parts}
            package.writestr("xl/_rels/workbook.xml.rels", _rels(kinds))
            for name, content in parts.items():
                package.writestr(name, content)
        return file.getvalue()


def _rels(kinds: dict[str, str]) -> str:
    entries = (
        f'<Relationship Id="r{i}" Type="{_OFFICE}/{kind}" Target="/{name}"/>'
        for i, (name, kind) in enumerate(kinds.items())
    )
    found = "".join(entries)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{found}</Relationships>'
    )
