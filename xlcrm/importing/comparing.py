"""Two cells that mean the same must not look like a difference: "+47 22 34 56 78" and "004722345678" are one number."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from xlcrm import schema
from xlcrm.importing.header_words import choice_of
from xlcrm.values import as_date, as_flag, as_number, as_text, text_of
from xlcrm.words import fold


def kind_of(table: str, field: str) -> tuple[str, str]:
    """The kind of a column and its group of choices; a user's own column is text."""
    try:
        column = schema.table(table).column(field)
    except KeyError:
        column = None
    return (column.kind, column.choices) if column else ("text", "")


def comparable(column: pd.Series[Any], table: str, field: str) -> pd.Series[Any]:
    """A column as text in which equal cells are equal and blank ones are "": same index, dtype str.

    E-mails and choices without case, phones as digits, tax numbers and postal codes without spaces and points, dates
    as ISO, numbers in their shortest form, all other text with single spaces.
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
    distinct = {value: _plain(value, kind, group) for value in text.drop_duplicates()}
    return text.map(distinct).astype("str")


def folded(text: str) -> str:
    """A name for comparing: words in any order, without case, accents and punctuation."""
    return " ".join(sorted(fold(text).split())) or text.strip().casefold()


def _plain(value: str, kind: str, group: str) -> str:
    text = " ".join(value.split())
    if kind == "email":
        return text.casefold().removeprefix("mailto:")
    if kind == "phone":
        digits = re.sub(r"\D", "", text.replace("(0)", ""))
        return digits.removeprefix("00") if digits else text.casefold()
    if kind in {"tax_id", "postal_code"}:
        return re.sub(r"[\W_]", "", text).casefold()
    if kind == "choice":
        return choice_of(group, text) or text.casefold()
    return text


def as_typed(value: object) -> str:
    """A cell as a sentence quotes it."""
    return text_of(value)
