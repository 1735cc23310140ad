"""Row changes: which rows of two copies go, stay, come back or come over, and the plan of one combined table.

Deleted on one side and untouched on the other is deleted, unless the other side has written about it since: a new
purchase or contact of a client, a changed line. Deleted against an edit is kept and said.

A block is what several rows under one first column are together (a segment's conditions, a currency's rates). It is one
thing: unchanged on one side it is taken from the other, else it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm.combining.combined_table import CombinedTable
from xlcrm.combining.earlier_combinings import EarlierCombinings
from xlcrm.combining.row_triples import keys_of
from xlcrm.combining.table_rules import HANGS, REFERENCES
from xlcrm.combining.three_way import Array, MergedCells, taken_from
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, diff
from xlcrm.row_matching import fingerprints
from xlcrm.tables import Table
from xlcrm.values import is_blank, same


@dataclass
class RowFates:
    """By table, rows (places in `CombinedTable.rows`).

    go      of ours: deleted there
    come    of theirs: new there, or back after a deletion here
    kept    (table, place): we changed what they deleted
    back    (table, place): they changed what we deleted
    clients numbers of clients who stay or come back because of new purchases or contacts
    """

    go: dict[str, Array] = field(default_factory=dict)
    come: dict[str, Array] = field(default_factory=dict)
    kept: list[tuple[str, int]] = field(default_factory=list)
    back: list[tuple[str, int]] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)


def row_fates(
    tables: Mapping[str, CombinedTable],
    earlier: EarlierCombinings,
    merged_there: Mapping[str, str],
    merged_here: Mapping[str, str],
    renumbered: Mapping[str, Mapping[str, set[str]]],
) -> RowFates:
    """The fates of all rows. `merged_there`, `merged_here`: clients whom one side merged into others since the base;
    what hangs on them follows, so that they go all the same. `renumbered`: table -> side -> keys edited by hand."""
    fates = RowFates()
    here = {client for client in _written(tables, "o", "bo") if client not in merged_there}
    there = {client for client in _written(tables, "t", "bt") if client not in merged_here}
    known = {name: _brought(table, earlier) for name, table in tables.items()}
    if "Clients" in tables:
        clients = tables["Clients"]
        edited = renumbered.get("Clients", {})
        _fate(fates, clients, known["Clients"], here, there, (merged_there, merged_here), edited)
        here = _stay(clients, fates.go["Clients"], "bo", "o", here)
        there = set(clients.keys("t")[fates.come["Clients"] & ~clients.has("t")])
    for name, table in tables.items():
        if name != "Clients":
            hang = (here, there) if name in HANGS else (set(), set())
            _fate(fates, table, known[name], *hang, ({}, {}), renumbered.get(name, {}))
    return fates


def _stay(clients: CombinedTable, go: Array, states: str, state: str, wanted: set[str]) -> set[str]:
    """The clients whom the other side deleted and who stay: what hangs on them stays with them."""
    return set(clients.keys(state)[clients.has(states) & ~go])


def _written(tables: Mapping[str, CombinedTable], state: str, gone: str) -> set[str]:
    """The clients about whom one side has new rows, or changed ones that the other side deleted."""
    found: set[str] = set()
    for name in HANGS:
        if name in tables and "client_id" in tables[name].frames[state].columns:
            table = tables[name]
            rows = table.has(state) | (table.has(gone) & table.changed(state))
            found |= set(table.clients(state)[rows])
    return found - {""}


def _fate(
    fates: RowFates,
    table: CombinedTable,
    known: Array,
    here: set[str],
    there: set[str],
    merged: tuple[Mapping[str, str], Mapping[str, str]],
    renumbered: Mapping[str, set[str]],
) -> None:
    """The fates of one table's rows. `here`, `there`: clients about whom a side has written."""
    name = table.name
    gone_there, gone_here, new = table.has("bo"), table.has("bt"), table.has("t")
    hang_here, hang_there = _hanging(table, "o", here), _hanging(table, "t", there)
    edited_here = gone_there & ~_among(table.keys("o"), merged[0])
    edited_here &= table.changed("o") | _among(table.keys("o"), renumbered.get("ours", ()))
    edited_there = gone_here & ~_among(table.keys("t"), merged[1])
    edited_there &= table.changed("t") | _among(table.keys("t"), renumbered.get("theirs", ()))
    fates.go[name] = gone_there & ~edited_here & ~hang_here
    fates.come[name] = (new & (~known | hang_there)) | edited_there | (gone_here & hang_there)
    if table.strict:
        fates.come[name][:] = False
    fates.kept += [(name, int(at)) for at in np.flatnonzero(edited_here)]
    fates.back += [(name, int(at)) for at in np.flatnonzero(edited_there)]
    if name == "Clients":
        stay = gone_there & hang_here & ~edited_here
        back = gone_here & hang_there & ~edited_there
        fates.clients += [*table.keys("o")[stay], *table.keys("t")[back]]


def _hanging(table: CombinedTable, state: str, clients: set[str]) -> Array:
    return table.clients(state).isin(clients).to_numpy() if clients else np.zeros(len(table.rows), dtype=bool)


def _among(keys: pd.Series[Any], names: Collection[str]) -> Array:
    return keys.isin(list(names)).to_numpy()


def _brought(table: CombinedTable, earlier: EarlierCombinings) -> Array:
    """Which of their new rows are as an earlier combining brought them: they were deleted, or changed, here since."""
    found = np.zeros(len(table.rows), dtype=bool)
    places = np.flatnonzero(table.has("t"))
    if not len(places) or table.name not in earlier.rows:
        return found
    rows = table.frames["t"].iloc[table.rows["t"].to_numpy()[places]]
    for part in earlier.rows[table.name]:
        shared = [c for c in part.columns if c in rows.columns]
        if len(shared) == len(rows.columns):
            found[places] |= np.isin(fingerprints(rows, shared), fingerprints(part, shared))
    return found


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
