"""Reminder letters that are due today, one a client and currency, from the tables Documents and Payments."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from xlcrm.documents.document_states import KnownDocument, known_documents
from xlcrm.documents.late_interest import LateInterest, late_interest
from xlcrm.documents.reminding import DAYS, OpenDocument, ReminderLetter, letter, next_level

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


def said_level(reminder: ReminderLetter | Reminder) -> str:
    """The message key of a letter's first sentence."""
    return f"reminder.level_{reminder.level}"
