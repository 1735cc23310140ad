"""Windows of time are the same everywhere: they start after their first day and end with their last."""

from __future__ import annotations

import datetime as dt

from xlcrm.spend.kinds import Ints

_EPOCH = dt.date(1970, 1, 1).toordinal()


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def years_before(day: dt.date, years: int) -> int:
    """The same date some years earlier as a day number; 29 February becomes 28 February."""
    year = day.year - years
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day_number(dt.date(year, day.month, last))


def month_number(day: dt.date) -> int:
    """Months since January 1970."""
    return (day.year - 1970) * 12 + day.month - 1


def month_numbers(days: Ints) -> Ints:
    """Months since January 1970 of day numbers; far below nought for NO_DAY."""
    found: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    return found
