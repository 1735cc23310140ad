"""Provinces, states and counties, so that "MI", "(SR)" and "Baden-Württemberg" are told from towns and checked."""

from __future__ import annotations

import re
from functools import cache

from xlcrm.addresses import tables


@cache
def names(country: str) -> dict[str, str]:
    """Region names and codes of a country in small letters -> the ISO 3166-2 code without country, "" if unknown."""
    known: dict[str, str] = {}
    for file in ("regions.csv", "regions_more.csv"):
        for row in tables.by_country(file).get(country, []):
            for name in (*row["names"].split("|"), row["code"]):
                known.setdefault(name.casefold().strip(" ."), row["code"])
    if country in ("US", "CA"):
        for code in set(known.values()) - {"NE"}:  # "N.E." is a direction
            known.setdefault(".".join(code).casefold(), code)
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
    if " ".join(words).casefold().strip(" .()") in names(country):
        return True
    if len(words) < 2 or country in ("IT", "ES", "FR", "DE", "US") or words[-1][0].isdigit():
        return False
    return not _KINDS_OF_REGION.isdisjoint((words[0].casefold(), words[-1].casefold()))


def cut(words: list[str], country: str, beside: bool = False) -> tuple[list[str], str]:
    """A line parted into what stands before a region at its end, and the region as typed, without brackets.

    A code counts where it is in capitals or brackets, fills the line, or the whole line is in small letters; `beside`
    drops that condition, for one that stands right before the postal code.
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
            if size == len(words):
                return [], text.strip("()")
            if _is_apart(words, size, country, beside):
                return words[:-size], text.strip("()")
    return words, ""


def _is_apart(words: list[str], size: int, country: str, beside: bool) -> bool:
    """Whether the last words, a region's name or code, can be one behind a town in the same line."""
    bare = " ".join(words[-size:]).strip("().")
    states = country in ("US", "CA", "AU")
    if len(bare) > 3:
        return size < 5 and (bare.endswith(".") or beside or states or country in ("MX", "IN", "BR", "CN"))
    if beside or bare.isupper() or words[0].islower() or words[-size - 1].islower():
        return True
    return states and bare[:1].isupper()


@cache
def _last_words(country: str) -> frozenset[str]:
    return frozenset(name.split()[-1].strip(".,()") for name in names(country))
