"""Split one address, or a column of them, into fields: from its end, country first, then town, then street."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.addresses import find_country, locality, persons, street
from xlcrm.addresses.address import COLUMNS, Address
from xlcrm.addresses.address_text import LONGEST, clean, lines
from xlcrm.addresses.address_words import words_of
from xlcrm.addresses.countries import country_code
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import CARE, PO_BOX


def split_address(raw: object, *, country: str = "") -> Address:
    """The parts of one address as somebody typed it.

    raw      a cell: one line or several, with or without commas. Blank (None, NaN, "") gives an empty Address; a number
             is read as its digits. Never raises.
    country  ISO 3166-1 alpha-2 code (or name) of where the address most likely is; a country named in the text wins.
    """
    return _split(clean(raw), country_code(country))


def _split(text: str, country: str) -> Address:
    if len(text) > LONGEST:
        return Address(country=country, sure=False, reason="address.too_long", remainder=" ".join(text.split()))
    parts = lines(text)
    if not parts:
        return Address()
    found, parts = find_country.take(parts, country)
    if found and sum(map(len, parts)) > 2 and text.rstrip(" .\n")[-3:-2] == " ":
        again, rest = find_country.take(parts, found)  # named twice: "United States US"
        parts = rest if again == found else parts
    if not parts:
        return Address(country=found)
    code = found or country or find_country.country(parts)
    if code and not (found or country) and len(parts) > 1:
        again, rest = find_country.take(parts, code)  # "80331 München, DE": a state of America but for the rest
        parts = rest if again == code and rest else parts
    kinds = words_of(code or find_country.order_like(parts))
    draft = Draft(code)
    seen = 0
    for words in parts:
        seen |= kinds.of(words)
    if seen & PO_BOX:
        parts = locality.take(parts, kinds, draft)
    if not parts:
        return draft.finish(_in_capitals(text))
    parts = locality.read(parts, kinds, draft)
    if seen & CARE:
        parts = persons.take(parts, kinds, draft)
    street.read(parts, kinds, draft)
    if len(draft.name) > 1:
        draft.name.sort(key=lambda name: text.find(name.split()[0]))
    return draft.finish(_in_capitals(text))


def _in_capitals(text: str) -> bool:
    """Whether every letter that has a capital is one: "CALLE DEL OLMO 5 2º B"."""
    return text.upper() == text != text.lower()


def split_many(values: Iterable[object], countries: Iterable[str]) -> list[Address]:
    """`split_address` for many cells and their countries."""
    return [_split(clean(value), country) for value, country in zip(values, countries, strict=True)]


# A whole column of addresses at once, as a table of fields.


def split_addresses(series: pd.Series[Any], *, country: str | pd.Series[Any] = "") -> pd.DataFrame:
    """The fields of every address of a column; the column itself is not changed.

    series   addresses as typed, one a cell; blanks and numbers are fine
    country  ISO 3166-1 alpha-2 code for all, or a series of codes or country names of the same length, row by row;
             a country named in an address wins

    Out: a frame with the same index and the columns of `Address`: street, house_number, unit, po_box, postal_code,
    city, region, country, name, district, remainder, reason, other as text ("" where blank) and sure (bool).
    """
    values = series.tolist()
    if isinstance(country, str):
        given = [country_code(country)] * len(values)
    else:
        typed = country.tolist()
        known = {value: country_code(value) for value in set(typed)}
        given = [known[value] for value in typed]
    columns = list(zip(*split_many(values, given), strict=True)) or [()] * len(COLUMNS)
    data = {
        name: pd.array(np.array(column, dtype=object), dtype="bool" if name == "sure" else "str")
        for name, column in zip(COLUMNS, columns, strict=True)
    }
    return pd.DataFrame(data, index=series.index)
