"""The sheet Dashboard: key figures, charts, cohorts and who to call, on one screen and one A4 page."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import grid
from xlcrm.building.heading import write_heading


def draw_dashboard(
    sheet: Worksheet, fed: Mapping[str, tuple[Worksheet, grid.Placed]], language: str
) -> list[tuple[Worksheet, grid.Placed]]:
    write_heading(sheet, words.title("Dashboard", language), messages.text("sheet.dashboard", language))
    key = grid.place(sheet, schema.table("KeyFigures"), language, row=4, filtered=False)
    cohorts = grid.place(sheet, schema.table("Cohorts"), language, row=16, filtered=False)
    calls = grid.place(sheet, schema.table("CallList"), language, row=32, filtered=False)
    return [(sheet, key), (sheet, cohorts), (sheet, calls)]
