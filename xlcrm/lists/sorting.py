"""Sorting of a list by one or two columns, with the order of letters of the sender's country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from unicodedata import normalize

import pandas as pd

from xlcrm import schema
from xlcrm.text import fold_letters
from xlcrm.values import as_date, as_number

# Letters that stand behind z, or behind another letter, in a country's own alphabet; elsewhere å is an a with a ring.
_LAST = "\U0010fff0"
ALPHABETS: dict[str, dict[str, str]] = {
    "NO": {"æ": "z1", "ä": "z1", "ø": "z2", "ö": "z2", "å": "z3"},
    "DK": {"æ": "z1", "ä": "z1", "ø": "z2", "ö": "z2", "å": "z3"},
    "SE": {"å": "z1", "ä": "z2", "æ": "z2", "ö": "z3", "ø": "z3"},
    "FI": {"å": "z1", "ä": "z2", "æ": "z2", "ö": "z3", "ø": "z3"},
    "ES": {"ñ": "n1"},
}
Row = TypeVar("Row")
_NUMBERS = schema.NUMBERS | {"number"}


def sorted_by(rows: Sequence[Row], cells: Sequence[dict[str, Any]], columns: Sequence[str], country: str) -> list[Row]:
    """The rows in the order of `columns` (the first one first); blanks come last, equal ones stay as they were.

    cells    what each of `rows` has in these columns, as text; a column of numbers or days is sorted as such
    country  code whose order of letters is used
    """
    order = list(range(len(rows)))
    for column in reversed(columns):
        keys = _keys([str(cell.get(column) or "") for cell in cells], column, country)
        order.sort(key=keys.__getitem__)
    return [rows[at] for at in order]


def _keys(texts: list[str], column: str, country: str) -> list[tuple[bool, Any]]:
    """What to sort by: numbers where all are, days where all are, else letters; True in front of blanks."""
    blank = [not text.strip() for text in texts]
    series = pd.Series(texts, dtype="str")
    kind = next((spec.kind for name in ("Clients", "People") if (spec := schema.table(name).column(column))), "")
    for read, wanted in ((as_number, kind in _NUMBERS or not kind), (as_date, kind == "date")):
        found = read(series, country)[0]
        if wanted and not found[[not each for each in blank]].isna().any():
            return list(zip(blank, found.fillna(found.min()) if len(found.dropna()) else [0] * len(texts), strict=True))
    return [(each, collated(text, country)) for each, text in zip(blank, texts, strict=True)]


def collated(text: str, country: str) -> str:
    """A text whose plain order is that of the country's alphabet; capitals and accents don't count."""
    own = ALPHABETS.get(country, {})
    letters = normalize("NFC", text).casefold()
    return "".join(own[c][0] + _LAST + own[c][1] if c in own else fold_letters(c) for c in letters)
