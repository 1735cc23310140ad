"""The town of an address without a postal code: the last line, unless that looks like anything else."""

from __future__ import annotations

from xlcrm.addresses import areas, places, towns, units
from xlcrm.addresses.address_words import DIGIT, HAS_DIGIT, NOT_TOWN, Words
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import HIGHWAY, STREET_END

Lines = list[list[str]]


def read(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    """Fills city and region of the draft; gives back the lines that hold name and street."""
    rest = _last_line_town(lines, kinds, draft)
    return rest if draft.city else first_line_town(rest, kinds, draft)


def first_line_town(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    """A town in front of the street, where none stands behind it: "Milano, Via Roma 5"."""
    if len(lines) < 2 or kinds.is_street(lines[0]) or not kinds.is_street(lines[1]):
        return lines
    if not places.is_town(lines[0], kinds.country):
        return lines
    draft.city = " ".join(lines[0])
    return lines[1:]


def _last_line_town(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    country = kinds.country
    rest = areas.take(lines, kinds, draft, beside=False)
    if len(lines) == 1 and draft.region and not _can_precede_region(rest[0], kinds):
        rest, draft.region = lines, ""
    if len(rest) > 1 and kinds.number_first:
        rest = towns.direction_moved(rest, kinds)
    last = rest[-1]
    if len(rest) == 1:
        if not kinds.is_street(last) and (len(lines) > 1 or draft.region or places.is_town(last, country)):
            draft.city = " ".join(last)
            return []
        return [towns.cut(last, kinds, draft, known_only=not draft.region)]
    if kinds.of(last) & HAS_DIGIT and not _has_district_number(last, kinds):
        return [*rest[:-1], towns.cut(last, kinds, draft, known_only=True)] if draft.region else rest
    doubtful = kinds[last[0]] & NOT_TOWN or kinds[last[-1]] & STREET_END or units.is_unit(last, kinds)
    if (doubtful or len(last[-1]) == 1) and not places.is_town(last, country):
        return rest
    draft.city = " ".join(last)
    return rest[:-1]


def _can_precede_region(words: list[str], kinds: Words) -> bool:
    """Whether a region may follow in the same line: after a town, or after a numbered road ("Interstate 35 TX")."""
    if places.is_town(words, kinds.country) or places.ends_with_town(words, kinds.country):
        return True
    return len(words) > 2 and bool(kinds[words[-1]] & DIGIT) and bool(kinds[words[-2]] & HIGHWAY)


def _has_district_number(words: list[str], kinds: Words) -> bool:
    """A town with the number of its postal district: "Lima 27", "Praha 10", "Dublin D6W"."""
    if len(words) < 2 or len(words[-1]) > 3 or kinds[words[0]] & (NOT_TOWN | HAS_DIGIT):
        return False
    return bool(kinds[words[-1]] & DIGIT) or places.is_town(words[:-1], kinds.country)
