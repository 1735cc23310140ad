"""What a condition may ask about, as one column behind a drop-down: figures first, then every header of Clients.

A drop-down takes its words from one range, and the headers change when people add columns of their own.
"""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages
from xlcrm.building import grid, palette
from xlcrm.segments.search_words import shown

COLUMN, HEAD, FIRST = "T", 4, 5
HEADERS = 160  # of Clients: its own and a person's


def figures(language: str) -> list[str]:
    """What is added up or counted for each client; the examples with a filter are there to be changed."""
    return [*shown("noun", language), messages.text("field.sum", language), messages.text("field.count", language)]


def draw_fields(sheet: Worksheet, language: str) -> None:
    """The column, from row `FIRST` down."""
    head = sheet[f"{COLUMN}{HEAD}"]
    head.value = messages.text("sheet.fields", language)
    head.font = palette.font(color=palette.MUTED)
    head.alignment = palette.HEADER_ALIGNMENT
    given = figures(language)
    clients = f"{grid.quoted('Clients', language)}!$1:$1"
    formulas = [f'=INDEX({clients},{position})&""' for position in range(1, HEADERS + 1)]
    for row, value in enumerate((*given, *formulas), FIRST):
        cell = sheet[f"{COLUMN}{row}"]
        cell.value = value
        cell.font = palette.font(color=palette.MUTED)
    sheet.column_dimensions[COLUMN].width = 46
