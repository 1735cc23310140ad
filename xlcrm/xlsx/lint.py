"""Lint of workbooks: what Excel would offer to repair and Microsoft's validator lets pass.

The validator checks parts against their schemas. Excel also checks what parts say about each other: these rules. Each
names its source: the standard (ECMA-376), Microsoft's page "Excel specifications and limits", or what Excel was seen
to repair. Files that Excel itself saved have no finding.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xlcrm.errors import CrmError
from xlcrm.xlsx import ranges, worksheet_xml, xml_parts
from xlcrm.xlsx.cell_reader import style_of
from xlcrm.xlsx.cell_writer import MAX_TEXT
from xlcrm.xlsx.package import rels_name
from xlcrm.xlsx.ranges import MAX_COLUMN, MAX_ROW, Area
from xlcrm.xlsx.reading import exact_cells
from xlcrm.xlsx.reading.table_problems import merged_areas
from xlcrm.xlsx.sheet_scan import scan
from xlcrm.xlsx.workbook import Sheet, TableInfo, Workbook, open_workbook
from xlcrm.xlsx.worksheet_xml import Cell

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class LintFinding(NamedTuple):
    """`rule` is the rule's short name, `part` where it was broken."""

    rule: str
    part: str
    detail: str


# Rules about the cells of a sheet: order, kinds, texts, indexes, headers, rules.

MAX_LIST = 255
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>(.*?)</(?:\w+:)?v\s*>", re.DOTALL)
_LIST = re.compile(rb"<(?:\w+:)?dataValidation\s[^>]*>\s*<(?:\w+:)?formula1>([^<]*)</")
_DXF = re.compile(rb"""\sdxfId=["'](\d+)["']""")
_BOOLEAN = re.compile(rb"[01]$|true$|false$")
_NUMBER = re.compile(rb"$|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$")
_ANY = re.compile(rb"")
_VALUES = {b"b": _BOOLEAN, b"n": _NUMBER}  # what may stand in <v> by the cell's type; any text in the others
_TEXTS = (b"s", b"str", b"inlineStr")


class _Context:
    """What the cells of a workbook point to."""

    def __init__(self, book: Workbook) -> None:
        """Reads the style part and the list of texts once for all sheets."""
        formats = exact_cells.read_styles(book)
        part = book.related("styles")
        root = xml_parts.parse(book.package.read(part)) if part else None
        self.styles = formats.count
        self.dxfs = sum(len(group) for group in xml_parts.children(root, "dxfs")) if root is not None else 0
        self.strings = exact_cells.shared_strings(book)
        self.values = exact_cells.decoder(book, formats)


def check(book: Workbook) -> Iterator[LintFinding]:
    """Every worksheet's rows and cells, its tables' header cells, its drop-down lists and conditional formats."""
    context = _Context(book)
    for sheet in book.worksheets:
        yield from _sheet(book, sheet, context)


def _sheet(book: Workbook, sheet: Sheet, context: _Context) -> Iterator[LintFinding]:
    """A worksheet as it streams past; of its cells only those in the tables' header rows are kept."""
    tables = book.tables_of(sheet)
    headers: dict[int, list[Cell]] = {table.area.top: [] for table in tables if table.header_rows}
    row_end = b""
    last = 0
    for kind, block in worksheet_xml.read(book.package, sheet.part):
        if kind == worksheet_xml.HEAD:
            row_end = worksheet_xml.end_of_rows(block)
        elif kind == worksheet_xml.TAIL:
            yield from _tail(sheet, block, context)
        else:
            for row in worksheet_xml.rows(block, row_end, last):
                if not last < row.number <= MAX_ROW:
                    yield LintFinding("row-order", sheet.part, f"row {row.number} after row {last}")
                last = row.number
                cells = worksheet_xml.cells(row.body)
                yield from _row(sheet, row.number, cells, context)
                if row.number in headers:
                    headers[row.number] += cells
    for table in tables:
        if table.header_rows:
            yield from _headers(table, {cell.column: cell for cell in headers[table.area.top]}, context)


def _row(sheet: Sheet, row: int, cells: list[Cell], context: _Context) -> Iterator[LintFinding]:
    """The cells of a row and their order: columns rise (ECMA-376 part 1, 18.3.1.73)."""
    column = 0
    for cell in cells:
        if not column < cell.column <= MAX_COLUMN:
            yield LintFinding("cell-order", sheet.part, f"row {row}")
        column = cell.column
        where = f"row {row}, column {cell.column}"
        if style_of(cell.attributes) >= max(context.styles, 1):
            yield LintFinding("style-index", sheet.part, where)
        rule = _wrong_value(cell, context)
        if rule:
            yield LintFinding(rule, sheet.part, where)


def _wrong_value(cell: Cell, context: _Context) -> str:
    """The rule that a cell's value breaks, "" for none."""
    kind = _TYPE.search(cell.attributes)
    code = kind[1] if kind else b"n"
    found = _VALUE.search(cell.inner)
    value = found[1].strip() if found else b""
    if found and code == b"s" and not (value.isdigit() and int(value) < len(context.strings)):
        return "string-index"
    if found and not _VALUES.get(code, _ANY).match(value):
        return "cell-value"
    return "text-length" if code in _TEXTS and _is_too_long(cell, context) else ""


def _is_too_long(cell: Cell, context: _Context) -> bool:
    """Whether a cell's own text is longer than Excel takes, in UTF-16 units; short XML is not decoded for that."""
    if len(cell.inner) <= MAX_TEXT // 4:
        return False
    text = context.values.value(cell.attributes, cell.inner) or ""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT


def _headers(table: TableInfo, cells: dict[int, Cell], context: _Context) -> Iterator[LintFinding]:
    """Header cells are texts that equal the table's column names; Excel compares them with line breaks as they are."""
    for i, header in enumerate(table.headers):
        cell = cells.get(table.area.left + i)
        kind = _TYPE.search(cell.attributes) if cell else None
        value = context.values.value(cell.attributes, cell.inner) if cell else None
        if not cell or not kind or kind[1] not in _TEXTS or _plain(value) != _plain(header):
            yield LintFinding("table-header", table.part, f"{header!r} is not what its cell holds ({value!r})")


def _plain(text: object) -> str:
    """A text with line breaks of one kind."""
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def _tail(sheet: Sheet, tail: bytes, context: _Context) -> Iterator[LintFinding]:
    """What stands behind the cells: typed lists of choices (`"a,b"`, not ranges) and formats of conditional formats."""
    for raw in _LIST.findall(tail):
        text = xml_parts.unescape(raw)
        if text.startswith('"') and len(text) - 2 > MAX_LIST:
            yield LintFinding("list-length", sheet.part, f"{len(text) - 2} characters")
    for index in _DXF.findall(tail):
        if int(index) >= context.dxfs:
            yield LintFinding("dxf-index", sheet.part, f"{int(index)} of {context.dxfs}")


# Rules about what the parts of a workbook say about each other: sheets, names, tables, styles, macros, calculation.

MAX_SHEET_NAME, MAX_NAME = 31, 255
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_NAME = re.compile(r"[^\W\d][\w.\\?]*$|\\[\w.\\?]*$")
_CELL_LIKE = re.compile(r"(?:[A-Za-z]{1,3}\d{1,7}|[rRcC]|[rR]\d*[cC]\d*)$")
_ENTRY = re.compile(rb"<(?:\w+:)?c\s[^>]*?/>")
_SHEET_ID = re.compile(rb"""\si=["'](\d+)["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Z]+\d+)["']""")


def sheets(book: Workbook) -> Iterator[LintFinding]:
    """Sheet titles: 1 to 31 characters, none of []:*?/\\, no apostrophe at an end, unique; ids unique."""
    seen: set[str] = set()
    for sheet in book.sheets:
        name = sheet.name
        if not 1 <= len(name) <= MAX_SHEET_NAME or _FORBIDDEN.search(name) or name != name.strip("'"):
            yield LintFinding("sheet-name", book.part, f"{name!r} cannot be the name of a sheet")
        if name.casefold() in seen:
            yield LintFinding("sheet-name", book.part, f"two sheets are called {name}")
        seen.add(name.casefold())
    ids = [sheet.id for sheet in book.sheets]
    if len(set(ids)) < len(ids):
        yield LintFinding("sheet-id", book.part, "two sheets share an id")


def names(book: Workbook) -> Iterator[LintFinding]:
    """Defined names look like names and are unique in their sheet or workbook."""
    seen: set[tuple[str, str]] = set()
    for element in xml_parts.descendants(book.root, "definedName"):
        name, scope = element.get("name", ""), element.get("localSheetId", "")
        if not is_name(name.removeprefix("_xlnm.")) and not xml_parts.is_true(element.get("xlm", "")):
            yield LintFinding("defined-name", book.part, f"{name!r} cannot be a name")
        if (name.casefold(), scope) in seen:
            yield LintFinding("defined-name", book.part, f"{name} is defined twice")
        if scope and not (scope.isdecimal() and int(scope) < len(book.sheets)):
            yield LintFinding("defined-name", book.part, f"{name} belongs to a sheet that is not there")
        seen.add((name.casefold(), scope))


def is_name(name: str) -> bool:
    """Whether Excel takes a text as a name: no address (A1, R1C1, R, C), at most 255 characters."""
    return bool(_NAME.match(name)) and not _CELL_LIKE.match(name) and len(name) <= MAX_NAME


def tables(book: Workbook) -> Iterator[LintFinding]:
    """Table names and ids are unique, columns have different names, ranges and filters are in step."""
    taken = {element.get("name", "").casefold() for element in xml_parts.descendants(book.root, "definedName")}
    ids: set[str] = set()
    for table in book.tables:
        root = xml_parts.parse(book.package.read(table.part))
        if not is_name(table.name):
            yield LintFinding("table-name", table.part, f"{table.name!r} cannot be the name of a table")
        if table.name.casefold() in taken:
            yield LintFinding("table-name", table.part, f"the name {table.name} is taken")
        if root.get("id", "") in ids:
            yield LintFinding("table-id", table.part, "two tables share an id")
        taken.add(table.name.casefold())
        ids.add(root.get("id", ""))
        yield from _table_columns(table, root)
        for found in xml_parts.children(root, "autoFilter"):
            if found.get("ref") and Area.of(found.get("ref", "")) != table.area._replace(bottom=table.last_row):
                yield LintFinding("table-filter", table.part, f"the filter {found.get('ref')} is out of step")


def _table_columns(table: TableInfo, root: Element) -> Iterator[LintFinding]:
    """A table's columns: names and ids of their own, and as many as the element says (which may say nothing)."""
    headers = [header.casefold() for header in table.headers]
    if len(set(headers)) < len(headers) or not all(headers):
        yield LintFinding("table-columns", table.part, "two columns share a name, or one has none")
    columns = [column.get("id", "") for column in xml_parts.descendants(root, "tableColumn")]
    if len(set(columns)) < len(columns):
        yield LintFinding("table-columns", table.part, "two columns share an id")
    counts = [group.get("count", "") for group in xml_parts.children(root, "tableColumns")]
    if counts not in ([""], [str(len(columns))]):
        yield LintFinding("table-columns", table.part, "the number of columns is not what it says")


def overlaps(book: Workbook) -> Iterator[LintFinding]:
    """No table meets another or merged cells, and no merged cells meet."""
    for sheet in book.worksheets:
        here = book.tables_of(sheet)
        merged = sorted(merged_areas(scan(book.package, sheet.part)))
        for one, other in combinations(here, 2):
            if one.area.meets(other.area):
                yield LintFinding("table-overlap", one.part, f"{one.name} meets {other.name}")
        for table in here:
            yield from (LintFinding("table-merged", table.part, a.text) for a in merged if a.meets(table.area))
        yield from (LintFinding("merged-overlap", sheet.part, area.text) for area in _overlapping(merged))


def _overlapping(areas: list[Area]) -> Iterator[Area]:
    """Of areas from top to bottom those that meet one before; areas that ended above are not compared again."""
    still_open: list[Area] = []
    for area in areas:
        still_open = [other for other in still_open if other.bottom >= area.top]
        if any(area.meets(other) for other in still_open):
            yield area
        still_open.append(area)


def styles(book: Workbook) -> Iterator[LintFinding]:
    """Formats use fonts, fills, borders and styles that exist; tables use differential formats that exist."""
    part = book.related("styles")
    if not part:
        return
    root = xml_parts.parse(book.package.read(part))
    count = {
        name: sum(len(g) for g in xml_parts.children(root, name)) for name in ("fonts", "fills", "borders", "dxfs")
    }
    base = sum(len(group) for group in xml_parts.children(root, "cellStyleXfs"))
    limits = {"fontId": count["fonts"], "fillId": count["fills"], "borderId": count["borders"], "xfId": base}
    for group in xml_parts.children(root, "cellXfs"):
        for i, xf in enumerate(xml_parts.children(group, "xf")):
            for name, limit in limits.items():
                if int(xf.get(name, "0")) >= max(limit, 1):
                    yield LintFinding("style-index", part, f"format {i} has no {name} {xf.get(name)}")
        if group.get("count", str(len(group))) != str(len(group)):
            yield LintFinding("style-count", part, "the number of formats is not what it says")
    for table in book.tables:
        yield from _differential(book, table, count["dxfs"])


def _differential(book: Workbook, table: TableInfo, count: int) -> Iterator[LintFinding]:
    """The attributes headerRowDxfId, dataDxfId ... of a table: indexes into the `count` differential formats."""
    for element in xml_parts.parse(book.package.read(table.part)).iter():
        for name, value in element.attrib.items():
            if name.endswith("DxfId") and int(value) >= count:
                yield LintFinding("dxf-index", table.part, f"{name} {value} of {count}")


def code_names(book: Workbook) -> Iterator[LintFinding]:
    """Every sheet's code name is a document module of the VBA project."""
    part = book.related("vbaProject")
    if not part:
        return
    import olefile

    with olefile.OleFileIO(io.BytesIO(book.package.read(part))) as project:
        if not project.exists("PROJECT"):
            return
        text = project.openstream("PROJECT").read().decode("latin-1")
    known = {name.casefold() for name in re.findall(r"^Document=([^/\r\n]+)/", text, re.MULTILINE)}
    for sheet in book.sheets:
        data = next(book.package.chunks(sheet.part), b"")
        found = re.search(rb"""<(?:\w+:)?sheetPr\s[^>]*?codeName=["']([^"']+)["']""", data)
        if found and xml_parts.unescape(found[1]).casefold() not in known and found[1].isascii():
            yield LintFinding("code-name", sheet.part, f"the VBA project has no module {found[1].decode()}")


def calculation_chain(book: Workbook) -> Iterator[LintFinding]:
    """The chain names cells that hold formulas, on sheets that exist, and is not empty."""
    part = book.related("calcChain")
    if not part:
        return
    by_id = {sheet.id: sheet for sheet in book.sheets if sheet.kind in ("worksheet", "xlMacrosheet")}
    formulas: dict[int, set[bytes]] = {}
    sheet = 0
    entries = _ENTRY.findall(book.package.read(part))
    if not entries:
        yield LintFinding("calc-chain", part, "it is empty")
    for entry in entries:
        said, place = _SHEET_ID.search(entry), _PLACE.search(entry)
        sheet = int(said[1]) if said else sheet  # an entry without a sheet is on that of the one before
        if sheet not in by_id:
            yield LintFinding("calc-chain", part, f"there is no sheet {sheet}")
            continue
        if sheet not in formulas:
            formulas[sheet] = _formula_cells(book, by_id[sheet])
        if place and place[1] not in formulas[sheet]:
            yield LintFinding("calc-chain", part, f"{place[1].decode()} holds no formula")


def _formula_cells(book: Workbook, sheet: Sheet) -> set[bytes]:
    """The addresses (b"B2") of a sheet's formulas."""
    facts = scan(book.package, sheet.part)
    names = {column: ranges.letters(column).encode() for column in facts.formulas}
    return {b"%s%d" % (names[column], row) for column, rows in facts.formulas.items() for row in rows}


MAX_PARSED = 64 << 20
_NO_TYPE = ("[content_types].xml",)


class LintRule(NamedTuple):
    """`source` says where it is known that Excel minds."""

    check: Callable[[Workbook], Iterator[LintFinding]]
    source: str


def lint(path: Path) -> list[LintFinding]:
    """Everything in a workbook that Excel would offer to repair, [] for none. CrmError where it cannot be opened."""
    book = open_workbook(path)
    with book.package:
        return [finding for rule in RULES for finding in rule.check(book)]


def content_types(book: Workbook) -> Iterator[LintFinding]:
    """Every part has a content type, and every type that is declared for a part has its part."""
    package = book.package
    root = xml_parts.parse(package.read("[Content_Types].xml"))
    defaults = {e.get("Extension", "").lower() for e in xml_parts.children(root, "Default")}
    overrides = [e.get("PartName", "").lstrip("/").lower() for e in xml_parts.children(root, "Override")]
    for part in package.entries:
        name = part.lower()
        known = name in overrides or name.rpartition(".")[2] in defaults
        if not known and name not in _NO_TYPE and not name.endswith("/"):
            yield LintFinding("content-type", part, "no content type")
    for name in overrides:
        if not package.find(name):
            yield LintFinding("content-type", name, "a content type for a part that is not there")
        if overrides.count(name) > 1:
            yield LintFinding("content-type", name, "two content types for one part")


def relationships(book: Workbook) -> Iterator[LintFinding]:
    """Every relationship inside the package has its target, and no two of a part share an id."""
    package = book.package
    for part in ["", *package.entries]:
        if part and not package.find(rels_name(part)):
            continue
        ids: set[str] = set()
        for rel in package.rels(part):
            target = rel.target.split("#")[0]
            if not rel.external and target and not package.find(target):
                yield LintFinding("relationship", part or "/", f"{rel.id} points to {target}, which is not there")
            if rel.id in ids:
                yield LintFinding("relationship", part or "/", f"two relationships are called {rel.id}")
            ids.add(rel.id)


def well_formed(book: Workbook) -> Iterator[LintFinding]:
    """Every XML part can be parsed: control characters and stray markup make Excel give the part up."""
    for part, info in book.package.entries.items():
        if part.lower().endswith((".xml", ".rels")) and info.file_size < MAX_PARSED:
            try:
                xml_parts.parse(book.package.read(part))
            except (CrmError, zipfile.BadZipFile) as error:
                yield LintFinding("well-formed", part, str(error))


RULES: tuple[LintRule, ...] = (
    LintRule(content_types, "ECMA-376 part 2, content types: a part without one makes the package invalid"),
    LintRule(relationships, "ECMA-376 part 2, relationships; Excel drops what hangs on a dangling one"),
    LintRule(well_formed, "XML 1.0, 2.2"),
    LintRule(sheets, "Excel specifications and limits: sheet names; ECMA-376 part 1, 18.2.19"),
    LintRule(names, "ECMA-376 part 1, 18.2.5; Excel specifications and limits: names"),
    LintRule(tables, "ECMA-376 part 1, 18.5.1.2: names and ids unique, name rules as for defined names"),
    LintRule(overlaps, "Excel refuses a table over another table or over merged cells"),
    LintRule(styles, "ECMA-376 part 1, 18.8.10 and 18.8.45: indexes into the style part"),
    LintRule(code_names, "[MS-OVBA] 2.3.1: the document modules of the PROJECT stream"),
    LintRule(calculation_chain, "ECMA-376 part 1, 18.6; Excel reports unreadable content in calcChain.xml"),
    LintRule(check, "ECMA-376 part 1, 18.3.1; Excel specifications and limits: cells, text, lists"),
)
