"""Words of an address tagged with what each can be, once per distinct word, so that long lists stay fast."""

from __future__ import annotations

import re
from functools import cache

from xlcrm.addresses.address_text import bare, key
from xlcrm.addresses.lexicon import (
    CARE,
    DIRECTION,
    NONE,
    NUMBER,
    PARTICLE,
    PO_BOX,
    STREET,
    STREET_END,
    UNIT,
    UNIT_END,
    Lexicon,
    of_country,
)

DIGIT, HAS_DIGIT, HOUSE, NTH, LETTER, GLUED, CODE = (1 << n for n in range(16, 23))
MOST_WORDS = 200_000  # distinct words remembered for one country before starting afresh

_HOUSE = re.compile(
    r"\d{1,7}(?:[-–/+.\u066b]\d{1,6})*(?:[-/]?[^\W\d_](?:[-/]\d{1,4}|[-/]?[a-z])?)?"  # 12, 12-14, 12/A, 12b/3
    r"|\d{1,6}[-/]?(?:bis|ter|quater)|\d{1,5}/[a-z]{2,3}|\d{1,6}½|\d{1,2}[nsew]\d{2,5}"
    r"|\d{1,5}[a-z][-–]\d{1,5}[a-z]"  # 12a-12b
)
_ODD_HOUSE = re.compile(r"\d{1,5}(?:[-/\\=%&:_!]{1,3}(?:\d{1,4}|[a-z]))+")  # slips of the keyboard: 12=-/a, 10\00\1
_JUNK = "/-–.%&$=!~^\\"
_NTH_ENGLISH = re.compile(r"\d{1,4}(?:st|nd|rd|th)")
_LETTERS = re.compile(r"[a-z](?:[-+&/][a-z])+")  # the flats "C-D"
_NTH = re.compile(r"\d{1,4}(?:st|nd|rd|th|[.]?[ºª°]|er|re|è?me|ème|e|de|:?a|:?e|\.ª|-й|-я)|\d{1,3}\.")
_UNIT_CODES = {
    "nb": re.compile(r"[hulk]\d{4}"),
    "da": re.compile(r"\d{1,2}\.?(?:tv|th|mf|sal)|\d{1,2}\.?-?(?:tv|th)"),
    "es": re.compile(r"\d{1,2}[ºª°]\w{0,4}"),
    "pt": re.compile(r"\d{1,2}[ºª°]\w{0,4}"),
    "GB": re.compile(r"(?:\d|[pgb])f\d"),  # the flats of Edinburgh
    "HK": re.compile(r"\d{1,2}/f"),
    "JP": re.compile(r"b?\d{1,2}f"),
    "KR": re.compile(r"b?\d{1,2}f"),
    "TW": re.compile(r"b?\d{1,2}f\.?"),
}
_GRID = re.compile(r"[nsew]\d{1,5}[nsew]\d{1,5}")
_UNIT_GLUED = re.compile(r"(suite|ste|apt|unit|int|apto|piso|appt|lot|rm|fl)\.?#?\d+\w?")
_PREFIX = re.compile(r"^([^\W\d_]{1,6}[./])(?=[^\W\d_]{2})")
_TRIM = ".,/-–\\+#$^&*%!@=~_"


class WordKinds(dict[str, int]):
    """A word as typed -> its kinds as bits; filled as words are met."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self.country, self.spoken, self.number_first = lexicon.country, lexicon.spoken, lexicon.number_first
        self.code, self.code_first = lexicon.code, lexicon.code_first
        self.code_words, self.plain_code = lexicon.code_words, lexicon.plain_code
        self._known, self._glued = lexicon.words, lexicon.glued
        self._codes = [_UNIT_CODES[key] for key in sorted({*lexicon.spoken, lexicon.country} & set(_UNIT_CODES))]
        self._grid = lexicon.country == "US"
        self._hash = lexicon.country != "CO"  # "Calle 93 # 13-24" in Colombia
        self._nth = _NTH_ENGLISH if lexicon.spoken == {"en"} else _NTH

    def of(self, words: list[str]) -> int:
        """The kinds of all these words together."""
        seen = 0
        for word in words:
            seen |= self[word]
        return seen

    def at(self, words: list[str], at: int) -> int:
        """The kinds of the word at a position; 0 outside of the words."""
        return self[words[at]] if 0 <= at < len(words) else 0

    def is_street(self, words: list[str]) -> bool:
        """Whether a line holds a house number or a word for a street or a unit."""
        last = self[words[-1]]
        if self[words[0]] & (STREET | UNIT) or last & STREET_END:
            return True
        if last & DIRECTION and self.at(words, len(words) - 2) & STREET_END:
            return True
        return bool(self.of(words) & DIGIT)

    def __missing__(self, word: str) -> int:
        small = key(word)
        kinds = self._known.get(small, 0)
        if small.isalpha():
            if len(small) == 1:
                kinds |= LETTER
        else:
            kinds |= self._of_mixed(small, kinds)
        if not kinds & (STREET | STREET_END) and len(small) > 4 and self._glued and small.endswith(self._glued):
            kinds |= STREET_END | GLUED
        if kinds & PARTICLE and word[:1].isupper() and small in ("san", "santa", "in", "e", "i", "y", "a"):
            kinds &= ~PARTICLE
        if len(self) >= MOST_WORDS:
            self.clear()
        self[word] = kinds
        return kinds

    def _of_mixed(self, small: str, kinds: int) -> int:
        """The kinds of a word with digits or punctuation in it."""
        if small.isdecimal():
            return DIGIT | HAS_DIGIT | (HOUSE if len(small) < 8 else 0)
        if not kinds and small.endswith((".", ":")):
            kinds = self._known.get(small[:-1], 0)
        kinds |= self._of_digits(small)
        if self._is_unit_code(small):
            kinds = (kinds | CODE) & ~HOUSE
        elif small[:1] == "#" and len(small) > 1:
            kinds |= self._of_digits(small[1:])
        if _is_letters(small, kinds):
            kinds |= LETTER
        return kinds if kinds & (STREET | STREET_END) else kinds | self._of_prefix(small)

    def _of_prefix(self, small: str) -> int:
        """What an abbreviation makes a word that is glued to it: "v.Verdi", "c/Mayor"."""
        prefix = _PREFIX.match(small)
        found = self._known.get(prefix[1], 0) | self._known.get(prefix[1][:-1], 0) if prefix else 0
        return found & (STREET | PO_BOX | NUMBER | UNIT)

    def _of_digits(self, small: str) -> int:
        """What the digits of a word make it: a house number, a street's number ("5th"), or only a word with some."""
        if not any(map(str.isdigit, small)):
            return 0
        trimmed = small.strip(_TRIM)
        if small[0].isdigit():
            house = HOUSE if _HOUSE.fullmatch(trimmed) or _ODD_HOUSE.fullmatch(trimmed) else 0
            return DIGIT | HAS_DIGIT | house | (NTH if self._nth.fullmatch(small) else 0)
        number = (small[0] in _JUNK and trimmed.isdigit()) or (self._grid and _GRID.fullmatch(small))
        return HAS_DIGIT | (HOUSE | DIGIT if number else 0)

    def _is_unit_code(self, small: str) -> bool:
        """Whether a word is a whole unit: "#5", "apt4", "H0201", "3ºB"."""
        if small[:1] == "#":
            return self._hash
        if _UNIT_GLUED.fullmatch(small):
            return True
        return any(code.fullmatch(small) for code in self._codes)


def _is_letters(small: str, kinds: int) -> bool:
    """Whether a word with punctuation is a letter, or some joined by signs: "b.", "c-d"."""
    single = len(bare(small)) == 1 and small[:1].isalpha()
    return single or (not kinds and _LETTERS.fullmatch(small) is not None)


def is_letter(word: str, kind: int) -> bool:
    """Whether a word is one letter and nothing else, as of a staircase or a door."""
    return bool(kind & LETTER) and len(word) == 1


NOT_TOWN = STREET | UNIT | UNIT_END | PO_BOX | NUMBER | NONE | CARE | DIGIT


@cache
def words_of(country: str) -> WordKinds:
    """The kinds of every word as a country's addresses use it."""
    return WordKinds(of_country(country))
