"""About a client in one run: what the workbook, its journal, its backups and its files hold, as PDF, .json and .csv."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.forgetting.forget_run import older_backups, stands_in
from xlcrm.forgetting.traces import Who, erasure, named
from xlcrm.lists.list_order import LETTER_PAPER
from xlcrm.lists.papers_made import sender
from xlcrm.papers.printing import PaperPress
from xlcrm.people import language as languages
from xlcrm.plan import OutFile, Plan
from xlcrm.privacy import client_files
from xlcrm.privacy.about_client import (
    Held,
    HeldChange,
    HeldPlace,
    Unrecorded,
    as_csv,
    as_json,
    card_of,
    changes_about,
    name_of,
    rows_about,
)
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables

if TYPE_CHECKING:
    from xlcrm.actions import Operation


def about(session: Session, ids: tuple[str, ...], folder: str) -> Operation:
    """What tells all about clients or people; files go to `folder`, "" to where lists go. CrmError "about.nobody"."""
    if not ids:
        raise CrmError("about.nobody")

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        older, _ = older_backups(session)
        found = []
        for number in ids:
            who = named([tables, *(held for _, held in older)], [number])
            places = [HeldPlace("backup", backup.name) for backup, held in older if stands_in(held, who)]
            places += _files(session, tables, who)
            rows, (changes, lost) = tuple(rows_about(tables, who)), _changes(session, who)
            found.append(Held(number, name_of(tables, who), rows, tuple(changes), tuple(places), lost))
        return _told(session, found, tables, folder, today)

    return operation


def _files(session: Session, tables: Tables, who: Who) -> Iterator[HeldPlace]:
    issued = client_files.issued_to(tables, who)
    yield from (HeldPlace("file", name) for name in issued.get("file", ()) if name)
    traces = erasure([tables], who, country=session.settings.country)
    yield from (HeldPlace("file", name) for name in client_files.holding(session.path, traces))


def _changes(session: Session, who: Who) -> tuple[list[HeldChange], Unrecorded]:
    """What the journal has, and how many runs it has no cells of any more (too old, damaged, another password)."""
    found: list[HeldChange] = []
    lost: list[str] = []
    for entry in session.journal.entries():
        if entry.state != "failed" and not entry.put:
            try:
                found += changes_about(session.journal.plan(entry.number), f"{entry.at:%Y-%m-%d %H:%M}", who)
            except CrmError:
                lost.append(f"{entry.at:%Y-%m-%d}")
    return found, Unrecorded(len(lost), max(lost, default=""))


def _told(session: Session, found: list[Held], tables: Tables, folder: str, today: dt.date) -> Plan:
    place = f"{Path(folder).as_posix()}/" if folder else ""
    files = [file for held in found for file in _files_of(held, session.settings, tables, place, today)]
    backups = {place.name for held in found for place in held.places if place.kind == "backup"}
    counts = {
        "n": len(found), "rows": sum(len(held.rows) for held in found),
        "runs": sum(len(held.changes) for held in found), "backups": len(backups),
    }  # fmt: skip
    locked = session.path.exists() and encryption.is_encrypted(session.path)
    notes: tuple[tuple[str, dict[str, object]], ...] = (("about.done", {**counts}),)
    lost = found[0].unrecorded
    notes += (("about.history_gone", {"n": lost.runs, "day": lost.until}),) * bool(lost.runs)
    return Plan("about", files=tuple(files), notes=(*notes, ("about.plain", {})) if locked else notes)


def _files_of(held: Held, settings: Settings, tables: Tables, place: str, today: dt.date) -> Iterator[OutFile]:
    language = _language(held, tables, settings)
    card = card_of(held, language)
    with PaperPress() as press:
        paper = press.cards(
            [card], sender(settings), today=today, title=messages.text("about.title", language), language=language,
            paper="Letter" if settings.country in LETTER_PAPER else "A4",
        )  # fmt: skip
    name = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in held.number)
    yield OutFile(f"{place}{name}.pdf", paper.content)
    yield OutFile(f"{place}{name}.json", as_json(held))
    yield OutFile(f"{place}{name}.csv", as_csv(held, language))


def _language(held: Held, tables: Tables, settings: Settings) -> str:
    """The client's own language where we speak it, else the workbook's."""
    for row in held.rows:
        if row.table in ("Clients", "People"):
            header = tables[row.table].headers.get("language", "language")
            code = languages.format(row.cells.get(header, ""))
            return code if code in messages.LANGUAGES else settings.language
    return settings.language
