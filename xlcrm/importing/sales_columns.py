"""Columns of a list that say too little: one without header, known by its values, and the last columns of a sales list.

A second look at a sales list that lacks its amount, its invoice number or its client: the plainest column is taken.

The first look leaves a column alone where its header means nothing by itself ("Number", "Name", "Total" of a program
that has better ones). In a list of sales these are what is missing, if the values can be it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from xlcrm.importing import header_words, judging
from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.importing.mapping import fields_of

MOST = 0.8
PERSONS = 0.5


class Guess(NamedTuple):
    field: str
    fits: Callable[[Sequence[str]], bool]
    why: str


def _all(test: Callable[[str], object]) -> Callable[[Sequence[str]], bool]:
    return lambda values: judging.share(values, test) >= MOST


def _telephone(text: str) -> bool:
    return 7 <= judging.digits(text) <= 15 and not judging.is_date(text) and (text[:1] in "+0(" or " " in text)


def _are_names(values: Sequence[str]) -> bool:
    """Words without figures that the name splitter takes for persons or companies more often than not."""
    from xlcrm.names.column import split_names

    if judging.share(values, lambda v: judging.is_wordy(v) and " " in v and not judging.digits(v)) < MOST:
        return False
    found = split_names(pd.Series(list(values), dtype="str"))
    surely = (found["kind"] == "company") | ((found["first_name"] != "") & (found["last_name"] != ""))
    return bool(surely.mean() >= PERSONS)


# In this order; each field is given to the first column that fits.
GUESSES = (
    Guess("email", _all(lambda v: judging.EMAIL.fullmatch(v)), "an address is one whatever stands above it"),
    Guess("phone", _all(_telephone), "figures in groups or with a plus or a nought in front"),
    Guess("full_name", _are_names, "several words that are names of persons or companies"),
)


def guesses(one: Incoming) -> Mapping[str, str]:
    """header (a letter) -> field, for a list that has no header row; empty for all others."""
    if not any(problem.code == "import.no_header" for problem in one.problems):
        return {}
    found: dict[str, str] = {}
    for guess in GUESSES:
        for header in map(str, one.frame.columns):
            values = judging.sample(one.frame[header])
            if header not in found and values and guess.fits(values):
                found[header] = guess.field
                break
    return found


CLIENT = frozenset({"full_name", "company", "last_name", "client_name", "last_or_company", "email"})


class Look(NamedTuple):
    """`field` of `table` is looked for where none of `unless` is there: by the header's meaning and its values."""

    table: str
    field: str
    unless: frozenset[str]
    called: Callable[[str], bool]
    fits: Callable[[str], object]
    why: str


def _is_amount(header: str) -> bool:
    return any(reading.field == "amount" for reading in header_words.readings("Purchases", header))


def _is_number(header: str) -> bool:
    return header_words.ambiguous(header) == "number" or header_words.key(header) in {"number", "numero", "num", "nr"}


def _is_client(header: str) -> bool:
    return header_words.ambiguous(header) in {"name", "contact", "customer"}


def _numbered(text: str) -> bool:
    return any(c.isdigit() for c in text) and len(text) <= 30


LOOKS = (
    Look("Purchases", "amount", frozenset({"amount", "unit_price"}), _is_amount, judging.is_number,
         "a total that stands beside better columns elsewhere is the amount where it stands alone"),
    Look("Purchases", "invoice", frozenset({"invoice"}), _is_number, _numbered,
         "the number of a line with a date and an amount is its invoice's"),
    Look("Clients", "full_name", CLIENT, _is_client, judging.is_wordy,
         "the only names of a sales list are its clients'"),
)  # fmt: skip


def completed(frame: pd.DataFrame, mapped: tuple[Mapped, ...]) -> tuple[Mapped, ...]:
    """The mapping with what a list of sales lacks; unchanged where it has neither a date nor an invoice."""
    if not {"date", "invoice", "invoiced_on"} & set(fields_of(mapped, "Purchases")):
        return mapped
    found = {one.header: one for one in mapped}
    for look in LOOKS:
        if look.unless & set(fields_of(tuple(found.values()))):
            continue
        header = _first(frame, [one for one in found.values() if not one.field and one.how != "given"], look)
        if header:
            found[header] = Mapped(header, look.table, look.field, "values", 70)
    return tuple(found[one.header] for one in mapped)


def _first(frame: pd.DataFrame, free: Sequence[Mapped], look: Look) -> str:
    for one in free:
        values = judging.sample(frame[one.header]) if look.called(one.header) else []
        if values and judging.share(values, look.fits) >= MOST:
            return one.header
    return ""
