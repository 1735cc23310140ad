"""Check every cell against the kind of its column: numbers as text, broken letters, spaces, impossible dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.checks import judge
from xlcrm.checks.judge import PLACEHOLDER, Verdict, of_fault, placeholder
from xlcrm.checks.view import CheckedBook, View
from xlcrm.fields import date, money
from xlcrm.fields.field_errors import FieldError
from xlcrm.fields.typed_words import typed_words
from xlcrm.people.channel_consent import DAYS
from xlcrm.problems import Problem
from xlcrm.values import text_of

# A number typed as text is left out of every sum, silently.

NEVER_NEGATIVE = frozenset({"employees", "turnover", "potential"})
_NOUGHT = ("-", "–", "—")  # how accountants write 0


def check_numbers(book: CheckedBook, view: View, column: str) -> list[Problem]:
    """Text in a number column: readable (mended without asking), with two readings, or none; negative head counts."""
    cells = view.table.frame[column]
    found: list[Problem] = []
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        habit = _sign_of(cells, book.settings.country)
        text_cells = np.array([isinstance(value, str) for value in cells], dtype=bool)
        judged = view.judged(column, lambda value, _: _judge_number(value, book.settings.country, habit))
        found = [p for p in judged if text_cells[p.row - view.table.first_row]]
    if column in NEVER_NEGATIVE:
        negative = (view.numbers(column) < 0).to_numpy()
        found += view.each(negative, Verdict("number.negative", level="doubt"), column)
    return found


def _sign_of(cells: pd.Series[Any], country: str) -> str:
    """The decimal sign of a column: what its own texts prove, else the country's habit, "" where neither tells."""
    sign = money.decimal_sign([value for value in cells if isinstance(value, str) and value.strip()])
    if sign or not country:
        return sign
    return "." if country in money.POINT_COUNTRIES else ","


def _judge_number(value: str, country: str, sign: str) -> Verdict | None:
    """One text of a number column; `sign` is the column's decimal sign, "" where nobody knows it."""
    if placeholder(value) and not any(c.isdigit() for c in value) and value.strip() not in _NOUGHT:
        return PLACEHOLDER
    try:
        number = money.validate(value, country, decimal=sign)
    except FieldError as fault:
        return of_fault(fault)
    plain = f"{number:f}"
    if money.ambiguous(value) and not sign:
        other = f"{money.validate(value, decimal='.' if '.' in value else ','):f}"
        return Verdict("number.ambiguous", plain, False, "doubt", (("other", other),))
    return Verdict("number.text", plain, True, "note")


# Spaces that nobody sees and letters that a wrong encoding broke make equal texts differ, so they are mended.

# The typed originals: people may correct them, no run does so by itself.
ORIGINALS = frozenset({"full_name", "address", "notes"})
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff]")
_BROKEN = re.compile(
    "[ÂÃâ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_ERRORS = re.compile(rf"#(?:{'|'.join(sorted(map(re.escape, typed_words('excel_error'))))})[!?]?", re.I)


def check_texts(view: View, column: str) -> list[Problem]:
    """Spaces around, doubled or invisible; letters broken by a wrong encoding; an error value pasted as text."""
    original = column in ORIGINALS

    def judge(value: str, _: str) -> Verdict | None:
        """The worst of them alone: what is broken is mended before its spaces are."""
        if _ERRORS.fullmatch(value.strip()):
            return Verdict("value.excel_error")
        mended = unbroken(value)
        if mended != value:
            return Verdict("text.broken_letters", mended, not original)
        if not original and (tidy := tidied(value)) != value:
            return Verdict("text.spaces", tidy, True, "note")
        return None

    return view.judged(column, judge)


def tidied(value: str) -> str:
    """One plain space between words and none around; line breaks stay."""
    text = _INVISIBLE.sub("", value) if _INVISIBLE.search(value) else value
    lines = [" ".join(line.split()) for line in text.replace("\u00a0", " ").splitlines()]
    return "\n".join(lines).strip()


def unbroken(value: str) -> str:
    """The text before UTF-8 was read as Windows-1252 ("JosÃ©" was "José"); unchanged where that did not happen."""
    if not _BROKEN.search(value):
        return value
    for codec in ("cp1252", "latin-1"):
        with suppress(UnicodeError):
            mended = value.encode(codec).decode("utf-8")
            return mended if mended.isprintable() or "\n" in mended else value
    return value


# A date typed as text cannot be counted with, and one that is ambiguous or impossible counts wrong.

# Columns whose day lies in the past, whatever else is true.
PAST = frozenset(
    {("Clients", "birth_date"), ("Clients", "registered_on"), ("Clients", "acquired_on")}
    | {("Clients", column) for column in DAYS}
    | {("Purchases", "date"), ("Purchases", "paid_on"), ("People", "birth_date")}
    | {("Opportunities", "opened_on"), ("Opportunities", "closed_on")}
)
OLDEST_AGE = 120
EARLIEST = dt.date(1950, 1, 1)
# What programs write where they have no date: Excel's day 0 and 1, and Unix's.
EMPTY_DATES = (dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1))


def check_dates(book: CheckedBook, view: View, column: str) -> list[Problem]:
    """Text and numbers in a date column, and dates that cannot be: in the future, or older than people get."""
    found: list[Problem] = []
    if pd.api.types.is_datetime64_any_dtype(view.table.frame[column].dtype):
        days = view.dates(column).reset_index(drop=True)
    else:
        days, found = _read_dates(book, view, column)
    return found + _implausible(book, view, column, days)


def _read_dates(book: CheckedBook, view: View, column: str) -> tuple[pd.Series[Any], list[Problem]]:
    """A column of mixed cells as datetime64 (NaT where blank or no date), and what is wrong with its cells."""
    cells = view.table.frame[column]
    habit = order_of(cells, book.settings.country)
    latest = book.today if column == "birth_date" else None
    values = cells.tolist()
    found: list[Problem] = []
    read: list[dt.date | None] = [None] * len(values)
    seen: dict[object, tuple[dt.date | None, Verdict | None]] = {}
    for position in np.flatnonzero(view.filled(column)).tolist():
        value = values[position]
        if value not in seen:
            seen[value] = _judge_date(value, habit, latest)
        read[position], verdict = seen[value]
        if verdict is not None:
            found.append(view.problem(position, verdict, column))
    return pd.Series(read, dtype="datetime64[us]"), found


def order_of(cells: pd.Series[Any], country: str) -> str:
    """A country that writes dates as this column does: what its own figures prove, else the team's country."""
    orders = {date.order(value) for value in cells if isinstance(value, str)} - {""}
    if orders == {"mdy"}:
        return "US"
    if orders == {"dmy"}:
        return country if country and country not in date.MONTH_FIRST else "GB"
    return country if len(orders) < 2 else ""


def _judge_date(value: object, habit: str, latest: dt.date | None) -> tuple[dt.date | None, Verdict | None]:
    """The day in one cell (None where it is none) and what is wrong with the cell.

    `habit` is the country that the column's dates are read as; `latest` the last day that a year of two figures means.
    """
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day), None
    text = value.strip() if isinstance(value, str) else text_of(value)
    if isinstance(value, str) and placeholder(text):
        return None, PLACEHOLDER
    try:
        day = date.validate(text, habit, latest=latest)
    except FieldError as fault:
        return None, of_fault(fault, certain=fault.key == "date.serial")
    if date.ambiguous(text, habit):
        other = _other_reading(text, habit, day)
        return day, Verdict("date.ambiguous", day.isoformat(), False, "doubt", (("other", other),))
    return day, Verdict("date.text", day.isoformat(), True, "note")


def _other_reading(text: str, habit: str, day: dt.date) -> str:
    """The other days that a date may mean (day, month or year first), as ISO dates joined by commas."""
    readings = [date.validate(text, country) for country in ("GB", "US") if date.is_valid(text, country)]
    figures = [part.zfill(2) for part in date.compact(text).replace("/", "-").replace(" ", "-").split("-")]
    year_first = f"20{'-'.join(figures)}"
    if len(figures) == 3 and date.is_valid(year_first):
        readings.append(date.validate(year_first))
    return ", ".join(dict.fromkeys(reading.isoformat() for reading in readings if reading != day))


def _implausible(book: CheckedBook, view: View, column: str, days: pd.Series[Any]) -> list[Problem]:
    """Days of a column that stand for none, lie too far back, or (in `PAST`) after tomorrow: clocks differ."""
    birth = column == "birth_date"
    oldest = book.today - dt.timedelta(days=round(OLDEST_AGE * 365.2425)) if birth else EARLIEST
    empty = days.isin([pd.Timestamp(day) for day in EMPTY_DATES]).to_numpy()
    old = (days < pd.Timestamp(oldest)).to_numpy() & ~empty
    found = view.each(empty, Verdict("date.empty", level="doubt"), column)
    found += view.each(old, Verdict("date.birth_old" if birth else "date.old", level="doubt"), column)
    if (view.table.name, column) in PAST:
        future = (days > pd.Timestamp(book.today) + pd.Timedelta(days=1)).to_numpy()
        verdict = Verdict("date.birth_future") if birth else Verdict("date.future", level="doubt")
        found += view.each(future, verdict, column)
    return found


JUDGES: dict[str, Callable[[str, str], judge.Verdict | None]] = {
    "email": judge.judge_email,
    "phone": judge.judge_phone,
    "postal_code": judge.judge_postal_code,
    "tax_id": judge.judge_tax_id,
    "country": judge.judge_country,
}
PERSON_NAMES = ("first_name", "last_name")
LINKS = ("client_id", "invoice", "person_id", "opportunity")  # judged by what they name, not as texts
BY_NAME = {"language": judge.judge_language, "website": judge.judge_website}


def check(book: CheckedBook) -> list[Problem]:
    """Findings about single cells of all typed columns; calculated columns and formulas belong to the workbook."""
    found: list[Problem] = []
    for view in book.views.values():
        for column in schema.table(view.table.name).columns:
            if not column.calculated and view.has(column.name) and column.name not in view.table.formulas:
                found += of_column(book, view, column)
    return found


def _hombre_mujer(view: View) -> list[Problem]:
    """One finding where a column of H and M has no F: there M is mujer, and turning H into M would mix the two."""
    letters = view.text("gender")
    count = int(((letters == "H") | (letters == "M")).sum())
    if {"H", "M"} <= set(letters) and "F" not in letters:
        values = (("count", str(count)),)
        return [view.about(judge.Verdict("gender.h_and_m", level="doubt", values=values), "gender")]
    return []


def of_column(book: CheckedBook, view: View, column: schema.Column) -> list[Problem]:
    """The findings of one column, by its kind in the schema; a kind without a rule has none, nor has a blank column."""
    if not view.filled(column.name).any():
        return []
    if column.name in BY_NAME:
        return view.judged(column.name, BY_NAME[column.name])
    if column.kind in JUDGES:
        return view.judged(column.name, JUDGES[column.kind], view.countries)
    if column.name == "gender" and (mixed := _hombre_mujer(view)):
        return mixed
    if column.kind == "choice":
        judged = partial(judge.judge_choice, column.choices, language=book.settings.language)
        return view.judged(column.name, judged, view.countries)
    if column.kind == "date":
        return check_dates(book, view, column.name)
    if column.kind in schema.NUMBERS:
        return check_numbers(book, view, column.name)
    if column.kind == "text" and column.name not in LINKS:
        names = view.judged(column.name, judge.judge_person_name) if column.name in PERSON_NAMES else []
        return names + check_texts(view, column.name)
    return []
