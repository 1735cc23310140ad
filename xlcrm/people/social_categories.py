"""Social categories: the socio-professional groups that a country's statistics office counts by, as words to choose.

They stand in `xlcrm/data/social_categories.csv` with their source. A list is offered, never demanded: any text may be
typed instead.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_OTHERS = {"LI": "DE", "SM": "IT", "MC": "FR"}  # countries that count by a neighbour's list


def social_categories(country: str, language: str = "en") -> tuple[str, ...]:
    """The categories of a country (ISO code) in its own language; elsewhere the European ones in the user's."""
    rows = _rows()
    own = rows.get((_OTHERS.get(country.upper(), country.upper()), ""))
    return own or rows["", language]


@cache
def _rows() -> dict[tuple[str, str], tuple[str, ...]]:
    """(country, "") or ("", language) -> its words in their order."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    path = Path(__file__).parent.parent / "data" / "social_categories.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["country"], "" if row["country"] else row["language"])
            found[key] = (*found.get(key, ()), row["word"])
    return found
