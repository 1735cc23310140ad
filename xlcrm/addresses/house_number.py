"""House numbers among the words of a street line ("12", "12 bis", "12 - 14", "1/2", "s/n"), before or behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from xlcrm.addresses import units
from xlcrm.addresses.address_text import DECIMAL, bare
from xlcrm.addresses.address_words import CODE, DIGIT, GLUED, HAS_DIGIT, HOUSE, LETTER, NTH, WordKinds, is_letter
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import (
    BIS,
    DIRECTION,
    DISTRICT,
    HIGHWAY,
    MONTH,
    NONE,
    NUMBER,
    PARTICLE,
    STREET,
    STREET_END,
    UNIT,
)
from xlcrm.addresses.towns import CLEAR_TYPES, FOREIGN_TYPES

_LINKS = frozenset(("-", "–", "/", "//", "\\", "+", "&"))
_JOINING = frozenset(("et", "and", "e", "y"))  # "12 et 14 rue"
_FRACTIONS = frozenset(("1/2", "1/3", "1/4", "3/4", "½"))
KILOMETRE = frozenset(("km", "pk"))
_FLAT_LETTERS = frozenset("ABCD")
_AND = frozenset(("and", "&"))  # "290 C and N Mill Road"
_EDGE = ".,/-–—#\\:$^%&*!@=~_ "


def only(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is nothing but a house number."""
    return bool(kinds[words[0]] & (HOUSE | NUMBER | NONE)) and not leading(words, kinds)[1]


def leading(words: list[str], kinds: WordKinds) -> tuple[list[str], list[str]]:
    """The words of a house number in front, and the rest."""
    first = kinds[words[0]]
    if first & NONE and not first & STREET:
        return words[:1], words[1:]
    if not first & (HOUSE | NUMBER):
        return [], words
    at = 1 if first & NUMBER and len(words) > 1 and kinds[words[1]] & HAS_DIGIT else 0
    if not kinds[words[at]] & HOUSE:
        return [], words
    at = end_of(words, at + 1, kinds)
    if at + 1 == len(words) and is_letter(words[at], kinds[words[at]]):
        at += 1  # "12 A" in a line of its own
    return words[:at], words[at:]


def end_of(words: list[str], at: int, kinds: WordKinds) -> int:
    """The position after what still belongs to a number that stands before `at`: "- 14", "1/2", "bis", "/ A"."""
    while at < len(words) and (beyond := _further(words, at, kinds)) > at:
        at = beyond
    return at


def _further(words: list[str], at: int, kinds: WordKinds) -> int:
    """The position after one further piece of a house number; `at` where none stands there."""
    word, kind = words[at], kinds[words[at]]
    if word.isalpha():
        return at + (1 if kind & BIS else 2 * (word in _JOINING and _joins(words, at, kinds)))
    after = kinds.at(words, at + 1)
    if word in _LINKS and _is_linked(words, at + 1, after):
        return at + 2
    if kind & BIS or word in _FRACTIONS or (word[0] in "/-–" and kind & HOUSE):
        return at + 1
    if word == "#" or any(map(str.isalnum, word)):
        return at
    return at + 1 + _joins(words, at, kinds)


def _joins(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether another house number follows the word at `at`."""
    return kinds.at(words, at + 1) & (HOUSE | NTH) == HOUSE


def _is_linked(words: list[str], at: int, kind: int) -> bool:
    """Whether a dash or slash in front joins a word to a number: a number, too, or one letter."""
    return bool(kind & HOUSE) or (at < len(words) and len(words[at]) == 1)


def text(words: list[str], kinds: WordKinds) -> str:
    """A house number without the word that announces it and without stray punctuation."""
    if len(words) == 1 and words[0].isdecimal():
        return words[0]
    if len(words) > 1 and kinds[words[0]] & NUMBER:
        words = words[1:]
    if len(words) == 1 and kinds[words[0]] & NONE:
        return words[0]
    return " ".join(filter(None, [w if w in _LINKS else w.strip(_EDGE) for w in words])).strip(_EDGE)


def is_year(word: str) -> bool:
    """Whether a number is rather the year of a date: "rue du 8 mai 1945"."""
    return len(word) == 4 and word[:2] in ("17", "18", "19", "20")


# Streets whose house number stands in front: "12 bis rue de la Paix", "463 E 147 St. #2F".

_GLUED = re.compile(r"(\d{1,6})([A-ZÀ-Þ][a-zß-ÿ]{2,}.*)")
_GRID = re.compile(r"[NSEW]\d{2,5}", re.IGNORECASE)
_TYPE_IN_FRONT = frozenset(("TH", "MY", "VN"))  # number first, the street's type in front and often its number behind
_COUNTED = frozenset("one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split())
_NUMBERED_ROADS = frozenset("highway hwy route rte rt".split())
_GRAND = frozenset("plaza center centre place square pl sq ctr tower".split())


class Way(NamedTuple):
    """One way in which a line with street and number is written; `take` tells whether the line was, and took it."""

    why: str
    take: Callable[[list[str], WordKinds, Draft], bool]


def read_number_first(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """Takes number, street and unit from a line; a number behind the street counts where none stands before it."""
    if kinds[words[0]] & _FIGURED == DIGIT:
        words = _unglued(words)
    for way in NUMBER_FIRST:
        if way.take(words, kinds, draft):
            break


_FIGURED = DIGIT | HOUSE


def _unglued(words: list[str]) -> list[str]:
    """Words whose first is parted where number and name are one: "12Elm Road"."""
    glued = _GLUED.fullmatch(words[0])
    return [glued[1], glued[2], *words[1:]] if glued else words


def _take_grid(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    """A house number of Wisconsin's grid in front of a street: "W148 N9748 Elm Dr"."""
    at = 0
    while kinds.country == "US" and at < min(2, len(words)) and _GRID.fullmatch(words[at]):
        at += 1
    if not at or len(words) - at < 2:
        return False
    draft.number = " ".join(words[:at])
    street_and_unit(words[at:], kinds, draft)
    return True


def _take_kilometre(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    if bare(words[0]) != "km" or len(words) < 3 or not kinds[words[1]] & HOUSE:
        return False
    draft.number = " ".join(words[:2]).replace(DECIMAL, ",")
    street_and_unit(words[2:], kinds, draft)
    return True


def _take_counted(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    """A number in letters: "One Elm Plaza", "Fifty N. Front St."; "Seven Oaks Lane" has none."""
    if kinds.country not in ("US", "CA") or len(words) < 3 or words[0].casefold() not in _COUNTED or kinds[words[0]]:
        return False
    street = words[: units.start_of(words, 1, kinds)]
    if not kinds[words[1]] & DIRECTION and street[-1].casefold() not in _GRAND:
        return False
    draft.number = words[0]
    street_and_unit(words[1:], kinds, draft)
    return True


def _take_in_front(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    if not kinds[words[0]] & (HOUSE | NUMBER) or _is_ordinal(words, kinds):
        return False
    at = _number_end(words, kinds, draft)
    if not at or _is_of_building(words, at, kinds):
        return False
    if at < len(words):
        draft.number = text(words[:at], kinds)
        words = _without_flat(words[at:], draft)
    street_and_unit(words, kinds, draft)
    return True


def _is_of_building(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether the number in front is a building's since a typed street has its own: "15 Plaza 5 Elm St"."""
    if kinds.country != "US" or len(words) - at < 4:
        return False
    second = next((i for i in range(at + 1, len(words) - 2) if _stands_inside(words, i, kinds)), 0)
    if not second or bare(words[second - 1]) in CLEAR_TYPES or kinds[words[second + 1]] & STREET_END:
        return False
    return bool(kinds.of(words[second + 2 :]) & STREET_END)


def _take_inside(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    """A house number behind a building's name: "Castle Exchange 41 Broad Street"."""
    at = next((i for i in range(1, len(words) - 1) if _stands_inside(words, i, kinds)), 0)
    if at:
        draft.name.append(" ".join(words[:at]))
        read_number_first(words[at:], kinds, draft)
    return at > 0


def _take_behind(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    """A number behind the street, in French or where no highway's number can be meant."""
    may_be = "fr" in kinds.spoken or (not kinds[words[0]] & HIGHWAY and "en" not in kinds.spoken)
    if may_be:
        _number_behind(words, kinds, draft)
    return may_be


def _take_without(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    street_and_unit(words, kinds, draft)
    return True


# how a line is written where the number stands in front; the first that fits
NUMBER_FIRST = (
    Way("in_front", _take_in_front),
    Way("grid", _take_grid),
    Way("kilometre", _take_kilometre),
    Way("in_letters", _take_counted),
    Way("behind_name", _take_inside),
    Way("behind", _take_behind),
    Way("without", _take_without),
)


def street_and_unit(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """Takes street and unit from a line whose number has been taken."""
    if kinds[words[0]] & BIS and len(words) > 1 and draft.number:
        draft.number, words = f"{draft.number} {words[0]}", words[1:]
    start = _unit_start(words, kinds)
    if start < len(words):
        units.add(words[start:], kinds, draft)
        words = words[:start]
    end = _street_end(words, kinds) if kinds.country == "US" and draft.number else len(words)
    if end < len(words):
        draft.name.append(" ".join(words[end:]))
    if words:
        draft.street.append(" ".join(words[:end]))


def _street_end(words: list[str], kinds: WordKinds) -> int:
    """The position behind the street's type where a building's name follows it: "12 Elm Rd Lynn Gardens"."""
    count = len(words)
    at = next((i for i in range(count - 1, 0, -1) if bare(words[i]) in CLEAR_TYPES), count)
    if count - at < 3 or not _begins_building(words, at, kinds):
        return count
    saint = bare(words[at]) in ("st", "dr", "ave", "av")  # "St Helens Place", "Dr Martin Luther King"
    return count if saint and kinds[words[-1]] & STREET_END and not kinds[words[at + 1]] & DIGIT else at + 1


def _begins_building(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether what follows the street's type at `at` can be the name of a building."""
    after = words[at + 1]
    if kinds[words[at - 1]] & DIRECTION or kinds[after] & STREET_END or after[0] == "&":
        return False
    if kinds[after] & DIGIT and words[-1].casefold() in _GRAND:
        return True  # "12 Elm St 1 Oak Plaza"
    joined = kinds[after] & (DIRECTION | PARTICLE | HIGHWAY) and after.casefold() != "the"
    return not joined and not kinds[after] & (HAS_DIGIT | LETTER | UNIT)


def _is_ordinal(words: list[str], kinds: WordKinds) -> bool:
    """A street named by its number: "5th Avenue"."""
    return bool(kinds[words[0]] & NTH) and (len(words) < 2 or bool(kinds[words[1]] & (STREET_END | DIRECTION)))


def _number_end(words: list[str], kinds: WordKinds, draft: Draft) -> int:
    """The position after the number in front; a letter behind it may be the street's, which is marked as a doubt."""
    at = len(leading(words, kinds)[0])
    rest = words[at:]
    if at and _is_letter_before_street(rest, kinds):
        draft.doubt("address.letter_or_street", f"{' '.join(words[:at])} | {' '.join(rest)}")
        return at + 1
    two = at == 1 and len(words) > 2 and kinds[words[1]] & HOUSE and not kinds[words[1]] & NTH
    return 2 if two and len(words[1]) == len(words[0]) else at  # "358 370 E 71st"


def _is_letter_before_street(words: list[str], kinds: WordKinds) -> bool:
    if len(words) < 2 or words[0].strip(".") not in _FLAT_LETTERS or words[1].casefold() in _AND:
        return False
    return not kinds[words[1]] & STREET_END


def _without_flat(words: list[str], draft: Draft) -> list[str]:
    """A flat between number and street goes into the unit: "6910 # G Mary Circle"."""
    if words[0][0] != "#" or len(words) < 3:
        return words
    stop = 2 if words[0] == "#" else 1
    draft.unit.append(" ".join(words[:stop]))
    return words[stop:]


def _stands_inside(words: list[str], i: int, kinds: WordKinds) -> bool:
    """Whether a word is the house number of a street that follows a building's name."""
    kind = kinds[words[i]]
    if not kind & HOUSE or kind & NTH or words[i - 1][-1] in "#&":
        return False
    before = 0 if _ends_name(words, i, kinds) else kinds[words[i - 1]]
    if before & (HIGHWAY | UNIT | NUMBER | STREET | DIRECTION | MONTH | HAS_DIGIT | CODE):
        return False
    if before & STREET_END and kinds[words[0]] & STREET:
        return False
    return bool(kinds.of(words[i + 1 :]) & (STREET_END | STREET | DIRECTION | NTH))


def _ends_name(words: list[str], i: int, kinds: WordKinds) -> bool:
    """Whether the word before a number ends a name although it looks like the beginning of a road's or a unit's."""
    two, before = kinds.at(words, i - 2), kinds[words[i - 1]]
    if before & HAS_DIGIT and i > 2 and words[i - 2] == "#":
        return True  # "acct # 90688 815 W. Market St"
    if before & DIRECTION and two & STREET_END:
        return True  # "Elm Square North 1100 N. Market Street"
    return i > 1 and words[i - 1].casefold() == "co."  # "Elm Co. 123 Elm St"


def _number_behind(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    start = units.start_of(words, 1, kinds)
    last = min(start, len(words)) - 1
    begin = last + 1
    if last > 0 and _is_number_behind(words, last, kinds):
        begin = _take_number_at(words, last, kinds, draft)
    if start < len(words):
        draft.unit.append(" ".join(words[start:]))
    draft.street.append(" ".join(words[:begin]))


def _is_number_behind(words: list[str], last: int, kinds: WordKinds) -> bool:
    """Whether the last word of a street is its house number: not the road "A 6", a year or a highway's number."""
    before = kinds[words[last - 1]]
    if not kinds[words[last]] & HOUSE or before & HIGHWAY or (last == 1 and before & LETTER):
        return False
    return not (last > 1 and before & MONTH and is_year(words[last]))


def _take_number_at(words: list[str], last: int, kinds: WordKinds, draft: Draft) -> int:
    """Puts the number at `last` into the draft, with what announces it; gives back where both begin."""
    before = words[last - 1]
    if last > 1 and bare(before) in KILOMETRE:
        draft.number = " ".join(words[last - 1 : last + 1]).replace(DECIMAL, ",")
        return last - 1
    draft.number = text(words[last : last + 1], kinds)
    return last - 1 if kinds[before] & NUMBER and last > 1 else last


def _unit_start(words: list[str], kinds: WordKinds) -> int:
    """Where the unit begins: at a word for one, or in English at a number or letter behind the street type."""
    count = len(words)
    start = units.start_of(words, min(1, count), kinds)
    if count and kinds.country in _TYPE_IN_FRONT and kinds[words[0]] & STREET:
        return start  # "Soi Falso 3", "Jalan Falso 3/4"
    if start < count and words[start][0] == "#" and bare(words[start - 1]) in _NUMBERED_ROADS:
        start = units.start_of(words, min(start + 2, count), kinds)  # "State Highway #50"
    if start < count or "en" not in kinds.spoken:
        return start
    end = next((i for i in range(count - 1, 0, -1) if kinds[words[i]] & STREET_END), 0)
    return _unit_behind_type(words, end + 1, kinds) if end else _number_without_type(words, kinds)


def _unit_behind_type(words: list[str], after: int, kinds: WordKinds) -> int:
    """Where a unit without a word for it begins behind the street's type: "12 Elm Rd 5", "12 Elm Rd N B"."""
    if kinds[words[after - 1]] & HIGHWAY and kinds.at(words, after) & DIGIT:
        return _unit_behind_road(words, after + 1, kinds)
    while kinds.at(words, after) & DIRECTION and not _announces_unit(words, after, kinds):
        after += 1
    if after == len(words):
        return after
    counted = _is_flat(words, after, kinds) and not kinds[words[after - 1]] & HIGHWAY
    return after if counted or _announces_unit(words, after, kinds) else len(words)


def _is_flat(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether a word has a figure or is a letter, or a doubled one that ends the line ("EE")."""
    word = words[at]
    doubled = at == len(words) - 1 and word == 2 * word[0]
    return doubled or bool(kinds[word] & (HAS_DIGIT | LETTER))


def _unit_behind_road(words: list[str], after: int, kinds: WordKinds) -> int:
    """Where a second number stands behind that of a road and its direction: "State Route 410 E. 216"."""
    beyond = next((i for i in range(after, len(words)) if not kinds[words[i]] & DIRECTION), len(words))
    return beyond if beyond < len(words) and words[beyond].isdecimal() else len(words)


def _announces_unit(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether "No." before a number stands here, which behind the street is that of a flat."""
    if bare(words[at - 1]) in _NUMBERED_ROADS:
        return False
    return bool(kinds.at(words, at) & NUMBER) and bool(kinds.at(words, at + 1) & HAS_DIGIT)


def _number_without_type(words: list[str], kinds: WordKinds) -> int:
    """Where a number stands that is no part of a road's name: "W. Northshore 1", but not "East 3300 South"."""
    numbers = (i for i in range(len(words) - 1, 0, -1) if kinds[words[i]] & DIGIT and not kinds[words[i]] & NTH)
    at = next(numbers, len(words))
    named = kinds[words[at - 1]] & (HIGHWAY | DIRECTION | HAS_DIGIT | MONTH | STREET)
    return len(words) if named or words[at - 1].casefold() in FOREIGN_TYPES else at


# Streets whose house number stands behind: "Via 4 Novembre 50 int. 3", "Storgata 12 B H0201", "Ctra. N-340 km 7".

_ROAD = re.compile(r"estrada|carretera|ctra\.?|crta\.?|carr\.?|autovía|strada|s\.?s\.?|s\.?p\.?", re.IGNORECASE)
_CLASS = re.compile(r"(?:[A-Z]\.?){1,3}")
_SQUARE = re.compile(r"[A-U] [1-7]")
_FLOOR_AND_DOOR = re.compile(r"\d{1,2}(?:-[\dA-Z]|[A-Z])", re.IGNORECASE)  # "Gran Vía 12 4-2", "12 4D"
# where streets seldom have numbers for names; elsewhere "Calle 19" is a street without a house number
_NAMED_STREETS = frozenset("IT ES DE NO SE DK FI AT CH NL BE PT".split())


def read_number_last(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """Takes street, number and unit from a line; a number in front counts where none stands behind the street."""
    unit_at = units.start_of(words, min(2, len(words)), kinds)
    last = _last_number(words, unit_at, kinds)
    if not last:
        _number_in_front(words, unit_at, kinds, draft)
        return
    begin = _first_of_range(words, last, kinds)
    stop = _letters_end(words, last + 1, unit_at, kinds)
    street_end, stop = _take_number(words, begin, stop, kinds, draft)
    draft.street.append(" ".join(words[:street_end]))
    if stop < len(words):
        _behind_number(words, stop, unit_at, kinds, draft)


def _take_number(words: list[str], begin: int, stop: int, kinds: WordKinds, draft: Draft) -> tuple[int, int]:
    """Puts the number at `begin` into the draft; gives back where the street ends and what is left over begins."""
    before = words[begin - 1]
    if bare(before) in KILOMETRE:
        draft.number = " ".join(words[begin - 1 : stop]).replace(DECIMAL, ",")
        return begin - 1, stop
    if _is_road(words, begin):
        return stop, stop
    if begin > 1 and kinds[before] & HOUSE and _is_first_of_two(words, begin, stop, kinds, draft):
        begin, stop = begin - 1, begin
    draft.number = text(words[begin:stop], kinds)
    return begin - 1 if begin > 1 and kinds[words[begin - 1]] & NUMBER else begin, stop


def _is_first_of_two(words: list[str], begin: int, stop: int, kinds: WordKinds, draft: Draft) -> bool:
    """Whether the number before the last one, which is at `begin`, is that of the house; in doubt both are shown."""
    if kinds.country == "ES" and _FLOOR_AND_DOOR.fullmatch("".join(words[begin:stop])):
        return True
    if part_of_name(words, begin - 1, stop, kinds):
        return False
    typed = kinds[words[begin - 2]] & STREET_END and (begin > 2 or kinds[words[0]] & GLUED)
    if typed:
        other = (words[:begin], words[begin:])
        draft.doubt("address.number_and_flat", " | ".join(map(" ".join, other)))
    else:
        both = (words[: begin - 1], words[begin - 1 : begin], words[begin:])
        draft.doubt("address.two_numbers", " | ".join(map(" ".join, both)))
    return bool(typed)


def _behind_number(words: list[str], stop: int, unit_at: int, kinds: WordKinds, draft: Draft) -> None:
    """What stands behind the number: a unit, a hamlet, or something that is only taken for a unit."""
    rest = words[stop:]
    known = draft.reason or stop == unit_at or kinds[rest[0]] & LETTER or _FLOOR_AND_DOOR.fullmatch(rest[0])
    if known or units.is_unit(rest, kinds):
        draft.unit.append(" ".join(rest))
    elif kinds[rest[0]] & DISTRICT:
        draft.district.append(" ".join(rest))
    else:
        draft.doubt("address.after_number", f"{' '.join(words[:stop])} | {' '.join(rest)}")
        draft.unit.append(" ".join(rest))


def _number_in_front(words: list[str], unit_at: int, kinds: WordKinds, draft: Draft) -> None:
    taken, rest = leading(words, kinds) if len(words) > 1 and not begins_date(words, 0, kinds) else ([], words)
    if taken and rest and not kinds[taken[0]] & NTH:
        draft.number = text(taken, kinds)
        words, unit_at = rest, units.start_of(rest, min(1, len(rest) - 1), kinds)
    if unit_at < len(words):
        draft.unit.append(" ".join(words[unit_at:]))
    if words[:unit_at]:
        draft.street.append(" ".join(words[:unit_at]))


def _last_number(words: list[str], end: int, kinds: WordKinds) -> int:
    """The position of the last word before `end` that can be the house number, 0 if there is none."""
    for i in range(end - 1, 0, -1):
        kind = kinds[words[i]]
        said_none = kind & NONE and not kind & (UNIT | STREET)
        if said_none or (kind & HOUSE and part_of_name(words, i, end, kinds) is None):
            return i
    return 0


class NamePart(NamedTuple):
    """Why a number is part of the street's name or of something else, and not the house number, where `holds`."""

    why: str
    holds: Callable[[list[str], int, int, WordKinds], bool]


def _is_year_of_date(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    month = i - 2 if words[i - 1].casefold() == "de" else i - 1
    return month > 0 and bool(kinds[words[month]] & MONTH) and is_year(words[i])


def _is_day_of_date(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    return begins_date(words, i, kinds) and (i == 0 or bool(kinds[words[0]] & STREET))


def begins_date(words: list[str], i: int, kinds: WordKinds) -> bool:
    """Whether the word at `i` is the day of a date that names a street: "25 Aprile", "2 de Mayo"."""
    if i + 1 >= len(words):
        return False
    month = i + 2 if words[i + 1].casefold() == "de" else i + 1
    return bool(kinds.at(words, month) & MONTH) and words[i].rstrip("º°.").isdecimal() and len(words[i]) < 4


def _is_ordinal_name(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    last = i + 1 >= end
    return bool(kinds[words[i]] & NTH) and not last and not kinds[words[i + 1]] & (HAS_DIGIT | LETTER | UNIT)


def _is_door(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    return i > 2 and is_letter(words[i - 1], kinds[words[i - 1]]) and bool(kinds[words[i - 2]] & HOUSE)


def _is_numbered_street(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    return i == 1 and bool(kinds[words[0]] & STREET) and kinds.country not in _NAMED_STREETS


# classes of numbered roads by country, without points
_ROAD_CLASSES = {
    "IT": frozenset("ss sp sr ssp".split()),
    "ES": frozenset(("n",)),
    "PT": frozenset("n en ic ip".split()),
    "DE": frozenset("a b l k".split()),
    "AT": frozenset("a b l".split()),
    "CH": frozenset("a n".split()),
    "NO": frozenset("e rv fv".split()),
    "SE": frozenset(("e", "rv")),
    "DK": frozenset(("e",)),
    "PL": frozenset(("dk", "dw")),
}


# where "Bundesstraße 12" is as often a house in a street of that name
_ROADS_WITH_HOUSES = frozenset(("DE", "AT", "CH"))


def is_road_number(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    """Whether a number is that of a road, told by the road's word or class in front."""
    before = kinds[words[i - 1]]
    if before & HIGHWAY and before & GLUED:
        return i + 1 < end or kinds.country not in _ROADS_WITH_HOUSES
    if before & HIGHWAY:
        return _ROAD.fullmatch(words[0]) is not None
    if words[i - 1].casefold().replace(".", "") not in _ROAD_CLASSES.get(kinds.country, ()):
        return False
    return i == 1 or bool(kinds[words[i - 2]] & PARTICLE)


def is_square(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    """Whether a letter and a figure are one of the blocks of Mannheim that stand for streets: "C 4"."""
    return i == 1 and kinds.country == "DE" and bool(_SQUARE.fullmatch(" ".join(words[:2])))


# numbers that are not the house number
NAME_PARTS = (
    NamePart("year", _is_year_of_date),  # "8 mai 1945"
    NamePart("day", _is_day_of_date),  # "Via 4 Novembre"
    NamePart("ordinal", _is_ordinal_name),  # "5. Straße"
    NamePart("door", _is_door),  # "25 C 2"
    NamePart("road", is_road_number),  # "Riksvei 7", "An der B 27"
    NamePart("square", is_square),  # "C 4, 12"
    NamePart("numbered_street", _is_numbered_street),  # "Calle 19"
)


def part_of_name(words: list[str], i: int, end: int, kinds: WordKinds) -> NamePart | None:
    """Why the number at `i` of a street that ends before `end` is not the house number; None where it can be."""
    if _is_behind_name(words, i, kinds):
        return None
    for part in NAME_PARTS:
        if part.holds(words, i, end, kinds):
            return part
    return None


def _is_behind_name(words: list[str], i: int, kinds: WordKinds) -> bool:
    """Whether a plain word stands before the number and nothing like a date behind it, so that no rule can hold."""
    before = words[i - 1]
    if kinds[before] or kinds[words[i]] & NTH or len(before) < 4 or not before.isalpha():
        return False
    return i + 1 == len(words) or not (kinds[words[i + 1]] & MONTH or words[i + 1].casefold() == "de")


def _first_of_range(words: list[str], last: int, kinds: WordKinds) -> int:
    """The position where a range of numbers begins that ends at `last`: "12 - 14", "1 / 12 / 14"."""
    begin, at = last, last - 1
    if words[last] in _FRACTIONS and last > 1 and kinds[words[at]] & HOUSE:
        return at  # "5 1/2"
    first = kinds[words[0]]
    bare_type = first & (STREET | STREET_END) and not first & GLUED  # in "Str. 246 - 16" the street is "Str. 246"
    while at > 0:
        if not any(map(str.isalnum, words[at])):
            at -= 1
        elif kinds[words[at]] & HOUSE and at + 1 < begin and (at > 1 or not bare_type):
            begin, at = at, at - 1
        else:
            break
    return begin


def _is_road(words: list[str], at: int) -> bool:
    """Whether the number at `at` is that of a road ("Carretera N 340"), whose class stands before it."""
    return bool(at + 1 == len(words) and _CLASS.fullmatch(words[at - 1]) and _ROAD.fullmatch(words[0]))


def _letters_end(words: list[str], at: int, end: int, kinds: WordKinds) -> int:
    """The position after a letter, "bis" or further part that belongs to the number: "24 A", "9 r", "12 / 104"."""
    at = min(max(at, end_of(words[:end], at, kinds)), end)
    while at < end and kinds[words[at]] & (BIS | LETTER):
        if kinds[words[at]] & LETTER and kinds.at(words, at + 1) & DIGIT:
            break
        at += 1
    return at
