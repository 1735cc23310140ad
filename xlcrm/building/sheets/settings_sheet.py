"""The sheet Settings: what a team decides once, each with a sentence that says what it does."""

from __future__ import annotations

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import grid, palette, rules
from xlcrm.building.canvas import write_heading
from xlcrm.messages import LANGUAGES

TOP_ROW = 3
OFFERED = {"country": rules.COUNTRIES, "language": LANGUAGES}
WIDE, LABEL_WIDE = 84, 18
LABELS_AT = 11  # the column where the label sheets begin, which print on a page of their own


def draw_settings(sheet: Worksheet, language: str, country: str, currency: str) -> list[tuple[Worksheet, grid.Placed]]:
    """Settings with their defaults (whole numbers as numbers), exchange rates beside them, then the salespeople."""
    write_heading(sheet, words.title("Settings", language), messages.text("sheet.settings", language))
    chosen = {**schema.SETTINGS, "language": language, "country": country, "currency": currency}
    values = [
        (words.setting(name, language), int(value) if value.isdecimal() else value or None, _meaning(name, language))
        for name, value in chosen.items()
    ]
    main = grid.place(sheet, schema.table("Settings"), language, row=TOP_ROW, values=values, filtered=False)
    rates = grid.place(sheet, schema.table("Rates"), language, row=TOP_ROW, column=5, filtered=False)
    labels = grid.place(sheet, schema.table("LabelSheets"), language, row=TOP_ROW, column=LABELS_AT, filtered=False)
    people = sheet.cell(TOP_ROW, 9, messages.text("sheet.salespeople", language))
    people.font = palette.font(bold=True, color=palette.PAPER)
    people.fill = palette.fill(palette.NIGHT)
    people.alignment = palette.HEADER_ALIGNMENT
    for row in range(rules.SALES_FIRST, rules.SALES_FIRST + rules.SALES_ROWS):
        cell = sheet.cell(row, 9)
        cell.number_format = palette.TEXT
        cell.border = palette.underline()
    grid.widths(sheet, (40, 22, WIDE, 3, 12, 12, 14, 3, 24, 3, 18, *[LABEL_WIDE] * 9))
    sheet.row_dimensions[TOP_ROW].height = grid.header_height(labels, LABEL_WIDE, language)
    _pages(sheet)
    for row in range(main.first, main.last + 1):
        sheet.cell(row, 1).font = palette.font(bold=True)
        sheet.cell(row, 2).fill = palette.fill(palette.SHADE)
        sheet.cell(row, 2).alignment = palette.TOP
        sheet.cell(row, 3).alignment = palette.TOP
        sheet.cell(row, 3).font = palette.font(color=palette.MUTED)
        sheet.row_dimensions[row].height = 4 + 13 * grid.lines_of(str(sheet.cell(row, 3).value), WIDE)
    _offer_values(sheet, main, list(chosen), language)
    sheet.freeze_panes = f"A{TOP_ROW + 1}"
    return [(sheet, main), (sheet, rates), (sheet, labels)]


def _pages(sheet: Worksheet) -> None:
    """Two pages; Excel heeds a break only where a page has a scale of its own."""
    sheet.sheet_properties.pageSetUpPr.fitToPage = False  # type: ignore[union-attr]
    sheet.page_setup.scale = 60
    sheet.col_breaks.append(Break(id=LABELS_AT - 1))


def _offer_values(sheet: Worksheet, main: grid.Placed, names: list[str], language: str) -> None:
    """Drop-downs for country and language; a question where a number of backups or days is no whole number."""
    for row, name in enumerate(names, main.first):
        if name in OFFERED:
            rule = rules.warning(rules.offer(OFFERED[name]), "entry.list", language)
        elif schema.SETTINGS[name].isdecimal():
            rule = DataValidation("whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
            rule = rules.warning(rule, "entry.number", language)
        else:
            continue
        rule.add(f"{main.letter('value')}{row}")
        sheet.add_data_validation(rule)


def _meaning(name: str, language: str) -> str:
    return messages.text(f"setting.{name}", language)
