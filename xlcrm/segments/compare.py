"""Compare one column with one operator and value: what equal, more and contains mean for text, numbers, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.fields import money
from xlcrm.fields.typed_words import typed_words
from xlcrm.importing.header_words import choice_of
from xlcrm.segments.moments import read_day
from xlcrm.segments.search_words import unquoted, word_of
from xlcrm.spend.kinds import Mask
from xlcrm.text import fold_letters
from xlcrm.values import as_date, as_flag, as_number, as_text, is_blank, text_of

ORDERED = frozenset({"above", "at_least", "below", "at_most", "between"})
TEXTUAL = frozenset({"contains", "not_contains", "starts", "ends"})
LISTED = frozenset({"one_of", "none_of"})
NEGATED = {"is_not": "is", "not_contains": "contains", "none_of": "one_of", "not_empty": "empty"}


class BadValueError(ValueError):
    """The value is not of the kind that the field holds: `expected` is number or date."""

    def __init__(self, expected: str) -> None:
        """`expected` ends the key of the message: segment.bad_number, segment.bad_date."""
        super().__init__(expected)
        self.expected = expected


@dataclass(frozen=True)
class ColumnReading:
    """How values are read: the day that relative dates start from, and the country of dates and decimal signs."""

    today: dt.date
    country: str = ""


def compare(
    series: pd.Series[Any], kind: str, choices: str, operator: str, value: object, reading: ColumnReading
) -> Mask:
    """Which cells fit.

    Blank cells fit only "is empty" and the negative operators ("is not", "does not contain", "none of", which are
    the opposites of the positive ones). Text is compared without case, accents and double spaces; * and ? in "is" and
    "is not" stand for any text and any one character (~* and ~? for themselves). Numbers and dates are compared as
    such, "is" by the cent and by the day; "between" has both ends in it. Choices and countries are known in six
    languages. A blank value after "is" means empty. BadValueError where the value is no number or date.
    """
    if operator in NEGATED:
        return ~compare(series, kind, choices, NEGATED[operator], value, reading)
    if operator == "empty" or (operator == "is" and is_blank(value)):
        return _blank(series)
    if operator in TEXTUAL:
        return _by_text(series, _textual(operator, fold_letters(text_of(value))))
    if kind in _BY_KIND:
        return _BY_KIND[kind](series, operator, value, reading)
    if operator in ORDERED:
        return _ordered_text(series, operator, value, reading)
    wanted = _parts(value) if operator == "one_of" else [text_of(value)]
    return _by_text(series, _meaning(kind, choices, wanted) if choices or kind == "country" else _alike(wanted))


def _blank(series: pd.Series[Any]) -> Mask:
    """Cells that hold nothing, or nothing but spaces."""
    if pd.api.types.is_object_dtype(series.dtype) or isinstance(series.dtype, pd.StringDtype):
        return _by_text(series, lambda text: not text.strip())
    found: Mask = series.isna().to_numpy()
    return found


def _by_text(series: pd.Series[Any], test: Callable[[str], bool]) -> Mask:
    """A test of texts, made once for each distinct text."""
    codes, distinct = pd.factorize(as_text(series))
    return np.array([*(test(text) for text in distinct), False], dtype=bool)[codes]


def _textual(operator: str, wanted: str) -> Callable[[str], bool]:
    """The test for `contains`, `starts` or `ends` with a folded text; a blank cell does none of them."""
    tests: dict[str, Callable[[str], bool]] = {
        "contains": lambda text: wanted in fold_letters(text),
        "starts": lambda text: fold_letters(text).startswith(wanted),
        "ends": lambda text: fold_letters(text).endswith(wanted),
    }
    found = tests[operator]
    return lambda text: bool(text.strip()) and found(text)


def _alike(wanted: list[str]) -> Callable[[str], bool]:
    """The test for being one of some texts with wildcards, folded; a blank cell is none of them."""
    patterns = [_wildcards(fold_letters(text)) for text in wanted]
    return lambda text: bool(text.strip()) and any(pattern.fullmatch(fold_letters(text)) for pattern in patterns)


def _wildcards(text: str) -> re.Pattern[str]:
    """A folded text in which * stands for anything, ? for one character, ~* and ~? for themselves, as in Excel."""
    signs = {"*": ".*", "?": "."}
    pieces = re.findall(r"~[*?~]|.", text, re.DOTALL)
    return re.compile(
        "".join(re.escape(p[1]) if len(p) == 2 else signs.get(p) or re.escape(p) for p in pieces), re.DOTALL
    )


def _meaning(kind: str, choices: str, wanted: list[str]) -> Callable[[str], bool]:
    """The same choice or country, in whatever language it is written; other words are compared as text."""
    from xlcrm.addresses.countries import country_code

    def known(text: str) -> str:
        """The canonical choice or ISO code behind a text, "" where it is none."""
        return country_code(text) if kind == "country" else choice_of(choices, text)

    meant = {known(text) for text in wanted} - {""}
    other = _alike([text for text in wanted if not known(text)])
    return lambda text: known(text) in meant or (not known(text) and other(text))


def _flags(series: pd.Series[Any], operator: str, value: object, reading: ColumnReading) -> Mask:
    """Cells that say yes, or no, as the value does; BadValueError for an operator that no yes or no has."""
    if operator not in ("is", "one_of"):
        raise BadValueError("flag")
    wanted = bool(as_flag(pd.Series([value], dtype=object)).iloc[0])
    found: Mask = as_flag(series).to_numpy() == wanted
    return found


def _ordered(held: Any, operator: str, wanted: list[float]) -> Mask:
    """Numbers (dates as days) against the wanted ones; NaN never fits."""
    first = wanted[0]
    tests: dict[str, Callable[[], Any]] = {
        "is": lambda: np.isclose(held, first, rtol=1e-12, atol=0),
        "above": lambda: held > first,
        "at_least": lambda: held >= first,
        "below": lambda: held < first,
        "at_most": lambda: held <= first,
        "between": lambda: (held >= min(wanted)) & (held <= max(wanted)),
        "one_of": lambda: np.isin(held, wanted),
    }
    with np.errstate(invalid="ignore"):
        found: Mask = tests[operator]()
    return found


def _ordered_text(series: pd.Series[Any], operator: str, value: object, reading: ColumnReading) -> Mask:
    """Numbers or dates that stand in a text column where the value is one, else the order of the folded texts."""
    for read, cells in ((_numbers, as_number), (_dates, None)):
        try:
            wanted = read(operator, value, reading)
        except BadValueError:
            continue
        held = cells(series)[0].to_numpy("float64", na_value=np.nan) if cells else _days(series, reading)
        return _ordered(held, operator, wanted)
    ends = sorted(fold_letters(part) for part in (_parts(value) if operator == "between" else [text_of(value)]))
    tests: dict[str, Callable[[str], bool]] = {
        "above": lambda text: text > ends[0],
        "at_least": lambda text: text >= ends[0],
        "below": lambda text: text < ends[0],
        "at_most": lambda text: text <= ends[0],
        "between": lambda text: ends[0] <= text <= ends[-1],
    }
    return _by_text(series, lambda text: bool(text.strip()) and tests[operator](fold_letters(text)))


def _days(series: pd.Series[Any], reading: ColumnReading) -> Any:
    """Dates as days since 1970, NaN where there is none."""
    dates = as_date(series, reading.country)[0].to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(dates), np.nan, dates.astype("int64"))


def _numbers(operator: str, value: object, reading: ColumnReading) -> list[float]:
    """The value of an operator as numbers, two for "between"; BadValueError where one is none."""
    return [_number(part, reading) for part in _several(operator, value)]


def _number(value: object, reading: ColumnReading) -> float:
    """One number as typed by people of the reading's country; "5%" is 0.05. BadValueError where it is none."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return float(value)
    text = unquoted(text_of(value)) if isinstance(value, str) else ""
    share = text.endswith("%")
    text = text.removesuffix("%").strip()
    if not money.is_valid(text, reading.country):
        raise BadValueError("number")
    return float(money.validate(text, reading.country)) / (100 if share else 1)


def _dates(operator: str, value: object, reading: ColumnReading) -> list[float]:
    """The value of an operator as days since 1970, two for "between"; BadValueError where one is no date."""
    found = [read_day(part, today=reading.today, country=reading.country) for part in _several(operator, value)]
    days = [float((day - dt.date(1970, 1, 1)).days) for day in found if day is not None]
    if len(days) < len(found):
        raise BadValueError("date")
    return days


def _several(operator: str, value: object) -> list[object]:
    """The one value of an operator, both ends of "between", or the parts of a list."""
    if operator not in ("between", "one_of") or not isinstance(value, str):
        return [value]
    if operator == "one_of":
        return [part for part in _parts(value) if part]
    ends: list[object] = [part for part in _between().split(value) if part]
    if len(ends) != 2:
        raise BadValueError("between")
    return ends


@cache
def _between() -> re.Pattern[str]:
    """What stands between the ends of "between": "and" in six languages, two dots or a semicolon."""
    links = "|".join(sorted(map(re.escape, typed_words("and"))))
    return re.compile(rf"\s+(?:{links})\s+|\s*(?:\.\.|…|;)\s*", re.IGNORECASE)


def _number_cells(series: pd.Series[Any], operator: str, value: object, reading: ColumnReading) -> Mask:
    """`compare` for a column of numbers."""
    held = as_number(series, reading.country)[0].to_numpy("float64", na_value=np.nan)
    return _ordered(held, operator, _numbers(operator, value, reading))


def _date_cells(series: pd.Series[Any], operator: str, value: object, reading: ColumnReading) -> Mask:
    """`compare` for a column of dates; a time of day does not count. The name of a month is that month of any year."""
    months = [word_of("month", part) for part in _parts(value)] if operator in ("is", "one_of") else []
    if months and all(months):
        held: Mask = as_date(series, reading.country)[0].dt.month.isin([int(month) for month in months]).to_numpy()
        return held
    return _ordered(_days(series, reading), operator, _dates(operator, value, reading))


# How a kind of column is compared by the operators that are not about its text; kinds that are not here hold text.
_BY_KIND: dict[str, Callable[[pd.Series[Any], str, object, ColumnReading], Mask]] = {
    **dict.fromkeys(schema.NUMBERS, _number_cells),
    "date": _date_cells,
    "moment": _date_cells,
    "flag": _flags,
}


def _parts(value: object) -> list[str]:
    """The parts of a list: divided by semicolons, or by commas where there is no semicolon."""
    text = text_of(value)
    return [unquoted(part) for part in text.split(";" if ";" in text else ",") if part.strip()]
