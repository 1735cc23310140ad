"""Couples and families in one cell ("Mario e Anna Rossi", "Mr & Mrs Smith"): a household, not a person."""

from __future__ import annotations

from collections.abc import Callable

from xlcrm.names.affixes import take_titles
from xlcrm.names.name import NameRow
from xlcrm.names.name_words import CAPS, INITIAL, PARTICLE, TITLE, NameWords, Word
from xlcrm.names.vocabulary import vocabulary

GIVEN = 0.8
_PLURAL = frozenset(("the", "les", "los"))


def read(found: list[Word], words: NameWords, person: Callable[[list[Word], NameWords], NameRow]) -> NameRow | None:
    """The household in these words, or None where they name one person; `person` reads a part that names one."""
    if found and found[0].key in vocabulary().words["family_word"] and 1 < len(found) < 6:
        return _family(found, words, person)
    if len(found) > 1 and found[-1].key in vocabulary().words["family_tail"]:
        family = person(found[:-1], words)
        family.kind, family.remainder = "household", [*family.remainder, found[-1].text]
        return family
    at = _joiner(found)
    if at is None:
        return None
    row = _titles_only(found, at, words, person) or _two(found, at, words, person)
    if row is not None:
        row.kind = "household"
    return row


def is_couple(found: list[Word]) -> bool:
    """Whether an "and" stands between two titles or two given names, or the cell begins with a word for family."""
    if found and found[0].key in vocabulary().words["family_word"] and len(found) > 1:
        return _is_family_in_front(found)
    at = _joiner(found)
    return at is not None and (
        _is_title(found[at - 1]) or (_is_given(found[at + 1]) and any(_is_given(w) for w in found[:at]))
    )


def _is_family_in_front(found: list[Word]) -> bool:
    if found[0].key in _PLURAL:
        return (
            len(found) == 2
            and found[0].text.istitle()
            and found[1].text[:1].isupper()
            and (found[1].key.endswith("s") or found[1].odds < -1.0)
        )
    return len(found) < 6


def _family(found: list[Word], words: NameWords, person: Callable[[list[Word], NameWords], NameRow]) -> NameRow | None:
    """ "Famiglia Rossi", "Fam. Hansen", "The Robertsons"."""
    if not _is_family_in_front(found) or (found[0].flags & TITLE and any(w.flags & CAPS for w in found[1:])):
        return None
    row = read(found[1:], words, person) or person(found[1:], words)
    row.kind, row.title = "household", " ".join(filter(None, (found[0].text, row.title)))
    if len(row.units) == 1:
        row.family, row.given = row.units, []
    return row


def _joiner(found: list[Word]) -> int | None:
    """Where the "and" of a couple stands, None where it joins family names ("Ortega y Gasset") or is an initial."""
    places = [
        i
        for i in range(1, len(found) - 1)
        if found[i].key in vocabulary().words["and"] and not found[i].text.endswith(".")
    ]
    titles = [i for i in places if _is_title(found[i + 1])]
    if len(places) != 1 and len(titles) != 1:
        return None
    at = titles[0] if len(titles) == 1 else places[0]
    word, before, after = found[at], found[at - 1], found[at + 1]
    if len(word.key) == 1 and word.key.isalpha():
        if word.flags & CAPS or (word.text.isupper() and not all(w.text.isupper() for w in found)):
            return None
        two_names = at > 1 and len(found) - at > 2
        both_given = _is_given(after) and (_is_given(before) or two_names)
        surname_first = word.key == "e" and two_names and all(any(map(_is_given, s)) for s in (found[:at], found[at:]))
        if not (_is_title(after) or both_given or surname_first):
            return None
        if before.flags & INITIAL or after.flags & INITIAL or (found[0].flags & PARTICLE and at == 1):
            return None
    return at


def _titles_only(
    found: list[Word], at: int, words: NameWords, person: Callable[[list[Word], NameWords], NameRow]
) -> NameRow | None:
    """ "Mr & Mrs Smith", "Dr. and Mrs. John Smith": both titles in front of one name."""
    if not all(_is_title(word) for word in found[:at]) or not _is_title(found[at + 1]):
        return None
    row = person(found, words)
    if len(row.units) == 1 and row.family is None:
        row.family, row.given = row.units, []
    return row


def _two(
    found: list[Word], at: int, words: NameWords, person: Callable[[list[Word], NameWords], NameRow]
) -> NameRow | None:
    """ "Mario e Anna Rossi", "Rossi Mario e Anna", "Mario Rossi e Anna Bianchi"."""
    left_titles, left_names = take_titles(found[:at])
    right_titles, right_names = take_titles(found[at + 1 :])
    if not left_names or not right_names:
        return None
    left, right = person(left_names, words), person(right_names, words)
    if not left.units or not right.units:
        return None
    if not (_gives(left.units) and _gives(right.units)):
        return None
    front = len(left.units) < len(right.units) and all(unit.odds > -2.0 for unit in left.units)
    row, partner = (right, left) if front else (left, right)
    row.partner, row.joiner, row.partner_in_front = partner, found[at].text, front
    if len(partner.units) == 1 or all(unit.odds > GIVEN or unit.flags & INITIAL for unit in partner.units):
        partner.given, partner.family = partner.units, []
    if len(row.units) == 1:
        row.given, row.family = row.units, []
    sides = ([*(w.text for w in left_titles), left.title], [*(w.text for w in right_titles), right.title])
    titles = [" ".join(filter(None, side)) for side in sides]
    row.title = f" {found[at].text} ".join(filter(None, titles))
    row.suffix = " ".join(filter(None, (left.suffix, right.suffix)))
    row.remainder = [*left.remainder, *right.remainder]
    return row


def _gives(units: list[Word]) -> bool:
    return any(unit.odds > GIVEN or unit.flags & INITIAL for unit in units)


def _is_title(word: Word) -> bool:
    return word.key in vocabulary().words["title"] and not (word.flags & INITIAL and not word.text.endswith("."))


def _is_given(word: Word) -> bool:
    return word.odds > GIVEN and not word.flags & INITIAL
