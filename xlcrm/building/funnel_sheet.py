"""The sheet Funnel: how each salesperson, source, sector and territory does, on one page."""

from __future__ import annotations

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Border
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import grid, palette
from xlcrm.building.canvas import write_heading

TOP_ROW = 4


def draw_funnel(sheet: Worksheet, language: str) -> list[tuple[Worksheet, grid.Placed]]:
    """The table; a kind of group is named once, and rows without a group have no lines."""
    write_heading(sheet, words.title("Funnel", language), messages.text("sheet.funnel", language))
    table = grid.place(sheet, schema.table("Funnel"), language, row=TOP_ROW, filtered=False, quiet=True)
    grid.widths(sheet, [column.width + 2 for column in table.spec.columns])
    sheet.row_dimensions[TOP_ROW].height = 44
    names = [column.name for column in table.spec.columns]
    for row in range(table.first, table.last + 1):
        for name in names:
            sheet[f"{table.letter(name)}{row}"].border = Border()
        sheet[f"{table.letter('spend_12m')}{row}"].number_format = palette.WHOLE_MONEY
        sheet[f"{table.letter('group')}{row}"].font = palette.font(bold=True)
    _draw_lines(sheet, table)
    sheet.freeze_panes = f"C{TOP_ROW + 1}"
    sheet.page_setup.fitToHeight = 1
    return [(sheet, table)]


def _draw_lines(sheet: Worksheet, table: grid.Placed) -> None:
    """A line under each row, a darker one where a kind of group ends; one rule a cell, as LibreOffice takes no more."""
    by, group, end = "A", "B", table.letter(table.spec.columns[-1].name)
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
            sheet.conditional_formatting.add(cells, FormulaRule(formula=[formula], **look))  # type: ignore[no-untyped-call]
