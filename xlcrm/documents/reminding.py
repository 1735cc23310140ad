"""Reminders of overdue invoices: who gets a letter today, of which of three levels, and what it claims.

One letter a client and currency. A level is never skipped, and letters keep the distance that the levels have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

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
