"""The sums of the whole firm as Ibis expressions: what `spend.firm.firm_sums` adds up in memory.

Everything that leaves the engine is small beside the lines: a row a day, and for each client and period (never longer
than a month) on how many days something was bought. Products are counted by the 200 that most clients bought.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from xlcrm.sources.line_expressions import Asked, LineExpression, alone, settled
from xlcrm.spend.firm import PRODUCTS, FirmSums, OddLines, Owned, bought_both
from xlcrm.spend.kinds import Ints, day_number, years_before
from xlcrm.spend.rhythm import Span, Visits
from xlcrm.spend.seasons import year_ago

_TO_YEAR_0 = 719_468  # days from 1 March of the year 0 to 1970-01-01


def firm_sums(read: LineExpression, bought: Span, asked: Asked) -> FirmSums:
    """The sums of the firm; `bought` are the spans of all clients in the order of their numbers, as the engine has it.

    Where products have as many clients, or an engine as many names, those first by alphabet come first.
    """
    own = read.lines.filter(read.lines.client.notnull())
    days, begun = _rows(day_cents(read.lines)), _rows(order_starts(read.lines))
    numbers = client_numbers(own)
    seen = _rows(visits(own, numbers, asked.today))
    nobodys = read.lines.filter(read.lines.client.isnull() & _within_year(read.lines.day, asked.today))
    return FirmSums(
        day=days["day"],
        cents=days["cents"],
        begun=begun["begun"],
        orders=begun["orders"],
        visits=Visits(seen["number"], seen["period"], seen["times"], bought),
        nobodys=int(nobodys.cents.sum().fill_null(0).cast("int64").execute()),
        owned=_owned(own, numbers),
        odd=_odd(read, numbers, len(bought.count)),
    )


def day_cents(lines: Any) -> Any:
    """day, cents: what the lines of each day come to."""
    dated = lines.filter(lines.day.notnull())
    return dated.group_by("day").aggregate(cents=dated.cents.sum().cast("int64"))


def order_starts(lines: Any) -> Any:
    """begun, orders: how many orders had their first line on each day; an order is an invoice of a client, or a day."""
    dated = lines.filter(~lines.refund & lines.day.notnull())
    each = dated.mutate(alone=alone(dated)).group_by("client", "invoice", "alone").aggregate(begun=dated.day.min())
    return each.group_by("begun").aggregate(orders=each.count())


def client_numbers(own: Any) -> Any:
    """client, number: the clients in the order of the engine, from 0."""
    import ibis

    clients = own.select("client").distinct()
    numbered = clients.mutate(number=ibis.row_number().over(ibis.window(order_by="client")).cast("int64"))
    return settled(numbered, "client_numbers")


def visits(own: Any, numbers: Any, today: dt.date) -> Any:
    """number, period, times: on how many distinct days of a period each client bought; `period` is its first day."""
    days = own.filter(~own.refund & own.day.notnull()).select("client", "day").distinct()
    parted = days.mutate(period=period_of(days.day, today))
    counted = parted.group_by("client", "period").aggregate(times=parted.count())
    return counted.inner_join(numbers, "client").select("number", "period", "times")


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


def _odd(read: LineExpression, numbers: Any, clients: int) -> OddLines:
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
    each = _rows(lines.group_by("client").aggregate(lines=lines.count()).inner_join(numbers, "client").drop("client"))
    of_client: Ints = np.zeros(clients, dtype="int64")
    of_client[each["number"]] = each["lines"]
    counts = {str(name): int(value) for name, value in counted.items()}
    counts["future"] = int(read.future.count().execute())
    return OddLines(counts, of_client, dict(zip(unrated["currency"].astype(str), unrated["lines"], strict=True)))


def _within_year(day: Any, today: dt.date) -> Any:
    return (day > years_before(today, 1)) & (day <= day_number(today))


def _owned(own: Any, numbers: Any) -> Owned:
    """Which of the products that most clients bought the same clients have."""
    import ibis

    known = own.filter(~own.refund & own["product"].notnull())
    pairs = settled(known.select("client", "product").distinct(), "bought_products")
    each = pairs.group_by("product").aggregate(clients=pairs.count())
    top = each.order_by(ibis.desc("clients"), "product").limit(PRODUCTS).execute()
    top = top.sort_values(["clients", "product"], ascending=[False, True], kind="stable")
    names = [str(name) for name in top["product"]]
    if not names:
        return Owned([], np.zeros((0, 0), dtype="int64"), 0)
    column = ibis.cases(*((pairs["product"] == name, ibis.literal(at)) for at, name in enumerate(names)), else_=-1)
    placed = pairs.mutate(place=column.cast("int64"))
    placed = placed.filter(placed.place >= 0).inner_join(numbers, "client").select("number", "place")
    found = _rows(placed)
    clients = int(pairs["client"].nunique().execute())
    return Owned(names, bought_both(found["number"], found["place"], len(names)), clients)


def _rows(expression: Any) -> dict[str, Ints]:
    """The columns of an expression, all of them whole numbers."""
    table = expression.to_pyarrow()
    return {name: np.asarray(table[name].to_numpy(), dtype="int64") for name in table.column_names}
