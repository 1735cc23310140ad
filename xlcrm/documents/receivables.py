"""Receivables: what is open and overdue, what was invoiced and paid by month, how long clients take, offers won.

Figures of the sheet Receivables in one currency (others are left out and counted), from Documents and Payments, and
the tables that show them, in the workbook's language.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

import pandas as pd
from babel import dates

from xlcrm import messages
from xlcrm.documents.document_states import KnownDocument, known_documents
from xlcrm.values import as_days, as_decimals, as_text

# every figure once, in the order of the rows: its name (also of its message) and how it is shown
FIGURES = (
    ("open", "money"),
    ("overdue", "money"),
    ("oldest", "count"),
    ("days_to_pay", "days"),
    ("offers_open", "count"),
    ("offers_won", "count"),
    ("offers_lost", "count"),
    ("offers_share", "share"),
    ("other_currencies", "count"),
)


def receivable_tables(
    documents: pd.DataFrame, payments: pd.DataFrame, names: Mapping[str, str], *, today: dt.date, currency: str,
    language: str,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Receivables (figure, value), PaidMonths (month, invoiced, paid), PayingClients (client_id, name, ...).

    `names`: client_id -> name as the sheet shows it. See `receivables` for what the figures mean.
    """
    found = receivables(documents, payments, today=today, currency=currency)
    locale = messages.locale_of(language)
    months = [
        (dates.format_skeleton("yMMM", first, locale=locale), float(invoiced), float(paid))
        for first, invoiced, paid in found.months
    ]
    clients = [
        (one.client_id, names.get(one.client_id, ""), one.invoices, one.days, float(one.open), float(one.overdue))
        for one in found.clients
    ]
    values = _values(found)
    figures = [(messages.text(f"receivable.{name}", language), values[name]) for name, _ in FIGURES]
    return {
        "Receivables": pd.DataFrame(figures, columns=["figure", "value"]),
        "PaidMonths": pd.DataFrame(months, columns=["month", "invoiced", "paid"]),
        "PayingClients": pd.DataFrame(
            clients, columns=["client_id", "name", "invoices", "days_to_pay", "open", "overdue"]
        ),
    }


def _values(found: Receivables) -> dict[str, float | None]:
    won, lost, still = found.offers
    return {
        "open": float(found.open),
        "overdue": float(found.overdue),
        "oldest": found.oldest,
        "days_to_pay": found.days_to_pay,
        "offers_open": still,
        "offers_won": won,
        "offers_lost": lost,
        "offers_share": won / (won + lost) if won + lost else None,
        "other_currencies": found.other_currencies,
    }


ZERO = Decimal(0)
MONTHS = 12


@dataclass(frozen=True)
class ClientPays:
    """How a client pays.

    days     median of the days from the date of an invoice to the payment that settled it; None where none was settled
    open     what is open; overdue is what of it is after its last day of payment
    """

    client_id: str
    invoices: int
    days: float | None
    open: Decimal
    overdue: Decimal


@dataclass(frozen=True)
class Receivables:
    """The figures of a day.

    open, overdue     sums of what is open, and of that what is late; credit notes count against it
    oldest            days of the invoice that is overdue for longest, 0 for none
    days_to_pay       median over all settled invoices; None for none
    months            the last 12, the oldest first: first day, invoiced (gross, by date of the document), paid
    clients           those with something open, or settled invoices: the largest overdue first, then the largest open
    offers            how many were accepted, expired, are still open
    other_currencies  documents that are not in these figures
    """

    open: Decimal
    overdue: Decimal
    oldest: int
    days_to_pay: float | None
    months: tuple[tuple[dt.date, Decimal, Decimal], ...]
    clients: tuple[ClientPays, ...]
    offers: tuple[int, int, int]
    other_currencies: int


def receivables(documents: pd.DataFrame, payments: pd.DataFrame, *, today: dt.date, currency: str) -> Receivables:
    """The figures on `today` (payments of that day count), of documents in `currency` or without one."""
    every = [one for one in known_documents(documents, payments, today) if one.number]
    held = [one for one in every if one.currency in ("", currency)]
    owed = [one for one in held if one.kind in ("invoice", "credit")]
    settled = _settled_after(owed, payments, today)
    late = [one for one in owed if _is_late(one, today)]
    return Receivables(
        open=sum((one.open for one in owed), ZERO),
        overdue=sum((one.open for one in late), ZERO),
        oldest=max(((today - one.due_on).days for one in late if one.due_on), default=0),
        days_to_pay=_median(settled.values()),
        months=_months(owed, payments, today),
        clients=_clients(owed, settled, today),
        offers=_offers(held, today),
        other_currencies=len(every) - len(held),
    )


def _is_late(one: KnownDocument, today: dt.date) -> bool:
    return one.kind == "invoice" and one.open > 0 and one.due_on is not None and one.due_on < today


def _offers(held: Sequence[KnownDocument], today: dt.date) -> tuple[int, int, int]:
    offers = [one for one in held if one.kind == "offer"]
    accepted = sum(one.followed for one in offers)
    expired = sum(not one.followed and one.due_on is not None and one.due_on < today for one in offers)
    return accepted, expired, len(offers) - accepted - expired


def _paid_rows(payments: pd.DataFrame, today: dt.date) -> list[tuple[dt.date, str, Decimal]]:
    """Dated payments until today: day, number, amount."""
    if not {"date", "number", "amount"} <= set(payments.columns):
        return []
    days, amounts = as_days(payments["date"]), as_decimals(payments["amount"])
    rows = zip(days, as_text(payments["number"]).str.strip(), amounts, strict=True)
    return [
        (day, number, amount) for day, number, amount in rows if day is not None and amount is not None and day <= today
    ]


def _settled_after(owed: Iterable[KnownDocument], payments: pd.DataFrame, today: dt.date) -> dict[str, int]:
    """Number of a settled, dated invoice -> days from its date to its last payment; credited ones don't count."""
    last: dict[str, dt.date] = {}
    for day, number, _ in _paid_rows(payments, today):
        last[number] = max(day, last.get(number, day))
    return {
        one.number: (last[one.number] - one.date).days
        for one in owed
        if one.kind == "invoice" and one.open <= 0 and one.date and one.number in last
    }


def _months(
    owed: Iterable[KnownDocument], payments: pd.DataFrame, today: dt.date
) -> tuple[tuple[dt.date, Decimal, Decimal], ...]:
    """The last twelve months, this one included."""
    held = list(owed)
    numbers = {one.number for one in held}
    invoiced: dict[dt.date, Decimal] = defaultdict(lambda: ZERO)
    paid: dict[dt.date, Decimal] = defaultdict(lambda: ZERO)
    for one in held:
        if one.date:
            invoiced[one.date.replace(day=1)] += one.gross
    for day, number, amount in _paid_rows(payments, today):
        if number in numbers:
            paid[day.replace(day=1)] += amount
    firsts = [stamp.date() for stamp in pd.date_range(end=today.replace(day=1), periods=MONTHS, freq="MS")]
    return tuple((first, invoiced[first], paid[first]) for first in firsts)


def _clients(owed: Iterable[KnownDocument], settled: dict[str, int], today: dt.date) -> tuple[ClientPays, ...]:
    groups: dict[str, list[KnownDocument]] = defaultdict(list)
    for one in owed:
        groups[one.client_id].append(one)
    found = [_client(client_id, group, settled, today) for client_id, group in groups.items()]
    known = [one for one in found if one.open or one.days is not None]
    return tuple(sorted(known, key=lambda one: (-one.overdue, -one.open, one.client_id)))


def _client(client_id: str, group: list[KnownDocument], settled: dict[str, int], today: dt.date) -> ClientPays:
    return ClientPays(
        client_id,
        sum(one.kind == "invoice" for one in group),
        _median(settled[one.number] for one in group if one.number in settled),
        sum((one.open for one in group), ZERO),
        sum((one.open for one in group if _is_late(one, today)), ZERO),
    )


def _median(days: Iterable[int]) -> float | None:
    held = list(days)
    return float(median(held)) if held else None
