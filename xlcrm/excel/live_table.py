"""One Excel table in a live workbook: cells compared with a plan, then written in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.excel.live_cells import Block, alike, block, differing, neighbours, plain, runs, side_by_side
from xlcrm.excel.retry import patient
from xlcrm.plan import Added, Change, Removed, Resized
from xlcrm.tables import Table
from xlcrm.values import as_text, text_of

if TYPE_CHECKING:
    import xlwings as xw


# The cells of one sheet in an open workbook, in blocks: every call waits for an Excel that is busy.

MOST = 200_000  # cells that are read in one call


@dataclass(frozen=True, eq=False)
class LiveGrid:
    """`top` is the sheet row of place 0; columns are the sheet's own numbers (1-based)."""

    sheet: xw.Sheet
    top: int

    def range(self, place: int, column: int, rows: int, columns: int) -> xw.Range:
        """A block of cells; `place` counts from `top`, both sizes from 1."""
        first, last = (self.top + place, column), (self.top + place + rows - 1, column + columns - 1)
        return patient(lambda: self.sheet.range(first, last))

    def values(self, columns: Iterable[int], rows: int) -> dict[int, list[Any]]:
        """Column -> its cells; columns that are neighbours are read in one call."""
        found: dict[int, list[Any]] = {}
        for group in neighbours(columns, max(1, MOST // rows)):
            found.update(zip(group, _in_full(self.range(0, group[0], rows, len(group))), strict=True))
        return found

    def formulas(self, columns: Iterable[int], rows: int) -> dict[int, list[str]]:
        """Column -> the formulas of its cells, in English; a cell without one gives its value as text."""
        found: dict[int, list[str]] = {}
        for group in neighbours(columns, max(1, MOST // rows)):
            cells = self.range(0, group[0], rows, len(group))
            texts = _rows(patient(lambda cells=cells: cells.formula))  # type: ignore[misc]
            found.update((at, [str(row[n]) for row in texts]) for n, at in enumerate(group))
        return found

    def put(self, block: Block) -> None:
        """Write a block in one call; the text format comes first, or Excel reads the texts as something else."""
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


@dataclass(eq=False)
class LiveTable:
    """`table` is how the plan knew it; `top`, `left`, `width` are where it stands in the open workbook (1-based)."""

    table: Table
    sheet: xw.Sheet
    excel: xw.main.Table
    headers: list[str]
    top: int
    left: int
    height: int
    blanks: dict[str, set[int]] = field(default_factory=dict)  # column -> positions without value or formula
    values: dict[int, list[Any]] = field(default_factory=dict)  # sheet column -> its cells, as `look_at` read them
    formulas: dict[int, list[str]] = field(default_factory=dict)
    spare: int = 0  # blank rows at the end, left by an Excel that went away before it filled them: filled first
    renamed: set[int] | None = None  # rows whose name isn't what the plan knew; None: not compared yet

    @property
    def grid(self) -> LiveGrid:
        """The cells of the table's rows: place 0 is the first data row, -1 the header."""
        return LiveGrid(self.sheet, self.top + 1)

    def check_size(self) -> None:
        """CrmError where rows came or went since the table was read, or where the sheet is protected."""
        if patient(lambda: getattr(self.sheet.api, "ProtectContents", False)) is True:
            raise CrmError("workbook.protected", sheet=self.table.sheet)
        if self.height != len(self.table.frame) and not (self.height == 1 and self.table.frame.empty):
            raise CrmError("live.rows_moved", sheet=self.table.sheet, expected=len(self.table.frame), found=self.height)

    def look_at(self, columns: Iterable[str], changing: Iterable[str]) -> None:
        """Read these columns and the rows' names, and the formulas of those that change: neighbours in one call."""
        self.renamed = None
        at = [self.left, *map(self._at, columns)] if self.height else []
        self.values = self.grid.values(at, self.height)
        self.formulas = self.grid.formulas(map(self._at, changing) if self.height else (), self.height)

    def check(self, change: Change) -> Change:
        """The change with its befores as the cells really hold them; CrmError "apply.moved" for the first that differs.

        The rows' names are compared too: a row put in above would leave blank cells looking right. Cells with a formula
        belong to the workbook: they are left out.
        """
        live, places = self._column(change.column), _places(change.before)
        self._compare(change.column, places, change.before.tolist(), live)
        self._check_names(places)
        texts = self.formulas.get(self._at(change.column), [])
        # Excel gives "=x" as the formula of a cell in which somebody typed the text "=x", too
        formulas = {p for p, text in enumerate(texts) if text[:1] == "=" and text_of(live[p]) != text}
        mask = [place not in formulas for place in places]
        exact = pd.Series([live[place] for place in places], index=change.before.index, dtype=object)
        self.blanks[change.column] = {p for p, value in enumerate(live) if plain(value) is None} - formulas
        return replace(change, before=exact[mask], after=change.after[mask], keys=change.keys[mask])

    def check_removed(self, part: Removed) -> Removed:
        """The rows to go, with all their cells as they are."""
        found: dict[str, list[Any]] = {}
        places = _places(part.rows)
        for name in map(str, part.rows.columns):
            live = self._column(name)
            self._compare(name, places, part.rows[name].tolist(), live)
            found[name] = [live[place] for place in places]
        return replace(part, rows=pd.DataFrame(found, index=part.rows.index, dtype=object))

    def take_up_blank_end(self) -> None:
        """For a table that only gets longer."""
        typed = [column for column in self.table.frame.columns if column not in self.table.formulas]
        filled = [place for name in typed for place in np.flatnonzero(as_text(self.table.frame[name]) != "")[-1:]]
        self.spare = len(self.table.frame) - 1 - int(max(filled, default=-1))

    def check_room(self, rows: int) -> None:
        """CrmError "live.no_room" where something stands right below the table, where new rows must go."""
        below = self.grid.range(self._used(), self.left, rows, len(self.headers))
        cells = patient(lambda: below.options(ndim=2).value)
        if any(text_of(cell) for row in cells for cell in row):
            raise CrmError("live.no_room", sheet=self.table.sheet, row=self.top + self._used() + 1)

    def check_resized(self, part: Resized) -> None:
        """CrmError "apply.moved" where the rows to take in, or to let go, are not what the plan knew of them."""
        places = _places(part.rows)
        if part.out != (places[-1] < self.height) or (part.out and places[-1] != self.height - 1):
            raise CrmError("live.rows_moved", sheet=self.table.sheet, expected=places[-1] + 1, found=self.height)
        cells = self.grid.values([self._at(str(name)) for name in part.rows.columns], places[-1] + 1)
        for name in map(str, part.rows.columns):
            self._compare(name, places, part.rows[name].tolist(), cells[self._at(name)])

    def take_in(self, part: Resized) -> None:
        """Make the table longer by the rows right under it, or shorter by its last ones; their cells stay."""
        self.height += -len(part.rows) if part.out else len(part.rows)
        self._resize(self.height, len(self.headers))

    def check_free_column(self) -> None:
        """CrmError "live.no_room_right" where something stands right of the table, where a new column must go."""
        beside = self.grid.range(-1, self.left + len(self.headers), self.height + 1, 1)
        if any(text_of(cell) for cell in patient(lambda: beside.options(ndim=1).value)):
            raise CrmError("live.no_room_right", sheet=self.table.sheet)

    def add_column(self, header: str) -> None:
        """Make the table one column wider, with this header and blank cells."""
        self._resize(max(self.height, 1), len(self.headers) + 1)
        self.grid.put(block(-1, self.left + len(self.headers), [header]))
        self.headers.append(header)
        self.blanks[header] = set(range(self.height))

    def write(self, changes: Sequence[Change]) -> None:
        """Few big blocks, blank cells between written as blank; then each cell is read again."""
        blocks: list[Block] = []
        for change in changes:
            if change.after.empty:
                continue
            column, places = self._at(change.column), sorted(_places(change.after))
            all_text = False
            if any(isinstance(value, str) for value in change.after):
                whole = self.grid.range(places[0], column, places[-1] - places[0] + 1, 1)
                all_text = patient(lambda whole=whole: whole.number_format) == "@"  # type: ignore[misc]
            for start, values in runs(change.after, self.blanks.get(change.column, set()), all_text):
                blocks.append(block(start, column, values, is_text=all_text))
        for part in side_by_side(blocks):
            self.grid.put(part)
        if blocks:
            self._confirm(changes)

    def _confirm(self, changes: Sequence[Change]) -> None:
        """Write again, one by one, what Excel passed over (rows that a filter hides) or took an apostrophe from."""
        self.look_at([change.column for change in changes], ())
        for change in changes:
            column, live = self._at(change.column), self._column(change.column)
            for place, before, after in zip(
                _places(change.after), change.before.tolist(), map(plain, change.after.tolist()), strict=True
            ):
                held = live[place]
                if (type(held) is type(after) and held == after) or alike(after, held):
                    continue
                if isinstance(after, str) and after[:1] == "'" and held == after[1:]:
                    self.grid.put(Block(place, column, [["'" + after]]))
                elif alike(before, held):
                    self.grid.put(block(place, column, [after]))

    def remove(self, part: Removed) -> None:
        """Rows go from the bottom up, table cells only: what stands beside the table stays."""
        for position in sorted(_places(part.rows), reverse=True):
            row = self.grid.range(position, self.left, 1, len(self.headers))
            if self.height == 1:  # Excel keeps one row in a table
                patient(row.clear_contents)
                self.table = replace(self.table, frame=self.table.frame.iloc[:0])
                return
            patient(lambda row=row, position=position: self._delete(row, position))  # type: ignore[misc]
            self.height -= 1

    def _delete(self, row: xw.Range, position: int) -> None:
        """The table's own way works in a table that is filtered, where Excel refuses to move single cells."""
        own = getattr(self.excel.api, "ListRows", None)
        if own is None:
            row.delete(shift="up")
        else:
            own(position + 1).Delete()

    def add(self, part: Added) -> None:
        """Put rows under the last used one. The table grows first, so that formulas and formats come along."""
        start = self._used()
        self._resize(max(self.height, start + len(part.rows)), len(self.headers))
        columns = {self._at(str(name)): [plain(value) for value in part.rows[name]] for name in part.rows.columns}
        filled = {at: values for at, values in columns.items() if any(value is not None for value in values)}
        for made in side_by_side(block(start, at, values) for at, values in filled.items()):
            self.grid.put(made)
        self.height, self.spare = max(self.height, start + len(part.rows)), max(0, self.spare - len(part.rows))

    def _used(self) -> int:
        """How many rows hold something: the blank row of an empty table and spare rows at the end do not."""
        return 0 if self.height == 1 and self.table.frame.empty else self.height - self.spare

    def _resize(self, rows: int, columns: int) -> None:
        """Give the table that many data rows and columns; its corner stays."""
        whole = self.grid.range(-1, self.left, rows + 1, columns)
        patient(lambda: self.excel.resize(whole))

    def _at(self, column: str) -> int:
        """The sheet column of a frame's column; CrmError "live.no_column" where it is gone."""
        header = self.table.headers.get(column, column)
        if header not in self.headers:
            raise CrmError("live.no_column", sheet=self.table.sheet, column=header)
        return self.left + self.headers.index(header)

    def _column(self, name: str) -> list[Any]:
        """A column's cells as `look_at` read them."""
        return self.values.get(self._at(name), [])

    def _check_names(self, places: list[int]) -> None:
        """CrmError "apply.moved" where one of these rows is not the one that the plan knew, by its first column."""
        first = str(self.table.frame.columns[0])
        known, names = self.table.frame[first], self._column(first)
        if self.renamed is None:
            self.renamed = set(differing(range(len(known)), known.tolist(), names[: len(known)]))
        moved = [place for place in places if place in self.renamed]
        if moved:
            self._refuse(moved[0], first, known.iloc[moved[0]], names[moved[0]])

    def _compare(self, column: str, places: list[int], expected: list[Any], live: list[Any]) -> None:
        """CrmError "apply.moved" for the first of these cells that is not what was expected."""
        place = next(differing(places, expected, (live[place] for place in places)), None)
        if place is not None:
            self._refuse(place, column, expected[places.index(place)], live[place])

    def _refuse(self, position: int, column: str, expected: object, found: object) -> None:
        """The refusal with the cell in the words of the sheet: header and Excel row."""
        raise CrmError(
            "apply.moved",
            sheet=self.table.sheet,
            row=self.table.excel_row(position),
            column=self.table.headers.get(column, column),
            expected=text_of(expected),
            found=text_of(found),
        )


def find_all(book: xw.Book, tables: Iterable[Table]) -> dict[str, LiveTable]:
    """The tables where they stand now, by name; CrmError "live.no_table" where one isn't there any more."""
    wanted, found = {table.name: table for table in tables}, dict[str, LiveTable]()
    for sheet in patient(lambda: list(book.sheets)):
        title = patient(lambda sheet=sheet: sheet.name)  # type: ignore[misc]
        here = {name for name, table in wanted.items() if table.sheet == title} - set(found)
        for excel in patient(lambda sheet=sheet: list(sheet.tables)) if here else ():  # type: ignore[misc]
            shown = patient(lambda excel=excel: excel.name)  # type: ignore[misc]
            name = shown if shown in here else words.table_of(shown)
            if name in here - set(found):
                place = patient(lambda excel=excel: _place(excel))  # type: ignore[misc]
                found[name] = LiveTable(wanted[name], sheet, excel, *place)
    for name in wanted.keys() - set(found):
        raise CrmError("live.no_table", table=name, sheet=wanted[name].sheet)
    return found


def _place(excel: xw.main.Table) -> tuple[list[str], int, int, int]:
    """Headers, first row, first column, and how many rows there are below."""
    head: Any = excel.header_row_range
    body = excel.data_body_range
    titles = [text_of(title) for title in head.options(ndim=1).value]
    return titles, int(head.row), int(head.column), int(body.shape[0]) if body is not None else 0


def _places(rows: pd.Series[Any] | pd.DataFrame) -> list[int]:
    """The positions of rows in their table, from 0: a plan keeps them as the index."""
    return [int(str(place)) for place in rows.index]
