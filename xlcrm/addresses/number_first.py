"""Streets whose house number stands in front: "12 bis rue de la Paix", "463 E 147 St. #2F"."""

from __future__ import annotations

import re

from xlcrm.addresses import house_number, units
from xlcrm.addresses.address_text import DECIMAL
from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, HOUSE, LETTER, NTH, Words
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import BIS, DIRECTION, HIGHWAY, MONTH, NUMBER, PARTICLE, STREET, STREET_END, UNIT
from xlcrm.addresses.towns import CLEAR_TYPES, FOREIGN_TYPES

_GLUED = re.compile(r"(\d{1,6})([A-ZÀ-Þ][a-zß-ÿ]{2,}.*)")
_GRID = re.compile(r"[NSEW]\d{2,5}", re.IGNORECASE)
_COUNTED = frozenset("one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split())
_NUMBERED_ROADS = frozenset("highway hwy route rte rt".split())
_GRAND = frozenset("plaza center centre place square pl sq ctr tower".split())


def read(words: list[str], kinds: Words, draft: Draft) -> None:
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
        draft.number = house_number.text(words[:at], kinds)
        street_and_unit(_without_flat(words[at:], draft), kinds, draft)
    elif inside := _inside(words, kinds):
        draft.name.append(" ".join(words[:inside]))
        read(words[inside:], kinds, draft)
    elif "fr" in kinds.spoken or (not first & HIGHWAY and "en" not in kinds.spoken):
        _number_behind(words, kinds, draft)
    else:
        street_and_unit(words, kinds, draft)


def street_and_unit(words: list[str], kinds: Words, draft: Draft) -> None:
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


def _street_end(words: list[str], kinds: Words) -> int:
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


def _is_counted(words: list[str], kinds: Words) -> bool:
    """A number in letters: "One Elm Plaza", "Fifty N. Front St."; "Seven Oaks Lane" has none."""
    if kinds.country not in ("US", "CA") or len(words) < 3 or words[0].casefold() not in _COUNTED:
        return False
    street = words[: units.start_of(words, 1, kinds)]
    return bool(kinds[words[1]] & DIRECTION) or street[-1].casefold() in _GRAND


def _is_ordinal(words: list[str], kinds: Words) -> bool:
    """A street named by its number: "5th Avenue"."""
    return bool(kinds[words[0]] & NTH) and (len(words) < 2 or bool(kinds[words[1]] & (STREET_END | DIRECTION)))


def _number_end(words: list[str], kinds: Words, draft: Draft) -> int:
    at = len(house_number.leading(words, kinds)[0])
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


def _inside(words: list[str], kinds: Words) -> int:
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


def _number_behind(words: list[str], kinds: Words, draft: Draft) -> None:
    start = units.start_of(words, 1, kinds)
    last = min(start, len(words)) - 1
    begin = last + 1
    if last == 1 and kinds[words[0]] & LETTER:  # the road "A 6"
        last = 0
    dated = last > 1 and kinds[words[last - 1]] & MONTH and house_number.is_year(words[last])
    if last > 0 and kinds[words[last]] & HOUSE and not dated and not kinds[words[last - 1]] & HIGHWAY:
        draft.number = house_number.text(words[last : last + 1], kinds)
        begin = last - 1 if kinds[words[last - 1]] & NUMBER and last > 1 else last
        if words[last - 1].casefold().strip(".") in ("km", "pk") and last > 1:
            begin = last - 1
            draft.number = " ".join(words[begin : last + 1]).replace(DECIMAL, ",")
    if start < len(words):
        draft.unit.append(" ".join(words[start:]))
    draft.street.append(" ".join(words[:begin]))


def _unit_start(words: list[str], kinds: Words) -> int:
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


def _announces_unit(words: list[str], at: int, kinds: Words) -> bool:
    """Whether "No." before a number stands here, which behind the street is that of a flat."""
    if words[at - 1].casefold().strip(".") in _NUMBERED_ROADS:
        return False
    return at + 1 < len(words) and bool(kinds[words[at]] & NUMBER) and bool(kinds[words[at + 1]] & HAS_DIGIT)


def _number_without_type(words: list[str], kinds: Words) -> int:
    """Where a number stands that is no part of a road's name: "W. Northshore 1", but not "East 3300 South"."""
    for i in range(len(words) - 1, 0, -1):
        if kinds[words[i]] & DIGIT and not kinds[words[i]] & NTH:
            named = kinds[words[i - 1]] & (HIGHWAY | DIRECTION | HAS_DIGIT | MONTH | STREET)
            named = named or words[i - 1].casefold() in FOREIGN_TYPES
            return len(words) if named else i
    return len(words)
