"""Row changes: the plan of one combined table, in cells, rows and columns of our workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from xlcrm.combining.combined_table import CombinedTable
from xlcrm.combining.table_rules import REFERENCES
from xlcrm.combining.three_way import Array, MergedCells, taken_from
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, diff
from xlcrm.tables import Table
from xlcrm.values import is_blank, same


def row_changes(table: CombinedTable, cells: MergedCells, go: Array, come: Array) -> Plan:
    """The plan of one table: `cells` are taken, the rows `go` go and the rows `come` come (see `RowFates`)."""
    gone = np.sort(table.rows["o"].to_numpy()[go])
    rows = table.frames["t"].iloc[table.rows["t"].to_numpy()[come]]
    return Plan(
        "combine",
        changes=(*_changes(table, cells, gone), *_new_cells(table)),
        added=(Added(table.name, _under_headers(rows, table)),) if len(rows) else (),
        removed=(Removed(table.name, table.table.frame.iloc[gone]),) if len(gone) else (),
        new_columns=tuple(NewColumn(table.name, table.headers[c]) for c in _new(table)),
    )


def _new(table: CombinedTable) -> list[str]:
    """Columns that only they have and that hold something."""
    rows = table.frames["t"]
    return [c for c in table.columns.new if c in rows.columns and any(not is_blank(v) for v in rows[c])]


def _under_headers(rows: pd.DataFrame, table: CombinedTable) -> pd.DataFrame:
    """Rows under the names by which the workbook will know their columns: a new one by its header."""
    new = _new(table)
    left = [c for c in rows.columns if c not in table.columns.new or c in new]
    return rows[left].rename(columns={c: table.headers[c] for c in new}).reset_index(drop=True)


def _changes(table: CombinedTable, cells: MergedCells, gone: Array) -> Iterator[Change]:
    """Cells that are taken, and those whose numbers are called otherwise from now on."""
    frame = table.frames["o"]
    for column in frame.columns:
        positions, values = cells.taken.get(column, (np.array([], int), []))
        moved = np.setdiff1d(np.r_[positions, _renumbered(table, str(column))], gone)
        if len(moved):
            after = frame[column].astype(object).copy()
            after.iloc[positions] = pd.Series([None if is_blank(v) else v for v in values], dtype=object).to_numpy()
            yield from diff(table.table, pd.DataFrame({column: after.iloc[moved]}), key=key_of(table))


def _renumbered(table: CombinedTable, column: str) -> Array:
    """The positions of cells whose number is called otherwise from now on."""
    if column not in REFERENCES.get(table.name, ()):
        return np.array([], int)
    return np.flatnonzero(~same(table.table.frame[column], table.frames["o"][column]).to_numpy())


def _new_cells(table: CombinedTable) -> Iterator[Change]:
    """The cells of a new column in rows that are here already."""
    both = table.rows[(table.rows["o"] >= 0) & (table.rows["t"] >= 0)]
    for column in _new(table):
        cells = taken_from(table.frames["t"], column, both["t"].to_numpy())
        filled = np.flatnonzero([not is_blank(value) for value in cells])
        if len(filled):
            index = pd.Index(both["o"].to_numpy()[filled], dtype="int64")
            after = cells.iloc[filled].set_axis(index).sort_index()
            before = pd.Series([None] * len(after), index=after.index, dtype=object)
            keys = table.table.frame[key_of(table)].reindex(after.index)
            yield Change(table.name, table.headers[column], before, after, keys)


def key_of(table: CombinedTable) -> str:
    """The column that names a row of a table."""
    first = table.rule.columns[0]
    return first if first in table.table.frame.columns else str(table.table.frame.columns[0])


def replaced(table: Table, columns: Sequence[str], gone: Sequence[int], rows: pd.DataFrame) -> Plan:
    """The plan that puts rows in the place of others."""
    left = rows[[c for c in rows.columns if c in columns]].reset_index(drop=True)
    return Plan(
        "combine",
        added=(Added(table.name, left),) if len(left) else (),
        removed=(Removed(table.name, table.frame.iloc[list(gone)]),) if len(gone) else (),
    )
