"""The one run that every button and every command takes; its six steps stand here and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from xlcrm import messages
from xlcrm.actions import Operation
from xlcrm.backups.journal_file import Journal
from xlcrm.backups.retention import Rules
from xlcrm.backups.store import Store
from xlcrm.errors import CrmError, spoken
from xlcrm.excel.retry import UnfinishedError
from xlcrm.files import encryption, open_elsewhere, output_files
from xlcrm.files.book import Book
from xlcrm.os_errors import refusing
from xlcrm.plan import Added, Plan
from xlcrm.settings import Settings, read_settings
from xlcrm.tables import Tables
from xlcrm.undo import interrupted, undo
from xlcrm.undo.journal import next_to_undo
from xlcrm.xlsx.reading import read_tables

STEPS = ("run.snapshot", "run.read", "run.plan", "run.apply", "run.journal")


@dataclass(frozen=True)
class Call:
    """Who runs what and when: everything about a run that is not in the workbook.

    now    local time; it dates the backup, the journal and what "today" means
    who    the person, for the sheet Changes and the journal
    step   called with the name of each of STEPS as it begins
    warn   called with sentences that the user should read whatever happens
    """

    now: dt.datetime
    who: str = ""
    dry_run: bool = False
    step: Callable[[str], None] = lambda name: None
    warn: Callable[[str], None] = lambda text: None
    password: str = ""

    @property
    def today(self) -> dt.date:
        return self.now.date()


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


def run(book: Book, action: str, operation: Operation, call: Call, *, undoes: int = 0) -> Outcome:
    """Take one action on a workbook: nothing is written unless the whole plan can be; CrmError says why it can't.

    `undoes` is the number of the run that the operation takes back, for the journal.
    """
    found = book.look()
    settings = read_settings(found)
    with spoken(settings.language):
        return _run(book, action, operation, call, undoes, found, settings)


def _run(
    book: Book, action: str, operation: Operation, call: Call, undoes: int, found: Tables, settings: Settings
) -> Outcome:
    if "Clients" not in found:
        there = ", ".join(found) or "-"
        raise CrmError("run.no_clients", name=book.path.name, tables=there)
    _warn(book, settings, call)
    if call.dry_run:
        return _look(book, operation, settings, call)
    store = Store(book.path, settings.backup_folder, password=call.password)
    waiting = messages.text("lock.waiting", settings.language, name=book.path.name)
    with store.lock(on_wait=lambda: call.warn(waiting)):
        call.step("run.snapshot")
        reason = messages.text("backup.before", settings.language, action=action)
        backup = store.take(book.snapshot, call.now, reason)
        try:
            call.step("run.read")
            with store.opened(backup) as path:
                tables = read_tables.read(path)
                call.step("run.plan")
                plan = operation(tables, settings, call.today)
                call.step("run.apply")
                lists = output_files.folder(book.path, settings.language, call.now)
                stood = output_files.there(lists, plan.files)
                files = output_files.write(lists, plan.files, call.now)
                try:
                    number = _apply(book, plan, tables, settings, call, _journal(store), backup.name, undoes)
                except CrmError:
                    output_files.take_back(files, stood)
                    raise
        except CrmError as fault:
            if not isinstance(fault, UnfinishedError):
                store.unless_equal(backup)
            raise
        if not number:
            backup = store.unless_equal(backup)
        store.prune(call.now, rules(settings))
    return Outcome(plan, settings, tables, backup.path, number, files)


def undo_run(book: Book, number: int, call: Call) -> Outcome:
    """Take back a run by its number (0: the latest that stands); it goes the same path as any other action."""
    found = book.look()
    settings = read_settings(found)
    with spoken(settings.language):
        return _undo_run(book, number, call, found, settings)


def _undo_run(book: Book, number: int, call: Call, found: Tables, settings: Settings) -> Outcome:
    journal = _journal(Store(book.path, settings.backup_folder, password=call.password))
    entry = journal.entry(number) if number else next_to_undo(journal.entries())
    while (
        entry and entry.state == "begun" and not interrupted.inverse(journal.plan(entry.number), found).touches_workbook
    ):
        # it was ended before it wrote anything, so there is nothing of it to take back
        journal.failed(entry.number, now=call.now)
        entry = None if number else next_to_undo(journal.entries())
    if entry is None:
        raise CrmError("undo.nothing", name=book.path.name)
    if entry.undone_by:
        raise CrmError("undo.already", number=entry.number, by=entry.undone_by)

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        plan = journal.plan(entry.number)
        return undo.inverse(plan, tables) if entry.state == "done" else interrupted.inverse(plan, tables)

    return run(book, "undo", operation, call, undoes=entry.number)


def rules(settings: Settings) -> Rules:
    """How many backups the sheet Settings wants kept."""
    return Rules(
        settings.keep_last, settings.keep_daily, settings.keep_weekly, settings.keep_monthly, settings.keep_yearly
    )


def _apply(
    book: Book, plan: Plan, tables: Tables, settings: Settings, call: Call, journal: Journal, backup: str, undoes: int
) -> int:
    """Write the plan and put it on record; the number that undo takes, 0 where there was nothing to write."""
    if not plan.touches_workbook:
        return 0
    number = journal.begin(plan, now=call.now, who=call.who, backup=backup, undoes=undoes)
    try:
        applied = book.apply(_with_log(plan, tables, number, settings, call), tables)
    except CrmError as fault:
        if not isinstance(fault, UnfinishedError):  # then some cells are written, and undo finds out which
            journal.failed(number, now=call.now)
        raise
    call.step("run.journal")
    journal.done(number, _without_log(applied), now=call.now)
    return number


def _look(book: Book, operation: Operation, settings: Settings, call: Call) -> Outcome:
    """The plan alone, from a copy that is thrown away."""
    with TemporaryDirectory(prefix="xlcrm-") as folder:
        copy = Path(folder) / book.path.name
        call.step("run.snapshot")
        with refusing(copy):
            book.snapshot(copy)
        call.step("run.read")
        with encryption.readable(copy, call.password) as path:
            tables = read_tables.read(path)
            call.step("run.plan")
            plan = operation(tables, settings, call.today)
            written = {c.table for c in plan.changes} | {a.table for a in plan.added} | {r.table for r in plan.removed}
            for name in (written | {p.table for p in plan.problems}) & set(tables):
                _ = tables[name]  # whoever prints the plan asks for headers after the copy is gone
            return Outcome(plan, settings, tables)


def _journal(store: Store) -> Journal:
    return Journal(store.journal_path, password=store.password)


def _warn(book: Book, settings: Settings, call: Call) -> None:
    name = book.path.name
    for owner in open_elsewhere.owners(book.path):
        key = "book.open_elsewhere" if owner.who else "book.open_somewhere"
        call.warn(messages.text(key, settings.language, name=name, program=owner.program, who=owner.who))
    for copy in open_elsewhere.conflict_copies(book.path):
        call.warn(messages.text("book.conflict_copy", settings.language, name=name, copy=copy.name))


def _with_log(plan: Plan, tables: Tables, number: int, settings: Settings, call: Call) -> Plan:
    """The plan with its own line in the sheet Changes."""
    if "Changes" not in tables:
        return plan
    counts = plan.counts()
    told = " ".join(messages.text(key, settings.language, **values) for key, values in plan.notes)
    row = {
        "undo_number": number,
        "when": pd.Timestamp(call.now).floor("s"),
        "who": call.who,
        "action": messages.text(f"action.{plan.action}", settings.language),
        "cells": counts["cells"],
        "rows_added": counts["added"],
        "rows_removed": counts["removed"],
        "what": told[:2000],
    }
    known = [column for column in row if column in tables["Changes"].frame.columns]
    return replace(plan, added=(*plan.added, Added("Changes", pd.DataFrame([row])[known])))


def _without_log(plan: Plan) -> Plan:
    """What undo takes back: everything but the line in the sheet Changes, which stays as history."""
    return replace(plan, added=tuple(added for added in plan.added if added.table != "Changes"))
