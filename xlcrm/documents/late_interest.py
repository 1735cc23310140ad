"""Interest on late payment: simple, by the day, at the rate that the law of the seller's country sets for that day.

The rates stand in `xlcrm/data/documents/late_interest.csv` with their source, by half years. A day after the last
known half year gets the last known rate, and the result says so: a letter must not claim a rate that nobody looked up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from xlcrm.documents.invoice_money import rounded
from xlcrm.documents.vat_rates import EU, dated_rows

YEAR = 365
ANYONE = "any"


@dataclass(frozen=True)
class LateInterest:
    """Interest in whole cents, and whether a rate had to be carried over from an earlier half year."""

    amount: Decimal
    assumed: bool = False


@dataclass(frozen=True)
class _Period:
    country: str
    buyer: str
    first: dt.date
    last: dt.date
    share: Decimal


def late_interest(
    amount: Decimal, due_on: dt.date, today: dt.date, *, country: str, currency: str = "EUR", firm: bool = True,
    own_rate: Decimal | None = None,
) -> LateInterest:  # fmt: skip
    """Interest on `amount` from the day after `due_on` to `today`, both days counted; 0 where nothing is late.

    country   of the seller (ISO): its own rates, or those of Directive 2011/7/EU in a member state without an own row
    firm      whether the buyer is a firm; consumers owe statutory interest only where the file has a row for them
    own_rate  what was agreed, a share a year (0.08 is 8 %); it goes before the law's
    """
    days = (today - due_on).days
    if days <= 0 or amount <= 0:
        return LateInterest(Decimal(0))
    if own_rate is not None:
        return LateInterest(rounded(amount * own_rate * days / YEAR, currency))
    periods = _periods_for(country, firm=firm)
    if not periods:
        return LateInterest(Decimal(0))
    first = due_on + dt.timedelta(days=1)
    shares = sum((_days_in(period, first, today) * period.share for period in periods), Decimal(0))
    after = max(0, (today - max(first - dt.timedelta(days=1), periods[-1].last)).days)
    shares += after * periods[-1].share
    return LateInterest(rounded(amount * max(shares, Decimal(0)) / YEAR, currency), assumed=after > 0)


def legal_rate(country: str, on: dt.date, *, firm: bool = True) -> Decimal | None:
    """The law's rate a year on a day, a share; the last known one afterwards; None where no law of ours sets any."""
    periods = _periods_for(country, firm=firm)
    held = [period for period in periods if period.first <= on]
    return held[-1].share if held else None


def _days_in(period: _Period, first: dt.date, last: dt.date) -> int:
    return max(0, (min(last, period.last) - max(first, period.first)).days + 1)


def _periods_for(country: str, *, firm: bool) -> list[_Period]:
    """The rates of a country for such a buyer, in the order of time; those of the EU where it has none."""
    wanted = {ANYONE, "firm" if firm else "person"}
    own = [one for one in _periods() if one.country == country]
    held = own or [one for one in _periods() if one.country == "EU" and country in EU]
    return [one for one in held if one.buyer in wanted]


@cache
def _periods() -> tuple[_Period, ...]:
    found = [
        _Period(row["country"], row["buyer"], first, last, Decimal(row["percent"]) / 100)
        for row, first, last in dated_rows("late_interest.csv")
    ]
    return tuple(sorted(found, key=lambda one: (one.country, one.buyer, one.first)))
