"""Tables of the sheet Receivables as frames, in the workbook's language, ready to be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import pandas as pd
from babel import dates

from xlcrm import messages
from xlcrm.documents.receivables import Receivables, receivables

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
    locale = {"nb": "nb_NO", "en": "en_GB"}.get(language, language)
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
        "open": _float(found.open),
        "overdue": _float(found.overdue),
        "oldest": found.oldest,
        "days_to_pay": found.days_to_pay,
        "offers_open": still,
        "offers_won": won,
        "offers_lost": lost,
        "offers_share": won / (won + lost) if won + lost else None,
        "other_currencies": found.other_currencies,
    }


def _float(amount: Decimal) -> float:
    return float(amount)
