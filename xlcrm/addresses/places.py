"""Names of towns, so that a town is found where nothing parts it from the street."""

from __future__ import annotations

import io
import zipfile
from functools import cache

from xlcrm.addresses.tables import FOLDER
from xlcrm.addresses.text import fold

LONGEST = 6  # words of the longest town name looked for

_DIRECTIONS = {"N": "north", "S": "south", "E": "east", "W": "west"}


@cache
def towns(country: str) -> frozenset[str]:
    """The folded names of a country's towns (GeoNames; France: all communes), empty for an unknown country."""
    return frozenset(_lines(f"{country}.txt"))


@cache
def _world() -> dict[str, str]:
    pairs = (line.split("\t") for line in _lines("world.txt"))
    return {name: country for name, country in pairs}


def _lines(name: str) -> list[str]:
    return _archive().read(name).decode("utf-8").split("\n") if name in _archive().NameToInfo else []


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO((FOLDER / "places.zip").read_bytes()))


def country_of(town: str) -> str:
    """The country that a town's name points to ("Milano" -> IT), "" where it is unknown or several have one."""
    return _world().get(fold(town), "")


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
    return fold(" ".join(words))


def ends_with_town(words: list[str], country: str) -> bool:
    """Whether a known town ends the line, with something in front of it."""
    return bool(town_starts(words, 1, country))
