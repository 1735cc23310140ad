"""Tells a name from the address behind it where both were typed into one cell, and says where it can't be told."""

from __future__ import annotations

import re
from typing import NamedTuple

from xlcrm.addresses.split import split_address
from xlcrm.values import is_blank

_BREAK = re.compile(r"\s*(?:[,;|]|\s[-–—/]\s)\s*")
# a word, a point and a capital: a given name may stand in front of the street ("López, Ana. Calle Mayor 3")
_SENTENCE = re.compile(r"[^\W\d]{3,}\.\s+[^\W\d_]")


class Apart(NamedTuple):
    """One cell taken apart. `told` is False where nobody can tell name from address; both are "" then."""

    name: str = ""
    address: str = ""
    told: bool = True


def apart(text: str, country: str = "") -> Apart:
    """The name is the first line, or what stands before the first comma, semicolon or dash; the rest is the address.

    It is told only where the name has no figures, where the rest has a street with its number (or a box) and a postal
    code, and where reading the whole cell as an address finds no other name in it.
    """
    if is_blank(text):
        return Apart()
    name, rest = _cut(text.strip())
    if not rest or re.search(r"\d", name):
        return Apart(told=False)
    address, whole = split_address(rest, country=country), split_address(text, country=country)
    located = bool(address.po_box or (address.street and address.house_number)) and bool(address.postal_code)
    alone = not address.name and not _SENTENCE.search(address.street) and whole.name in ("", name)
    return Apart(name, rest, True) if located and alone and address.sure else Apart(told=False)


def _cut(text: str) -> tuple[str, str]:
    if "\n" in text:
        name, _, rest = text.partition("\n")
        return name.strip().rstrip(","), rest.strip()
    found = _BREAK.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")
