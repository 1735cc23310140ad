"""Calendar file (.ics, RFC 5545): birthdays, open follow-ups and complaints, the next steps of opportunities.

All are whole days, so that no time zone matters. An event's UID stays the same for ever: a calendar that takes the file
a second time replaces what it has instead of doubling it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pandas as pd

from xlcrm import messages, words
from xlcrm.exports.contact import Contact
from xlcrm.exports.export_order import ExportOrder
from xlcrm.exports.file_names import file_stem
from xlcrm.exports.list_notes import done
from xlcrm.interactions.complaints import open_complaints
from xlcrm.interactions.contact_lines import contact_lines
from xlcrm.plan import OutFile, Plan
from xlcrm.problems import Problem
from xlcrm.tables import Table, Tables
from xlcrm.values import as_date, as_flag, as_text

if TYPE_CHECKING:
    from icalendar import Event

CLOSED = ("won", "lost")
_OF_CONTACT = ("client_id", "date", "kind", "subject")  # what a row of Interactions is known by: the day may be moved


@dataclass(frozen=True)
class Day:
    """One event: a whole day, `yearly` where it comes back.

    ident   what it is known by, the same in every run
    about   further lines, below the summary
    """

    ident: str
    date: dt.date
    summary: str
    about: str = ""
    yearly: bool = False


def calendar(order: ExportOrder, tables: Tables) -> Plan:
    """One .ics called as the list, for the contacts of an order; tables that the workbook lacks are passed over.

    Birthdays of the contacts (29 February is kept on the 28th in other years); of their clients, Interactions with
    `follow_up_on` that aren't done, complaints that are open and have no such day (they stand on today), and
    Opportunities with `next_on` that are neither won nor lost. A date that can't
    be read is a Problem "exports.bad_date"; a birthday after today is left out and counted.
    """
    known = {contact.client_id: contact for contact in reversed(order.contacts) if contact.client_id}
    born = [(contact, contact.birth_date) for contact in order.contacts if contact.birth_date]
    days = [_birthday(contact, day, order) for contact, day in born if day <= order.today]
    later = len(born) - len(days)
    problems: list[Problem] = []
    for name, column, make in (("Interactions", "follow_up_on", _follow_ups), ("Opportunities", "next_on", _steps)):
        if name in tables and {column, "client_id"} <= set(tables[name].frame.columns):
            rows, bad = _dated(tables[name], column, order)
            days += make(rows, known, order)
            problems += bad
    days += _complaints(tables, known, order)
    counts = Counter(day.ident.partition("-")[0] for day in days)
    note = done(
        "exports.calendar_done", order, len(days), {"exports.born_later": later},
        birthdays=counts["birthday"], follow_ups=counts["followup"], steps=counts["step"],
        complaints=counts["complaint"],
    )  # fmt: skip
    files = (OutFile(f"{file_stem(order.title, 'calendar')}.ics", _ics(days, order)),) if days else ()
    return Plan("lists", files=files, problems=tuple(problems), notes=(note,))


def _birthday(contact: Contact, born: dt.date, order: ExportOrder) -> Day:
    """The birthday of a contact, from the day of birth on."""
    summary = _said("birthday", order, name=contact.name or contact.key)
    return Day(f"birthday-{contact.key or contact.name}", born, summary, _reach(contact), yearly=True)


def _dated(table: Table, column: str, order: ExportOrder) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The rows of a table with a day in `column`, all else as text; and a problem for each that is no date."""
    when, bad = as_date(table.frame[column], order.settings.country)
    frame = pd.DataFrame({str(name): as_text(cells).str.strip() for name, cells in table.frame.items()})
    frame["when"] = pd.Series(when, dtype=object)
    rows = [{str(name): value for name, value in row.items()} for row in frame[when.notna()].to_dict("records")]
    problems = [
        Problem("exports.bad_date", table.name, table.excel_row(at), frame["client_id"][at], column, frame[column][at])
        for at in frame.index[bad]
    ]
    return [{**row, "when": pd.Timestamp(row["when"]).date()} for row in rows], problems


def _follow_ups(rows: list[dict[str, Any]], known: Mapping[str, Contact], order: ExportOrder) -> Iterator[Day]:
    """What somebody promised to come back to, and has not."""
    open_ones = [row for row in rows if row["client_id"] in known and not _yes(row.get("done", ""))]
    idents = _told_apart([tuple(row.get(part, "") for part in _OF_CONTACT) for row in rows])
    by_row = {id(row): ident for row, ident in zip(rows, idents, strict=True)}
    for row in open_ones:
        contact = known[row["client_id"]]
        summary = _said("follow_up", order, name=contact.name, subject=row.get("subject", ""))
        about = "\n".join(filter(None, (row.get("outcome", ""), _reach(contact))))
        yield Day(f"followup-{by_row[id(row)]}", row["when"], summary, about)


def _complaints(tables: Tables, known: Mapping[str, Contact], order: ExportOrder) -> Iterator[Day]:
    """Complaints that are open and that nobody set a day for: they wait, so they stand on the day of the export."""
    frame = tables["Interactions"].frame if "Interactions" in tables else None
    found = open_complaints(contact_lines(frame, order.settings.country), order.today)
    rows = [row for row in found[found["follow_up_on"].isna()].to_dict("records") if row["client_id"] in known]
    since = ["" if pd.isna(row["date"]) else row["date"].date().isoformat() for row in rows]
    idents = _told_apart([(row["client_id"], day, row["subject"]) for row, day in zip(rows, since, strict=True)])
    for row, day, ident in zip(rows, since, idents, strict=True):
        contact = known[row["client_id"]]
        about = "\n".join(filter(None, (day, row["by"], _reach(contact))))
        summary = _said("complaint", order, name=contact.name, subject=row["subject"])
        yield Day(f"complaint-{ident}", order.today, summary, about)


def _steps(rows: list[dict[str, Any]], known: Mapping[str, Contact], order: ExportOrder) -> Iterator[Day]:
    """The next step of each open opportunity."""
    idents = _told_apart([_of_opportunity(row) for row in rows])
    for row, ident in zip(rows, idents, strict=True):
        if row["client_id"] in known and words.choice("stage", row.get("stage", "")) not in CLOSED:
            contact = known[row["client_id"]]
            step = row.get("next_step", "") or row.get("subject", "")
            about = "\n".join(filter(None, (row.get("subject", ""), row.get("notes", ""), _reach(contact))))
            yield Day(f"step-{ident}", row["when"], _said("next_step", order, name=contact.name, subject=step), about)


def _of_opportunity(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row of Opportunities is known by: its number, else whose and what it is."""
    number = row.get("opportunity", "")
    return (number,) if number else (row["client_id"], row.get("subject", ""))


def _yes(text: str) -> bool:
    return bool(as_flag(pd.Series([text]))[0])


def _told_apart(keys: list[tuple[str, ...]]) -> list[str]:
    """A short mark for each key; the second of two alike gets another, the same in every run."""
    seen: Counter[tuple[str, ...]] = Counter()
    marks = []
    for key in keys:
        seen[key] += 1
        marks.append(hashlib.sha256(repr((*key, seen[key])).encode("utf-8", "replace")).hexdigest()[:20])
    return marks


def _said(what: str, order: ExportOrder, *, name: str, subject: str = "") -> str:
    """An event's summary in the language of the workbook."""
    end = f" - {subject}" if subject else ""
    return messages.text(f"exports.{what}", order.settings.language, name=name) + end


def _reach(contact: Contact) -> str:
    """How to reach a contact in the ways that it allows, a line each."""
    phone = "" if contact.opt_out_phone else contact.mobile or contact.phone
    email = "" if contact.opt_out_email else contact.email
    company = contact.company if contact.company != contact.name else ""
    return "\n".join(filter(None, (company, phone, email)))


def _ics(days: list[Day], order: ExportOrder) -> bytes:
    """The file: UTF-8, lines folded, in the order of the calendar."""
    from icalendar import Calendar

    made = Calendar()
    for name, value in (("prodid", "-//xlcrm//xlcrm//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        made.add(name, value)
    made.add("x-wr-calname", " ".join(_plain(order.title).split()))
    for day in sorted(days, key=lambda one: (one.date, one.ident)):
        made.add_component(_event(day, order))
    content: bytes = made.to_ical()
    return content


def _event(day: Day, order: ExportOrder) -> Event:
    """One day of the calendar; free in the plan of that day."""
    from icalendar import Event

    event = Event()
    ident, book = (quote(text, "", errors="replace") for text in (day.ident, order.identity))
    event.add("uid", f"{ident}@{book or 'client-file'}.xlcrm")
    event.add("dtstamp", dt.datetime.combine(order.today, dt.time(), dt.UTC))
    event.add("dtstart", day.date)
    event.add("dtend", day.date + dt.timedelta(days=1))
    event.add("summary", " ".join(_plain(day.summary).split()))
    event.add("transp", "TRANSPARENT")
    if day.about:
        event.add("description", _plain(day.about))
    if day.yearly:
        leap = (day.date.month, day.date.day) == (2, 29)
        event.add("rrule", {"freq": "yearly", "bymonth": 2, "bymonthday": -1} if leap else {"freq": "yearly"})
    return event


def _plain(text: str) -> str:
    """Text without signs that a calendar's lines can't hold."""
    lines = text.encode("utf-8", "ignore").decode("utf-8").splitlines()
    return "\n".join("".join(sign for sign in line if sign.isprintable() or sign == "\u200d") for line in lines)
