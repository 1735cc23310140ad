"""The firm's own figures: sales month by month, how many clients came, came back and stayed away."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import (
    NO_DAY,
    Floats,
    Ints,
    day_number,
    from_cents,
    month_number,
    month_numbers,
    total,
    years_before,
)
from xlcrm.spend.lines import PurchaseLines
from xlcrm.spend.rhythm import Days

MONTHS = 24
COHORTS = 12


def months(lines: PurchaseLines, days: Days, *, today: dt.date, count: int = MONTHS) -> pd.DataFrame:
    """The last `count` calendar months, this one last: month ("2026-11"), spend, orders, new_clients, active_clients.

    Spend is less refunds and holds sales without a client too; an order belongs to the month of its first line; a new
    client to the month of the first purchase; an active client bought on some day of the month.
    """
    first, end = month_number(today) - count + 1, day_number(today)

    def months_of(day: Ints) -> Ints:
        return month_numbers(np.where(day <= end, day, NO_DAY)) - first

    month, bought, new = months_of(lines.day), months_of(days.day), months_of(days.first[days.count > 0])
    recent = (bought >= 0) & (bought < count)
    pairs = pd.unique(days.client[recent] * count + bought[recent]) % count
    return pd.DataFrame(
        {
            "month": [_label(first + i) for i in range(count)],
            "spend": from_cents(total(lines.cents, _within(month, count), count)),
            "orders": _tally(months_of(order_days(lines)), count),
            "new_clients": _tally(new, count),
            "active_clients": _tally(pairs, count),
        }
    )


def order_days(lines: PurchaseLines) -> Ints:
    """The first day of every order (refunds are none), without those that have no date."""
    dated = ~lines.refund & (lines.day != NO_DAY)
    day = np.full(lines.orders, np.iinfo(np.int64).max)
    np.minimum.at(day, lines.order[dated], lines.day[dated])
    found: Ints = day[day != np.iinfo(np.int64).max]
    return found


def year_figures(lines: PurchaseLines, days: Days, *, today: dt.date, years_ago: int = 0) -> dict[str, float]:
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
    inside = (lines.day > start) & (lines.day <= end)
    spend = int(lines.cents[inside].sum()) / 100
    of_orders = order_days(lines)
    orders = int(((of_orders > start) & (of_orders <= end)).sum())
    times = _times(days, start, end)
    before = _times(days, earlier, start)
    first = days.first[days.count > 0]
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


def client_years(lines: PurchaseLines, days: Days, *, today: dt.date) -> pd.DataFrame:
    """Per client of `lines.ids` the year up to `today`: active, new, lost, repeat (0 or 1), as in `year_figures`."""
    start, earlier, now = years_before(today, 1), years_before(today, 2), day_number(today)
    times = _times(days, start, now)
    return pd.DataFrame(
        {
            "client_id": pd.Series(lines.ids, dtype="str"),
            "active": (times > 0) * 1,
            "new": ((days.count > 0) & (days.first > start) & (days.first <= now)) * 1,
            "lost": ((_times(days, earlier, start) > 0) & (times == 0)) * 1,
            "repeat": (times > 1) * 1,
        }
    )


def cohorts(days: Days, *, today: dt.date, count: int = COHORTS) -> pd.DataFrame:
    """Clients by the month of their first purchase, the `count` - 1 months before this one: cohort, clients, m0, m1, …

    mK is the share of the cohort's clients who bought in the Kth month after their first one (m0 is always 1); NaN for
    months to come and for months in which nobody bought first. The last row, with a blank cohort, is of all clients who
    ever bought: mK of those whose Kth month has begun.
    """
    this = month_number(today)
    start = this - count + 1
    rows = _cohort_rows(days, this, start, count).iloc[:-1]
    return pd.concat([rows, _all_cohorts(days, this, count)], ignore_index=True)


def _cohort_rows(days: Days, this: int, start: int, count: int) -> pd.DataFrame:
    """The rows of the months from `start` to `this`."""
    born = month_numbers(days.first)[days.client]
    age = month_numbers(days.day) - born
    keep = (born >= start) & (age < count)
    pair = np.unique(days.client[keep] * count + age[keep])
    cohort = month_numbers(days.first)[pair // count] - start
    table = np.zeros((count, count), dtype="int64")
    np.add.at(table, (cohort, pair % count), 1)
    size = table[:, 0]
    share: Floats = np.where(size[:, None] > 0, np.round(table / np.maximum(size, 1)[:, None], 4), np.nan)
    share[np.add.outer(np.arange(count), np.arange(count)) >= count] = np.nan
    frame = pd.DataFrame({"cohort": [_label(start + i) for i in range(count)], "clients": size})
    return frame.join(pd.DataFrame(share, columns=[f"m{i}" for i in range(count)]))


def _all_cohorts(days: Days, this: int, count: int) -> pd.DataFrame:
    """The row of all clients who ever bought: of those whose Kth month has begun, how many bought in it."""
    born = month_numbers(days.first[days.count > 0])
    age = month_numbers(days.day) - month_numbers(days.first)[days.client]
    there = _tally(np.unique(days.client[age < count] * count + age[age < count]) % count, count)
    begun = np.array([int((born + k <= this).sum()) for k in range(count)])
    share = np.where(begun > 0, np.round(there / np.maximum(begun, 1), 4), np.nan)
    return pd.DataFrame([{"cohort": "", "clients": len(born)} | {f"m{k}": share[k] for k in range(count)}])


def buyers(days: Days) -> tuple[int, int]:
    """Clients who bought on one day only, and on more than one."""
    return int((days.count == 1).sum()), int((days.count > 1).sum())


def _times(days: Days, start: int, end: int) -> Ints:
    """How many purchase days each client had in (start, end]."""
    inside = (days.day > start) & (days.day <= end)
    return np.bincount(days.client[inside], minlength=len(days.count)).astype("int64")


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
