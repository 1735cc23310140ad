"""Sentences and dates as people write them: what moves with the calendar, and two conditions in one."""

from __future__ import annotations

import datetime as dt

import pytest

from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.segments import parse_where
from xlcrm.segments.moments import days_back, read_day

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("gender = F and city = Roma", "gender = F", "city = Roma"),
        ("status = client or status = lead", "status = client", "status = lead"),
        ("sesso = F e spesa entro 30 giorni > 500", "sesso = F", "spesa"),
        ("gender = F and no contact within 60 days", "gender = F", "no contact"),
        ("spend > 500 or no purchase where category is Wine", "spend > 500", "no purchase where category is Wine"),
        ("ort = Bern und kein Kontakt", "ort = Bern", "kein Kontakt"),
    ],
)
def test_two_conditions_in_one_are_told(text: str, first: str, second: str) -> None:
    with pytest.raises(CrmError) as refused:
        parse_where(text)
    assert refused.value.key == "segment.two_conditions"
    assert refused.value.values["first"] == first
    assert str(refused.value.values["second"]).startswith(second)
    assert all(first in refused.value.text(language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("spend between 100 and 500", "100 and 500", "two ends of one condition"),
        ("company = Bed and Breakfast", "Bed and Breakfast", "a name with an and in it"),
        ("occupation = research and purchases", "research and purchases", "a figure only where it says no"),
        ('company = "Status and city = Roma"', "Status and city = Roma", "quoted"),
        ("country one of IT; NO", "IT; NO", "a list"),
    ],
)
def test_one_condition_stays_one(text: str, value: str, why: str) -> None:
    assert parse_where(text).value == value, why


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("30", 30),
        (" 2 weeks", 14),
        ("1 month", 31),
        ("3 mesi", 92),
        ("1 år", 365),
        ("2 quarters", 184),
        ("12monate", 365),
        ("a month", None),
        ("3 moons", None),
        ("-3", None),
        ("", None),
        ("999999", None),
    ],
)
def test_how_far_a_window_reaches_back(text: str, days: int | None) -> None:
    """A window of months starts after the same day of an earlier month, as `spend_12m` does."""
    assert days_back(text, TODAY) == days


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-11-22"),
        ("i går", "2026-11-21"),
        ("aujourd'hui", "2026-11-22"),
        ("30 days ago", "2026-10-23"),
        ("vor 2 Wochen", "2026-11-08"),
        ("il y a 1 mois", "2026-10-22"),
        ("in 7 days", "2026-11-29"),
        ("tra 7 giorni", "2026-11-29"),
        ("today - 30", "2026-10-23"),
        ("oggi + 1 anno", "2027-11-22"),
        ("today - 9 months", "2026-02-22"),
        ("start of month", "2026-11-01"),
        ("inizio dell'anno", None),
        ("inizio anno", "2026-01-01"),
        ("Anfang Quartal", "2026-10-01"),
        ("start of week", "2026-11-16"),
        ("2026-02-03", "2026-02-03"),
        ("99999 years ago", None),
        ("sometime", None),
        ("", None),
    ],
)
def test_relative_dates(text: str, expected: str | None) -> None:
    day = read_day(text, today=TODAY)
    assert (day.isoformat() if day else None) == expected


def test_a_month_before_the_31st_is_the_last_of_a_shorter_month() -> None:
    assert read_day("1 month ago", today=dt.date(2026, 3, 31)) == dt.date(2026, 2, 28)
