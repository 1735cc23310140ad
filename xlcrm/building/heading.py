"""The title and the grey line under it that the sheets without a single table begin with."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm.building import palette


def write_heading(sheet: Worksheet, title: str, explanation: str, *, column: int = 1) -> None:
    """Rows 1 and 2: title, and one sentence on what the sheet is for. Hides the grid lines."""
    head = sheet.cell(1, column, title)
    head.font = palette.font(size=18, bold=True, color=palette.NIGHT)
    head.alignment = palette.MIDDLE
    line = sheet.cell(2, column, explanation)
    line.font = palette.font(color=palette.MUTED)
    line.alignment = palette.MIDDLE
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[2].height = 20
    sheet.sheet_view.showGridLines = False
