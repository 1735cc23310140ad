"""Draft of one address while it is being read: every step adds parts to it and nothing gets lost."""

from __future__ import annotations

import re

from xlcrm.addresses.address import Address

# Names typed in capitals, given back in the usual case; codes and Roman numbers stay.

_SMALL = frozenset(
    "di de del dell della dello dei degli delle da dal dall dalla al all alla e in nell sull du des d l la le les el"
    " los las y von vom van der den dem am an im zu zum zur und og i på av do das dos et aux au sur sous the of and on"
    " upon".split()
)
_SMALL_ENGLISH = frozenset("of the and on upon".split())
_ENGLISH = frozenset(("GB", "US", "IE", "AU", "CA"))
_KEPT = re.compile(r"[IVXLC]{2,}|[NS][EWO]|PO|P\.O\.|BP|CS|CP|C\.P\.|US|II+|[^aeiouyAEIOUY\W\d_]{2,3}|\w*\d\w*")
_WORDS = re.compile(r"[^\W_]+")


def repaired(text: str, country: str = "") -> str:
    """Text in capitals as a name is written ("VIA DEI MILLE" -> "Via dei Mille"); other text stays as it is."""
    if text.upper() != text:
        return text
    small = _SMALL_ENGLISH if country in _ENGLISH else _SMALL
    first = _WORDS.search(text)
    begin = first.start() if first else 0
    return _WORDS.sub(
        lambda match: _in_usual_case(match[0], text[: match.start()], match.start() == begin, small), text
    )


def _in_usual_case(word: str, before: str, begins: bool, small: frozenset[str]) -> str:
    """One word in capitals in its usual case; `before` is the text in front, `small` the words without capital."""
    low = word.lower()
    after_apostrophe = before[-1:] in ("'", "’")
    if not begins and low in (_SMALL_ENGLISH if after_apostrophe else small):
        return low
    if _KEPT.fullmatch(word) and (len(word) > 3 or low not in _ABBREVIATIONS):
        return low if word[0].isdigit() else word
    return low if after_apostrophe and len(word) == 1 else _capitalized(word)


def _capitalized(word: str) -> str:
    scottish = word.startswith("MC") and len(word) > 4
    return f"Mc{word[2:].capitalize()}" if scottish else word.capitalize()


_ABBREVIATIONS = frozenset(
    "st rd dr ln ct pl blvd hwy pkwy sq str gt vn vg pza pzza ctra bd bld ch rte sr jr mt ft fl".split()
)


class Draft:
    """Fields as lists of pieces of text; `finish` joins them."""

    __slots__ = (
        "city",
        "code",
        "country",
        "district",
        "name",
        "number",
        "other",
        "po_box",
        "reason",
        "region",
        "remainder",
        "street",
        "unit",
    )

    def __init__(self, country: str) -> None:
        self.country = country
        self.code = self.city = self.region = self.number = self.po_box = self.reason = self.other = ""
        self.name: list[str] = []
        self.street: list[str] = []
        self.unit: list[str] = []
        self.district: list[str] = []
        self.remainder: list[str] = []

    def doubt(self, reason: str, other: str = "") -> None:
        """Marks the address as unsure; the first reason stays."""
        if not self.reason:
            self.reason, self.other = reason, other

    def finish(self, capitals: bool) -> Address:
        """The address; where all of it was typed in capitals, the case of names is repaired."""
        if self.remainder:
            self.doubt("address.remainder")
        street, city = ", ".join(self.street), self.city
        name, district = ", ".join(self.name), ", ".join(self.district)
        unit, region, po_box = ", ".join(self.unit), self.region, self.po_box
        if capitals:
            language = self.country
            street, city, name = repaired(street, language), repaired(city, language), repaired(name, language)
            district, po_box = repaired(district, language), repaired(po_box, language)
            region = region if len(region) < 4 else repaired(region, language)
        fields = (
            street.strip(" ,-–"),
            self.number,
            unit,
            po_box,
            self.code,
            city.strip(" ,"),
            region,
            self.country,
            not self.reason,
            self.reason,
            self.other,
            name,
            district,
            ", ".join(self.remainder),
        )
        return tuple.__new__(Address, fields)
