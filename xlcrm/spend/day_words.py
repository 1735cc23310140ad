"""Days and months as words of a language: "28 November 2026", "Nov 26"; what the dashboard's cells and axes say."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from babel import dates

from xlcrm.messages import locale_of


@lru_cache(maxsize=1000)
def month_word(number: int, language: str) -> str:
    """A month, counted from January 1970, short enough for an axis and told apart over years: "Nov 26"."""
    first = dt.date(number // 12 + 1970, number % 12 + 1, 1)
    return str(dates.format_date(first, "MMM yy", locale=locale_of(language))).replace(".", "")


@lru_cache(maxsize=10_000)
def day_word(day: dt.date, language: str) -> str:
    """A day in a sentence, short: "28 Nov 2026", "28.11.2026"."""
    return str(dates.format_date(day, "medium", locale=locale_of(language)))


@lru_cache(maxsize=100)
def long_day(day: dt.date, language: str) -> str:
    """A day in full, with its weekday: "Saturday, 28 November 2026"."""
    return str(dates.format_date(day, "full", locale=locale_of(language)))
