"""Payments as a plan: what was paid of which documents, in part, several at once, or set off against a credit note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from xlcrm import words
from xlcrm.documents.business_document import Buyer, IssuedFile, SellerFacts
from xlcrm.documents.document_states import KnownDocument, known_documents
from xlcrm.documents.reminder_rules import Reminder
from xlcrm.errors import CrmError
from xlcrm.issuing import standing
from xlcrm.issuing.document_rows import frame_of
from xlcrm.issuing.issue_plan import refuse_without_tables
from xlcrm.plan import Added, Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import caseless

ReminderPress = Callable[[Reminder, Buyer, SellerFacts, dt.date], IssuedFile]


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
    parts = _set_off(held, chosen, order.set_off) if order.set_off else spread(chosen, order.amount)
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
            for number, amount in parts
        ],
        tables["Payments"],
    )
    added = (Added("Payments", rows),)
    follows = standing.plan(tables, settings=settings, today=max(today, date), added=added, action="pay")
    return Plan("pay", added=added, notes=tuple(_notes(chosen, parts))).join(follows)


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


def spread(chosen: Sequence[KnownDocument], amount: Decimal | None) -> list[tuple[str, Decimal]]:
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
