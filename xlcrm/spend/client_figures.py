"""Figures of each client (the calculated columns of Clients), each defined in one place and exact to the cent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.spend import rhythm
from xlcrm.spend.currencies import NO_RATES, Rates
from xlcrm.spend.kinds import Floats, Ints, Names, Texts, day_number, divided, from_cents, total, years_before
from xlcrm.spend.lifetime_value import History, history_of, value_12m
from xlcrm.spend.lines import PurchaseLines, read_lines
from xlcrm.spend.refunds import receivables
from xlcrm.spend.rfm import GROUPS, group, rfm
from xlcrm.spend.totals.purchase_totals import PurchaseTotals, totals_of
from xlcrm.values import text_of

PAYMENT_DAYS = 30


@dataclass(frozen=True, eq=False)
class Figures:
    """A frame with a row a client, and why value_12m is blank for all ("" where it isn't; a key of messages)."""

    frame: pd.DataFrame
    value_reason: str


def metrics(
    purchases: pd.DataFrame,
    *,
    today: dt.date,
    currency: str = "",
    rates: Rates = NO_RATES,
    country: str = "",
    payment_days: int = PAYMENT_DAYS,
    language: str = "en",
) -> pd.DataFrame:
    """A row for each client of a Purchases frame, in order of appearance: client_id and the calculated columns.

    Columns in: client_id, and any of invoice, date, product, category, quantity, unit_price, amount, currency,
    invoiced_on, due_on, paid_on; amounts in currency units. Lines after `today` don't count yet; lines without a client
    have no row. Money out is in `currency` (default: the commonest one), exact in cents; lines in other currencies are
    converted by `rates` or, without one, count as orders but not as money.

    A line with a negative amount is a refund: it lowers every sum of money on its own day, but is no order and no
    purchase day. All windows start after their first day and end with today: 30 days are (today - 30, today].

    total_spend         sum of the amounts, refunds taken off
    orders              distinct invoices with a line that is no refund (a line without an invoice: distinct days)
    average_spend       total_spend / orders whose money is known, to the cent
    first_purchase, last_purchase   first and last purchase day
    days_between        (last_purchase - first_purchase) / (purchase days - 1), two decimals; blank with one day
    days_since          today - last_purchase, in days
    spend_30d           spend within (today - 30 days, today]
    spend_12m           spend within (today - 1 year, today]
    spend_before_12m    spend within (today - 2 years, today - 1 year]
    trend               spend_12m / spend_before_12m - 1, four decimals; blank where spend_before_12m is not above 0
    products            the three products with the largest spend and their shares
    favourite_category  the category with the largest spend
    refunds             sum of the refunds, as a positive amount
    refund_share        refunds / sum of the other lines, four decimals; blank where that is not above 0
    open_amount         invoiced and not paid by today; blank for all where no line was ever invoiced
    overdue_amount      the part of it that was due before today (due_on, or invoiced_on + payment_days)
    rfm, rfm_group      see `xlcrm.spend.rfm`; the group is a word of `language`
    expected_next       last_purchase + days_between; blank with one purchase day
    days_late           days since expected_next, 0 where it is still to come
    value_12m           expected spend in the next 365 days, see `spend.lifetime_value`; blank with too little data

    Lines without a readable date count in total_spend, orders, products and refunds, and in no window. CrmError
    "spend.no_client_column" without a column client_id.
    """
    lines = read_lines(purchases, today=today, currency=currency, rates=rates, country=country)
    found = client_figures(lines, today=today, payment_days=payment_days, language=language).frame
    if pd.api.types.is_numeric_dtype(purchases["client_id"].dtype):
        typed: pd.Series[Any] = purchases["client_id"].dropna().drop_duplicates()
        by_text = {text: value for value, text in zip(typed, typed.map(text_of), strict=True)}
        found["client_id"] = pd.Series([by_text[i] for i in found["client_id"]], dtype=typed.dtype)
    present = np.zeros(lines.clients, dtype=bool)
    present[lines.client[lines.client >= 0]] = True
    return found[present].reset_index(drop=True)


def client_figures(
    lines: PurchaseLines,
    *,
    today: dt.date,
    payment_days: int = PAYMENT_DAYS,
    language: str = "en",
    with_value: bool = True,
) -> Figures:
    """The columns of `metrics` for every client of `lines.ids`; `with_value=False` leaves value_12m blank."""
    sums = client_sums(totals_of(lines), today=today, payment_days=payment_days)
    return figures_of(sums, today=today, language=language, with_value=with_value)


@dataclass(frozen=True, eq=False)
class ClientSums:
    """Per client what the figures are made of, whole numbers all: money in cents, days since 1970-01-01.

    ids                       the clients, in the order of all the arrays
    cents, refunds            all that was spent, refunds taken off; the refunds alone, as positive amounts
    month, year, year_before  spent within (today - 30 days, today], the last year, and the year before it
    orders, paid_orders       orders, and those whose money is known
    bought                    first, last and number of distinct purchase days
    products, favourite       as `products` and `favourite` say it
    open_amount, overdue      currency units; NaN for all where no line was ever invoiced
    overdue_before            the same of a year before today, of the lines that are known now
    past                      what the lifetime models know
    """

    ids: Names
    cents: Ints
    refunds: Ints
    month: Ints
    year: Ints
    year_before: Ints
    orders: Ints
    paid_orders: Ints
    bought: rhythm.Span
    products: Texts
    favourite: Texts
    open_amount: Floats
    overdue: Floats
    overdue_before: Floats
    past: History


def client_sums(totals: PurchaseTotals, *, today: dt.date, payment_days: int = PAYMENT_DAYS) -> ClientSums:
    """The sums of every client on a day for which the totals hold (`xlcrm.sources` has them from an engine)."""
    now, year, before = day_number(today), years_before(today, 1), years_before(today, 2)
    clients, recent = len(totals.ids), totals.recent

    def window(start: int, end: int) -> Ints:
        """Cents of each client on the days (start, end], refunds taken off."""
        return total(recent.cents, recent.client, clients, where=(recent.day > start) & (recent.day <= end))

    is_open, overdue = receivables(totals.owed, clients, today=now, payment_days=payment_days)
    return ClientSums(
        ids=totals.ids,
        cents=totals.cents,
        refunds=totals.refunds,
        month=window(now - 30, now),
        year=window(year, now),
        year_before=window(before, year),
        orders=totals.orders,
        paid_orders=totals.paid_orders,
        bought=totals.days.span,
        products=totals.products,
        favourite=totals.favourite,
        open_amount=is_open,
        overdue=overdue,
        overdue_before=receivables(totals.owed, clients, today=year, payment_days=payment_days)[1],
        past=history_of(totals.unreturned, totals.unreturned_later, today=now),
    )


def figures_of(
    sums: ClientSums,
    *,
    today: dt.date,
    language: str = "en",
    with_value: bool = True,
    lifetime: Callable[[History, int], tuple[Floats, str]] = value_12m,
) -> Figures:
    """The columns of `metrics` from the sums: divided and rounded here, wherever the sums come from.

    `lifetime` is what finds value_12m: `lifetime_value.value_12m`, or what an earlier run found by it.
    """
    now, bought = day_number(today), sums.bought
    some, clients = bought.count > 0, len(sums.ids)
    codes, groups = _rfm(bought, sums.orders, sums.cents, now, language)
    value, reason = lifetime(sums.past, clients) if with_value else (np.full(clients, np.nan), "")
    frame = pd.DataFrame(
        {
            "client_id": pd.Series(sums.ids, dtype="str"),
            "total_spend": from_cents(sums.cents),
            "orders": sums.orders,
            "average_spend": divided(sums.cents, sums.paid_orders),
            "first_purchase": _dates(np.where(some, bought.first, np.nan)),
            "last_purchase": _dates(np.where(some, bought.last, np.nan)),
            "days_between": np.round(rhythm.days_between(bought), 2),
            "days_since": np.where(some, now - bought.last, np.nan),
            "spend_30d": from_cents(sums.month),
            "spend_12m": from_cents(sums.year),
            "spend_before_12m": from_cents(sums.year_before),
            "trend": _share(sums.year - sums.year_before, sums.year_before),
            "products": pd.Series(sums.products, dtype="str"),
            "favourite_category": pd.Series(sums.favourite, dtype="str"),
            "refunds": from_cents(sums.refunds),
            "refund_share": _share(sums.refunds, sums.cents + sums.refunds),
            "open_amount": sums.open_amount,
            "overdue_amount": sums.overdue,
            "rfm": pd.Series(codes, dtype="str"),
            "rfm_group": pd.Series(groups, dtype="str"),
            "expected_next": _dates(rhythm.expected_next(bought)),
            "days_late": rhythm.days_late(bought, now),
            "value_12m": value,
        }
    )
    return Figures(frame, reason)


def _rfm(bought: rhythm.Span, orders: Ints, cents: Ints, now: int, language: str) -> tuple[Texts, Texts]:
    """RFM codes and the words for their groups, "" for clients who never bought on a known day; scored among buyers."""
    codes, groups = np.full(len(orders), "", dtype=object), np.full(len(orders), "", dtype=object)
    buyer = (orders > 0) & (bought.count > 0)
    if buyer.any():
        codes[buyer], r, f, m = rfm(bought.last[buyer], orders[buyer], cents[buyer])
        names = group(r, f, m, orders=orders[buyer], days_since_first=now - bought.first[buyer])
        shown = {name: words.choice_word("rfm_group", name, language) for name in GROUPS}
        groups[buyer] = [shown[name] for name in names]
    return codes, groups


def _share(part: Ints, whole: Ints) -> Floats:
    """part / whole to four decimals, NaN where the whole is not above 0."""
    return np.where(whole > 0, np.round(part / np.maximum(whole, 1), 4), np.nan)


def _dates(days: Floats) -> pd.Series[Any]:
    """Days since 1970-01-01 (NaN: none) as dates."""
    blank = np.isnan(days)
    dates = np.where(blank, 0, days).astype("int64").astype("datetime64[D]").astype("datetime64[us]")
    dates[blank] = np.datetime64("NaT")
    return pd.Series(dates)
