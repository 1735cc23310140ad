"""Streets whose house number stands behind: "Via 4 Novembre 50 int. 3", "Storgata 12 B H0201", "Ctra. N-340 km 7"."""

from __future__ import annotations

import re

from xlcrm.addresses import house_number, units
from xlcrm.addresses.address_text import DECIMAL
from xlcrm.addresses.address_words import DIGIT, GLUED, HAS_DIGIT, HOUSE, LETTER, NTH, Words
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import BIS, DISTRICT, MONTH, NONE, NUMBER, STREET, STREET_END, UNIT

_ROAD = re.compile(r"carretera|ctra\.?|crta\.?|carr\.?|autovía|strada|s\.?s\.?|s\.?p\.?", re.IGNORECASE)
_CLASS = re.compile(r"[A-Z]{1,3}\.?")
_FLOOR_AND_DOOR = re.compile(r"\d{1,2}(?:-[\dA-Z]|[A-Z])", re.IGNORECASE)  # "Gran Vía 12 4-2", "12 4D"
# where streets seldom have numbers for names; elsewhere "Calle 19" is a street without a house number
_NAMED_STREETS = frozenset("IT ES DE NO SE DK FI AT CH NL BE PT".split())


def read(words: list[str], kinds: Words, draft: Draft) -> None:
    """Takes street, number and unit from a line; a number in front counts where none stands behind the street."""
    unit_at = units.start_of(words, min(2, len(words)), kinds)
    last = _last_number(words, unit_at, kinds)
    if not last:
        _number_in_front(words, unit_at, kinds, draft)
        return
    begin = _first_of_range(words, last, kinds)
    stop = _letters_end(words, last + 1, unit_at, kinds)
    before = words[begin - 1]
    if before.casefold().strip(".") in ("km", "pk"):
        draft.number = " ".join(words[begin - 1 : stop]).replace(DECIMAL, ",")
        begin -= 1
    elif _is_road(words, begin):
        begin = stop
    else:
        if kinds[before] & NUMBER and begin > 1:
            begin -= 1
        elif (
            kinds.country == "ES"
            and begin > 1
            and kinds[before] & HOUSE
            and _FLOOR_AND_DOOR.fullmatch("".join(words[begin:stop]))
        ):
            begin, stop = begin - 1, begin
        elif kinds[before] & HOUSE and begin > 1:
            other = (words[: begin - 1], words[begin - 1 : begin], words[begin:])
            draft.doubt("address.two_numbers", " | ".join(map(" ".join, other)))
        draft.number = house_number.text(words[begin:stop], kinds)
    draft.street.append(" ".join(words[:begin]))
    if stop < len(words):
        staircase = kinds[words[stop]] & LETTER
        if (
            stop < unit_at
            and not staircase
            and not _FLOOR_AND_DOOR.fullmatch(words[stop])
            and not units.is_unit(words[stop:], kinds)
        ):
            if kinds[words[stop]] & DISTRICT:
                draft.district.append(" ".join(words[stop:]))
                return
            draft.doubt("address.after_number", f"{' '.join(words[:stop])} | {' '.join(words[stop:])}")
        draft.unit.append(" ".join(words[stop:]))


def _number_in_front(words: list[str], unit_at: int, kinds: Words, draft: Draft) -> None:
    taken, rest = house_number.leading(words, kinds) if len(words) > 1 else ([], words)
    if taken and rest and not kinds[taken[0]] & NTH:
        draft.number = house_number.text(taken, kinds)
        words, unit_at = rest, units.start_of(rest, min(1, len(rest) - 1), kinds)
    if unit_at < len(words):
        draft.unit.append(" ".join(words[unit_at:]))
    if words[:unit_at]:
        draft.street.append(" ".join(words[:unit_at]))


def _last_number(words: list[str], end: int, kinds: Words) -> int:
    """The position of the last word before `end` that can be the house number, 0 if there is none."""
    for i in range(end - 1, 0, -1):
        kind = kinds[words[i]]
        if (kind & NONE and not kind & (UNIT | STREET)) or (kind & HOUSE and not _is_of_name(words, i, end, kinds)):
            return i
    return 0


def _is_of_name(words: list[str], i: int, end: int, kinds: Words) -> bool:
    """Whether a number belongs to a date ("8 mai 1945"), an ordinal, a staircase ("25 C 2") or a street's name."""
    before, after = kinds[words[i - 1]], kinds[words[i + 1]] if i + 1 < len(words) else 0
    if i > 1 and before & MONTH and house_number.is_year(words[i]):
        return True
    if after & MONTH and kinds[words[0]] & STREET:
        return True
    if kinds[words[i]] & NTH and i + 1 < end and not after & (HAS_DIGIT | LETTER | UNIT):
        return True
    if i > 2 and before & LETTER and len(words[i - 1]) == 1 and kinds[words[i - 2]] & HOUSE:
        return True
    return i == 1 and bool(kinds[words[0]] & STREET) and kinds.country not in _NAMED_STREETS


def _first_of_range(words: list[str], last: int, kinds: Words) -> int:
    """The position where a range of numbers begins that ends at `last`: "12 - 14", "1 / 12 / 14"."""
    begin, at = last, last - 1
    first = kinds[words[0]]
    bare_type = first & (STREET | STREET_END) and not first & GLUED  # in "Str. 246 - 16" the street is "Str. 246"
    while at > 0:
        if not any(c.isalnum() for c in words[at]):
            at -= 1
        elif kinds[words[at]] & HOUSE and at + 1 < begin and (at > 1 or not bare_type):
            begin, at = at, at - 1
        else:
            break
    return begin


def _is_road(words: list[str], at: int) -> bool:
    """Whether the number at `at` is that of a road ("Carretera N 340"), whose class stands before it."""
    return bool(at + 1 == len(words) and _CLASS.fullmatch(words[at - 1]) and _ROAD.fullmatch(words[0]))


def _letters_end(words: list[str], at: int, end: int, kinds: Words) -> int:
    """The position after a letter, "bis" or further part that belongs to the number: "24 A", "9 r", "12 / 104"."""
    at = min(max(at, house_number.end_of(words[:end], at, kinds)), end)
    while at < end and kinds[words[at]] & (BIS | LETTER):
        if kinds[words[at]] & LETTER and at + 1 < len(words) and kinds[words[at + 1]] & DIGIT:
            break
        at += 1
    return at
