"""What backup, restore and undo plan: operations that look into the folder of backups and the journal.

They take the same path as every other action (see `run.run`), so each is backed up first, warns of people who have
the workbook open, and stands in the journal and in the sheet Changes.

A restore of a file puts the backup's file in the place of the workbook's, whole: users' own sheets, charts and formats
come back with it. Only the sheet Changes gets the lines it lacks (the runs since, and this one), for history is not set
back. It works over a workbook that is damaged or gone; then nothing but the backup's own bytes is written. A backup is
read to its end first, and what the reader refuses is not put back.

Undo of such a restore goes by what the journal kept: the names of the backup that it put in place and of the one taken
of what it replaced, and the checksum of the file as it was left.

1. The file is still as the restore left it: the replaced file comes back, byte for byte.
2. It was saved since, but no cell of a table differs (or the workbook is open in Excel): the tables come back cell by
   cell; the users' own sheets, charts and formats stay as they are now.
3. Cells were changed since: refused, with what changed and how to have the replaced workbook back all the same.

An upgrade (`upgrading`) puts a whole file in place, too; it is taken back as in 1, else refused, naming the backup.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from xlcrm import messages
from xlcrm.backups.history import differences
from xlcrm.backups.restore import KEPT, restore_rows, restore_tables
from xlcrm.backups.store import Backup
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.durable import sha256_of
from xlcrm.files.private import private_file
from xlcrm.forgetting import forgotten, forgotten_file
from xlcrm.merging.alias_table import id_keys
from xlcrm.plan import Plan, WholeFile
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.undo import interrupted, parting
from xlcrm.undo import undo as undoing
from xlcrm.undo.forked_journal import OwnRuns
from xlcrm.undo.journal import Entry
from xlcrm.xlsx.reading import read_tables

if TYPE_CHECKING:
    from xlcrm.actions import Operation


# Runs that write what they found (Problems, Duplicates, Found) and leave everything else alone.
LOOKING = frozenset({"search", "check", "doubles"})


def backup(session: Session) -> Operation:
    """Nothing but the backup that every run takes first; says where it is."""

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        made = session.store.backups()[-1]
        return Plan("backup", notes=(("backup.done", {"name": made.name, "folder": str(session.store.folder)}),))

    return operation


def restore(session: Session, which: str, rows: tuple[str, ...]) -> Operation:
    """A backup put back whole, or the clients `rows` alone; cell by cell where the workbook is open in Excel.

    which  see `Store.find`
    rows   client numbers, several in one text parted by commas
    """
    found = session.store.find(which)
    wanted = tuple(part.strip() for part in ",".join(rows).split(",") if part.strip())
    whole = _whole(session, found)
    if wanted:
        return lambda tables, settings, today: _rows_back(session, whole.tables, tables, wanted)
    if not session.book.is_file:
        return lambda tables, settings, today: restore_tables(whole.tables, tables)
    _refuse_other_kind(session, found)
    return lambda tables, settings, today: _put_back(session, replace(whole, exact=not tables))


def undo(session: Session, number: int) -> Operation:
    """What takes back a run by its number (0: the latest that stands and changed more than what was found).

    Runs of `LOOKING` that are passed over are named in a note, each with the number that takes it back.
    """
    passed = [] if number else _only_looked(session)
    entry = _to_take_back(session, number, passed[-1].number if passed else 0)
    if entry.put:
        return _noting(_take_back_whole(session, entry), passed)
    plan = session.journal.plan(entry.number)
    _refuse_if_forgotten(entry, plan)
    inverse = undoing.inverse if entry.state == "done" else interrupted.inverse
    if entry.state == "done" and entry.action == "merge":
        inverse = parting.inverse
    return _noting(
        lambda tables, settings, today: _of_the_rest(
            session, replace(inverse(plan, tables), undoes=entry.number), tables
        ),
        passed,
    )


def _refuse_if_forgotten(entry: Entry, plan: Plan) -> None:
    """CrmError "undo.only_forgotten" where a run was about nobody but clients who are forgotten by now."""
    if any(entry.counts.get(what) for what in ("cells", "added", "removed")) and not plan.touches_workbook:
        raise CrmError("undo.only_forgotten", number=entry.number, action=entry.action)


def _of_the_rest(session: Session, plan: Plan, tables: Tables) -> Plan:
    """The plan without anybody who was forgotten."""
    return forgotten.left_out(plan, tables, forgotten_file.known(session, tables), session.settings.country)


def _rows_back(session: Session, held: Tables, tables: Tables, wanted: tuple[str, ...]) -> Plan:
    """Single clients of a backup. CrmError "restore.forgotten" names those who were forgotten: they don't come back."""
    known = forgotten_file.known(session, tables)
    there = set(id_keys(held["Clients"].frame["client_id"])) if "Clients" in held else set()
    bare = pd.DataFrame({"client_id": [one for one in wanted if one.upper() not in there]}, dtype="str")
    lost = bare["client_id"][forgotten.returning(bare, known)].tolist()
    if lost:
        raise CrmError("restore.forgotten", ids=", ".join(lost))
    return forgotten.left_out(restore_rows(held, tables, wanted), tables, known, session.settings.country)


def _only_looked(session: Session) -> list[Entry]:
    """The latest runs that only wrote what they found, back to one that did more; none where all did no more."""
    passed: list[Entry] = []
    away = made_elsewhere(session)
    entry = session.journal.next_to_undo(without=away)
    while entry and entry.state == "done" and entry.action in LOOKING:
        passed.append(entry)
        entry = session.journal.next_to_undo(before=entry.number, without=away)
    return passed if entry else []


def _noting(operation: Operation, passed: list[Entry]) -> Operation:
    """An undo that also says which runs it passed over."""
    if not passed:
        return operation

    def noted(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        plan = operation(tables, settings, today)
        actions = [(messages.text(f"action.{entry.action}", settings.language), entry.number) for entry in passed]
        named = ", ".join(f"{action} ({number})" for action, number in reversed(actions))
        note = ("undo.passed_over", {"runs": named, "number": passed[0].number, "n": len(passed)})
        return replace(plan, notes=(*plan.notes, note))

    return noted


def _refuse_other_kind(session: Session, found: Backup) -> None:
    """CrmError "backup.other_kind": Excel doesn't open a workbook whose name says that it is one of another kind."""
    if found.path.suffix.lower() != session.path.suffix.lower():
        raise CrmError("backup.other_kind", name=found.name, book=session.path.name, suffix=found.path.suffix)


def _put_back(session: Session, whole: WholeFile) -> Plan:
    names = {"name": whole.backup, "book": session.path.name}
    if session.call.dry_run:
        return Plan("restore", whole=whole, notes=(("backup.would_restore", names),))
    if _holds(session, whole.content):
        return Plan("restore", notes=(("backup.restored", {**names, "replaced": whole.backup}),))
    newest = session.store.backups()[-1].name if session.path.exists() else "-"
    return Plan("restore", whole=whole, notes=(("backup.restored", {**names, "replaced": newest}),))


def _to_take_back(session: Session, number: int, before: int = 0) -> Entry:
    """The run that is meant. One that was ended before it wrote anything is closed on the way and passed over."""
    journal, away = session.journal, made_elsewhere(session)
    entry = journal.entry(number) if number else journal.next_to_undo(before, away)
    if entry and entry.number in away:
        raise CrmError("undo.elsewhere", number=entry.number, name=session.path.name)
    while entry and entry.state == "begun" and not entry.issues and _never_was(session, entry):
        if not session.call.dry_run:
            journal.failed(entry.number, now=session.call.now)
        entry = None if number else journal.next_to_undo(before=entry.number, without=away)
    if entry is None:
        raise CrmError("undo.nothing", name=session.path.name)
    _refuse_final(entry)
    return entry


def _refuse_final(entry: Entry) -> None:
    """CrmError where a run was taken back already, or is of those that can't be."""
    if entry.undone_by:
        raise CrmError("undo.already", number=entry.number, by=entry.undone_by)
    if entry.action == "forget":
        raise CrmError("undo.no_way_back", number=entry.number)
    if entry.issues or entry.action == "finish":
        raise CrmError("issuing.no_undo", documents=", ".join(dict.fromkeys(issue[0] for issue in entry.issues)) or "-")


def made_elsewhere(session: Session) -> frozenset[int]:
    """The numbers of the runs that the journal has and that were made in another copy of the workbook."""
    own = OwnRuns.of(session.seen.get("Changes"))
    return frozenset(entry.number for entry in session.journal.entries() if own.elsewhere(entry))


def _never_was(session: Session, entry: Entry) -> bool:
    """Whether a run that could not say what it did has left nothing in the workbook."""
    if entry.put:
        replaced = [backup for backup in session.store.backups() if backup.name == entry.backup]
        return bool(replaced) and replaced[0].sha256 == sha256_of(session.path)
    return not interrupted.inverse(session.journal.plan(entry.number), session.seen).touches_workbook


def _take_back_whole(session: Session, entry: Entry) -> Operation:
    replaced = _whole(session, found := _named(session, entry.backup), exact=True)
    _refuse_other_kind(session, found)

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        if session.book.is_file and sha256_of(session.path) == entry.left:
            note = "undo.put_back", {"action": entry.action, "name": replaced.backup, "book": session.path.name}
            return Plan("undo", whole=replaced, undoes=entry.number, notes=(note,))
        if entry.action == "upgrade":  # sheets came with it, and no plan of cells takes a sheet away
            raise CrmError("undo.upgraded", name=entry.backup)
        _refuse_if_changed(session, entry, tables)
        back = restore_tables(replaced.tables, tables)
        fill = {what: back.counts()[what] for what in ("cells", "removed", "added")}
        notes = (("undo.took_back", {"action": entry.action, **fill}), ("undo.sheets_stay", {"name": replaced.backup}))
        return replace(back, action="undo", undoes=entry.number, notes=notes)

    return operation


def _refuse_if_changed(session: Session, entry: Entry, tables: Tables) -> None:
    """CrmError "undo.changed_whole" where a table is not any more what a whole backup made of it."""
    left = _tables(session, session.store.content(found := _named(session, entry.put)), found.name)
    then, now = (Tables.of(*(held[name] for name in held if name not in KEPT)) for held in (left, tables))
    notes = [change.note() for change in differences(then, now)]
    if notes:
        told = "; ".join(messages.text(key, session.language, **values) for key, values in notes)
        raise CrmError("undo.changed_whole", changes=told, name=entry.backup)


def _named(session: Session, name: str) -> Backup:
    """The backup of exactly this name; CrmError "undo.backup_gone" where it isn't there any more."""
    found = [backup for backup in session.store.backups() if backup.name == name]
    if not found:
        raise CrmError("undo.backup_gone", name=name or "-", folder=str(session.store.folder))
    return found[0]


def _whole(session: Session, found: Backup, *, exact: bool = False) -> WholeFile:
    """A backup that is sound, and that the reader takes to its last table; without whom the workbook has forgotten."""
    from xlcrm.forgetting import forget_run  # with checks and lists, which an undo doesn't wait for

    content = session.store.content(found)
    with private_file(found.name, content) as given:
        content = forget_run.without(session, given, session.seen) or content
    return WholeFile(found.name, content, _tables(session, content, found.name), exact)


def _tables(session: Session, content: bytes, name: str) -> Tables:
    with private_file(name, content) as given, encryption.readable(given, session.call.password) as path:
        held = read_tables.read(path)
        return Tables.of(*held.values(), identity=held.identity)


def _holds(session: Session, content: bytes) -> bool:
    """Whether the workbook is, locked or not, what a backup holds."""
    password = session.call.password
    try:
        with (
            private_file(session.path.name, content) as given,
            encryption.readable(given, password) as then,
            encryption.readable(session.path, password) as now,
        ):
            return now.read_bytes() == then.read_bytes()
    except CrmError:
        return False
