"""Row changes: the plan of one combined table, in cells, rows and columns of our workbook; and blocks of rows.

A block is what several rows under one first column are together (a segment's conditions, a currency's rates). It is one
thing: unchanged on one side it is taken from the other, else it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlcrm.combining.combined_table import CombinedTable
from xlcrm.combining.row_triples import keys_of
from xlcrm.combining.table_rules import REFERENCES
from xlcrm.combining.three_way import Array, MergedCells, taken_from
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, diff
from xlcrm.row_matching import fingerprints
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


class BlockRows(NamedTuple):
    """One block that differs: our positions, theirs, and whether both sides changed it."""

    key: str
    ours: list[int]
    theirs: list[int]
    asked: bool


def block_rows(table: CombinedTable) -> Iterator[BlockRows]:
    """The blocks of several rows to take from theirs or to ask about, in the order of their names."""
    if table.rule.kind != "block":
        return
    columns = [c for c in table.frames["o"].columns if c in table.frames["t"].columns]
    keys = {state: keys_of(frame, table.rule.columns) for state, frame in table.frames.items()}
    prints = {
        state: fingerprints(frame, [c for c in columns if c in frame.columns]) for state, frame in table.frames.items()
    }
    for key in sorted(set().union(*(k[k.duplicated()] for k in keys.values())) - {""}):
        places = {state: np.flatnonzero(found == key) for state, found in keys.items()}
        found = _block(key, places, {state: tuple(prints[state][at]) for state, at in places.items()}, table.strict)
        if found:
            yield found


def _block(key: str, places: dict[str, Array], rows: dict[str, tuple[int, ...]], strict: bool) -> BlockRows | None:
    same_there = rows["t"] == rows["o"] or (not strict and rows["t"] == rows["b"])
    if same_there:
        return None
    asked = strict or rows["o"] != rows["b"]
    return BlockRows(key, places["o"].tolist(), places["t"].tolist(), asked)


def block_cells(table: CombinedTable, state: str, places: list[int]) -> pd.DataFrame:
    """The rows of a block in one state."""
    return table.frames[state].iloc[places]
