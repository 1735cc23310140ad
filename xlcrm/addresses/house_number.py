"""What a house number looks like in words: "12", "n. 34", "12 bis", "12 - 14", "1/2", "s/n"."""

from __future__ import annotations

from xlcrm.addresses.address_words import HAS_DIGIT, HOUSE, NTH, Words
from xlcrm.addresses.lexicon import BIS, NONE, NUMBER, STREET

_LINKS = frozenset(("-", "–", "/", "//", "\\", "+", "&"))
_FRACTIONS = frozenset(("1/2", "1/3", "1/4", "3/4", "½"))
_EDGE = ".,/-–—#\\:$^%&*!@=~_ "


def only(words: list[str], kinds: Words) -> bool:
    """Whether a line is nothing but a house number."""
    return bool(kinds[words[0]] & (HOUSE | NUMBER | NONE)) and not leading(words, kinds)[1]


def leading(words: list[str], kinds: Words) -> tuple[list[str], list[str]]:
    """The words of a house number in front, and the rest."""
    first = kinds[words[0]]
    if first & NONE and not first & STREET:
        return words[:1], words[1:]
    at = 1 if first & NUMBER and len(words) > 1 and kinds[words[1]] & HAS_DIGIT else 0
    if not kinds[words[at]] & HOUSE:
        return [], words
    at = end_of(words, at + 1, kinds)
    return words[:at], words[at:]


def end_of(words: list[str], at: int, kinds: Words) -> int:
    """The position after what still belongs to a number that stands before `at`: "- 14", "1/2", "bis", "/ A"."""
    count = len(words)
    while at < count:
        word, kind = words[at], kinds[words[at]]
        if word in _LINKS and at + 1 < count and (kinds[words[at + 1]] & HOUSE or len(words[at + 1]) == 1):
            at += 2
        elif kind & BIS or word in _FRACTIONS or (word[0] in "/-–" and kind & HOUSE):
            at += 1
        elif not any(c.isalnum() for c in word) and word != "#":
            at += 1
            if at < count and kinds[words[at]] & HOUSE and not kinds[words[at]] & NTH:
                at += 1
        else:
            break
    return at


def text(words: list[str], kinds: Words) -> str:
    """A house number without the word that announces it and without stray punctuation."""
    if len(words) == 1 and words[0].isdecimal():
        return words[0]
    if len(words) > 1 and kinds[words[0]] & NUMBER:
        words = words[1:]
    if len(words) == 1 and kinds[words[0]] & NONE:
        return words[0]
    return " ".join(filter(None, [w if w in _LINKS else w.strip(_EDGE) for w in words])).strip(_EDGE)


def is_year(word: str) -> bool:
    """Whether a number is rather the year of a date: "rue du 8 mai 1945"."""
    return len(word) == 4 and word[:2] in ("17", "18", "19", "20")
