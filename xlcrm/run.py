"""The one run that every button and every command takes; its six steps stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from xlcrm import messages
from xlcrm.actions import ACTIONS, Action
from xlcrm.backups import table_cache
from xlcrm.backups.conflict_copies import conflict_copies
from xlcrm.backups.issued_again import documents_since, marks_since, unfinished
from xlcrm.backups.retention import Rules
from xlcrm.backups.store import Backup
from xlcrm.errors import CrmError, spoken
from xlcrm.excel.retry import UnfinishedError
from xlcrm.files import encryption, issued_files, modes, open_elsewhere, output_files
from xlcrm.files.durable import sha256_of
from xlcrm.forgetting import forget_progress
from xlcrm.os_errors import refusing
from xlcrm.plan import Added, Plan
from xlcrm.privacy import opting_out
from xlcrm.scheduling import night_state
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.undo.forked_journal import OwnRuns
from xlcrm.upgrading.lacking import met, untold
from xlcrm.values import text_of
from xlcrm.xlsx import identity
from xlcrm.xlsx.reading import read_tables, written_tables

_MOST = 1e9  # what is more was typed by a person
STEPS = ("run.snapshot", "run.read", "run.plan", "run.apply", "run.journal")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run did (or, after a dry run, would do): the plan, where its backup and files are, and its undo number."""

    plan: Plan
    settings: Settings
    tables: Tables
    backup: Path | None = None
    undo_number: int = 0
    files: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 done; 1 problems were found, or there was nothing to do as asked."""
        found = any(problem.level != "note" for problem in self.plan.problems)
        return 1 if found or self.plan.nothing_to_do else 0

    def sentences(self) -> list[str]:
        return [messages.text(key, self.settings.language, **values) for key, values in self.plan.notes]


@dataclass
class _Snapshot:
    """The workbook as it stands. `path` is None where there is no file; `written` once the workbook was changed.

    `tables` are what the run has it read as.
    """

    path: Path | None
    backup: Backup | None = None
    written: bool = False
    tables: Tables | None = None

    @property
    def name(self) -> str:
        return self.backup.name if self.backup else ""


def run(session: Session, action: Action, *, reason: str = "", **options: Any) -> Outcome:
    """Take one action on a workbook: nothing is written unless the whole plan can be; CrmError says why it can't.

    A dry run ends after the plan. `reason` ends the backup's name, "before ..." where it is blank; `options` are those
    of the action.
    """
    with spoken(session.language), modes.as_open_as(_there(session)):
        _refuse_or_warn(session, action)
        if not session.call.dry_run:
            session.store.catch_up()
            join_versions(session)
            if action.changes and action.name != "finish" and unfinished(session):
                session = _finished(session)
            if action.changes and forget_progress.begun(session.store):
                _end_forgetting(session)
        operation = action.make(session, **options)
        with _snapshot(session, action, reason) as taken, _read(session, action, taken) as tables:
            taken.tables = tables
            session.call.step("run.plan")
            with _with_purchases(session, action, tables) as known:
                with _told_without_numbers(known):
                    plan = operation(known, session.settings, session.today)
                plan = _with_note(session, action, plan, tables)
            _refuse_to_write_source(session, action, plan, tables)
            plan = opting_out.guarded(_with_rows_below(plan, tables), tables, session.seen, _event(session))
            if session.call.dry_run:
                return _shown(session, plan, tables)
            session.call.step("run.apply")
            with _files(session, plan, taken) as files:
                number = _apply(session, action, plan, tables, taken)
    papers = tuple(issued_files.place(session.path.parent, issue.file) for issue in plan.issues if issue.file)
    backup = taken.backup.path if taken.backup else None
    _warn_of_open_files(session, (*papers, *files))
    return Outcome(plan, session.settings, tables, backup, number, (*papers, *files))


@contextmanager
def _told_without_numbers(tables: Tables) -> Iterator[None]:
    """What can't do without the column of client numbers says that Clients lacks it; whatever can, goes on."""
    try:
        yield
    except KeyError as fault:
        if fault.args != ("client_id",) or "Clients" not in tables or "client_id" in tables["Clients"].frame:
            raise
        raise CrmError("refresh.no_client_id", sheet=tables["Clients"].sheet) from fault


def _with_purchases(session: Session, action: Action, tables: Tables) -> AbstractContextManager[Tables]:
    """The tables as the operation sees them: purchases come from the source that Settings name, where there is one.

    They are read there and never written: the plan is applied to the workbook's own tables. Rows of the sheet that are
    a view of a source are blank to all but those who handle the sheet itself.
    """
    if action.purchases == "sheet":
        return nullcontext(tables)
    if not (action.purchases and session.settings.purchases_source):
        return nullcontext(tables.typed)
    from xlcrm.sources.sourced_tables import with_source  # an extra: not to be waited for at every click

    return with_source(tables, session.settings, session.path.parent, action.purchases)


def _refuse_to_write_source(session: Session, action: Action, plan: Plan, tables: Tables) -> None:
    """A plan made with the purchases of a source changes none of the sheet's rows but those of the view of it."""
    touched = {part.table for parts in (plan.changes, plan.added, plan.removed) for part in parts}
    source = session.settings.purchases_source
    if not source or "Purchases" not in touched or action.purchases in ("", "sheet"):
        return
    from xlcrm.segments.purchases_view import touches_only_view

    if not touches_only_view(plan, tables["Purchases"]):
        raise CrmError("sources.read_only", source=source)


def join_versions(session: Session) -> None:
    """Take in what a sync program kept of the journal and the list of backups as second files, and say so."""
    found = session.store.join_versions(lambda: OwnRuns.of(session.seen.get("Changes")))
    if found:
        _redact_joined(session)
        fill = {"files": ", ".join(found), "name": session.path.name}
        session.call.warn(messages.text("journal.joined", session.language, **fill))


def _redact_joined(session: Session) -> None:
    """Runs that came over from another copy may be about clients who were forgotten meanwhile."""
    from xlcrm.forgetting import forgotten, forgotten_file

    known, now, country = forgotten_file.known(session), session.seen, session.settings.country
    if len(known):
        with session.store.lock():
            session.journal.redact(lambda plan: forgotten.plan_without(plan, now, known, country), lambda text: text)


def _end_forgetting(session: Session) -> None:
    """End what an earlier run that forgets somebody has begun."""
    from xlcrm.forgetting import forget_run  # with checks, imports and lists: not to be waited for at every click

    if forget_run.is_left(session):
        with session.store.lock():
            forget_run.finish(session)


def _event(session: Session) -> opting_out.Event:
    """Who records, when, and in which language."""
    return opting_out.Event(session.call.who, session.today, session.language)


def _finished(session: Session) -> Session:
    """The session after a run that ended what earlier ones had begun: issued documents that the workbook lacks."""
    ended = run(session, ACTIONS["finish"])
    for sentence in ended.sentences():
        session.call.warn(sentence)
    return Session.begin(session.book, session.call)


def _with_rows_below(plan: Plan, tables: Tables) -> Plan:
    """The plan with a note for each table that the run read and that has rows right under it, where it takes none."""
    taken = {part.table for part in plan.resized}
    notes = [
        ("table.rows_below", {"sheet": table.sheet, "n": table.typed_below, "row": table.excel_row(table.first_below)})
        for table in tables.read_so_far().values()
        if table.typed_below and table.name not in taken
    ]
    return replace(plan, notes=(*plan.notes, *notes)) if notes else plan


def rules(settings: Settings) -> Rules:
    """How many backups the sheet Settings wants kept."""
    return Rules(
        settings.keep_last, settings.keep_daily, settings.keep_weekly, settings.keep_monthly, settings.keep_yearly
    )


def _refuse_or_warn(session: Session, action: Action) -> None:
    if action.needs_clients and "Clients" not in session.seen:
        there = ", ".join(session.seen) or "-"
        raise CrmError("run.no_clients", name=session.path.name, tables=there)
    for fault in _elsewhere(session, action):
        if action.changes and _alone(session, action):
            raise _refusal(session, fault)
        session.call.warn(fault.text(session.language))


def _elsewhere(session: Session, action: Action) -> Iterator[CrmError]:
    """Who else seems to have the workbook; the owner file of the very program that has it open for us is ours.

    That others have it open matters where it may be changed, a second version beside it always, but to what combines.
    """
    name = session.path.name
    for owner in open_elsewhere.owners(session.path) if action.changes else ():
        if session.book.is_file or owner.program != "Excel":
            key = "book.open_elsewhere" if owner.who else "book.open_somewhere"
            yield CrmError(key, name=name, program=owner.program, who=owner.who, file=owner.file)
    combines = action.name == "combine"
    copies = () if combines else conflict_copies(session.path, session.seen.identity, session.call.password)
    if copies:
        yield CrmError("book.conflict_copy", name=name, copy=", ".join(copy.name for copy in copies))


def _alone(session: Session, action: Action) -> bool:
    """Whether the run may only be while nobody else has the workbook.

    Nobody sits there to agree with, or numbers are taken, which two at once would take twice.
    """
    return (session.call.unattended or action.alone) and not session.call.dry_run


def _refusal(session: Session, fault: CrmError) -> CrmError:
    """What is told where the run may not be: to somebody who sits there also how to go on."""
    if session.call.unattended or fault.key == "book.conflict_copy":
        return fault
    return CrmError("book.close_first", **fault.values)


def _refuse_late(session: Session, action: Action) -> None:
    """Once more, right before the workbook is written: somebody may have opened it while it was read."""
    if _alone(session, action):
        for fault in _elsewhere(session, action):
            raise _refusal(session, fault)


def _there(session: Session) -> Path:
    """What new files are to be like: the workbook, or where that is gone its newest backup."""
    if session.path.exists():
        return session.path
    return next((backup.path for backup in session.store.backups()[::-1]), session.path)


@contextmanager
def _snapshot(session: Session, action: Action, reason: str) -> Iterator[_Snapshot]:
    """Step 1: the workbook as it stands: a copy to throw away for a dry run, else a backup, alone for the block."""
    session.call.step("run.snapshot")
    there = not action.heals or session.path.exists()
    if session.call.dry_run:
        with TemporaryDirectory(prefix="xlcrm-") as folder:
            yield _Snapshot(_copy(session, Path(folder)) if there else None)
        return
    with _lock(session):
        if session.book.is_file:
            session.store.look_again()
        modes.settle(session.store.own_files(), _there(session))
        backup = _back_up(session, action, reason) if there else None
        _warn_of_unlocked(session)
        taken = _Snapshot(backup.path if backup else None, backup)
        with _settled(session, action, taken):
            yield taken
        light = {name for name, other in ACTIONS.items() if other.light}
        with suppress(CrmError):  # the run is done: what can't be looked through now is left to the next one
            pinned = session.store.bases(session.call.now)
            if session.store.prune(session.call.now, rules(session.settings), pinned=pinned, light=light):
                session.store.compact_journal(session.call.now)


def _lock(session: Session) -> AbstractContextManager[None]:
    """The right to write the workbook; a run that nobody attends doesn't wait for it."""
    if session.call.unattended:
        return session.store.lock(wait=0)
    waiting = messages.text("lock.waiting", session.language, name=session.path.name)
    return session.store.lock(on_wait=lambda: session.call.warn(waiting))


def _warn_of_unlocked(session: Session) -> None:
    """Says that what was kept before there was a password is still open to everybody."""
    unlocked, lines = len(session.store.unlocked()), session.journal.unlocked()
    if unlocked or lines:
        fill = {"n": unlocked, "lines": lines, "folder": str(session.store.folder)}
        session.call.warn(messages.text("backup.unlocked_stay", session.language, **fill))


def _warn_of_open_files(session: Session, files: tuple[Path, ...]) -> None:
    """Says of the files that a locked workbook's run was asked for that they have no password."""
    if files and session.path.exists() and encryption.is_encrypted(session.path):
        shown = ", ".join(path.name for path in files[:3]) + (", ..." if len(files) > 3 else "")
        fill = {"name": session.path.name, "n": len(files), "names": shown}
        session.call.warn(messages.text("seal.files_open", session.language, **fill))


@contextmanager
def _settled(session: Session, action: Action, taken: _Snapshot) -> Iterator[None]:
    """What becomes of the backup, however the block ends; nothing where the workbook is only half written."""
    try:
        yield
    except CrmError as fault:
        if not isinstance(fault, UnfinishedError):
            _settle(session, action, taken)
        raise
    _settle(session, action, taken)


def _copy(session: Session, folder: Path) -> Path:
    copy = folder / session.path.name
    with refusing(copy):
        session.book.snapshot(copy)
    return copy


def _back_up(session: Session, action: Action, reason: str) -> Backup:
    key = "backup.by_hand" if action.by_hand else "backup.before"
    reason = reason or messages.text(key, session.language, action=action.name)
    return session.store.take(session.book.snapshot, session.call.now, reason, whole=not action.heals)


def _settle(session: Session, action: Action, taken: _Snapshot) -> None:
    """After a run that wrote nothing: one backup of a state is enough; one that stays gets the run's kind on record."""
    if taken.written or taken.backup is None:
        return
    backup = taken.backup
    if not action.by_hand:
        taken.backup = session.store.unless_equal(backup, taken.tables)
    if taken.backup is backup:
        session.journal.keep_kind(backup.name, action.name)


@contextmanager
def _read(session: Session, action: Action, taken: _Snapshot) -> Iterator[Tables]:
    """Step 2: the tables of the snapshot. What the session saw is not read again where the snapshot is that copy."""
    session.call.step("run.read")
    if _is_locked(session):
        with suppress(OSError):
            table_cache.drop(session.store.folder)
    if taken.path is None:
        yield Tables.of()
    elif session.book.snapshot_is_seen:
        yield session.seen
    else:
        with encryption.readable(taken.path, session.call.password) as path:
            yield _tables(path, action, None if path != taken.path else _keeper(session))


def _is_locked(session: Session) -> bool:
    return bool(session.call.password) or (session.path.exists() and encryption.is_encrypted(session.path))


def _keeper(session: Session) -> table_cache.TableCache | None:
    """Where big tables are kept for the next run; nowhere of a workbook that has, or had just now, a password."""
    if _is_locked(session):
        return None
    writes = not session.call.dry_run
    return table_cache.TableCache(session.store.folder, session.path.name, table_cache.memory(), writes)


def _tables(path: Path, action: Action, keeper: table_cache.TableCache | None) -> Tables:
    try:
        return read_tables.read(path, keeper=keeper)
    except CrmError:
        if not action.heals:
            raise
        return Tables.of()


def _shown(session: Session, plan: Plan, tables: Tables) -> Outcome:
    """The outcome of a dry run, for whoever prints it after the copy is gone: the tables that it names are read."""
    written = {c.table for c in plan.changes} | {a.table for a in plan.added} | {r.table for r in plan.removed}
    for name in (written | {p.table for p in plan.problems}) & set(tables):
        _ = tables[name]
    return Outcome(plan, session.settings, tables)


def _with_note(session: Session, action: Action, plan: Plan, tables: Tables) -> Plan:
    """The plan, with a sentence where the run met an older workbook that lacks something, said once."""
    if action.heals or action.name == "upgrade":
        return plan
    found = met(tables)
    if found and not session.call.dry_run:
        found = untold(session.store, found)
    if not found:
        return plan
    note = "upgrade.older", {"name": session.path.name, "what": found.shown(session.language)}
    return replace(plan, notes=(*plan.notes, note))


def _files(session: Session, plan: Plan, taken: _Snapshot) -> AbstractContextManager[tuple[Path, ...]]:
    """Step 4: the plan's files; taken back where the workbook is refused after them."""
    lists = output_files.folder(session.path, session.language, session.call.now)
    return output_files.written(lists, plan.files, session.call.now, keep=lambda: taken.written)


def _apply(session: Session, action: Action, plan: Plan, tables: Tables, taken: _Snapshot) -> int:
    """Steps 5 and 6: write the plan and put it on record; the number for undo, 0 where nothing had to be written."""
    if not plan.touches_workbook:
        return 0
    call, journal, folder = session.call, session.journal, session.path.parent
    above = max(_highest_number(tables), session.store.highest_before())
    _refuse_late(session, action)
    tables = plan.whole.tables if plan.whole else tables
    plan = replace(plan, identity=_identity(session, plan, tables))
    owner = plan.identity or session.store.identity
    issued_files.stage(folder, plan.issues)
    if plan.forgets:
        from xlcrm.forgetting import forget_run

        forget_run.begin(session, plan.forgets, taken.name)
    number = journal.begin(
        _on_record(plan), now=call.now, who=call.who, backup=taken.name, above=above, book=owner, counts=plan.counts()
    )
    nights = _nights_missed(session, plan, tables)
    try:
        applied = session.book.apply(_with_log(session, plan, tables, number, nights), tables)
    except CrmError as fault:
        if isinstance(fault, UnfinishedError):  # then some cells are written, and undo finds out which
            taken.written = True
        elif journal.failed(number, now=call.now):
            issued_files.discard(folder, plan.issues)
        raise
    taken.written = True
    call.step("run.journal")
    if nights:
        night_state.told(session.store)
    if _published(session, plan):
        journal.done(number, _on_record(_without_log(applied)), now=call.now, left=_left(session, plan))
    if plan.identity and not session.store.identity:
        session.store.join(plan.identity, None if plan.whole else tables)
        if session.store.copied:
            call.warn(messages.text("book.copied", session.language, name=session.path.name))
    if plan.forgets:
        forget_run.finish(session, plan)
    _keep_written(session, plan, tables, taken)
    return number


def _keep_written(session: Session, plan: Plan, tables: Tables, taken: _Snapshot) -> None:
    """Keep big tables as the plan left them, for the next run; where that can't be, the next run reads them."""
    keeper = _keeper(session)
    if keeper is not None and taken.path is not None and session.book.is_file:
        with suppress(CrmError, OSError):
            written_tables.keep(keeper, taken.path, session.path, plan, tables)


def _on_record(plan: Plan) -> Plan:
    """What the journal keeps of a plan: of one that forgets somebody no cell."""
    return Plan(plan.action, notes=plan.notes, identity=plan.identity) if plan.forgets else plan


def _published(session: Session, plan: Plan) -> bool:
    """Whether the files of issued documents have their names; else the run stays "begun", and the next one ends it."""
    try:
        issued_files.publish(session.path.parent, [issue.file for issue in plan.issues if issue.file])
    except CrmError as fault:
        session.call.warn(fault.text(session.language))
        return False
    return True


def _identity(session: Session, plan: Plan, tables: Tables) -> str:
    """The identity that the workbook gets with this write: at its first change a new one, or one that it has lost.

    "" where it has the right one, and where a file comes back byte for byte.
    """
    if plan.identity or (plan.whole and plan.whole.exact):
        return plan.identity
    wanted = session.store.identity or identity.new()
    return "" if wanted == tables.identity else wanted


def _highest_number(tables: Tables) -> int:
    """The highest run that the sheet Changes lists: the workbook may have been changed where another journal is."""
    if "Changes" not in tables or "undo_number" not in tables["Changes"].frame:
        return 0
    numbers = pd.to_numeric(tables["Changes"].frame["undo_number"], errors="coerce").dropna()
    return int(numbers.max()) if len(numbers) and numbers.max() < _MOST else 0


def _left(session: Session, plan: Plan) -> str:
    """The checksum of a file that was put in place; "" where it can't be read back, which is no reason to refuse."""
    if plan.whole:
        with suppress(OSError):
            return sha256_of(session.path)
    return ""


def _has_no_log(plan: Plan, tables: Tables) -> bool:
    """Whether a run has no line in the sheet Changes: there is none, or a file comes back byte for byte."""
    return "Changes" not in tables or bool(plan.whole and plan.whole.exact)


def _nights_missed(session: Session, plan: Plan, tables: Tables) -> tuple[Added, ...]:
    """Lines for the sheet Changes about nights that could not be done."""
    if _has_no_log(plan, tables):
        return ()
    lines = night_state.lines(session.store, [*tables["Changes"].frame.columns], session.language)
    return () if lines is None else (Added("Changes", lines),)


def _with_log(session: Session, plan: Plan, tables: Tables, number: int, nights: tuple[Added, ...]) -> Plan:
    """The plan with its own line in the sheet Changes behind those about nights, where it has one."""
    if _has_no_log(plan, tables):
        return plan
    told = " ".join(messages.text(key, session.language, **values) for key, values in plan.notes)
    row = {
        "undo_number": number,
        "when": pd.Timestamp(session.call.now).floor("s"),
        "who": session.call.who,
        "action": messages.text(f"action.{plan.action}", session.language),
        **_counted(plan),
        "what": told[:2000],
        "run": session.journal.run_id(number),
    }
    columns = tables["Changes"].frame.columns
    rows = pd.DataFrame([row])[[column for column in row if column in columns]]
    since = documents_since(session.seen, tables) if plan.whole else ()
    earlier = (*_runs_since(session.seen, tables), *since) if plan.whole else ()
    marks = marks_since(tables, since, session)
    back = _forgotten_since(session, tables, plan)
    added = (*plan.added, *earlier, *back, *nights, Added("Changes", rows))
    return replace(plan, changes=(*plan.changes, *marks), added=added)


def _forgotten_since(session: Session, tables: Tables, plan: Plan) -> tuple[Added, ...]:
    """The rows of the sheet Forgotten that a file put back lacks. One that somebody else put there, a sync program
    say, may have those clients again: that is told."""
    from xlcrm.forgetting import forget_run, forgotten_file

    missing = forget_run.missing_rows(forgotten_file.known(session, tables), tables)
    if missing and not plan.whole:
        session.call.warn(messages.text("forget.older_book", session.language, name=session.path.name))
    return missing


def _counted(plan: Plan) -> dict[str, int]:
    """How many cells and rows, for the sheet Changes; a whole workbook is not counted in cells."""
    counts = plan.counts()
    named = {"cells": "cells", "rows_added": "added", "rows_removed": "removed"}
    return {} if plan.whole else {column: counts[what] for column, what in named.items()}


def _runs_since(now: Tables, then: Tables) -> tuple[Added, ...]:
    """The lines of the sheet Changes that a backup doesn't have: the list of runs is history and is never set back."""
    if "Changes" not in now:
        return ()
    lines, known = now["Changes"].frame, then["Changes"].frame
    if not {"undo_number", "when"} <= set(lines.columns) & set(known.columns):
        return ()
    there = set(map(_line, known["undo_number"], known["when"]))
    missing = [place for place, line in enumerate(map(_line, lines["undo_number"], lines["when"])) if line not in there]
    columns = [c for c in lines.columns if c in known.columns and c not in then["Changes"].formulas]
    return (Added("Changes", lines.iloc[missing][columns].reset_index(drop=True)),) if missing else ()


def _line(number: object, when: object) -> tuple[str, str]:
    return text_of(number), text_of(when)


def _without_log(plan: Plan) -> Plan:
    """What undo takes back: everything but the lines in the sheets Changes and Forgotten, which are never set back."""
    return replace(plan, added=tuple(added for added in plan.added if added.table not in ("Changes", "Forgotten")))
