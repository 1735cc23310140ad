"""The firm's own figures: sales month by month, how many clients came, came back and stayed away."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import (
    NO_DAY,
    Floats,
    Ints,
    Names,
    day_number,
    from_cents,
    month_number,
    month_numbers,
    total,
    years_before,
)
from xlcrm.spend.rhythm import Span, Visits, visits
from xlcrm.spend.totals.market_basket import Owned
from xlcrm.spend.totals.purchase_totals import PurchaseTotals

MONTHS = 24
COHORTS = 12


@dataclass(frozen=True, eq=False)
class FirmSums:
    """What the firm's figures are made of: whole numbers all, money in cents, days since 1970-01-01.

    day, cents    the days with lines, and what these come to: refunds taken off, sales without a client too
    begun, orders the days on which an order had its first line, and how many (refunds are none)
    visits        on which days each client of `ClientSums.ids` bought
    nobodys       cents of the year up to today that name no client
    owned         which products the same clients bought
    odd           the lines that something is odd about, of a source that nobody looks at line by line; else None
    """

    day: Ints
    cents: Ints
    begun: Ints
    orders: Ints
    visits: Visits
    nobodys: int
    owned: Owned
    odd: OddLines | None = None


@dataclass(frozen=True, eq=False)
class OddLines:
    """How many lines are odd: by the codes of `refresh.findings`, by client of `ClientSums.ids`, by currency.

    counts    no_client, bad_date, bad_amount, no_amount and future
    each      how many lines each client has
    unrated   currency -> lines in it that have no rate
    """

    counts: dict[str, int]
    each: Ints
    unrated: dict[str, int]


def firm_sums(totals: PurchaseTotals, *, today: dt.date) -> FirmSums:
    """The sums of the firm on a day for which the totals hold (`xlcrm.sources` has them from an engine)."""
    recent = totals.recent
    year = (recent.client < 0) & (recent.day > years_before(today, 1)) & (recent.day <= day_number(today))
    return FirmSums(
        day=totals.day,
        cents=totals.day_cents,
        begun=totals.begun,
        orders=totals.begun_orders,
        visits=visits(totals.days),
        nobodys=int(recent.cents[year].sum()),
        owned=totals.owned,
    )


def months(sums: FirmSums, *, today: dt.date, count: int = MONTHS) -> pd.DataFrame:
    """The last `count` calendar months, this one last: month ("2026-11"), spend, orders, new_clients, active_clients.

    Spend is less refunds and holds sales without a client too; an order belongs to the month of its first line; a new
    client to the month of the first purchase; an active client bought on some day of the month.
    """
    first, end = month_number(today) - count + 1, day_number(today)

    def months_of(day: Ints) -> Ints:
        return month_numbers(np.where(day <= end, day, NO_DAY)) - first

    visited, new = months_of(sums.visits.day), months_of(sums.visits.first)
    recent = (visited >= 0) & (visited < count)
    pairs = pd.unique(sums.visits.client[recent] * count + visited[recent]) % count
    return pd.DataFrame(
        {
            "month": [_label(first + i) for i in range(count)],
            "spend": from_cents(total(sums.cents, _within(months_of(sums.day), count), count)),
            "orders": total(sums.orders, _within(months_of(sums.begun), count), count),
            "new_clients": _tally(new, count),
            "active_clients": _tally(pairs, count),
        }
    )


def year_figures(sums: FirmSums, *, today: dt.date, years_ago: int = 0) -> dict[str, float]:
    """Figures of the year (`today` - 1 year, `today`], or of the same window some years earlier.

    spend           sum of the amounts less refunds
    orders          distinct invoices, by the day of their first line
    average_order   spend / orders; NaN without orders
    active_clients  clients who bought
    new_clients     clients whose first purchase ever falls into the window
    lost_clients    clients who bought in the year before the window and not in it
    repeat_rate     share of the active clients who bought on more than one day of the window; NaN without any
    """
    start, end = years_before(today, years_ago + 1), years_before(today, years_ago)
    end = day_number(today) if years_ago == 0 else end
    earlier = years_before(today, years_ago + 2)
    spend = int(sums.cents[(sums.day > start) & (sums.day <= end)].sum()) / 100
    orders = int(sums.orders[(sums.begun > start) & (sums.begun <= end)].sum())
    times = _times(sums.visits, start, end)
    before = _times(sums.visits, earlier, start)
    first = sums.visits.first
    active = int((times > 0).sum())
    return {
        "spend": spend,
        "orders": orders,
        "average_order": round(spend / orders, 2) if orders else np.nan,
        "active_clients": active,
        "new_clients": int(((first > start) & (first <= end)).sum()),
        "lost_clients": int(((before > 0) & (times == 0)).sum()),
        "repeat_rate": round(int((times > 1).sum()) / active, 4) if active else np.nan,
    }


def client_years(ids: Names, visits: Visits, *, today: dt.date) -> pd.DataFrame:
    """Per client of `ids` the year up to `today`: active, new, lost, repeat (0 or 1), as in `year_figures`."""
    start, earlier, now = years_before(today, 1), years_before(today, 2), day_number(today)
    times, bought = _times(visits, start, now), visits.bought
    return pd.DataFrame(
        {
            "client_id": pd.Series(ids, dtype="str"),
            "active": (times > 0) * 1,
            "new": ((bought.count > 0) & (bought.first > start) & (bought.first <= now)) * 1,
            "lost": ((_times(visits, earlier, start) > 0) & (times == 0)) * 1,
            "repeat": (times > 1) * 1,
        }
    )


def cohorts(visits: Visits, *, today: dt.date, count: int = COHORTS) -> pd.DataFrame:
    """Clients by the month of their first purchase, the `count` - 1 months before this one: cohort, clients, m0, m1, …

    mK is the share of the cohort's clients who bought in the Kth month after their first one (m0 is always 1); NaN for
    months to come and for months in which nobody bought first. The last row, with a blank cohort, is of all clients who
    ever bought: mK of those whose Kth month has begun.
    """
    this = month_number(today)
    start = this - count + 1
    rows = _cohort_rows(visits, this, start, count).iloc[:-1]
    return pd.concat([rows, _all_cohorts(visits, this, count)], ignore_index=True)


def _cohort_rows(visits: Visits, this: int, start: int, count: int) -> pd.DataFrame:
    """The rows of the months from `start` to `this`."""
    first = month_numbers(visits.bought.first)
    born = first[visits.client]
    age = month_numbers(visits.day) - born
    keep = (born >= start) & (age < count)
    pair = np.unique(visits.client[keep] * count + age[keep])
    cohort = first[pair // count] - start
    table = np.zeros((count, count), dtype="int64")
    np.add.at(table, (cohort, pair % count), 1)
    size = table[:, 0]
    share: Floats = np.where(size[:, None] > 0, np.round(table / np.maximum(size, 1)[:, None], 4), np.nan)
    share[np.add.outer(np.arange(count), np.arange(count)) >= count] = np.nan
    frame = pd.DataFrame({"cohort": [_label(start + i) for i in range(count)], "clients": size})
    return frame.join(pd.DataFrame(share, columns=[f"m{i}" for i in range(count)]))


def _all_cohorts(visits: Visits, this: int, count: int) -> pd.DataFrame:
    """The row of all clients who ever bought: of those whose Kth month has begun, how many bought in it."""
    born = month_numbers(visits.first)
    age = month_numbers(visits.day) - month_numbers(visits.bought.first)[visits.client]
    there = _tally(np.unique(visits.client[age < count] * count + age[age < count]) % count, count)
    begun = np.array([int((born + k <= this).sum()) for k in range(count)])
    share = np.where(begun > 0, np.round(there / np.maximum(begun, 1), 4), np.nan)
    return pd.DataFrame([{"cohort": "", "clients": len(born)} | {f"m{k}": share[k] for k in range(count)}])


def buyers(bought: Span) -> tuple[int, int]:
    """Clients who bought on one day only, and on more than one."""
    return int((bought.count == 1).sum()), int((bought.count > 1).sum())


def _times(visits: Visits, start: int, end: int) -> Ints:
    """How many purchase days each client had in (start, end]."""
    inside = (visits.day > start) & (visits.day <= end)
    return total(visits.times[inside], visits.client[inside], len(visits.bought.count))


def _within(number: Ints, count: int) -> Ints:
    """The numbers from 0 to count - 1 as they are, all others as -1."""
    return np.where((number >= 0) & (number < count), number, -1)


def _tally(number: Ints, count: int) -> Ints:
    """How often each number from 0 to count - 1 occurs; others are left out."""
    inside = number[(number >= 0) & (number < count)]
    return np.bincount(inside, minlength=count).astype("int64")


def _label(number: int) -> str:
    """A month, counted from January 1970, as "2026-03"."""
    return f"{number // 12 + 1970:04d}-{number % 12 + 1:02d}"
