"""Contact lines: the sheet Interactions read once for all that asks about contacts, columns that lack as blanks."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from xlcrm import words
from xlcrm.text import fold
from xlcrm.values import as_date, as_flag, as_text

DAYS = ("date", "follow_up_on")
TEXTS = ("client_id", "person_id", "kind", "by", "subject", "list", "replies_to")


def contact_lines(interactions: pd.DataFrame | None, country: str = "") -> pd.DataFrame:
    """The rows of Interactions that name a client, under their positions.

    Columns out: date and follow_up_on (days, NaT where there is none or it can't be read); client_id, person_id, by,
    subject, list and replies_to as trimmed text; kind as the canonical choice, "" for a word that is none; done as a
    flag (blank and "no" are False). None, or a table without client_id, gives no rows.
    """
    frame = pd.DataFrame() if interactions is None or "client_id" not in interactions.columns else interactions
    blank = pd.Series("", index=frame.index, dtype="str")
    read = {name: as_text(frame[name]).str.strip() if name in frame else blank for name in TEXTS}
    days = {
        name: as_date(frame[name], country)[0] if name in frame else pd.Series(pd.NaT, index=frame.index)
        for name in DAYS
    }
    done = as_flag(frame["done"]) if "done" in frame else pd.Series(False, index=frame.index)
    kinds = {word: words.choice("interaction", word) for word in read["kind"].unique()}
    lines = pd.DataFrame({**read, **{name: pd.to_datetime(day) for name, day in days.items()}, "done": done})
    return lines.assign(kind=[kinds[word] for word in read["kind"]])[read["client_id"] != ""]


def until(lines: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """The lines that have happened: a day that is not after today. Planned ones and those without a day are none."""
    return lines[lines["date"] <= pd.Timestamp(today)]


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for case, accents and spaces."""
    return fold(one) == fold(other)
