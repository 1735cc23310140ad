"""Which backups are kept: examples a person can follow, and 10,000 histories against a second, slower statement."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from xlcrm.backups.retention import Rules, prune

NOW = dt.datetime(2026, 11, 22, 14, 30)
NONE = Rules(0, 0, 0, 0, 0)
ZONES = [ZoneInfo(name) for name in ("Europe/Rome", "Europe/London", "America/New_York", "Asia/Kolkata")]


def days_ago(*days: float) -> list[dt.datetime]:
    return [NOW - dt.timedelta(days=back) for back in days]


def kept(taken: list[dt.datetime], rules: Rules, now: dt.datetime = NOW) -> list[str]:
    return ["+".join(why) for why in prune(taken, rules, now=now)]


def test_the_newest_is_kept_without_any_rule() -> None:
    assert kept(days_ago(3, 2, 1), NONE) == ["", "", "last"]
    assert kept([], NONE) == []


def test_the_last_of_each_day_is_kept() -> None:
    taken = days_ago(3.2, 3.1, 2.1, 2, 1, 0)
    assert kept(taken, Rules(0, 3, 0, 0, 0)) == ["", "", "", "daily", "daily", "last+daily"]


def test_days_without_a_backup_take_no_place() -> None:
    assert kept(days_ago(400, 200, 100), Rules(0, 2, 0, 0, 0)) == ["", "daily", "last+daily"]


def test_several_rules_can_keep_one() -> None:
    taken = [dt.datetime(2024, 12, 31, 9), dt.datetime(2025, 12, 31, 9), dt.datetime(2026, 1, 2, 9)]
    assert kept(taken, Rules(1, 1, 1, 2, 3)) == ["yearly", "monthly+yearly", "last+daily+weekly+monthly+yearly"]


def test_weeks_begin_on_monday_and_span_the_new_year() -> None:
    taken = [dt.datetime(2025, 12, 28), dt.datetime(2025, 12, 29), dt.datetime(2026, 1, 4), dt.datetime(2026, 1, 5)]
    assert kept(taken, Rules(0, 0, 9, 0, 0)) == ["weekly", "", "weekly", "last+weekly"]


def test_a_clock_that_ran_ahead_costs_no_other_backup() -> None:
    ahead = dt.datetime(2036, 1, 1)
    taken = [*days_ago(3, 2), ahead, *days_ago(1, 0)]
    assert kept(taken, Rules(1, 4, 0, 0, 0)) == ["daily", "daily", "future", "daily", "last+daily"]


def test_a_clock_set_back_deletes_nothing() -> None:
    wrong_now = dt.datetime(1970, 1, 1)
    assert all(kept(days_ago(9, 8, 7, 0), Rules(1, 1, 1, 1, 1), wrong_now))


def test_the_last_taken_is_the_last_whatever_its_clock_said() -> None:
    taken = [*days_ago(1, 0), dt.datetime(1999, 1, 1)]
    assert kept(taken, Rules(1, 0, 0, 0, 0)) == ["", "", "last"]


def test_what_is_pinned_stays() -> None:
    assert prune(days_ago(3, 2, 1), NONE, now=NOW, pinned=[0]) == [("pinned",), (), ("last",)]


@pytest.mark.parametrize(
    ("contents", "last", "wanted"),
    [
        ("abcc", 2, ["", "last", "last", "last"]),
        ("abbb", 2, ["last"] * 4),
        ("abab", 2, ["", "", "last", "last"]),
        ("ab--", 2, ["", "", "last", "last"]),
        ("aaab", 1, ["", "", "", "last"]),
    ],
    ids=["equal neighbours are one", "all of one are kept", "no neighbours", "unknown is its own", "always the newest"],
)
def test_equal_neighbours_take_one_place_among_the_last(contents: str, last: int, wanted: list[str]) -> None:
    known = ["" if letter == "-" else letter for letter in contents]
    found = prune(days_ago(3, 2, 1, 0), Rules(last, 0, 0, 0, 0), now=NOW, contents=known)
    assert ["+".join(why) for why in found] == wanted


@pytest.mark.parametrize(
    ("light", "last", "wanted"),
    [
        ("..ss", 2, [0, 1, 0, 1]),
        ("ssss", 2, [0, 0, 0, 1]),
        ("s.s.", 2, [0, 0, 1, 1]),
        (".sss", 2, [1, 0, 0, 1]),
        ("ss.s", 3, [0, 1, 1, 1]),
    ],
)
def test_of_light_neighbours_only_the_newest_is_among_the_last(light: str, last: int, wanted: list[int]) -> None:
    places = [i for i, letter in enumerate(light) if letter == "s"]
    found = prune(days_ago(3, 2, 1, 0), Rules(last, 0, 0, 0, 0), now=NOW, light=places)
    assert [len(rules) for rules in found] == wanted


def test_times_of_two_zones_are_read_in_the_zone_of_now() -> None:
    rome, york = ZONES[0], ZONES[2]
    evening = dt.datetime(2026, 11, 20, 20, tzinfo=york)  # in Rome two o'clock of the 21st
    noon = dt.datetime(2026, 11, 21, 12, tzinfo=rome)
    assert prune([evening, noon], Rules(0, 9, 0, 0, 0), now=NOW.replace(tzinfo=rome)) == [(), ("last", "daily")]


def test_the_hour_that_comes_twice_in_autumn_is_told_apart() -> None:
    rome = ZONES[0]
    first, second = (dt.datetime(2026, 10, 25, 2, 30, tzinfo=rome, fold=fold) for fold in (0, 1))
    now = NOW.replace(tzinfo=rome)
    assert prune([second, first, first], Rules(1, 1, 0, 0, 0), now=now) == [("daily",), (), ("last",)]


def oracle(taken: list[dt.datetime], rules: Rules, now: dt.datetime) -> list[tuple[str, ...]]:
    """The rules stated once more, for one backup at a time: is it the last of its period, and how many are later?"""
    formats = {"daily": "%Y-%m-%d", "weekly": "%G-%V", "monthly": "%Y-%m", "yearly": "%Y"}
    aware = bool(taken and taken[0].tzinfo)
    here = [when.astimezone(now.tzinfo) if aware else when for when in taken]
    age = [when.timestamp() if aware else (when - dt.datetime(1, 1, 1)).total_seconds() for when in taken]
    limit = now.timestamp() if aware else (now.replace(tzinfo=None) - dt.datetime(1, 1, 1)).total_seconds()
    dated = [place for place in range(len(taken)) if age[place] <= limit + 86400]
    periods = {rule: [when.strftime(pattern) for when in here] for rule, pattern in formats.items()}
    answer = []
    for place in range(len(taken)):
        later = [other for other in dated if (age[other], other) > (age[place], place)]
        why = ["last"] if len(taken) - place <= max(1, rules.last) else []
        if place in dated:
            for rule, period in periods.items():
                seen = {period[other] for other in later}
                if period[place] not in seen and len(seen) < getattr(rules, rule):
                    why.append(rule)
        else:
            why.append("future")
        answer.append(tuple(why))
    return answer


def history(chance: random.Random) -> tuple[list[dt.datetime], Rules, dt.datetime]:
    """A made-up folder: backups over hours or years, clocks that jump both ways, colleagues in other zones."""
    found: list[Sequence[dt.tzinfo | None]] = [[None], [None], [ZONES[0]], ZONES, [ZONES[2]], [dt.UTC]]
    zones = chance.choice(found)
    moment = dt.datetime(2019, 1, 1) + dt.timedelta(seconds=chance.randrange(6 * 365 * 86400))
    step = chance.choice([60, 3600, 86400, 7 * 86400, 40 * 86400])
    taken = []
    for _ in range(chance.randrange(30)):
        moment += dt.timedelta(seconds=chance.randrange(2 * step))
        shown = moment
        if chance.random() < 0.05:
            shown += dt.timedelta(days=chance.choice([-4000, -400, -1, -0.04, 0.04, 1, 400, 4000]))
        zone = chance.choice(zones)
        taken.append(shown.replace(microsecond=0, tzinfo=zone, fold=chance.randrange(2)))
    now = moment + dt.timedelta(days=chance.choice([0, 0, 0, 30, -3000, 3000]))
    rules = Rules(*(chance.choice([0, 0, 1, 2, 3, 7, 100]) for _ in range(5)))
    return taken, rules, now.replace(tzinfo=chance.choice([z for z in zones if z] or [None]))


def test_10000_histories_agree_with_an_oracle_of_the_rules() -> None:
    chance = random.Random(20261122)
    wrong = 0
    for _ in range(10_000):
        taken, rules, now = history(chance)
        before = list(taken)
        answer = prune(taken, rules, now=now)
        wrong += answer != oracle(taken, rules, now)
        assert taken == before
        assert not taken or answer[-1]
    assert wrong == 0


@pytest.mark.parametrize("forget", ["daily", "weekly", "monthly", "yearly", "last"])
def test_the_oracle_sees_a_rule_that_is_forgotten(forget: str) -> None:
    chance = random.Random(7)
    differs = 0
    for _ in range(300):
        taken, rules, now = history(chance)
        fewer = Rules(**{**vars(rules), forget: 0})
        differs += prune(taken, fewer, now=now) != oracle(taken, rules, now)
    assert differs > 30
