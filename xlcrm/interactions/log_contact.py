"""Logging a contact: the plan that adds one line to the sheet Interactions, and says what it found there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.interactions.complaints import answers, open_complaints
from xlcrm.interactions.contact_lines import contact_lines, same_words
from xlcrm.interactions.contact_memory import touched_by_two
from xlcrm.plan import Added, Plan
from xlcrm.segments.moments import read_day
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import caseless
from xlcrm.values import as_text

RECENT = 7  # days within which a contact by somebody else is said
Row = dict[str, Any]


@dataclass(frozen=True)
class ContactSaid:
    """What somebody said about a contact, as typed.

    kind       call, e-mail, visit ... in any of the six languages
    date       of the contact, "" for today
    follow_up  the day to come back to it, "" for none
    by         who it was, "" for whoever runs this
    replies_to the subject or the day of the complaint that a reply answers
    """

    client: str
    kind: str
    subject: str = ""
    date: str = ""
    follow_up: str = ""
    by: str = ""
    person: str = ""
    outcome: str = ""
    replies_to: str = ""


def log_contact(tables: Tables, said: ContactSaid, *, settings: Settings, today: dt.date) -> Plan:
    """The line as a plan. The very same line twice on one day is there already: nothing to do.

    CrmError "log.no_table", "log.no_client", "log.no_person", "log.no_kind" (names the kinds), "log.bad_day", and
    "log.no_complaint" where a reply names no open complaint of the client (names those that are open). A workbook
    without the column replies_to gets what it names before the subject, which names the complaint just as well.
    """
    if "Interactions" not in tables:
        raise CrmError("log.no_table", sheet=words.title("Interactions", settings.language))
    row = _row(tables, said, settings, today)
    table = tables["Interactions"]
    lines = contact_lines(table.frame, settings.country)
    named = _named(tables, row["client_id"])
    told: Row = {"client": row["client_id"], "name": named, "kind": row["kind"], "sheet": table.sheet}
    if _is_there(lines, row):
        return Plan("log", notes=(("log.there", told),), nothing_to_do=True)
    row, notes = _replying(lines, row)
    if row["replies_to"] and "replies_to" not in table.frame.columns:
        row["subject"] = f"{row['replies_to']} {row['subject']}".strip()
    columns = [name for name in row if name in table.frame.columns and name not in table.formulas]
    added = pd.DataFrame([row], dtype=object)[columns]
    notes = [("log.done", told), *notes, *_others(table.frame, row, settings.country)]
    return Plan("log", added=(Added("Interactions", added),), notes=tuple(notes))


def contact_typed(text: str, client: str, by: str, *, today: dt.date, country: str = "") -> ContactSaid:
    """What somebody typed for one client into a single line: kind, subject, and behind a semicolon the follow-up.

    "call asked for an offer; 4.12.2026". The kind is the longest one that the line begins with, in six languages; where
    it begins with none, its first word stands for the kind, and `log_contact` names those there are. What stands behind
    the last semicolon and is no day belongs to the subject.
    """
    head, semicolon, last = text.rpartition(";")
    follow_up = last.strip() if semicolon and read_day(last.strip(), today=today, country=country) else ""
    said = (head if follow_up else text).split()
    lengths = (n for n in range(min(len(said), 3), 0, -1) if words.choice("interaction", " ".join(said[:n])))
    size = next(lengths, 1)
    return ContactSaid(client, " ".join(said[:size]), " ".join(said[size:]), follow_up=follow_up, by=by)


def _row(tables: Tables, said: ContactSaid, settings: Settings, today: dt.date) -> Row:
    """The line with every column, from what was typed."""
    kind = words.choice("interaction", said.kind)
    if not kind:
        known = ", ".join(words.choices("interaction", settings.language))
        raise CrmError("log.no_kind", kind=said.kind or "-", kinds=known)
    client = _known(tables, "Clients", "client_id", said.client, "log.no_client")
    person = _person(tables, client, said.person)
    follow_up = _day(said.follow_up, settings, today) if said.follow_up.strip() else None
    return {
        "date": pd.Timestamp(_day(said.date, settings, today) if said.date.strip() else today),
        "client_id": client,
        "kind": words.choice_word("interaction", kind, settings.language),
        "by": said.by.strip(),
        "subject": said.subject.strip(),
        "outcome": said.outcome.strip(),
        "follow_up_on": None if follow_up is None else pd.Timestamp(follow_up),
        "person_id": person,
        "replies_to": said.replies_to.strip(),
    }


def _known(tables: Tables, table: str, column: str, typed: str, key: str) -> str:
    """A number as its table writes it; CrmError `key` where it has no such row."""
    frame = tables[table].frame if table in tables else pd.DataFrame()
    ids: list[str] = list(as_text(frame[column]).str.strip()) if column in frame else []
    wanted = caseless(typed.strip())
    found = next((one for one in ids if one and caseless(one) == wanted), "")
    if not found:
        raise CrmError(key, name=typed.strip() or "-")
    return found


def _person(tables: Tables, client: str, typed: str) -> str:
    """A person of that client by the number; "" where none was named."""
    if not typed.strip():
        return ""
    person = _known(tables, "People", "person_id", typed, "log.no_person")
    frame = tables["People"].frame
    theirs = as_text(frame["client_id"]).str.strip()[as_text(frame["person_id"]).str.strip() == person]
    if client not in set(theirs):
        raise CrmError("log.no_person", name=person)
    return person


def _day(typed: str, settings: Settings, today: dt.date) -> dt.date:
    day = read_day(typed, today=today, country=settings.country)
    if day is None:
        raise CrmError("log.bad_day", value=typed)
    return day


def _named(tables: Tables, client: str) -> str:
    from xlcrm.spend.call_list import names

    frame = tables["Clients"].frame
    return str(next(iter(names(frame[as_text(frame["client_id"]).str.strip() == client])), client))


def _is_there(lines: pd.DataFrame, row: Row) -> bool:
    """Whether the sheet has the line already: same day, client, kind, person and subject, by the same."""
    kind = words.choice("interaction", row["kind"])
    there = lines[(lines["client_id"] == row["client_id"]) & (lines["date"] == row["date"]) & (lines["kind"] == kind)]
    parts = ("by", "subject", "person_id")
    return any(all(same_words(one[part], row[part]) for part in parts) for one in there.to_dict("records"))


def _replying(lines: pd.DataFrame, row: Row) -> tuple[Row, list[tuple[str, Row]]]:
    """The line, and what is to be said of the complaints of its client where it is a reply."""
    if words.choice("interaction", row["kind"]) != "reply":
        return row, []
    theirs = open_complaints(lines[lines["client_id"] == row["client_id"]])
    asked = [dict(one) for one in theirs.to_dict("records")]
    closed = [one for one in asked if answers(row, {str(k): v for k, v in one.items()})]
    shown = "; ".join(str(one["subject"] or one["date"].date()) for one in asked) or "-"
    if row["replies_to"] and not closed:
        raise CrmError("log.no_complaint", client=row["client_id"], named=row["replies_to"], open=shown)
    if closed:
        named = str(closed[0]["subject"]) or row["replies_to"]
        return {**row, "replies_to": row["replies_to"] and named}, [("log.closes", {"subject": named})]
    return row, [("log.still_open", {"client": row["client_id"], "open": shown})] if asked else []


def _others(frame: pd.DataFrame, row: Row, country: str) -> list[tuple[str, Row]]:
    """That somebody else contacted the client within the last days."""
    both = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
    found = touched_by_two(both[as_text(both["client_id"]).str.strip() == row["client_id"]], RECENT, country)
    if found.empty or found["second_on"][0] != row["date"] or not same_words(found["second_by"][0], row["by"]):
        return []
    values = {"by": found["first_by"][0], "day": str(found["first_on"][0].date())}
    return [("log.by_other", values)]
