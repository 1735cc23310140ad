"""The sheet Dashboard: key figures, charts, cohorts, who to call and who waits for us, on one A4 page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import charts, grid, marks, palette
from xlcrm.building.canvas import Canvas, write_heading
from xlcrm.building.sheets import figures_sheet, pipeline_sheet
from xlcrm.building.sheets.rhythm_sheet import AS_OF_ROW
from xlcrm.spend.dashboard import FIGURES

# Columns in characters: a margin; who to call (and, above it, the key figures); a gap; the cohorts.
CALLS = (9, 30, 17, 14, 51, 11)
COHORTS = (14, 9, 0, *(8.6,) * 11)  # without month 0, which is always whole
WIDTHS = (3, *CALLS, 2, *COHORTS)
CALLS_AT, COHORTS_AT = 2, 2 + len(CALLS) + 1
HIDDEN = grid.letter_of(COHORTS_AT + 2)
KEY_AT = CALLS_AT + 1

KEY_ROW, LISTS_ROW, CHARTS_ROW, WAITING_ROW, LAST_ROW = 4, 17, 31, 32, 43
TALL = {1: 40, 2: 22, KEY_ROW: 34, LISTS_ROW - 1: 26, LISTS_ROW: 34, CHARTS_ROW - 1: 12, WAITING_ROW - 1: 26}
ROW = 21
ZOOM = 80
CHANGE, CHANGE_WIDTH = (
    4,
    112,
)  # where the change of a key figure stands, and the pixels that it needs of its wide column
GAP = 10
FEW = 5  # clients of a month: a share of fewer says little
SHARE_OR_BLANK = "0%;-0%;"
EDGE = 2  # pixels that keep a frame on the page

NUMBER_FORMATS = {"money": "#,##0", "count": "#,##0", "days": "#,##0", "share": "0%"}


def draw_dashboard(
    sheet: Worksheet, fed: Mapping[str, tuple[Worksheet, grid.Placed]], language: str
) -> list[tuple[Worksheet, grid.Placed]]:
    """Everything on the sheet; `fed` are the tables of the sheet Figures. Returns the sheet's own four tables."""
    write_heading(sheet, words.title("Dashboard", language), f"={as_of_formula(language)}", column=CALLS_AT)
    heights = [TALL.get(row, ROW) for row in range(1, LAST_ROW + 1)]
    grid.widths(sheet, WIDTHS)
    for row, height in enumerate(heights, 1):
        sheet.row_dimensions[row].height = height * 0.75
    key = _key_figures(sheet, language)
    marks.mark_first_step(sheet, sheet.cell(2, CALLS_AT).coordinate, key.cells("value"))
    calls = _call_list(sheet, language)
    waiting = _waiting(sheet, language)
    cohorts = _cohorts(sheet, language)
    for table in (calls, waiting):
        _link_rows(sheet, table, language)
    sheet.column_dimensions[HIDDEN].hidden = True
    _draw_charts(sheet, Canvas(WIDTHS, heights), {**fed, "KeyFigures": (sheet, key)}, language)
    _fit(sheet)
    return [(sheet, key), (sheet, calls), (sheet, waiting), (sheet, cohorts)]


# Formulas: the day of the refresh from the sheet Rhythm, and a link to the row of each client named.


def as_of_formula(language: str) -> str:
    """The sentence of the last refresh (without "="); a workbook without one says what to do first."""
    return f"{grid.quoted('Rhythm', language)}!$A${AS_OF_ROW + 1}"


def _link_formula(cell: str, language: str) -> str:
    """An arrow to the client's row, nothing where there is none (without "=")."""
    clients = grid.quoted("Clients", language)
    found = f"MATCH({cell},{clients}!$A:$A,0)"
    return f'IF({cell}="","",IFERROR(HYPERLINK("#{clients}!A"&{found},"→"),""))'


def dashboard_values(language: str) -> dict[str, str | float]:
    """What the sheet's formulas come to in a new workbook."""
    rows = [*range(LISTS_ROW + 1, CHARTS_ROW - 1), *range(WAITING_ROW + 1, LAST_ROW + 1)]
    links = {_link_formula(f"$B{row}", language): "" for row in rows}
    return {as_of_formula(language): messages.text("dashboard.empty", language), **links}


def _link_rows(sheet: Worksheet, table: grid.Placed, language: str) -> None:
    """In the margin beside each row."""
    for row in range(table.first, table.last + 1):
        cell = sheet.cell(row, 1, f"={_link_formula(f'$B{row}', language)}")
        cell.font, cell.alignment = palette.font(color=palette.BLUE), palette.CENTRE


def _key_figures(sheet: Worksheet, language: str) -> grid.Placed:
    names = [(messages.text(f"figure.{figure.name}", language),) for figure in FIGURES]
    table = grid.place(
        sheet,
        schema.table("KeyFigures"),
        language,
        row=KEY_ROW,
        column=KEY_AT,
        values=names,
        filtered=False,
        quiet=True,
    )
    sheet[f"{table.letter('change')}{table.row}"].alignment = palette.LEFT
    for row in range(table.row, table.last + 1):  # the lines begin where the lists below begin
        sheet.cell(row, CALLS_AT).border = palette.underline(palette.MUTED if row == table.row else palette.LINE)
    for row, figure in enumerate(FIGURES, table.first):
        for column in ("value", "year_before"):
            cell = sheet[f"{table.letter(column)}{row}"]
            cell.number_format = NUMBER_FORMATS[figure.kind]
            bold = column == "value"  # beside it may stand a word
            _fitting(cell, palette.font(size=12, bold=True) if bold else palette.font(color=palette.MUTED))
        _fitting(sheet[f"{table.letter('figure')}{row}"], palette.font(size=11))
        change = sheet[f"{table.letter('change')}{row}"]
        change.number_format = "▲ 0%;▼ 0%;0%"
        change.alignment = palette.LEFT
        up, down = (palette.VERMILION, palette.BLUE) if figure.worse_up else (palette.BLUE, palette.VERMILION)
        for sign, colour in ((">", up), ("<", down)):
            formula = f"AND(ISNUMBER({change.coordinate}),{change.coordinate}{sign}0)"
            marks.mark(sheet, change.coordinate, formula, colour=colour)
    return table


def _call_list(sheet: Worksheet, language: str) -> grid.Placed:
    _section(sheet, CALLS_AT, words.title("CallList", language))
    spec = schema.table("CallList")
    table = grid.place(sheet, spec, language, row=LISTS_ROW, column=CALLS_AT, filtered=False, quiet=True)
    for row in range(table.first, table.last + 1):
        sheet[f"{table.letter('spend_12m')}{row}"].number_format = palette.WHOLE_MONEY
        for name in ("name", "phone"):
            _fitting(sheet[f"{table.letter(name)}{row}"], palette.font(bold=name == "name"))
        _fitting(sheet[f"{table.letter('reason')}{row}"])
    return table


def _waiting(sheet: Worksheet, language: str) -> grid.Placed:
    """Complaints that are open and follow-ups that are due; a complaint stands out."""
    _section(sheet, CALLS_AT, messages.text("sheet.waiting", language), WAITING_ROW)
    spec = schema.table("Waiting")
    table = grid.place(sheet, spec, language, row=WAITING_ROW, column=CALLS_AT, filtered=False, quiet=True)
    for row in range(table.first, table.last + 1):
        _fitting(sheet[f"{table.letter('name')}{row}"], palette.font(bold=True))
        _fitting(sheet[f"{table.letter('subject')}{row}"])
        what = sheet[f"{table.letter('what')}{row}"]
        complaint = words.choice_word("waiting", "complaint", language)
        marks.mark(sheet, what.coordinate, f'{what.coordinate}="{complaint}"', colour=palette.VERMILION)
    return table


def _cohorts(sheet: Worksheet, language: str) -> grid.Placed:
    _section(sheet, COHORTS_AT, messages.text("sheet.cohorts", language))
    spec = schema.table("Cohorts")
    table = grid.place(sheet, spec, language, row=LISTS_ROW, column=COHORTS_AT, filtered=False, quiet=True)
    months = [column.name for column in spec.columns if column.kind == "percent"]
    for name in ("clients", *months):
        for row in range(table.row, table.last + 1):
            cell = sheet[f"{table.letter(name)}{row}"]
            cell.alignment = palette.CENTRE
            cell.font = palette.font(size=9, color=palette.MUTED if row == table.row else palette.INK)
        if name in months:
            for row in range(table.first, table.last + 1):
                sheet[f"{table.letter(name)}{row}"].number_format = SHARE_OR_BLANK
    for column in spec.columns:  # all clients stand below, apart
        cell = sheet[f"{table.letter(column.name)}{table.last}"]
        cell.border = Border(top=Side(style="thin", color=palette.MUTED), bottom=Side(style="thin", color=palette.LINE))
        _fitting(cell, palette.font(size=9, bold=True))
    size = f"${table.letter('clients')}{table.first}"
    whole = f"{table.letter('cohort')}{table.first}:{table.letter(months[-1])}{table.last}"
    few = FormulaRule(formula=[f"AND(ISNUMBER({size}),{size}<{FEW})"], font=Font(color=palette.FAINT), stopIfTrue=True)
    sheet.conditional_formatting.add(whole, few)
    heat = f"{table.letter(months[1])}{table.first}:{table.letter(months[-1])}{table.last}"
    rule = ColorScaleRule(start_type="num", start_value=0, start_color="FFFFFF", end_type="max", end_color=palette.HEAT)
    sheet.conditional_formatting.add(heat, rule)
    return table


def _fitting(cell: Any, font: Font | None = None) -> None:
    """A sentence in small letters (or `font`), smaller still where it is too long for its cell."""
    cell.font = font or palette.font(size=9)
    there = cell.alignment
    cell.alignment = Alignment(vertical="center", horizontal=there.horizontal, indent=there.indent, shrink_to_fit=True)


def _section(sheet: Worksheet, column: int, words_: str, row: int = LISTS_ROW) -> None:
    """The heading above a list whose header stands in `row`."""
    cell = sheet.cell(row - 1, column, words_)
    cell.font = palette.font(size=12, bold=True, color=palette.NIGHT)
    cell.alignment = palette.BOTTOM


def _draw_charts(
    sheet: Worksheet, canvas: Canvas, fed: Mapping[str, tuple[Worksheet, grid.Placed]], language: str
) -> None:
    def title(name: str) -> str:
        return messages.text(f"chart.{name}", language)

    sheet_of_names, key = fed["KeyFigures"]
    names = [f"{charts.quoted(sheet_of_names)}!${key.letter(name)}${key.row}" for name in ("year_before", "value")]
    right = canvas.left(len(WIDTHS) + 1) - EDGE
    top = canvas.top(KEY_ROW)
    first = (
        charts.beside_the_year_before(
            fed["Months"], "spend", title("spend_year"), (palette.BLUE, palette.PALE_SKY), names
        ),
        charts.beside_the_year_before(
            fed["Months"], "new_clients", title("new_clients"), (palette.GREEN, palette.PALE_JADE), names
        ),
        pipeline_sheet.stages_chart(fed, language),
        pipeline_sheet.forecast_chart(fed, language),
    )
    start = canvas.left(CALLS_AT + CHANGE) + CHANGE_WIDTH
    _row_of_charts(sheet, canvas, first, (26, 24, 22, 28), (start, right), (top, canvas.top(LISTS_ROW - 1)))
    second = (
        charts.funnel(*fed["Stages"], figures_sheet.SPACER, title("stages"), figures_sheet.STAGE_COLOURS),
        charts.ranking(*fed["TopClients"], "spend", title("top_clients"), palette.BLUE, names=0.47),
        charts.ranking(*fed["Sectors"], "spend", title("sectors"), palette.ORANGE, names=0.32),
        charts.ranking(*fed["Buyers"], "clients", title("buyers"), palette.MUTED, names=0.52),
    )
    below = (canvas.top(CHARTS_ROW), canvas.top(LAST_ROW + 1))
    _row_of_charts(sheet, canvas, second, (19, 30, 31, 20), (canvas.left(COHORTS_AT), right), below)


def _row_of_charts(
    sheet: Worksheet, canvas: Canvas, row: tuple[Any, ...], shares: tuple[int, ...], across: tuple[int, int],
    down: tuple[int, int],
) -> None:  # fmt: skip
    """Charts beside each other from pixel to pixel, each as wide as its share."""
    left, right = across
    room = right - left - GAP * (len(row) - 1)
    for chart, share in zip(row, shares, strict=True):
        width = room * share // sum(shares)
        canvas.draw(sheet, chart, left, down[0], width, down[1] - down[0])
        left += width + GAP


def _fit(sheet: Worksheet) -> None:
    """One screen, one page."""
    sheet.sheet_view.zoomScale = ZOOM
    sheet.page_setup.fitToHeight = 1
    sheet.page_setup.fitToWidth = 1
    end = grid.letter_of(len(WIDTHS))
    sheet.print_area = f"A1:{end}{LAST_ROW}"
    sheet.print_options.horizontalCentered = True
