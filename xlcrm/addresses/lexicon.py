"""Address lexicon by country: street types, floors and flats, PO boxes, hamlets, legal forms."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from xlcrm.addresses import countries

# STREET stands in front of a street's name ("via", "rue"), STREET_END behind it ("gate", "Road"); UNIT in front of a
# flat's number ("int.", "Apt"), UNIT_END behind it ("OG", "floor"); NUMBER announces a house number ("n.", "nr"), NONE
# says that there is none ("snc", "s/n"); CARE names who takes the post ("c/o"); DISTRICT a hamlet or an estate; HIGHWAY
# comes before a road's number; PARTICLE joins names ("de", "van"); ORDINAL is a floor in letters; BIS follows a number;
# COMPANY is the legal form that ends a company's name ("Srl", "GmbH")
STREET, STREET_END, UNIT, UNIT_END, PO_BOX, NUMBER, NONE, CARE = (1 << n for n in range(8))
DISTRICT, DIRECTION, HIGHWAY, MONTH, PARTICLE, ORDINAL, BIS, COMPANY = (1 << n for n in range(8, 16))
_KINDS = {
    "street": STREET,
    "streetend": STREET_END,
    "unit": UNIT,
    "unitend": UNIT_END,
    "pobox": PO_BOX,
    "number": NUMBER,
    "none": NONE,
    "care": CARE,
    "district": DISTRICT,
    "direction": DIRECTION,
    "highway": HIGHWAY,
    "month": MONTH,
    "particle": PARTICLE,
    "ordinal": ORDINAL,
    "bis": BIS,
    "company": COMPANY,
}
SIX = ("it", "es", "nb", "fr", "de", "en")
# languages that are written beside the official ones, and those whose words stand in for one that has no list
_BESIDE = {
    "ES": "ca gl eu",
    "NL": "en",
    "AD": "ca es fr",
    "BR": "pt",
    "SM": "it",
    "VA": "it",
    "FO": "da nb",
    "SJ": "nb",
}
_LIKE = {
    "no": "nb",
    "nn": "nb",
    "sk": "cs",
    "bs": "hr bs",
    "sr": "hr bs",
    "sl": "hr bs",
    "mk": "ru",
    "uk": "ru",
    "be": "ru",
}
_LIKE |= {
    "hr": "hr bs",
    "ms": "id",
    "kk": "ru",
    "ky": "ru",
    "lb": "fr de",
    "ga": "en",
    "cnr": "hr bs",
    "bg": "bg ru",
    "fo": "da",
}
# a letter of the Copenhagen districts; the codes of Korea before 2015; Myanmar since 2021; Montserrat
_CODES = {"DK": r"\d{4}(?: [CKVNSØ]|)", "KR": r"\d{5}|\d{3}-\d{3}", "MM": r"\d{5}|\d{7}", "MS": r"MSR ?\d{4}"}
# words that are something else in one country: "Baggot Street Lower" is a street of Dublin, "# 13-24" a house in Bogotá
_OWN_KINDS = {"IE": {"upper": DIRECTION, "lower": DIRECTION}, "CO": {"#": NUMBER}}
_FIGURES = re.compile(r"[\\d{}()?:,\[\]0-9|]*")  # of a pattern for nothing but digits
# countries that need no words of another language, and languages that make English enough beside them
_OWN_WORDS = frozenset("IT ES FR DE NO AT CH GB US PT SE DK FI BE LU".split())
_WIDE = frozenset(("es", "fr", "pt", "it", "de", "nl"))
_NUMBER_FIRST = frozenset(
    "DZ MA TN SN LU MC PH IN PK LK SG HK MT KE UG TZ NG GH ZA ZW ZM MY TH VN RW BI LB MU SC FJ WS TO".split()
)
_NUMBER_LAST = frozenset("BE CH CM NA CW SX AW".split())


class Lexicon(NamedTuple):
    """What an address of one country is made of.

    words         word in small letters -> the kinds it can be, as bits
    glued         endings of one-word street names ("-straße", "-gata")
    number_first  whether the house number stands before the street
    code_first    whether the postal code stands before the town
    code          pattern of the postal code; of a part of a cell that is nothing else
    code_words    whether a code may be written as two words ("SW1A 2AA", "114 55")
    plain_code    whether codes are nothing but digits, so that a house number may look like one
    spoken        the languages whose words are known here
    """

    country: str
    words: dict[str, int]
    glued: tuple[str, ...]
    number_first: bool
    code_first: bool
    code: re.Pattern[str]
    code_words: bool
    plain_code: bool
    spoken: frozenset[str]


@cache
def of_country(country: str) -> Lexicon:
    """The lexicon of a country code; "" and unknown codes get the words of the six languages together."""
    spoken = countries.languages().get(country, [])
    wanted = _wanted_languages(country, spoken)
    words, glued = _vocabulary(wanted)
    layout, _, code = countries.formats().get(country, ("%A%n%Z %C", "", ""))
    pattern = _exact(_CODES.get(country) or code or r"\d{4,6}")
    return Lexicon(
        country,
        words | _OWN_KINDS.get(country, {}),
        glued,
        _is_number_first(country, spoken),
        "%Z" not in layout or layout.index("%Z") < layout.find("%C"),
        re.compile(rf"(?:[A-Z]{{1,3}}-)?(?:{pattern})", re.IGNORECASE),
        " ?" in pattern or " " in pattern,
        bool(_FIGURES.fullmatch(pattern.replace(" ", ""))),
        frozenset(wanted),
    )


def _wanted_languages(country: str, spoken: list[str]) -> tuple[str, ...]:
    """The languages whose words are known in a country with these official ones, each once."""
    wanted = " ".join(_LIKE.get(language, language) for language in spoken or SIX).split()
    wanted += _BESIDE.get(country, "").split()
    if country not in _OWN_WORDS:
        wanted += ["en"] if set(wanted) & _WIDE else ["en", "fr", "es"]
    return tuple(dict.fromkeys(wanted))


def _is_number_first(country: str, spoken: list[str]) -> bool:
    if country in _NUMBER_LAST:
        return False
    return country in _NUMBER_FIRST or spoken[:1] in (["en"], ["fr"])


@cache
def _vocabulary(languages: tuple[str, ...]) -> tuple[dict[str, int], tuple[str, ...]]:
    words: dict[str, int] = {}
    glued: list[str] = []
    for row in countries.rows("words.csv"):
        if row["language"] not in languages:
            continue
        if row["kind"] == "glued":
            glued += row["words"].split()
        else:
            for word in row["words"].split():
                words[word] = words.get(word, 0) | _KINDS[row["kind"]]
    return words, tuple(glued)


def _exact(pattern: str) -> str:
    """The four further digits of an American code are joined by a dash or nothing; a space starts another word."""
    return pattern.replace(r"(?:[ \-](\d{4}))?", r"(?:-?\d{4})?")
