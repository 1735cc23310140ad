"""Shared state of two copies: the state of the workbook that both were made of, and what was combined before.

It is told by a copy's stamp, or by the last run that both copies list: the backup before that run, and its plan put on
it. Never by date and never by likeness: the newest backup of ours as base would bring a stale value back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.backups.store import Backup, Store
from xlcrm.combining.earlier_combinings import EarlierCombinings
from xlcrm.combining.other_records import runs_of
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.private import private_file
from xlcrm.handing_out.handed_rows import handed_out
from xlcrm.plan import Change, Plan, tables_after
from xlcrm.row_matching import tokens
from xlcrm.session import Session, open_session
from xlcrm.tables import Table, Tables
from xlcrm.undo.journal import Entry
from xlcrm.undo.undo import places_now
from xlcrm.values import is_blank
from xlcrm.xlsx import copy_stamp
from xlcrm.xlsx.copy_stamp import CopyStamp
from xlcrm.xlsx.reading import read_tables


def held_tables(content: bytes, name: str, password: str) -> tuple[Tables, CopyStamp | None]:
    """The tables of a workbook's bytes, all read, and its stamp."""
    with private_file(name, content) as given, encryption.readable(given, password) as path:
        held = read_tables.read(path)
        return Tables.of(*held.values(), identity=held.identity), copy_stamp.of_file(path)


def stores_of(session: Session, copy: Path) -> list[Store]:
    """Where backups of the state may be: our store, and that of the copy where it has one of its own."""
    found = [session.store]
    with suppress(CrmError, OSError):
        found.append(open_session(copy, session.call).store)
    return found


def asked_state(session: Session, which: str) -> Tables:
    """The state that a person named: a backup of ours, or a file. CrmError where there is none."""
    password = session.call.password
    if Path(which).is_file():
        return held_tables(Path(which).read_bytes(), Path(which).name, password)[0]
    found = session.store.find(which)
    return held_tables(session.store.content(found), found.name, password)[0]


def shared_state(
    stores: Sequence[Store], ours: Tables, theirs: Tables, stamps: Sequence[CopyStamp | None], password: str
) -> Tables | None:
    """The state that both copies were made of, None where nobody can tell.

    stamps  ours, and that of the copy. What both have was made of the same copy, which may have gone on since
    """
    runs = _after_runs(stores, ours, theirs, password)
    mine, other = stamps
    ways = (runs, _stamped(stores, other, password)) if mine == other else (_stamped(stores, other, password), runs)
    return next((state for way in ways for state in way), None) or next(_stamped(stores, mine, password), None)


def _stamped(stores: Sequence[Store], stamp: CopyStamp | None, password: str) -> Iterator[Tables]:
    for store in stores if stamp else ():
        for backup in store.backups():
            if stamp and backup.sha256 == stamp.sha256:
                for state in _content(store, backup, password):
                    yield handed_out(state, stamp.clients)[0] if stamp.clients else state


def _after_runs(stores: Sequence[Store], ours: Tables, theirs: Tables, password: str) -> Iterator[Tables]:
    """The states after the runs that both list, the latest first."""
    known = set(own_runs(theirs.get("Changes")))
    common = [run for run in own_runs(ours.get("Changes")) if run in known]
    journals = [(store, {entry.id: entry for entry in store.journal.entries()}) for store in stores] if common else []
    for run in reversed(common):
        for store, entries in journals:
            if run in entries and entries[run].state == "done":
                yield from _after(store, entries[run], password)


def own_runs(table: Table | None) -> list[str]:
    """The runs of a sheet Changes that were made in the workbook itself: one that came over has no number."""
    if table is None or "undo_number" not in table.frame:
        return []
    numbers = table.frame["undo_number"]
    return [run for run, number in zip(runs_of(table), numbers, strict=True) if not is_blank(number)]


def _after(store: Store, entry: Entry, password: str) -> Iterator[Tables]:
    """The state that a run left; none where its backup or its cells are gone."""
    wanted = entry.put or entry.backup
    for backup in (backup for backup in store.backups() if backup.name == wanted):
        for state in _content(store, backup, password):
            with suppress(CrmError):
                if entry.put:
                    yield state
                elif made := _fitted(store.journal.plan(entry.number), state):
                    yield tables_after(state, made)


def _fitted(plan: Plan, state: Tables) -> Plan | None:
    """The plan with the places that its rows have in a backup, which has fewer where clients were forgotten since.

    A row that can't be told is left as it was before the run, so that what differs there is asked. None where rows
    went or came at the end of a table that has others now.
    """
    if all(_stands(change, state[change.table]) for change in plan.changes if change.table in state):
        return plan
    changes: list[Change] = []
    for name in dict.fromkeys(change.table for change in plan.changes if change.table in state):
        table = state[name]
        held = [change for change in plan.changes if change.table == name]
        before = [replace(change, before=change.after, after=change.before) for change in held]
        places = places_now(before, np.array([], dtype=int), table)
        if not (places.to_numpy() == places.index.to_numpy()).all() and _has_rows_out(plan, name):
            return None
        changes += [_placed(change, places) for change in held]
    return replace(plan, changes=tuple(changes))


def _stands(change: Change, table: Table) -> bool:
    """Whether the cells are in their places as the run met them."""
    frame, places = table.frame, change.before.index
    if change.column not in frame or not len(places):
        return True
    if places.max() >= len(frame):
        return False
    return bool((tokens(frame[change.column].iloc[places]).to_numpy() == tokens(change.before).to_numpy()).all())


def _has_rows_out(plan: Plan, name: str) -> bool:
    return name in {part.table for part in plan.removed} | {part.table for part in plan.resized}


def _placed(change: Change, places: pd.Series[Any]) -> Change:
    found = places[change.after.index]
    found = found[found >= 0]
    index = pd.Index(found.to_numpy(), dtype="int64")
    before, after, keys = (part[found.index].set_axis(index) for part in (change.before, change.after, change.keys))
    return Change(change.table, change.column, before, after, keys)


def _content(store: Store, backup: Backup, password: str) -> Iterator[Tables]:
    with suppress(CrmError):
        yield held_tables(store.content(backup), backup.name, password)[0]


def earlier_combinings(session: Session, ours: Tables, theirs: Tables) -> EarlierCombinings:
    """What combinings brought here that stand and that the copy doesn't know of.

    One stands where the workbook lists it as its own (another copy may have taken its place) and no backup was put back
    since. One that brought issued documents is left out: where it was killed, another run ended it for their sake alone.
    """
    known, own = set(runs_of(theirs.get("Changes"))), set(own_runs(ours.get("Changes")))
    entries = session.journal.entries()
    put_back = max(
        (entry.number for entry in entries if entry.action == "restore" and entry.state == "done"), default=0
    )
    plans = []
    for entry in entries:
        stands = entry.action == "combine" and entry.state == "done" and not entry.undone_by and not entry.issues
        if stands and entry.number > put_back and entry.id in own and entry.id not in known:
            with suppress(CrmError):
                plans.append(session.journal.plan(entry.number))
    return EarlierCombinings.of(plans)
