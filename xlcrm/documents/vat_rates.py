"""VAT rates by country and day, from `xlcrm/data/documents/vat_rates.csv`; no rate stands in code.

Dates are inclusive; a blank one is open. Sources are named in the file.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
DATA = Path(__file__).parents[1] / "data" / "documents"


@dataclass(frozen=True)
class VatRate:
    """A rate (0.22 is 22 %) of a country, its kind (standard, reduced, ...) and the days on which it holds."""

    country: str
    kind: str
    rate: Decimal
    first: dt.date
    last: dt.date

    def holds(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


def rates(country: str, day: dt.date) -> tuple[Decimal, ...]:
    """The rates of a country on a day, the highest first; () for a country that is not in the file."""
    return tuple(sorted({one.rate for one in _all() if one.country == country and one.holds(day)}, reverse=True))


def standard_rate(country: str, day: dt.date) -> Decimal | None:
    """The standard rate of a country on a day; None for a country that is not in the file."""
    return next((r.rate for r in _all() if r.country == country and r.kind == "standard" and r.holds(day)), None)


def dated_rows(name: str) -> Iterator[tuple[dict[str, str], dt.date, dt.date]]:
    """The rows of a data file with the days from which and until which they hold."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row, _day(row["from"], dt.date.min), _day(row["until"], dt.date.max)


@cache
def _all() -> tuple[VatRate, ...]:
    return tuple(
        VatRate(row["country"], row["kind"], Decimal(row["rate"]) / 100, first, last)
        for row, first, last in dated_rows("vat_rates.csv")
    )


def _day(text: str, blank: dt.date) -> dt.date:
    return dt.date.fromisoformat(text) if text else blank
