"""Profiles of countries: how many given and family names people have there, and which they write first."""

from __future__ import annotations

from math import log
from typing import NamedTuple


class Profile(NamedTuple):
    """`letters` name the word lists; `given[k-1]` and `family[k-1]` are log shares of people with k names of that kind;
    `given_first` is the log odds of a list that puts given names first, `weight` the rows this is worth."""

    letters: str
    given: tuple[float, ...]
    family: tuple[float, ...]
    given_first: float
    weight: float


def _logs(*shares: float) -> tuple[float, ...]:
    return tuple(log(share) for share in shares)


_ONE = _logs(0.98, 0.015, 0.003, 0.001)
_BASE = {
    "u": (_logs(0.48, 0.48, 0.035, 0.005), _ONE, 3.6, 12.0),
    "n": (_logs(0.55, 0.39, 0.05, 0.01), _logs(0.994, 0.004, 0.001, 0.001), 3.6, 12.0),
    "d": (_logs(0.72, 0.24, 0.035, 0.005), _ONE, 3.0, 8.0),
    "f": (_logs(0.8, 0.18, 0.018, 0.002), _logs(0.94, 0.05, 0.008, 0.002), 2.5, 6.0),
    "i": (_logs(0.72, 0.23, 0.04, 0.01), _logs(0.95, 0.045, 0.004, 0.001), 0.0, 2.0),
    "e": (_logs(0.6, 0.37, 0.025, 0.005), _logs(0.25, 0.72, 0.025, 0.005), 3.0, 8.0),
    "p": (_logs(0.66, 0.31, 0.025, 0.005), _logs(0.4, 0.48, 0.1, 0.02), 3.6, 12.0),
    "l": (_logs(0.75, 0.2, 0.04, 0.01), _ONE, 3.6, 12.0),
    "o": (_logs(0.6, 0.36, 0.035, 0.005), _ONE, 3.0, 8.0),
}
_LETTERS = {
    "u": "US GB UK IE AU NZ CA ZA IN NG KE PK HK SG PH JM MT GH",
    "n": "NO SE DK IS FO GL",
    "no": "FI",
    "d": "DE AT LI",
    "df": "LU",
    "dfi": "CH",
    "f": "FR MC RE GP MQ GF SN CI TN MA DZ",
    "i": "IT SM VA",
    "e": "ES MX CO CL PE VE CR EC BO PY DO CU GT HN NI PA SV PR AD GQ AR UY",
    "p": "PT BR AO MZ CV",
    "l": "NL SR",
    "lf": "BE",
}
# countries where lists are often or always family name first: log odds of given names first
_FAMILY_FIRST = {
    "HU": -2.5,
    "RU": 0.5,
    "UA": 0.5,
    "BY": 0.5,
    "KZ": 0.5,
    "BG": 1.0,
    "CN": -0.5,
    "TW": -0.5,
    "KR": -0.5,
    "JP": 0.0,
    "VN": -1.5,
    "KH": -1.5,
}
_ONE_SURNAME = _logs(0.8, 0.19, 0.008, 0.002)  # Argentina and Uruguay
LANGUAGES = "uiefdnlp"


def profile_of(country: str) -> Profile:
    """The profile of an ISO 3166 alpha-2 code; "" and unknown codes get an average one."""
    code = country.strip().upper()
    letters = next((letters for letters, codes in _LETTERS.items() if code in codes.split()), "") if code else ""
    given, family, first, weight = _BASE[letters[:1] or "o"]
    if code in ("AR", "UY"):
        family = _ONE_SURNAME
    if code in _FAMILY_FIRST:
        return Profile("o", given, family, _FAMILY_FIRST[code], 4.0)
    return Profile(letters or "uo", given, family, first, weight)


def profile_for(letter: str) -> Profile:
    """The profile of a word list's language, for a list whose language was found from its words."""
    given, family, first, weight = _BASE[letter]
    return Profile(letter, given, family, first, weight)
