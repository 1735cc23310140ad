"""Payments and reminders as plans: what was paid is booked, and who pays late is written to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from xlcrm import messages, words
from xlcrm.documents.business_document import Buyer, IssuedFile, SellerFacts
from xlcrm.documents.document_states import KnownDocument, known_documents
from xlcrm.documents.reminder_rules import Reminder, ReminderTerms, reminders
from xlcrm.errors import CrmError
from xlcrm.issuing import standing
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


def reminder_plan(
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


ZERO = Decimal(0)


@dataclass(frozen=True)
class PaymentOrder:
    """What was paid.

    numbers  of invoices and credit notes, in the order in which the amount is spread over them
    client   instead: all open documents of a client, those due first
    amount   None: whatever is open of each. What is more than is open stays on the last one, and is said
    set_off  a credit note that is set off against the documents: as much as both still have
    """

    numbers: tuple[str, ...] = ()
    client: str = ""
    amount: Decimal | None = None
    date: dt.date | None = None
    way: str = "transfer"
    note: str = ""
    set_off: str = ""


def plan(tables: Tables, order: PaymentOrder, *, settings: Settings, today: dt.date) -> Plan:
    """The rows of Payments, and what follows for documents and purchases.

    CrmError "issuing.unknown" for a number that isn't there, "issuing.not_open" where nothing is open of what is named,
    "issuing.currencies" for documents of several currencies at once.
    """
    refuse_without_tables(tables, settings.language)
    date = order.date or today
    held = known_documents(tables["Documents"].frame, tables["Payments"].frame, max(today, date))
    chosen = _chosen(held, order)
    spread = _set_off(held, chosen, order.set_off) if order.set_off else _spread(chosen, order.amount)
    way = words.choice_word("way", "set_off" if order.set_off else order.way, settings.language)
    rows = frame_of(
        [
            {
                "date": pd.Timestamp(date),
                "number": number,
                "amount": float(amount),
                "way": way,
                "note": order.note or None,
            }
            for number, amount in spread
        ],
        tables["Payments"],
    )
    added = (Added("Payments", rows),)
    follows = standing.plan(tables, settings=settings, today=max(today, date), added=added, action="pay")
    return Plan("pay", added=added, notes=tuple(_notes(chosen, spread))).join(follows)


def _chosen(held: Sequence[KnownDocument], order: PaymentOrder) -> list[KnownDocument]:
    if order.client:
        mine = [one for one in held if caseless(one.client_id) == caseless(order.client.strip()) and one.open > 0]
        chosen = sorted(mine, key=lambda one: (one.due_on or dt.date.max, one.number))
    else:
        chosen = [_named(held, number) for number in order.numbers]
    if not chosen:
        raise CrmError("issuing.not_open", number=order.client or "-")
    if len({one.currency for one in chosen}) > 1:
        raise CrmError("issuing.currencies")
    return chosen


def _named(held: Sequence[KnownDocument], number: str) -> KnownDocument:
    for one in held:
        if caseless(one.number) == caseless(number.strip()):
            if one.kind not in ("invoice", "credit"):
                raise CrmError("issuing.not_paid_kind", number=one.number)
            return one
    raise CrmError("issuing.unknown", number=number)


def _spread(chosen: Sequence[KnownDocument], amount: Decimal | None) -> list[tuple[str, Decimal]]:
    """What each document gets of the amount; the last one also what is left over."""
    if amount is None:
        whole = [(one.number, one.open) for one in chosen if one.open != 0]
        if not whole:
            raise CrmError("issuing.not_open", number=", ".join(one.number for one in chosen))
        return whole
    if amount == 0:
        raise CrmError("issuing.no_sum")
    left, found = amount, []
    for one in chosen[:-1]:
        part = min(left, max(one.open, ZERO)) if amount > 0 else ZERO
        found += [(one.number, part)] if part else []
        left -= part
    return [*found, (chosen[-1].number, left)] if left else found


def _set_off(held: Sequence[KnownDocument], chosen: Sequence[KnownDocument], credit: str) -> list[tuple[str, Decimal]]:
    """Two rows for each invoice: it is paid by the credit note, which is used up by as much."""
    note = _named(held, credit)
    left, found = -note.open, []
    for one in chosen:
        part = min(left, one.open)
        if part > 0:
            found += [(one.number, part), (note.number, -part)]
            left -= part
    if not found:
        raise CrmError("issuing.not_open", number=note.number)
    return found


def _notes(
    chosen: Sequence[KnownDocument], spread: Sequence[tuple[str, Decimal]]
) -> list[tuple[str, dict[str, object]]]:
    """A sentence a row, with what stays open; one that says when more was paid than was open."""
    due = {one.number: one.open for one in chosen}
    notes: list[tuple[str, dict[str, object]]] = []
    for number, amount in spread:
        if number not in due:
            continue
        due[number] -= amount
        key = "issuing.overpaid" if due[number] < 0 < amount else "issuing.paid"
        notes.append((key, {"number": number, "amount": f"{amount:.2f}", "open": f"{abs(due[number]):.2f}"}))
    return notes
