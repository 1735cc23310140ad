"""Workbook layout: which sheets and tables there are and where their parts are, one view for reader and writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm import schema, words
from xlcrm.errors import CrmError
from xlcrm.xlsx import guard, xml_parts
from xlcrm.xlsx.package import Package
from xlcrm.xlsx.ranges import Area

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


_KNOWN = frozenset(spec.name for spec in schema.with_parts(tuple(schema.PARTS)))


@dataclass(frozen=True)
class Sheet:
    """A sheet as the workbook lists it; `kind` is worksheet, chartsheet, dialogsheet or xlMacrosheet."""

    name: str
    id: int
    part: str
    kind: str


@dataclass(frozen=True)
class TableInfo:
    """An Excel table. `name` is its own, `canonical` what the schema calls it; `area` is all of it.

    `headers` are its column names in order; `calculated` has the formulas of calculated columns by position.
    """

    name: str
    canonical: str
    sheet: Sheet
    part: str
    area: Area
    headers: tuple[str, ...]
    header_rows: int
    totals_rows: int
    calculated: dict[int, str] = field(hash=False, default_factory=dict)

    @property
    def first_row(self) -> int:
        """The first data row."""
        return self.area.top + self.header_rows

    @property
    def last_row(self) -> int:
        """The last data row, before the totals."""
        return self.area.bottom - self.totals_rows

    @property
    def data(self) -> Area:
        """The data rows: without header and totals."""
        return Area(self.first_row, self.area.left, self.last_row, self.area.right)

    def __len__(self) -> int:
        """How many data rows."""
        return self.last_row - self.first_row + 1

    def columns(self) -> list[str]:
        """The frame's column for each of the table's: canonical where the header is known, else the header itself.

        The first of two headers that mean one column has it; the second stays a user's column.
        """
        found: list[str] = []
        for header in self.headers:
            column = words.column_of(self.canonical, header) or header
            name = header if column in found else column
            while name in found:
                name += " (2)"
            found.append(name)
        return found


@dataclass(frozen=True)
class Workbook:
    """A package read as a workbook. `root` is the parsed workbook part."""

    package: Package
    part: str
    root: Element
    sheets: tuple[Sheet, ...]
    tables: tuple[TableInfo, ...]

    @property
    def date1904(self) -> bool:
        """Whether dates count from 1 January 1904 (workbookPr, ECMA-376 part 1, 18.2.28)."""
        return any(
            xml_parts.is_true(xml_parts.attribute(e, "date1904")) for e in xml_parts.children(self.root, "workbookPr")
        )

    @property
    def worksheets(self) -> tuple[Sheet, ...]:
        """The sheets that have cells, in order: no chart sheets, dialogs or macro sheets."""
        return tuple(sheet for sheet in self.sheets if sheet.kind == "worksheet")

    def tables_of(self, sheet: Sheet) -> list[TableInfo]:
        """The tables on a sheet."""
        return [table for table in self.tables if table.sheet == sheet]

    def neighbours(self, info: TableInfo) -> list[Area]:
        """The areas of the other tables on a table's sheet."""
        return [other.area for other in self.tables_of(info.sheet) if other.part != info.part]

    def reopened(self) -> Workbook:
        """The same layout with its file as it stands now."""
        package = Package(self.package.path)
        package.close()
        return replace(self, package=package)

    def sheet(self, name: str) -> Sheet:
        """A sheet by its title (case doesn't count, as in Excel)."""
        for sheet in self.sheets:
            if sheet.name.casefold() == name.casefold():
                return sheet
        raise CrmError("workbook.no_sheet", sheet=name, sheets=", ".join(sheet.name for sheet in self.sheets))

    def table(self, name: str) -> TableInfo:
        """A table by its canonical name or its own."""
        for table in self.tables:
            if name in (table.canonical, table.name):
                return table
        raise CrmError("workbook.no_table", table=name, tables=", ".join(table.name for table in self.tables))

    def related(self, kind: str) -> str:
        """The workbook's part of a kind ("styles", "sharedStrings", "calcChain"), "" where it has none."""
        return next((entry for _, entry in self.package.related(self.part, kind)), "")


def open_workbook(path: Path) -> Workbook:
    """The layout of a workbook file. CrmError says what is wrong with a file that is none. Close `.package`."""
    guard.check(path)
    package = Package(path)
    try:
        return _layout(package)
    except BaseException:
        package.close()
        raise


def _layout(package: Package) -> Workbook:
    """Sheets and tables of an open package, found by relationships alone: no part has a name that it must have."""
    part = _workbook_part(package)
    root = xml_parts.parse(package.read(part))
    sheets = tuple(_sheets(package, part, root))
    if not sheets:
        raise CrmError("workbook.not_excel", name=package.path.name)
    tables = _named([table for sheet in sheets for table in _tables(package, sheet)])
    return Workbook(package, part, root, sheets, tables)


def _workbook_part(package: Package) -> str:
    """The entry that the package names as its document; CrmError for a package without one and for .xlsb."""
    target = next((rel.target for rel in package.rels("") if rel.kind == "officeDocument"), "")
    part = package.find(target)
    if not part:
        raise CrmError("workbook.not_excel", name=package.path.name)
    if part.lower().endswith(".bin"):
        raise CrmError("workbook.binary", name=package.path.name)
    return part


def _sheets(package: Package, part: str, root: Element) -> Iterator[Sheet]:
    """The sheets in the order of their tabs (ECMA-376 part 1, 18.2.20); each names its part by the attribute r:id."""
    targets = {rel.id: rel for rel in package.rels(part)}
    for group in xml_parts.children(root, "sheets"):
        for element in group:
            rel = targets.get(_relation_id(element))
            entry = package.find(rel.target) if rel else ""
            if not rel or not entry:
                raise CrmError("workbook.damaged", name=package.path.name)
            yield Sheet(element.get("name", ""), int(element.get("sheetId", "0")), entry, rel.kind)


def _relation_id(element: Element) -> str:
    """The attribute r:id; its namespace is another one in the strict edition of the standard."""
    return next((value for key, value in element.attrib.items() if key.endswith("}id")), "")


def _named(tables: list[TableInfo]) -> tuple[TableInfo, ...]:
    """The tables with their canonical names: by their own name in any language, else by the title of their sheet.

    The sheet's title counts where it is the only table there and most of its headers are words of that table, so that
    "Tabella1" on the sheet "Clienti" is understood. No two tables get one canonical name.
    """
    names: dict[str, str] = {}
    for table, meant in _guesses(tables):
        if meant in _KNOWN and meant not in names.values():
            names.setdefault(table.name, meant)
    return tuple(replace(table, canonical=names.get(table.name, table.name)) for table in tables)


def _guesses(tables: list[TableInfo]) -> Iterator[tuple[TableInfo, str]]:
    """What each table may be, the surest guesses first; "" and names that are none of the schema's are among them."""
    yield from ((table, table.name) for table in tables)
    yield from ((table, words.table_of(table.name)) for table in tables)
    on_sheet = Counter(table.sheet for table in tables)
    for table in tables:
        meant = words.table_of(table.sheet.name)
        known = sum(bool(words.column_of(meant, header)) for header in table.headers)
        if on_sheet[table.sheet] == 1 and known * 2 > len(table.headers):
            yield table, meant


def _tables(package: Package, sheet: Sheet) -> Iterator[TableInfo]:
    """The tables of a sheet, in the order of its relationships."""
    for _, entry in package.related(sheet.part, "table"):
        yield _table(package, sheet, entry)


def _table(package: Package, sheet: Sheet, part: str) -> TableInfo:
    """A table part (ECMA-376 part 1, 18.5.1.2); CrmError where its range does not fit its columns or rows."""
    root = xml_parts.parse(package.read(part))
    headers: list[str] = []
    calculated = {}
    for column in xml_parts.descendants(root, "tableColumn"):
        for formula in xml_parts.children(column, "calculatedColumnFormula"):
            calculated[len(headers)] = formula.text or ""
        headers.append(xml_parts.from_excel(column.get("name", "")))
    try:
        area = Area.of(root.get("ref", ""))
        header_rows = int(root.get("headerRowCount", "1"))
        totals_rows = int(root.get("totalsRowCount", "0"))
    except ValueError as error:
        raise CrmError("workbook.damaged_table", table=root.get("displayName", "")) from error
    if area.right - area.left + 1 != len(headers) or area.bottom - totals_rows < area.top + header_rows - 1:
        raise CrmError("workbook.damaged_table", table=root.get("displayName", ""))
    name = root.get("displayName", "") or root.get("name", "")
    return TableInfo(name, name, sheet, part, area, tuple(headers), header_rows, totals_rows, calculated)
