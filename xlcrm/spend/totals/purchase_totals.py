"""Purchase totals: what purchase lines come to whatever day it is, small enough to be kept for the next run.

Adding up half a million lines takes longer than all that a day's figures are made of afterwards (`client_figures`,
`firm`), and most days the lines are those of the day before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import NEVER, NO_DAY, Ints, Mask, Names, Texts, total
from xlcrm.spend.lifetime_value import kept_of
from xlcrm.spend.lines import PurchaseLines
from xlcrm.spend.refunds import Owed, originals, owed
from xlcrm.spend.rhythm import Days, Span, purchase_days
from xlcrm.spend.totals.favourites import favourite, products
from xlcrm.spend.totals.market_basket import Owned, owned_products

LONG_AGO = 2 * 366 + 1
"""Days after which a line is in no window of today or of any later day: the longest ends two years before it."""


@dataclass(frozen=True, eq=False)
class RecentLines:
    """The lines with a date that some window may hold: client (-1: none), day, cents."""

    client: Ints
    day: Ints
    cents: Ints


@dataclass(frozen=True, eq=False)
class OddPurchases:
    """The lines that something is odd about.

    kinds     code of `refresh.findings` -> how many lines, and the position of the first
    unrated   the currencies without a rate
    each      per client of `ids` how many lines, and `first` the position of the first of them, NEVER where none counts
    """

    kinds: dict[str, tuple[int, int]]
    unrated: list[str]
    each: Ints
    first: Ints


@dataclass(frozen=True, eq=False)
class PurchaseTotals:
    """What the lines that count come to: money in cents of `currency`, days since 1970-01-01.

    ids               the clients, in the order of all arrays that have an entry for each of them
    count             how many lines count
    since, before     the totals are those of every day from `since`, the last one with a line, and `before` the first
                      day of a line that doesn't count yet
    cents, refunds    all that a client spent, refunds taken off; the refunds alone, as positive amounts
    orders, paid_orders   a client's orders, and those whose money is known
    days              the distinct purchase days
    products, favourite   as `favourites` says them
    recent, owed      lines that windows of time and receivables of such a day are made of
    unreturned        what the lifetime models know: purchase days of which not all was taken back, and as
                      `unreturned_later` the cents of those after the first
    day, day_cents    the days with lines, and what these come to
    begun, begun_orders   the days on which an order had its first line, and how many
    owned             which products the same clients bought
    odd               what is odd about the lines
    """

    ids: Names
    currency: str
    count: int
    since: int
    before: int
    cents: Ints
    refunds: Ints
    orders: Ints
    paid_orders: Ints
    days: Days
    products: Texts
    favourite: Texts
    recent: RecentLines
    owed: Owed
    unreturned: Span
    unreturned_later: Ints
    day: Ints
    day_cents: Ints
    begun: Ints
    begun_orders: Ints
    owned: Owned
    odd: OddPurchases


def totals_of(lines: PurchaseLines) -> PurchaseTotals:
    """The totals of the lines that count on the day for which they were read."""
    original = originals(lines)
    since = int(lines.day.max(initial=NO_DAY))
    long_ago = max(since, NO_DAY + LONG_AGO) - LONG_AGO
    dated = lines.day != NO_DAY
    day, at = np.unique(lines.day[dated], return_inverse=True)
    begun, begun_orders = np.unique(_order_days(lines), return_counts=True)
    orders, paid_orders = order_counts(lines)
    recent = dated & (lines.day > long_ago)
    unreturned, unreturned_later = kept_of(lines, original)
    return PurchaseTotals(
        ids=lines.ids,
        currency=lines.currency,
        count=len(lines.row),
        since=since,
        before=lines.next_day,
        cents=total(lines.cents, lines.client, lines.clients),
        refunds=-total(lines.cents, lines.client, lines.clients, where=lines.refund),
        orders=orders,
        paid_orders=paid_orders,
        days=purchase_days(lines),
        products=products(lines),
        favourite=favourite(lines, lines.category, lines.categories),
        recent=RecentLines(lines.client[recent], lines.day[recent], lines.cents[recent]),
        owed=owed(lines, original).later_than(long_ago),
        unreturned=unreturned,
        unreturned_later=unreturned_later,
        day=day,
        day_cents=total(lines.cents[dated], at, len(day)),
        begun=begun,
        begun_orders=begun_orders.astype("int64"),
        owned=owned_products(lines),
        odd=_odd(lines),
    )


def order_counts(lines: PurchaseLines) -> tuple[Ints, Ints]:
    """Per client the number of orders, and of those whose money is known."""
    counts = []
    for which in (~lines.refund, ~lines.refund & lines.priced):
        own = which & (lines.client >= 0)
        first = np.zeros(lines.orders, dtype="int64") - 1
        first[lines.order[own]] = lines.client[own]
        counts.append(np.bincount(first[first >= 0], minlength=lines.clients).astype("int64"))
    return counts[0], counts[1]


def _order_days(lines: PurchaseLines) -> Ints:
    """The first day of every order (refunds are none), without those that have no date."""
    dated = ~lines.refund & (lines.day != NO_DAY)
    day = np.full(lines.orders, NEVER)
    np.minimum.at(day, lines.order[dated], lines.day[dated])
    found: Ints = day[day != NEVER]
    return found


def _odd(lines: PurchaseLines) -> OddPurchases:
    """What is odd about them, see `refresh.findings`."""
    unpriced = ~lines.priced & ~np.isin(lines.row, lines.bad_amount)
    foreign: Mask = unpriced & (lines.currency_names != lines.currency)[lines.currencies]
    kinds = {
        "spend.no_client": lines.row[lines.client < 0],
        "spend.bad_date": lines.bad_date,
        "spend.bad_amount": lines.bad_amount,
        "spend.no_amount": lines.row[unpriced & ~foreign],
        "spend.future": lines.future,
        "spend.no_rate": lines.row[foreign],
        "spend.repeats": lines.row[repeats(lines)],
    }
    first = np.full(lines.clients, NEVER)
    named = lines.client >= 0
    np.minimum.at(first, lines.client[named], lines.row[named])
    return OddPurchases(
        {code: (len(rows), int(rows.min())) for code, rows in kinds.items() if len(rows)},
        [str(lines.currency_names[at]) for at in np.unique(lines.currencies[foreign])],
        np.bincount(lines.client[named], minlength=lines.clients).astype("int64"),
        first,
    )


def repeats(lines: PurchaseLines) -> Ints:
    """Indices of lines with the invoice, client, product and amount of an earlier line."""
    named = np.flatnonzero((lines.invoice >= 0) & (lines.product >= 0) & lines.priced)
    item = lines.order[named] * (len(lines.products) + 1) + lines.product[named]
    several = pd.Series(item).duplicated(keep=False).to_numpy()
    amount = lines.cents[named[several]]
    again = pd.DataFrame({"item": item[several], "amount": amount}).duplicated().to_numpy()
    found: Ints = named[several][again]
    return found
