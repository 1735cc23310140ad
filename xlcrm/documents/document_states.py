"""State of documents, computed and never typed: what is paid and open of each on a day, and its status.

What is open of an invoice is its gross less what was paid and what credit notes took back. A credit note counts first
against the invoice that it corrects, as far as that is open; the rest stays with the client.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.values import as_days, as_decimals, as_text

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


ZERO = Decimal(0)


@dataclass(frozen=True)
class KnownDocument:
    """A row of Documents as far as money and time go; amounts of a credit note are negative.

    gross    what we are owed: without VAT that the buyer pays to the state itself (split payment)
    settled  of a credit note: what went against the invoice that it corrects; of an invoice: what was credited
    """

    number: str
    kind: str
    client_id: str = ""
    currency: str = ""
    date: dt.date | None = None
    gross: Decimal = ZERO
    paid: Decimal = ZERO
    settled: Decimal = ZERO
    due_on: dt.date | None = None
    sent_on: dt.date | None = None
    corrects: str = ""
    from_number: str = ""
    level: int = 0
    reminded_on: dt.date | None = None
    followed: bool = False

    @property
    def open(self) -> Decimal:
        """Still to be paid; negative where we owe; 0 for what is neither invoice nor credit note."""
        return self.gross - self.paid - self.settled if self.kind in ("invoice", "credit") else ZERO


def document_states(documents: pd.DataFrame, payments: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Columns status (draft, issued, sent, partly_paid, paid, overdue, credited, accepted, expired), paid and open.

    Reads of `documents` number, kind, gross, split_vat, due_on, sent_on, corrects, from_number; of `payments` date,
    number, amount. Payments after `today` don't count yet; one without a date does. Rows without a number are drafts.
    Amounts are Decimals; the index is that of `documents`.
    """
    held = known_documents(documents, payments, today)
    return pd.DataFrame(
        {
            "status": [_status(one, today) for one in held],
            "paid": [one.paid for one in held],
            "open": [one.open for one in held],
        },
        index=documents.index,
        dtype=object,
    )


def known_documents(documents: pd.DataFrame, payments: pd.DataFrame, today: dt.date) -> list[KnownDocument]:
    """Every row of Documents with what was paid and credited of it until `today`, in the order of the table."""
    paid = _paid(payments, today)
    plain = [replace(one, paid=paid[one.number]) for one in _rows(documents)]
    sources = {one.from_number for one in plain if one.from_number}
    return _credited([replace(one, followed=one.number in sources) for one in plain])


def _credited(held: list[KnownDocument]) -> list[KnownDocument]:
    """The documents once each credit note was set against the invoice that it corrects."""
    place = {one.number: at for at, one in enumerate(held) if one.kind == "invoice" and one.number}
    for at, credit in enumerate(held):
        invoice = place.get(credit.corrects) if credit.kind == "credit" else None
        if invoice is None:
            continue
        part = max(ZERO, min(-credit.open, held[invoice].open))
        held[invoice] = replace(held[invoice], settled=held[invoice].settled + part)
        held[at] = replace(credit, settled=credit.settled - part)
    return held


# For offers: what came of them. (status, when it is that), the first that holds
def _offer_status(one: KnownDocument, today: dt.date) -> str:
    if one.followed:
        return "accepted"
    if one.due_on is not None and one.due_on < today:
        return "expired"
    return status(DocumentState("offer", sent_on=one.sent_on), today)


def _status(one: KnownDocument, today: dt.date) -> str:
    """The status of a document; a credit note is read as an invoice of what we owe."""
    if not one.number:
        return "draft"
    if one.kind == "offer":
        return _offer_status(one, today)
    sign = -1 if one.kind == "credit" else 1
    credited = ZERO if one.kind == "credit" else one.settled
    paid = sign * (one.paid + one.settled) if one.kind == "credit" else one.paid
    kind = "credit_note" if one.kind == "credit" else one.kind
    return status(DocumentState(kind, sign * one.gross, paid, credited, one.due_on, one.sent_on), today)


def _paid(payments: pd.DataFrame, today: dt.date) -> Mapping[str, Decimal]:
    """Number -> what was paid on it until today."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    dates = _column(payments, "date", as_days)
    numbers = _column(payments, "number", _texts)
    for when, number, amount in zip(dates, numbers, _column(payments, "amount", _amounts), strict=True):
        if number and (when is None or when <= today):
            sums[number] += amount
    return sums


def _rows(documents: pd.DataFrame) -> list[KnownDocument]:
    """The rows of Documents, read but not yet reckoned."""
    read: dict[str, list[Any]] = {
        **{name: _column(documents, name, _texts) for name in _TEXTS},
        **{name: _column(documents, name, as_days) for name in _DATES},
    }
    split = _column(documents, "split_vat", _amounts)
    gross = [all_ - part for all_, part in zip(_column(documents, "gross", _amounts), split, strict=True)]
    levels = _column(documents, "reminder_level", _amounts)
    return [
        KnownDocument(
            kind=words.choice("document", read["kind"][at]) or read["kind"][at],
            gross=gross[at],
            level=int(levels[at]),
            **{name: values[at] for name, values in read.items() if name != "kind"},
        )
        for at in range(len(documents))
    ]


_TEXTS = ("number", "kind", "client_id", "currency", "corrects", "from_number")
_DATES = ("date", "due_on", "sent_on", "reminded_on")


def _column(frame: pd.DataFrame, name: str, read: Any) -> list[Any]:
    """A column's values; blanks for one that the table doesn't have."""
    series = frame[name] if name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)
    values: list[Any] = read(series)
    return values


def _texts(series: pd.Series[Any]) -> list[str]:
    return [text.strip() for text in as_text(series)]


def _amounts(series: pd.Series[Any]) -> list[Decimal]:
    """Exact amounts; 0 for what is none."""
    return [number or ZERO for number in as_decimals(series)]
