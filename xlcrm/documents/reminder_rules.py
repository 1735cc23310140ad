"""Reminder rules: who gets a letter today about overdue invoices, of which of three levels, and what it claims.

One letter a client and currency. A level is never skipped, and letters keep the distance that the levels have.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from xlcrm.documents.document_states import KnownDocument, known_documents
from xlcrm.documents.late_interest import LateInterest, late_interest

DAYS = (7, 21, 35)  # after the due date, where the seller says nothing else
ZERO = Decimal(0)


@dataclass(frozen=True)
class OpenDocument:
    """An invoice or a credit note with what is open of it (negative: what the client has with us)."""

    number: str
    open: Decimal
    due_on: dt.date | None = None
    level: int = 0
    reminded_on: dt.date | None = None

    def late(self, today: dt.date) -> int:
        """Days after the last day of payment; 0 or less while there is time, and without such a day."""
        return (today - self.due_on).days if self.due_on else 0


@dataclass(frozen=True)
class ReminderLetter:
    """A letter: its level (1 to 3), the documents that are claimed, those that stand there only, and the sum due."""

    level: int
    claimed: tuple[OpenDocument, ...]
    not_due: tuple[OpenDocument, ...]
    due: Decimal


def next_level(document: OpenDocument, today: dt.date, days: Sequence[int] = DAYS) -> int:
    """The level that a document reaches today: one more than it has, once its days are over; 0 for none.

    A letter keeps from the one before it the days that lie between their levels.
    """
    level = document.level + 1
    if document.open <= 0 or level > len(days) or document.late(today) < days[level - 1]:
        return 0
    if document.reminded_on is not None:
        between = days[level - 1] - days[level - 2] if level > 1 else 1
        if (today - document.reminded_on).days < max(between, 1):
            return 0
    return level


def letter(documents: Iterable[OpenDocument], today: dt.date, days: Sequence[int] = DAYS) -> ReminderLetter | None:
    """The letter that one client gets today for documents of one currency; None where none is due.

    Claimed is everything overdue, less what the client has with us. Nothing goes out where that leaves nothing.
    """
    held = sorted((one for one in documents if one.open != 0), key=lambda one: one.number)
    level = max((next_level(one, today, days) for one in held), default=0)
    claimed = tuple(one for one in held if one.open < 0 or one.late(today) > 0)
    not_due = tuple(one for one in held if one not in claimed)
    due = sum((one.open for one in claimed), ZERO)
    return ReminderLetter(level, claimed, not_due, due) if level and due > 0 else None


ZERO = Decimal(0)
INTEREST_FROM = 2  # the first letter is a friendly word and claims none


@dataclass(frozen=True)
class ReminderItem:
    """A document on a reminder; `level` is the one that it reaches with this letter, 0 where it only stands there."""

    number: str
    date: dt.date | None
    due_on: dt.date | None
    gross: Decimal
    paid: Decimal
    open: Decimal
    level: int
    interest: Decimal


@dataclass(frozen=True)
class Reminder:
    """One letter. `total` is what is due, with interest and fee; `assumed`: some rate of interest was carried over."""

    client_id: str
    currency: str
    level: int
    items: tuple[ReminderItem, ...]
    fee: Decimal
    total: Decimal
    assumed: bool = False

    @property
    def interest(self) -> Decimal:
        return sum((item.interest for item in self.items), ZERO)


@dataclass(frozen=True)
class ReminderTerms:
    """What the seller wants: days after due and fee of each level, interest a year (None: the law's), the country."""

    country: str
    days: Sequence[int] = DAYS
    fees: Sequence[Decimal] = (ZERO, ZERO, ZERO)
    own_rate: Decimal | None = None


def reminders(
    documents: pd.DataFrame, payments: pd.DataFrame, terms: ReminderTerms, today: dt.date, *,
    firms: Collection[str] = (),
) -> tuple[Reminder, ...]:  # fmt: skip
    """The letters of today, by client_id and currency. `firms`: client_ids that are firms (consumers owe less)."""
    held: dict[tuple[str, str], list[KnownDocument]] = defaultdict(list)
    for one in known_documents(documents, payments, today):
        if one.number and one.open != 0:
            held[one.client_id, one.currency].append(one)
    made = (_reminder(key, group, terms, today, firm=key[0] in firms) for key, group in sorted(held.items()))
    return tuple(one for one in made if one is not None)


def _reminder(
    key: tuple[str, str], group: Sequence[KnownDocument], terms: ReminderTerms, today: dt.date, *, firm: bool
) -> Reminder | None:
    plain = {one.number: OpenDocument(one.number, one.open, one.due_on, one.level, one.reminded_on) for one in group}
    found = letter(plain.values(), today, terms.days)
    if found is None:
        return None
    known = {one.number: one for one in group}
    late = found.claimed if found.level >= INTEREST_FROM else ()
    claims = {one.number: _interest(one, terms, today, key[1], firm=firm) for one in late}
    items = tuple(
        _item(known[one.number], next_level(one, today, terms.days), claims.get(one.number, LateInterest(ZERO)).amount)
        for one in (*found.claimed, *found.not_due)
    )
    fee = terms.fees[found.level - 1]
    total = found.due + fee + sum((claim.amount for claim in claims.values()), ZERO)
    return Reminder(key[0], key[1], found.level, items, fee, total, any(claim.assumed for claim in claims.values()))


def _interest(one: OpenDocument, terms: ReminderTerms, today: dt.date, currency: str, *, firm: bool) -> LateInterest:
    if one.due_on is None:
        return LateInterest(ZERO)
    return late_interest(
        one.open, one.due_on, today, country=terms.country, currency=currency, firm=firm, own_rate=terms.own_rate
    )


def _item(one: KnownDocument, level: int, interest: Decimal) -> ReminderItem:
    return ReminderItem(one.number, one.date, one.due_on, one.gross, one.paid, one.open, level, interest)
