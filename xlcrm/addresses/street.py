"""Street lines of an address: name, street, house number, unit and hamlet above the line of the town."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from xlcrm.addresses import house_number, persons, units
from xlcrm.addresses.address_text import DECIMAL, bare
from xlcrm.addresses.address_words import DIGIT, GLUED, HAS_DIGIT, HOUSE, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import (
    COMPANY,
    DIRECTION,
    DISTRICT,
    HIGHWAY,
    NONE,
    NUMBER,
    STREET,
    STREET_END,
)
from xlcrm.addresses.towns import CLEAR_TYPES

Lines = list[list[str]]
# street types that are as often the name of a building or a site
_BUILDINGS = frozenset("centre center court park mall plaza estate gardens mill mills yard manor house".split())


def read(lines: Lines, kinds: WordKinds, draft: Draft) -> None:
    """Fills name, street, number, unit and district of the draft from the lines above the town."""
    if len(lines) == 1:
        _street(lines[0], kinds, draft)
    if len(lines) < 2:
        return
    main = main_line(list(map(weight_of, features(lines, kinds))))
    if main + 1 < len(lines) and _named_by_number(lines[main], lines[main + 1], kinds):
        draft.number, draft.street = house_number.text(lines[main + 1], kinds), [" ".join(lines[main])]
        del lines[main + 1]
    for at, line in enumerate(lines):
        if at < main:
            _above(line, lines[main], kinds, draft)
        elif at > main:
            _below(line, kinds, draft)
        elif not draft.street:
            _street(line, kinds, draft)


def _named_by_number(words: list[str], below: list[str], kinds: WordKinds) -> bool:
    """A street that has a number for a name, with the house number behind a comma: "Calle 20, 5"."""
    if not kinds[words[-1]] & HOUSE or not house_number.only(below, kinds):
        return False
    at = len(words) - 1
    if at and house_number.part_of_name(words, at, len(words), kinds):
        return True
    road = at == 2 and kinds[words[1]] & HIGHWAY  # "Strada Provinciale 12, 5"
    typed = kinds[words[0]] & (STREET | STREET_END) and not kinds[words[0]] & GLUED
    return bool(typed) and bool(road or at == 1)


class Sign(NamedTuple):
    """A feature of a line that speaks for its being the street's (weight above 0), or against it."""

    why: str
    weight: int
    feature: int


_NUMBERS = HOUSE | NUMBER | NONE
FRONT, BEHIND, INSIDE, BUILDING, ROAD, CLEAR = (1 << n for n in range(6))
NUMBER_FRONT, NUMBER_FURTHER, LAST_FRONT, LAST_FURTHER, UNIT_LINE, HAMLET, ONLY_NUMBER, BESIDE = (
    1 << n for n in range(6, 14)
)
# The weights only order the signs: a word for a street in front, then behind, then inside; a number where the country
# writes it; a line that is a unit, a hamlet or nothing but a number comes last.
SIGNS = (
    Sign("type_in_front", 5, FRONT),
    Sign("type_behind", 4, BEHIND),
    Sign("type_inside", 3, INSIDE),
    Sign("like_building", -1, BUILDING),
    Sign("highway", 4, ROAD),
    Sign("clear_type", 1, CLEAR),
    Sign("number_in_front", 3, NUMBER_FRONT),
    Sign("number_somewhere", 1, NUMBER_FURTHER),
    Sign("number_behind", 3, LAST_FURTHER),
    Sign("number_odd", 2, LAST_FRONT),
    Sign("unit", -4, UNIT_LINE),
    Sign("hamlet", -2, HAMLET),
    Sign("only_number", -8, ONLY_NUMBER),
    Sign("number_beside", 2, BESIDE),
)


@cache
def signs_of(features: int) -> tuple[Sign, ...]:
    """The signs that a line with these features shows."""
    return tuple(sign for sign in SIGNS if features & sign.feature)


@cache
def weight_of(features: int) -> int:
    """What the signs of a line weigh together."""
    return sum(sign.weight for sign in signs_of(features))


def features(lines: Lines, kinds: WordKinds) -> list[int]:
    """The features of each line above the town, as bits."""
    numbers = [ONLY_NUMBER * (kinds[words[0]] & _NUMBERS > 0 and _is_number(words, kinds)) for words in lines]
    step = -1 if kinds.number_first else 1
    beside = [0, *numbers, 0][1 + step :]
    return [
        _of_line(words, kinds) | only | BESIDE * (other > 0)
        for words, only, other in zip(lines, numbers, beside, strict=False)
    ]


def _of_line(words: list[str], kinds: WordKinds) -> int:
    """The features of a line alone."""
    first = kinds[words[0]]
    hamlet = HAMLET if first & DISTRICT and not first & STREET else 0
    if not first & STREET and units.is_unit(words, kinds) and not _holds_street(words, kinds):
        return UNIT_LINE | hamlet
    if len(words) == 1:
        return hamlet | _typed(words, kinds)
    typed = _typed(words, kinds)
    road = ROAD if not typed and first & HIGHWAY and kinds[words[1]] & DIGIT else 0
    clear = CLEAR if words[-1].casefold().strip(".") in CLEAR_TYPES else 0
    return hamlet | typed | road | clear | _numbered(words, typed, kinds)


def _typed(words: list[str], kinds: WordKinds) -> int:
    """Where a word for a street stands, and whether it is as often a building's; 0 without one."""
    first = kinds[words[0]]
    named = kinds[words[1]] if first & HOUSE and len(words) > 1 else first  # behind a number in front
    if not (named | first) & STREET and not kinds.of(words[1:]) & STREET_END:
        return 0
    building = BUILDING if words[-1].casefold() in _BUILDINGS else 0
    if named & STREET and not named & DISTRICT:
        return FRONT | building
    directed = kinds[words[-1]] & DIRECTION and kinds.at(words, len(words) - 2)  # "20th St N"
    return building | (BEHIND if (kinds[words[-1]] | directed) & STREET_END else INSIDE)


def _numbered(words: list[str], typed: int, kinds: WordKinds) -> int:
    """Where a house number stands, seen from where the country writes it; 0 without one."""
    if not kinds.of(words) & HOUSE:
        return 0
    front = kinds[words[0]] & DIGIT
    if not kinds.number_first:
        return LAST_FRONT if front else LAST_FURTHER
    return NUMBER_FRONT if front else NUMBER_FURTHER * (typed > 0)


def main_line(weights: list[int]) -> int:
    """Which line holds the street: the one with most signs of it, the first of equals.

    Where none has any, it is the second: a name stands above it, a quarter below.
    """
    best = max(weights)
    if best:
        return weights.index(best)
    return [at for at, weight in enumerate(weights) if weight == 0][:2][-1]


def _is_number(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is a house number, where that stands behind the street with or without a flat: "12 3º B"."""
    if len(words) == 1 and kinds[words[0]] & HOUSE:
        return True
    _, rest = house_number.leading(words, kinds)
    if not rest or kinds.number_first:
        return not rest
    return units.is_unit(rest, kinds) or (len(rest) == 1 and bool(kinds[rest[0]] & HAS_DIGIT))


def _holds_street(words: list[str], kinds: WordKinds) -> bool:
    """Whether a street follows a unit in the same line: "10th floor 312 Elm Avenue"."""
    rest = words[units.end_of(words, 0, kinds) :]
    return len(rest) > 2 and bool(kinds.of(rest[:1]) & HOUSE) and bool(kinds.of(rest[1:]) & (STREET | STREET_END))


def _above(words: list[str], street: list[str], kinds: WordKinds, draft: Draft) -> None:
    """A line above the street: its number, a unit, a hamlet, else a name."""
    number = house_number.only(words, kinds) and not draft.number
    if number and not (kinds[street[0]] | kinds[street[-1]]) & HOUSE:
        draft.number = house_number.text(words, kinds)
    elif number and kinds.country == "GB" and "/" in words[0]:
        draft.unit.append(" ".join(words))  # "2/3, 45 Elm Crescent" in Scotland
    elif units.is_unit(words, kinds):
        units.add(_without_building(words, kinds, draft), kinds, draft)
    elif kinds[words[0]] & DISTRICT:
        draft.district.append(" ".join(words))
    elif (end := persons.name_end(words, kinds)) and units.is_unit(words[end:], kinds):  # "Elm Ltd Flat 3"
        draft.name.append(" ".join(words[:end]))
        units.add(words[end:], kinds, draft)
    else:
        _name_with_unit(words, kinds, draft)


def _name_with_unit(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """A name above the street, and the unit that ends it in America: "Elm Hall Room 12"."""
    start = units.start_of(words, 1, kinds) if kinds.country == "US" and len(words) > 2 else len(words)
    if start > len(words) - 2 or not kinds[words[-1]] & HAS_DIGIT or units.end_of(words, start, kinds) < len(words):
        start = len(words)
    draft.name.append(" ".join(words[:start]))
    if start < len(words):
        draft.unit.append(" ".join(words[start:]))


def _without_building(words: list[str], kinds: WordKinds, draft: Draft) -> list[str]:
    """A unit without the building's name behind it, which goes into the draft: "Apt 12 The Pinnacle"."""
    stop = units.end_of(words, 0, kinds) if "en" in kinds.spoken else len(words)
    if stop in (0, len(words)) or units.is_unit(words[stop:], kinds) or units.is_named_building(words, kinds):
        return words
    draft.name.append(" ".join(words[stop:]))
    return words[:stop]


def _below(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """A line below the street: its number, its direction, a unit, else a hamlet or quarter."""
    if not draft.number and _takes_number(words, kinds, draft):
        return
    if kinds.number_first and draft.street and _is_direction(words[0], kinds):
        draft.street.append(words[0])  # "1800 M St., NW Ste. 700"
        words = words[1:]
    if words:
        _unit_or_quarter(words, kinds, draft)


def _takes_number(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    """Whether a line is the house number, with or without a unit behind it; it goes into the draft then."""
    if len(words) == 2 and bare(words[0]) in house_number.KILOMETRE:
        draft.number = " ".join(words).replace(DECIMAL, ",")
        return True
    taken, rest = house_number.leading(words, kinds)
    if not taken or (rest and kinds.number_first and not units.is_unit(rest, kinds)):
        return False
    draft.number = house_number.text(taken, kinds)
    if rest:
        units.add(rest, kinds, draft)
    return True


def _is_direction(word: str, kinds: WordKinds) -> bool:
    return bool(kinds[word] & DIRECTION) and len(word.replace(".", "")) < 3


def _unit_or_quarter(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    start = units.start_of(words, 1, kinds) if "en" in kinds.spoken and len(words) > 1 else len(words)
    if units.is_unit(words, kinds) or (kinds[words[0]] & HAS_DIGIT and len(words) < 3):
        units.add(words, kinds, draft)
    elif start < len(words):
        draft.name.append(" ".join(words[:start]))
        units.add(words[start:], kinds, draft)
    else:
        draft.district.append(" ".join(words))


def _street(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """One line with street, number and unit in any order that the country writes."""
    if end := persons.name_end(words, kinds):
        words = _without_name(words, end, kinds, draft)
    if units.is_whole(words, kinds) and not kinds[words[0]] & (STREET | STREET_END):
        units.add(words, kinds, draft)
        return
    if len(words) > 2 and kinds[words[0]] & units.MAY_BEGIN:
        words = _without_unit(words, kinds, draft)
    if draft.number:
        house_number.street_and_unit(words, kinds, draft)
    elif kinds.number_first:
        house_number.read_number_first(words, kinds, draft)
    else:
        house_number.read_number_last(words, kinds, draft)


def _without_name(words: list[str], end: int, kinds: WordKinds, draft: Draft) -> list[str]:
    """A line without the company or building in front of the street; where no legal form ends it, that is a doubt."""
    if not kinds[words[end - 1]] & COMPANY:
        draft.doubt("address.name_in_front", " ".join(words))
    draft.name.append(" ".join(words[:end]))
    return words[end:]


def _without_unit(words: list[str], kinds: WordKinds, draft: Draft) -> list[str]:
    """A line without the unit in front of the street: "Flat 3, 12 Elm Road", "# 2 Elm Rd" being a number."""
    if kinds[words[0]] & STREET or not units.is_unit(words, kinds):
        return words
    end = units.end_of(words, 0, kinds)
    if end in (0, len(words)):
        return words
    unit = " ".join(words[:end])
    hashed = unit[0] == "#" and kinds.number_first and not draft.number
    if hashed and not kinds.of(words[end:]) & HOUSE:
        draft.number = unit.strip("# ")
    else:
        draft.unit.append(unit)
    return words[end:]
