"""The country of an address: named at its end, or told by its postal code, its words or its town."""

from __future__ import annotations

import re
from functools import cache

from xlcrm.addresses import countries, places, regions
from xlcrm.addresses.lexicon import PARTICLE, STREET, STREET_END
from xlcrm.addresses.words import words_of

Lines = list[list[str]]
_SIX = {"it": "IT", "es": "ES", "fr": "FR", "de": "DE", "nb": "NO"}
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_CODES = (
    ("GB", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLN-UW-Z]{2}\b")),
    ("CA", re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b")),
    ("NL", re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b(?! ?\d)")),
    ("PT", re.compile(r"\b\d{4}-\d{3}\b")),
    ("PL", re.compile(r"\b\d{2}-\d{3}\b")),
    ("BR", re.compile(r"\b\d{5}-\d{3}\b")),
    ("US", re.compile(rf"\b(?:{_STATES})\.? \d{{5}}(?:-\d{{4}})?\b")),
)
_SIGN = re.compile(r"\b([A-Z]{1,2}|FIN|SLO)-\d{3,6}\b")


@cache
def _last_words() -> frozenset[str]:
    return frozenset(name.split()[-1] for name in countries.names())


def take_country(lines: Lines, country: str) -> tuple[str, Lines]:
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
    if (found := _named(words, country)) and not _is_nation(words):
        return found, []
    for size in range(min(5, len(words) - 1), 0, -1):
        found = _named(words[-size:], country)
        if not found or _is_nation(words[-size:]):
            continue
        before = words[-size - 1]
        kinds = words_of(country or found)[before]
        if kinds & (PARTICLE | STREET) or "-" in before[-1:] or regions.is_region(words[-size - 1 :], country or "US"):
            return "", words
        if found == country or count > 1 or any(len(word) > 3 and word[0].isdigit() for word in words[1:]):
            return found, words[:-size]
        return ("", words) if country or len(words) - size < 3 else (found, words[:-size])
    return "", words


def _is_nation(words: list[str]) -> bool:
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
    return letters if words[-2][-1].isdigit() and words[-1].isupper() and letters in ("US", "GB", country) else ""


def country(lines: Lines) -> str:
    """The country that the postal code, the words for streets or the town point to, "" where they don't or disagree."""
    text = ", ".join(" ".join(line) for line in lines)
    if sign := _SIGN.search(text):
        found = countries.country_code(sign[1]) if len(sign[1]) > 1 else countries.SIGNS.get(sign[1], "")
        if found:
            return found
    for code, pattern in _CODES:
        if pattern.search(text):
            return code
    if lines and _is_nation(lines[-1]):
        return "GB"
    votes = [code for language, code in _SIX.items() if _speaks(lines, language, code)]
    town = ""
    for line in reversed(lines):
        bare = [word for word in line if not any(c.isdigit() for c in word)]
        if bare and (town := places.country_of(" ".join(bare)) or places.country_of(bare[-1])):
            break
    if town and (not votes or town in votes or len(votes) != 1):
        return town
    return votes[0] if len(votes) == 1 else ""


def _speaks(lines: Lines, language: str, code: str) -> bool:
    kinds = words_of(code)
    return any(kinds[line[0]] & STREET or kinds.of(line) & STREET_END for line in lines)
