"""Couples and families in one cell ("Mario e Anna Rossi", "Mr & Mrs Smith"): a household, not a person."""

from __future__ import annotations

from collections.abc import Callable

from xlcrm.names.affixes import is_one_of, take_titles
from xlcrm.names.name import NameRow
from xlcrm.names.name_rules import Rule, Spot, always, decide, never
from xlcrm.names.name_text import joined
from xlcrm.names.name_words import CAPS, INITIAL, PARTICLE, TITLE, NameWords, Word
from xlcrm.names.vocabulary import vocabulary

GIVEN = 0.8
NOT_FAMILY = -2.0  # log odds: above, a word beside the "and" may be a given name
IS_FAMILY = -1.0  # log odds: below, a name is rather a family name
_PLURAL = frozenset(("the", "les", "los"))
_LONGEST_FAMILY = 5  # words

Reader = Callable[[list[Word], NameWords], NameRow]


def read(found: list[Word], words: NameWords, person: Reader) -> NameRow | None:
    """The household in these words, or None where they name one person; `person` reads a part that names one."""
    if len(found) < 2:
        return None
    if is_one_of(found[-1].key, "family_tail"):
        return _family_behind(found, words, person)
    if _family_words(found) and len(found) <= _LONGEST_FAMILY:
        return _family(found, words, person)
    row = _pair(found, words, person)
    if row is not None:
        row.kind = "household"
    return row


def is_couple(found: list[Word]) -> bool:
    """Whether an "and" stands between two titles or two given names, or the cell begins with a word for family."""
    if _is_family_behind(found):
        return True
    if len(found) > 1 and _family_words(found):
        return _is_family_in_front(found)
    at = _joiner(found)
    return at is not None and _joins_people(found, at)


def _joins_people(found: list[Word], at: int) -> bool:
    return _is_title(found[at - 1]) or (_is_given(found[at + 1]) and any(map(_is_given, found[:at])))


# Families


def _family_words(found: list[Word]) -> int:
    """How many words in front say "family": "Famiglia", "La famiglia"; 0 where none does."""
    return vocabulary().phrase_at("family_word", [word.key for word in found], 0)


def _is_family_behind(found: list[Word]) -> bool:
    """ "The Johnson Family": behind an article and names that are no ordinary words."""
    names = found[1:-1]
    if not names or found[0].key not in _PLURAL or not is_one_of(found[-1].key, "family_tail"):
        return False
    return len(names) < 4 and not any(is_one_of(word.key, "common", "company") for word in names)


def _family_behind(found: list[Word], words: NameWords, person: Reader) -> NameRow:
    """ "Harper family", "The Harper Family"; the word stays visible."""
    article = found[:1] if found[0].key in _PLURAL and len(found) > 2 else []
    row = person(found[len(article) : -1], words)
    row.kind, row.remainder = "household", [*row.remainder, found[-1].text]
    row.title = joined(*(word.text for word in article), row.title)
    return _as_family_name(row) if len(row.units) == 1 else row


def _is_family_in_front(found: list[Word]) -> bool:
    return _is_plural_family(found) if found[0].key in _PLURAL else len(found) <= _LONGEST_FAMILY


def _is_plural_family(found: list[Word]) -> bool:
    """ "The Harpers", "Les Moreau"."""
    if len(found) != 2 or not found[0].text.istitle() or not found[1].text[:1].isupper():
        return False
    return found[1].key.endswith("s") or found[1].odds < -1.0


def _family(found: list[Word], words: NameWords, person: Reader) -> NameRow | None:
    """ "Famiglia Rossi", "Fam. Hansen", "The Robertsons"."""
    titled = found[0].flags & TITLE and any(word.flags & CAPS for word in found[1:])
    if titled or not _is_family_in_front(found):
        return None
    size = _family_words(found)
    row = read(found[size:], words, person) or person(found[size:], words)
    row.kind, row.title = "household", joined(*(word.text for word in found[:size]), row.title)
    return _as_family_name(row) if len(row.units) == 1 else row


# Couples


def _pair(found: list[Word], words: NameWords, person: Reader) -> NameRow | None:
    at = _joiner(found)
    if at is None:
        return None
    return _titles_only(found, at, words, person) or _two(found, at, words, person)


def _joiner(found: list[Word]) -> int | None:
    """Where the "and" of a couple stands, None where it joins family names ("Ortega y Gasset") or is an initial."""
    places = [i for i in range(1, len(found) - 1) if _is_and(found[i])]
    titles = [i for i in places if _is_title(found[i + 1])]
    at = next((few[0] for few in (titles, places) if len(few) == 1), None)
    if at is None or not _is_letter(found[at]):
        return at
    return at if decide(_LETTER_RULES, Spot(found, [word.key for word in found], at)) else None


def _is_and(word: Word) -> bool:
    return is_one_of(word.key, "and") and not word.text.endswith(".")


def _is_letter(word: Word) -> bool:
    return len(word.key) == 1 and word.key.isalpha()


def _names_two(at: Spot) -> bool:
    """Whether two words at least stand on either side."""
    return at.start > 1 and len(at.words) - at.start > 2


def _joins_given(at: Spot) -> bool:
    """ "Ana y Luis", and "Rossi Mario e Anna" where two words stand on either side."""
    return _is_given(at.words[at.start + 1]) and (_is_given(at.words[at.start - 1]) or _names_two(at))


def _has_given_on_both_sides(at: Spot) -> bool:
    return all(any(map(_is_given, side)) for side in (at.words[: at.start], at.words[at.start :]))


# whether a single letter ("e", "y", "u") joins two people
_LETTER_RULES = (
    Rule(lambda at: at.word.flags & CAPS, never, "capitals are initials"),
    Rule(
        lambda at: at.word.text.isupper() and not all(word.text.isupper() for word in at.words),
        never,
        "a capital among ordinary words is an initial: Ana Y Soto",
    ),
    Rule(
        lambda at: INITIAL & (at.words[at.start - 1].flags | at.words[at.start + 1].flags),
        never,
        "beside an initial it is one, too",
    ),
    Rule(lambda at: at.words[0].flags & PARTICLE and at.start == 1, never, "De y Soto"),
    Rule(lambda at: _is_title(at.words[at.start + 1]), always, "Sr. y Sra. Soto"),
    Rule(_joins_given, always, "Ana y Luis Romero, Rossi Mario e Anna"),
    Rule(lambda at: at.key == "e" and _names_two(at), _has_given_on_both_sides, "Rossi Mario e Bianchi Anna"),
)


def _titles_only(found: list[Word], at: int, words: NameWords, person: Reader) -> NameRow | None:
    """ "Mr & Mrs Smith", "Dr. and Mrs. John Smith": both titles in front of one name."""
    if not all(map(_is_title, (*found[:at], found[at + 1]))):
        return None
    titles, names = take_titles(found)
    both = _pair(names, words, person) if titles and len(names) > 2 else None
    if both is not None:  # "Mr. & Mrs. John and Mary Smith"
        both.title = joined(*(word.text for word in titles), both.title)
        return both
    row = person(found, words)
    return _as_family_name(row) if row.family is None and _are_family_names(row.units) else row


def _two(found: list[Word], at: int, words: NameWords, person: Reader) -> NameRow | None:
    """ "Mario e Anna Rossi", "Rossi Mario e Anna", "Mario Rossi e Anna Bianchi"."""
    left_titles, left_names = take_titles(found[:at])
    right_titles, right_names = take_titles(found[at + 1 :])
    if not left_names or not right_names:
        return None
    left, right = person(left_names, words), person(right_names, words)
    if not (_gives(left.units) and _gives(right.units)):
        return None
    row = _with_partner(left, right, found[at].text)
    sides = [joined(*(word.text for word in front), side.title) for front, side in
             ((left_titles, left), (right_titles, right))]  # fmt: skip
    row.title = f" {found[at].text} ".join(filter(None, sides))
    row.suffix = joined(left.suffix, right.suffix)
    row.remainder = [*left.remainder, *right.remainder]
    return row


def _with_partner(left: NameRow, right: NameRow, joiner: str) -> NameRow:
    """The half that has the family name, and the other as its partner."""
    front = len(left.units) < len(right.units) and all(unit.odds > NOT_FAMILY for unit in left.units)
    row, partner = (right, left) if front else (left, right)
    row.partner, row.joiner, row.partner_in_front = partner, joiner, front
    if len(partner.units) == 1 or all(map(_may_be_given, partner.units)):
        partner.given, partner.family = partner.units, []
    if len(row.units) == 1:
        row.given, row.family = row.units, []
    return row


def _are_family_names(units: list[Word]) -> bool:
    """One name behind the titles of two, or several of which none may be given: "Sr. y Sra. Ortega Ruiz"."""
    return len(units) == 1 or all(unit.odds < IS_FAMILY for unit in units)


def _as_family_name(row: NameRow) -> NameRow:
    row.family, row.given = row.units, []
    return row


def _gives(units: list[Word]) -> bool:
    return any(map(_may_be_given, units))


def _may_be_given(unit: Word) -> bool:
    return unit.odds > GIVEN or bool(unit.flags & INITIAL)


def _is_title(word: Word) -> bool:
    return is_one_of(word.key, "title") and not (word.flags & INITIAL and not word.text.endswith("."))


def _is_given(word: Word) -> bool:
    return word.odds > GIVEN and not word.flags & INITIAL
