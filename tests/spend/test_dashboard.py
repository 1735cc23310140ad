"""The dashboard's figures: an independent reckoning agrees, months are words, what there is none of is said."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support import dashboard_reckoning as reckoning
from xlcrm.messages import LANGUAGES
from xlcrm.spend import dashboard
from xlcrm.spend.day_words import month_word
from xlcrm.spend.firm import firm_sums
from xlcrm.spend.lines import read_lines
from xlcrm.spend.seasons import bought_together, seasons
from xlcrm.spend.totals.purchase_totals import totals_of

TODAY = reckoning.TODAY


@pytest.mark.parametrize("seed", [3, 17])
def test_every_figure_is_that_of_an_independent_reckoning(seed: int) -> None:
    assert reckoning.differences(reckoning.random_book(seed)) == []


def test_the_reckoning_finds_a_wrong_amount() -> None:
    book = reckoning.random_book(3)
    made = reckoning.ours(book)
    made["Months"][-1][1] += 1
    assert len(list(reckoning._tables(made, reckoning.Reckoning(book)))) == 1


def lines_of(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["client_id", "date", "product", "amount"])


def test_a_season_is_a_share_of_the_average_month() -> None:
    rows = [("A", f"202{y}-{m:02}-05", "Wine", 300.0 if m == 12 else 100.0) for y in (4, 5) for m in range(1, 13)]
    lines = read_lines(lines_of(rows), today=TODAY)
    found = seasons(firm_sums(totals_of(lines), today=TODAY), today=TODAY)
    assert found["season"].iloc[0] > 2.2 > 1 > found["season"].iloc[2], "December takes thrice as much"
    assert found["spend_before"].tolist()[-1] == 100, "5 November 2025 is not after the 28th"


@pytest.mark.parametrize(
    ("today", "before", "why"),
    [
        ("2026-11-04", 0, "the month runs: of the year before only up to the same day"),
        ("2026-11-05", 100, "that day is in it"),
        ("2026-11-30", 100, "the whole month"),
    ],
)
def test_the_running_month_is_held_against_as_many_days(today: str, before: float, why: str) -> None:
    day = dt.date.fromisoformat(today)
    lines = read_lines(lines_of([("A", "2025-11-05", "Wine", 100.0)]), today=day)
    assert seasons(firm_sums(totals_of(lines), today=day), today=day)["spend_before"].iloc[-1] == before, why


def test_less_than_a_year_has_no_season() -> None:
    lines = read_lines(lines_of([("A", "2026-05-05", "Wine", 100.0)]), today=TODAY)
    assert seasons(firm_sums(totals_of(lines), today=TODAY), today=TODAY)["season"].isna().all()


def test_pairs_that_exceed_chance_come_first() -> None:
    own = {"A": "Wine Glass", "B": "Wine Glass", "C": "Wine Glass", "D": "Oil", "E": "Oil Wine", "F": "Bread"}
    lines = read_lines(lines_of([(c, "2026-05-05", p, 1.0) for c, ps in own.items() for p in ps.split()]), today=TODAY)
    owned = firm_sums(totals_of(lines), today=TODAY).owned
    assert bought_together(owned).values.tolist() == [["Wine", "Glass", 3, 2, 0.75, 1.0]], "oil and wine: one client"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_stands_in_words(language: str) -> None:
    said = dashboard.as_of(1, today=TODAY, currency="NOK", language=language)["sentence"][0]
    month = month_word(682, language)
    assert "2026" in said and "NOK" in said and "28" in said
    assert f". {month[0].upper()}{month[1:]}" in said, "a sentence begins with a capital, an abbreviated month has none"
    assert "NOK" not in dashboard.as_of(0, today=TODAY, currency="NOK", language=language)["sentence"][0]


def test_months_are_short_and_told_apart_over_two_years() -> None:
    for language in LANGUAGES:
        names = [month_word(number, language) for number in range(660, 684)]
        assert len(set(names)) == 24 and max(map(len, names)) <= 7


def test_without_sectors_a_word_says_so() -> None:
    clients = pd.DataFrame({"client_id": ["A", "B"], "sector": ["", " "]})
    found = dashboard.sectors(clients, pd.Series([10.0, 5.0]))
    assert found["sector"].tolist() == ["no sectors typed yet"] and found["spend"].isna().all(), "no lone bar"
