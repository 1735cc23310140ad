"""The cells of one sheet in an open workbook, in blocks: every call waits for an Excel that is busy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlcrm.excel.live_cells import Block, neighbours
from xlcrm.excel.retry import patient

if TYPE_CHECKING:
    import xlwings as xw

MOST = 200_000  # cells that are read in one call


@dataclass(frozen=True, eq=False)
class LiveGrid:
    """`top` is the sheet row of place 0; columns are the sheet's own numbers (1-based)."""

    sheet: xw.Sheet
    top: int

    def range(self, place: int, column: int, rows: int, columns: int) -> xw.Range:
        first, last = (self.top + place, column), (self.top + place + rows - 1, column + columns - 1)
        return patient(lambda: self.sheet.range(first, last))

    def values(self, columns: Iterable[int], rows: int) -> dict[int, list[Any]]:
        """Column -> its cells; columns that are neighbours are read in one call."""
        found: dict[int, list[Any]] = {}
        for group in neighbours(columns, max(1, MOST // rows)):
            found.update(zip(group, _in_full(self.range(0, group[0], rows, len(group))), strict=True))
        return found

    def formulas(self, columns: Iterable[int], rows: int) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for group in neighbours(columns, max(1, MOST // rows)):
            cells = self.range(0, group[0], rows, len(group))
            texts = _rows(patient(lambda cells=cells: cells.formula))  # type: ignore[misc]
            found.update((at, [str(row[n]) for row in texts]) for n, at in enumerate(group))
        return found

    def put(self, block: Block) -> None:
        cells = self.range(block.place, block.column, len(block.rows), len(block.rows[0]))
        if block.as_text:
            patient(lambda: setattr(cells, "number_format", "@"))
        patient(lambda: setattr(cells, "value", block.rows))


def _in_full(cells: xw.Range) -> list[list[Any]]:
    """The cells' columns; money with all its digits, where Excel hands out four decimals."""
    found = [
        list(column) for column in zip(*patient(lambda: cells.options(ndim=2, err_to_str=True).value), strict=True)
    ]
    if any(isinstance(value, Decimal) for column in found for value in column):
        exact = _rows(patient(lambda: cells.api.Value2))
        for n, column in enumerate(found):
            column[:] = [float(exact[p][n]) if isinstance(v, Decimal) else v for p, v in enumerate(column)]
    return found


def _rows(answer: Any) -> list[tuple[Any, ...]]:
    """Excel answers for one cell with a value, for one column on a Mac with a flat list, else with rows."""
    rows = answer if isinstance(answer, (tuple, list)) else (answer,)
    return [tuple(row) if isinstance(row, (tuple, list)) else (row,) for row in rows]
