"""Form services (Google Forms, Typeform, SurveyMonkey ...): whose export a list of answers is, and its own columns.

A form's questions are anybody's; what a service adds to them (the moment, its numbers, the sender's IP address) tells
which one it was. They stand in `xlcrm/data/importing/form_services.csv`, a service a block, the first that fits counts:

is             headers that together tell it; "^" before one that has to be the list's first
a field        what the service's column is here; the moment of an answer is the day on which somebody registered
account ...    of who was signed in: the field where somebody was, else the service's own
left           the service's own, no fact about a person that anybody needs; "*" at the end stands for any words
part           words of a second row of headers that say only what kind of answer stands below
dates          the order of day and month, whoever the user is
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache

from xlcrm.importing.word_tables import rows_of

FIRST, ACCOUNT, LEFT = "^", "account ", "left"


def service_of(headers: Iterable[str]) -> str:
    """The service whose export has these headers; "" where none is known."""
    spelt = [_spelling(header) for header in headers]
    marked = {*spelt, *(FIRST + first for first in spelt[:1])}
    told = (row["service"] for row in rows_of("form_services") if row["what"] == "is" and _words(row) <= marked)
    return next(told, "")


def field_of(service: str, header: str) -> str:
    """The column of Clients that a service's own column is; "" for all others, and for what is left out."""
    what = _what(service, header).removeprefix(ACCOUNT)
    return "" if what == LEFT else what


def is_left(service: str, header: str) -> bool:
    """Whether it is the service's own, and nothing of the person who answered."""
    return _what(service, header) == LEFT


def is_account(service: str, header: str) -> bool:
    """Whether it is about who was signed in, if anybody was."""
    return _what(service, header).startswith(ACCOUNT)


def is_kind_of_answer(service: str, text: str) -> bool:
    """Whether a cell below a header says only what kind of answer follows ("Open-Ended Response")."""
    return _spelling(text) in _cells(service, "part")


def has_parts(service: str) -> bool:
    """Whether the service writes a second row of headers, for the parts of a question."""
    return bool(_cells(service, "part"))


def dates(service: str) -> str:
    """How the service writes days whoever its user is: "mdy", "dmy" or ""."""
    return next(iter(_cells(service, "dates")), "")


def names() -> tuple[str, ...]:
    """All known services."""
    return tuple(dict.fromkeys(row["service"] for row in rows_of("form_services")))


def _spelling(header: str) -> str:
    return " ".join(str(header).split()).casefold()


def _words(row: dict[str, str]) -> set[str]:
    return {_spelling(word) for word in row["headers"].split("|")}


@cache
def _cells(service: str, what: str) -> frozenset[str]:
    rows = [row for row in rows_of("form_services") if (row["service"], row["what"]) == (service, what)]
    return frozenset(word for row in rows for word in _words(row))


@cache
def _what(service: str, header: str) -> str:
    spelt = _spelling(header)
    for row in rows_of("form_services") if service else ():
        told = row["service"] == service and row["what"] not in ("is", "part", "dates")
        if told and any(_fits(spelt, word) for word in _words(row)):
            return row["what"]
    return ""


def _fits(spelt: str, word: str) -> bool:
    return fnmatchcase(spelt, word) if word.endswith("*") else spelt == word
