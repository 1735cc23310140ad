"""Persons or firms who take the post for somebody: "c/o Rossi", "z. Hd. Frau Beck", "att. Kari"."""

from __future__ import annotations

from xlcrm.addresses.address_words import GLUED, HOUSE, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import CARE, COMPANY, DIRECTION, DISTRICT, PARTICLE, STREET, STREET_END, UNIT

Lines = list[list[str]]


def take(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """The lines without "c/o ..." and the like, which goes into the draft as a name."""
    return [rest for line in lines if (rest := _aside(line, kinds, draft))]


def _aside(words: list[str], kinds: WordKinds, draft: Draft) -> list[str]:
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


def name_end(words: list[str], kinds: WordKinds) -> int:
    """Where the street begins behind a company or a house in the same line, 0 where none stands in front of it.

    The legal form ends a company's name ("Bianchi Srl Via Verdi 3"). Where the word for street comes first, as in Italy
    and Spain, it ends the name as well: "Hotel Bellavista Via Verdi 3"; not so behind one word, as in "Gran Vía 3".
    """
    if kinds[words[0]] & (STREET | DISTRICT | UNIT | HOUSE | PARTICLE):
        return 0
    for i in range(1, len(words) - 1):
        kind = kinds[words[i]]
        if kind & COMPANY and kinds.is_street(words[i + 1 :]):
            return i + 1
        if kind & STREET and kinds.country in ("IT", "ES"):
            return i if i > 1 and kinds.of(words[i + 1 :]) & HOUSE else 0
        if kind & HOUSE:
            return 0
    return 0


def _street_behind(words: list[str], at: int, kinds: WordKinds) -> int:
    """Where a street begins behind a person in the same line: "attn: Rossi 45 Court Square"."""
    if at == 0 and kinds.number_first:
        for i in range(2, len(words) - 1):
            if kinds[words[i]] & HOUSE and kinds.of(words[i + 1 :]) & (STREET | STREET_END):
                return i
    if at == 0 and not kinds.number_first:
        for i in range(2, len(words) - 1):
            begins = kinds[words[i]] & GLUED or (kinds[words[i]] & STREET and not kinds[words[i]] & PARTICLE)
            if begins and kinds.of(words[i + 1 :]) & HOUSE:
                return i
    return len(words)
