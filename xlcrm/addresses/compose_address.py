"""Compose a mailing label from the fields, in the order in which the country of destination writes an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from xlcrm.addresses import countries, units
from xlcrm.addresses.address import Address
from xlcrm.addresses.address_words import words_of
from xlcrm.addresses.locality import CODE_BEFORE_BOX

_ADJACENT = re.compile(r"(%[A-Z])(?=%[A-Z])")
_PREFIX = re.compile(r"(?:(?<![%A-Z])[A-Z]{1,3}[- ]?|〒)(?=%Z)")  # "CH-": no longer used, and no part of the code
if TYPE_CHECKING:
    import pandas as pd

_OUTER = re.compile(r"^[\s,\-–/]+|[\s,\-–/]+$")
_PIECES = re.compile(r"(%[NOADCSXZ])")
_NUMBER_COMMA = frozenset(("ES", "BR"))


def compose_address(fields: Address | Mapping[str, object] | pd.Series[Any], *, country: str = "") -> list[str]:
    """The lines of a mailing label, from the name or building down to the town; the country itself is not added.

    fields   an `Address`, or any of its columns as a dict or a row of a table; blanks and unknown keys are passed over
    country  ISO 3166-1 alpha-2 code of the destination; by default the field "country"

    Order of the lines and what stands before the town come from Google's address metadata; whether the house number
    stands before the street from the country's language. Countries whose own letters put the town first get the order
    for Latin letters where the fields are in Latin letters. Nothing is put in capitals. Splitting the lines again gives
    the same fields.
    """
    if isinstance(fields, Address):
        fields = fields._asdict()
    value = {name: _text(fields.get(name)) for name in _USED}
    code = (country or _text(fields.get("country"))).upper()
    value |= _box(value, code)
    parts = {
        "%N": value["name"],
        "%O": "",
        "%A": "\n".join(filter(None, [_street(value, code), value["po_box"], value["district"], value["remainder"]])),
        "%D": "",
        "%C": value["city"],
        "%S": _region(value["region"], code),
        "%X": "",
        "%Z": value["postal_code"],
    }
    layout = _layout(code, value["street"] + value["city"], value["city"])
    missing = [key for key in ("%S", "%Z") if key not in layout]
    filled = ["".join([parts.get(piece, piece) for piece in _pieces(line)]) for line in layout.split("%n")]
    lines = [_trimmed(" ".join(line.split())) for text in filled for line in text.split("\n")]
    return list(filter(None, [*lines, *(parts[key] for key in missing)]))


def _trimmed(line: str) -> str:
    """A line without signs in front and behind, which most don't have."""
    return line if line[:1].isalnum() and line[-1:].isalnum() else _OUTER.sub("", line)


def _box(value: Mapping[str, str], country: str) -> dict[str, str]:
    """Box and code, in one where the code stands before the box."""
    if country not in CODE_BEFORE_BOX or not value["po_box"]:
        return {}
    return {"po_box": f"{value['postal_code']} {value['po_box']}".strip(), "postal_code": ""}


def _layout(country: str, text: str, city: str) -> str:
    """The order of a label's lines in a country, for fields whose letters are those of `text`.

    Where the order has the town's own name, as that of Singapore, the town as typed takes its place.
    """
    in_latin = text.isascii() or not any(letter > "\u024f" and letter.isalpha() for letter in text)
    layout = _of_country(country, in_latin)
    if city:
        layout = layout.replace(city.upper(), "%C")
    if "%C" in layout:
        return layout
    return layout.replace("%S", "%C, %S") if "%S" in layout else layout.replace("%A", "%A%n%C")  # regions only


@cache
def _of_country(country: str, in_latin: bool) -> str:
    own, latin, _ = countries.formats().get(country, ("", "", ""))
    layout = _PREFIX.sub("", (latin if in_latin else "") or own or "%N%n%O%n%A%n%Z %C%n%S")
    return _ADJACENT.sub(r"\1 ", layout) if in_latin else layout


@lru_cache(maxsize=1000)
def _pieces(line: str) -> tuple[str, ...]:
    """A line of a layout as its fields and what stands between them."""
    return tuple(_PIECES.split(line))


_USED = ("name", "street", "house_number", "unit", "po_box", "district", "postal_code", "city", "region", "remainder")


def _text(value: object) -> str:
    if type(value) is str:
        return " ".join(value.split())
    text = "" if value is None or value != value else str(value)
    return " ".join(text.split())


def _street(value: Mapping[str, str], country: str) -> str:
    street, number, unit = value["street"], value["house_number"], value["unit"]
    if words_of(country).number_first:
        line = f"{number} {street}".strip()
    else:
        line = f"{street}, {number}" if street and number and country in _NUMBER_COMMA else f"{street} {number}".strip()
    # a comma only before what is known for a unit, so that it is read as one again
    return (
        f"{line}, {unit}".strip(" ,")
        if unit and units.is_unit(unit.split(), words_of(country))
        else f"{line} {unit}".strip()
    )


def _region(region: str, country: str) -> str:
    return f"({region})" if country in ("IT", "ES") and len(region) > 2 else region
