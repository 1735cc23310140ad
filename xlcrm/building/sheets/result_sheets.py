"""Sheets of results: Found, Merged and Funnel, and the first rows of Lists and Segments."""

from __future__ import annotations

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Border
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import grid, palette
from xlcrm.building.canvas import write_heading
from xlcrm.building.marks import mark_first_step
from xlcrm.lists.list_order import forms_of
from xlcrm.opportunities.deals import CLOSED, OPEN

# The first rows of the sheets Lists, Segments and Found: they work on the first click and show how they are filled.

Row = tuple[object, ...]


def starters(table: str, language: str) -> list[Row]:
    """Rows in the order of the table's columns, in the workbook's words; none for the other tables."""
    if table == "Lists":
        return [_list(kind, language) for kind in ("mailing", "labels", "letters", "invoicing")]
    if table == "Segments":
        women, quiet = (messages.text(f"starter.{name}", language) for name in ("women", "quiet"))
        return [
            (women, words.header("Clients", "gender", language), "=", "F"),
            (women, messages.text("starter.spend", language), ">", 500, 30),
            (quiet, words.header("Clients", "days_since", language), ">", 180),
        ]
    if table == "FoundBy":
        return [(messages.text("starter.women", language),)]
    return _first_figures(table, language)


def _first_figures(table: str, language: str) -> list[Row]:
    """What stands in the tables of opportunities before the first refresh: the stages for the charts, a sentence.

    A table of one blank row would be read as one without rows.
    """
    if table == "Bottleneck":
        return [(messages.text("pipeline.no_bottleneck", language),)]
    if table != "Pipeline":
        return []
    names = [words.choice_word("stage", name, language) for name in (*OPEN, *CLOSED)]
    return [(name,) for name in (*names[: len(OPEN)], messages.text("pipeline.open", language), *names[len(OPEN) :])]


def _list(kind: str, language: str) -> Row:
    word = words.choice_word("list", kind, language)
    row: dict[str, object] = {
        "list": messages.text(f"starter.{kind}", language),
        "kind": word,
        "format": forms_of(kind)[0],
        # the first letters are a test of five: nobody wants hundreds that say what we wrote
        "test": words.choice_word("done", "yes", language) if kind == "letters" else None,
    }
    return tuple(row.get(column.name) for column in schema.table("Lists").columns)


BY_ROW, TOP_ROW = 4, 7


def draw_found(sheet: Worksheet, language: str) -> list[tuple[Worksheet, grid.Placed]]:
    """One row with the search above the list of those found; the list may grow and shrink, the row stays."""
    write_heading(sheet, words.title("Found", language), messages.text("sheet.found", language))
    found = grid.place(sheet, schema.table("Found"), language, row=TOP_ROW)
    grid.style_columns(sheet, found, language)
    # the search stands above the name, where there is room for it
    by = grid.place(
        sheet,
        schema.table("FoundBy"),
        language,
        row=BY_ROW,
        column=2,
        values=starters("FoundBy", language),
        filtered=False,
        quiet=True,
    )
    search = sheet[f"{by.letter('search')}{by.first}"]
    search.font = palette.font(bold=True)
    search.alignment = palette.HEADER_ALIGNMENT
    search.fill = palette.fill(palette.SHADE)
    for name in ("clients", "found_on"):
        sheet[f"{by.letter(name)}{by.row}"].alignment = palette.HEADER_ALIGNMENT
        sheet[f"{by.letter(name)}{by.first}"].alignment = palette.LEFT_FLUSH
    sheet.row_dimensions[by.first].height = 42  # conditions may take three lines
    sheet.freeze_panes = f"C{TOP_ROW + 1}"
    sheet.print_title_rows = f"{TOP_ROW}:{TOP_ROW}"
    sheet.page_setup.fitToWidth = 1
    return [(sheet, by), (sheet, found)]


MERGED_TOP_ROW = 4


def draw_merged(sheet: Worksheet, language: str) -> list[tuple[Worksheet, grid.Placed]]:
    """Who was merged into whom, and beside it which clients somebody said are two."""
    write_heading(sheet, words.title("Merged", language), messages.text("sheet.merged", language))
    merged, decisions = schema.table("Merged"), schema.table("Decisions")
    beside = len(merged.columns) + 2
    placed = [
        grid.place(sheet, merged, language, row=MERGED_TOP_ROW),
        grid.place(sheet, decisions, language, row=MERGED_TOP_ROW, column=beside, filtered=False),
    ]
    for table in placed:
        grid.style_columns(sheet, table, language)
    sheet.freeze_panes = f"A{MERGED_TOP_ROW + 1}"
    sheet.print_title_rows = f"{MERGED_TOP_ROW}:{MERGED_TOP_ROW}"
    sheet.page_setup.fitToWidth = 1
    return [(sheet, table) for table in placed]


# The sheet Funnel: how each salesperson, source, sector and territory does, on one page.

FUNNEL_TOP_ROW = 4


def _funnel_formula(language: str) -> str:
    """What the sheet shows, or what to do first where it shows nothing yet (without "=")."""
    first, usual = (messages.text(key, language).replace('"', '""') for key in ("dashboard.empty", "sheet.funnel"))
    return f'IF($A${FUNNEL_TOP_ROW + 1}="","{first}","{usual}")'


def funnel_values(language: str) -> dict[str, str | float]:
    """What the sheet's formula comes to in a new workbook."""
    return {_funnel_formula(language): messages.text("dashboard.empty", language)}


def draw_funnel(sheet: Worksheet, language: str) -> list[tuple[Worksheet, grid.Placed]]:
    """The table; a kind of group is named once, and rows without a group have no lines."""
    write_heading(sheet, words.title("Funnel", language), f"={_funnel_formula(language)}")
    table = grid.place(sheet, schema.table("Funnel"), language, row=FUNNEL_TOP_ROW, filtered=False, quiet=True)
    grid.widths(sheet, [column.width + 2 for column in table.spec.columns])
    sheet.row_dimensions[FUNNEL_TOP_ROW].height = 44
    names = [column.name for column in table.spec.columns]
    for row in range(table.first, table.last + 1):
        for name in names:
            sheet[f"{table.letter(name)}{row}"].border = Border()
        sheet[f"{table.letter('spend_12m')}{row}"].number_format = palette.WHOLE_MONEY
        sheet[f"{table.letter('group')}{row}"].font = palette.font(bold=True)
    draw_lines(sheet, table)
    mark_first_step(sheet, "A2", table.cells("clients"))
    sheet.freeze_panes = f"C{FUNNEL_TOP_ROW + 1}"
    return [(sheet, table)]


def draw_lines(sheet: Worksheet, table: grid.Placed) -> None:
    """A line under each row, a darker one where a kind of group ends; one rule a cell, as LibreOffice takes no more."""
    by, group, end = table.letter("by"), table.letter("group"), table.letter(table.spec.columns[-1].name)
    cell = f"${by}{table.first}"
    filled, ends, again = f'{cell}<>""', f"{cell}<>${by}{table.first + 1}", f"{cell}=${by}{table.row}"
    thick, thin = palette.underline(palette.MUTED), palette.underline()
    unseen = palette.unseen()
    rules = {
        f"{by}{table.first}:{by}{table.last}": (
            (f"AND({filled},{again},{ends})", {"font": unseen, "border": thick}),
            (f"AND({filled},{again})", {"font": unseen}),
            (f"AND({filled},{ends})", {"border": thick}),
        ),
        f"{group}{table.first}:{end}{table.last}": (
            (f"AND({filled},{ends})", {"border": thick}),
            (f"AND({filled},NOT({ends}))", {"border": thin}),
        ),
    }
    for cells, ones in rules.items():
        for formula, look in ones:
            sheet.conditional_formatting.add(cells, FormulaRule(formula=[formula], **look))
