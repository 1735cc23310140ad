"""The data files behind the address rules, read once and only when first needed."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

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
