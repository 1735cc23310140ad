"""Words of a name tagged with what each may be, once per distinct word, so that a further row is a look-up."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from xlcrm.names import knowledge
from xlcrm.names.name_text import is_east_asian
from xlcrm.names.vocabulary import key_of, vocabulary

# How a word is typed.
CAPS, SMALL, MIXED, INITIAL, DIGIT = 1, 2, 4, 8, 16
# What it may be. A word with SPECIAL needs a closer look; one without is a name and nothing else (or a particle).
SPECIAL, TITLE, SUFFIX, PARTICLE, COMPANY, LEGAL, AND, ASIDE, CARE_OF = 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192
HINT = 16384  # it may speak for a company
COMMA = 32768  # a name with a comma behind it
ODD = 65536  # it has signs inside that may part it or the cell
_KINDS = {
    "title": TITLE | SPECIAL,
    "suffix": SUFFIX | SPECIAL,
    "weak_suffix": SUFFIX | SPECIAL,
    "generation": SUFFIX | SPECIAL,
    "particle": PARTICLE,
    "company": COMPANY | SPECIAL | HINT,
    "weak_company": COMPANY | SPECIAL | HINT,
    "company_head": COMPANY | SPECIAL | HINT,
    "company_tail": SPECIAL | HINT,
    "company_link": SPECIAL | HINT,
    "common": SPECIAL | HINT,
    "legal": LEGAL | SPECIAL | HINT,
    "legal_front": LEGAL | SPECIAL | HINT,
    "link": SPECIAL,
    "and": AND | SPECIAL,
    "family_word": AND | SPECIAL,
    "family_tail": AND | SPECIAL,
    "maiden": ASIDE | SPECIAL,
    "remark": ASIDE | SPECIAL,
    "care_of": CARE_OF | SPECIAL | HINT,
}
_ONE_LETTER = ("title", "link", "and", "particle", "generation")
_NAME = re.compile(r"[^\W\d_]+(?:['’‘`´\-‐‑][^\W\d_]+)*['’`´]?")
_INITIALS = re.compile(r"[^\W\d_](?:[.\-]{1,2}[^\W\d_]){0,3}\.?")
_SIGN = re.compile(r"[^\w.,;'’‘`´\-‐‑]")
_LAST_SIGNS = {",": COMMA, ".": 0}
_CACHE_LIMIT = 200_000


class Word(NamedTuple):
    """A word as typed, how it is looked up, what it may be, and its log odds of being a given name.

    Several words glued into one name are a Word too: `joined` is then 1 for a particle in it, 2 for a link.
    """

    text: str
    key: str
    flags: int
    odds: float
    joined: int = 0


class NameWords(dict[str, Word]):
    """The words met so far, looked up for the languages of one column when first met."""

    def __init__(self, letters: str) -> None:
        super().__init__()
        self.letters = letters

    def of(self, text: str) -> list[Word]:
        """The words between the spaces of a text."""
        return [self[part] for part in text.split()]

    def __missing__(self, text: str) -> Word:
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        key = key_of(text)
        flags = _typed(text, key) | self._meaning(text, key)
        initial = flags & INITIAL or _is_abbreviated_given(text, key)
        odds = knowledge.INITIAL if initial else knowledge.odds_for(key.strip("'") or key, self.letters)
        word = self[text] = Word(text, key, flags, odds)
        return word

    def _meaning(self, text: str, key: str) -> int:
        plain = _NAME.fullmatch(text) is not None or (len(key) == 1 and is_initials(text))
        flags = 0 if plain else _of_signs(text, key)
        if len(key) > 1 or not plain or self._may_be_one_letter_word(key):
            flags |= _of_key(key)
        if "-" in key:
            flags |= _of_hyphen(key)
        flags |= SPECIAL * is_east_asian(text)
        flags |= (ASIDE | SPECIAL) * (text == "f." and self.letters[:1] == "n")  # "Ingrid Nilsen f. Dahl": født
        return _as_particle(text, key, flags) if plain else flags

    def _may_be_one_letter_word(self, key: str) -> bool:
        """ "M. Dupont", "Mario e Anna", "Ortega y Gasset", "Brian O Sullivan"."""
        return key in "vyio" or (key not in "aou" and self.letters[:1] != "u") or not key.isascii()


def _is_abbreviated_given(text: str, key: str) -> bool:
    """ "Md Abdul Karim", "Wm. Harper"; "MD" is a degree."""
    if key not in vocabulary().words["abbreviated_given"]:
        return False
    return text.endswith(".") or text == "Md"


def _as_particle(text: str, key: str, flags: int) -> int:
    """ "di" and "da" are titles only as "DI" and "Da."; "An" and "De" begin longer ones: "An tUasal"."""
    if text.isupper() or (key in _only_begin_titles() and not text.islower()):
        return flags
    other = not flags & PARTICLE or flags & (SUFFIX | AND | LEGAL | HINT)
    return flags if other else flags & ~(SPECIAL | TITLE)


@cache
def _only_begin_titles() -> frozenset[str]:
    """Words that are no titles themselves: "An" of "An tUasal", "De" of "De heer"."""
    book = vocabulary()
    return frozenset(book.phrases["title"]) - book.words["title"]


def _of_signs(text: str, key: str) -> int:
    """What a word with other signs than letters may be."""
    flags = SPECIAL
    if _SIGN.search(text) or any(c.isdigit() for c in key):
        flags |= HINT
    flags |= _of_last_sign(text)
    return flags if any(c.isalnum() for c in text) else flags | ASIDE


def _of_last_sign(text: str) -> int:
    """ "Rossi," has a comma, "Dr." and "J.R." are abbreviations; other signs may part a word or a cell."""
    if is_initials(text):
        return 0
    return _LAST_SIGNS.get(text[-1:], ODD) if _NAME.fullmatch(text[:-1]) else ODD


def _of_key(key: str) -> int:
    """What the vocabulary says of a word, and its ending."""
    firm = has_company_ending(key) or (key.endswith("'s") and len(key) > 4)
    return _flags_of_keys().get(key, 0) | (COMPANY | SPECIAL | HINT if firm else 0)


def _of_hyphen(key: str) -> int:
    """ "Dipl-Ing" is a title; "Berg-De Vries" has a particle behind its hyphen, "Zhi-Li" has none."""
    words = vocabulary().words
    flags = TITLE | SPECIAL if all(part in words["title"] for part in key.split("-")) else 0
    return flags | PARTICLE if key.rsplit("-", 1)[1] in words["particle"] - words["particle_alone"] else flags


def _typed(text: str, key: str) -> int:
    flags = DIGIT | SPECIAL if any(c.isdigit() for c in key) else 0
    if is_initials(text):
        flags |= INITIAL
    elif text.isupper():
        flags |= CAPS
    else:
        flags |= MIXED
    return flags | SMALL if text.islower() else flags


@cache
def _flags_of_keys() -> dict[str, int]:
    book = vocabulary()
    found: dict[str, int] = {}
    for kind, flags in _KINDS.items():
        for key in (*book.words.get(kind, ()), *book.phrases.get(kind, ())):
            if (kind == "common" and knowledge.is_known(key)) or (len(key) == 1 and kind not in _ONE_LETTER):
                continue  # an ordinary word that is also a name says nothing; a letter is rarely more than an initial
            found[key] = found.get(key, 0) | flags
    return found


def flags_of(words: list[Word]) -> int:
    """What any of the words has."""
    flags = 0
    for word in words:
        flags |= word.flags
    return flags


def is_initials(text: str) -> bool:
    """ "J.", "J.B.", "P-H.", "J" but not "Jo" or "Al", nor the Irish "Ó"."""
    if len(text) > 11 or text in ("Ó", "ó") or text.endswith(("ª", "º")):
        return False
    return _INITIALS.fullmatch(text) is not None


def has_company_ending(key: str) -> bool:
    """Compound nouns that only companies and public bodies end in: "Datatilsynet", "Stadtwerke"."""
    return len(key) > 8 and key.endswith(_endings())


@cache
def _endings() -> tuple[str, ...]:
    return tuple(ending for ending in vocabulary().words["company_ending"] if len(ending) > 4)
