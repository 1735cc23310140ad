"""Ambiguous headers ("Name", "Title", "Stato", "Cliente"), told by their values and neighbours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import pandas as pd

from xlcrm import words
from xlcrm.addresses import regions
from xlcrm.importing import header_words, judging
from xlcrm.importing.cells import consent, firm_words
from xlcrm.importing.header_words import choice_of
from xlcrm.importing.judging import share
from xlcrm.text import fold

MOST = judging.MOST
MOST_NAMED = 0.8
# Words for a state of things and for a state of the world: values that are neither known stages nor places are asked.
DOUBLE = frozenset("stato estado etat staat stat situacao".split())


def resolve(group: str, values: Sequence[str], taken: Mapping[str, str], frame: pd.DataFrame, header: str) -> list[str]:
    """The fields of Clients that the header means, best first; empty where nobody can tell.

    `group` is what `header_words.ambiguous` said, `values` a sample of the column, `taken` the fields that other
    columns have already (field -> header).
    """
    told = _GROUPS.get(group)
    return told(_Column(values, taken, frame, header)) if told else []


class _Column(NamedTuple):
    """A column under an ambiguous header, and what the others are."""

    values: Sequence[str]
    taken: Mapping[str, str]
    frame: pd.DataFrame
    header: str

    def has(self, *fields: str) -> bool:
        return any(field in self.taken for field in fields)


def _name(column: _Column) -> list[str]:
    if share(column.values, judging.is_wordy) < MOST:
        return []
    first, last = column.has("first_name"), column.has("last_name", "last_or_company")
    if first and last:
        return ["full_name"] if _holds_surname(column) else []
    if first or last:
        return ["last_name" if first else "first_name"]
    if not column.has("company") and (column.has("full_name") or _are_companies(column.values)):
        return ["company"]
    return ["full_name"]


def _holds_surname(column: _Column) -> bool:
    surname = column.taken.get("last_name", "")
    return bool(surname) and _holds(column.frame[column.header], column.frame[surname])


def _are_companies(values: Sequence[str]) -> bool:
    if not values:
        return False
    from xlcrm.names.column import split_names

    return bool((split_names(pd.Series(values, dtype="str"))["kind"] == "company").mean() >= MOST)


def _is_house_number(values: Sequence[str], taken: Mapping[str, str], frame: pd.DataFrame) -> bool:
    """Numbers beside a street that has none itself; 1, 2, 3 and on only number the rows."""
    if "street" not in taken or "house_number" in taken or not values:
        return False
    streets = judging.sample(frame[taken["street"]])
    counted = list(values) == [str(number) for number in range(1, len(values) + 1)]
    short = share(values, lambda v: v[:1].isdigit() and len(v) <= 6) >= 0.9
    return short and not counted and share(streets, lambda v: not v[-1:].isdigit()) >= 0.8


def _hint(header: str) -> str:
    """What stands in brackets, as a field: "Cliente (ragione sociale)" is a company."""
    inside = re.findall(r"[(\[]([^)\]]+)[)\]]", header)
    found = [r.field for text in inside for r in header_words.readings("Clients", text)]
    return found[0] if found else ""


def _customer(column: _Column) -> list[str]:
    values = column.values
    if _hint(column.header) == "company" and not column.has("company"):
        return ["company"]
    if values and share(values, judging.is_code) >= 0.9 and share(values, judging.has_figure) >= MOST:
        return [] if column.has("client_id") else ["client_id"]
    if share(values, judging.is_wordy) < MOST:
        return []
    contact = column.has("full_name") or (column.has("first_name") and column.has("last_name"))
    if contact:
        return [] if column.has("company") else ["company"]
    return ["full_name"]


def _contact(column: _Column) -> list[str]:
    values = column.values
    if values and share(values, lambda v: judging.EMAIL.fullmatch(v)) >= 0.9:
        return ["email"]
    if values and share(values, judging.is_wordy) >= 0.9 and share(values, lambda v: " " in v) >= MOST:
        return ["full_name"]
    return []


def _title(column: _Column) -> list[str]:
    """Courtesy, a job, or what an account is called: "Título" over firms, where nothing else names every row."""
    if not column.values:
        return ["job_title"] if column.has("title") else ["title"]
    courtesy = share(column.values, judging.is_courtesy)
    if courtesy >= MOST and not column.has("title"):
        return ["title"]
    if courtesy > 0.2 or share(column.values, judging.is_wordy) < MOST:
        return []
    if _names_rows(column):
        return ["client_name"]
    return [] if column.has("job_title") else ["job_title"]


def _names_rows(column: _Column) -> bool:
    """All different, a firm among them, and no other column has a name for every row."""
    named = any(_is_full(column.frame[column.taken[f]]) for f in _NAMED & set(column.taken))
    firms = any(map(firm_words.is_firm, column.values))
    return firms and not named and len(set(column.values)) == len(column.values)


def _is_full(column: pd.Series[str]) -> bool:
    return bool((column.astype(str).str.strip() != "").all())


def _state(column: _Column) -> list[str]:
    """A stage, a mail status, a country or a region, whichever most of the values are; the header's own word last."""
    own = words.column_of("Clients", column.header) == "status"
    if not column.values:
        return ["status"] if own else []
    for field, test in _STATES.items():
        if share(column.values, test) >= MOST:
            return [field]
    sure = own and header_words.key(column.header) not in DOUBLE
    return ["status"] if sure and judging.fits("Clients", "status", column.values) else []


def _kind(column: _Column) -> list[str]:
    told = column.values and share(column.values, lambda v: choice_of("kind", v)) >= MOST
    return ["kind"] if told else []


def _number(column: _Column) -> list[str]:
    return ["house_number"] if _is_house_number(column.values, column.taken, column.frame) else []


def _id(column: _Column) -> list[str]:
    return ["client_id"] if not column.has("client_id") and _is_key(column.frame[column.header]) else []


_NAMED = frozenset({"full_name", "last_name", "first_name", "company", "client_name", "last_or_company"})
_GROUPS: dict[str, Callable[[_Column], list[str]]] = {
    "name": _name, "customer": _customer, "contact": _contact, "title": _title, "state": _state, "kind": _kind,
    "number": _number, "id": _id,
}  # fmt: skip


@cache
def _regions() -> frozenset[str]:
    """Names and codes of the regions of countries whose word for them may stand in such a header."""
    countries = "IT ES MX AR CL CO PE VE UY PT BR US CA AU DE AT CH FR NO SE DK NL BE GB IE".split()
    return frozenset(fold(name) for country in countries for name in regions.names(country))


_STATES: dict[str, Callable[[str], object]] = {
    "status": lambda text: choice_of("status", text),
    "mail_status": lambda text: consent.says(text) in {"out", "wait"} or consent.are_mail_states([text]),
    "country": judging.is_country,
    "region": lambda text: fold(text) in _regions(),
}


def _is_key(column: pd.Series[str]) -> bool:
    """Nearly every cell filled and all different: a column that names the rows, but for those still without a name."""
    values = judging.sample(column)
    if not values or share(values, lambda v: len(v) <= 40 and not judging.EMAIL.search(v)) < 1:
        return False
    filled = column.dropna()
    filled = filled[filled.astype(str).str.strip() != ""]
    return len(filled) >= MOST_NAMED * len(column) and not filled.duplicated().any()


def _holds(whole: pd.Series[str], part: pd.Series[str]) -> bool:
    pairs = [(fold(str(a)), fold(str(b))) for a, b in zip(whole, part, strict=True) if a and b]
    return bool(pairs) and sum(b in a for a, b in pairs) / len(pairs) >= MOST
