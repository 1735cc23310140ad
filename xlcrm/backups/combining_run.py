"""Combining as a run: the copy is read, its common state found, and the files of its documents brought along."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm.backups import shared_state
from xlcrm.combining.combine_plan import combine_plan
from xlcrm.errors import CrmError
from xlcrm.files import encryption, issued_files
from xlcrm.files.private import private_file
from xlcrm.interactions.contact_memory import contacted_by_both
from xlcrm.os_errors import refusing
from xlcrm.plan import Issue, Plan
from xlcrm.privacy import forget_run
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.xlsx import copy_stamp
from xlcrm.xlsx.own_sheets import own_sheets

if TYPE_CHECKING:
    from xlcrm.actions import Operation

TOUCHED_DAYS = 7  # within which two people should not contact one client
NAMED_CLIENTS = 10


def combine(session: Session, copy: Path, base: str = "") -> Operation:
    """What a copy has since the state that both were made of, into the workbook. The copy is only read.

    base  names that state, a backup of ours or a file, where neither the copy nor the runs tell it
    """
    if copy.exists() and session.path.exists() and copy.samefile(session.path):
        raise CrmError("combine.same_file", name=copy.name)
    with refusing(copy):
        content = copy.read_bytes()
    theirs, stamp = shared_state.held_tables(content, copy.name, session.call.password)
    if "Clients" not in theirs:
        raise CrmError("run.no_clients", name=copy.name, tables=", ".join(theirs) or "-")
    named = shared_state.asked_state(session, base) if base else None

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        state = named
        if state is None:
            stamps = (_own_stamp(session), stamp)
            stores = shared_state.stores_of(session, copy)
            state = shared_state.shared_state(stores, tables, theirs, stamps, session.call.password)
        earlier = shared_state.earlier_combinings(session, tables, theirs)
        other = _without_forgotten(session, copy, content, tables) or theirs
        made = combine_plan(tables, other, state, settings=settings, today=today, fallback=copy.stem, earlier=earlier)
        made = _with_contacts(made, tables, settings)
        return _with_documents(_with_sheets(made, session, copy), session, copy)

    return operation


def _without_forgotten(session: Session, copy: Path, content: bytes, tables: Tables) -> Tables | None:
    """The copy's tables without whom the workbook has forgotten since; None where it has nobody of them."""
    with private_file(copy.name, content) as given:
        cleaned = forget_run.without(session, given, tables)
    return shared_state.held_tables(cleaned, copy.name, session.call.password)[0] if cleaned else None


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
