"""A date typed as text cannot be counted with, and one that is ambiguous or impossible counts wrong."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.checks.judge import Verdict, of_fault, placeholder
from xlcrm.checks.view import View, Workbook
from xlcrm.fields import date
from xlcrm.fields.field_errors import FieldError
from xlcrm.problems import Problem
from xlcrm.values import text_of

# Columns whose day lies in the past, whatever else is true.
PAST = frozenset(
    {("Clients", "birth_date"), ("Clients", "registered_on"), ("Clients", "acquired_on"), ("Clients", "consent_on")}
    | {("Purchases", "date"), ("Purchases", "paid_on")}
)
OLDEST_AGE = 120
EARLIEST = dt.date(1950, 1, 1)
# What programs write where they have no date: Excel's day 0 and 1, and Unix's.
EMPTY_DATES = (dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1))


def check(book: Workbook, view: View, column: str) -> list[Problem]:
    """Text and numbers in a date column, and dates that cannot be: in the future, or older than people get."""
    cells = view.table.frame[column]
    birth = column == "birth_date"
    found: list[Problem] = []
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days = view.dates(column).reset_index(drop=True)
    else:
        habit = order_of(cells, book.settings.country)
        values = cells.tolist()
        read: list[dt.date | None] = [None] * len(values)
        seen: dict[object, tuple[dt.date | None, Verdict | None]] = {}
        for position in np.flatnonzero(view.filled(column)).tolist():
            value = values[position]
            if value not in seen:
                seen[value] = _judge(value, habit, book.today if birth else None)
            read[position], verdict = seen[value]
            if verdict is not None:
                found.append(view.problem(position, verdict, column))
        days = pd.Series(read, dtype="datetime64[us]")
    return found + _implausible(book, view, column, days)


def order_of(cells: pd.Series[Any], country: str) -> str:
    """A country that writes dates as this column does: what its own figures prove, else the team's country."""
    orders = {date.order(value) for value in cells if isinstance(value, str)} - {""}
    if orders == {"mdy"}:
        return "US"
    if orders == {"dmy"}:
        return country if country and country not in date.MONTH_FIRST else "GB"
    return country if len(orders) < 2 else ""


def _judge(value: object, habit: str, latest: dt.date | None) -> tuple[dt.date | None, Verdict | None]:
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day), None
    text = value.strip() if isinstance(value, str) else text_of(value)
    if isinstance(value, str) and placeholder(text):
        return None, Verdict("value.placeholder", level="doubt")
    try:
        day = date.validate(text, habit, latest=latest)
    except FieldError as fault:
        return None, of_fault(fault, certain=fault.key == "date.serial")
    if date.ambiguous(text, habit):
        other = _other_reading(text, habit, day)
        return day, Verdict("date.ambiguous", day.isoformat(), False, "doubt", (("other", other),))
    return day, Verdict("date.text", day.isoformat(), True, "note")


def _other_reading(text: str, habit: str, day: dt.date) -> str:
    readings = [date.validate(text, country) for country in ("GB", "US") if date.is_valid(text, country)]
    figures = [part.zfill(2) for part in date.compact(text).replace("/", "-").replace(" ", "-").split("-")]
    if len(figures) == 3 and date.is_valid(f"20{figures[0]}-{figures[1]}-{figures[2]}"):
        readings.append(date.validate(f"20{figures[0]}-{figures[1]}-{figures[2]}"))
    return ", ".join(dict.fromkeys(reading.isoformat() for reading in readings if reading != day))


def _implausible(book: Workbook, view: View, column: str, days: pd.Series[Any]) -> list[Problem]:
    birth = column == "birth_date"
    oldest = book.today - dt.timedelta(days=round(OLDEST_AGE * 365.2425)) if birth else EARLIEST
    empty = days.isin([pd.Timestamp(day) for day in EMPTY_DATES]).to_numpy()
    old = (days < pd.Timestamp(oldest)).to_numpy() & ~empty
    found = view.each(empty, Verdict("date.empty", level="doubt"), column)
    found += view.each(old, Verdict("date.birth_old" if birth else "date.old", level="doubt"), column)
    if (view.table.name, column) in PAST:
        future = (days > pd.Timestamp(book.today) + pd.Timedelta(days=1)).to_numpy()
        found += view.each(
            future,
            Verdict("date.birth_future" if birth else "date.future", level="error" if birth else "doubt"),
            column,
        )
    return found
