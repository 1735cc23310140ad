"""Build ClientFile.xlsm sheet by sheet, so that `xlcrm new` and the committed file are one thing in any language."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.actions import buttons
from xlcrm.building import (
    figures_sheet,
    grid,
    invoicing_sheets,
    macro_workbook,
    marks,
    palette,
    pipeline_sheet,
    ribbon_xml,
    rules,
    settings_sheet,
)
from xlcrm.building.canvas import write_heading
from xlcrm.building.dashboard_sheet import draw_dashboard
from xlcrm.building.result_sheets import draw_found, draw_funnel, draw_merged, starters

# The sheet Start: what each button does, in a few lines, for the person who opens the workbook for the first time.

WIDE = 110


def draw_start(sheet: Worksheet, language: str) -> None:
    """A line a button, in the ribbon's groups and words."""
    write_heading(sheet, messages.text("start.title", language), messages.text("start.intro", language), column=2)
    row = 4
    for group, actions in buttons().items():
        head = sheet.cell(row, 2, messages.text(f"ribbon.group.{group}", language))
        head.font = palette.font(bold=True, color=palette.BLUE)
        for column in (2, 3):
            sheet.cell(row, column).border = palette.underline(palette.BLUE)
        row += 1
        for action in actions:
            name = sheet.cell(row, 2, messages.text(f"ribbon.{action.name}", language))
            name.font = palette.font(bold=True)
            name.alignment = palette.TOP
            does = sheet.cell(row, 3, messages.text(f"ribbon.{action.name}.tip", language))
            does.font = palette.font()
            does.alignment = palette.TOP
            sheet.row_dimensions[row].height = 4 + 13 * grid.lines_of(str(does.value), WIDE)
            row += 1
        row += 1
    grid.widths(sheet, (3, 34, WIDE))


SHEETS = (
    "Start",
    "Dashboard",
    "Funnel",
    "Clients",
    "People",
    "Purchases",
    "Interactions",
    "Opportunities",
    "Segments",
    "Found",
    "Lists",
    "Import",
    "Problems",
    "Duplicates",
    "Merged",
    "Changes",
    "StageChanges",
    "External",
    "Forgotten",
    "Figures",
    "Settings",
)
PART_SHEETS = {"invoicing": ("Receivables", "Documents", "DocumentLines", "Payments", "Seller")}
QUIET = frozenset(
    {"Figures", "Settings", "Changes", "Merged", "StageChanges", "External", "Forgotten", "DocumentLines", "Seller"}
)
FROZEN_COLUMNS = {
    "Clients": 3,
    "People": 3,
    "Purchases": 2,
    "Interactions": 2,
    "Opportunities": 1,
    "Lists": 1,
    "Documents": 1,
}
TABS = {
    "Start": palette.BLUE,
    "Dashboard": palette.BLUE,
    "Funnel": palette.BLUE,
    "Receivables": palette.BLUE,
    "Import": palette.ORANGE,
    "Problems": palette.ORANGE,
    "Duplicates": palette.ORANGE,
}
QUIET_TAB = palette.MUTED


def build(
    target: Path,
    *,
    language: str = "en",
    country: str = "",
    currency: str = "EUR",
    alone: Iterable[str] = (),
    parts: Sequence[str] = (),
) -> None:
    """Write a new client file to `target` (overwritten), its sheets, headers, buttons and sentences in `language`.

    `country` (ISO code) and `currency` (ISO code) become the first settings. The same arguments give the same bytes.
    The tables `alone` stand a second time, each on a sheet of its own: for a workbook whose sheet has no room for one.
    `parts` of the schema come with their sheets and columns (see `schema.PARTS`).
    """
    book = _book()
    specs = {spec.name: spec for spec in schema.with_parts(parts)}
    names = (*SHEETS, *sum((PART_SHEETS[part] for part in parts), ()), *map(alone_on, alone))
    sheets = {name: _sheet(book, name, names, language) for name in names}
    placed: list[tuple[Worksheet, grid.Placed]] = []
    for name, sheet in sheets.items():
        if name in _ONE_TABLE:
            placed.append((sheet, _one_table(sheet, specs[name], language)))
    placed += settings_sheet.draw_settings(sheets["Settings"], language, country, currency)
    placed += _invoicing_sheets(sheets, language)
    fed = figures_sheet.draw_figures(sheets["Figures"], language, country)
    placed += fed.values()
    placed += draw_funnel(sheets["Funnel"], language)
    fed |= pipeline_sheet.draw_pipeline(sheets["Funnel"], language)
    placed += [fed[name] for name in pipeline_sheet.TABLES]
    placed += draw_found(sheets["Found"], language)
    placed += draw_merged(sheets["Merged"], language)
    placed += draw_dashboard(sheets["Dashboard"], dict(fed), language)
    for name in alone:
        placed.append((sheets[alone_on(name)], _one_table(sheets[alone_on(name)], specs[name], language, ending="_")))
    for sheet, table in placed:
        rules.add_rules(sheet, table, language)
        marks.add_marks(sheet, table)
    draw_start(sheets["Start"], language)
    rules.add_names(book, language, country)
    plain = io.BytesIO()
    book.save(plain)
    project = macro_workbook.project(language, len(names))
    values = figures_sheet.values(language)
    target.write_bytes(macro_workbook.finish(plain.getvalue(), project, ribbon_xml.parts(language), values))


def _invoicing_sheets(sheets: Mapping[str, Worksheet], language: str) -> Iterator[tuple[Worksheet, grid.Placed]]:
    """The sheets of invoicing that hold more than one table at their top, where the workbook has them."""
    if "Seller" in sheets:
        yield sheets["Seller"], invoicing_sheets.draw_seller(sheets["Seller"], language)
    if "Receivables" in sheets:
        yield from invoicing_sheets.draw_receivables(sheets["Receivables"], language)


def publish(folder: Path) -> None:
    """Write the English workbook and the texts that it is made of (ribbon.xml, the VBA modules) into `folder`."""
    build(folder / "ClientFile.xlsm")
    (folder / "ribbon.xml").write_text(ribbon_xml.xml("en"), encoding="utf-8", newline="\n")
    for module in macro_workbook.MODULES:
        (folder / f"{module}.bas").write_text(macro_workbook.source(module), encoding="utf-8", newline="\r\n")


_SEVERAL = {"Start", "Dashboard", "Funnel", "Found", "Merged", "Figures", "Settings"}
_ONE_TABLE = frozenset((*SHEETS, "Documents", "DocumentLines", "Payments")) - _SEVERAL


def _book() -> Workbook:
    book: Any = Workbook()
    book.code_name = "ThisWorkbook"
    book.security = None
    book.loaded_theme = palette.xml()
    book._fonts = IndexedList([palette.font()])
    book._named_styles["Normal"].font = palette.font()
    book.properties.creator = book.properties.lastModifiedBy = "xlcrm"
    book.properties.title = "xlcrm"
    book.properties.created = book.properties.modified = dt.datetime(*macro_workbook.STAMP)
    book.remove(book.worksheets[0])
    built: Workbook = book
    return built


def alone_on(table: str) -> str:
    """The title of the sheet on which a table stands alone; no sheet of ours is called so in any language."""
    return f"{table} (1)"


def _sheet(book: Workbook, name: str, names: Sequence[str], language: str) -> Worksheet:
    sheet: Worksheet = book.create_sheet(words.title(name, language))
    sheet.sheet_properties.codeName = macro_workbook.code_name(names.index(name) + 1)
    sheet.sheet_view.tabSelected = name == SHEETS[0] or None
    sheet.sheet_properties.tabColor = TABS.get(name, QUIET_TAB if name in QUIET else None)
    sheet.sheet_format.defaultRowHeight = 15
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    footer: Any = sheet.oddFooter
    footer.left.text, footer.right.text = "&A", "&P / &N"
    return sheet


def _one_table(sheet: Worksheet, spec: schema.TableSpec, language: str, *, ending: str = "") -> grid.Placed:
    """A table at the top of its sheet; `ending` parts its name from that of the same table elsewhere."""
    placed = grid.place(sheet, spec, language, values=starters(spec.name, language), ending=ending)
    grid.style_columns(sheet, placed, language)
    sheet.freeze_panes = sheet.cell(2, FROZEN_COLUMNS.get(spec.name, 0) + 1).coordinate
    sheet.print_title_rows = "1:1"
    across = sum(column.width for column in spec.columns)
    sheet.page_setup.fitToWidth = 1 + across // 240
    return placed
