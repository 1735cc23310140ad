"""Build ClientFile.xlsm sheet by sheet, so that `xlcrm new` and the committed file are one thing in any language."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import schema, words
from xlcrm.building import grid, macro_workbook, marks, palette, ribbon_xml, rules
from xlcrm.building.sheets import (
    card_sheet,
    figures_sheet,
    invoicing_sheets,
    pipeline_sheet,
    rhythm_sheet,
    settings_sheet,
)
from xlcrm.building.sheets.dashboard_sheet import dashboard_values, draw_dashboard
from xlcrm.building.sheets.result_sheets import draw_found, draw_funnel, draw_merged, funnel_values, starters
from xlcrm.building.sheets.start_sheet import draw_start, start_values

SHEETS = (
    "Start",
    "Dashboard",
    "Rhythm",
    "Funnel",
    "Clients",
    "People",
    "Purchases",
    "Interactions",
    "Opportunities",
    "Segments",
    "Found",
    "Card",
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
    "Rhythm": palette.BLUE,
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
    placed += rhythm_sheet.draw_rhythm(sheets["Rhythm"], language).values()
    placed += card_sheet.draw_card(sheets["Card"], language).values()
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
    values = figures_sheet.values(language) | dashboard_values(language) | start_values(language)
    values |= card_sheet.card_values(language) | funnel_values(language)
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


_SEVERAL = {"Start", "Dashboard", "Rhythm", "Funnel", "Found", "Card", "Merged", "Figures", "Settings"}
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
    _pages(sheet, placed)
    _fold(sheet, placed)
    return placed


FOLDED = {"Problems": "code"}  # for programs, and to look a problem up: the sentence beside it says the same in words


def _fold(sheet: Worksheet, placed: grid.Placed) -> None:
    """A column behind a plus sign at the sheet's edge."""
    name = FOLDED.get(placed.spec.name)
    if name:
        dimension = sheet.column_dimensions[placed.letter(name)]
        dimension.outlineLevel, dimension.hidden = 1, True


# Characters of all columns that a page holds at a size that people still read, upright and across (at 50 per cent).
UPRIGHT, ACROSS = 185, 300
# The last column that is printed of a table that nobody prints whole: of clients who they are and how to reach them,
# of opportunities all but the reason why one was lost and notes.
PRINTED = {"Clients": "city", "Opportunities": "closed_on"}


def _pages(sheet: Worksheet, placed: grid.Placed) -> None:
    """A narrow table stands upright and is never blown up; pages of a wide one follow across, each with its names."""
    letters = [grid.letter_of(placed.column + at) for at in range(len(placed.spec.columns))]
    if placed.spec.name in PRINTED:
        last = placed.letter(PRINTED[placed.spec.name])
        letters = letters[: letters.index(last) + 1]
        sheet.print_area = f"A1:{last}{grid.LAST_ROW}"
    wide = sum(sheet.column_dimensions[letter].width for letter in letters)
    if wide <= UPRIGHT:
        sheet.page_setup.orientation = "portrait"
    if wide <= UPRIGHT * 0.6:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=False)
        sheet.page_setup.scale = 70
        return
    sheet.page_setup.fitToWidth = math.ceil(wide / ACROSS)
    frozen = FROZEN_COLUMNS.get(placed.spec.name, 0)
    if sheet.page_setup.fitToWidth > 1 and frozen:
        sheet.print_title_cols = f"A:{grid.letter_of(frozen)}"
        sheet.page_setup.pageOrder = "overThenDown"
