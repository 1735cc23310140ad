"""Already known: cells of a list that say less than the client's own, or the same in one cell instead of three.

Other programs give back "Via Roma 12" where we have street and house number, and "03/06" for a birthday whose year we
have. Taken for differences they would be asked about one by one, and an update would lose what we know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from xlcrm.addresses.countries import country_code
from xlcrm.text import any_order, tokens
from xlcrm.values import as_date, as_text

_STREET = ("street", "house_number", "unit")
_PLACE = (*_STREET, "address", "address_extra", "po_box", "postal_code", "city", "region")
_DAY = re.compile(r"(?:--)?(\d{1,2})[-/.](\d{1,2})\.?")
_PARTS = re.compile(r"\s{2,}|[,;\n]")


def without_known(have: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with such cells blank; `have` are the clients that they are, row by row, in columns of Clients.

    A street that is street, number and unit there; an address all of whose words are there; a day and month that are
    the birth date's; a last name that is the whole name of a client without one. Neither frame is changed.
    """
    made = rows
    for column, known in _KNOWN.items():
        if column in rows and len(rows):
            new = [text.strip() for text in as_text(rows[column])]
            texts = _Texts(have)
            blank = [bool(text) and known(text, texts, at) for at, text in enumerate(new)]
            cells = [None if known_here else cell for known_here, cell in zip(blank, rows[column], strict=True)]
            kept = pd.Series(cells, index=rows.index, dtype=object)
            made = made.assign(**{column: kept}) if any(blank) else made
    return made


def without_later(have: pd.DataFrame, rows: pd.DataFrame, day: str, beside: tuple[str, ...] = ()) -> pd.DataFrame:
    """`rows` with the cell of `day`, and those `beside` it, blank where the client's own day is the same or earlier.

    Somebody registers or agrees for the first time once: who fills in a form again says nothing new by its day.
    Neither frame is changed; without the column in both, nothing is.
    """
    if day not in rows or day not in have or not len(rows):
        return rows
    known, new = (as_date(frame[day])[0].reset_index(drop=True) for frame in (have, rows))
    later = (new >= known).to_numpy(dtype=bool)
    blank = {c: rows[c].astype(object).mask(later, None) for c in (day, *beside) if c in rows and later.any()}
    return rows.assign(**blank)


class _Texts:
    """The clients' cells as text, column by column, each read once."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._read: dict[str, list[str]] = {}

    def cell(self, column: str, at: int) -> str:
        if column not in self._read:
            cells = as_text(self.frame[column]) if column in self.frame else [""] * len(self.frame)
            self._read[column] = [text.strip() for text in cells]
        return self._read[column][at]

    def joined(self, columns: tuple[str, ...], at: int) -> str:
        return " ".join(filter(None, (self.cell(column, at) for column in columns)))


def _same_street(text: str, have: _Texts, at: int) -> bool:
    """A street with the number that has a column of its own."""
    return any_order(text) == any_order(have.joined(_STREET, at)) and text != have.cell("street", at)


def _same_address(text: str, have: _Texts, at: int) -> bool:
    """An address none of whose words is new, but for the country in another language."""
    if text == have.cell("address", at):
        return False
    *parts, last = _PARTS.split(text)
    land = country_code(last)
    if not parts or not land or land != country_code(have.cell("country", at)):
        parts = [*parts, last]
    return set(tokens(" ".join(parts))) <= set(tokens(have.joined(_PLACE, at)))


def _same_day(text: str, have: _Texts, at: int) -> bool:
    """Day and month, in either order, of the birth date."""
    found = _DAY.fullmatch(text)
    if not found:
        return False
    day: Any = as_date(pd.Series([have.cell("birth_date", at)]))[0][0]
    return not pd.isna(day) and {int(found[1]), int(found[2])} == {day.month, day.day}


def _whole_name(text: str, have: _Texts, at: int) -> bool:
    """A whole name in the place of a last name, because the program insists on one."""
    return not have.cell("last_name", at) and any_order(text) == any_order(have.cell("full_name", at))


_KNOWN: dict[str, Callable[[str, _Texts, int], bool]] = {
    "street": _same_street,
    "address": _same_address,
    "birth_date": _same_day,
    "last_name": _whole_name,
}
