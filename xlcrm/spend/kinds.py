"""Array kinds of this package (type names) and exact arithmetic on them: cents, day and month numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[Any]
Names: TypeAlias = "pd.Index[Any]"  # distinct texts that numbers point into

NO_DAY = np.iinfo(np.int64).min
"""Stands for a missing date among days since 1970-01-01: before every window's start, whatever the window."""


NEVER = np.iinfo(np.int64).max
"""Stands for a day that never comes."""


# Windows of time are the same everywhere: they start after their first day and end with their last.

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
    at, distinct = pd.factorize(days)  # half a million lines fall on a few thousand days
    found: Ints = distinct.astype("datetime64[D]").astype("datetime64[M]").astype("int64")[at]
    return found


# Money is added as whole cents in 64-bit integers, because sums of floats drift and a client's total must be exact.


def to_cents(amounts: Any) -> Ints:
    """Amounts in currency units as cents, half a cent away from zero (2.675 -> 268, -2.675 -> -268); NaN becomes 0.

    2.675 is held as 2.67499999999999982 and still means 2.68: two steps of the float's own precision are forgiven.
    """
    scaled = np.nan_to_num(np.asarray(amounts, dtype="float64"), nan=0.0, posinf=0.0, neginf=0.0) * 100
    size = np.abs(scaled)
    whole: Ints = (np.sign(scaled) * np.floor(size + 2 * np.spacing(size) + 0.5)).astype("int64")
    return whole


def from_cents(cents: Ints) -> Floats:
    """Cents as currency units: the float nearest to the exact two-decimal number."""
    return cents / 100


def total(values: Ints, group: Ints, groups: int, where: Any = None) -> Ints:
    """The exact sum of `values` for each of `groups`; rows whose group is negative are left out."""
    keep = group >= 0 if where is None else where & (group >= 0)
    sums = np.zeros(groups, dtype="int64")
    np.add.at(sums, group[keep], values[keep])
    return sums


def divided(cents: Ints, by: Ints) -> Floats:
    """cents / by in whole cents, half away from zero, as currency units; NaN where `by` is 0."""
    safe = np.maximum(by, 1)
    whole = np.sign(cents) * ((2 * np.abs(cents) + safe) // (2 * safe))
    return np.where(by > 0, whole / 100, np.nan)
