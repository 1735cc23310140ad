"""Moments that move with the calendar ("30 days ago", "today - 7"), so that a saved search stays true tomorrow."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

import pandas as pd

from xlcrm.fields import date
from xlcrm.segments.search_words import moments, word_of
from xlcrm.text import fold

_SHIFT = re.compile(r"(?P<word>[^\d+−-]+?)\s*(?P<sign>[+−-])\s*(?P<n>\d{1,5})(?:\s+(?P<unit>[^\W\d]+))?")
_SPAN = re.compile(r"(?P<n>\d{1,6})(?:\s*(?P<unit>[^\W\d]+))?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def read_day(value: object, *, today: dt.date, country: str = "") -> dt.date | None:
    """The date a value means, None where it means none.

    Dates as such; text in any form that `fields.date` knows; "today", "yesterday", "tomorrow"; "30 days ago", "in 2
    weeks" with days, weeks, months, quarters, years; "today - 30" (days, or a unit after the number); "start of month"
    (week from Monday, quarter, year); all in six languages. A month later or earlier keeps the day where it can: one
    month before 31 March is the last of February.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    if shift := _SHIFT.fullmatch(text):
        day = _moment(fold(shift["word"]), today)
        if day is not None:
            return _moved(day, int(shift["n"]) * (1 if shift["sign"] == "+" else -1), shift["unit"] or "day")
    day = _moment(fold(text), today)
    if day is None and date.is_valid(text, country=country):
        return date.validate(text, country=country)
    return day


def days_back(text: str, today: dt.date) -> int | None:
    """How many days "30", "2 weeks" or "3 months" reach back from today; None where the text is no such span."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return None
    start = _moved(today, -int(match["n"]), match["unit"] or "day")
    return (today - start).days if start else None


def next_anniversaries(dates: pd.Series[Any], today: dt.date) -> pd.Series[Any]:
    """The day of each date's next anniversary, today's included; blank for no date and for one that lies ahead.

    Who was born on 29 February has it on the 28th in other years: nobody is congratulated too late.
    """
    return pd.to_datetime(pd.Series([_anniversary(day, today) for day in dates.dt.date], index=dates.index))


def _anniversary(day: object, today: dt.date) -> dt.date | None:
    """The next anniversary of one day."""
    if not isinstance(day, dt.date) or pd.isna(day) or day > today:
        return None
    last = {year: calendar.monthrange(year, day.month)[1] for year in (today.year, today.year + 1)}
    found = [dt.date(year, day.month, min(day.day, days)) for year, days in last.items()]
    return next(one for one in found if one >= today)


def _moment(folded: str, today: dt.date) -> dt.date | None:
    """The day that folded words name ("30 days ago", "start of month"); None where they name none."""
    for name, pattern in moments():
        match = pattern.fullmatch(folded)
        if not match:
            continue
        parts = match.groupdict()
        if name == "start":
            found = _start(today, word_of("unit", parts["unit"]))
        elif name in ("ago", "ahead"):
            found = _moved(today, int(parts["n"]) * (-1 if name == "ago" else 1), parts["unit"])
        else:
            found = today + dt.timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[name])
        if found is not None:
            return found
    return None


def _moved(day: dt.date, count: int, unit: str) -> dt.date | None:
    """A day so many units (a word of six languages) later, earlier where negative; None for no unit or no such year."""
    name = word_of("unit", unit)
    try:
        if name in ("day", "week"):
            return day + dt.timedelta(days=count * (7 if name == "week" else 1))
        if name not in _MONTHS:
            return None
        month = day.year * 12 + day.month - 1 + count * _MONTHS[name]
        last = calendar.monthrange(month // 12, month % 12 + 1)[1]
        return dt.date(month // 12, month % 12 + 1, min(day.day, last))
    except (OverflowError, ValueError):
        return None


def _start(day: dt.date, unit: str) -> dt.date | None:
    """The first day of the unit that a day lies in; weeks start on Monday. None for no unit."""
    first = day.replace(day=1)
    starts = {
        "day": day,
        "week": day - dt.timedelta(days=day.weekday()),
        "month": first,
        "quarter": first.replace(month=(day.month - 1) // 3 * 3 + 1),
        "year": first.replace(month=1),
    }
    return starts.get(unit)
