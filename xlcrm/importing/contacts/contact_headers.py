"""Headers of contact lists: whose a column is, the firm's or that of its first, second or third contact person.

The words stand in `xlcrm/data/importing/contact_words.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from xlcrm.importing import header_words
from xlcrm.importing.word_tables import rows_of, words_of
from xlcrm.text import fold

# Fields of People that a column of a contact may hold.
NAMES = ("full_name", "first_name", "last_name")
OF_CONTACT = frozenset((*NAMES, "title", "email", "phone", "mobile", "job_title", "birth_date", "gender", "notes"))
NUMBERS = ("first", "second", "third")


class ContactHeader(NamedTuple):
    """What a header says of a contact: which of them (1 the first or the only one) and the field of People."""

    number: int
    field: str


@cache
def contact_header(header: str) -> ContactHeader | None:
    """The contact's field that a header names ("E-mail referente 2", "contactLastName"); None for all other headers."""
    parts = header_words.tokens(header)
    rest = _without(parts, words_of("contact_words", "contact"))
    if rest is None:
        return None
    number, rest = _number(rest)
    field = _field(" ".join(rest))
    return ContactHeader(number, field) if field else None


def _without(parts: Sequence[str], phrases: Iterable[str]) -> list[str] | None:
    """The words of a header without the longest of the phrases that it holds; None where it holds none."""
    for phrase in sorted(phrases, key=len, reverse=True):
        size = len(sought := phrase.split())
        for at in range(len(parts) - size + 1):
            if list(parts[at : at + size]) == sought:
                return [*parts[:at], *parts[at + size :]]
    return None


def _number(parts: Sequence[str]) -> tuple[int, list[str]]:
    for number, kind in enumerate(NUMBERS, 1):
        rest = _without(parts, words_of("contact_words", kind))
        if rest is not None:
            return number, rest
    return 1, list(parts)


def _field(text: str) -> str:
    """The field of what is left of a header; nothing left, or a word for a name, is the whole name."""
    if not text or text in words_of("contact_words", "name"):
        return "full_name"
    found = (reading.field for reading in header_words.readings("Clients", text))
    return next((field for field in found if field in OF_CONTACT), "")


def is_account(header: str) -> bool:
    """True for a firm's name as CRM programs head it beside a contact: "Account Name", "Associated Company"."""
    return _is("account", header)


def is_firm_phone(header: str) -> bool:
    """True for the telephone of the house: "Company Main Phone", "Centralino", "Telefon Zentrale"."""
    return _is("firm_phone", header)


def is_person_id(header: str) -> bool:
    """True for the number of a contact: "Contact ID", "Record ID"."""
    return _is("contact_id", header)


def is_employer(header: str) -> bool:
    """True for the employer of a private person."""
    return _is("employer", header)


def is_no_firm(text: str) -> bool:
    """True for what people write into a column of firms where they have none: "Freelance", "-"."""
    return not fold(text) or fold(text) in words_of("contact_words", "no_firm")


def is_crm(program: str) -> bool:
    """True for a program whose contacts stand beside accounts."""
    return program in {word for row in rows_of("contact_words") if row["kind"] == "program"
                       for word in row["words"].split("|")}  # fmt: skip


def _is(kind: str, header: str) -> bool:
    return " ".join(header_words.tokens(header)) in words_of("contact_words", kind)
