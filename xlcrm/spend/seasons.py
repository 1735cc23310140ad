"""Seasons of the year: each month beside the same month of the year before, and which products are bought together."""

from __future__ import annotations

import calendar
import datetime as dt

import numpy as np
import pandas as pd

from xlcrm.spend import firm
from xlcrm.spend.firm import FirmSums
from xlcrm.spend.kinds import Floats, from_cents, month_number, month_numbers, total
from xlcrm.spend.totals.market_basket import Owned

YEAR = 12
FIGURES = {"spend": "spend_before", "orders": "orders_before", "new_clients": "new_before"} | {
    "active_clients": "active_before"
}


def seasons(sums: FirmSums, *, today: dt.date, months: pd.DataFrame | None = None) -> pd.DataFrame:
    """The last twelve calendar months, this one last: month ("2026-11"), the figures of `firm.months`, and beside each
    those of the same month of the year before; of this month, which isn't over, up to the same day.

    change   spend / spend_before - 1; NaN where spend_before is not above 0
    season   what the calendar month usually takes: its mean spend over the whole months since the first purchase,
             divided by the mean of the twelve calendar months; NaN with less than twelve whole months

    `months` are the last 24 of `firm.months`, where they are known already.
    """
    both = firm.months(sums, today=today, count=2 * YEAR) if months is None else months
    now, before = both[YEAR:].reset_index(drop=True), both[:YEAR].reset_index(drop=True)
    last = year_ago(today)
    then = firm.months(sums, today=last, count=1)
    before.iloc[-1] = then.iloc[0]
    table = now.join(before[list(FIGURES)].rename(columns=FIGURES))
    grew = table["spend"] / table["spend_before"].where(table["spend_before"] > 0) - 1
    columns = ["month", "spend", "spend_before", "change"]
    columns += [name for pair in list(FIGURES.items())[1:] for name in pair]
    return table.assign(change=grew.round(4), season=_season(sums, today))[[*columns, "season"]]


def year_ago(today: dt.date) -> dt.date:
    """The same day a year ago; of the last day of a month the last day of that month."""
    year = today.year - 1
    days = calendar.monthrange(year, today.month)[1]
    whole = (today + dt.timedelta(days=1)).day == 1
    return dt.date(year, today.month, days if whole else min(today.day, days))


def _season(sums: FirmSums, today: dt.date) -> Floats:
    """The season of each of the last twelve calendar months."""
    this = month_number(today)
    month = month_numbers(sums.day)
    start = int(month_numbers(sums.begun).min(initial=this)) + 1  # the first month may have begun before its purchases
    whole = this - start
    if whole < YEAR:
        return np.full(YEAR, np.nan)
    spent = from_cents(total(sums.cents, np.where((month >= start) & (month < this), month - start, -1), whole))
    of_year = (np.arange(whole) + start) % YEAR
    mean = np.array([spent[of_year == at].mean() for at in range(YEAR)])
    usual = mean.mean()
    order = (np.arange(YEAR) + this + 1) % YEAR
    return np.round(mean[order] / usual, 4) if usual > 0 else np.full(YEAR, np.nan)


# What goes together: counted over clients, not over invoices, because many lists have one line an invoice.

PAIRS, ENOUGH = 12, 3


def bought_together(owned: Owned, *, count: int = PAIRS) -> pd.DataFrame:
    """Pairs of products that the same clients bought, those first that exceed chance by the most clients.

    product, other   the two names, the one that more clients bought first
    clients          who bought both, ever (lines that take back are none); at least three
    by_chance        how many that would be if neither had to do with the other, rounded: clients of the one x clients
                     of the other / clients who bought any product
    share            clients / those who bought `product`; share_other likewise of `other`

    Looks at the 200 products that most clients bought. Pairs that don't exceed chance are left out.
    """
    names, both = owned.products, owned.both
    each = both.diagonal()
    chance = np.outer(each, each) / max(owned.clients, 1)
    first, second = np.triu_indices(len(names), 1)
    pair, surplus = both[first, second], (both - chance)[first, second]
    keep = np.flatnonzero((pair >= ENOUGH) & (surplus > 0))
    order = keep[np.lexsort((keep, -pair[keep], -surplus[keep]))][:count]
    one, two = first[order], second[order]
    return pd.DataFrame(
        {
            "product": pd.Series([names[at] for at in one], dtype="str"),
            "other": pd.Series([names[at] for at in two], dtype="str"),
            "clients": pair[order],
            "by_chance": np.floor(chance[one, two] + 0.5).astype("int64"),
            "share": np.round(pair[order] / each[one], 4),
            "share_other": np.round(pair[order] / each[two], 4),
        }
    )
