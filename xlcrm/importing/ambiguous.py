"""Ambiguous headers ("Name", "Title", "Stato", "Cliente"), told by their values and neighbours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import pandas as pd

from xlcrm import words
from xlcrm.addresses import regions
from xlcrm.importing import header_words, judging
from xlcrm.importing.cells import consent
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
    if group == "name":
        return _name(values, taken, frame, header)
    if group == "customer":
        return ["company"] if _hint(header) == "company" and "company" not in taken else _customer(values, taken)
    if group == "contact":
        return _contact(values)
    if group == "title":
        return _title(values, taken)
    if group == "state":
        return _state(values, header)
    if group == "kind":
        return ["kind"] if values and share(values, lambda v: choice_of("kind", v)) >= MOST else []
    if group == "number":
        return ["house_number"] if _is_house_number(values, taken, frame) else []
    if group == "id":
        return ["client_id"] if "client_id" not in taken and _is_key(frame[header]) else []
    return []


def _name(values: Sequence[str], taken: Mapping[str, str], frame: pd.DataFrame, header: str) -> list[str]:
    if share(values, judging.is_wordy) < MOST:
        return []
    first, last = "first_name" in taken, "last_name" in taken or "last_or_company" in taken
    if first and not last:
        return ["last_name"]
    if last and not first:
        return ["first_name"]
    if first and last:
        inside = _holds(frame[header], frame[taken["last_name"]]) if "last_name" in taken else False
        return ["full_name"] if inside else []
    if "company" not in taken and ("full_name" in taken or _are_companies(values)):
        return ["company"]
    return ["full_name"]


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


def _customer(values: Sequence[str], taken: Mapping[str, str]) -> list[str]:
    if values and share(values, judging.is_code) >= 0.9 and share(values, judging.has_figure) >= MOST:
        return [] if "client_id" in taken else ["client_id"]
    if share(values, judging.is_wordy) < MOST:
        return []
    contact = ("first_name" in taken and "last_name" in taken) or "full_name" in taken
    if contact:
        return ["company"] if "company" not in taken else []
    return ["full_name"]


def _contact(values: Sequence[str]) -> list[str]:
    if values and share(values, lambda v: judging.EMAIL.fullmatch(v)) >= 0.9:
        return ["email"]
    if values and share(values, judging.is_wordy) >= 0.9 and share(values, lambda v: " " in v) >= MOST:
        return ["full_name"]
    return []


def _title(values: Sequence[str], taken: Mapping[str, str]) -> list[str]:
    if not values:
        return ["job_title"] if "title" in taken else ["title"]
    if share(values, judging.is_courtesy) >= MOST and "title" not in taken:
        return ["title"]
    if share(values, judging.is_courtesy) <= 0.2 and share(values, judging.is_wordy) >= MOST:
        return [] if "job_title" in taken else ["job_title"]
    return []


def _state(values: Sequence[str], header: str) -> list[str]:
    """A stage, a mail status, a country or a region, whichever most of the values are; the header's own word last."""
    if not values:
        return ["status"] if words.column_of("Clients", header) == "status" else []
    for field, test in _STATES.items():
        if share(values, test) >= MOST:
            return [field]
    sure = header_words.key(header) not in DOUBLE and words.column_of("Clients", header) == "status"
    return ["status"] if sure and judging.fits("Clients", "status", values) else []


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
