"""Country names in many languages to ISO codes, so that "Germania", "Allemagne" and "D" all become DE."""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from pathlib import Path

from xlcrm.text import fold_letters

# The data files behind the address rules, read once and only when first needed.

FOLDER = Path(__file__).resolve().parent.parent / "data" / "addresses"


@cache
def rows(name: str) -> list[dict[str, str]]:
    """A CSV file of `xlcrm/data/addresses` as dictionaries."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def by_country(name: str) -> dict[str, list[dict[str, str]]]:
    """The rows of a CSV file with a column country, by country."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows(name):
        found.setdefault(row["country"], []).append(row)
    return found


@cache
def languages() -> dict[str, list[str]]:
    """Country code -> codes of its official languages, the main one first."""
    return {row["country"]: row["languages"].split() for row in rows("countries.csv")}


@cache
def formats() -> dict[str, tuple[str, str, str]]:
    """Country code -> label format, the one in Latin letters where it differs, pattern of its postal codes."""
    return {row["country"]: (row["format"], row["latin_format"], row["postal_code"]) for row in rows("formats.csv")}


# the letters of international vehicle signs, once written before postal codes (D-10115, I-20121)
SIGNS = {
    "A": "AT",
    "B": "BE",
    "D": "DE",
    "E": "ES",
    "F": "FR",
    "FIN": "FI",
    "H": "HU",
    "I": "IT",
    "L": "LU",
    "N": "NO",
    "P": "PT",
    "S": "SE",
    "SLO": "SI",
    "GR": "GR",
    "UA": "UA",
    "CH": "CH",
    "NL": "NL",
}


@cache
def names() -> dict[str, str]:
    """Every known country name in small letters -> ISO 3166-1 alpha-2 code."""
    known: dict[str, str] = {}
    for file in ("countries.csv", "countries_more.csv"):
        for row in rows(file):
            for name in row["names"].split("|"):
                known.setdefault(country_key(name), row["country"])
    return known


@cache
def codes() -> frozenset[str]:
    """The two-letter country codes."""
    return frozenset(languages())


def country_code(text: object) -> str:
    """The ISO 3166-1 alpha-2 code of a country name or code, "" where unknown or blank; never raises.

    Names are known in English, Italian, Spanish, Norwegian, French and German and in the country's own languages
    (Unicode CLDR), with common other ones ("UK", "Holland", "EE.UU."). Case, accents and outer punctuation don't
    matter.
    """
    return _code(text) if isinstance(text, str) else ""


@lru_cache(maxsize=10_000)  # a list says the same few again and again
def _code(text: str) -> str:
    found = names().get(country_key(text))
    if found:
        return found
    letters = text.strip().upper()
    return letters if letters in codes() else SIGNS.get(letters, "")


@lru_cache(maxsize=10_000)
def country_key(name: str) -> str:
    """A country's name for looking it up in `names`: without case, accents and outer punctuation."""
    return fold_letters(name).strip(" .,;()[]").replace("&", "and")
