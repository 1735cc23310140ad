"""Split one address, or a column of them, into fields: from its end, country first, then town, then street."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm.addresses import east_asian_addresses, find_country, locality, persons, street
from xlcrm.addresses.address import COLUMNS, Address
from xlcrm.addresses.address_text import LONGEST, clean, lines
from xlcrm.addresses.address_words import WordKinds, words_of
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


class Opened(NamedTuple):
    """An address with its country settled, before its parts are taken.

    lines  without the country's name
    named  the country that the text names, "" if none
    code   the one it is read by: named, else given, else inferred, else ""
    kinds  what each word can be there
    """

    lines: list[list[str]]
    named: str
    code: str
    kinds: WordKinds


def opened(text: str, country: str) -> Opened:
    """The lines of an address and its country; `country` is the code that is expected, "" for none."""
    parts = lines(text)
    if not parts:
        return Opened(parts, "", country, words_of(country))
    named, parts = find_country.take(parts, country)
    if named:
        parts = _not_named_again(parts, named, text)
        return tuple.__new__(Opened, (parts, named, named, words_of(named)))
    if country:
        signed = find_country.may_be_signed(parts, text)
        code = (signed and find_country.signed(parts, country)) or country
        return tuple.__new__(Opened, (parts, "", code, words_of(code)))
    code = find_country.country(parts)
    parts = _without_code(parts, code)
    return Opened(parts, "", code, words_of(code or find_country.order_like(parts)))


def _not_named_again(parts: list[list[str]], named: str, text: str) -> list[list[str]]:
    """Lines without the name of a country that was named twice: "United States US"."""
    if sum(map(len, parts)) < 3 or text.rstrip(" .\n")[-3:-2] != " ":
        return parts
    again, rest = find_country.take(parts, named)
    return rest if again == named else parts


def _without_code(parts: list[list[str]], code: str) -> list[list[str]]:
    """Lines without the code of the inferred country: "80331 München, DE" names an American state but for the rest."""
    if not code or len(parts) < 2:
        return parts
    again, rest = find_country.take(parts, code)
    return rest if again == code and rest else parts


def _split(text: str, country: str) -> Address:
    if len(text) > LONGEST:
        return Address(country=country, sure=False, reason="address.too_long", remainder=" ".join(text.split()))
    if not text.isascii() and (own := east_asian_addresses.country_of(text, country)):
        return east_asian_addresses.read(text, own)
    parts, named, code, kinds = opened(text, country)
    if not parts:
        return Address(country=named)
    draft = Draft(code)
    street.read(read_place(parts, kinds, draft), kinds, draft)
    if named in find_country.NAMESAKES and draft.code and not draft.city:
        draft.city = find_country.town_of_same_name(lines(text), named)
    if len(draft.name) > 1:
        draft.name.sort(key=lambda name: text.find(name.split()[0]))
    return draft.finish(_in_capitals(text))


def read_place(parts: list[list[str]], kinds: WordKinds, draft: Draft) -> list[list[str]]:
    """Takes PO box, postal code, town, region and persons into the draft; gives back the lines of name and street."""
    seen = 0
    for words in parts:
        for word in words:
            seen |= kinds[word]
    if seen & PO_BOX:
        parts = locality.take(parts, kinds, draft)
    if parts:
        parts = locality.read(parts, kinds, draft)
    return persons.take(parts, kinds, draft) if seen & CARE else parts


def _in_capitals(text: str) -> bool:
    """Whether every letter that has a capital is one: "CALLE DEL OLMO 5 2º B"."""
    return text.upper() == text != text.lower()


def split_many(values: Iterable[object], countries: Iterable[str]) -> list[Address]:
    """`split_address` for many cells and their countries."""
    return [_split(clean(value), country) for value, country in zip(values, countries, strict=True)]


def split_told(values: Iterable[object], countries: Iterable[str], home: str) -> list[Address]:
    """`split_many`, but what has no country is read as the address itself tells, else as in the country `home`.

    The home country is a way to read, no fact: it is filled in only where the address tells it. An address is read a
    second time only where the first reading does not find country, postal code and town without a doubt.
    """
    pairs = zip(values, countries, strict=True)
    return [_split(clean(value), country) if country else _told(clean(value), home) for value, country in pairs]


def _told(text: str, home: str) -> Address:
    told = _split(text, "")
    if not home or (told.sure and told.country and told.postal_code and told.city):
        return told
    read = _split(text, home)
    return read._replace(country=told.country if told.country == read.country else "")


# A whole column of addresses at once, as a table of fields.


def split_addresses(series: pd.Series[Any], *, country: str | pd.Series[Any] = "", home: str = "") -> pd.DataFrame:
    """The fields of every address of a column; the column itself is not changed.

    series   addresses as typed, one a cell; blanks and numbers are fine
    country  ISO 3166-1 alpha-2 code for all, or a series of codes or country names of the same length, row by row;
             a country named in an address wins
    home     code or name of the country by which an address without one is read where it does not tell its own; the
             field country stays "" then

    Out: a frame with the same index and the columns of `Address`: street, house_number, unit, po_box, postal_code,
    city, region, country, name, district, remainder, reason, other as text ("" where blank) and sure (bool).
    """
    values = series.tolist()
    given = [country_code(country)] * len(values) if isinstance(country, str) else _codes(country.tolist())
    split = split_told(values, given, country_code(home)) if home else split_many(values, given)
    columns = list(zip(*split, strict=True)) or [()] * len(COLUMNS)
    data = {
        name: pd.array(np.array(column, dtype=object), dtype="bool" if name == "sure" else "str")
        for name, column in zip(COLUMNS, columns, strict=True)
    }
    return pd.DataFrame(data, index=series.index)


def _codes(typed: list[object]) -> list[str]:
    known = {value: country_code(value) for value in set(typed)}
    return [known[value] for value in typed]
