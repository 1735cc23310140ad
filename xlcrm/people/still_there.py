"""Still there: which rows of People are people who have not left, and whose client each of them is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.values import as_date, as_text

Mask = np.ndarray[Any, np.dtype[np.bool_]]
NAMED = ("full_name", "first_name", "last_name", "email", "phone", "mobile", "person_id")


def still_there(people: pd.DataFrame, today: dt.date, country: str = "") -> Mask:
    """Rows of people who are there on `today`: `until` is blank, no date, or not before that day; blank rows are none.

    until   the last day there, inclusive; a time of day doesn't count; read by the habits of `country`

    A frame without the column `until` has only people who are there. `since` is not asked: who is announced counts.
    """
    found = is_person(people)
    if "until" in people.columns:
        found &= ~(as_date(people["until"], country)[0] < pd.Timestamp(today)).to_numpy()
    return found


def is_person(people: pd.DataFrame) -> Mask:
    """Rows that hold a name, a number or a way to reach somebody; those of a frame with none of these columns don't."""
    found = np.zeros(len(people), dtype=bool)
    for column in NAMED:
        if column in people.columns and not found.all():
            open_ = np.flatnonzero(~found)
            found[open_] = (as_text(people[column].iloc[open_]).str.strip() != "").to_numpy()
    return found


def clients_of(people: pd.DataFrame) -> pd.Series[Any]:
    """The client_id of each row as text without spaces around it; "" where blank or the frame has no such column."""
    if "client_id" not in people.columns:
        return pd.Series("", index=people.index, dtype="str")
    return as_text(people["client_id"]).str.strip()
