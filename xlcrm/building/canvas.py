"""Canvas of a sheet: titles and charts placed by pixels, anchored to cells so that wider columns don't move them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm.building import palette

EMU = 9525  # English Metric Units in a pixel at 96 dpi
DIGIT = 7  # pixels of the widest digit of the default font (Arial 10)


def pixels(characters: float) -> int:
    """The width in pixels of a column whose width attribute is `characters` (ECMA-376 part 1, 18.3.1.13)."""
    return int((256 * characters + int(128 / DIGIT)) / 256 * DIGIT)


class Canvas:
    """A sheet's columns and rows as a plane of pixels from its top left corner."""

    def __init__(self, widths: Sequence[float], heights: Sequence[int]) -> None:
        """`widths` of the columns in characters, `heights` of the rows in pixels."""
        self.columns = [pixels(width) for width in widths]
        self.rows = list(heights)

    def left(self, column: int) -> int:
        """Where a column (1 is A) begins."""
        return sum(self.columns[: column - 1])

    def top(self, row: int) -> int:
        """Where an Excel row begins."""
        return sum(self.rows[: row - 1])

    def draw(self, sheet: Worksheet, chart: Any, x: int, y: int, width: int, height: int) -> None:
        """Add `chart` to `sheet` at (x, y), `width` x `height` pixels."""
        start, end = self._marker(x, y), self._marker(x + width, y + height)
        chart.anchor = TwoCellAnchor(editAs="oneCell", _from=start, to=end)
        sheet.add_chart(chart)

    def _marker(self, x: int, y: int) -> AnchorMarker:
        column, right = _cell(self.columns, x)
        row, down = _cell(self.rows, y)
        return AnchorMarker(col=column, colOff=right * EMU, row=row, rowOff=down * EMU)


def _cell(sizes: Sequence[int], position: int) -> tuple[int, int]:
    """Which cell a position falls in (0 is the first), and how far inside it."""
    for index, size in enumerate(sizes):
        if position < size:
            return index, position
        position -= size
    return len(sizes), position


# The title and the grey line under it that the sheets without a single table begin with.


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
