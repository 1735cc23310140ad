"""The sheet Receivables: what is open and overdue, invoiced and paid by month as a chart, and how clients pay."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import charts, grid, palette
from xlcrm.building.canvas import write_heading
from xlcrm.documents.receivable_tables import FIGURES

TOP_ROW, CLIENTS_ROW = 4, 19
MONTHS_COLUMN, CHART_CELL = 4, "H4"
WIDTHS = (44, 30, 12, 14, 14, 14, 3)
_FORMATS = {"money": palette.MONEY, "count": "#,##0", "days": "0.0", "share": "0%"}


def draw_receivables(sheet: Worksheet, language: str) -> list[tuple[Worksheet, grid.Placed]]:
    """Figures at the left, months beside them with their chart, clients below; it prints on one page."""
    write_heading(sheet, words.title("Receivables", language), messages.text("sheet.receivables", language))
    figures, months, clients = (
        grid.place(sheet, schema.table(name), language, row=row, column=column, filtered=False, quiet=True)
        for name, row, column in (
            ("Receivables", TOP_ROW, 1),
            ("PaidMonths", TOP_ROW, MONTHS_COLUMN),
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
    sheet.freeze_panes = f"A{TOP_ROW}"
    sheet.page_setup.fitToHeight = 1
    return [(sheet, table) for table in (figures, months, clients)]
