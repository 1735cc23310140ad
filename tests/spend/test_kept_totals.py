"""Totals that an earlier run kept give the figures that adding up again gives, or are not taken."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tests.support.held_table import HeldTable
from tests.support.random_purchases import RATES, firm_figures, random_purchases
from xlcrm.spend.client_figures import client_sums, figures_of
from xlcrm.spend.currencies import NO_RATES
from xlcrm.spend.firm import firm_sums
from xlcrm.spend.lines import read_lines
from xlcrm.spend.refresh import findings
from xlcrm.spend.totals.kept_totals import KeptTotals
from xlcrm.spend.totals.purchase_totals import PurchaseTotals, totals_of
from xlcrm.tables import Table

DAY = dt.date(2026, 11, 22)
ASKED: dict[str, Any] = {"currency": "EUR", "rates": RATES, "country": "IT"}


def past_lines(seed: int) -> pd.DataFrame:
    """Lines up to the day, so that none counts from a later one on."""
    lines = random_purchases(seed)
    return lines[~(lines["date"] > pd.Timestamp(DAY))].reset_index(drop=True)


def of(held: HeldTable, today: dt.date = DAY, **asked: Any) -> PurchaseTotals:
    return KeptTotals(held.table, today, **(ASKED | asked)).totals()


def shown(totals: PurchaseTotals, today: dt.date) -> dict[str, pd.DataFrame]:
    """All that is made of the totals."""
    sums = client_sums(totals, today=today)
    table = Table("Purchases", "Purchases", pd.DataFrame(), {})
    noted = findings(table, totals.odd, totals.ids, totals.ids[::7], totals.currency)
    return {
        "clients": figures_of(sums, today=today).frame,
        "before": pd.DataFrame({"before": sums.overdue_before}),
        **firm_figures(firm_sums(totals, today=today), totals.ids, today),
        "odd": pd.DataFrame({"odd": list(map(repr, noted))}),
        "whole": pd.DataFrame([(totals.currency, totals.count, totals.since, totals.before)]),
    }


def assert_same(found: PurchaseTotals, wanted: PurchaseTotals, today: dt.date) -> None:
    held = shown(wanted, today)
    for name, frame in shown(found, today).items():
        pd.testing.assert_frame_equal(frame, held[name], check_exact=True, obj=name)


def anew(frame: pd.DataFrame, today: dt.date, **asked: Any) -> PurchaseTotals:
    return totals_of(read_lines(frame, today=today, **(ASKED | asked)))


FRAMES: dict[str, Callable[[], pd.DataFrame]] = {
    "all that figures stumble over": lambda: random_purchases(seed=3),
    "no line at all": lambda: random_purchases(seed=3)[:0],
    "no line with a date": lambda: random_purchases(seed=3, count=200).assign(date=None),
    "no column but the client": lambda: random_purchases(seed=3, count=200)[["client_id"]],
    "dates of the year 1": lambda: random_purchases(seed=3, count=200).assign(date=dt.datetime(1, 1, 1)),
    "sums of more than four bytes": lambda: random_purchases(seed=3, count=200).assign(amount=9e9),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_what_is_kept_comes_back(frame: str) -> None:
    held = HeldTable(FRAMES[frame]())
    wanted = of(held)
    assert_same(wanted, anew(held.table.frame, DAY), DAY)
    assert_same(of(held), wanted, DAY)
    assert held.puts == 1


def test_a_later_day_takes_what_an_earlier_one_kept() -> None:
    lines = past_lines(seed=4)
    held = HeldTable(lines)
    for days in (0, 1, 9, 45, 400, 1500):
        today = DAY + dt.timedelta(days)
        assert_same(of(held, today), anew(lines, today), today)
    assert held.puts == 1


def totals_kept(seed: int) -> int:
    """Random lines on six random days, each with what those before it kept; on how many of them that was taken."""
    chance = random.Random(seed)
    lines = random_purchases(seed, count=chance.choice([40, 300, 900]))
    held = HeldTable(lines)
    for _ in range(6):
        today = DAY + dt.timedelta(chance.choice([chance.randrange(-900, 60), chance.randrange(28, 1500)]))
        kept = KeptTotals(held.table, today, **ASKED)
        assert_same(kept.totals(), anew(lines, today), today)
    return 6 - held.puts


@pytest.mark.parametrize("seed", range(3))
def test_days_in_any_order_have_the_figures_of_their_day(seed: int) -> None:
    totals_kept(seed)


DAYS = [
    ("2026-11-23", True, "the day before the line that is to come"),
    ("2026-11-24", False, "its day"),
    ("2026-11-21", True, "an earlier day, on which the same lines count"),
    ("2026-11-20", True, "that of the last line"),
    ("2026-11-19", False, "the day before that"),
]


@pytest.mark.parametrize(("day", "taken", "why"), DAYS, ids=[why for *_, why in DAYS])
def test_totals_are_those_of_days_with_the_same_lines(day: str, taken: bool, why: str) -> None:
    dates = pd.to_datetime(["2026-11-20", "2026-11-24", "2026-11-30", "2025-01-01"])
    lines = pd.DataFrame({"client_id": ["A", "B", "A", "C"], "date": dates, "amount": [5.0, 6.0, 7.0, 8.0]})
    held, today = HeldTable(lines), dt.date.fromisoformat(day)
    of(held)
    assert_same(of(held, today), anew(lines, today), today)
    assert (held.puts == 1) == taken, why


@pytest.mark.parametrize("other", [{"currency": "CHF"}, {"rates": NO_RATES}, {"country": "US"}], ids=str)
def test_whatever_else_they_depend_on_is_asked_for(other: dict[str, Any]) -> None:
    lines = random_purchases(seed=5, count=400).assign(amount="1.234", unit_price=None)
    held = HeldTable(lines)
    of(held)
    found = of(held, **other)
    assert held.puts == 2
    assert_same(found, anew(lines, DAY, **other), DAY)


def test_another_frame_has_nothing_of_this_one() -> None:
    lines = random_purchases(seed=6, count=400)
    held = HeldTable(lines)
    of(held)
    fewer = replace(held.table, frame=lines.iloc[:100].copy())
    assert_same(KeptTotals(fewer, DAY, **ASKED).totals(), anew(lines.iloc[:100], DAY), DAY)
    assert held.puts == 1


@pytest.mark.parametrize("spoil", [lambda body: b"", lambda body: body[:-40], lambda body: body[:200]])
def test_what_is_no_longer_whole_is_reckoned_anew(spoil: Callable[[bytes], bytes]) -> None:
    lines = random_purchases(seed=7, count=400)
    held = HeldTable(lines)
    wanted = of(held)
    held.bodies = {key: spoil(body) for key, body in held.bodies.items()}
    assert_same(of(held), wanted, DAY)
    assert held.puts == 2


def test_what_clients_are_worth_is_kept_for_its_day() -> None:
    lines = past_lines(seed=8)
    held, values = HeldTable(lines), []
    for days in (0, 0, 1):
        today = DAY + dt.timedelta(days)
        kept = KeptTotals(held.table, today, **ASKED)
        found = figures_of(client_sums(kept.totals(), today=today), today=today, lifetime=kept.value_12m)
        wanted = figures_of(client_sums(anew(lines, today), today=today), today=today)
        assert found.value_reason == wanted.value_reason == ""
        pd.testing.assert_frame_equal(found.frame, wanted.frame, check_exact=True)
        values.append(found.frame["value_12m"])
    assert held.puts == 3  # the totals and two days
    assert values[0].sum() != values[2].sum()
