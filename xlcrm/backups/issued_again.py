"""Issued documents again: those that the journal knows and the workbook lacks come back, under their own numbers.

A run that was killed after its number was on record, an older backup put back by hand, a synchronized folder that set
the workbook back: whatever the reason, the next run of any kind ends what was begun before it does its own work. No
number is freed, and none stands for two documents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.files import issued_files
from xlcrm.issuing import standing
from xlcrm.issuing.document_rows import numbers
from xlcrm.issuing.numbering import DocumentNumber
from xlcrm.plan import Added, Change, Plan, diff
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.undo.forked_journal import OwnRuns
from xlcrm.undo.journal import Entry
from xlcrm.values import as_text

if TYPE_CHECKING:
    from xlcrm.actions import Operation

_KEYS = {"Documents": ("number",), "DocumentLines": ("number", "line"), "Purchases": ("document",)}


def taken(session: Session) -> tuple[DocumentNumber, ...]:
    """The numbers that are on record, whatever the workbook holds."""
    return tuple(DocumentNumber(issue[1], issue[2], issue[3]) for issue in _issues(session.journal.issuing()))


def taken_files(session: Session) -> tuple[str, ...]:
    """The files of documents on record, seen from the workbook's folder."""
    return tuple(issue[4] for issue in _issues(session.journal.issuing()) if issue[4])


def unfinished(session: Session) -> bool:
    """Whether a document on record is not in the workbook, or its run could not say that it is done."""
    entries = _of_this_copy(session) if "Documents" in session.seen else []
    if not entries:
        return False
    there = numbers(session.seen)
    return any(entry.state == "begun" for entry in entries) or any(i[0] not in there for i in _issues(entries))


def _of_this_copy(session: Session) -> list[Entry]:
    """The runs that issued documents, without those of another copy: these come over when the two are combined."""
    own = OwnRuns.of(session.seen.get("Changes"))
    return [entry for entry in session.journal.issuing() if not own.elsewhere(entry)]


def finish(session: Session) -> Operation:
    """What brings those documents back. Their files get their names, and what was begun is on record as done.

    That is said before the rows are written: where they are not, the next run finds the numbers missing all the same.
    """

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        entries = _of_this_copy(session)
        lost = numbers_lost(entries, tables)
        made = Plan("finish", notes=(("issuing.finished", {"numbers": ", ".join(lost)}),) if lost else ())
        for entry in entries:
            if entry.state == "begun" or any(issue[0] in lost for issue in entry.issues):
                made = made.join(_missing(session, entry, tables))
                _ended(session, entry)
        return made.join(_marks(made, tables, settings, today))

    return operation


def _ended(session: Session, entry: Entry) -> None:
    try:
        issued_files.publish(session.path.parent, [issue[4] for issue in entry.issues if issue[4]])
    except CrmError as fault:
        session.call.warn(fault.text(session.language))
        return
    if entry.state == "begun":
        session.journal.finished(entry.number, now=session.call.now)


def numbers_lost(entries: Sequence[Entry], tables: Tables) -> list[str]:
    """The documents on record that the workbook does not list."""
    there = numbers(tables)
    return list(dict.fromkeys(issue[0] for issue in _issues(entries) if issue[0] not in there))


def documents_since(now: Tables, then: Tables) -> tuple[Added, ...]:
    """The rows of issued documents that a backup doesn't have: like the list of runs they are never set back."""
    found = []
    for name in ("Documents", "DocumentLines"):
        if name in now and name in then:
            columns = [c for c in now[name].frame.columns if c in then[name].frame.columns]
            rows = _without(now[name].frame[columns], then[name].frame, _KEYS[name])
            found += [Added(name, rows)] if len(rows) else []
    return tuple(found)


def marks_since(then: Tables, since: Sequence[Added], session: Session) -> tuple[Change, ...]:
    """The marks of Purchases that a backup lacks because these documents were issued after it."""
    if not since:
        return ()
    plan = standing.plan(then, settings=session.settings, today=session.today, added=since, action="finish")
    return tuple(change for change in plan.changes if change.table == "Purchases")


def _issues(entries: Sequence[Entry]) -> Iterator[tuple[str, str, int, int, str]]:
    for entry in entries:
        yield from entry.issues


def _missing(session: Session, entry: Entry, tables: Tables) -> Plan:
    """The rows of a run that issued documents which are not in the workbook; where its line is damaged, a warning."""
    with suppress(CrmError):
        meant = session.journal.plan(entry.number)
        parts = ((part.table, _lacking(part, tables[part.table])) for part in _known(meant, tables))
        changes = tuple(_cells(meant, tables)) if entry.state == "begun" else ()
        return Plan("finish", changes, tuple(Added(name, rows) for name, rows in parts if len(rows)))
    session.call.warn(CrmError("undo.damaged", number=entry.number, name=session.path.name).text(session.language))
    return Plan("finish")


def _cells(meant: Plan, tables: Tables) -> Iterator[Change]:
    """The cells that name an e-invoice, of a run that was killed before it wrote them; its file gets its name now."""
    table = tables.get("Documents")
    for change in meant.changes:
        if table is not None and change.table == "Documents" and change.column in ("einvoice", "einvoice_hash"):
            wanted = dict(zip(as_text(change.keys).str.strip(), change.after, strict=True))
            cells = as_text(table.frame["number"]).str.strip().map(wanted).dropna()
            yield from diff(table, cells.astype(object).to_frame(change.column))


def _known(meant: Plan, tables: Tables) -> Iterator[Added]:
    for part in meant.added:
        if part.table in _KEYS and part.table in tables:
            yield part


def _lacking(part: Added, table: Table) -> pd.DataFrame:
    columns = [column for column in part.rows.columns if column in table.frame.columns]
    return _without(part.rows[columns], table.frame, _KEYS[part.table])


def _without(rows: pd.DataFrame, there: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows whose keys are not there yet."""
    if not set(keys) <= set(rows.columns) & set(there.columns):
        return rows.iloc[:0]
    known = set(_keyed(there, keys))
    new = [key not in known for key in _keyed(rows, keys)]
    return rows[new].reset_index(drop=True)


def _keyed(rows: pd.DataFrame, keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(as_text(rows[key]).str.strip() for key in keys), strict=True)


def _marks(made: Plan, tables: Tables, settings: Settings, today: dt.date) -> Plan:
    """The marks of Purchases and the statuses of other documents that follow once the rows are there."""
    if not made.added:
        return Plan("finish")
    return standing.plan(tables, settings=settings, today=today, added=made.added, action="finish")
