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

from xlcrm.xlsx import guard, panics, sheet_scan, worksheet_xml
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
        """The file must be as the layout was read; `outdated` tells when it no longer is."""
        self.book = book
        self._seen = self._state()

    @property
    def outdated(self) -> bool:
        """Whether the file is another one by now. One that is gone is not: what was kept of it is all there is."""
        return self.book.package.path.exists() and self._state() != self._seen

    def _state(self) -> tuple[int, int]:
        """What changes when somebody saves: time in nanoseconds and size."""
        found = self.book.package.path.stat()
        return found.st_mtime_ns, found.st_size

    @cached_property
    def styles(self) -> bytes:
        """The style part, b"" for none; each block needs it, or its dates would be numbers."""
        return self._clean("styles")

    @cached_property
    def strings(self) -> bytes:
        """The list of texts that cells share, b"" for none."""
        return self._clean("sharedStrings")

    @cached_property
    def whole(self) -> fastexcel.ExcelReader:
        """The workbook in the fast reader, for sheets that are read at once."""
        _ = self.styles, self.strings  # refused here where they are hostile
        return fastexcel.read_excel(self.book.package.path.read_bytes())

    def _clean(self, kind: str) -> bytes:
        """A part of the workbook as `guard.clean` lets it pass."""
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
        """Bytes of XML."""
        return sum(map(len, self.pieces))

    def add(self, piece: bytes, extent: Extent) -> None:
        """Take in a piece of rows that `fits`."""
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
    with ThreadPoolExecutor(_THREADS) as pool:
        blocks = _Blocks(source, info, chosen, pool)
        for kind, piece in worksheet_xml.read(package, part, scanner.all_addressed):
            extent = scanner.see(kind, piece)
            if kind == worksheet_xml.ROWS:
                blocks.take(piece, extent)
        sheet_scan.remember(package, part, scanner.facts())
        parts = blocks.results()
    return None if parts is None else {i: [arrays[n] for arrays in parts] for n, i in enumerate(chosen)}


class _Blocks:
    """Gathers the pieces of a sheet into blocks and has each block read beside the main thread.

    Once a piece is met that no block can hold, nothing more is taken, and there are no results.
    """

    def __init__(self, source: Source, info: TableInfo, chosen: list[int], pool: ThreadPoolExecutor) -> None:
        """`pool` must still be open when `results` is asked for."""
        self._source, self._info, self._chosen, self._pool = source, info, chosen, pool
        self._limit = max(BLOCK, 4 * len(source.strings))  # the texts that cells share are read anew for each block
        self._block = _Block(info.first_row)
        self._sent: list[Future[list[pa.Array]]] = []
        self._readable = True

    def take(self, piece: bytes, extent: Extent | None) -> None:
        """A piece of rows; `extent` is how far its cells reach, None where that could not be told."""
        if not self._readable or (extent and not extent.cells):
            return
        if extent is None or not self._block.fits(extent):
            self._readable = False
            return
        self._block.add(piece, extent)
        if self._block.size >= self._limit:
            self._send()
            self._block = _Block(max(self._block.bottom + 1, self._info.first_row), self._block.bottom)

    def _send(self) -> None:
        """Have the block read, where it reaches into the table's data rows."""
        if self._block.bottom >= self._block.top <= self._info.last_row:
            self._sent.append(self._pool.submit(_read, self._source, self._info, self._block, self._chosen))
            if len(self._sent) > _THREADS:
                self._sent[-_THREADS - 1].exception()  # no more blocks in memory than are being read

    def results(self) -> list[list[pa.Array]] | None:
        """The columns of all blocks, in order; None where the sheet could not be read in this way."""
        self._send()
        if not self._readable:
            return None
        try:
            return [future.result() for future in self._sent]
        except fastexcel.FastExcelError:  # it does not know every producer's XML
            return None


def _read(source: Source, info: TableInfo, block: _Block, chosen: list[int]) -> list[pa.Array]:
    """The chosen columns of one block; runs in a thread of the pool (fastexcel lets go of the interpreter)."""
    rows = min(block.bottom, info.last_row) - block.top + 1
    with panics.caught(fastexcel.FastExcelError):
        reader = fastexcel.read_excel(_packed(source, b"".join(block.pieces)))
        return columns(reader, 0, info.area.left, chosen, block.top, rows)


def columns(
    reader: fastexcel.ExcelReader, sheet: str | int, left: int, chosen: list[int], first_row: int, rows: int
) -> list[pa.Array]:
    """Columns of a sheet as fastexcel reads them; `chosen` counts from column `left`. Blank where the sheet ends."""
    found: dict[int, int] = {}
    wanted = set(chosen)

    def pick(column: Any) -> bool:
        """Whether to read a column; the fast reader asks for each in order, and gives those picked in that order."""
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
    """A column of `height` cells: blank rows at the end of a sheet are not in the file."""
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
    """A relationships part: part name -> last word of its type."""
    entries = (
        f'<Relationship Id="r{i}" Type="{_OFFICE}/{kind}" Target="/{name}"/>'
        for i, (name, kind) in enumerate(kinds.items())
    )
    found = "".join(entries)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{found}</Relationships>'
    )
