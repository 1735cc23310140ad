"""VAT rates by country and day; the file names its sources and no period of a kind overlaps another."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections import defaultdict
from decimal import Decimal

import pytest

from xlcrm.documents.vat_rates import DATA, EU, dated_rows, rates, standard_rate

RATES = [
    ("IT", "2026-11-27", "0.22", "0.22 0.1 0.05 0.04"),
    ("DE", "2020-06-30", "0.19", "0.19 0.07"),
    ("DE", "2020-07-01", "0.16", "0.16 0.05"),
    ("DE", "2021-01-01", "0.19", "0.19 0.07"),
    ("FI", "2024-09-01", "0.255", "0.255 0.14 0.1"),
    ("EE", "2025-07-01", "0.24", "0.24 0.13 0.09"),
    ("NO", "2026-11-27", "0.25", "0.25 0.15 0.12"),
    ("CH", "2023-12-31", "0.077", "0.077 0.037 0.025"),
    ("CH", "2024-01-01", "0.081", "0.081 0.038 0.026"),
    ("FR", "2026-11-27", "0.2", "0.2 0.1 0.055 0.021"),
    ("ES", "2026-11-27", "0.21", "0.21 0.1 0.04"),
    ("GB", "2026-11-27", "0.2", "0.2 0.05 0"),
]


@pytest.mark.parametrize(("country", "day", "standard", "every"), RATES)
def test_the_rates_of_a_country_on_a_day(country: str, day: str, standard: str, every: str) -> None:
    on = dt.date.fromisoformat(day)
    assert standard_rate(country, on) == Decimal(standard)
    assert rates(country, on) == tuple(map(Decimal, every.split()))


def test_an_unknown_country_has_none() -> None:
    assert standard_rate("US", dt.date(2026, 1, 1)) is None
    assert rates("US", dt.date(2026, 1, 1)) == ()


@pytest.mark.parametrize("country", sorted(EU | {"NO", "GB", "CH", "IS", "LI"}))
def test_every_country_has_one_standard_rate_at_a_time(country: str) -> None:
    day = dt.date(2020, 1, 1)
    while day < dt.date(2027, 1, 1):
        assert standard_rate(country, day) is not None, day
        day += dt.timedelta(days=31)


@pytest.mark.parametrize(("name", "keys"), [("vat_rates.csv", "country kind"), ("late_interest.csv", "country buyer")])
def test_periods_follow_each_other_and_name_their_source(name: str, keys: str) -> None:
    spans = defaultdict(list)
    for row, first, last in dated_rows(name):
        assert row["source"] and first <= last
        spans[tuple(row[key] for key in keys.split())].append((first, last))
    for held in spans.values():
        ordered = sorted(held)
        assert all(a[1] < b[0] for a, b in itertools.pairwise(ordered)), held


def test_every_case_of_law_has_a_general_reference() -> None:
    with (DATA / "law_references.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["country"], row["case"]) for row in rows}) == len(rows)
    assert all(row["reference"] for row in rows)
