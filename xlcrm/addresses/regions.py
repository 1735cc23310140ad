"""Provinces, states and counties, so that "MI", "(SR)" and "Baden-Württemberg" are told from towns and checked."""

from __future__ import annotations

import re
from functools import cache

from xlcrm.addresses import tables


@cache
def names(country: str) -> dict[str, str]:
    """Region names and codes of a country in small letters -> the ISO 3166-2 code without its country, "" where unknown."""
    known: dict[str, str] = {}
    for file in ("regions.csv", "regions_more.csv"):
        for row in tables.by_country(file).get(country, []):
            for name in (*row["names"].split("|"), row["code"]):
                known.setdefault(name.casefold().strip(" ."), row["code"])
    known.pop("", None)
    return known


@cache
def _patterns(country: str) -> dict[str, re.Pattern[str]]:
    known = names(country)
    begins = {row["code"]: row["postal_codes"] for row in tables.by_country("regions.csv").get(country, [])}
    compiled = {code: re.compile(f"(?:{begin})") for code, begin in begins.items() if begin}
    return {name: compiled[code] for name, code in known.items() if code in compiled}


def postal_code_fits(postal_code: str, country: str, region: str) -> bool | None:
    """Whether a postal code lies in a region (name or code, e.g. "MI", "Sevilla"); None where that is not known.

    The beginnings of postal codes by region are from Google's address metadata; any case, brackets and spaces are fine.
    """
    pattern = _patterns(country.strip().upper()).get(region.strip(" .()").casefold())
    code = re.sub(r"^[A-Z]{1,3}-", "", postal_code.strip().upper())
    if pattern is None or not code:
        return None
    return pattern.match(code) is not None


_KINDS_OF_REGION = frozenset(
    "province region county co. governorate oblast область prefecture provincia departamento".split()
)


def is_region(words: list[str], country: str) -> bool:
    """Whether these words together are a region of the country, by name or code."""
    if len(words) > 5:
        return False
    if len(words) > 1 and country not in ("IT", "ES", "FR", "DE", "US") and not words[-1][0].isdigit():
        if words[-1].casefold() in _KINDS_OF_REGION or words[0].casefold() in _KINDS_OF_REGION:
            return True
    return " ".join(words).casefold().strip(" .()") in names(country)


def cut(words: list[str], country: str, any_case: bool = False) -> tuple[list[str], str]:
    """A line parted into what stands before a region at its end, and the region as typed, without brackets.

    A code counts where it is in capitals or brackets, fills the line, or the whole line is in small letters; `any_case`
    drops that condition, for a code that stands right before the postal code.
    """
    known = names(country)
    last = words[-1]
    if len(words) > 1 and last.casefold() in _KINDS_OF_REGION | {"county"} and is_region(words, country):
        return [], " ".join(words)
    if len(words) == 2 and words[0].casefold() in ("county", "co.") and country in ("IE", "GB"):
        return [], " ".join(words)
    if last[-1] == ")":
        start = next((i for i in range(len(words) - 1, -1, -1) if words[i][0] == "("), -1)
        if start > 0 and " ".join(words[start:]).strip("()").casefold() in known:
            return words[:start], " ".join(words[start:]).strip("()")
    if last.casefold().strip(".,()") not in _last_words(country):
        return words, ""
    for size in range(min(5, len(words)), 0, -1):
        text = " ".join(words[-size:])
        if text.casefold().strip(" .()") in known:
            bare = text.strip("().")
            if (
                size < len(words)
                and len(bare) < 4
                and not any_case
                and not (bare.isupper() or words[0].islower() or words[-size - 1].islower())
            ):
                if country not in ("US", "CA", "AU") or not bare[:1].isupper():
                    continue
            if size == len(words) or (size < 5 and _apart(words, size, bare, country)):
                return words[:-size], text.strip("()")
    return words, ""


def _apart(words: list[str], size: int, bare: str, country: str) -> bool:
    """Whether a region may follow the town in the same line: codes may, names only where towns are written so."""
    return len(bare) < 4 or bare.endswith(".") or country in ("US", "CA", "AU", "MX", "IN", "BR", "CN")


@cache
def _last_words(country: str) -> frozenset[str]:
    return frozenset(name.split()[-1].strip(".,()") for name in names(country))
