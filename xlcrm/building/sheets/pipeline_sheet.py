"""The pipeline on the sheet Funnel, below the groups: opportunities by stage, win rates, forecast; and replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Border, Side
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import charts, grid, palette
from xlcrm.building.canvas import Canvas
from xlcrm.building.sheets.result_sheets import FUNNEL_TOP_ROW, draw_lines, starters
from xlcrm.opportunities.deal_tables import MONTHS
from xlcrm.opportunities.deals import OPEN

TABLES = ("Bottleneck", "Pipeline", "PipelineBy", "WinRates", "Forecast", "Replies")
Fed = dict[str, tuple[Worksheet, grid.Placed]]

HEAD_ROW = FUNNEL_TOP_ROW + schema.table("Funnel").fixed_rows + 3
FIRST_ROW, SECOND_ROW = HEAD_ROW + 5, HEAD_ROW + 18  # of the headers of both bands of tables
REPLIES_ROW = SECOND_ROW + schema.table("Forecast").fixed_rows + 3  # below them what was sent, and who replied
# Where each table stands: the row and column of its header. The columns are as wide as the groups above want them.
PLACES = {
    "Bottleneck": (HEAD_ROW + 1, 1),
    "Pipeline": (FIRST_ROW, 1),
    "PipelineBy": (FIRST_ROW, 11),
    "WinRates": (SECOND_ROW, 1),
    "Forecast": (SECOND_ROW, 11),
    "Replies": (REPLIES_ROW, 11),
}
NAMES = {"Pipeline": "stage", "PipelineBy": "salesperson", "WinRates": "group", "Replies": "list"}  # the column in bold
CHARTS_AT, CHARTS_END = 8, 10  # the columns between the tables
BOTH, COLOURS = ("amount", "weighted"), (palette.PALE_SKY, palette.BLUE)
TALL = 44


def draw_pipeline(sheet: Worksheet, language: str) -> Fed:
    """The six tables and two charts; table name -> where it stands."""
    head = sheet.cell(HEAD_ROW, 1, words.title("Opportunities", language))
    head.font = palette.font(size=14, bold=True, color=palette.NIGHT)
    head.alignment = palette.MIDDLE
    sheet.row_dimensions[HEAD_ROW].height = 26
    found: Fed = {name: (sheet, _place(sheet, name, language)) for name in TABLES}
    _one_line(sheet, found["Bottleneck"][1])
    for row in (FIRST_ROW, SECOND_ROW, REPLIES_ROW):
        sheet.row_dimensions[row].height = TALL * 0.75
    for name in ("Pipeline", "PipelineBy", "Forecast", "Replies"):
        _rows_with_lines(sheet, found[name][1])
    draw_lines(sheet, found["WinRates"][1])
    _emphasise(sheet, found)
    _draw_charts(sheet, found, language)
    _link(sheet, language)
    _pages(sheet)
    return found


def _place(sheet: Worksheet, name: str, language: str) -> grid.Placed:
    row, column = PLACES[name]
    spec = schema.table(name)
    if name != "Bottleneck":
        title = sheet.cell(row - 1, column, words.title(name, language))
        title.font = palette.font(size=12, bold=True, color=palette.NIGHT)
        title.alignment = palette.BOTTOM
    table = grid.place(
        sheet, spec, language, row=row, column=column, values=starters(name, language), filtered=False, quiet=True
    )
    for definition in spec.columns:
        for at in range(table.first, table.last + 1):
            cell = sheet[f"{table.letter(definition.name)}{at}"]
            cell.border = Border()
            if definition.kind in ("money", "days", "integer"):
                cell.number_format = palette.WHOLE_OR_DASH
    for at in range(table.first, table.last + 1) if name in NAMES else ():
        cell = sheet[f"{table.letter(NAMES[name])}{at}"]
        cell.font, cell.alignment = palette.font(bold=True), palette.FITTING
    return table


def _one_line(sheet: Worksheet, table: grid.Placed) -> None:
    """The sentence runs over the cells at its right."""
    for row in (table.row, table.first):
        sheet.cell(row, table.column).alignment = palette.MIDDLE
        sheet.cell(row, table.column).border = Border()
    sheet.cell(table.first, table.column).font = palette.font(size=11)


def _rows_with_lines(sheet: Worksheet, table: grid.Placed) -> None:
    """A line under each row that holds something."""
    first, last = table.letter(table.spec.columns[0].name), table.letter(table.spec.columns[-1].name)
    rule = FormulaRule(formula=[f'${first}{table.first}<>""'], border=palette.underline())
    sheet.conditional_formatting.add(f"{first}{table.first}:{last}{table.last}", rule)


def _emphasise(sheet: Worksheet, found: Mapping[str, tuple[Worksheet, grid.Placed]]) -> None:
    """All open ones are a sum; what is overdue, later or undated is parted from the months."""
    pipeline, forecast = found["Pipeline"][1], found["Forecast"][1]
    line = Border(top=Side(style="thin", color=palette.MUTED))
    for table, row in ((pipeline, pipeline.first + len(OPEN)), (forecast, forecast.first + MONTHS)):
        for column in table.spec.columns:
            cell = sheet[f"{table.letter(column.name)}{row}"]
            cell.border = line
            if table is pipeline:
                cell.font = palette.font(bold=True)


def _draw_charts(sheet: Worksheet, found: Fed, language: str) -> None:
    sizes = [sheet.column_dimensions[grid.letter_of(at)].width for at in range(1, CHARTS_END + 2)]
    last = SECOND_ROW + schema.table("WinRates").fixed_rows
    heights = [int((sheet.row_dimensions[row].height or 15) / 0.75) for row in range(1, last + 2)]
    plane = Canvas(sizes, heights)
    left, right = plane.left(CHARTS_AT) + 16, plane.left(CHARTS_END + 1) - 16
    days = charts.spans(
        *found["Pipeline"], "days_median", messages.text("chart.stage_days", language), palette.ORANGE, rows=len(OPEN)
    )
    top = plane.top(FIRST_ROW - 1)
    plane.draw(sheet, days, left, top, right - left, plane.top(FIRST_ROW + 10) - top)
    top = plane.top(SECOND_ROW - 1)
    months = forecast_chart(found, language, turned=True)
    plane.draw(sheet, months, left, top, right - left, plane.top(SECOND_ROW + 16) - top)


def forecast_chart(fed: Mapping[str, tuple[Worksheet, grid.Placed]], language: str, *, turned: bool = False) -> Any:
    """What open deals may bring in each of twelve months: amounts, and weighted ones in front; see `charts.twofold`."""
    title = messages.text("chart.forecast", language)
    return charts.twofold(*fed["Forecast"], BOTH, title, COLOURS, rows=MONTHS, direction="col", turned=turned)


def stages_chart(fed: Mapping[str, tuple[Worksheet, grid.Placed]], language: str) -> Any:
    """What stands at each open stage, likewise."""
    title = messages.text("chart.pipeline", language)
    return charts.twofold(*fed["Pipeline"], BOTH, title, COLOURS, rows=len(OPEN), direction="bar")


def _link(sheet: Worksheet, language: str) -> None:
    """Beside the title of the sheet, the way down."""
    cell = sheet.cell(1, 5, f"{words.title('Opportunities', language)} ↓")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{grid.quoted('Funnel', language)}!A{HEAD_ROW}")
    cell.font = palette.font(color=palette.BLUE, underline="single")
    cell.alignment = palette.MIDDLE


def _pages(sheet: Worksheet) -> None:
    """Two pages, the groups and the opportunities; Excel heeds a break only where a page has a scale of its own."""
    sheet.sheet_properties.pageSetUpPr.fitToPage = False  # type: ignore[union-attr]
    sheet.page_setup.scale = 64
    sheet.row_breaks.append(Break(id=HEAD_ROW - 1))
