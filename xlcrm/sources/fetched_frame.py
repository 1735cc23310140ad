"""A frame that an engine of tables gave, in the types that the reader of a sheet has."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.sources.line_expressions import TEXTS
from xlcrm.values import as_text


def in_memory(frame: pd.DataFrame) -> pd.DataFrame:
    """Lines that an engine gave, in the types that the reader of a sheet has: blank text is "", a date has no zone."""
    made = {str(name): cell_types(str(name), frame[name]) for name in frame.columns}
    return pd.DataFrame(made, index=pd.RangeIndex(len(frame)))


def literals(values: pd.Series[Any]) -> list[Any]:
    """Values that an engine gave as what a question to it compares with: a day is a date there."""
    return [value.date() if isinstance(value, pd.Timestamp) else value for value in values.tolist()]


def cell_types(name: str, column: pd.Series[Any]) -> pd.Series[Any]:
    """One column of them, by its name in Purchases."""
    filled = column.dropna()
    first = filled.iloc[0] if len(filled) else ""
    if name not in TEXTS and isinstance(first, dt.date):
        days = pd.to_datetime(column)
        return (days.dt.tz_localize(None) if days.dt.tz is not None else days).astype("datetime64[us]")
    if name not in TEXTS and isinstance(first, (int, float, Decimal, np.number)):
        return column.astype("float64")
    return as_text(column)
