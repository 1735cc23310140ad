"""New spreadsheet (.xlsx) for lists, search results and exports: a sheet a grid, by the cell encoder of the workbook.

A sheet is packed block by block, so that its XML is never whole in memory. The same grids give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

import pyarrow as pa

from xlcrm.plan import Grid
from xlcrm.xlsx import cell_columns, ranges, xml_parts, zip_writer
from xlcrm.xlsx.cell_writer import MAX_TEXT, Encoder, Text
from xlcrm.xlsx.styles import Styles

_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = b"http://schemas.openxmlformats.org/package/2006"
_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
_GENERAL, _HEADER, _TEXT, _MONEY, _DATE, _MOMENT, _TIME = range(7)  # places in cellXfs below
_XF = b'<xf numFmtId="%d" fontId="%d" fillId="%d" borderId="0" xfId="0"%s/>'
_OWN = b' applyNumberFormat="1"'
_STYLES = b"".join(
    (
        _HEAD,
        b'<styleSheet xmlns="%s"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/>' % _MAIN,
        b'<numFmt numFmtId="165" formatCode="yyyy-mm-dd h:mm:ss"/></numFmts>',
        b'<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>',
        b'<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/><family val="2"/></font></fonts>',
        b'<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>',
        b'</fill><fill><patternFill patternType="solid"><fgColor rgb="FF12355B"/></patternFill></fill></fills>',
        b'<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
        b'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
        b'<cellXfs count="7">',
        _XF % (0, 0, 0, b""),
        _XF % (0, 1, 2, b' applyFont="1" applyFill="1"'),
        *(_XF % (number, 0, 0, _OWN) for number in (49, 4, 164, 165, 21)),
        b'</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    )
)
# how a date shows whose column has no format; the first kind that fits
_DATED: tuple[tuple[type, int], ...] = ((dt.datetime, _MOMENT), (dt.date, _DATE), (dt.time, _TIME))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BLOCK = 1000  # rows
_REMEMBERED = 1 << 16
_REPEATED = frozenset({str, dt.date})  # types of which a column says the same again and again
_MEASURED = 500  # rows whose texts say how wide a column is


def spreadsheet(grids: Sequence[Grid], now: dt.datetime) -> bytes:
    """An .xlsx file: text cells stay text (`007`, `=1+1`, `+47 22`, `#N/A`), the header is frozen and filtered.

    Control characters become blanks, and what is beyond Excel's 32,767 characters is left out. Numbers, dates and times
    are what they are; a date without a format of its column shows as yyyy-mm-dd. CrmError for an infinite number.
    """
    titles = _titles(grids)
    formats = Styles(_STYLES)
    encoder = Encoder(formats, date1904=False)
    sheets = [zip_writer.pack(_sheet(grid, encoder)) for grid in grids]
    parts: dict[str, bytes | zip_writer.Packed] = {
        "[Content_Types].xml": _types(len(grids)),
        "_rels/.rels": _relations((b"officeDocument", b"xl/workbook.xml"), core=True),
        "docProps/core.xml": _core(now),
        "xl/workbook.xml": _workbook(titles, grids),
        "xl/_rels/workbook.xml.rels": _relations(
            *((b"worksheet", b"worksheets/sheet%d.xml" % number) for number in range(1, len(grids) + 1)),
            (b"styles", b"styles.xml"),
        ),
        "xl/styles.xml": formats.data(),
        **{f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, 1)},
    }
    out = BytesIO()
    records = [zip_writer.append(out, zip_writer.Record.new(name), content) for name, content in parts.items()]
    zip_writer.finish(out, records, b"")
    return out.getvalue()


def _sheet(grid: Grid, encoder: Encoder) -> Iterator[bytes]:
    """The sheet's XML in pieces."""
    yield _HEAD + b'<worksheet xmlns="%s"><sheetViews><sheetView workbookViewId="0">' % _MAIN
    yield b'<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    yield b'<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>'
    yield b'<sheetFormatPr baseColWidth="8" defaultRowHeight="15"/>' + _columns(grid) + b"<sheetData>"
    yield from _Rows(grid, encoder).xml()
    yield b"</sheetData>"
    if grid.header:
        yield b'<autoFilter ref="%s"/>' % _area(grid).encode()
    yield b'<pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0.5"/></worksheet>'


class _Rows:
    """The rows of a grid as XML, block by block and within a block column by column."""

    def __init__(self, grid: Grid, encoder: Encoder) -> None:
        self._grid = grid
        self._encoder = encoder
        self._starts = [encoder.start + ranges.letters(place).encode() for place in range(1, len(grid.header) + 1)]
        self._formats = [_format(grid, place) for place in range(len(grid.header))]
        self._known: defaultdict[int, dict[object, bytes]] = defaultdict(dict)  # by the format of the column

    def xml(self) -> Iterator[bytes]:
        """The header and the rows."""
        number = b"1"
        cells = (
            start + number + self._end(Text(title), _HEADER)
            for start, title in zip(self._starts, self._grid.header, strict=True)
        )
        yield b'<row r="1">%s</row>' % b"".join(cells)
        rows, top = iter(self._grid.rows), 2
        while block := tuple(islice(rows, _BLOCK)):
            yield self._block(block, top)
            top += len(block)

    def _block(self, rows: tuple[tuple[object, ...], ...], top: int) -> bytes:
        """Rows of the sheet from row `top` on."""
        numbers = cell_columns.row_names(range(top, top + len(rows)))
        columns = zip(self._starts, self._formats, zip(*rows, strict=True), strict=True)
        cells = [self._column(start, numbers, values, style) for start, style, values in columns]
        return cell_columns.whole(cell_columns.joined(b'<row r="', numbers, b'">', *cells, b"</row>"))

    def _column(self, start: bytes, numbers: pa.Array, values: tuple[object, ...], style: int) -> pa.Array:
        """The cells of one column, b"" for a blank one without a format."""
        ends = self._encoder.number_ends(values, style)
        if ends is None:
            ends = cell_columns.binary(self._ends(values, style))
        return cell_columns.cells(start, numbers, ends)

    def _ends(self, values: tuple[object, ...], style: int) -> list[bytes]:
        """What stands after the address in cells that are written one by one."""
        known, blank = self._known[style], self._end(None, style)
        ends = []
        for value in values:
            end = blank if value is None else known.get(value) if type(value) in _REPEATED else None
            ends.append(self._other(value, style) if end is None else end)
        return ends

    def _other(self, value: Any, style: int) -> bytes:
        """The end of a cell whose text or day was not met yet, or whose value is neither."""
        known = self._known[style]
        if isinstance(value, str):
            end = self._encoder.text_end(_fitting(value), _TEXT)
        else:
            end = self._end(value, style or _dated(value))
        if type(value) in _REPEATED and len(known) < _REMEMBERED:
            known[value] = end
        return end

    def _end(self, value: Any, style: int) -> bytes:
        return next(self._encoder.ends((value,), style))


def _format(grid: Grid, place: int) -> int:
    """The format of a column's numbers and dates; general where the grid names none."""
    return _MONEY if place in grid.money else _DATE if place in grid.dates else _GENERAL


def _dated(value: object) -> int:
    """How a value of a column without a format shows."""
    return next((style for kind, style in _DATED if isinstance(value, kind)), _GENERAL)


def _fitting(text: str) -> str:
    """Text without control characters, as long as a cell holds: UTF-16 units, two for an emoji, none torn."""
    text = _CONTROL.sub(" ", text)
    if len(text) <= MAX_TEXT // 2:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * MAX_TEXT].decode("utf-16-le", "ignore")


def _columns(grid: Grid) -> bytes:
    """The widths: as the longest text of the first rows, at least 9, at most 48."""
    shown = [[len(_shown(row[place])) for row in grid.rows[:_MEASURED]] for place in range(len(grid.header))]
    widths = [min(max(len(title), *longest, 7) + 2, 48) for title, longest in zip(grid.header, shown, strict=True)]
    col = b'<col min="%d" max="%d" width="%d" customWidth="1"/>'
    found = b"".join(col % (place, place, width) for place, width in enumerate(widths, 1))
    return b"<cols>%s</cols>" % found if found else b""


def _shown(value: object) -> str:
    """About what a cell shows, to measure its column."""
    return "" if value is None else str(value)


def _area(grid: Grid, mark: str = "") -> str:
    """The header and the rows as a range."""
    last = ranges.letters(len(grid.header))
    return f"{mark}A{mark}1:{mark}{last}{mark}{len(grid.rows) + 1}"


def _titles(grids: Sequence[Grid]) -> list[str]:
    """Sheet titles that Excel accepts: no []:*?/\\ and at most 31 characters, each once whatever its case."""
    found: list[str] = []
    for grid in grids:
        title = "".join(" " if c in "[]:*?/\\" else c for c in _CONTROL.sub(" ", grid.title)).strip("' ")[:31]
        taken = {other.casefold() for other in found}
        names = (title or "Sheet1", *(f"{title[:28] or 'Sheet'}{number}" for number in range(1, len(grids) + 1)))
        found.append(next(name for name in names if name.casefold() not in taken))
    return found


def _workbook(titles: Sequence[str], grids: Sequence[Grid]) -> bytes:
    """The workbook part: its sheets, and the hidden names by which Excel knows their filters."""
    sheets = b"".join(
        b'<sheet name="%s" sheetId="%d" r:id="rId%d"/>' % (xml_parts.escape(title), number, number)
        for number, title in enumerate(titles, 1)
    )
    filters = b"".join(
        b'<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">%s</definedName>'
        % (place, xml_parts.escape(f"'{title.replace(chr(39), chr(39) * 2)}'!{_area(grid, '$')}"))
        for place, (title, grid) in enumerate(zip(titles, grids, strict=True))
        if grid.header
    )
    names = b"<definedNames>%s</definedNames>" % filters if filters else b""
    opening = _HEAD + b'<workbook xmlns="%s" xmlns:r="%s"><bookViews><workbookView/></bookViews>' % (_MAIN, _OFFICE)
    return opening + b"<sheets>%s</sheets>%s</workbook>" % (sheets, names)


def _relations(*targets: tuple[bytes, bytes], core: bool = False) -> bytes:
    """A relationships part: kinds and targets; with the document's properties on request."""
    kinds = [(_OFFICE + b"/" + kind, target) for kind, target in targets]
    if core:
        kinds.append((_PACKAGE + b"/relationships/metadata/core-properties", b"docProps/core.xml"))
    link = b'<Relationship Id="rId%d" Type="%s" Target="%s"/>'
    found = b"".join(link % (number, kind, target) for number, (kind, target) in enumerate(kinds, 1))
    return _HEAD + b'<Relationships xmlns="%s/relationships">%s</Relationships>' % (_PACKAGE, found)


def _types(sheets: int) -> bytes:
    """The part that says what each part is."""
    parts = [
        (b"xl/workbook.xml", _TYPE + b"sheet.main+xml"),
        (b"xl/styles.xml", _TYPE + b"styles+xml"),
        (b"docProps/core.xml", b"application/vnd.openxmlformats-package.core-properties+xml"),
        *((b"xl/worksheets/sheet%d.xml" % n, _TYPE + b"worksheet+xml") for n in range(1, sheets + 1)),
    ]
    named = b"".join(b'<Override PartName="/%s" ContentType="%s"/>' % part for part in parts)
    rels = b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    xml = b'<Default Extension="xml" ContentType="application/xml"/>'
    return _HEAD + b'<Types xmlns="%s/content-types">%s%s%s</Types>' % (_PACKAGE, rels, xml, named)


def _core(now: dt.datetime) -> bytes:
    """When the file was made."""
    made = b'<dcterms:%s xsi:type="dcterms:W3CDTF">%sZ</dcterms:%s>'
    stamp = now.replace(microsecond=0, tzinfo=None).isoformat().encode()
    dates = b"".join(made % (kind, stamp, kind) for kind in (b"created", b"modified"))
    spaces = (
        b'xmlns:cp="%s/metadata/core-properties" xmlns:dcterms="http://purl.org/dc/terms/"' % _PACKAGE
        + b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    return _HEAD + b"<cp:coreProperties %s>%s</cp:coreProperties>" % (spaces, dates)
