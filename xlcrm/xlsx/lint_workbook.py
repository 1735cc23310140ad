"""Rules about what the parts of a workbook say about each other: sheets, names, tables, styles, macros, calculation."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import combinations

from xlcrm.xlsx import ranges, xml_parts
from xlcrm.xlsx.findings import Finding
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.reading.table_problems import merged_areas
from xlcrm.xlsx.sheet_scan import scan
from xlcrm.xlsx.workbook import TableInfo, Workbook

MAX_SHEET_NAME, MAX_NAME = 31, 255
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_NAME = re.compile(r"[^\W\d][\w.\\?]*$|\\[\w.\\?]*$")
_CELL_LIKE = re.compile(r"(?:[A-Za-z]{1,3}\d{1,7}|[rRcC]|[rR]\d*[cC]\d*)$")
_ENTRY = re.compile(rb"<(?:\w+:)?c\s[^>]*?/>")
_SHEET_ID = re.compile(rb"""\si=["'](\d+)["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Z]+)(\d+)["']""")


def sheets(book: Workbook) -> Iterator[Finding]:
    """Sheet titles: 1 to 31 characters, none of []:*?/\\, no apostrophe at an end, unique; ids unique."""
    seen: set[str] = set()
    for sheet in book.sheets:
        name = sheet.name
        if not 1 <= len(name) <= MAX_SHEET_NAME or _FORBIDDEN.search(name) or name != name.strip("'"):
            yield Finding("sheet-name", book.part, f"{name!r} cannot be the name of a sheet")
        if name.casefold() in seen:
            yield Finding("sheet-name", book.part, f"two sheets are called {name}")
        seen.add(name.casefold())
    ids = [sheet.id for sheet in book.sheets]
    if len(set(ids)) < len(ids):
        yield Finding("sheet-id", book.part, "two sheets share an id")


def names(book: Workbook) -> Iterator[Finding]:
    """Defined names look like names and are unique in their sheet or workbook."""
    seen: set[tuple[str, str]] = set()
    for element in xml_parts.descendants(book.root, "definedName"):
        name, scope = element.get("name", ""), element.get("localSheetId", "")
        if not is_name(name.removeprefix("_xlnm.")) and not xml_parts.is_true(element.get("xlm", "")):
            yield Finding("defined-name", book.part, f"{name!r} cannot be a name")
        if (name.casefold(), scope) in seen:
            yield Finding("defined-name", book.part, f"{name} is defined twice")
        if scope and not (scope.isdecimal() and int(scope) < len(book.sheets)):
            yield Finding("defined-name", book.part, f"{name} belongs to a sheet that is not there")
        seen.add((name.casefold(), scope))


def is_name(name: str) -> bool:
    return bool(_NAME.match(name)) and not _CELL_LIKE.match(name) and len(name) <= MAX_NAME


def tables(book: Workbook) -> Iterator[Finding]:
    """Table names and ids are unique, columns have different names, ranges and filters are in step."""
    defined = {element.get("name", "").casefold() for element in xml_parts.descendants(book.root, "definedName")}
    seen: set[str] = set()
    ids: set[str] = set()
    for table in book.tables:
        root = xml_parts.parse(book.package.read(table.part))
        name = table.name.casefold()
        if not is_name(table.name):
            yield Finding("table-name", table.part, f"{table.name!r} cannot be the name of a table")
        if name in seen or name in defined:
            yield Finding("table-name", table.part, f"the name {table.name} is taken")
        if root.get("id", "") in ids:
            yield Finding("table-id", table.part, "two tables share an id")
        seen.add(name)
        ids.add(root.get("id", ""))
        headers = [header.casefold() for header in table.headers]
        if len(set(headers)) < len(headers) or not all(headers):
            yield Finding("table-columns", table.part, "two columns share a name, or one has none")
        columns = [column.get("id", "") for column in xml_parts.descendants(root, "tableColumn")]
        if len(set(columns)) < len(columns):
            yield Finding("table-columns", table.part, "two columns share an id")
        counts = [group.get("count", "") for group in xml_parts.children(root, "tableColumns")]
        if counts != [""] and counts != [str(len(columns))]:
            yield Finding("table-columns", table.part, "the number of columns is not what it says")
        for found in xml_parts.children(root, "autoFilter"):
            if found.get("ref") and Area.of(found.get("ref", "")) != table.area._replace(bottom=table.last_row):
                yield Finding("table-filter", table.part, f"the filter {found.get('ref')} is out of step")


def overlaps(book: Workbook) -> Iterator[Finding]:
    """No table meets another or merged cells, and no merged cells meet."""
    for sheet in book.sheets:
        if sheet.kind != "worksheet":
            continue
        here = [table for table in book.tables if table.sheet == sheet]
        merged = sorted(merged_areas(scan(book.package, sheet.part)))
        for one, other in combinations(here, 2):
            if one.area.meets(other.area):
                yield Finding("table-overlap", one.part, f"{one.name} meets {other.name}")
        for table in here:
            yield from (Finding("table-merged", table.part, a.text) for a in merged if a.meets(table.area))
        open_areas: list[Area] = []
        for area in merged:
            open_areas = [other for other in open_areas if other.bottom >= area.top]
            if any(area.meets(other) for other in open_areas):
                yield Finding("merged-overlap", sheet.part, area.text)
            open_areas.append(area)


def styles(book: Workbook) -> Iterator[Finding]:
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
                    yield Finding("style-index", part, f"format {i} has no {name} {xf.get(name)}")
        if group.get("count", str(len(group))) != str(len(group)):
            yield Finding("style-count", part, "the number of formats is not what it says")
    for table in book.tables:
        yield from _differential(book, table, count["dxfs"])


def _differential(book: Workbook, table: TableInfo, count: int) -> Iterator[Finding]:
    for element in xml_parts.parse(book.package.read(table.part)).iter():
        for name, value in element.attrib.items():
            if name.endswith("DxfId") and int(value) >= count:
                yield Finding("dxf-index", table.part, f"{name} {value} of {count}")


def code_names(book: Workbook) -> Iterator[Finding]:
    """Every sheet's code name is a document module of the VBA project."""
    part = book.related("vbaProject")
    if not part:
        return
    import olefile  # type: ignore[import-untyped]

    with olefile.OleFileIO(io.BytesIO(book.package.read(part))) as project:
        if not project.exists("PROJECT"):
            return
        text = project.openstream("PROJECT").read().decode("latin-1")
    known = {name.casefold() for name in re.findall(r"^Document=([^/\r\n]+)/", text, re.MULTILINE)}
    for sheet in book.sheets:
        data = next(book.package.chunks(sheet.part), b"")
        found = re.search(rb"""<(?:\w+:)?sheetPr\s[^>]*?codeName=["']([^"']+)["']""", data)
        if found and xml_parts.unescape(found[1]).casefold() not in known and found[1].isascii():
            yield Finding("code-name", sheet.part, f"the VBA project has no module {found[1].decode()}")


def calculation_chain(book: Workbook) -> Iterator[Finding]:
    """The chain names cells that hold formulas, on sheets that exist, and is not empty."""
    part = book.related("calcChain")
    if not part:
        return
    by_id = {sheet.id: sheet for sheet in book.sheets if sheet.kind in ("worksheet", "xlMacrosheet")}
    formulas: dict[int, set[tuple[int, int]]] = {}
    sheet = 0
    entries = _ENTRY.findall(book.package.read(part))
    if not entries:
        yield Finding("calc-chain", part, "it is empty")
    for entry in entries:
        said, place = _SHEET_ID.search(entry), _PLACE.search(entry)
        sheet = int(said[1]) if said else sheet
        if sheet not in by_id:
            yield Finding("calc-chain", part, f"there is no sheet {sheet}")
            continue
        if sheet not in formulas:
            facts = scan(book.package, by_id[sheet].part)
            formulas[sheet] = {(row, column) for column, rows in facts.formulas.items() for row in rows}
        if place and (int(place[2]), ranges.number(place[1].decode())) not in formulas[sheet]:
            yield Finding("calc-chain", part, f"{place[1].decode()}{place[2].decode()} holds no formula")
