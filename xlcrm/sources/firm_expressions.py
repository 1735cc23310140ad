"""The sums of the whole firm as Ibis expressions: what `spend.firm.firm_sums` adds up in memory.

Everything that leaves the engine is small beside the lines: a row a day, and for each client and period (never longer
than a month) on how many days something was bought. Products are counted by the 200 that most clients bought.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from xlcrm.sources.line_expressions import Asked, LineExpression, rows_of, settled
from xlcrm.spend.firm import FirmSums, OddLines
from xlcrm.spend.kinds import Ints, day_number, years_before
from xlcrm.spend.rhythm import Span, Visits
from xlcrm.spend.seasons import year_ago
from xlcrm.spend.totals.market_basket import PRODUCTS, Owned, bought_both

_TO_YEAR_0 = 719_468  # days from 1 March of the year 0 to 1970-01-01


def firm_sums(read: LineExpression, bought: Span, asked: Asked) -> FirmSums:
    """The sums of the firm; `bought` are the spans of all clients in the order of their numbers, as the engine has it.

    Where products have as many clients, or an engine as many names, those first by alphabet come first.
    """
    days, begun = rows_of(day_cents(read.lines)), rows_of(order_starts(read.orders))
    seen = rows_of(visits(read, asked.today))
    nobodys = read.lines.filter(read.lines.client.isnull() & _within_year(read.lines.day, asked.today))
    return FirmSums(
        day=days["day"],
        cents=days["cents"],
        begun=begun["begun"],
        orders=begun["orders"],
        visits=Visits(seen["number"], seen["period"], seen["times"], bought),
        nobodys=int(nobodys.cents.sum().fill_null(0).cast("int64").execute()),
        owned=_owned(read),
        odd=_odd(read, len(bought.count)),
    )


def day_cents(lines: Any) -> Any:
    """day, cents: what the lines of each day come to."""
    dated = lines.filter(lines.day.notnull())
    return dated.group_by("day").aggregate(cents=dated.cents.sum().cast("int64"))


def order_starts(orders: Any) -> Any:
    """begun, orders: how many of `LineExpression.orders` had their first line on each day."""
    dated = orders.filter(orders.begun.notnull())
    return dated.group_by("begun").aggregate(orders=dated.count())


def visits(read: LineExpression, today: dt.date) -> Any:
    """number, period, times: on how many distinct days of a period each client bought; `period` is its first day."""
    parted = read.client_days.mutate(period=period_of(read.client_days.day, today))
    counted = parted.group_by("client", "period").aggregate(times=parted.count())
    return counted.inner_join(read.numbers, "client").select("number", "period", "times")


def period_of(day: Any, today: dt.date) -> Any:
    """The first day of the period of a day: periods begin with a month, and after the last day of a window."""
    import ibis

    month = month_start(day)
    bounds = {years_before(today, years) + 1 for years in (0, 1, 2, 3)} | {day_number(year_ago(today)) + 1}
    cases = [(day >= bound, ibis.greatest(month, ibis.literal(bound))) for bound in sorted(bounds, reverse=True)]
    return ibis.cases(*cases, else_=month).cast("int64")


def month_start(day: Any) -> Any:
    """The first day of the month of a day (both as days since 1970), by the rules of the calendar alone.

    The years begin with March, so that the day that may be missing is the last one: Howard Hinnant's `civil_from_days`.
    """
    since = day + _TO_YEAR_0
    in_era = since % 146_097
    year = (in_era - in_era // 1_460 + in_era // 36_524 - in_era // 146_096) // 365
    in_year = in_era - (365 * year + year // 4 - year // 100)
    return day - (in_year - (153 * ((5 * in_year + 2) // 153) + 2) // 5)


def _odd(read: LineExpression, clients: int) -> OddLines:
    """The lines that something is odd about, counted."""
    lines = read.lines
    foreign = ~lines.priced & ~lines.bad_amount & (lines.currency != read.currency)
    tests = {
        "no_client": lines.client.isnull(),
        "bad_date": lines.bad_date,
        "bad_amount": lines.bad_amount,
        "no_amount": ~lines.priced & ~lines.bad_amount & ~foreign,
    }
    counted = lines.aggregate(**{name: lines.count(where=test) for name, test in tests.items()}).execute().iloc[0]
    unrated = lines.filter(foreign).group_by("currency").aggregate(lines=lambda some: some.count()).execute()
    each = rows_of(
        lines.group_by("client").aggregate(lines=lines.count()).inner_join(read.numbers, "client").drop("client")
    )
    of_client: Ints = np.zeros(clients, dtype="int64")
    of_client[each["number"]] = each["lines"]
    counts = {str(name): int(value) for name, value in counted.items()}
    counts["future"] = int(read.future.count().execute())
    return OddLines(counts, of_client, dict(zip(unrated["currency"].astype(str), unrated["lines"], strict=True)))


def _within_year(day: Any, today: dt.date) -> Any:
    return (day > years_before(today, 1)) & (day <= day_number(today))


def _owned(read: LineExpression) -> Owned:
    """Which of the products that most clients bought the same clients have."""
    import ibis

    pairs = read.client_products.filter(read.client_products.bought == 1)
    each = pairs.group_by("item").aggregate(clients=pairs.count())
    placed = each.mutate(place=ibis.row_number().over(order_by=[ibis.desc("clients"), "item"]).cast("int64"))
    top = settled(placed.filter(placed.place < PRODUCTS), "top_products")
    names = top.order_by("place").execute()["item"].astype("str").tolist()
    found = pairs.inner_join(top, "item").inner_join(read.numbers, "client").select("number", "place")
    held = rows_of(found)
    clients = int(pairs["client"].nunique().execute())
    return Owned(names, bought_both(held["number"], held["place"], len(names)), clients)
