"""Combining as a run: the copy is read, the state that both were made of is found, and documents bring their files.

That state is told by a copy's stamp, or by the last run that both copies list: the backup before that run, and its plan
put on it. Never by date and never by likeness: the newest backup of ours as base would bring a stale value back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlcrm.backups.put_back import made_elsewhere
from xlcrm.backups.store import Backup, Store
from xlcrm.combining.combine_plan import combine_plan
from xlcrm.combining.earlier_combinings import EarlierCombinings
from xlcrm.combining.other_records import runs_of
from xlcrm.errors import CrmError
from xlcrm.files import encryption, issued_files
from xlcrm.files.private import private_file
from xlcrm.forgetting import forget_run
from xlcrm.handing_out.handed_rows import handed_out
from xlcrm.interactions.contact_memory import contacted_by_both
from xlcrm.os_errors import refusing
from xlcrm.plan import Change, Issue, Plan, tables_after
from xlcrm.row_matching import tokens
from xlcrm.session import Session, open_session
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.undo.journal import Entry
from xlcrm.undo.undo import places_now
from xlcrm.values import is_blank, text_of
from xlcrm.xlsx import copy_stamp
from xlcrm.xlsx.copy_stamp import CopyStamp
from xlcrm.xlsx.own_sheets import own_sheets
from xlcrm.xlsx.reading import read_tables

if TYPE_CHECKING:
    from xlcrm.actions import Operation

TOUCHED_DAYS = 7  # within which two people should not contact one client
NAMED_CLIENTS = 10


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
    since. One that brought issued documents is left out: where it was killed, another run ended it, for them alone.
    """
    known, own = set(runs_of(theirs.get("Changes"))), set(own_runs(ours.get("Changes")))
    away = made_elsewhere(session)
    entries = [entry for entry in session.journal.entries() if entry.number not in away]
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


def combine(session: Session, copy: Path, base: str = "") -> Operation:
    """What a copy has since the state that both were made of, into the workbook. The copy is only read.

    base  names that state, a backup of ours or a file, where neither the copy nor the runs tell it
    """
    if copy.exists() and session.path.exists() and copy.samefile(session.path):
        raise CrmError("combine.same_file", name=copy.name)
    with refusing(copy):
        content = copy.read_bytes()
    theirs, stamp = held_tables(content, copy.name, session.call.password)
    if "Clients" not in theirs:
        raise CrmError("run.no_clients", name=copy.name, tables=", ".join(theirs) or "-")
    named = asked_state(session, base) if base else None

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        state = named
        if state is None:
            stamps = (_own_stamp(session), stamp)
            stores = stores_of(session, copy)
            state = shared_state(stores, tables, theirs, stamps, session.call.password)
        earlier = earlier_combinings(session, tables, theirs)
        other = _without_forgotten(session, copy, content, tables) or theirs
        made = combine_plan(tables, other, state, settings=settings, today=today, fallback=copy.stem, earlier=earlier)
        made = _with_contacts(made, tables, settings)
        return _with_documents(_with_sheets(made, session, copy), session, copy)

    return operation


def _without_forgotten(session: Session, copy: Path, content: bytes, tables: Tables) -> Tables | None:
    """The copy's tables without whom the workbook has forgotten since; None where it has nobody of them."""
    with private_file(copy.name, content) as given:
        cleaned = forget_run.without(session, given, tables)
    return held_tables(cleaned, copy.name, session.call.password)[0] if cleaned else None


def _with_contacts(plan: Plan, tables: Tables, settings: Settings) -> Plan:
    """The plan with a sentence that names the clients whom somebody here and somebody there contacted."""
    both = contacted_by_both(tables, plan, TOUCHED_DAYS, settings.country)
    shown = ", ".join(both[:NAMED_CLIENTS]) + (", …" if len(both) > NAMED_CLIENTS else "")
    note = ("combine.contacted_by_both", {"n": len(both), "days": TOUCHED_DAYS, "clients": shown})
    return replace(plan, notes=(*plan.notes, note)) if both else plan


def _own_stamp(session: Session) -> copy_stamp.CopyStamp | None:
    with suppress(CrmError, OSError), encryption.readable(session.path, session.call.password) as path:
        return copy_stamp.of_file(path)
    return None


def _with_sheets(plan: Plan, session: Session, copy: Path) -> Plan:
    """The plan with a sentence that names the users' own sheets that differ."""
    password = session.call.password
    with (
        suppress(CrmError, OSError),
        encryption.readable(session.path, password) as ours,
        encryption.readable(copy, password) as theirs,
    ):
        names = own_sheets(ours, theirs)
        if names:
            return replace(plan, notes=(*plan.notes, ("combine.own_sheets", {"sheets": ", ".join(names)})))
    return plan


def _with_documents(plan: Plan, session: Session, copy: Path) -> Plan:
    """The plan with the numbers of the documents that come over, taken for good, and their files."""
    rows = [row for part in plan.added if part.table == "Documents" for row in part.rows.to_dict("records")]
    if not rows:
        return plan
    named = [{str(column): text_of(value) for column, value in row.items()} for row in rows]
    issues = tuple(_issue(row, session.path.parent, copy.parent) for row in named)
    missing = [row["number"] for row in named if row.get("file") and not _is_there(row, session, copy)]
    notes = [("combine.documents", {"numbers": ", ".join(row["number"] for row in named)})]
    notes += [("combine.files_missing", {"numbers": ", ".join(missing)})] if missing else []
    return replace(plan, issues=(*plan.issues, *issues), notes=(*plan.notes, *notes))


def _issue(row: dict[str, str], ours: Path, theirs: Path) -> Issue:
    content = next(_contents(row, theirs), b"")
    free = bool(content) and not issued_files.place(ours, row["file"]).exists()
    year, sequence = (int(row.get(name) or 0) for name in ("year", "sequence"))
    file = row["file"] if free else ""
    return Issue(row["number"], row.get("series", ""), year, sequence, file, content if free else b"")


def _contents(row: dict[str, str], folder: Path) -> Iterator[bytes]:
    """The bytes of a document's file below a folder, where they are those that were issued."""
    with suppress(CrmError, OSError):
        if row.get("file"):
            content = issued_files.place(folder, row["file"]).read_bytes()
            if hashlib.sha256(content).hexdigest().startswith(row.get("hash", "")):
                yield content


def _is_there(row: dict[str, str], session: Session, copy: Path) -> bool:
    return any(next(_contents(row, folder), b"") for folder in (session.path.parent, copy.parent))
