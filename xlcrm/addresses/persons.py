"""Persons to whom the post is to be handed: "c/o Rossi", "z. Hd. Frau Muster", "attn: A. Smith", "in care of"."""

from __future__ import annotations

from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import CARE, DIRECTION, STREET, STREET_END
from xlcrm.addresses.words import HOUSE, Words

Lines = list[list[str]]


def take(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    """The lines without "c/o ..." and the like, which goes into the draft as a name."""
    return [rest for line in lines if (rest := _aside(line, kinds, draft))]


def _aside(words: list[str], kinds: Words, draft: Draft) -> list[str]:
    """Takes the person to whom the post is to be handed out of a line."""
    numbered = kinds.of(words) & HOUSE  # "Bei der Kirche 5" is a street
    for i, word in enumerate(words):
        kind = kinds[word]
        marked = "/" in word or "." in word or ":" in word
        if kind & CARE and (marked or (i == 0 and not numbered and not kind & (STREET | DIRECTION))):
            stop = _street_behind(words, i, kinds)
            draft.name.append(" ".join(words[i:stop]))
            return words[:i] + words[stop:]
        if kind & CARE and word.casefold() == "care" and words[i - 1 : i + 2][::2] == ["in", "of"]:
            draft.name.append(" ".join(words[i - 1 :]))
            return words[: i - 1]
    return words


def _street_behind(words: list[str], at: int, kinds: Words) -> int:
    """Where a street begins behind a person in the same line: "attn: Rossi 45 Court Square"."""
    if at == 0 and kinds.number_first:
        for i in range(2, len(words) - 1):
            if kinds[words[i]] & HOUSE and kinds.of(words[i + 1 :]) & (STREET | STREET_END):
                return i
    return len(words)
