"""The sheet Card: everything about one client on one screen and one A4 page, filled by the button Show client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import charts, grid, marks, palette, rules
from xlcrm.building.canvas import Canvas, write_heading
from xlcrm.lists.client_card import BUSINESS, REACH, fact_labels

# Columns in characters: what was bought, a gap, contacts; behind the page the months that the chart stands on.
WIDTHS = (28, 17, 20, 19, 17, 2, 28, 19, 17, 22, 28)
LEFT, RIGHT, MONTHS = 1, 7, len(WIDTHS) + 2
OF_ROW, FIGURES_ROW, FACTS_ROW = 4, 7, 10
BOUGHT_ROW, PEOPLE_ROW, NOTES_ROW, LAST_ROW = 25, 35, 43, 46
# table -> its header's row and its first column
PLACES = {
    "CardOf": (OF_ROW, LEFT),
    "CardMoney": (FIGURES_ROW, LEFT),
    "CardDays": (FIGURES_ROW, RIGHT),
    "CardReach": (FACTS_ROW, LEFT),
    "CardBusiness": (FACTS_ROW, RIGHT),
    "CardPurchases": (BOUGHT_ROW, LEFT),
    "CardContacts": (BOUGHT_ROW, RIGHT),
    "CardOpen": (PEOPLE_ROW, LEFT),
    "CardPeople": (PEOPLE_ROW, RIGHT),
    "CardNotes": (NOTES_ROW, LEFT),
    "CardMonths": (FACTS_ROW, MONTHS),
}
UNTITLED = frozenset({"CardOf", "CardMoney", "CardDays"})
FACTS = {"CardReach": REACH, "CardBusiness": BUSINESS}
CHART_COLUMN = RIGHT + 3  # behind the facts
TALL = {1: 40, 2: 22, 3: 8, OF_ROW: 18, OF_ROW + 1: 36, 6: 8, FIGURES_ROW: 32, FIGURES_ROW + 1: 30}
TALL |= dict.fromkeys((FACTS_ROW - 1, BOUGHT_ROW - 1, PEOPLE_ROW - 1, NOTES_ROW - 1), 28)
TALL |= dict.fromkeys((FACTS_ROW, NOTES_ROW), 4)  # headers that would say the same again
ROW, ZOOM, EDGE, GAP = 20, 80, 2, 6
NUMBER = f"$A${OF_ROW + 1}"


def draw_card(sheet: Worksheet, language: str) -> dict[str, tuple[Worksheet, grid.Placed]]:
    """The sheet without a client; table name -> where it stands."""
    write_heading(sheet, words.title("Card", language), f"={_heading_formula(language)}")
    grid.widths(sheet, WIDTHS)
    heights = [TALL.get(row, ROW) for row in range(1, LAST_ROW + 1)]
    for row, height in enumerate(heights, 1):
        sheet.row_dimensions[row].height = height * 0.75
    found = {name: (sheet, _place(sheet, name, language)) for name in PLACES}
    placed = {name: table for name, (_, table) in found.items()}
    _choose(sheet, placed["CardOf"], language)
    for name in ("CardMoney", "CardDays"):
        _figures(sheet, placed[name])
    for name in FACTS:
        _facts(sheet, placed[name])
    _mark(sheet, placed)  # before the lines: where two rules hold, LibreOffice takes the first
    for name in ("CardPurchases", "CardContacts", "CardOpen", "CardPeople"):
        _small(sheet, placed[name])
    _notes(sheet, placed["CardNotes"])
    _draw_chart(sheet, Canvas(WIDTHS, heights), found, language)
    sheet.sheet_view.zoomScale = ZOOM
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.print_area = f"A1:{grid.letter_of(len(WIDTHS))}{LAST_ROW}"
    sheet.print_options.horizontalCentered = True
    return found


def card_values(language: str) -> dict[str, str | float]:
    """What the sheet's formula comes to in a new workbook."""
    return {_heading_formula(language): messages.text("sheet.card", language)}


def _heading_formula(language: str) -> str:
    """What to do, or that the number chosen is not that of the client below (without "=")."""
    shown = f"$B${FACTS_ROW + 1}"
    usual, other = (messages.text(key, language).replace('"', '""') for key in ("sheet.card", "card.other"))
    return f'IF(TRIM({NUMBER})=TRIM({shown}),"{usual}","{other}")'


def _place(sheet: Worksheet, name: str, language: str) -> grid.Placed:
    row, column = PLACES[name]
    if name not in UNTITLED:
        title = sheet.cell(row - 1, column, words.title(name, language))
        title.font = palette.font(size=12, bold=True, color=palette.NIGHT)
        title.alignment = palette.BOTTOM
    values = [(label or None,) for label in fact_labels(FACTS.get(name, ()), language)]
    return grid.place(
        sheet, schema.table(name), language, row=row, column=column, values=values, filtered=False, quiet=True
    )


def _choose(sheet: Worksheet, table: grid.Placed, language: str) -> None:
    """The number with its drop-down, the day, and the name as large as a name should be."""
    number, day, name = (sheet.cell(table.first, table.column + at) for at in range(3))
    number.font, number.alignment = palette.font(size=14, bold=True), palette.LEFT_FLUSH
    number.fill = palette.fill(palette.SHADE)
    day.font, day.alignment = palette.font(color=palette.MUTED), palette.LEFT_FLUSH
    name.font, name.alignment = palette.font(size=16, bold=True, color=palette.BLUE), palette.MIDDLE
    for at, cell in enumerate((number, day, name)):
        cell.border = Border()
        head = sheet.cell(table.row, table.column + at)
        head.alignment, head.border = palette.LEFT_FLUSH, Border()
    offered = rules.warning(rules.offer(rules.CLIENT_IDS), "entry.list", language)
    offered.add(number.coordinate)
    sheet.add_data_validation(offered)


def _figures(sheet: Worksheet, table: grid.Placed) -> None:
    for column in table.spec.columns:
        head, cell = (sheet[f"{table.letter(column.name)}{row}"] for row in (table.row, table.first))
        head.alignment = Alignment(horizontal="left", vertical="bottom", wrap_text=True)
        cell.font = palette.font(size=12, bold=True)
        cell.alignment = Alignment(horizontal="left", vertical="center", shrink_to_fit=True)
        cell.fill = palette.fill(palette.SHADE)
        if column.kind == "money":
            cell.number_format = palette.MONEY


def _facts(sheet: Worksheet, table: grid.Placed) -> None:
    """The words small and grey, what is known beside them over the free cells at the right."""
    for row in range(table.row, table.last + 1):
        label, value = (sheet.cell(row, table.column + at) for at in range(2))
        label.border = value.border = Border()
        label.font = palette.font(size=9, color=palette.PAPER if row == table.row else palette.MUTED)
        value.font = palette.font(color=palette.PAPER) if row == table.row else palette.font()
        label.alignment = Alignment(vertical="center", shrink_to_fit=True)
        value.alignment = palette.MIDDLE
    words_at, facts_at = table.letter("fact"), table.letter("value")
    unknown = f'${facts_at}{table.first}=""'
    marks.mark(sheet, f"{words_at}{table.first}:{words_at}{table.last}", unknown, colour=palette.FAINT)


def _small(sheet: Worksheet, table: grid.Placed) -> None:
    """Texts that are too long for their cell get smaller; a line under each row that holds something."""
    for row in range(table.first, table.last + 1):
        for column in table.spec.columns:
            cell: Any = sheet[f"{table.letter(column.name)}{row}"]
            cell.font, cell.border = palette.font(size=9), Border()
            side = "right" if column.kind in schema.NUMBERS else "left"
            indent = cell.alignment.indent if side == "right" else 0
            cell.alignment = Alignment(vertical="center", horizontal=side, indent=indent, shrink_to_fit=True)
    first, last = (grid.letter_of(table.column + at) for at in (0, len(table.spec.columns) - 1))
    filled = f"COUNTA(${first}{table.first}:${last}{table.first})>0"
    line = FormulaRule(formula=[filled], border=palette.underline())
    sheet.conditional_formatting.add(f"{first}{table.first}:{last}{table.last}", line)


def _notes(sheet: Worksheet, table: grid.Placed) -> None:
    """Whole lines that run over the cells at their right."""
    for row in range(table.row, table.last + 1):
        cell = sheet.cell(row, table.column)
        cell.border, cell.alignment = Border(), palette.MIDDLE
        cell.font = palette.font(size=9, color=palette.PAPER if row == table.row else palette.INK)


def _mark(sheet: Worksheet, placed: Mapping[str, grid.Placed]) -> None:
    """What is overdue and what somebody doesn't want stands out, and a number whose client isn't the one below."""
    other = f"TRIM({NUMBER})<>TRIM($B${FACTS_ROW + 1})"
    marks.mark(sheet, NUMBER.replace("$", ""), other, fill=palette.PALE_AMBER)
    marks.mark(sheet, "A2", other, colour=palette.VERMILION, bold=True)
    days, due = placed["CardDays"], placed["CardOpen"]
    late = f"{days.letter('overdue_amount')}{days.first}"
    marks.mark(sheet, late, f"AND(ISNUMBER({late}),{late}>0)", colour=palette.VERMILION, bold=True)
    first = f"${due.letter('due_on')}{due.first}"
    past, cells = (
        f"AND(ISNUMBER({first}),{first}<TODAY())",
        f"{due.letter('what')}{due.first}:{due.letter('what')}{due.last}",
    )
    marks.mark(sheet, cells, past, colour=palette.VERMILION, bold=True, border=palette.underline())
    facts = placed["CardBusiness"]
    for name in marks.OPT_OUTS:
        cell = f"{facts.letter('value')}{facts.first + BUSINESS.index(name)}"
        marks.mark(sheet, cell, marks.yes(cell), colour=palette.VERMILION, bold=True)


def _draw_chart(
    sheet: Worksheet, plane: Canvas, found: Mapping[str, tuple[Worksheet, grid.Placed]], language: str
) -> None:
    """The last twelve months beside those of the year before."""
    money, months = found["CardMoney"][1], found["CardMonths"][1]
    names = [f"{charts.quoted(sheet)}!${money.letter(name)}${money.row}" for name in ("spend_before_12m", "spend_12m")]
    chart = charts.beside_the_year_before(
        found["CardMonths"], "spend", messages.text("chart.card", language), (palette.BLUE, palette.PALE_SKY), names
    )
    left, top = plane.left(CHART_COLUMN) + GAP, plane.top(FACTS_ROW - 1) + 8
    width, height = plane.left(len(WIDTHS) + 1) - left - EDGE, plane.top(FACTS_ROW + 14) - top
    plane.draw(sheet, chart, left, top, width, height)
    for row in range(months.row, months.last + 1):
        for at in range(2):
            cell = sheet.cell(row, months.column + at)
            cell.font = palette.font(size=9, color=palette.FAINT)
            cell.border = Border()
