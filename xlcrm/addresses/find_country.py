"""Find the country that an address names at its end: "ITALIA", "United States 63026", "NO-0364 OSLO, Norge"."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from xlcrm.addresses import countries, places, regions
from xlcrm.addresses.address_text import plain
from xlcrm.addresses.address_words import words_of
from xlcrm.addresses.lexicon import MONTH, PARTICLE, STREET

Lines = list[list[str]]


@cache
def _last_words() -> frozenset[str]:
    return frozenset(name.split()[-1] for name in countries.names())


def take(lines: Lines, country: str) -> tuple[str, Lines]:
    """The code of the country that the address names, "" if none, and the lines without it.

    country  the code that is expected, "" if none: it decides where a name is also a region ("Georgia", "CA")
    """
    last, named = lines[-1][-1], ("", lines)
    end = last.casefold().strip(".()")
    if _ends_a_name(last):
        named = _name_at_end(lines, country)
        if named[0]:
            return named
    if len(end) == 2 and end.isalpha():
        named = _code_at_end(lines, country)
    if not named[0] and end[:1].isdigit():
        named = _name_before_code(lines, country)
    if not named[0] and len(lines) > 2 and _ends_a_name(lines[0][-1]):
        named = _name_on_top(lines, country)
    return named if named[0] else ("", lines)


def _name_at_end(lines: Lines, country: str) -> tuple[str, Lines]:
    last = lines[-1]
    if len(lines) > 2 and (found := _named([*lines[-2], *last], country)):
        return found, lines[:-2]  # "Congo, The Democratic Republic of the"
    found, rest = _at_end(last, country, len(lines))
    return found, [*lines[:-1], rest] if rest else lines[:-1]


def _code_at_end(lines: Lines, country: str) -> tuple[str, Lines]:
    last = lines[-1]
    letters = last[-1].casefold().strip(".()")
    found = _code(last, letters.upper(), country, len(lines))
    return found, [*lines[:-1], last[:-1]] if len(last) > 1 else lines[:-1]


def _name_before_code(lines: Lines, country: str) -> tuple[str, Lines]:
    """The country in front of a postal code at the end: "United States 63026"."""
    last = lines[-1]
    if len(last) > 2 and last[-2] in ("US", "USA") and country in ("US", "") and len(last[-1]) > 4:
        return "US", [*lines[:-1], [*last[:-2], last[-1]]]
    if len(lines) == 1:
        return "", lines
    if len(last) > 1:
        found = _named(last[:-1], country)
        return found, lines if found in _CITY_STATES else [*lines[:-1], last[-1:]]
    return (_named(lines[-2], country) if len(lines) > 2 else ""), [*lines[:-2], last]


def _name_on_top(lines: Lines, country: str) -> tuple[str, Lines]:
    found = _named(lines[0], country)
    return found if country in ("", found) else "", lines[1:]


_CITY_STATES = frozenset(("SG", "MO", "MC"))  # the country before the code is the town as well
# countries whose capital, or whole territory, is a town of the same name
NAMESAKES = _CITY_STATES | {"LU", "KW", "DJ", "SM", "GI", "GT", "PA"}


def town_of_same_name(lines: Lines, country: str) -> str:
    """The country's name as it stands in the address: "L-1611 Luxembourg"; "" where only its code does."""
    words = [word for line in lines for word in line]
    pairs = (words[i : i + size] for size in (1, 2) for i in range(len(words) - size, -1, -1))
    return next((" ".join(pair) for pair in pairs if _named(pair, country) == country and len(pair[0]) > 2), "")


def _ends_a_name(word: str) -> bool:
    """Whether a country's name may end in this word."""
    if word.isascii() and word.isalnum():
        return word.casefold() in _last_words()
    bare, known = (word.casefold() if word.isascii() else plain(word)), _last_words()
    return bare in known or bare.strip(".()") in known


def _named(words: list[str], country: str) -> str:
    """The country that these words together name; not one that is a region of the expected country."""
    return _named_by_all(words, country) if _ends_a_name(words[-1]) else ""


def _named_by_all(words: list[str], country: str) -> str:
    """`_named` where the last word is known to end a name."""
    name = countries.country_key(" ".join(words))
    found = countries.names().get(name, "")
    if found != country and (name in regions.names(country) or (country == "US" and name == "georgia")):
        return ""
    return found


def _at_end(words: list[str], country: str, count: int) -> tuple[str, list[str]]:
    """The country whose name ends a line, one of `count`, and the words before the name."""
    if (found := _named_by_all(words, country)) and not is_nation(words):
        return found, []
    for size in range(min(5, len(words) - 1), 0, -1):
        found = _named_by_all(words[-size:], country)
        if found and not is_nation(words[-size:]):
            told = not _is_part_of_name(words, size, country or found) and _is_told(words, size, found, country, count)
            return (found, words[:-size]) if told else ("", words)
    return "", words


def _is_part_of_name(words: list[str], size: int, country: str) -> bool:
    """Whether the country's name belongs to that of a street or a region: "Via Francia", "Rue de Norvège"."""
    before = words[-size - 1]
    if words_of(country)[before] & (PARTICLE | STREET) or "-" in before[-1:]:
        return True
    return regions.is_region(words[-size - 1 :], country)


def _is_told(words: list[str], size: int, found: str, country: str, count: int) -> bool:
    """Whether enough of an address stands before the country's name in a line, one of `count`."""
    if found == country or count > 1 or any(len(word) > 3 and word[0].isdigit() for word in words[1:]):
        return True
    return not country and len(words) - size > 2


def is_nation(words: list[str]) -> bool:
    """England, Scotland, Wales and Northern Ireland are kept as regions of the United Kingdom."""
    return regions.names("GB").get(plain(" ".join(words)), "") in ("ENG", "SCT", "WLS", "NIR")


_QUARTERS = frozenset(("NE", "SE", "SW", "NW"))  # of a compass: also codes of Niger, Sweden, ...


def _code(words: list[str], letters: str, country: str, count: int) -> str:
    """The country whose two letters end a line, one of `count`."""
    letters = "GB" if letters == "UK" else letters
    if letters not in countries.codes() or letters in _QUARTERS:
        return ""
    region = letters.lower() in regions.names(country or "US")
    if region and letters != country:
        return ""
    if len(words) > 1:
        told = _is_code_behind_words(words, letters, country, count)
    else:
        told = count > 1 and not region and _is_code_alone(words[0], letters, country)
    return letters if told else ""


def _is_code_alone(word: str, letters: str, country: str) -> bool:
    """Whether two letters that fill a line are a country's: the expected one's, or in capitals and no word there."""
    return letters == country or (word.strip(".()").isupper() and not words_of(country)[word])


def _is_code_behind_words(words: list[str], letters: str, country: str, count: int) -> bool:
    """Whether two letters behind other words are a country: behind a number or its name ("United States US")."""
    if not words[-1].isupper() or letters not in ("US", "GB", country):
        return False
    return words[-2][-1].isdigit() or _at_end(words[:-1], letters, count)[0] == letters


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
_SIGN = re.compile(r"\b([A-Z]{1,2}|FIN|SLO)-(\d{3,6}) [^\W_]|(?:^|, )(A|B|CH|D|F|I|NL|S) (\d{4,5}) [^\W\d_]{3}")
_DASH = re.compile(r"-\d")
_CODE_AT_END = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLN-UW-Z]{2}$")
_LIKE_CODE = re.compile(r"\d{3,6}")


class Evidence(NamedTuple):
    """Something in an address that tells its country; `tells` gives the code, or "" where it has nothing to say."""

    why: str
    tells: Callable[[Lines, str], str]


def country(lines: Lines) -> str:
    """The code of the country that everything points to, "" where nothing does or the signs disagree."""
    return tell(lines)[0]


def may_be_signed(lines: Lines, text: str) -> bool:
    """Whether it is worth looking for a sign in front of a postal code: "D-80331", or with a blank "D 80331"."""
    return (
        ("-" in text and bool(_DASH.search(text))) or lines[-1][0] in countries.SIGNS or lines[0][0] in countries.SIGNS
    )


def signed(lines: Lines, expected: str) -> str:
    """The country whose sign stands before the postal code ("S-958 22 Luleå") of an address expected elsewhere.

    A sign that is a region's code there tells nothing: DE is Delaware in America, SA is Salerno in Italy.
    """
    sign = _SIGN.search(", ".join(" ".join(line) for line in lines))
    if not sign or (sign[1] or sign[3]).casefold() in regions.names(expected):
        return ""
    return _of_sign(sign)


def tell(lines: Lines) -> tuple[str, str]:
    """The code of the country and the reason to believe it; "" and "" where nothing tells it."""
    text = ", ".join(" ".join(line) for line in lines)
    found = ((evidence.tells(lines, text), evidence.why) for evidence in EVIDENCE)
    return next((pair for pair in found if pair[0]), ("", ""))


def _by_shape(lines: Lines, text: str) -> str:
    return next((code for code, pattern in _CODES if pattern.search(text)), "")


def _by_state(lines: Lines, text: str) -> str:
    return "US" if _names_state([word for line in lines for word in line]) else ""


def _by_province(lines: Lines, text: str) -> str:
    return next((code for code in ("IT", "ES") if _names_province(lines, code)), "")


def _by_words_and_town(lines: Lines, text: str) -> str:
    """The town's country or the language of the street, where the postal code fits; the town goes first."""
    numbers = _like_codes([word for line in lines for word in line])
    spoken = [language for language in _SIX if _speaks(lines, language)]
    votes = list(dict.fromkeys(_SIX[language] for language in spoken if _has_code(numbers, _SIX[language])))
    town = _town_country(lines)
    if town and _has_code(numbers, town) and (len(votes) != 1 or not _languages(town).isdisjoint(spoken)):
        return town
    return votes[0] if len(votes) == 1 else ""


def _like_codes(words: list[str]) -> list[str]:
    """The words that look like postal codes, without years of dates."""
    kinds = words_of("")
    return [word for i, word in enumerate(words) if _LIKE_CODE.fullmatch(word) and not kinds[words[i - 1]] & MONTH]


def _languages(country: str) -> set[str]:
    return {"nb" if language == "no" else language for language in countries.languages()[country]}


def order_like(lines: Lines) -> str:
    """A country whose order an address follows that can't be placed: "US" for "12 Elm Street", else ""."""
    _, types, _ = _street_words("en")
    for line in lines:
        if line[0][0].isdigit() and any(word.casefold() in types for word in line[2:]):
            return "US"
    return ""


def _by_sign(lines: Lines, text: str) -> str:
    """The sign before the postal code: "D-80331 München"."""
    sign = _SIGN.search(text)
    return _of_sign(sign) if sign else ""


def _of_sign(sign: re.Match[str]) -> str:
    letters, number = filter(None, sign.groups())
    found = countries.country_code(letters)
    return found if found and _begins_code(number, found) else ""


# what tells the country of an address that names none; the first that tells one
EVIDENCE = (
    Evidence("sign", _by_sign),
    Evidence("shape", _by_shape),
    Evidence("british_code", lambda lines, text: "GB" if _CODE_AT_END.search(text.upper()) else ""),
    Evidence("state", _by_state),
    Evidence("nation", lambda lines, text: "GB" if is_nation(lines[-1]) else ""),
    Evidence("province", _by_province),
    Evidence("cedex", lambda lines, text: "FR" if "cedex" in text.casefold() else ""),
    Evidence("words_and_town", _by_words_and_town),
)


def _begins_code(number: str, code: str) -> bool:
    """Whether a number can be a postal code, or the first half of one, of the country: not that of the road "N-340"."""
    return re.match(countries.formats()[code][2] or r"\d+", f"{number} 00") is not None


def _names_province(lines: Lines, code: str) -> bool:
    """A postal code and the province that it lies in: "20121 Milano MI", "41500 Alcala (Sevilla)"."""
    behind = (line[i:] for line in lines for i in range(len(line) - 2) if len(line[i]) == 5 and line[i].isdigit())
    for words in behind:
        region = regions.cut(words, code)[1]
        if region and regions.postal_code_fits(words[0], code, region):
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
    """The country of the town that ends a line, the last line first."""
    for line in reversed(lines):
        bare = list(filter(_may_name_town, line))
        if bare and (found := places.country_of(" ".join(bare)) or places.country_of(bare[-1])):
            return found
    return ""


def _may_name_town(word: str) -> bool:
    return len(word) > 6 or (word.isalpha() and (len(word) > 3 or not word.isupper()))


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
    """Whether a line has a word for a street of the language where the language puts it."""
    words = ([word.casefold() for word in line if not word[0].isdigit()] for line in lines)
    return any(_has_street_word(line, *_street_words(language)) for line in words if line)


def _has_street_word(words: list[str], first: frozenset[str], behind: frozenset[str], glued: tuple[str, ...]) -> bool:
    if words[0] in first or not behind.isdisjoint(words[1:]):
        return True
    return bool(glued) and any(len(word) > 5 and word.endswith(glued) for word in words)
