"""Households: persons with one address in one country, who may get one letter together; and its names on the envelope.

A household is read from the address alone. Firms, families typed as one client and people at a firm's address are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.addresses.countries import country_code
from xlcrm.salutations.addressee import Addressee
from xlcrm.salutations.letter_language import letter_language
from xlcrm.salutations.salutation import joint_name, salute
from xlcrm.tables import KeptBeside
from xlcrm.text import fold
from xlcrm.values import as_flag, as_text

ADDRESS = ("street", "house_number", "unit", "po_box", "address_extra", "postal_code", "city", "region")
_LIVES = ("kind", "company", "first_name", "last_name", "country", *ADDRESS)
_NAMED = ("title", "first_name", "last_name", "full_name", "company")
_GREETED = ("salutation", *Addressee._fields[1:])
_CHOICES = {"gender": "gender", "kind": "kind", "household_kind": "household"}


def household_key(row: Mapping[str, Any], country: str) -> str:
    """What the members of a household have in common: address and country, folded; "" for who is in none.

    `row` has the columns of an address and those that tell a person from a firm, as text; `country` is the code of
    those whose country is blank.
    """
    return _key(country, *(str(row.get(column) or "") for column in _LIVES))


def _key(home: str, kind: str, company: str, first: str, last: str, country: str, *address: str) -> str:
    """The key of one row: of one person with an address, and of no firm."""
    if company or not (first or last) or words.choice("kind", kind) not in ("person", ""):
        return ""
    street, po_box, city = address[0], address[3], address[6]
    if not (city and (street or po_box)):
        return ""
    lines = "\n".join(address)
    return f"{country_code(country) or home} {fold(lines)}"


def letter_columns(
    clients: pd.DataFrame, *, country: str, language: str, beside: KeptBeside | None = None
) -> pd.DataFrame:
    """The calculated columns letter_salutation and letter_household, a row for each of Clients (same index).

    letter_salutation  how a formal letter to this client begins, in the client's language, else `language`
    letter_household   the name on the envelope; those of a household together, without who wants no post or is a
                       former client. Who refused, and whoever is in no household, has the own name.
    A row without any name has blanks. They are taken from `beside` where an earlier run made them of the same cells.
    """
    cells, refused = _cells(clients), _refused(clients)
    make = partial(_made, cells, refused, country, language)
    made = beside.made("letters", (country, language, cells, refused), make) if beside else make()
    return pd.DataFrame(made, index=clients.index, dtype="str")


def _made(cells: Mapping[str, list[str]], refused: list[bool], country: str, language: str) -> dict[str, list[str]]:
    """The columns."""
    people = _people(cells)
    languages = [letter_language(typed, language) for typed in cells["language"]]
    together = _households(cells, refused, country)
    names = [_envelope_name(*row) for row in zip(*(cells[name] for name in _NAMED), strict=True)]
    for members in together:
        found = [people[position] for position in members]
        for position in members:
            names[position] = joint_name(found, languages[position])
    return {"letter_salutation": list(map(_greeting, people, languages)), "letter_household": names}


def _people(cells: Mapping[str, list[str]]) -> list[Addressee]:
    """Whom each row is about."""
    said = {
        name: [words.choice(_CHOICES[name], cell) for cell in cells[name]] if name in _CHOICES else cells[name]
        for name in _GREETED
    }
    return list(map(Addressee, *said.values()))


def _refused(clients: pd.DataFrame) -> list[bool]:
    """Who wants no post."""
    return as_flag(clients["opt_out_post"]).to_list() if "opt_out_post" in clients else [False] * len(clients)


def _households(cells: Mapping[str, list[str]], refused: list[bool], country: str) -> list[list[int]]:
    """The positions of those who live together; nobody who is a former client or wants no post."""
    together: dict[str, list[int]] = {}
    for position, row in enumerate(zip(*(cells[name] for name in _LIVES), strict=True)):
        key = _key(country, *row)
        if key and not refused[position] and words.choice("status", cells["status"][position]) != "former":
            together.setdefault(key, []).append(position)
    return [members for members in together.values() if len(members) > 1]


def _greeting(person: Addressee, language: str) -> str:
    """How a letter to somebody begins; "" for a row without any name."""
    named = person.name or person.company or person.last_name or person.typed
    return salute(person, language) if named else ""


def _envelope_name(title: str, first: str, last: str, full: str, company: str) -> str:
    """Title, first and last name; the whole name as typed where it is not split; else the company."""
    if first or last:
        return " ".join([part for part in (title, first, last) if part])
    return full or company


def _cells(clients: pd.DataFrame) -> dict[str, list[str]]:
    """The columns that are needed as text, those that lack as blanks."""
    wanted = dict.fromkeys((*_GREETED, *_LIVES, *_NAMED, "language", "status"))
    blank = [""] * len(clients)
    return {name: as_text(clients[name]).str.strip().to_list() if name in clients else blank for name in wanted}
