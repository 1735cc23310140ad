"""The sheet Rhythm: each month beside that of the year before, its season, and products bought by the same clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.styles import Border
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import charts, grid, marks, palette
from xlcrm.building.canvas import Canvas

AS_OF_ROW, SEASONS_ROW, TOGETHER_ROW = 2, 5, 21
NARROW = 13
WIDTHS = (28, 28, *[NARROW] * 9)
CHART_FROM = 7  # the column where the chart beside the products begins
SHARES = "▲ 0%;▼ 0%;0%"


def draw_rhythm(sheet: Worksheet, language: str) -> dict[str, tuple[Worksheet, grid.Placed]]:
    """The three tables and a chart, on one A4 page; table name -> where it stands."""
    head = sheet.cell(1, 1, words.title("Rhythm", language))
    head.font, head.alignment = palette.font(size=18, bold=True, color=palette.NIGHT), palette.MIDDLE
    sheet.sheet_view.showGridLines = False
    grid.widths(sheet, WIDTHS)
    found = {
        name: (sheet, _place(sheet, name, row, language))
        for name, row in (("AsOf", AS_OF_ROW), ("Seasons", SEASONS_ROW), ("Together", TOGETHER_ROW))
    }
    _as_of(sheet, found["AsOf"][1])
    marks.mark_first_step(sheet, f"A{found['AsOf'][1].first}", found["Seasons"][1].cells("spend"))
    _look(sheet, found)
    note = sheet.cell(TOGETHER_ROW + schema.table("Together").fixed_rows + 1, 1, _say("sheet.together", language))
    note.font = palette.font(size=9, color=palette.MUTED)
    title = _say("chart.season", language)
    _put_chart(sheet, charts.ranking(*found["Seasons"], "season", title, palette.SKY, names=0.16, shown="0%"))
    sheet.page_setup.fitToHeight = 1
    return found


def _say(key: str, language: str) -> str:
    return messages.text(key, language)


def _place(sheet: Worksheet, name: str, row: int, language: str) -> grid.Placed:
    if name != "AsOf":
        title = sheet.cell(row - 1, 1, words.title(name, language))
        title.font, title.alignment = palette.font(size=12, bold=True, color=palette.NIGHT), palette.BOTTOM
        sheet.row_dimensions[row - 1].height = 24
    first = [(_say("dashboard.empty", language),)] if name == "AsOf" else ()
    table = grid.place(sheet, schema.table(name), language, row=row, values=first, filtered=False, quiet=True)
    if name != "AsOf":
        sheet.row_dimensions[row].height = grid.header_height(table, NARROW, language)
    return table


def _as_of(sheet: Worksheet, table: grid.Placed) -> None:
    """The sentence runs over the cells at its right; its header is small."""
    for row in (table.row, table.first):
        sheet.cell(row, 1).alignment = palette.MIDDLE
        sheet.cell(row, 1).border = Border()
    sheet.cell(table.row, 1).font = palette.font(size=9, color=palette.PAPER)  # it would say the same twice


def _look(sheet: Worksheet, found: Mapping[str, tuple[Worksheet, grid.Placed]]) -> None:
    """Whole amounts, arrows for the change, what belongs to the year before in grey."""
    seasons = found["Seasons"][1]
    for row in range(seasons.first, seasons.last + 1):
        for column in seasons.spec.columns:
            cell: Any = sheet[f"{seasons.letter(column.name)}{row}"]
            if column.kind == "money":
                cell.number_format = palette.WHOLE_MONEY
            if column.name.endswith("_before"):
                cell.font = palette.font(color=palette.MUTED)
        change = sheet[f"{seasons.letter('change')}{row}"]
        change.number_format = SHARES
        for sign, colour in ((">", palette.BLUE), ("<", palette.VERMILION)):
            there = f"AND(ISNUMBER({change.coordinate}),{change.coordinate}{sign}0)"
            marks.mark(sheet, change.coordinate, there, colour=colour)
        sheet[f"{seasons.letter('month')}{row}"].font = palette.font(bold=True)


def _put_chart(sheet: Worksheet, chart: Any) -> None:
    """Beside the products."""
    last = TOGETHER_ROW + schema.table("Together").fixed_rows
    heights = [int((sheet.row_dimensions[row].height or 15) / 0.75) for row in range(1, last + 1)]
    plane = Canvas(WIDTHS, heights)
    left, top = plane.left(CHART_FROM) + 16, plane.top(TOGETHER_ROW - 1)
    plane.draw(sheet, chart, left, top, plane.left(len(WIDTHS) + 1) - left - 2, plane.top(last + 1) - top)
