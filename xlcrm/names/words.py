"""Every word of a column is looked at once and remembered, so that a hundred thousand names cost a dictionary look-up each."""

from __future__ import annotations

import re
from typing import NamedTuple

from xlcrm.names import knowledge
from xlcrm.names.vocabulary import key_of, vocabulary

PLAIN = 0
CAPS, SMALL, INITIAL = 1, 2, 4
SPECIAL = 8  # any word that a name of plain words does not have: a title, a particle, a legal form, a sign
TITLE, SUFFIX, PARTICLE, COMPANY, LEGAL, DIGIT = 16, 32, 64, 128, 256, 512
_KINDS = (
    ("title", TITLE), ("suffix", SUFFIX), ("weak_suffix", SUFFIX), ("generation", SUFFIX), ("particle", PARTICLE), ("company", COMPANY), ("weak_company", COMPANY),
    ("company_head", COMPANY), ("legal", LEGAL), ("legal_front", LEGAL), ("link", SPECIAL), ("and", SPECIAL),
    ("family_word", SPECIAL), ("maiden", SPECIAL), ("care_of", SPECIAL), ("common", SPECIAL), ("remark", SPECIAL),
)  # fmt: skip
_NAME = re.compile(r"[^\W\d_]+(?:['’‘`´\-‐‑][^\W\d_]+)*['’`´]?")
_INITIALS = re.compile(r"[^\W\d_](?:[.\-]{1,2}[^\W\d_]){0,3}\.?")
_CACHE_LIMIT = 200_000


class Word(NamedTuple):
    """A word as typed, how it is looked up, what it may be, and its odds of being a given name."""

    text: str
    key: str
    flags: int
    odds: float


class Words:
    """Looks words up for the languages of one column."""

    def __init__(self, letters: str) -> None:
        self.letters = letters
        self._seen: dict[str, Word] = {}

    def of(self, text: str) -> list[Word]:
        """The words between the spaces of a text."""
        seen = self._seen
        found = []
        for part in text.split():
            word = seen.get(part)
            found.append(word if word is not None else self._look(part))
        return found

    def _look(self, text: str) -> Word:
        key = key_of(text)
        plain = _NAME.fullmatch(text) is not None
        flags = PLAIN if plain else SPECIAL
        if len(key) > 1 or not plain or self._may_be_one_letter_word(key):
            book = vocabulary()
            for kind, flag in _KINDS:
                if key in book.words[kind] or key in book.phrases[kind]:
                    flags |= flag | SPECIAL
            if not flags & COMPANY and has_company_ending(key):
                flags |= COMPANY | SPECIAL
        if is_initials(text):
            flags |= INITIAL
        if any(c.isdigit() for c in key):
            flags |= DIGIT | SPECIAL
        if text.isupper() and not flags & INITIAL:
            flags |= CAPS
        elif text.islower():
            flags |= SMALL
        name = key.strip("'") or key
        if "-" in key and all(part in vocabulary().words["title"] for part in key.split("-")):
            flags |= TITLE | SPECIAL
        word = Word(text, key, flags, knowledge.INITIAL if flags & INITIAL else knowledge.odds_for(name, self.letters))
        if len(self._seen) >= _CACHE_LIMIT:
            self._seen.clear()
        self._seen[text] = word
        return word

    def _may_be_one_letter_word(self, key: str) -> bool:
        """ "M. Dupont", "D. Juan", "Mario e Anna", "Ortega y Gasset": in English a letter is an initial."""
        return key in "vyi" or key not in "aou" and self.letters[:1] != "u" or not key.isascii()


def is_initials(text: str) -> bool:
    """ "J.", "J.B.", "P-H.", "J" and "JP." but not "Jo" or "Al"."""
    return len(text) < 12 and not text.endswith(("ª", "º")) and _INITIALS.fullmatch(text) is not None


def has_company_ending(key: str) -> bool:
    """Compound nouns that only companies and public bodies end in: "Datatilsynet", "Stadtwerke"."""
    return len(key) > 8 and key.endswith(_endings())


def _endings() -> tuple[str, ...]:
    return tuple(ending for ending in vocabulary().words["company_ending"] if len(ending) > 4)
