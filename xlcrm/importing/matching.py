"""Matching cells: two that mean the same are one text, so that a second spelling is no difference."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pandas as pd

from xlcrm import schema
from xlcrm.addresses.countries import country_code
from xlcrm.importing.header_words import choice_of
from xlcrm.text import any_order, caseless, fold, same, squeeze
from xlcrm.values import as_date, as_flag, as_number, as_text, text_of

# Two cells that mean the same must not look like a difference: "+47 22 34 56 78" and "004722345678" are one number.


NAMES = ("full_name", "title", "first_name", "middle_name", "last_name", "company")
SPELT = frozenset((*NAMES, "address", "street", "city", "region"))  # typed by heart: case and accents come and go
PROPOSED = re.compile(r"C(\d{4,9})")  # the ids given to clients that come without one


def kind_of(table: str, field: str) -> tuple[str, str]:
    """The kind of a column and its group of choices; a user's own column is text."""
    try:
        column = schema.table(table).column(field)
    except KeyError:
        column = None
    return (column.kind, column.choices) if column else ("text", "")


def comparable(column: pd.Series[Any], table: str, field: str) -> pd.Series[Any]:
    """A column as text in which equal cells are equal and blank ones are "": same index, dtype str.

    E-mails, ids and choices without case, phones as digits, tax numbers and postal codes without spaces and points,
    countries as codes, dates as ISO, numbers in their shortest form, all other text with single spaces.
    """
    kind, group = kind_of(table, field)
    if kind in {"date", "moment"}:
        days, bad = as_date(column)
        iso: pd.Series[Any] = days.dt.strftime("%Y-%m-%d").astype("str").fillna("")
        return iso.mask(bad, as_text(column))
    if kind in schema.NUMBERS:
        figures, bad = as_number(column)
        return as_text(figures.round(6)).mask(bad, as_text(column))
    text = as_text(column)
    if kind == "flag":
        return as_flag(column).map({True: "1", False: "0"}).astype("str").where(text.str.strip() != "", "")
    if field == "client_id":
        kind = field
    distinct = {value: _plain(value, kind, group) for value in text.drop_duplicates()}
    return text.map(distinct).astype("str")


def name_key(text: str) -> str:
    """What a name is found by: its words in any order, without case, accents and punctuation."""
    return any_order(text) or caseless(squeeze(text))


def alike(column: str, one: str, other: str) -> bool:
    """Whether two spellings of a client's name, street or town are one: JOSE and José are, in no other column."""
    return column in SPELT and same(one, other)


def found_by(column: pd.Series[Any], field: str) -> list[str]:
    """The cells of a column of Clients as a client is found by them: `comparable`, names and places folded."""
    cells = comparable(column, "Clients", field)
    if field in SPELT:
        cells = cells.map({text: fold(text) or caseless(text) for text in cells.drop_duplicates()})
    return list(cells.tolist())


def _plain(value: str, kind: str, group: str) -> str:
    text = " ".join(value.split())
    if kind == "email":
        return caseless(text).removeprefix("mailto:")
    if kind == "client_id":
        return text.upper()
    if kind == "phone":
        digits = re.sub(r"\D", "", text.replace("(0)", ""))
        return digits.removeprefix("00") if digits else caseless(text)
    if kind in {"tax_id", "postal_code"}:
        return fold(text).replace(" ", "")
    if kind == "country":
        return country_code(text) or caseless(text)
    if kind == "choice":
        return choice_of(group, text) or caseless(text)
    return text


def as_typed(value: object) -> str:
    """A cell as a sentence quotes it."""
    return text_of(value)


def unpadded(text: str) -> str:
    """An id of letters and a number without the number's leading zeros, in capitals; "" for other ids."""
    match = re.fullmatch(r"([A-Z]*)[-. ]?0*(\d+)", text.strip().upper())
    return f"{match[1]}{match[2]}" if match else ""


def as_in_table(ids: pd.Series[Any], table_ids: pd.Series[Any]) -> pd.Series[Any]:
    """Ids as the table spells them: c024 is C024, and C24 is it too where no other one could be meant."""
    known = {text.upper(): text for text in as_text(table_ids).str.strip() if text}
    by_number: dict[str, set[str]] = defaultdict(set)
    for text in known.values():
        by_number[unpadded(text)].add(text)
    given = as_text(ids).str.strip()
    distinct = {text: _in_table(text, known, by_number) for text in given.drop_duplicates()}
    return given.map(distinct).astype("str")


def _in_table(text: str, known: dict[str, str], by_number: dict[str, set[str]]) -> str:
    alike = by_number.get(unpadded(text), set()) if unpadded(text) else set()
    return known.get(text.upper(), next(iter(alike)) if len(alike) == 1 else text)
