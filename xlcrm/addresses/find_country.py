"""The country that an address names, taken off its end: "ITALIA", "United States 63026", "NO-0364 OSLO, Norge"."""

from __future__ import annotations

from functools import cache

from xlcrm.addresses import countries, regions
from xlcrm.addresses.address_words import words_of
from xlcrm.addresses.lexicon import PARTICLE, STREET

Lines = list[list[str]]


@cache
def _last_words() -> frozenset[str]:
    return frozenset(name.split()[-1] for name in countries.names())


def take(lines: Lines, country: str) -> tuple[str, Lines]:
    """The code of the country that the address names, "" if none, and the lines without it."""
    last = lines[-1]
    end = last[-1].casefold().strip(".()")
    if end in _last_words() or last[-1].casefold() in _last_words():
        found, rest = _at_end(last, country, len(lines))
        if found:
            return found, [*lines[:-1], rest] if rest else lines[:-1]
    if len(end) == 2 and end.isalpha():
        found = _code(last, end.upper(), country, len(lines))
        if found:
            return found, [*lines[:-1], last[:-1]] if len(last) > 1 else lines[:-1]
    if len(lines) > 1 and end[:1].isdigit():
        if len(last) > 1 and (found := _named(last[:-1], country)):
            return found, [*lines[:-1], last[-1:]]
        if len(last) == 1 and len(lines) > 2 and (found := _named(lines[-2], country)):
            return found, [*lines[:-2], last]
    if len(lines) > 2 and (found := _named(lines[0], country)) and country in ("", found):
        return found, lines[1:]
    return "", lines


def _named(words: list[str], country: str) -> str:
    if words[-1].casefold().strip(".()") not in _last_words():
        return ""
    name = " ".join(words).casefold().strip(" .()").replace("’", "'").replace("&", "and")
    found = countries.names().get(name, "")
    return (
        ""
        if found != country and (name in regions.names(country) or (country == "US" and name == "georgia"))
        else found
    )


def _at_end(words: list[str], country: str, count: int) -> tuple[str, list[str]]:
    if (found := _named(words, country)) and not is_nation(words):
        return found, []
    for size in range(min(5, len(words) - 1), 0, -1):
        found = _named(words[-size:], country)
        if not found or is_nation(words[-size:]):
            continue
        before = words[-size - 1]
        kinds = words_of(country or found)[before]
        if kinds & (PARTICLE | STREET) or "-" in before[-1:] or regions.is_region(words[-size - 1 :], country or "US"):
            return "", words
        if found == country or count > 1 or any(len(word) > 3 and word[0].isdigit() for word in words[1:]):
            return found, words[:-size]
        return ("", words) if country or len(words) - size < 3 else (found, words[:-size])
    return "", words


def is_nation(words: list[str]) -> bool:
    """England, Scotland, Wales and Northern Ireland are kept as regions of the United Kingdom."""
    return regions.names("GB").get(" ".join(words).casefold(), "") in ("ENG", "SCT", "WLS", "NIR")


def _code(words: list[str], letters: str, country: str, count: int) -> str:
    if letters == "UK":
        letters = "GB"
    if (
        letters not in countries.codes()
        or letters in ("NE", "SE", "SW", "NW")
        or (letters.lower() in regions.names(country or "US") and letters != country)
    ):
        return ""
    if len(words) == 1:
        if letters != country and (not words[0].strip(".()").isupper() or words_of(country)[words[0]]):
            return ""
        return letters if count > 1 and not (letters.lower() in regions.names(country) and letters == country) else ""
    if not words[-1].isupper() or letters not in ("US", "GB", country):
        return ""
    return letters if words[-2][-1].isdigit() or _at_end(words[:-1], letters, count)[0] == letters else ""
