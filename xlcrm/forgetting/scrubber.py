"""Scrubber of texts: finds what would give away a forgotten client wherever it stands, and puts a mark in its place.

A text is looked at word by word, and only words that begin something sought are looked at twice: a batch of hundreds
of clients costs hardly more than one. Phone numbers are found by their digits, however they are grouped.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

MARK = "***"
PHONE_DIGITS = 7  # fewer are no phone number that anybody could tell from another figure
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d(?:[\s./()\-]{0,3}\d){6,}")  # PHONE_DIGITS at least


class Scrubber:
    """Puts MARK in the place of texts.

    texts   each as it is written; the width of blanks doesn't count, and no part of a longer word is taken. Case
            counts in a single word alone, which may be an ordinary one
    phones  digits of phone numbers without country code and leading zeros, `PHONE_DIGITS` of them at least
    about   numbers of clients, among `texts`: where one stands, the text is about that client
    shared  texts that others have, too: they get the mark only where a text is about the client
    """

    def __init__(
        self, texts: Iterable[str], phones: Collection[str] = (), about: Iterable[str] = (), shared: Iterable[str] = ()
    ) -> None:
        texts, shared = set(texts), set(shared)
        self._about = Scrubber(about) if shared else None
        self._whole = Scrubber(texts | shared, phones) if shared else None
        self._heads: dict[str, list[re.Pattern[str]]] = defaultdict(list)
        for text in sorted(set(texts), key=len, reverse=True):
            start = _WORD.search(text)
            if start:
                self._heads[start[0].casefold()].append(_pattern(text[start.start() :]))
        self._phones: dict[str, list[str]] = defaultdict(list)
        for digits in sorted(set(phones), key=len, reverse=True):
            if len(digits) >= PHONE_DIGITS:
                self._phones[digits[:PHONE_DIGITS]].append(digits)

    def together(self, texts: Collection[str]) -> Scrubber:
        """What to use for texts that are said together: where one is about the client, all are."""
        return self._whole if self._whole and self._about and any(map(self._about.finds, texts)) else self

    def scrubbed(self, text: str) -> str:
        """The text with MARK for each of them."""
        return self.together([text])._marked(text)

    def _marked(self, text: str) -> str:
        spans = sorted(self._spans(text))
        out, at = [], 0
        for start, end in spans:
            if start >= at:
                out += [text[at:start], MARK]
            at = max(at, end)
        return "".join([*out, text[at:]]) if spans else text

    def finds(self, text: str) -> bool:
        """Whether any of them stands in the text."""
        return next(self._spans(text), None) is not None

    def found(self, text: str) -> Iterator[str]:
        """What of them stands in the text, as it is written there."""
        return (text[start:end] for start, end in self._spans(text))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for word in _WORD.finditer(text) if self._heads else ():
            for pattern in self._heads.get(word[0].casefold(), ()):
                if hit := pattern.match(text, word.start()):
                    yield hit.span()
                    break
        for run in _DIGITS.finditer(text) if self._phones else ():
            yield from self._numbers(run[0], run.start())

    def _numbers(self, run: str, start: int) -> Iterator[tuple[int, int]]:
        places = [at for at, sign in enumerate(run) if sign.isdigit()]
        digits = "".join(run[at] for at in places)
        for at in range(len(digits) - PHONE_DIGITS + 1):
            for wanted in self._phones.get(digits[at : at + PHONE_DIGITS], ()):
                if digits.startswith(wanted, at):
                    yield start + places[at], start + places[at + len(wanted) - 1] + 1
                    break


def _pattern(text: str) -> re.Pattern[str]:
    """The text as a pattern: any blanks between its words, and no letter or figure right behind it."""
    parts = [re.escape(part) for part in text.split()]
    behind = r"(?!\w)" if text.rstrip()[-1:].isalnum() else ""
    plain = len(parts) == 1 and parts[0].isalpha()
    return re.compile(r"\s+".join(parts) + behind, re.NOFLAG if plain else re.IGNORECASE)
