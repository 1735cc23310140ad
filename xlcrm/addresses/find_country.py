"""Find the country that an address names at its end: "ITALIA", "United States 63026", "NO-0364 OSLO, Norge"."""

from __future__ import annotations

import re
from functools import cache

from xlcrm.addresses import countries, places, regions
from xlcrm.addresses.address_text import plain
from xlcrm.addresses.address_words import words_of
from xlcrm.addresses.lexicon import MONTH, PARTICLE, STREET

Lines = list[list[str]]


@cache
def _last_words() -> frozenset[str]:
    return frozenset(name.split()[-1] for name in countries.names())


def take(lines: Lines, country: str) -> tuple[str, Lines]:
    """The code of the country that the address names, "" if none, and the lines without it."""
    last = lines[-1]
    end = last[-1].casefold().strip(".()")
    if _ends_a_name(last[-1]):
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


def _ends_a_name(word: str) -> bool:
    """Whether a country's name may end in this word."""
    bare = plain(word)
    return bare.strip(".()") in _last_words() or bare in _last_words()


def _named(words: list[str], country: str) -> str:
    if not _ends_a_name(words[-1]):
        return ""
    name = countries.country_key(" ".join(words))
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
    return regions.names("GB").get(plain(" ".join(words)), "") in ("ENG", "SCT", "WLS", "NIR")


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


# The country of an address that names none: told by its postal code, its province, its words or its town.

_SIX = {"it": "IT", "es": "ES", "fr": "FR", "de": "DE", "nb": "NO", "ca": "ES"}
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
_SIGN = re.compile(r"\b([A-Z]{1,2}|FIN|SLO)-(\d{3,6}) [^\W_]")
_CODE_AT_END = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLN-UW-Z]{2}$")
_LIKE_CODE = re.compile(r"\d{3,6}")


def country(lines: Lines) -> str:
    """The code of the country that everything points to, "" where nothing does or the signs disagree."""
    text = ", ".join(" ".join(line) for line in lines)
    if (sign := _SIGN.search(text)) and (found := countries.country_code(sign[1])) and _begins_code(sign[2], found):
        return found
    for code, pattern in _CODES:
        if pattern.search(text):
            return code
    if _CODE_AT_END.search(text.upper()):
        return "GB"
    if _names_state([word for line in lines for word in line]):
        return "US"
    if is_nation(lines[-1]):
        return "GB"
    for code in ("IT", "ES"):
        if _names_province(lines, code):
            return code
    if "cedex" in text.casefold():
        return "FR"
    words = [word for line in lines for word in line]
    numbers = [w for i, w in enumerate(words) if _LIKE_CODE.fullmatch(w) and not words_of("")[words[i - 1]] & MONTH]
    spoken = [language for language in _SIX if _speaks(lines, language)]
    votes = list(dict.fromkeys(_SIX[language] for language in spoken if _has_code(numbers, _SIX[language])))
    town = _town_country(lines)
    if town and _has_code(numbers, town):
        of_town = {"nb" if language == "no" else language for language in countries.languages()[town]}
        if len(votes) != 1 or not of_town.isdisjoint(spoken):
            return town
    return votes[0] if len(votes) == 1 else ""


def order_like(lines: Lines) -> str:
    """A country whose order an address follows that can't be placed: "US" for "12 Elm Street", else ""."""
    _, types, _ = _street_words("en")
    for line in lines:
        if line[0][0].isdigit() and any(word.casefold() in types for word in line[2:]):
            return "US"
    return ""


def _begins_code(number: str, code: str) -> bool:
    """Whether a number can be a postal code, or the first half of one, of the country: not that of the road "N-340"."""
    return re.match(countries.formats()[code][2] or r"\d+", f"{number} 00") is not None


def _names_province(lines: Lines, code: str) -> bool:
    """A postal code and the province that it lies in: "20121 Milano MI", "41500 Alcala (Sevilla)"."""
    for line in lines:
        for i in range(len(line) - 2):
            if len(line[i]) == 5 and line[i].isdigit():
                region = regions.cut(line[i:], code)[1]
                if region and regions.postal_code_fits(line[i], code, region):
                    return True
    return False


def _names_state(words: list[str]) -> bool:
    """An American state with a ZIP code of its own behind it, in letters of any size: "springfield il 62701"."""
    code = words[-1][:5]
    if not re.fullmatch(r"\d{5}(?:-\d{4})?", words[-1]):
        return False
    for size in (1, 2):
        state = words[-1 - size : -1]
        if len(words) > size + 1 and regions.is_region(state, "US"):
            return bool(regions.postal_code_fits(code, "US", " ".join(state)))
    return False


def _has_code(numbers: list[str], code: str) -> bool:
    """Whether one of the numbers looks like a postal code of the country, or there is none to look at."""
    pattern = countries.formats().get(code, ("", "", ""))[2]
    return not numbers or not pattern or any(re.fullmatch(pattern, number) for number in numbers)


def _town_country(lines: Lines) -> str:
    for line in reversed(lines):
        bare = [word for word in line if (word.isalpha() and (len(word) > 3 or not word.isupper())) or len(word) > 6]
        if bare and (found := places.country_of(" ".join(bare)) or places.country_of(bare[-1])):
            return found
    return ""


@cache
def _street_words(language: str) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """Words in front of a street's name, behind it, and endings of one-word names."""
    found = dict.fromkeys(("street", "district", "streetend", "glued"), "")
    for row in countries.rows("words.csv"):
        if row["language"] == language and row["kind"] in found:
            found[row["kind"]] = row["words"]
    first = frozenset(f"{found['street']} {found['district']}".split())
    return first, frozenset(found["streetend"].split()), tuple(found["glued"].split())


def _speaks(lines: Lines, language: str) -> bool:
    first, behind, glued = _street_words(language)
    for line in lines:
        words = [word.casefold() for word in line if not word[0].isdigit()]
        if not words:
            continue
        if words[0] in first or any(word in behind for word in words[1:]):
            return True
        if glued and any(len(word) > 5 and word.endswith(glued) for word in words):
            return True
    return False
