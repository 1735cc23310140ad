"""Units in a building (flats, floors, doors, staircases): where they begin and end behind a house number."""

from __future__ import annotations

from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, LETTER, NTH, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import DIRECTION, NUMBER, ORDINAL, PARTICLE, STREET_END, UNIT, UNIT_END

_BUILDINGS = frozenset("edificio edif palazzina palazzo haus gebäude bâtiment batiment tour torre casa".split())


def start_of(words: list[str], first: int, kinds: WordKinds) -> int:
    """The position from `first` on where a unit begins ("Apt 4", "2. OG", "#5", "3º izq."); len(words) without one."""
    count = len(words)
    for i in range(first, count):
        kind = kinds[words[i]]
        if kind & CODE:
            return i
        if kind & UNIT_END and kind & UNIT and not kinds.number_first and i > 1 and _is_house(words, i - 1, kinds):
            return i  # "Via Verdi 3 piano terra"
        numbered = kind & UNIT and i + 1 < count and kinds[words[i + 1]] & DIGIT and not kinds[words[i - 1]] & NTH
        if (
            kind & UNIT_END
            and not numbered
            and i > first
            and kinds[words[i - 1]] & (DIGIT | ORDINAL | NTH)
            and i - 1 >= first
        ):
            return i - 1
        if kind & UNIT and kinds[words[i - 1]] & PARTICLE and i and not kind & CODE:
            continue  # "Route du Tour"
        if kind & UNIT and (
            i + 1 == count
            or kinds[words[i + 1]] & (HAS_DIGIT | CODE)
            or (kinds[words[i + 1]] & (LETTER | UNIT | NUMBER) and not kind & STREET_END)
        ):
            return i
    return count


def _is_house(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether a plain number is that of the house since no other stands before it, not that of a floor."""
    return words[at].isdecimal() and not kinds.of(words[1:at]) & DIGIT


def end_of(words: list[str], first: int, kinds: WordKinds) -> int:
    """The position after the unit that begins at `first`; `first` itself where none begins there."""
    at, count = first, len(words)
    while at < count:
        kind = kinds[words[at]]
        if kind & CODE:
            at += 1
            if words[at - 1] == "#" and at < count and not kinds[words[at]] & UNIT:
                at += 1
        elif kind & (DIGIT | ORDINAL) and at + 1 < count and kinds[words[at + 1]] & UNIT_END:
            at += 2
        elif kind & UNIT and not kind & STREET_END and not (at > first and _is_place(words, at, kinds)):
            at += 1
            if at < count and words[at].casefold().strip(".") in ("no", "nr", "n", "#", "num"):
                at += 1
            if at < count and kinds[words[at]] & (HAS_DIGIT | LETTER | CODE):
                at += 1
        elif at > first and ((kind & LETTER and len(words[at]) == 1) or (kind & DIRECTION and at + 1 == count)):
            at += 1
        else:
            break
    return at


def is_unit(words: list[str], kinds: WordKinds) -> bool:
    """Whether a whole line is a unit."""
    kind = kinds[words[0]]
    if kind & (UNIT | CODE):
        return not _is_place(words, 0, kinds)
    return len(words) > 1 and bool(kind & (DIGIT | ORDINAL | NTH)) and bool(kinds[words[1]] & UNIT_END)


def _is_place(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether "upper" or "lower" begins the name of a village or a building here: "Upper Fakeham", "Lower Mill"."""
    if at + 1 >= len(words) or words[at].casefold() not in ("upper", "lower") or not words[at + 1].isalpha():
        return False
    return not kinds[words[at + 1]] & (UNIT | UNIT_END | LETTER | ORDINAL)


def is_whole(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is a unit and nothing else."""
    return is_unit(words, kinds) and end_of(words, 0, kinds) == len(words)


def is_named_building(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is a building with a name: "Edificio Sol", "Haus Linde"; "Edificio 3" and "Bât. B" are units."""
    if len(words) < 2 or words[0].casefold().strip(".") not in _BUILDINGS:
        return False
    return not kinds.of(words[1:]) & (HAS_DIGIT | LETTER | UNIT | UNIT_END | ORDINAL)


def add(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """Puts a unit into the draft; a whole building is a name instead, as the unit lies within it.

    In English, where a unit is one word and its number, what follows it is left over.
    """
    stop = end_of(words, 0, kinds) if "en" in kinds.spoken and kinds[words[0]] & (UNIT | CODE) else 0
    if stop == 1 and len(words) == 2:
        stop = 2  # "Suite West"
    if 0 < stop < len(words) and not is_unit(words[stop:], kinds):
        draft.remainder.append(" ".join(words[stop:]))
        words = words[:stop]
    building = words[0].casefold().strip(".") in ("bldg", "bld", "building") or is_named_building(words, kinds)
    (draft.name if building else draft.unit).append(" ".join(words))
