"""Households: persons with one address in one country, who may get one letter together; and its names on the envelope.

A household is read from the address alone. Firms, families typed as one client and people at a firm's address are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.addresses.countries import country_code
from xlcrm.salutations.addressee import Addressee
from xlcrm.salutations.letter_language import letter_language
from xlcrm.salutations.salutation import joint_name, salute
from xlcrm.text import fold
from xlcrm.values import as_flag, as_text

ADDRESS = ("street", "house_number", "unit", "po_box", "address_extra", "postal_code", "city", "region")
_OF_ADDRESSEE = (
    "salutation title full_name first_name last_name gender company kind household_kind language status".split()
)


def household_key(row: Mapping[str, Any], country: str) -> str:
    """What the members of a household have in common: address and country, folded; "" for who is in none.

    `row` has the columns of an address and those that tell a person from a firm, as text; `country` is the code of
    those whose country is blank.
    """
    if not _may_live(row):
        return ""
    lines = "\n".join(str(row.get(column) or "") for column in ADDRESS)
    return f"{country_code(str(row.get('country') or '')) or country} {fold(lines)}"


def _may_live(row: Mapping[str, Any]) -> bool:
    """Whether this is one person with an address, and no firm's."""
    kind = words.choice("kind", str(row.get("kind") or ""))
    named = row.get("first_name") or row.get("last_name")
    placed = row.get("city") and (row.get("street") or row.get("po_box"))
    return bool(kind in ("person", "") and not row.get("company") and named and placed)


def letter_columns(clients: pd.DataFrame, *, country: str, language: str) -> pd.DataFrame:
    """The calculated columns letter_salutation and letter_household, a row for each of Clients (same index).

    letter_salutation  how a formal letter to this client begins, in the client's language, else `language`
    letter_household   the name on the envelope; those of a household together, without who wants no post or is a
                       former client. Who refused, and whoever is in no household, has the own name.
    A row without any name has blanks.
    """
    rows = _rows(clients)
    people = [Addressee.of(row) for row in rows]
    languages = [letter_language(str(row["language"]), language) for row in rows]
    greetings = [_greeting(person, spoken) for person, spoken in zip(people, languages, strict=True)]
    keys = [_key(row, country) for row in rows]
    together: dict[str, list[Addressee]] = {}
    for key, person in zip(keys, people, strict=True):
        together.setdefault(key, []).append(person)
    names = [
        joint_name(together[key], spoken) if key and len(together[key]) > 1 else envelope_name(row)
        for key, row, spoken in zip(keys, rows, languages, strict=True)
    ]
    made = {"letter_salutation": greetings, "letter_household": names}
    return pd.DataFrame(made, index=clients.index, dtype="str")


def _greeting(person: Addressee, language: str) -> str:
    """How a letter to somebody begins; "" for a row without any name."""
    named = person.name or person.company or person.last_name or person.typed
    return salute(person, language) if named else ""


def _key(row: Mapping[str, Any], country: str) -> str:
    """The household's key; "" for a former client and who wants no post."""
    left = row["refused"] or words.choice("status", str(row["status"])) == "former"
    return "" if left else household_key(row, country)


def envelope_name(row: Mapping[str, Any]) -> str:
    """Title, first and last name; the whole name as typed where it is not split; else the company."""
    if row.get("first_name") or row.get("last_name"):
        return " ".join(str(row[part]) for part in ("title", "first_name", "last_name") if row.get(part))
    return str(row.get("full_name") or row.get("company") or "")


def _rows(clients: pd.DataFrame) -> Sequence[dict[str, Any]]:
    """The cells that are needed as text, columns that lack as blanks; and whether a client `refused` post."""
    wanted = (*_OF_ADDRESSEE, *ADDRESS, "country")
    blank = pd.Series("", index=clients.index, dtype="str")
    made = {name: as_text(clients[name]).str.strip() if name in clients else blank for name in wanted}
    flags = as_flag(clients["opt_out_post"]) if "opt_out_post" in clients else pd.Series(False, index=clients.index)
    cells = zip(*(made[name].to_list() for name in wanted), flags.to_list(), strict=True)
    return [dict(zip((*wanted, "refused"), row, strict=True)) for row in cells]
