"""Grid of a table: puts a table of the schema on a sheet as an Excel table with styles, widths and rules."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, words
from xlcrm.building import palette
from xlcrm.schema import NUMBERS, Column, TableSpec

LAST_ROW = 1_048_576
FILTER = 3  # characters that the filter button covers
LETTERS = 1.12  # letters of running text that fit in the width of a digit
MIXED = frozenset({"Clients", "Segments"})  # people and xlcrm both write to these: shading tells whose a column is
BLOCKS = frozenset({"Duplicates"})  # rows belong together in blocks, which stripes would cut
# Tables whose headers explain their figures: where the sentence of a column is in the catalogue.
EXPLAINED = (
    {"Clients": "metric."}
    | dict.fromkeys(("Bottleneck", "Pipeline", "PipelineBy", "WinRates", "Forecast"), "metric.deal.")
    | dict.fromkeys(("Seasons", "Together"), "metric.rhythm.")
)
STYLE, PLAIN = "TableStyleLight1", None


@dataclass(frozen=True)
class Placed:
    """Where a table stands: its header's Excel row, its first column (1 is A), and its number of data rows."""

    spec: TableSpec
    row: int
    column: int
    rows: int

    def letter(self, name: str) -> str:
        """The Excel column letter of a column; KeyError where the table has no such column."""
        for position, column in enumerate(self.spec.columns):
            if column.name == name:
                return get_column_letter(self.column + position)
        raise KeyError(name)

    @property
    def first(self) -> int:
        return self.row + 1

    @property
    def last(self) -> int:
        return self.row + self.rows

    @property
    def range(self) -> str:
        end = get_column_letter(self.column + len(self.spec.columns) - 1)
        return f"{get_column_letter(self.column)}{self.row}:{end}{self.last}"

    def cells(self, name: str) -> str:
        """The column's cells as an absolute range without the sheet: "$B$4:$B$27"."""
        letter = self.letter(name)
        return f"${letter}${self.first}:${letter}${self.last}"

    def down(self, name: str) -> str:
        """The column from the first data row to the sheet's last row, for rules that must hold for rows added later."""
        letter = self.letter(name)
        return f"{letter}{self.first}:{letter}{LAST_ROW}"


def place(
    sheet: Worksheet,
    spec: TableSpec,
    language: str,
    *,
    row: int = 1,
    column: int = 1,
    values: Sequence[Sequence[object]] = (),
    filtered: bool = True,
    quiet: bool = False,
    ending: str = "",
) -> Placed:
    """Write `spec` at (row, column) with `values` as its rows, blank ones added up to its fixed number.

    A table without rows keeps one blank row, as Excel's own does. A `quiet` one has no bands and a plain header.
    `ending` is put behind the table's name.
    """
    placed = Placed(spec, row, column, max(len(values), spec.fixed_rows, 1))
    for offset, definition in enumerate(spec.columns):
        _head(sheet.cell(row, column + offset), spec, definition, language, quiet=quiet)
    for position in range(placed.rows):
        given = values[position] if position < len(values) else ()
        for offset, definition in enumerate(spec.columns):
            cell = sheet.cell(placed.first + position, column + offset)
            cell.value = given[offset] if offset < len(given) else None  # type: ignore[assignment]
            if position:  # as the cell above: looking a style up takes longer than all else
                cell._style = copy(sheet.cell(placed.first, column + offset)._style)  # type: ignore[union-attr]
                continue
            style_cell(cell, definition, language, shaded=definition.calculated and spec.name in MIXED)
            if quiet:
                cell.border = palette.underline()
                cell.alignment = Alignment(
                    vertical="center", horizontal=cell.alignment.horizontal, indent=cell.alignment.indent
                )
    table = ExcelTable(name=spec.name + ending, displayName=spec.name + ending, ref=placed.range)
    table.tableStyleInfo = TableStyleInfo(
        name=PLAIN if quiet else STYLE, showRowStripes=not quiet and spec.name not in BLOCKS
    )
    table._initialise_columns()  # type: ignore[attr-defined]
    for written, definition in zip(table.tableColumns, spec.columns, strict=True):
        written.name = words.header(spec.name, definition.name, language)
    if not filtered:
        table.autoFilter = None
    sheet.add_table(table)
    return placed


def style_cell(cell: Cell | MergedCell, column: Column, language: str, *, shaded: bool) -> None:
    """Number format and shading of a data cell."""
    cell.number_format = palette.number_format(column, language)
    cell.font = palette.font()
    cell.alignment = palette.alignment(column)
    if shaded:
        cell.fill = palette.fill(palette.SHADE)


def style_columns(sheet: Worksheet, placed: Placed, language: str) -> None:
    """Give whole sheet columns the table's widths and formats, so that rows typed below it are right from the start.

    The header row becomes high enough for the longest header.
    """
    lines = 1
    for offset, column in enumerate(placed.spec.columns):
        letter = get_column_letter(placed.column + offset)
        dimension = sheet.column_dimensions[letter]
        dimension.width = _width(column, words.header(placed.spec.name, column.name, language))
        dimension.number_format = palette.number_format(column, language)
        dimension.font = palette.font()
        dimension.alignment = palette.alignment(column)
        lines = max(
            lines, lines_of(words.header(placed.spec.name, column.name, language), dimension.width - 2, bold=True)
        )
    sheet.row_dimensions[placed.row].height = 8 + 13 * lines
    # Rows without a height of their own are fitted to their text by Excel and LibreOffice when they open the file; a
    # height for all rows (customHeight) would keep them from it and cut a third line.


def _width(column: Column, head: str) -> float:
    """Wide enough for the schema's wish and for the longest word of the header beside its filter button."""
    if column.name in palette.SENTENCES:
        return palette.SENTENCES[column.name]
    return max(column.width + 2, 1.15 * max(len(word) for word in head.split()) + FILTER)


def lines_of(text: str, width: float, *, bold: bool = False) -> int:
    """How many lines `text` takes in a wrapped cell `width` digits wide, by whole words; an estimate for Arial."""
    letters = int(width if bold else width * LETTERS)
    return len(textwrap.wrap(text, letters, break_long_words=False)) or 1


def header_height(placed: Placed, width: float, language: str) -> float:
    """Points that the longest header of a table needs where each of its columns is `width` digits wide."""
    heads = [words.header(placed.spec.name, column.name, language) for column in placed.spec.columns]
    return 8 + 13 * max(lines_of(head, width - 2, bold=True) for head in heads)


def widths(sheet: Worksheet, sizes: Iterable[float], first: int = 1) -> None:
    """Column widths in characters from column number `first` on."""
    for offset, size in enumerate(sizes):
        sheet.column_dimensions[get_column_letter(first + offset)].width = size


def quoted(sheet: str, language: str) -> str:
    """A sheet of ours as formulas name it."""
    return "'" + words.title(sheet, language).replace("'", "''") + "'"


def letter_of(column: int) -> str:
    """1 -> "A"."""
    return get_column_letter(column)


def _head(cell: Cell | MergedCell, spec: TableSpec, column: Column, language: str, *, quiet: bool) -> None:
    cell.value = words.header(spec.name, column.name, language)
    cell.alignment = palette.HEADER_ALIGNMENT
    _explain(cell, spec, column, language)
    if quiet:
        cell.font = palette.font(size=9, color=palette.MUTED)
        cell.alignment = palette.RIGHT if column.kind in NUMBERS else palette.HEADER_ALIGNMENT
        cell.border = palette.underline(palette.MUTED)
        return
    cell.font = palette.font(bold=True, color=palette.PAPER)
    cell.fill = palette.fill(palette.SLATE if column.calculated and not spec.fixed_rows else palette.NIGHT)


def _explain(cell: Cell | MergedCell, spec: TableSpec, column: Column, language: str) -> None:
    """The definition of a calculated column as a comment of its header, where it has one."""
    key = f"{EXPLAINED.get(spec.name, '')}{column.name}"
    if spec.name in EXPLAINED and column.calculated and key in messages.catalogue():
        note = messages.text(key, language)
        cell.comment = Comment(note, "xlcrm", width=320, height=24 + 18 * (1 + len(note) // 48))
