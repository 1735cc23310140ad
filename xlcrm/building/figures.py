"""The sheet Figures: the tables that feed the charts, with a fixed number of rows so that the charts never move."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import grid
from xlcrm.building.heading import write_heading

TOP_ROW = 4
_COLUMNS = {"Months": 1, "Stages": 7, "TopClients": 11, "Sectors": 14, "Buyers": 17}


def draw_figures(sheet: Worksheet, language: str) -> dict[str, tuple[Worksheet, grid.Placed]]:
    """The feeding tables side by side; table name -> where it stands."""
    write_heading(sheet, words.title("Figures", language), messages.text("sheet.figures", language))
    found: dict[str, tuple[Worksheet, grid.Placed]] = {}
    for name, column in _COLUMNS.items():
        spec = schema.table(name)
        found[name] = (sheet, grid.place(sheet, spec, language, row=TOP_ROW, column=column, filtered=False))
        grid.widths(sheet, [c.width + 2 for c in spec.columns], column)
    sheet.freeze_panes = f"A{TOP_ROW + 1}"
    return found
