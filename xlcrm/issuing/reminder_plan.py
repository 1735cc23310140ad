"""Reminders as a plan: a letter for each client who pays late, its level on the documents, a contact on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from xlcrm import messages, words
from xlcrm.documents.business_document import Buyer, IssuedFile, SellerFacts
from xlcrm.documents.reminder_rules import Reminder, ReminderTerms, reminders
from xlcrm.issuing.buyers import buyers
from xlcrm.issuing.document_rows import frame_of
from xlcrm.issuing.issue_plan import cells_changed, refuse_without_tables
from xlcrm.issuing.seller_facts import refuse_if_missing, seller_of
from xlcrm.plan import Added, Change, OutFile, Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import caseless
from xlcrm.values import as_text

ReminderPress = Callable[[Reminder, Buyer, SellerFacts, dt.date], IssuedFile]


def plan(
    tables: Tables, press: ReminderPress | None, *, clients: Sequence[str] = (), settings: Settings, today: dt.date
) -> Plan:
    """One letter a client and currency; `clients` narrows whom. Without a printer only what would be written.

    A letter whose client is gone goes to the buyer as the document has it.
    """
    refuse_without_tables(tables, settings.language)
    seller = seller_of(tables, settings)
    refuse_if_missing(seller, "order", settings.language)
    terms = ReminderTerms(seller.country, seller.reminder_days, seller.reminder_fees, seller.late_interest)
    documents = tables["Documents"]
    due = reminders(documents.frame, tables["Payments"].frame, terms, today, firms=_firms(tables["Clients"]))
    wanted = {caseless(client.strip()) for client in clients}
    chosen = [one for one in due if not wanted or caseless(one.client_id) in wanted]
    if not chosen:
        return Plan("remind", notes=(("issuing.no_reminders", {}),), nothing_to_do=True)
    known = buyers(tables, settings)
    files = [_file(one, known, seller, press, settings, today) for one in chosen] if press else []
    return Plan(
        "remind",
        changes=tuple(_levels(documents, chosen, today)),
        added=tuple(_contacts(tables, chosen, settings, today)),
        files=tuple(files),
        notes=tuple(_note(one, known) for one in chosen),
    )


def _firms(clients: Table) -> set[str]:
    """The clients that are companies."""
    if not {"client_id", "kind"} <= set(clients.frame.columns):
        return set()
    kinds = as_text(clients.frame["kind"])
    ids = as_text(clients.frame["client_id"]).str.strip()
    return {id_ for id_, kind in zip(ids, kinds, strict=True) if words.choice("kind", kind) == "company"}


def _file(
    one: Reminder, known: Mapping[str, Buyer], seller: SellerFacts, press: ReminderPress, settings: Settings,
    today: dt.date,
) -> OutFile:  # fmt: skip
    buyer = known.get(one.client_id, Buyer(one.client_id, client_id=one.client_id, language=settings.language))
    printed = press(one, buyer, seller, today)
    title = messages.text("issuing.reminder_file", settings.language, level=one.level)
    safe = "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in buyer.name)[:60].strip(" .")
    return OutFile(f"{title} {one.client_id} {safe} {one.currency}{printed.suffix}", printed.content)


def _levels(documents: Table, chosen: Sequence[Reminder], today: dt.date) -> list[Change]:
    """The level and the day, in the rows of the documents that reach one with these letters."""
    place = {number: n for n, number in enumerate(as_text(documents.frame["number"]).str.strip())}
    reached = {place[item.number]: item.level for one in chosen for item in one.items if item.level}
    days: dict[int, object] = dict.fromkeys(reached, pd.Timestamp(today))
    return [
        *cells_changed(documents, "reminder_level", dict(reached)),
        *cells_changed(documents, "reminded_on", days),
    ]


def _contacts(tables: Tables, chosen: Sequence[Reminder], settings: Settings, today: dt.date) -> list[Added]:
    """A row of Interactions for each letter."""
    if "Interactions" not in tables:
        return []
    rows = [
        {
            "date": pd.Timestamp(today),
            "client_id": one.client_id,
            "kind": words.choice_word("interaction", "reminder", settings.language),
            "subject": messages.text("issuing.reminder_file", settings.language, level=one.level),
            "outcome": ", ".join(item.number for item in one.items if item.level),
        }
        for one in chosen
    ]
    return [Added("Interactions", frame_of(rows, tables["Interactions"]))]


def _note(one: Reminder, known: Mapping[str, Buyer]) -> tuple[str, dict[str, object]]:
    buyer = known.get(one.client_id)
    return "issuing.reminded", {
        "level": one.level,
        "client": buyer.name if buyer else one.client_id,
        "numbers": ", ".join(item.number for item in one.items if item.level),
        "total": f"{one.total:.2f}",
        "currency": one.currency,
    }
