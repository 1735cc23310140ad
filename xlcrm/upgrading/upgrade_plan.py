"""Plan of an upgrade: the upgraded file takes the place of the workbook's file, whole, as a restored backup does.

So it takes the same path as every other run: a backup first, a line in the journal and in the sheet Changes. Undo puts
the replaced file back, byte for byte, as long as nobody has saved since; afterwards it is refused and names the backup.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.private import private_file
from xlcrm.plan import Plan, WholeFile
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.upgrading.upgrade_book import Upgraded, upgrade_file
from xlcrm.xlsx.reading import read_tables

if TYPE_CHECKING:
    from xlcrm.actions import Operation

Note = tuple[str, dict[str, object]]


def upgrade(session: Session) -> Operation:
    """What brings a closed workbook up to date. CrmError "upgrade.open" while a program has it open."""
    if not session.book.is_file:
        raise CrmError("upgrade.open", name=session.path.name)
    return lambda tables, settings, today: _plan(session, settings, today)


def _plan(session: Session, settings: Settings, today: dt.date) -> Plan:
    """The plan; where nothing is lacking, only the sentence that says so."""
    path, password = session.path, session.call.password
    with private_file(path.name) as target, encryption.readable(path, password) as plain:
        done = upgrade_file(plain, target, settings)
        notes = tuple(_notes(session, done))
        if done.nothing:
            return Plan("upgrade", notes=notes, nothing_to_do=bool(done.refused))
        held, content = Tables.of(*read_tables.read(target).values()), target.read_bytes()
    if encryption.is_encrypted(path):
        content = encryption.encrypt(content, password)
    replaced = "-" if session.call.dry_run else session.store.backups()[-1].name
    return Plan("upgrade", whole=WholeFile(replaced, content, held), notes=notes)


def _notes(session: Session, done: Upgraded) -> Iterator[Note]:
    """What was brought, in the order in which a person would look at it, and what could not be."""
    name = {"name": session.path.name}
    if not done.nothing:
        yield "upgrade.would" if session.call.dry_run else "upgrade.done", dict(name)
    elif not done.refused:
        yield "upgrade.current", dict(name)
    if done.sheets:
        yield "upgrade.sheets", {"names": ", ".join(done.sheets)}
    for sheet, headers in done.columns.items():
        yield "upgrade.columns", {"sheet": sheet, "names": ", ".join(headers)}
    if done.settings:
        yield "upgrade.settings", {"names": ", ".join(done.settings)}
    if done.macros or done.ribbon:
        yield "upgrade.buttons", {}
    for sheet, reason in done.refused.items():
        yield "upgrade.refused", {"sheet": sheet, "reason": reason}
