"""The Plan of a run as a frozen value: printed by `--dry-run`, applied to a workbook, inverted by undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlcrm.problems import Problem
from xlcrm.tables import Table, Tables
from xlcrm.values import same

if TYPE_CHECKING:
    from xlcrm.forgetting.traces import Erasure


@dataclass(frozen=True, eq=False)
class Change:
    """Cells of one column: `before` and `after` share one index, the positions in the table's frame.

    `keys` (same index) names the row to a user: a client_id or an invoice.
    """

    table: str
    column: str
    before: pd.Series[Any]
    after: pd.Series[Any]
    keys: pd.Series[Any]


@dataclass(frozen=True, eq=False)
class Added:
    """Rows put under a table. Columns are canonical names or a user's header texts; columns left out stay blank."""

    table: str
    rows: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Removed:
    """Rows taken out of a table; the rows below move up. The index of `rows` is the position, its cells the before."""

    table: str
    rows: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Resized:
    """Rows that come into a table, or go `out` of it, at its end by its range alone: no cell is written.

    The index of `rows` is their position in the table, its cells what stands there.
    """

    table: str
    rows: pd.DataFrame
    out: bool = False


@dataclass(frozen=True)
class NewColumn:
    """A user column put at the right of a table, before any cell of it is written."""

    table: str
    header: str


@dataclass(frozen=True)
class Grid:
    """A sheet of a spreadsheet to export: text is written as text, whatever it looks like.

    `money` and `dates` are the positions of the columns that get such a number format.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    money: frozenset[int] = frozenset()
    dates: frozenset[int] = frozenset()


@dataclass(frozen=True)
class OutFile:
    """A file to write beside the workbook; `name` may hold folders. Grids become the sheets of an .xlsx file."""

    name: str
    content: bytes | tuple[Grid, ...]


@dataclass(frozen=True)
class Issue:
    """A document that gets its number with this run: once it is on record, the number is never anybody else's.

    series, year, sequence  which numbers are taken; `number` is how they are written
    file                    where its file goes, seen from the workbook's folder, with "/"
    """

    number: str
    series: str
    year: int
    sequence: int
    file: str = ""
    content: bytes = b""


@dataclass(frozen=True, eq=False)
class WholeFile:
    """A backup that takes the place of the workbook's file, with the users' own sheets, charts and formats in it.

    backup   its file name, for the journal
    content  its bytes, locked or not as the workbook is to be
    tables   its tables, read from those bytes
    exact    not even the run's line in the sheet Changes is added to it
    """

    backup: str
    content: bytes
    tables: Tables
    exact: bool = False


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything one run would do. Applied in this order: resized, new columns, changes, removed, added rows, files.

    Positions in `changes` and `removed` are those of the tables as they were read.
    `notes` are (message key, values): the sentences that tell the user what happened. `nothing_to_do` says that what
    was asked for isn't there (no list named, nothing to undo), which is not the same as "already done".
    `whole` replaces the workbook's file before anything else; positions are then those of its tables. `undoes` is the
    number of the run that the plan takes back, 0 for none. `identity` is what the workbook gets with this write, ""
    where it keeps what it has. `issues` are the documents whose numbers are taken by it. `forgets` says whose traces
    are to go from every part of the workbook's file, and afterwards from the journal and backups; None for nobody's.
    """

    action: str
    changes: tuple[Change, ...] = ()
    added: tuple[Added, ...] = ()
    removed: tuple[Removed, ...] = ()
    new_columns: tuple[NewColumn, ...] = ()
    files: tuple[OutFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[tuple[str, Mapping[str, object]], ...] = ()
    nothing_to_do: bool = False
    whole: WholeFile | None = None
    undoes: int = 0
    identity: str = ""
    resized: tuple[Resized, ...] = ()
    issues: tuple[Issue, ...] = ()
    forgets: Erasure | None = None

    @property
    def touches_workbook(self) -> bool:
        rows = self.changes or self.added or self.removed or self.new_columns or self.resized
        return bool(rows or self.whole or self.identity or self.forgets)

    @property
    def is_empty(self) -> bool:
        return not (self.touches_workbook or self.files)

    def counts(self) -> dict[str, int]:
        """How many cells, rows and files."""
        return {
            "cells": sum(len(change.after) for change in self.changes),
            "added": height(self.added) + height(part for part in self.resized if not part.out),
            "removed": height(self.removed) + height(part for part in self.resized if part.out),
            "columns": len(self.new_columns),
            "files": len(self.files),
        }

    def join(self, *others: Plan) -> Plan:
        """This plan and others as one, under this plan's action."""
        whole = self
        for other in others:
            whole = replace(
                whole,
                changes=whole.changes + other.changes,
                added=whole.added + other.added,
                removed=whole.removed + other.removed,
                new_columns=whole.new_columns + other.new_columns,
                files=whole.files + other.files,
                problems=whole.problems + other.problems,
                notes=whole.notes + other.notes,
                resized=whole.resized + other.resized,
                issues=whole.issues + other.issues,
            )
        return whole


def height(parts: Iterable[Added | Removed | Resized]) -> int:
    """How many rows some parts of a plan have together."""
    return sum(len(part.rows) for part in parts)


def diff(table: Table, after: pd.DataFrame, *, key: str = "") -> tuple[Change, ...]:
    """The changes that make the cells of `table` those of `after`, and no others.

    `after` has any of the table's columns and any of its rows (index = position in the table). Formula columns are
    left out: their cells belong to the workbook. `key` is the column that names a row (default: the first one).
    """
    found = []
    keys = table.frame[key or table.frame.columns[0]]
    for column in after.columns:
        if column in table.formulas or column not in table.frame.columns:
            continue
        new = after[column]
        old = table.frame[column].reindex(new.index)
        moved = ~same(old, new)
        if moved.any():
            found.append(Change(table.name, str(column), old[moved], new[moved], keys.reindex(new.index)[moved]))
    return tuple(found)


def fixed(table: Table, values: pd.DataFrame) -> tuple[Change, ...]:
    """Changes that fill a table of a fixed number of rows (a dashboard's) from the top, blanking what is left over."""
    height = len(table.frame)
    whole = {
        c: pd.Series(list(values[c][:height]) + [None] * (height - len(values)), dtype=object) for c in values.columns
    }
    return diff(table, pd.DataFrame(whole, dtype=object))


# The tables as a run left them, from the state before it and the plan that it wrote.


def tables_after(before: Tables, plan: Plan) -> Tables:
    """The tables after a run. `before` is what the plan was computed from: its positions are the plan's."""
    parts: tuple[Change | Added | Removed | NewColumn | Resized, ...] = (
        *plan.changes, *plan.added, *plan.removed, *plan.new_columns, *plan.resized,
    )  # fmt: skip
    touched = {part.table for part in parts}
    after = {name: _replayed(before[name], plan) for name in touched if name in before}
    return Tables(before.names, lambda name: after[name] if name in after else before[name], before.identity)


def _replayed(table: Table, plan: Plan) -> Table:
    frame, headers = table.frame, dict(table.headers)
    for part in plan.resized:
        if part.table == table.name:
            frame = frame.drop(index=part.rows.index) if part.out else pd.concat([frame, part.rows])
    for new in plan.new_columns:
        if new.table == table.name:
            frame = frame.assign(**{new.header: pd.Series([None] * len(frame), index=frame.index, dtype=object)})
            headers[new.header] = new.header
    for change in plan.changes:
        if change.table == table.name:
            frame = _with_cells(frame, change)
    gone = [place for part in plan.removed if part.table == table.name for place in part.rows.index]
    added = [part for part in plan.added if part.table == table.name]
    return replace(table, frame=_with_rows(frame.drop(index=gone), added), headers=headers, below=None)


def _with_cells(frame: pd.DataFrame, change: Change) -> pd.DataFrame:
    if change.column not in frame.columns:
        return frame
    cells = frame[change.column].astype(object).copy()
    cells.loc[change.after.index] = change.after.astype(object)
    return frame.assign(**{change.column: _kept(cells, frame[change.column])})


def _kept(cells: pd.Series[Any], before: pd.Series[Any]) -> pd.Series[Any]:
    """Cells in the dtype that their column had, where they fit."""
    try:
        return cells.where(cells.notna(), np.nan if before.dtype != "str" else "").astype(before.dtype)
    except (TypeError, ValueError):
        return cells


def _with_rows(frame: pd.DataFrame, added: Sequence[Added]) -> pd.DataFrame:
    columns = list(frame.columns)
    parts = [part.rows.reindex(columns=columns) for part in added if len(part.rows)]
    whole = pd.concat([frame, *parts], ignore_index=True) if parts else frame.reset_index(drop=True)
    for column in columns if parts else ():
        whole[column] = _kept(whole[column].astype(object), frame[column])
    return whole
