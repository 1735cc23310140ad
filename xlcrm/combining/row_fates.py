"""Row fates: which rows of two copies go, stay, come back or come over.

Deleted on one side and untouched on the other is deleted, unless the other side has written about it since: a new
purchase or contact of a client, a changed line. Deleted against an edit is kept and said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.combining.combined_table import CombinedTable
from xlcrm.combining.earlier_combinings import EarlierCombinings
from xlcrm.combining.table_rules import HANGS
from xlcrm.combining.three_way import Array
from xlcrm.row_matching import fingerprints


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
