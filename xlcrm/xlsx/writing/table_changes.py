"""A plan's changes to one table in sheet rows and columns, and the check that the table is as the plan expects it."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed
from xlcrm.problems import Problem
from xlcrm.tables import Tables
from xlcrm.values import blanked, numbers_or_none, same_value, text_of
from xlcrm.xlsx.cell_reader import KEPT
from xlcrm.xlsx.workbook import TableInfo, Workbook
from xlcrm.xlsx.writing.cell_editor import CellEditor
from xlcrm.xlsx.writing.row_moves import RowMap
from xlcrm.xlsx.writing.table_rows import TableEditor

MAX_HEADER = 255  # characters, as Excel takes them in a table's header
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass
class TableWork:
    """What the table that the plan calls `name` gets: cells, rows out, rows in, columns at the right.

    `values` and `befores` are sheet column -> row -> value, `removed` row -> column -> value, `added` blocks of
    rows: how many, and column -> values.
    The editors, once they have run, know what stood in the cells before.
    """

    name: str
    info: TableInfo
    names: list[str]
    rowmap: RowMap
    new_headers: list[str] = field(default_factory=list)
    values: dict[int, dict[int, Any]] = field(default_factory=dict)
    befores: dict[int, dict[int, Any]] = field(default_factory=dict)
    removed: dict[int, dict[int, Any]] = field(default_factory=dict)
    added: list[tuple[int, dict[int, list[Any]]]] = field(default_factory=list)
    cell_editor: CellEditor | None = None
    table_editor: TableEditor | None = None
    _found: dict[int, dict[int, Any]] = field(default_factory=dict)

    def column(self, name: str) -> int:
        """The sheet column of a frame's column."""
        if name not in self.names:
            raise CrmError("apply.no_column", table=self.info.name, sheet=self.info.sheet.name, column=name)
        return self.info.area.left + self.names.index(name)

    def added_rows(self) -> Iterator[dict[int, Any]]:
        """The new rows one by one, as sheet column -> value."""
        for count, columns in self.added:
            for i in range(count):
                yield {column: cells[i] for column, cells in columns.items()}

    def check(self) -> None:
        """CrmError "apply.moved" for the first cell, by row, that is not what the plan was computed from."""
        if self.cell_editor:
            for column, cells in self.cell_editor.found.items():
                self._found[column] = dict(zip(sorted(self.values[column]), cells, strict=True))
        moved = min([*self._moved_values(), *self._moved_rows()], key=lambda cell: cell[:2], default=None)
        if moved:
            row, column, before, found = moved
            raise CrmError(
                "apply.moved",
                sheet=self.info.sheet.name,
                row=row,
                column=self._header(column),
                expected=text_of(before),
                found=text_of(found),
            )

    def _moved_values(self) -> Iterator[tuple[int, int, Any, Any]]:
        """(row, column, expected, found) of the written cells that were something else."""
        for column, befores in self.befores.items():
            found_rows = self._found.get(column, {})
            if found_rows == befores:  # the same but for true and 1, which `matches` takes for the same
                continue
            for row, before in befores.items():
                found = found_rows.get(row)
                if before != found and _differs(before, found):
                    yield row, column, before, found

    def _moved_rows(self) -> Iterator[tuple[int, int, Any, Any]]:
        """(row, column, expected, found) of the cells of removed rows that were something else."""
        for row, expected in self.removed.items():
            actual = self._gone(row)
            for column, before in expected.items():
                found = actual.get(column)
                if _differs(before, found):
                    yield row, column, before, found

    def _header(self, column: int) -> str:
        """The header over a sheet column, of the table's own columns and the new ones."""
        return [*self.info.headers, *self.new_headers][column - self.info.area.left]

    def _gone(self, row: int) -> dict[int, Any]:
        """The cells of a removed row as they stood before this plan."""
        cells = self.table_editor.found.get(row, {}) if self.table_editor else {}
        changed = {c: found[row] for c, found in self._found.items() if row in found and found[row] is not KEPT}
        return {**cells, **changed}

    def exact_change(self, change: Change) -> Change:
        """A change with its before cells as they were, without the formulas that were kept."""
        found = self._found[self.column(change.column)]
        first = self.info.first_row
        if change.before.dtype != object and found == self.befores[self.column(change.column)]:
            return change
        actual = [found[first + int(position)] for position in change.after.index]
        keep = [value is not KEPT for value in actual]
        before = pd.Series(actual, index=change.after.index, dtype=object)
        if all(keep):
            return replace(change, before=before)
        return replace(change, before=before[keep], after=change.after[keep], keys=change.keys[keep])

    def exact_removed(self, removed: Removed) -> Removed:
        """The removed rows whole: every column of the table, as it stood; of formulas, what the plan had."""
        first, left = self.info.first_row, self.info.area.left
        rows = [self._gone(first + int(position)) for position in removed.rows.index]
        data = {}
        for i, name in enumerate(self.names[: len(self.info.headers)]):
            cells = [row.get(left + i) for row in rows]
            planned = _values(removed.rows[name]) if name in removed.rows.columns else [None] * len(rows)
            kept = [plan if cell is KEPT else cell for cell, plan in zip(cells, planned, strict=True)]
            data[name] = pd.Series(kept, index=removed.rows.index, dtype=object)
        return replace(removed, rows=pd.DataFrame(data, index=removed.rows.index))

    def problems(self) -> list[Problem]:
        """A note for each formula that was kept."""
        first = self.info.area.left
        return [
            Problem("apply.formula_kept", self.info.canonical, row=row, column=self.names[column - first], level="note")
            for column, found in self._found.items()
            for row, value in found.items()
            if value is KEPT
        ]


def work_of(book: Workbook, plan: Plan, tables: Tables) -> list[TableWork]:
    """The plan's work by table, in the order in which it names them."""
    parts: tuple[NewColumn | Change | Removed | Added, ...] = (
        *plan.new_columns,
        *plan.changes,
        *plan.removed,
        *plan.added,
    )
    names = dict.fromkeys(part.table for part in parts)
    return [_work(book.table(name), name, plan, tables) for name in names]


_Part = TypeVar("_Part", NewColumn, Change, Removed, Added)


def _of(table: str, parts: Iterable[_Part]) -> list[_Part]:
    """The parts of a plan that are about one table."""
    return [part for part in parts if part.table == table]


def _work(info: TableInfo, table: str, plan: Plan, tables: Tables) -> TableWork:
    """The plan's work on one table. Columns of formulas belong to the workbook: values for them are passed over."""
    formulas = tables[table].formulas if table in tables else frozenset()
    going, coming = _of(table, plan.removed), _of(table, plan.added)
    rowmap = _rowmap(info, going, coming, is_empty=table in tables and tables[table].frame.empty)
    new_headers = _new_headers(info, _of(table, plan.new_columns))
    work = TableWork(table, info, [*info.columns(), *new_headers], rowmap, new_headers)
    for change in _of(table, plan.changes):
        if change.column not in formulas:
            _change(work, change)
    for gone in going:
        _removed(work, gone)
    for rows in coming:
        columns = [(work.column(str(c)), _values(rows.rows[c])) for c in rows.rows.columns if c not in formulas]
        work.added.append((len(rows.rows), dict(columns)))
    return work


def _rowmap(info: TableInfo, going: list[Removed], coming: list[Added], *, is_empty: bool) -> RowMap:
    """Where the table's rows go. Into a table without rows the first one comes in place of the blank Excel keeps."""
    removed = {info.first_row + int(position) for gone in going for position in gone.rows.index}
    added = sum(len(rows.rows) for rows in coming)
    if added and len(info) == 1 and is_empty:
        removed.add(info.first_row)
    return RowMap(info, removed, added)


def _new_headers(info: TableInfo, columns: list[NewColumn]) -> list[str]:
    """The headers that the table does not have yet, each once; CrmError for one that is too long for Excel."""
    headers = dict.fromkeys(new.header for new in columns)
    fresh = [header for header in headers if header not in info.headers]
    for header in fresh:
        if len(header) > MAX_HEADER:
            raise CrmError("apply.bad_header", table=info.name, value=header, column=header[:20])
    return fresh


def _change(work: TableWork, change: Change) -> None:
    """Note the values of a changed column, and what stood there; CrmError for a row that the table does not have."""
    column = work.column(change.column)
    places = change.after.index.to_numpy(dtype="int64") + work.info.first_row
    first, last = (int(places.min()), int(places.max())) if len(places) else (work.info.first_row, 0)
    if first < work.info.first_row or last > work.info.last_row:
        row = first if first < work.info.first_row else last
        raise CrmError("apply.no_row", table=work.info.name, sheet=work.info.sheet.name, row=row)
    rows = places.tolist()
    work.values.setdefault(column, {}).update(zip(rows, _values(change.after), strict=True))
    work.befores.setdefault(column, {}).update(zip(rows, _values(change.before), strict=True))


def _removed(work: TableWork, removed: Removed) -> None:
    """Note the rows to go with the cells that the plan knew of them; CrmError for a row that is not there."""
    info = work.info
    columns = [(work.column(str(name)), _values(removed.rows[name])) for name in removed.rows.columns]
    for i, position in enumerate(removed.rows.index):
        row = info.first_row + int(position)
        if not info.first_row <= row <= info.last_row:
            raise CrmError("apply.no_row", table=info.name, sheet=info.sheet.name, row=row)
        work.removed[row] = {column: cells[i] for column, cells in columns}


def _values(series: pd.Series[Any]) -> list[Any]:
    """Cells as a list of Python's own values, None for every kind of blank."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        return numbers_or_none(series)
    if isinstance(dtype, np.dtype) and dtype.kind == "M":
        return series.to_numpy().astype("datetime64[us]").tolist()
    if isinstance(dtype, pd.StringDtype):
        return blanked(series.to_numpy(dtype=object), (series.isna() | (series == "")).to_numpy(dtype=bool))
    held = series.astype(object)
    return list(held.where(series.notna() & (held != ""), None))


def _differs(before: object, found: object) -> bool:
    """Whether a cell is another than the plan knew; a formula that was left alone is not compared."""
    return found is not KEPT and not matches(before, found)


def matches(before: object, actual: object) -> bool:
    """Whether a cell is what the plan was computed from, in any of the forms in which a reader may have shown it.

    The fast reader shows a number among texts as text.
    """
    if before is actual or same_value(before, actual):
        return True
    if isinstance(actual, str) and isinstance(before, str):
        return before.replace("\r\n", "\n") == actual.replace("\r\n", "\n")
    if isinstance(before, str):
        return _forms(before, actual)
    if isinstance(before, (dt.datetime, dt.date)) and isinstance(actual, dt.datetime):
        return abs((pd.Timestamp(before) - pd.Timestamp(actual)).total_seconds()) < 0.002
    return isinstance(actual, str) and text_of(before) == actual


def _forms(before: str, actual: object) -> bool:
    """Whether a text is one that some reader shows for a number, truth value or date: digits differ, the value not."""
    if isinstance(actual, bool):
        return before.lower() in (str(actual).lower(), "1" if actual else "0")
    if isinstance(actual, float):
        return bool(_NUMBER.fullmatch(before)) and math.isclose(float(before), actual, rel_tol=1e-12)
    if isinstance(actual, dt.datetime):
        try:
            shown = dt.datetime.fromisoformat(before if before[4:5] == "-" else "")
        except ValueError:
            return False
        return abs(shown.replace(tzinfo=None) - actual) < dt.timedelta(milliseconds=2)
    return before == str(actual)
