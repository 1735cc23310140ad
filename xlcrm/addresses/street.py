"""Street lines of an address: name, street, house number, unit and hamlet above the line of the town."""

from __future__ import annotations

from xlcrm.addresses import house_number, persons, units
from xlcrm.addresses.address_text import DECIMAL
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
    main = _main_line(lines, kinds)
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
    road = len(words) == 3 and kinds[words[1]] & HIGHWAY  # "Strada Provinciale 12, 5"
    if not (road or len(words) == 2) or not kinds[words[0]] & (STREET | STREET_END) or kinds[words[0]] & GLUED:
        return False
    return bool(kinds[words[-1]] & HOUSE) and house_number.only(below, kinds)


def _main_line(lines: Lines, kinds: WordKinds) -> int:
    """Which line holds the street: the one with most signs of it, the first of equals; the last where none has any.

    The weights only order the signs: a word for a street in front, then behind, then inside; a number where the country
    writes it; a line that is a unit, a hamlet or nothing but a number comes last.
    """
    best, best_score = 0, -9
    for at, words in enumerate(lines):
        first, last = kinds[words[0]], kinds[words[-1]]
        seen = kinds.of(words)
        numbered = len(words) > 1 and seen & HOUSE
        named = kinds[words[1]] if first & HOUSE and len(words) > 1 else first  # behind a number in front
        typed = (named | first) & STREET or (seen & STREET_END and kinds.of(words[1:]) & STREET_END)
        score = 0
        if typed:
            score += 5 if named & STREET and not named & DISTRICT else 4 if last & STREET_END else 3
            if words[-1].casefold() in _BUILDINGS:
                score -= 1
        elif first & HIGHWAY and len(words) > 1 and kinds[words[1]] & DIGIT:
            score += 4
        if len(words) > 1 and words[-1].casefold().strip(".") in CLEAR_TYPES:
            score += 1
        if numbered and kinds.number_first:
            score += 3 if first & DIGIT else (1 if typed else 0)
        elif numbered:
            score += 3 if not first & DIGIT else 2
        if units.is_unit(words, kinds) and not first & STREET and not _holds_street(words, kinds):
            score = -4
        if first & DISTRICT and not first & STREET:
            score -= 2
        if first & (HOUSE | NUMBER | NONE) and _is_number(words, kinds):
            score -= 8
        beside = lines[at - 1 : at] if kinds.number_first else lines[at + 1 : at + 2]
        if beside and kinds[beside[0][0]] & (HOUSE | NUMBER | NONE) and _is_number(beside[0], kinds):
            score += 2
        if score > best_score or (score == best_score == 0):
            best, best_score = at, score
    return best


def _is_number(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is a house number, where that stands behind the street with or without a flat: "12 3º B"."""
    _, rest = house_number.leading(words, kinds)
    if not rest or kinds.number_first:
        return not rest
    return units.is_unit(rest, kinds) or (len(rest) == 1 and bool(kinds[rest[0]] & HAS_DIGIT))


def _holds_street(words: list[str], kinds: WordKinds) -> bool:
    """Whether a street follows a unit in the same line: "10th floor 312 Elm Avenue"."""
    rest = words[units.end_of(words, 0, kinds) :]
    return len(rest) > 2 and bool(kinds.of(rest[:1]) & HOUSE) and bool(kinds.of(rest[1:]) & (STREET | STREET_END))


def _above(words: list[str], street: list[str], kinds: WordKinds, draft: Draft) -> None:
    first = kinds[words[0]]
    if house_number.only(words, kinds) and not draft.number and not (kinds[street[0]] | kinds[street[-1]]) & HOUSE:
        draft.number = house_number.text(words, kinds)
    elif units.is_unit(words, kinds):
        stop = units.end_of(words, 0, kinds) if "en" in kinds.spoken else len(words)
        if 0 < stop < len(words) and not units.is_unit(words[stop:], kinds):  # "Apt 12 The Pinnacle"
            draft.name.append(" ".join(words[stop:]))
            words = words[:stop]
        units.add(words, kinds, draft)
    elif first & DISTRICT:
        draft.district.append(" ".join(words))
    elif (end := persons.name_end(words, kinds)) and units.is_unit(words[end:], kinds):  # "Elm Ltd Flat 3"
        draft.name.append(" ".join(words[:end]))
        units.add(words[end:], kinds, draft)
    else:
        draft.name.append(" ".join(words))


def _below(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    first = kinds[words[0]]
    if not draft.number and (house_number.only(words, kinds) or first & (NUMBER | NONE | HOUSE)):
        taken, rest = house_number.leading(words, kinds)
        if taken and (not rest or units.is_unit(rest, kinds) or not kinds.number_first):
            draft.number = house_number.text(taken, kinds)
            if rest:
                units.add(rest, kinds, draft)
            return
    if not draft.number and len(words) == 2 and words[0].casefold().strip(".") in ("km", "pk"):
        draft.number = " ".join(words).replace(DECIMAL, ",")
        return
    if first & DIRECTION and len(words[0].replace(".", "")) < 3 and draft.street and kinds.number_first:
        draft.street.append(words[0])  # "1800 M St., NW Ste. 700"
        words = words[1:]
    start = units.start_of(words, 1, kinds) if "en" in kinds.spoken and len(words) > 2 else len(words)
    if not words:
        return
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
        if not kinds[words[end - 1]] & COMPANY:
            draft.doubt("address.name_in_front", " ".join(words))
        draft.name.append(" ".join(words[:end]))
        words = words[end:]
    if units.is_whole(words, kinds) and not kinds[words[0]] & (STREET | STREET_END):
        units.add(words, kinds, draft)
        return
    if len(words) > 2 and units.is_unit(words, kinds) and not kinds[words[0]] & STREET:
        end = units.end_of(words, 0, kinds)
        hashed = words[0][0] == "#" and kinds.number_first and not draft.number
        if hashed and end < len(words) and not kinds.of(words[end:]) & HOUSE:
            draft.number = " ".join(words[:end]).strip("# ")  # "# 2 Elm Rd"
            words = words[end:]
        elif 0 < end < len(words):
            draft.unit.append(" ".join(words[:end]))
            words = words[end:]
    if draft.number:
        house_number.street_and_unit(words, kinds, draft)
    elif kinds.number_first:
        house_number.read_number_first(words, kinds, draft)
    else:
        house_number.read_number_last(words, kinds, draft)
