"""Convert columns of typed cells into dates, numbers, flags and choices, a whole column written in one way.

What does not parse stays as typed, and one finding a column says how many such cells there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from xlcrm import schema, words
from xlcrm.fields import date, money
from xlcrm.importing.evidence import date_order
from xlcrm.importing.header_words import choice_of
from xlcrm.values import NO, as_flag, as_text, is_blank, text_of

IDS = frozenset({"client_id", "invoice"})
# How programs write an empty cell.
EMPTY_WORDS = frozenset(
    ["NULL", r"\N", "#N/A", "(null)", "<null>", "NaN", "nan", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"]
)
DAYS = "datetime64[us]"
FIRST_YEAR = 1900  # Excel counts no days before
ASK = date_order.ASK


@dataclass(frozen=True)
class Converted:
    """`values` is a clean column (see xlcrm.tables) or, where cells do not parse, dtype object with those as typed.

    `bad` marks the cells that stayed as typed: those of `unsure` have two readings and are asked about once a list,
    `early` counts days before 1900, which Excel does not have, and the others cannot be read.
    """

    values: pd.Series[Any]
    bad: pd.Series[Any]
    unsure: frozenset[Any] = frozenset()
    early: int = 0


def convert(
    column: pd.Series[Any], table: str, field: str, *, country: str, language: str, today: dt.date, order: str = "",
    sign: str = "",
) -> Converted:  # fmt: skip
    """A column of a list as the column `field` of `table` wants it. Blanks: "" in text, NaN, NaT.

    `country` decides the order of day and month and the decimal sign where the column itself shows neither;
    `language` is that of the words written for choices and flags; birth dates lie before `today`. `order` ("dmy",
    "mdy") and `sign` (".", ",") are what the whole list shows; "ask" leaves cells of two readings as typed.
    """
    spec = schema.table(table).column(field)
    kind = "number" if field == "discount" else spec.kind if spec else "text"
    if kind in {"date", "moment"}:
        return dates(column, country, latest=today if field == "birth_date" else None, order=order)
    if kind in schema.NUMBERS:
        return numbers(column, country, percent=field == "discount", sign=sign)
    text = texts(column)
    if field in IDS:
        text = _whole_numbers(text)
    if field == "currency":
        text = text.mask(text.str.fullmatch("[A-Za-z]{3}"), text.str.upper())
    if kind == "flag":
        return _sure(_flags(text, language))
    if kind == "choice" and spec:
        return _sure(_choices(text, spec.choices, language))
    return _sure(text)


def texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Text without blanks around it; what programs write for an empty cell is empty."""
    text = as_text(column).str.strip()
    return text.mask(text.isin(EMPTY_WORDS), "")


def numbers(column: pd.Series[Any], country: str = "", *, percent: bool = False, sign: str = "") -> Converted:
    """Numbers; the decimal sign is `sign` or the one the column shows. With `percent`, "10 %" is 0.1."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return _sure(column.astype("float64"))
    distinct = column.drop_duplicates()
    unsure = {value for value in distinct if money.ambiguous(value)} if sign == ASK else set()
    sign = money.decimal_sign(distinct) if sign in {"", ASK} else sign

    def read(value: object) -> float | None:
        if isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_)):
            return float(value)
        if value in unsure:
            return None
        text = text_of(value).strip()
        share = percent and text.endswith("%")
        try:
            found = float(money.validate(text.rstrip("% ") if share else text, country, decimal=sign))
        except ValueError:
            return None
        return found / 100 if share else found

    return _each(column, distinct, read, "float64", unsure)


def dates(column: pd.Series[Any], country: str = "", *, latest: dt.date | None = None, order: str = "") -> Converted:
    """Days; a time of day is cut off. `order` or one "31/12" or "12/31" in a column tells the order for all of it.

    Excel's count of days is the day it counts; "0/0/00" and "00.00.0000" are blank; days before 1900 stay text.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _sure(column.astype(cast("Any", DAYS)).dt.normalize())
    distinct = column.drop_duplicates()
    typed = [value for value in distinct if isinstance(value, str) and value.strip()]
    habit, mixed = _habit(typed, country, order)
    unsure = {v for v in typed if date_order.doubtful(v)} if mixed else set()
    early = set()

    def read(value: object) -> dt.datetime | None:
        if value in unsure:
            return None
        found = _day(value, habit, latest)
        if found is not None and found.year < FIRST_YEAR:
            early.add(value)
            return None
        return found

    done = _each(column, distinct, read, DAYS, unsure)
    return replace(done, early=int(column.isin(list(early)).sum()))


def _habit(typed: list[str], country: str, order: str) -> tuple[str, bool]:
    """The country whose order the column has, and whether dates of two readings are to stay as typed."""
    if order:
        return date_order.HABIT.get(order, country), order == ASK
    orders = {date.order(value) for value in typed} - {""}
    return (date_order.HABIT[next(iter(orders))] if len(orders) == 1 else country), len(orders) > 1


def _day(value: object, habit: str, latest: dt.date | None) -> dt.datetime | None:
    if isinstance(value, (dt.date, np.datetime64)):
        stamp = pd.Timestamp(value)
        return None if pd.isna(stamp) else dt.datetime(stamp.year, stamp.month, stamp.day)
    text = text_of(value).strip()
    try:
        found = date.validate(text, habit, latest=latest)
    except ValueError:
        counted = date.counted(text)
        return dt.datetime(counted.year, counted.month, counted.day) if counted else None
    return dt.datetime(found.year, found.month, found.day)


def _each(
    column: pd.Series[Any], distinct: pd.Series[Any], read: Callable[[object], object], dtype: str, unsure: set[Any]
) -> Converted:
    """Reads every distinct cell once: a long list has few different ones."""
    known = {value: read(value) for value in distinct if not _is_empty(value)}
    found = column.map(lambda value: known.get(value)) if column.dtype == object else column.map(known)
    if found.dtype.kind not in "Mf":
        found = found.astype(object).where(found.notna(), None)
    values: pd.Series[Any] = found.astype(cast("Any", dtype))
    failed = {value for value, got in known.items() if got is None}
    bad = column.isin(list(failed)) if failed else pd.Series(False, index=column.index)
    if bad.any():
        whole = values.astype(object).where(values.notna(), None)
        return Converted(whole.mask(bad, as_text(column).str.strip()), bad, frozenset(unsure))
    return Converted(values, bad)


def _is_empty(value: object) -> bool:
    return is_blank(value) or (isinstance(value, str) and (value.strip() in EMPTY_WORDS or date.is_nothing(value)))


def _sure(values: pd.Series[Any]) -> Converted:
    return Converted(values, pd.Series(False, index=values.index))


def _whole_numbers(text: pd.Series[Any]) -> pd.Series[Any]:
    """Ids that a program wrote as decimals ("17850.0") are whole numbers again, if all of the column are so."""
    filled = text[text != ""]
    if len(filled) and filled.str.fullmatch(r"\d+\.0").all():
        return text.str.removesuffix(".0")
    return text


def _flags(text: pd.Series[Any], language: str) -> pd.Series[Any]:
    """The word for yes or no; a moment ("unsubscribed at") and anything unknown count as yes, as a flag guards."""
    yes, no = words.choice_word("done", "yes", language), words.choice_word("done", "no", language)
    flags = pd.Series(np.where(as_flag(text), yes, no), index=text.index, dtype="str")
    return flags.where(text != "", "").mask(text.str.casefold().isin(NO), no)


def _choices(text: pd.Series[Any], group: str, language: str) -> pd.Series[Any]:
    known = {word: choice_of(group, word) for word in text.drop_duplicates()}
    shown = {w: words.choice_word(group, name, language) if name else w for w, name in known.items()}
    return text.map(shown).astype("str")
