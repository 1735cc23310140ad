"""Payer names against clients' names: cut by the bank, surname first, initials, ae for ä, a legal form more or less.

Three strengths: 3 the same words, 2 the same person or firm said shorter or longer, 1 a word in common. Only 2 and 3
tell who paid.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from xlcrm.importing.word_tables import words_of
from xlcrm.text import tokens

SAME, SURE, NEAR, NONE = 3, 2, 1, 0
LONG = 4  # letters of a word that may stand for a whole name
_MARKS = re.compile(r"['’‘`´]")
_DIGRAPHS = (("aa", "a"), ("ae", "a"), ("oe", "o"), ("ue", "u"))

Words = frozenset[str]


@cache
def _left_out() -> frozenset[str]:
    return words_of("bank_words", "legal") | words_of("bank_words", "joining")


def _plain(word: str) -> str:
    for two, one in _DIGRAPHS:
        word = word.replace(two, one)
    return word


@cache
def readings_of(name: str) -> tuple[Words, ...]:
    """The words of a name without legal forms, titles and small words; an apostrophe is nothing, or a blank."""
    return tuple(dict.fromkeys(_words(_MARKS.sub(sign, name)) for sign in ("", " ")))


def _words(name: str) -> Words:
    found = tokens(name)
    titles = words_of("bank_words", "title")
    while len(found) > 1 and found[0] in titles:
        found = found[1:]
    initials = {word for word in (found[:1] + found[-1:]) if len(word) == 1}
    return frozenset(_plain(word) for word in found if word in initials or not _is_spare(word, titles))


def _is_spare(word: str, titles: frozenset[str]) -> bool:
    return word in _left_out() or (len(word) > 1 and word in titles)


def agreement(payer: str, name: str) -> int:
    """How much a payer's name says that it is this client."""
    pairs = ((one, other) for one in readings_of(payer) for other in readings_of(name))
    return max((_of_words(one, other) for one, other in pairs), default=NONE)


def _of_words(payer: Words, name: Words) -> int:
    common = payer & name
    if not common:
        return NONE
    whole = len(name) > 1 or len(min(name)) >= LONG
    if payer == name:
        return SAME if whole else NEAR
    if (len(name) > 1 and name < payer) or _is_shorter(payer, name, common):
        return SURE
    return NEAR if max(map(len, common)) >= LONG else NONE


def _is_shorter(payer: Words, name: Words, common: Words) -> bool:
    """Whether the payer is the name said shorter: words of it, and beginnings of others, but not more of these."""
    short = _abbreviated(payer - common, name - common)
    return short is not None and len(common) + short > 1 and short <= len(common)


def _abbreviated(payer: Words, name: Words) -> int | None:
    """How many of the payer's other words are beginnings of the name's others, each of its own; None where not all."""
    free = set(name)
    for word in sorted(payer, key=len, reverse=True):
        longer = next((one for one in sorted(free) if one.startswith(word)), None)
        if longer is None:
            return None
        free.discard(longer)
    return len(payer)


class PayerIndex:
    """Clients by the words of their names, so that a line is compared with few of them."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._names = {client: tuple(filter(None, some)) for client, some in names.items()}
        self._by_word: dict[str, set[str]] = defaultdict(set)
        for client, some in self._names.items():
            for word in {word for name in some for words in readings_of(name) for word in words}:
                self._by_word[word].add(client)

    def clients(self, payer: str) -> frozenset[str]:
        """The clients whom a payer's name names, the best agreement alone; none where it is less than sure."""
        levels = {client: max(agreement(payer, name) for name in self._names[client]) for client in self._near(payer)}
        best = max(levels.values(), default=NONE)
        return frozenset(client for client, level in levels.items() if level == best and best >= SURE)

    def clients_in(self, text: str) -> frozenset[str]:
        """The clients whose name of two words or more stands in a text, its words side by side."""
        return frozenset(
            client for client in self._near(text) if any(_stands_in(text, name) for name in self._names[client])
        )

    def _near(self, text: str) -> set[str]:
        words = {word for reading in readings_of(text) for word in reading}
        return {client for word in words for client in self._by_word.get(word, ())}


def _stands_in(text: str, name: str) -> bool:
    """Whether the words of a name stand in a text, small words and legal forms between them at most."""
    for sign in ("", " "):
        said = [_plain(word) for word in tokens(_MARKS.sub(sign, text)) if word not in _left_out()]
        words = _words(_MARKS.sub(sign, name))
        size = len(words)
        if size > 1 and any(frozenset(said[at : at + size]) == words for at in range(len(said) - size + 1)):
            return True
    return False
