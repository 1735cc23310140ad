"""Sheets of invoicing: Receivables (what is open, by month, how clients pay) and Seller (who sells, and how)."""

from __future__ import annotations

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import charts, grid, palette, rules
from xlcrm.building.canvas import write_heading
from xlcrm.documents.receivables import FIGURES

FIGURES_ROW, CLIENTS_ROW = 4, 19
MONTHS_COLUMN, CHART_CELL = 4, "H4"
WIDTHS = (44, 30, 12, 14, 14, 14, 3)
_FORMATS = {"money": palette.MONEY, "count": "#,##0", "days": "0.0", "share": "0%"}


def draw_receivables(sheet: Worksheet, language: str) -> list[tuple[Worksheet, grid.Placed]]:
    """Figures at the left, months beside them with their chart, clients below; it prints on one page."""
    write_heading(sheet, words.title("Receivables", language), messages.text("sheet.receivables", language))
    figures, months, clients = (
        grid.place(sheet, schema.table(name), language, row=row, column=column, filtered=False, quiet=True)
        for name, row, column in (
            ("Receivables", FIGURES_ROW, 1),
            ("PaidMonths", FIGURES_ROW, MONTHS_COLUMN),
            ("PayingClients", CLIENTS_ROW, 1),
        )
    )
    grid.widths(sheet, WIDTHS)
    for row, (_, kind) in enumerate(FIGURES, figures.first):
        sheet.cell(row, 2).number_format = _FORMATS[kind]
        sheet.cell(row, 2).alignment = palette.LEFT_FLUSH
    chart = charts.pair(
        sheet,
        months,
        ("invoiced", "paid"),
        messages.text("chart.paid_months", language),
        (charts.EARLIER, palette.BLUE),
    )
    chart.anchor, chart.width, chart.height = CHART_CELL, 15.5, 7.6
    sheet.add_chart(chart)
    sheet.freeze_panes = f"A{FIGURES_ROW}"
    sheet.page_setup.fitToHeight = 1
    return [(sheet, table) for table in (figures, months, clients)]


TOP_ROW = 3
WIDE = 84
FLAGS = frozenset({"small_business", "prices_with_vat", "sole_shareholder"})
CHOICES = frozenset({"sells", "einvoice"})


def seller_rows(language: str) -> list[tuple[str, object, str]]:
    """The rows of the table: label, value as it is first, meaning; whole numbers as numbers, series in the language."""
    return [
        (words.setting(name, language), first_value(name, language), messages.text(f"setting.{name}", language))
        for name in schema.SELLER
    ]


def first_value(name: str, language: str) -> object:
    """What a setting of the seller is before anybody has typed one; None for nothing."""
    value = schema.SELLER[name]
    if name.startswith("series_"):
        return messages.text(name.replace("_", ".", 1), language)
    return int(value) if value.isdecimal() else value or None


def draw_seller(sheet: Worksheet, language: str) -> grid.Placed:
    """The table under its heading, with drop-downs where the answer is yes or no."""
    write_heading(sheet, words.title("Seller", language), messages.text("sheet.seller", language))
    main = grid.place(
        sheet, schema.table("Seller"), language, row=TOP_ROW, values=seller_rows(language), filtered=False
    )
    grid.widths(sheet, (36, 36, WIDE))
    for row, name in enumerate(schema.SELLER, main.first):
        sheet.cell(row, 1).font = palette.font(bold=True)
        sheet.cell(row, 2).fill = palette.fill(palette.SHADE)
        sheet.cell(row, 2).alignment = sheet.cell(row, 3).alignment = palette.TOP
        sheet.cell(row, 3).font = palette.font(color=palette.MUTED)
        sheet.row_dimensions[row].height = 4 + 13 * grid.lines_of(str(sheet.cell(row, 3).value), WIDE)
        rule = _rule(name, language)
        if rule:
            rule.add(f"{main.letter('value')}{row}")
            sheet.add_data_validation(rule)
    sheet.freeze_panes = f"A{TOP_ROW + 1}"
    return main


def _rule(name: str, language: str) -> DataValidation | None:
    if name in CHOICES:
        return rules.warning(rules.offer(words.choices(name, language)), "entry.list", language)
    if name in FLAGS:
        return rules.warning(rules.offer(words.choices("done", language)), "entry.list", language)
    if schema.SELLER[name].isdecimal():
        rule = DataValidation("decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        return rules.warning(rule, "entry.number", language)
    return None
