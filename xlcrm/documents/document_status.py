"""Status of a document, computed from its amounts and days and never typed: issued, sent, partly paid, paid, overdue.

What is open of an invoice is its gross less what was paid and what credit notes took back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
OWED = ("invoice", "credit_note")  # the kinds that are paid


@dataclass(frozen=True)
class DocumentState:
    """What the status of a document depends on; amounts in its currency, without a sign of their own for credit notes.

    kind      draft, offer, order, delivery, invoice, credit_note, reminder
    paid      what was paid until `today` (for a credit note: paid back or set off)
    credited  what credit notes took back of it
    """

    kind: str
    gross: Decimal = ZERO
    paid: Decimal = ZERO
    credited: Decimal = ZERO
    due_on: dt.date | None = None
    sent_on: dt.date | None = None

    @property
    def open(self) -> Decimal:
        """What is still to be paid; negative where too much was paid; 0 for what is no invoice or credit note."""
        return self.gross - self.paid - self.credited if self.kind in OWED else ZERO


def is_overdue(state: DocumentState, today: dt.date) -> bool:
    """Whether something is open after the last day of payment, which itself is in time."""
    late = state.due_on is not None and state.due_on < today
    return state.kind == "invoice" and late and state.open > 0


# (status, when it is that), the first that holds; the order is the rule
_RULES: tuple[tuple[str, Callable[[DocumentState, dt.date], bool]], ...] = (
    ("draft", lambda state, today: state.kind == "draft"),
    ("sent", lambda state, today: state.kind not in OWED and state.sent_on is not None),
    ("issued", lambda state, today: state.kind not in OWED),
    ("credited", lambda state, today: 0 < state.gross <= state.credited),
    ("paid", lambda state, today: state.open <= 0 <= state.gross),
    ("overdue", is_overdue),
    ("partly_paid", lambda state, today: state.paid > 0),
    ("sent", lambda state, today: state.sent_on is not None),
    ("issued", lambda state, today: True),
)
STATUSES = tuple(dict.fromkeys(name for name, _ in _RULES))


def status(state: DocumentState, today: dt.date) -> str:
    """The status on a day: draft, issued, sent, partly_paid, paid, overdue or credited."""
    return next(name for name, holds in _RULES if holds(state, today))
