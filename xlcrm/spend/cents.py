"""Money is added as whole cents in 64-bit integers, because sums of floats drift and a client's total must be exact."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlcrm.spend.kinds import Floats, Ints


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
