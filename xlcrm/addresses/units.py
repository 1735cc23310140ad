"""Units in a building (flats, floors, doors, staircases): where they begin and end behind a house number."""

from __future__ import annotations

from xlcrm.addresses.address_text import bare
from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, LETTER, NTH, WordKinds, is_letter
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import DIRECTION, NUMBER, ORDINAL, PARTICLE, STREET_END, UNIT, UNIT_END

_MARKS = CODE | UNIT | UNIT_END
MAY_BEGIN = UNIT | CODE | DIGIT | ORDINAL | NTH  # what the first word of a unit can be
_NUMBER_WORDS = frozenset(("no", "nr", "n", "#", "num", "nº", "n°"))
_NUMBERED_BUILDINGS = frozenset(("bldg", "bld", "building"))
_BUILDINGS = frozenset("edificio edif palazzina palazzo haus gebäude bâtiment batiment tour torre casa".split())


def start_of(words: list[str], first: int, kinds: WordKinds) -> int:
    """The position from `first` on where a unit begins ("Apt 4", "2. OG", "#5", "3º izq."); len(words) without one."""
    for at in range(first, len(words)):
        if kinds[words[at]] & _MARKS:
            begin = _begins_at(words, at, first, kinds)
            if begin is not None:
                return begin
    return len(words)


def _begins_at(words: list[str], at: int, first: int, kinds: WordKinds) -> int | None:
    """Where the unit begins that the word at `at` announces, closes or is; None where that word belongs elsewhere."""
    kind, before = kinds[words[at]], kinds[words[at - 1]]
    after = kinds[words[at + 1]] if at + 1 < len(words) else HAS_DIGIT  # at the end nothing contradicts
    if kind & CODE or _is_floor_word(words, at, kinds):
        return at
    if at > first and _closes_floor(kind, before, after):
        return at - 1
    of_name = at and before & PARTICLE  # "Route du Tour"
    return at if not of_name and _announces(kind, after) else None


def _is_floor_word(words: list[str], at: int, kinds: WordKinds) -> bool:
    """A word that may stand before or behind its number, behind the number of the house: "Via Verdi 3 piano terra"."""
    kind = kinds[words[at]]
    both = kind & UNIT_END and kind & UNIT
    return bool(both and not kinds.number_first and at > 1 and _is_house(words, at - 1, kinds))


def _closes_floor(kind: int, before: int, after: int) -> bool:
    """Whether the number in front is that of a floor ("2. OG"), not that of the house before "piano 3"."""
    if not kind & UNIT_END or not before & (DIGIT | ORDINAL | NTH):
        return False
    return not (kind & UNIT and after & DIGIT) or bool(before & NTH)


def _announces(kind: int, after: int) -> bool:
    """Whether a word for a flat stands before what a flat is called."""
    if not kind & UNIT:
        return False
    return bool(after & (HAS_DIGIT | CODE)) or bool(after & (LETTER | UNIT | NUMBER) and not kind & STREET_END)


def _is_house(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether a plain number is that of the house since no other stands before it, not that of a floor."""
    return words[at].isdecimal() and not kinds.of(words[1:at]) & DIGIT


def end_of(words: list[str], first: int, kinds: WordKinds) -> int:
    """The position after the unit that begins at `first`; `first` itself where none begins there."""
    at = first
    while at < len(words) and (beyond := _piece_end(words, at, first, kinds)) > at:
        at = beyond
    return at


def _piece_end(words: list[str], at: int, first: int, kinds: WordKinds) -> int:
    """The position after one piece of a unit ("Apt 4", "2. OG", "#5"); `at` where no piece stands there."""
    kind = kinds[words[at]]
    if not kind:
        return at
    after = kinds[words[at + 1]] if at + 1 < len(words) else 0
    if kind & CODE:
        return at + 1 + _is_hash_apart(words, at, after)
    if kind & (DIGIT | ORDINAL) and after & UNIT_END:
        return at + 2
    if kind & UNIT and not kind & STREET_END and not (at > first and _is_place(words, at, kinds)):
        return _after_name(words, at + 1, kinds)
    return at + (at > first and _goes_on(words, at, kind))


def _is_hash_apart(words: list[str], at: int, after: int) -> bool:
    """Whether a hash stands apart from its number: "# 5"."""
    return words[at] == "#" and at + 1 < len(words) and not after & UNIT


def _goes_on(words: list[str], at: int, kind: int) -> bool:
    """Whether a word goes on with the unit before it: a letter, or a direction that ends the line."""
    return is_letter(words[at], kind) or bool(kind & DIRECTION and at + 1 == len(words))


def _after_name(words: list[str], at: int, kinds: WordKinds) -> int:
    """The position after the number or letter of a unit whose word stands before `at`: "no. 4", "B"."""
    if at < len(words) and bare(words[at]) in _NUMBER_WORDS:
        at += 1
    return at + 1 if kinds.at(words, at) & (HAS_DIGIT | LETTER | CODE) else at


def is_unit(words: list[str], kinds: WordKinds) -> bool:
    """Whether a whole line is a unit."""
    kind = kinds[words[0]]
    if not kind & MAY_BEGIN:
        return False
    if kind & (UNIT | CODE):
        return not _is_place(words, 0, kinds)
    return len(words) > 1 and bool(kinds[words[1]] & UNIT_END)


def _is_place(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether "upper" or "lower" begins the name of a village or a building here: "Upper Fakeham", "Lower Mill"."""
    if at + 1 >= len(words) or words[at].casefold() not in ("upper", "lower") or not words[at + 1].isalpha():
        return False
    return not kinds[words[at + 1]] & (UNIT | UNIT_END | LETTER | ORDINAL)


def is_whole(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is a unit and nothing else."""
    return kinds[words[0]] & MAY_BEGIN > 0 and is_unit(words, kinds) and end_of(words, 0, kinds) == len(words)


def is_named_building(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is a building with a name: "Edificio Sol", "Haus Linde"; "Edificio 3" and "Bât. B" are units."""
    if len(words) < 2 or bare(words[0]) not in _BUILDINGS:
        return False
    return not kinds.of(words[1:]) & (HAS_DIGIT | LETTER | UNIT | UNIT_END | ORDINAL)


def add(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """Puts a unit into the draft; a whole building is a name instead, as the unit lies within it.

    In English, where a unit is one word and its number, what follows it is left over.
    """
    building = is_named_building(words, kinds)
    if not building:
        words = _without_rest(words, kinds, draft)
        building = bare(words[0]) in _NUMBERED_BUILDINGS
    (draft.name if building else draft.unit).append(" ".join(words))


def _without_rest(words: list[str], kinds: WordKinds, draft: Draft) -> list[str]:
    """A unit without what follows it where units are one word and its number; a whole building goes into the name."""
    first = kinds[words[0]] & (UNIT | CODE)
    stop = end_of(words, 0, kinds) if first and "en" in kinds.spoken else 0
    if stop == 1 and len(words) == 2:
        stop = 2  # "Suite West"
    if 0 < stop < len(words) and not is_unit(words[stop:], kinds):
        draft.remainder.append(" ".join(words[stop:]))
        words = words[:stop]
    inside = _piece_end(words, 0, 0, kinds) if stop and bare(words[0]) in _NUMBERED_BUILDINGS else 0
    if 0 < inside < len(words):
        draft.name.append(" ".join(words[:inside]))
        words = words[inside:]
    return words
