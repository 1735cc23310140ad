"""Persons or firms who take the post for somebody: "c/o Rossi", "z. Hd. Frau Beck", "att. Kari"."""

from __future__ import annotations

from xlcrm.addresses.address_words import GLUED, HOUSE, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import CARE, COMPANY, DIRECTION, DISTRICT, PARTICLE, STREET, STREET_END, UNIT

Lines = list[list[str]]
_NO_NAME = STREET | DISTRICT | UNIT | HOUSE | PARTICLE  # what a name hardly ever begins with
_MARKS = frozenset("/.:")


def take(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """The lines without "c/o ..." and the like, which goes into the draft as a name."""
    return [rest for line in lines if (rest := _aside(line, kinds, draft))]


def _aside(words: list[str], kinds: WordKinds, draft: Draft) -> list[str]:
    """Takes the person to whom the post is to be handed out of a line."""
    start = next((i for i in range(len(words)) if _begins_care(words, i, kinds)), None)
    if start is None:
        return words
    stop = len(words) if words[start].casefold() == "in" else _street_behind(words, start, kinds)
    draft.name.append(" ".join(words[start:stop]))
    return words[:start] + words[stop:]


def _begins_care(words: list[str], i: int, kinds: WordKinds) -> bool:
    """Whether the words from `i` on name such a person: "c/o", "z.Hd.", "in care of", "Bei" without a number."""
    if [word.casefold() for word in words[i : i + 3]] == ["in", "care", "of"]:
        return True
    word, kind = words[i], kinds[words[i]]
    if not kind & CARE:
        return False
    numbered = kinds.of(words) & HOUSE  # "Bei der Kirche 5" is a street
    return not _MARKS.isdisjoint(word) or (i == 0 and not numbered and not kind & (STREET | DIRECTION))


def name_end(words: list[str], kinds: WordKinds) -> int:
    """Where the street begins behind a company or a house in the same line, 0 where none stands in front of it.

    The legal form ends a company's name ("Bianchi Srl Via Verdi 3"). Where the word for street comes first, as in Italy
    and Spain, it ends the name as well: "Hotel Bellavista Via Verdi 3"; not so behind one word, as in "Gran Vía 3".
    """
    if kinds[words[0]] & _NO_NAME:
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
    if at:
        return len(words)
    begins = _begins_numbered if kinds.number_first else _begins_typed
    return next((i for i in range(2, len(words) - 1) if begins(words, i, kinds)), len(words))


def _begins_numbered(words: list[str], i: int, kinds: WordKinds) -> bool:
    return bool(kinds[words[i]] & HOUSE) and bool(kinds.of(words[i + 1 :]) & (STREET | STREET_END))


def _begins_typed(words: list[str], i: int, kinds: WordKinds) -> bool:
    kind = kinds[words[i]]
    typed = kind & GLUED or (kind & STREET and not kind & PARTICLE)
    return bool(typed) and bool(kinds.of(words[i + 1 :]) & HOUSE)
