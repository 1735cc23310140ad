"""Where a town begins in one run of words with the street: behind the number, the street type, or as a known name."""

from __future__ import annotations

from xlcrm.addresses import places, regions, units
from xlcrm.addresses.address_text import bare
from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, HOUSE, LETTER, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import BIS, DIRECTION, HIGHWAY, NONE, PARTICLE, PO_BOX, STREET, STREET_END, UNIT

# street types that hardly ever end the name of a town
CLEAR_TYPES = frozenset(
    "street st road rd avenue ave av drive dr lane ln boulevard blvd court ct circle cir way pkwy".split()
)

FOREIGN_TYPES = frozenset("camino calle avenida paseo via rue".split())  # of streets in America


def cut(words: list[str], kinds: WordKinds, draft: Draft, known_only: bool = False) -> list[str]:
    """Takes the town off the end of a street line into the draft; gives back the words of the street.

    Where nothing known parts the two, the line stays whole; `known_only` also asks that the town be a known one.
    """
    starts = _possible(words, kinds)
    if kinds.number_first:
        start = _after_street_type(words, starts, kinds, known_only)
    else:
        start = _after_number(words, starts, kinds, known_only)
    if not start:
        return words
    street = words[:start]
    if kinds.country == "US" and not draft.region and _follows_state(words, start, kinds):
        draft.region = words[start - 1]
        street = words[: start - 1]
        draft.city = " ".join(words[start:])
        return street
    if not _ends_street(words, start, kinds) and len(starts) > 1 and starts[0] == start:
        other = starts[1]
        draft.doubt("address.where_town_begins", f"{' '.join(words[:other])} | {' '.join(words[other:])}")
    draft.city = " ".join(words[start:] if words[start] != "/" else words[start + 1 :])
    return street


def _follows_state(words: list[str], start: int, kinds: WordKinds) -> bool:
    """Whether the state slipped in front of the town: "101 Elm St Unit 7 CA Long Beach"."""
    state = words[start - 1]
    if start < 3 or len(state) != 2 or kinds[state] & (STREET_END | DIRECTION | PARTICLE):
        return False
    return regions.is_region([state], kinds.country) and _ends_street(words, start - 1, kinds)


def behind_unit(words: list[str], kinds: WordKinds, draft: Draft) -> list[str]:
    """Takes an unknown town behind a whole unit into the draft: "Suite 102 Fakeham"; gives back the unit."""
    end = units.end_of(words, 0, kinds) if kinds[words[0]] & UNIT and "en" in kinds.spoken else 0
    if end < 2 or end == len(words) or kinds.of(words[end:]) & (HAS_DIGIT | STREET_END | UNIT):
        return words
    draft.city = " ".join(words[end:])
    return words[:end]


def is_crossing(words: list[str], kinds: WordKinds) -> bool:
    """Whether two streets that cross stand for one: "Elm St and Oak Ave Fakeham"."""
    if "en" not in kinds.spoken or len(words) < 4:
        return False
    return any(word.casefold() in _CROSSING and kinds[words[i]] & STREET_END for i, word in enumerate(words[1:]))


_CROSSING = frozenset(("and", "&", "@", "at"))


def before_code(words: list[str], kinds: WordKinds, draft: Draft) -> list[str]:
    """A line that ends with the postal code where it is written before the town: the town is not expected here."""
    if not kinds.of(words) & (DIGIT | STREET | STREET_END):
        draft.city = " ".join(words)
        return []
    if not kinds.number_first:
        rest = cut(words, kinds, draft, known_only=True)
        return rest if draft.city or not kinds.of(words) & HOUSE else cut(words, kinds, draft)
    starts = _possible(words, kinds)
    if starts:
        draft.doubt("address.town_before_code", f"{' '.join(words[: starts[0]])} | {' '.join(words[starts[0] :])}")
    return words


def _possible(words: list[str], kinds: WordKinds) -> list[int]:
    """Where a known town may begin: never right after "de" or the word for street, nor within "S E"."""
    first = 2 if kinds[words[0]] & DIGIT else 1
    starts = places.town_starts(words, first, kinds.country)
    return [start for start in starts if not _is_within_name(words, start, first, kinds)]


def _is_within_name(words: list[str], start: int, first: int, kinds: WordKinds) -> bool:
    """Whether the word at `start` goes on with the name of the street, which begins at `first` or before."""
    before, kind = kinds[words[start - 1]], kinds[words[start]]
    if before & PARTICLE and not before & (STREET_END | DIRECTION):
        return True
    if start == first and before & STREET and not before & STREET_END:
        return True
    if start == len(words) - 1 and kind & (STREET_END | DIRECTION):
        return True
    return bool(before & DIRECTION and kind & DIRECTION and len(words[start]) < 3)


def _ends_street(words: list[str], start: int, kinds: WordKinds) -> bool:
    before = kinds[words[start - 1]]
    return bool(before & (STREET_END | DIRECTION | HAS_DIGIT | CODE | LETTER | UNIT)) or (
        start > 2 and bool(kinds[words[start - 2]] & UNIT) and bool(before & HAS_DIGIT)
    )


def _after_street_type(words: list[str], starts: list[int], kinds: WordKinds, known_only: bool) -> int:
    """Where the town begins behind a street whose number stands in front, 0 where that is not clear."""
    clear = next((start for start in starts if _is_clear_start(words, start, kinds, known_only)), 0)
    english = "en" in kinds.spoken
    if clear or (english and known_only):
        return clear
    end = _street_end(words, kinds) if english else 0
    longer = starts and starts[0] > end and len(words) - end > 2
    return end if end and not longer else next(iter(starts), 0)


def _is_clear_start(words: list[str], start: int, kinds: WordKinds, known_only: bool) -> bool:
    if _ends_street(words, start, kinds) and (not known_only or kinds.of(words[1:start]) & STREET_END):
        return True
    flat = known_only and start > 1 and kinds[words[start - 2]] & UNIT
    return bool(flat and kinds[words[start - 1]] & HAS_DIGIT)  # "Apt 12 Stamford"


def _street_end(words: list[str], kinds: WordKinds) -> int:
    """The position after the last street type, its direction and its unit; 0 where there is none or no words follow."""
    if bare(words[-1]) in CLEAR_TYPES:
        return 0
    first = 2 if kinds[words[0]] & DIGIT else 1
    at = next((i for i in range(len(words) - 2, first - 1, -1) if _is_type(words, i, kinds)), 0)
    if not at:
        return 0
    after = units.end_of(words, _after_direction(words, at, kinds), kinds)
    return after if after < len(words) and not kinds[words[after]] & (HAS_DIGIT | PO_BOX | UNIT) else 0


def _is_type(words: list[str], at: int, kinds: WordKinds) -> bool:
    """Whether a street's name ends here: at its type, a clear one where the town ends like a street, or its number."""
    if _is_road_number(words, at, kinds):
        return True
    return bare(words[at]) in CLEAR_TYPES if kinds[words[-1]] & STREET_END else bool(kinds[words[at]] & STREET_END)


def _is_road_number(words: list[str], at: int, kinds: WordKinds) -> bool:
    return bool(kinds[words[at]] & DIGIT and kinds[words[at - 1]] & HIGHWAY)


def _after_direction(words: list[str], at: int, kinds: WordKinds) -> int:
    """The position after the directions that follow a street's type at `at`."""
    longest = 99 if _is_road_number(words, at, kinds) else 4
    after = at + 1
    while kinds.at(words, after) & (DIRECTION | HIGHWAY) and len(words[after]) <= longest:
        after += 1
    return after


def _after_number(words: list[str], starts: list[int], kinds: WordKinds, known_only: bool) -> int:
    """Where the town begins behind a street whose number stands behind its name, 0 where that is not clear."""
    number = next((i for i in range(len(words) - 1, 0, -1) if kinds[words[i]] & (HOUSE | NONE)), 0)
    if not number:
        return _without_number(words, starts, kinds)
    after = _after_letters(words, number + 1, kinds)
    if after in starts and after == len(words) - 1:
        return after
    after = max(after, units.end_of(words, after, kinds))
    if after >= len(words):
        return 0
    if after in starts or not known_only:
        return 0 if kinds[words[after]] & (UNIT | PO_BOX | DIGIT | CODE) else after
    return next((start for start in starts if start >= after), 0)


def _without_number(words: list[str], starts: list[int], kinds: WordKinds) -> int:
    """Where a known town begins behind a street without number, at least two words long unless one says it all."""
    return next((start for start in starts if start > 1 or kinds[words[0]] & STREET_END), 0)


def _after_letters(words: list[str], after: int, kinds: WordKinds) -> int:
    """The position after the letters and "bis" of a number that ends before `after`."""
    while kinds.at(words, after) & (LETTER | BIS) and len(words[after]) < 5:
        after += 1
    return after


def direction_moved(lines: list[list[str]], kinds: WordKinds) -> list[list[str]]:
    """The direction of a street that slipped behind the comma goes back: "12 River Drive, SW Cartersville".

    One that is written out is the town's: "12 River Drive, West Dover".
    """
    *upper, street, last = lines
    if not kinds[last[0]] & DIRECTION or not kinds[street[-1]] & STREET_END:
        return lines
    if len(last) == 1:
        return [*upper, [*street, last[0]]] if len(last[0].strip(".")) < 3 else lines
    if (
        len(last[0].replace(".", "")) > 2
        or places.is_town(last, kinds.country)
        or not places.is_town(last[1:], kinds.country)
    ):
        return lines
    return [*upper, [*street, last[0]], last[1:]]
