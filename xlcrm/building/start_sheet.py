"""The sheet Start: what each button does, in a few lines, for the person who opens the workbook for the first time."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages
from xlcrm.actions import buttons
from xlcrm.building import grid, palette
from xlcrm.building.canvas import write_heading

WIDE = 110


def draw_start(sheet: Worksheet, language: str) -> None:
    """A line a button, in the ribbon's groups and words."""
    write_heading(sheet, messages.text("start.title", language), messages.text("start.intro", language), column=2)
    row = 4
    for group, actions in buttons().items():
        head = sheet.cell(row, 2, messages.text(f"ribbon.group.{group}", language))
        head.font = palette.font(bold=True, color=palette.BLUE)
        for column in (2, 3):
            sheet.cell(row, column).border = palette.underline(palette.BLUE)
        row += 1
        for action in actions:
            name = sheet.cell(row, 2, messages.text(f"ribbon.{action.name}", language))
            name.font = palette.font(bold=True)
            name.alignment = palette.TOP
            does = sheet.cell(row, 3, messages.text(f"ribbon.{action.name}.tip", language))
            does.font = palette.font()
            does.alignment = palette.TOP
            sheet.row_dimensions[row].height = 4 + 13 * grid.lines_of(str(does.value), WIDE)
            row += 1
        row += 1
    grid.widths(sheet, (3, 34, WIDE))
