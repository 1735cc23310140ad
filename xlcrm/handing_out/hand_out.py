"""Hand-out of a workbook: the file of a copy with some clients, stamped with the backup that is its base.

Without a condition it is the whole workbook, byte for byte but for the stamp. With one it is a new workbook into which
the rows are written: what is not listed in `handed_rows` can't be in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from xlcrm import schema
from xlcrm.backups.store import Backup
from xlcrm.building.build_workbook import build
from xlcrm.errors import CrmError
from xlcrm.exports.file_names import file_stem
from xlcrm.files import encryption, output_files
from xlcrm.handing_out.handed_rows import copy_content, handed_out
from xlcrm.plan import OutFile, Plan
from xlcrm.segments import members, parse_where
from xlcrm.segments.fields import FieldNames
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.spend import refresh
from xlcrm.tables import Tables
from xlcrm.values import as_text
from xlcrm.xlsx.copy_stamp import CopyStamp
from xlcrm.xlsx.copy_stamp import write as write_stamp
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing.apply_plan import apply_plan

if TYPE_CHECKING:
    from xlcrm.actions import Operation


class HandOutAsked(NamedTuple):
    """Who gets a copy, of which clients (conditions that must all hold; none: everybody), and where it goes."""

    name: str
    where: tuple[str, ...] = ()
    out: str = ""


def hand_out(session: Session, asked: HandOutAsked) -> Operation:
    """The operation that makes a copy; CrmError "hand.no_name" without a name, and as of `segments` for conditions."""
    if not asked.name.strip():
        raise CrmError("hand.no_name")
    out = output_files.asked(Path(asked.out)) if asked.out else None
    return lambda tables, settings, today: _plan(session, tables, asked, out, settings, today)


def name_typed(text: str) -> HandOutAsked:
    """What somebody typed into a single line: the name, and conditions behind semicolons."""
    name, *where = (part.strip() for part in text.split(";"))
    return HandOutAsked(name, tuple(filter(None, where)))


def _plan(
    session: Session, tables: Tables, asked: HandOutAsked, out: Path | None, settings: Settings, today: dt.date
) -> Plan:
    """The copy as a file to write, with what is in it and what stays behind."""
    ids = as_text(tables["Clients"].frame["client_id"]).str.strip()
    chosen = _chosen(tables, asked, settings, today)
    clients = tuple(dict.fromkeys(client for client in ids[chosen] if client))
    told: dict[str, object] = {"name": asked.name.strip(), "n": len(clients)}
    if not clients:
        return Plan("hand-out", notes=(("hand.nobody", told),), nothing_to_do=True)
    suffix = ".xlsm" if asked.where else session.path.suffix
    file = str(out) if out else f"{file_stem(f'{session.path.stem} {asked.name}', 'copy')}{suffix}"
    notes: list[tuple[str, Mapping[str, object]]] = [("hand.done" if asked.where else "hand.whole", told)]
    content = b""
    if not session.call.dry_run:
        content, left = _content(session, tables, asked, clients, settings, today)
        notes += left
    notes += _stays(tables, session, asked)
    return Plan("hand-out", files=(OutFile(file, content),), notes=tuple(notes))


def _chosen(tables: Tables, asked: HandOutAsked, settings: Settings, today: dt.date) -> list[bool]:
    """True for each row of Clients that is handed out."""
    if not asked.where:
        return [True] * len(tables["Clients"].frame)
    names = FieldNames.of(tables)
    conditions = [parse_where(text, names) for text in asked.where]
    return list(members(tables, conditions, today=today, settings=settings))


def _stays(tables: Tables, session: Session, asked: HandOutAsked) -> list[tuple[str, Mapping[str, object]]]:
    """What is said about sheets of the team's own, which a copy of some clients lacks, and about the password."""
    own = [table for table in tables if schema.known(table) is None] if asked.where else []
    found: list[tuple[str, Mapping[str, object]]] = []
    if own:
        found.append(("hand.own_sheets", {"names": ", ".join(own)}))
    if _is_locked(session):
        found.append(("hand.locked", {}))
    return found


def _is_locked(session: Session) -> bool:
    return session.path.exists() and encryption.is_encrypted(session.path)


def _content(
    session: Session, tables: Tables, asked: HandOutAsked, clients: tuple[str, ...], settings: Settings, today: dt.date
) -> tuple[bytes, list[tuple[str, Mapping[str, object]]]]:
    """The bytes of the copy, locked as the workbook is, and what is to be said of them."""
    base: Backup = session.store.backups()[-1]
    stamp = CopyStamp(base.name, base.sha256, clients if asked.where else ())
    with TemporaryDirectory(prefix="xlcrm-") as folder:
        made = Path(folder) / "copy.xlsm"
        if not asked.where:
            with encryption.readable(base.path, session.call.password) as plain:
                write_stamp(plain, made, stamp)
            notes: list[tuple[str, Mapping[str, object]]] = []
        else:
            filled, notes = _filled(Path(folder), tables, clients, settings, today)
            write_stamp(filled, made, stamp)
        content = made.read_bytes()
    return (encryption.encrypt(content, session.call.password) if _is_locked(session) else content), notes


def _filled(
    folder: Path, tables: Tables, clients: tuple[str, ...], settings: Settings, today: dt.date
) -> tuple[Path, list[tuple[str, Mapping[str, object]]]]:
    """A new workbook with the rows of these clients and their figures, and how many saved searches stayed behind."""
    handed, gone = handed_out(tables, clients)
    empty, filled, reckoned = (folder / f"{name}.xlsm" for name in ("empty", "filled", "reckoned"))
    parts = schema.parts_of(tables)
    build(empty, language=settings.language, country=settings.country, currency=settings.currency, parts=parts)
    new = read_tables.read(empty)
    plan = copy_content(handed, new)
    apply_plan(empty, filled, replace(plan, identity=tables.identity), new)
    with suppress(CrmError):  # figures can be reckoned later: a copy without them is whole all the same
        held = read_tables.read(filled)
        figures = refresh.plan(held, settings=settings, today=today).changes
        fed = tuple(change for change in figures if change.table not in handed)  # the rows stay those of the base
        apply_plan(filled, reckoned, Plan("refresh", changes=fed), held)
        filled = reckoned
    return filled, [("hand.searches_stay", {"n": gone})] if gone else []
