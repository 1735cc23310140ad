"""Place names: sets of towns by country, so that a town is found where nothing parts it from the street."""

from __future__ import annotations

import gzip
from functools import cache

from xlcrm.addresses.address_text import town_key
from xlcrm.addresses.countries import FOLDER

LONGEST = 6  # words of the longest town name looked for

_DIRECTIONS = {"N": "north", "S": "south", "E": "east", "W": "west"}


@cache
def towns(country: str) -> frozenset[str]:
    """The folded names of a country's towns (GeoNames; France: all communes), empty for an unknown country."""
    return frozenset(_lines().get(country, "").split("|")) - {""}


@cache
def _world() -> dict[str, str]:
    pairs = (entry.partition("=") for entry in _lines()["*"].split("|"))
    return {name: country for name, _, country in pairs}


@cache
def _lines() -> dict[str, str]:
    text = gzip.decompress((FOLDER / "places.txt.gz").read_bytes()).decode("utf-8")
    return {country: names for country, _, names in (line.partition("\t") for line in text.split("\n"))}


def country_of(town: str) -> str:
    """The country that a town's name points to ("Milano" -> IT), "" where it is unknown or several have one."""
    return _world().get(town_key(town), "")


def town_starts(words: list[str], first: int, country: str) -> list[int]:
    """Positions from `first` on where a known town's name begins that runs to the end of the words, longest first."""
    known = towns(country)
    start = max(first, len(words) - LONGEST)
    return [i for i in range(start, len(words)) if _name(words[i:], country) in known]


def is_town(words: list[str], country: str) -> bool:
    """Whether these words together are a known town of the country."""
    return len(words) <= LONGEST and _name(words, country) in towns(country)


def _name(words: list[str], country: str) -> str:
    if len(words[0]) < 3 and country in ("US", "CA") and words[0].strip(".").upper() in _DIRECTIONS and len(words) > 1:
        words = [_DIRECTIONS[words[0].strip(".").upper()], *words[1:]]
    return town_key(" ".join(words))


def ends_with_town(words: list[str], country: str) -> bool:
    """Whether a known town ends the line, with something in front of it."""
    return bool(town_starts(words, 1, country))
