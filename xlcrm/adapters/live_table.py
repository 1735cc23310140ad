"""One Excel table in an open workbook: cells compared with a plan, then written in column blocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlcrm import words
from xlcrm.adapters.busy import patient
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, Removed
from xlcrm.tables import Table
from xlcrm.values import same_value, text_of

if TYPE_CHECKING:
    import xlwings as xw

LONGEST = 255  # a longer text in a cell of text format shows as ##### in some versions of Excel


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
    names: list[Any] = field(default_factory=list)  # the first column's cells, read once for all changes of a run
    blanks: dict[str, set[int]] = field(default_factory=dict)  # column -> positions without value or formula

    @classmethod
    def find(cls, book: xw.Book, table: Table) -> LiveTable:
        """CrmError "live.no_table" where the sheet or the table isn't there any more."""
        for sheet in patient(lambda: list(book.sheets)):
            if patient(lambda sheet=sheet: sheet.name) != table.sheet:  # type: ignore[misc]
                continue
            for excel in patient(lambda sheet=sheet: list(sheet.tables)):  # type: ignore[misc]
                name = patient(lambda excel=excel: excel.name)  # type: ignore[misc]
                if name == table.name or words.table_of(name) == table.name:
                    head = patient(lambda excel=excel: excel.header_row_range)  # type: ignore[misc]
                    titles = patient(lambda head=head: head.options(ndim=1).value)  # type: ignore[misc]
                    body = patient(lambda excel=excel: excel.data_body_range)  # type: ignore[misc]
                    height = int(body.shape[0]) if body is not None else 0
                    shown = [text_of(title) for title in titles]
                    return cls(table, sheet, excel, shown, int(head.row), int(head.column), height)
        raise CrmError("live.no_table", table=table.name, sheet=table.sheet)

    def check_size(self) -> None:
        """CrmError "apply.rows_moved" where rows came or went since the table was read."""
        if self.height != len(self.table.frame) and not (self.height == 1 and self.table.frame.empty):
            raise CrmError("live.rows_moved", sheet=self.table.sheet, expected=len(self.table.frame), found=self.height)

    def check(self, change: Change) -> Change:
        """The change with its befores as the cells really hold them; CrmError "apply.moved" for the first that differs.

        The rows' names are compared too: a row put in above would leave blank cells looking right. Cells with a formula
        belong to the workbook: they are left out.
        """
        first = str(self.table.frame.columns[0])
        self.names = names = self.names or self._column(first)
        live = self._column(change.column)
        for position, before in change.before.items():
            place = int(str(position))
            if not same_value(before, live[place]):
                self._refuse(place, change.column, before, live[place])
            if first != change.column and not same_value(self.table.frame[first].iloc[place], names[place]):
                self._refuse(place, first, self.table.frame[first].iloc[place], names[place])
        formulas = self._formulas(change.column, live)
        kept = [p for p in change.before.index if int(str(p)) not in formulas]
        exact = pd.Series([live[int(str(p))] for p in kept], index=kept, dtype=object)
        self.blanks[change.column] = {p for p, value in enumerate(live) if text_of(value) == ""} - formulas
        return replace(change, before=exact, after=change.after.loc[kept], keys=change.keys.loc[kept])

    def check_removed(self, part: Removed) -> Removed:
        """The rows to go, with all their cells as they are."""
        found: dict[str, list[Any]] = {}
        for name in part.rows.columns:
            live = self._column(str(name))
            for position, before in part.rows[name].items():
                if not same_value(before, live[int(str(position))]):
                    self._refuse(int(str(position)), str(name), before, live[int(str(position))])
            found[str(name)] = [live[int(str(p))] for p in part.rows.index]
        return replace(part, rows=pd.DataFrame(found, index=part.rows.index, dtype=object))

    def check_room(self, rows: int) -> None:
        """CrmError "live.no_room" where something stands right below the table, where new rows must go."""
        below = self._range(self.top + self._used() + 1, self.left, rows, len(self.headers))
        cells = patient(lambda: below.options(ndim=2).value)
        if any(text_of(cell) for row in cells for cell in row):
            raise CrmError("live.no_room", sheet=self.table.sheet, row=self.top + self._used() + 1)

    def check_free_column(self) -> None:
        """CrmError "live.no_room_right" where something stands right of the table, where a new column must go."""
        beside = self._range(self.top, self.left + len(self.headers), self.height + 1, 1)
        if any(text_of(cell) for cell in patient(lambda: beside.options(ndim=1).value)):
            raise CrmError("live.no_room_right", sheet=self.table.sheet)

    def add_column(self, header: str) -> None:
        self._resize(max(self.height, 1), len(self.headers) + 1)
        cell = self._range(self.top, self.left + len(self.headers), 1, 1)
        self._put(cell, [header])
        self.headers.append(header)
        self.blanks[header] = set(range(self.height))

    def write(self, change: Change) -> None:
        """Few big blocks: Excel takes as long for a cell as for a column. Blank cells between are written as blank."""
        if change.after.empty:
            return
        column, places = self._at(change.column), sorted(int(str(p)) for p in change.after.index)
        whole = self._range(self.top + 1 + places[0], column, places[-1] - places[0] + 1, 1)
        all_text = patient(lambda: whole.number_format) == "@"
        for start, block in _runs(change.after, self.blanks.get(change.column, set()), all_text):
            self._put(self._range(self.top + 1 + start, column, len(block), 1), block, is_text=all_text)

    def remove(self, part: Removed) -> None:
        """Rows go from the bottom up, table cells only: what stands beside the table stays."""
        for position in sorted((int(str(p)) for p in part.rows.index), reverse=True):
            row = self._range(self.top + 1 + position, self.left, 1, len(self.headers))
            if self.height == 1:  # Excel keeps one row in a table
                patient(row.clear_contents)
                self.table = replace(self.table, frame=self.table.frame.iloc[:0])
                return
            patient(lambda row=row: row.delete(shift="up"))  # type: ignore[misc]
            self.height -= 1

    def add(self, part: Added) -> None:
        start = self._used()
        self._resize(start + len(part.rows), len(self.headers))
        for name in part.rows.columns:
            values = [_cell(value) for value in part.rows[name]]
            if any(value is not None for value in values):
                self._put(self._range(self.top + 1 + start, self._at(str(name)), len(values), 1), values)
        self.height = start + len(part.rows)

    def _used(self) -> int:
        return 0 if self.height == 1 and self.table.frame.empty else self.height

    def _resize(self, rows: int, columns: int) -> None:
        whole = self._range(self.top, self.left, rows + 1, columns)
        patient(lambda: self.excel.resize(whole))

    def _at(self, column: str) -> int:
        header = self.table.headers.get(column, column)
        if header not in self.headers:
            raise CrmError("live.no_column", sheet=self.table.sheet, column=header)
        return self.left + self.headers.index(header)

    def _range(self, row: int, column: int, rows: int, columns: int) -> xw.Range:
        return self.sheet.range((row, column), (row + rows - 1, column + columns - 1))

    def _column(self, name: str) -> list[Any]:
        if not self.height:
            return []
        cells = self._range(self.top + 1, self._at(name), self.height, 1)
        return list(patient(lambda: cells.options(ndim=1, err_to_str=True).value))

    def _formulas(self, name: str, live: Sequence[Any]) -> set[int]:
        """Positions of a column whose cell holds a formula: one that shows something else than its own text.

        Excel gives "=x" as the formula of a cell in which somebody typed the text "=x", too.
        """
        cells = self._range(self.top + 1, self._at(name), max(self.height, 1), 1)
        texts = patient(lambda: cells.formula)
        rows = texts if isinstance(texts, (tuple, list)) else ((texts,),)
        found = [str(row[0] if isinstance(row, (tuple, list)) else row) for row in rows]
        return {p for p, text in enumerate(found[: len(live)]) if text[:1] == "=" and text_of(live[p]) != text}

    def _put(self, cells: xw.Range, block: Sequence[Any], *, is_text: bool = False) -> None:
        """Text is put into cells of text format, so that Excel doesn't read 007, =x or 1/2 as something else."""
        if not is_text and any(isinstance(value, str) and len(value) <= LONGEST for value in block):
            patient(lambda: setattr(cells, "number_format", "@"))
        rows = [[_guarded(value)] for value in block]
        patient(lambda: setattr(cells, "value", rows))

    def _refuse(self, position: int, column: str, expected: object, found: object) -> None:
        raise CrmError(
            "apply.moved",
            sheet=self.table.sheet,
            row=self.table.excel_row(position),
            column=self.table.headers.get(column, column),
            expected=text_of(expected),
            found=text_of(found),
        )


def _runs(
    after: pd.Series[Any], blanks: Collection[int] = (), all_text: bool = False
) -> Iterator[tuple[int, list[Any]]]:
    """Blocks of rows that follow each other: (first position, values). Text and numbers don't share a block.

    Rows in `blanks` may fill what lies between two rows of a block. Where the cells have the text format already
    (`all_text`), blanks go with text too; else they don't, because the block's text would bring them that format.
    """
    values = {int(str(position)): _cell(value) for position, value in after.items()}
    start, block, kind = -1, list[Any](), ""
    for position in sorted(values):
        value = values[position]
        new = "" if value is None and all_text else "text" if isinstance(value, str) else "other"
        gap = range(start + len(block), position) if block else range(0)
        joins = not (new and kind and new != kind) and all(row in blanks for row in gap)
        if block and (not joins or (gap and kind == "text" and not all_text)):
            yield start, block
            block, kind, gap = [], "", range(0)
        if not block:
            start = position
        block += [None] * len(gap) + [value]
        kind = kind or new
    if block:
        yield start, block


def _cell(value: Any) -> Any:
    """A value as xlwings takes it: plain Python, None for blanks."""
    if text_of(value) == "":
        return None
    if isinstance(value, (pd.Timestamp, dt.datetime)):
        return pd.Timestamp(value).to_pydatetime()
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return value.item() if hasattr(value, "item") else value


def _guarded(value: Any) -> Any:
    """A text too long for text format that Excel would take for a formula gets the apostrophe Excel hides."""
    if isinstance(value, str) and len(value) > LONGEST and value[:1] in "=+-@'":
        return "'" + value
    return value
