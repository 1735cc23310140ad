"""House numbers among the words of a street line ("12", "12 bis", "12 - 14", "1/2", "s/n"), before or behind it."""

from __future__ import annotations

import re

from xlcrm.addresses import units
from xlcrm.addresses.address_text import DECIMAL
from xlcrm.addresses.address_words import CODE, DIGIT, GLUED, HAS_DIGIT, HOUSE, LETTER, NTH, WordKinds
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
_FRACTIONS = frozenset(("1/2", "1/3", "1/4", "3/4", "½"))
_EDGE = ".,/-–—#\\:$^%&*!@=~_ "


def only(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line is nothing but a house number."""
    return bool(kinds[words[0]] & (HOUSE | NUMBER | NONE)) and not leading(words, kinds)[1]


def leading(words: list[str], kinds: WordKinds) -> tuple[list[str], list[str]]:
    """The words of a house number in front, and the rest."""
    first = kinds[words[0]]
    if first & NONE and not first & STREET:
        return words[:1], words[1:]
    at = 1 if first & NUMBER and len(words) > 1 and kinds[words[1]] & HAS_DIGIT else 0
    if not kinds[words[at]] & HOUSE:
        return [], words
    at = end_of(words, at + 1, kinds)
    return words[:at], words[at:]


def end_of(words: list[str], at: int, kinds: WordKinds) -> int:
    """The position after what still belongs to a number that stands before `at`: "- 14", "1/2", "bis", "/ A"."""
    count = len(words)
    while at < count:
        word, kind = words[at], kinds[words[at]]
        if word in _LINKS and at + 1 < count and (kinds[words[at + 1]] & HOUSE or len(words[at + 1]) == 1):
            at += 2
        elif kind & BIS or word in _FRACTIONS or (word[0] in "/-–" and kind & HOUSE):
            at += 1
        elif not any(c.isalnum() for c in word) and word != "#":
            at += 1
            if at < count and kinds[words[at]] & HOUSE and not kinds[words[at]] & NTH:
                at += 1
        else:
            break
    return at


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
_COUNTED = frozenset("one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split())
_NUMBERED_ROADS = frozenset("highway hwy route rte rt".split())
_GRAND = frozenset("plaza center centre place square pl sq ctr tower".split())


def read_number_first(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """Takes number, street and unit from a line; a number behind the street counts where none stands before it."""
    first = kinds[words[0]]
    if kinds.country == "US" and (grid := _grid_end(words)):
        draft.number = " ".join(words[:grid])
        street_and_unit(words[grid:], kinds, draft)
        return
    if words[0].casefold().strip(".") == "km" and len(words) > 2 and kinds[words[1]] & HOUSE:
        draft.number = " ".join(words[:2]).replace(DECIMAL, ",")
        street_and_unit(words[2:], kinds, draft)
        return
    if first & DIGIT and not first & HOUSE and (glued := _GLUED.fullmatch(words[0])):
        words = [glued[1], glued[2], *words[1:]]
        first = kinds[glued[1]]
    if not first and _is_counted(words, kinds):
        draft.number = words[0]
        street_and_unit(words[1:], kinds, draft)
        return
    at = _number_end(words, kinds, draft) if first & (HOUSE | NUMBER) and not _is_ordinal(words, kinds) else 0
    if at == len(words):
        street_and_unit(words, kinds, draft)
    elif at:
        draft.number = text(words[:at], kinds)
        street_and_unit(_without_flat(words[at:], draft), kinds, draft)
    elif inside := _inside(words, kinds):
        draft.name.append(" ".join(words[:inside]))
        read_number_first(words[inside:], kinds, draft)
    elif "fr" in kinds.spoken or (not first & HIGHWAY and "en" not in kinds.spoken):
        _number_behind(words, kinds, draft)
    else:
        street_and_unit(words, kinds, draft)


def street_and_unit(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    """Takes street and unit from a line whose number has been taken."""
    if kinds[words[0]] & BIS and len(words) > 1 and draft.number:
        draft.number, words = f"{draft.number} {words[0]}", words[1:]
    start = _unit_start(words, kinds)
    if start < len(words):
        units.add(words[start:], kinds, draft)
        words = words[:start]
    if kinds.country == "US" and draft.number and (end := _street_end(words, kinds)) < len(words):
        draft.name.append(" ".join(words[end:]))
        words = words[:end]
    if words:
        draft.street.append(" ".join(words))


def _street_end(words: list[str], kinds: WordKinds) -> int:
    """The position behind the street's type where a building's name follows it: "12 Elm Rd Lynn Gardens"."""
    count = len(words)
    at = next((i for i in range(count - 1, 0, -1) if words[i].casefold().strip(".") in CLEAR_TYPES), count)
    if count - at < 3 or kinds[words[at - 1]] & DIRECTION or kinds[words[at + 1]] & STREET_END:
        return count
    if kinds[words[at + 1]] & (DIRECTION | PARTICLE | HIGHWAY) and words[at + 1].casefold() != "the":
        return count
    if kinds.of(words[at + 1 :]) & (HAS_DIGIT | LETTER) or words[at + 1][0] in "(&":
        return count
    saint = words[at].casefold().strip(".") in ("st", "dr", "ave", "av")  # "St Helens Place", "Dr Martin Luther King"
    return count if saint and kinds[words[-1]] & STREET_END else at + 1


def _grid_end(words: list[str]) -> int:
    """The position after a house number of Wisconsin's grid in front of a street: "W148 N9748 Elm Dr"; 0 for none."""
    at = 0
    while at < min(2, len(words)) and _GRID.fullmatch(words[at]):
        at += 1
    return at if len(words) - at > 1 else 0


def _is_counted(words: list[str], kinds: WordKinds) -> bool:
    """A number in letters: "One Elm Plaza", "Fifty N. Front St."; "Seven Oaks Lane" has none."""
    if kinds.country not in ("US", "CA") or len(words) < 3 or words[0].casefold() not in _COUNTED:
        return False
    street = words[: units.start_of(words, 1, kinds)]
    return bool(kinds[words[1]] & DIRECTION) or street[-1].casefold() in _GRAND


def _is_ordinal(words: list[str], kinds: WordKinds) -> bool:
    """A street named by its number: "5th Avenue"."""
    return bool(kinds[words[0]] & NTH) and (len(words) < 2 or bool(kinds[words[1]] & (STREET_END | DIRECTION)))


def _number_end(words: list[str], kinds: WordKinds, draft: Draft) -> int:
    at = len(leading(words, kinds)[0])
    if at + 1 < len(words) and words[at + 1].casefold() in ("and", "&"):
        return at  # "290 C and N Mill Road"
    lettered = at and at + 1 < len(words) and words[at].strip(".") in ("A", "B", "C", "D")
    if lettered and not kinds[words[at + 1]] & STREET_END:
        draft.doubt("address.letter_or_street", f"{' '.join(words[:at])} | {' '.join(words[at:])}")
        return at + 1
    if at == 1 and len(words) > 2 and kinds[words[1]] & HOUSE and not kinds[words[1]] & NTH:
        return 2 if len(words[1]) == len(words[0]) else 1  # "358 370 E 71st"
    return at


def _without_flat(words: list[str], draft: Draft) -> list[str]:
    """A flat between number and street goes into the unit: "6910 # G Mary Circle"."""
    if words[0][0] != "#" or len(words) < 3:
        return words
    stop = 2 if words[0] == "#" else 1
    draft.unit.append(" ".join(words[:stop]))
    return words[stop:]


def _inside(words: list[str], kinds: WordKinds) -> int:
    """Where a house number stands behind a building's name ("Castle Exchange 41 Broad Street"), 0 if nowhere."""
    for i in range(1, len(words) - 1):
        kind, before = kinds[words[i]], kinds[words[i - 1]]
        if not kind & HOUSE or kind & NTH or words[i - 1][-1] in "#&":
            continue
        if before & HAS_DIGIT and i > 2 and words[i - 2] == "#":
            before = 0  # "acct # 90688 815 W. Market St"
        if words[i - 1].casefold() == "co." and i > 1:
            before = 0  # "Elm Co. 123 Elm St"
        if before & DIRECTION and i > 1 and kinds[words[i - 2]] & STREET_END:
            before = 0  # "Elm Square North 1100 N. Market Street"
        if before & (HIGHWAY | UNIT | NUMBER | STREET | DIRECTION | MONTH | HAS_DIGIT | CODE):
            continue
        if before & STREET_END and kinds[words[0]] & STREET:
            continue
        if kinds.of(words[i + 1 :]) & (STREET_END | STREET | DIRECTION | NTH):
            return i
    return 0


def _number_behind(words: list[str], kinds: WordKinds, draft: Draft) -> None:
    start = units.start_of(words, 1, kinds)
    last = min(start, len(words)) - 1
    begin = last + 1
    if last == 1 and kinds[words[0]] & LETTER:  # the road "A 6"
        last = 0
    dated = last > 1 and kinds[words[last - 1]] & MONTH and is_year(words[last])
    if last > 0 and kinds[words[last]] & HOUSE and not dated and not kinds[words[last - 1]] & HIGHWAY:
        draft.number = text(words[last : last + 1], kinds)
        begin = last - 1 if kinds[words[last - 1]] & NUMBER and last > 1 else last
        if words[last - 1].casefold().strip(".") in ("km", "pk") and last > 1:
            begin = last - 1
            draft.number = " ".join(words[begin : last + 1]).replace(DECIMAL, ",")
    if start < len(words):
        draft.unit.append(" ".join(words[start:]))
    draft.street.append(" ".join(words[:begin]))


def _unit_start(words: list[str], kinds: WordKinds) -> int:
    """Where the unit begins: at a word for one, or in English at a number or letter behind the street type."""
    count = len(words)
    start = units.start_of(words, min(1, count), kinds)
    if start < count and words[start][0] == "#" and words[start - 1].casefold().strip(".") in _NUMBERED_ROADS:
        start = units.start_of(words, min(start + 2, count), kinds)  # "State Highway #50"
    if start < count or "en" not in kinds.spoken:
        return start
    end = count - 1
    while end and not kinds[words[end]] & STREET_END:
        end -= 1
    if not end:
        return _number_without_type(words, kinds)
    after = end + 1
    if after < count and kinds[words[after - 1]] & HIGHWAY and kinds[words[after]] & DIGIT:
        after += 1  # the number of the road
        beyond = [i for i in range(after, count) if not kinds[words[i]] & DIRECTION][:1]
        return beyond[0] if beyond and words[beyond[0]].isdecimal() else count
    while after < count and kinds[words[after]] & DIRECTION and not _announces_unit(words, after, kinds):
        after += 1
    if _announces_unit(words, after, kinds):
        return after
    doubled = after == count - 1 and len(words[after]) == 2 and words[after][0] == words[after][1]  # the flat "EE"
    if (
        after < count
        and (doubled or kinds[words[after]] & (HAS_DIGIT | LETTER))
        and not kinds[words[after - 1]] & HIGHWAY
    ):
        return after
    return count


def _announces_unit(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether "No." before a number stands here, which behind the street is that of a flat."""
    if words[at - 1].casefold().strip(".") in _NUMBERED_ROADS:
        return False
    return at + 1 < len(words) and bool(kinds[words[at]] & NUMBER) and bool(kinds[words[at + 1]] & HAS_DIGIT)


def _number_without_type(words: list[str], kinds: WordKinds) -> int:
    """Where a number stands that is no part of a road's name: "W. Northshore 1", but not "East 3300 South"."""
    for i in range(len(words) - 1, 0, -1):
        if kinds[words[i]] & DIGIT and not kinds[words[i]] & NTH:
            named = kinds[words[i - 1]] & (HIGHWAY | DIRECTION | HAS_DIGIT | MONTH | STREET)
            named = named or words[i - 1].casefold() in FOREIGN_TYPES
            return len(words) if named else i
    return len(words)


# Streets whose house number stands behind: "Via 4 Novembre 50 int. 3", "Storgata 12 B H0201", "Ctra. N-340 km 7".

_ROAD = re.compile(r"carretera|ctra\.?|crta\.?|carr\.?|autovía|strada|s\.?s\.?|s\.?p\.?", re.IGNORECASE)
_CLASS = re.compile(r"[A-Z]{1,3}\.?")
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
        draft.number = text(words[begin:stop], kinds)
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


def _number_in_front(words: list[str], unit_at: int, kinds: WordKinds, draft: Draft) -> None:
    taken, rest = leading(words, kinds) if len(words) > 1 else ([], words)
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
        if (kind & NONE and not kind & (UNIT | STREET)) or (kind & HOUSE and not _is_of_name(words, i, end, kinds)):
            return i
    return 0


def _is_of_name(words: list[str], i: int, end: int, kinds: WordKinds) -> bool:
    """Whether a number belongs to a date ("8 mai 1945"), an ordinal, a staircase ("25 C 2") or a street's name."""
    before, after = kinds[words[i - 1]], kinds[words[i + 1]] if i + 1 < len(words) else 0
    if i > 1 and before & MONTH and is_year(words[i]):
        return True
    if after & MONTH and kinds[words[0]] & STREET:
        return True
    if kinds[words[i]] & NTH and i + 1 < end and not after & (HAS_DIGIT | LETTER | UNIT):
        return True
    if i > 2 and before & LETTER and len(words[i - 1]) == 1 and kinds[words[i - 2]] & HOUSE:
        return True
    return i == 1 and bool(kinds[words[0]] & STREET) and kinds.country not in _NAMED_STREETS


def _first_of_range(words: list[str], last: int, kinds: WordKinds) -> int:
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


def _letters_end(words: list[str], at: int, end: int, kinds: WordKinds) -> int:
    """The position after a letter, "bis" or further part that belongs to the number: "24 A", "9 r", "12 / 104"."""
    at = min(max(at, end_of(words[:end], at, kinds)), end)
    while at < end and kinds[words[at]] & (BIS | LETTER):
        if kinds[words[at]] & LETTER and at + 1 < len(words) and kinds[words[at + 1]] & DIGIT:
            break
        at += 1
    return at
