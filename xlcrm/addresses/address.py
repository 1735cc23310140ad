"""Dataclass Address: the fields of a postal address, shared by splitting, composing and the columns of a table."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """One address in parts. Every text field is "" where the address has no such part.

    street, house_number, unit   unit: flat, floor, staircase, door ("Apt 4B", "3º izq.", "H0201"), as typed
    po_box                       with its word, as typed ("Postboks 12")
    postal_code, city, region    as typed; region: province, state, county
    country                      ISO 3166-1 alpha-2 code: the one in the address, else the one given, else inferred
    sure                         False where two readings are possible
    reason                       key of the sentence that says why, "" when sure
    other                        the second reading as text, "" when there is none
    name                         person, company or building in front of the street, "c/o …"
    district                     hamlet, quarter or industrial estate
    remainder                    what fits no field; nothing of the text is lost
    """

    street: str = ""
    house_number: str = ""
    unit: str = ""
    po_box: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    sure: bool = True
    reason: str = ""
    other: str = ""
    name: str = ""
    district: str = ""
    remainder: str = ""


COLUMNS = Address._fields
