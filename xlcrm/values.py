"""Cell values converted to text, numbers, dates and flags, so that every operation reads them alike."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.fields import date, money
from xlcrm.fields.typed_words import typed_words

YES, NO = typed_words("yes"), typed_words("no")


def is_blank(value: object) -> bool:
    """None, NaN, NaT and text of nothing but spaces."""
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, float) and math.isnan(value)


def text_of(value: object) -> str:
    """One value as a user would read it: 20121.0 is "20121", a date is ISO, blank is ""."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, np.floating)):
        return _number_text(float(value))
    if isinstance(value, (dt.datetime, np.datetime64)):
        stamp = pd.Timestamp(value)
        return str(stamp.date()) if stamp == stamp.normalize() else stamp.isoformat(sep=" ")
    return str(value)


def _number_text(number: float) -> str:
    """A float as text: whole ones up to 10^15 without a point, others with all their digits, NaN as ""."""
    if math.isnan(number):
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def as_text(series: pd.Series[Any]) -> pd.Series[Any]:
    """A column as text, "" where blank; a new series with the same index. Spaces stay as typed."""
    if isinstance(series.dtype, pd.StringDtype):
        return series.fillna("")
    if series.dtype.kind in "fiuM" and len(series):  # each distinct number and day is written once
        places, distinct = pd.factorize(series)
        known = np.array([*(text_of(value) for value in pd.Series(distinct)), ""], dtype=object)
        return pd.Series(known[places], index=series.index, name=series.name, dtype="str")
    return pd.Series([text_of(v) for v in series.to_list()], index=series.index, name=series.name, dtype="str")


def as_number(series: pd.Series[Any], country: str = "") -> tuple[pd.Series[Any], pd.Series[Any]]:
    """A column as float64, and a mask of the cells that hold something which is no number (these are NaN).

    Text is read as money is: "1.234,56", "1,234.56" and "€ 12" are numbers; blanks are NaN and not in the mask. What
    has two readings ("1,125") goes by the decimal sign of the column's other texts, then by the habit of `country`.
    """
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        return series.astype("float64"), pd.Series(False, index=series.index)
    texts = [value for value in series.drop_duplicates() if isinstance(value, str)]
    sign = money.decimal_sign(texts) if any(money.ambiguous(text) for text in texts) else ""
    return _each(series, lambda value: _number(value, country, sign), "float64")


def as_date(series: pd.Series[Any], country: str = "") -> tuple[pd.Series[Any], pd.Series[Any]]:
    """A column as datetime64 (days; a time of day is cut off), and a mask of the cells that hold no date (NaT)."""
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        whole = series.dt.tz_localize(None) if series.dt.tz is not None else series
        return whole.dt.normalize(), pd.Series(False, index=series.index)
    return _each(series, lambda value: _date(value, country), "datetime64[us]")


def numbers_or_none(series: pd.Series[Any]) -> list[float | None]:
    """A column of floats as Python's own, None for blanks."""
    return blanked(series.to_numpy(dtype="float64"), series.isna().to_numpy())


def blanked(cells: np.ndarray[Any, Any], blank: np.ndarray[Any, np.dtype[np.bool_]]) -> list[Any]:
    """Cells as a list of Python's own values, None where they are blank."""
    if blank.all():
        return [None] * len(cells)
    if not blank.any():
        return list(cells.tolist())
    held = cells.astype(object)
    held[blank] = None
    return list(held.tolist())


def exact(number: float) -> Decimal:
    """A number by its shortest decimal form: 0.1 is a tenth, and not what a float makes of it."""
    return Decimal(repr(float(number)))


def as_decimals(series: pd.Series[Any], country: str = "") -> list[Decimal | None]:
    """A column as exact numbers, None for blanks and for what is no number."""
    return [None if math.isnan(number) else exact(number) for number in as_number(series, country)[0]]


def as_days(series: pd.Series[Any], country: str = "") -> list[dt.date | None]:
    """A column as days without an hour, None for blanks and for what is no date."""
    return [None if when is pd.NaT else when.date() for when in as_date(series, country)[0]]


def as_flag(series: pd.Series[Any]) -> pd.Series[Any]:
    """A column as booleans: blank, "no" and 0 are False; "yes" in six languages, "x", a date or any other text is True.

    Anything unknown counts as yes because a flag guards something (an opt-out): doubt must not mail a person.
    """
    words = as_text(series).str.strip().str.casefold()
    return ~(words.isin(NO) | words.isin({"0", "0.0"}) | (words == ""))


def same(before: pd.Series[Any], after: pd.Series[Any]) -> pd.Series[Any]:
    """Cell by cell, whether two columns of one index hold the same: blanks are alike, 5 and 5.0 are alike.

    Numbers are alike within one part in 10^12, which is what a workbook's decimal text keeps.
    """
    kinds = {_kind(before), _kind(after)}
    if kinds == {"number"}:
        close = np.isclose(before.astype("float64"), after.astype("float64"), rtol=1e-12, atol=0, equal_nan=True)
        return pd.Series(close, index=before.index)
    if kinds == {"text"}:
        return before.fillna("") == after.fillna("")
    if kinds == {"date"}:
        return (before == after) | (before.isna() & after.isna())
    return pd.Series([same_value(a, b) for a, b in zip(before, after, strict=True)], index=before.index, dtype=bool)


def same_value(a: object, b: object) -> bool:
    """`same` for one pair."""
    if text_of(a) == "" or text_of(b) == "":
        return text_of(a) == text_of(b)
    if isinstance(a, (int, float, np.number)) and isinstance(b, (int, float, np.number)):
        return math.isclose(float(a), float(b), rel_tol=1e-12)
    return text_of(a) == text_of(b)


def _kind(series: pd.Series[Any]) -> str:
    """Of what type all cells of a column are: text, date, number, or mixed (also flags)."""
    if isinstance(series.dtype, pd.StringDtype):
        return "text"
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return "date"
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        return "number"
    return "mixed"


def _each(series: pd.Series[Any], read: Any, dtype: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """A column read cell by cell, each distinct value once, and a mask of the filled cells that `read` gives None."""
    cells = series.to_list()
    seen = {v: read(v) for v in series.drop_duplicates() if not is_blank(v)}
    found = [None if is_blank(v) else seen[v] for v in cells]
    bad = [value is None and not is_blank(v) for value, v in zip(found, cells, strict=True)]
    return (
        pd.Series(found, index=series.index, name=series.name, dtype=dtype),
        pd.Series(bad, index=series.index, dtype=bool),
    )


def _number(value: object, country: str, sign: str) -> float | None:
    """One cell as a number, None where it is none; a flag is none."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, (int, float, np.number)):
        return float(value)
    text = text_of(value)
    known = money.plain(text)
    if known is not None:
        return known
    return float(money.validate(text, country, decimal=sign)) if money.is_valid(text) else None


def _date(value: object, country: str) -> dt.datetime | None:
    """One cell as the midnight that its day begins with, None where it is no date."""
    if isinstance(value, (dt.date, np.datetime64)):
        return dt.datetime.combine(pd.Timestamp(value).date(), dt.time())
    text = text_of(value)
    if not date.is_valid(text, country=country):
        return None
    return dt.datetime.combine(date.validate(text, country=country), dt.time())
