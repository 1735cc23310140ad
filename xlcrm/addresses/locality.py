"""The lower end of an address: postal code, town and region, found from the last line upwards."""

from __future__ import annotations

from xlcrm.addresses import codes, places, regions, towns, units
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import DIRECTION, HIGHWAY, STREET, STREET_END, UNIT
from xlcrm.addresses.words import DIGIT, HAS_DIGIT, NOT_TOWN, Words

Lines = list[list[str]]


def read(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    """Fills code, city and region of the draft; gives back the lines above them, which hold name and street."""
    place = codes.find(lines, kinds)
    if place is None:
        return _without_code(lines, kinds, draft)
    at, start, stop = place
    words = lines[at]
    draft.code = " ".join(words[start:stop]).strip("()[].:")
    before, after, above, below = words[:start], words[stop:], lines[:at], lines[at + 1 :]
    if before and before[-1].casefold().strip(".:") in codes.LABELS:
        before = before[:-1]
    if after and (kinds.code_first or not before or not regions.is_region(after, kinds.country)):
        _town(after, kinds.country, draft)
        if not above and not before and any(looks_like_street(line, kinds) for line in below):
            return below  # the largest first, as in "220030 Minsk, ulica Lenina 20"
        _regions(below, draft)
        return [*above, before] if before else above
    if not above and not before and len(below) > 1:
        _town(below[0], kinds.country, draft)
        return below[1:]
    if after:
        below = [after, *below]
    if not before and len(below) == 1 and above and looks_like_street(above[-1], kinds):
        draft.city = " ".join(below[0])
        return above
    if not before and below and kinds.code_first and not regions.is_region(below[0], kinds.country):
        _town(below[0], kinds.country, draft)
        _regions(below[1:], draft)
        return above
    _regions(below, draft)
    lines = [*above, before] if before else above
    return _town_above(_take_regions(lines, kinds, draft, bool(before)), bool(before), kinds, draft)


def _town_above(lines: Lines, beside: bool, kinds: Words, draft: Draft) -> Lines:
    """The town ends the lines above (or, `beside`, before) the postal code."""
    if not lines or draft.city:
        return lines
    last, country = lines[-1], kinds.country
    if len(lines) > 1 and _leaves_direction(lines, country, kinds):
        lines = [*lines[:-2], [*lines[-2], last[0]], last[1:]]
        last = lines[-1]
    if len(lines) == 1 and not kinds[last[0]] & (DIGIT | STREET) and _only_town(last, country, draft):
        draft.city = " ".join(last)
        return []
    if (beside or looks_like_street(last, kinds)) and kinds.code_first and len(lines) == 1 and not draft.region:
        return [towns.before_code(last, kinds, draft)]
    if len(lines) == 1 and looks_like_street(last, kinds):
        return [towns.cut(last, kinds, draft)]
    if len(lines) > 1 and kinds[last[0]] & (NOT_TOWN & ~STREET):
        return [*lines[:-1], towns.cut(last, kinds, draft)]
    if len(lines) > 1 and kinds.of(last[:-1]) & DIGIT:
        return [*lines[:-1], towns.cut(last, kinds, draft)]
    if len(lines) > 1 and looks_like_street(last, kinds) and len(last) > 3 and not kinds.of(lines[-2]) & HAS_DIGIT:
        return [*lines[:-1], towns.cut(last, kinds, draft)]
    if len(last) > 2 and kinds[last[0]] & STREET and len(lines) > 1 and not places.is_town(last, country):
        return lines
    draft.city = " ".join(last)
    return lines[:-1]


def _without_code(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    country = kinds.country
    count = len(lines)
    whole = lines
    lines = _take_regions(lines, kinds, draft, False)
    if count == 1 and lines and draft.region and not _can_precede_region(lines[0], country, kinds):
        lines, draft.region = whole, ""
    if not lines:
        if draft.region:
            draft.city, draft.region = draft.region, ""
        return lines
    last = lines[-1]
    if len(lines) == 1:
        street = looks_like_street(last, kinds)
        if not street and (draft.region or places.is_town(last, country)):
            draft.city = " ".join(last)
            return []
        if count > 1 and not street:
            draft.city = " ".join(last)
            return []
        return [towns.cut(last, kinds, draft, known_only=not draft.region)]
    if kinds.of(last) & HAS_DIGIT and not _district_number(last, country, kinds):
        return [*lines[:-1], towns.cut(last, kinds, draft, known_only=True)] if draft.region else lines
    if (kinds[last[0]] & NOT_TOWN or units.is_unit(last, kinds) or len(last[-1]) == 1) and not places.is_town(
        last, country
    ):
        return lines
    if kinds[last[-1]] & STREET_END and not places.is_town(last, country):
        return lines
    draft.city = " ".join(last)
    return lines[:-1]


def _can_precede_region(words: list[str], country: str, kinds: Words) -> bool:
    """Whether a region may follow in the same line: after a town, or after a numbered road ("Interstate 35 TX")."""
    if places.is_town(words, country) or places.ends_with_town(words, country):
        return True
    return len(words) > 2 and bool(kinds[words[-1]] & DIGIT) and bool(kinds[words[-2]] & HIGHWAY)


def _district_number(words: list[str], country: str, kinds: Words) -> bool:
    """A town with the number of its postal district: "Lima 27", "PRAHA 10"."""
    if len(words) < 2 or len(words[-1]) > 3 or kinds[words[0]] & (NOT_TOWN | HAS_DIGIT):
        return False
    return bool(kinds[words[-1]] & DIGIT) or places.is_town(words[:-1], country)


def _only_town(words: list[str], country: str, draft: Draft) -> bool:
    """Whether a line without number is the town: a known one, or one with its state that does not end like a street."""
    if places.is_town(words, country):
        return True
    return bool(draft.region) and len(words) < 4 and words[-1].casefold().strip(".") not in towns.CLEAR_TYPES


def _leaves_direction(lines: Lines, country: str, kinds: Words) -> bool:
    """Whether the last line begins with the direction of the street above: "12 River Drive, SW Cartersville"."""
    last = lines[-1]
    if len(last) < 2 or not kinds[last[0]] & DIRECTION or len(last[0]) > 4 or not kinds[lines[-2][-1]] & STREET_END:
        return False
    return places.is_town(last[1:], country) and not places.is_town(last, country)


def looks_like_street(words: list[str], kinds: Words) -> bool:
    """Whether a line holds a house number or a word for a street."""
    if kinds[words[0]] & (STREET | UNIT) or kinds[words[-1]] & STREET_END:
        return True
    return bool(kinds.of(words) & DIGIT)


def _town(words: list[str], country: str, draft: Draft) -> None:
    """A town, with a region behind it."""
    rest, region = regions.cut(words, country)
    if region and rest:
        draft.region = region
        words = rest
    draft.city = " ".join(words)


def _take_regions(lines: Lines, kinds: Words, draft: Draft, beside: bool) -> Lines:
    """Takes regions off the end: "London, England", "Portland, OR", "Milano MI". A town that is all there is stays."""
    country = kinds.country
    while lines and not draft.region:
        if units.is_whole(lines[-1], kinds) and not regions.is_region(lines[-1], country):
            break
        rest, region = regions.cut(lines[-1], country, beside and country in ("US", "CA", "AU"))
        if not region:
            break
        if rest:
            draft.region = region
            return [*lines[:-1], rest]
        if len(lines) == 1 or not _town_can_end(lines, country, kinds, len(region), beside):
            break
        draft.region = region
        lines = lines[:-1]
    while (
        draft.region
        and len(lines) > 2
        and regions.is_region(lines[-1], country)
        and not places.is_town(lines[-1], country)
    ):
        draft.district.insert(0, " ".join(lines[-1]))
        lines = lines[:-1]
    return lines


def _town_can_end(lines: Lines, country: str, kinds: Words, size: int, beside: bool) -> bool:
    """Whether the line before the last can hold a town, so that the last may be a region rather than the town itself."""
    line = lines[-2]
    if size <= 3 or places.is_town(line, country):
        return True
    if beside and country in ("US", "CA", "AU"):
        return places.ends_with_town(line, country) or (len(lines) > 2 and not looks_like_street(line, kinds))
    if looks_like_street(line, kinds):
        return False
    return len(lines) > 2 and not places.is_town(lines[-1], country)


def _regions(lines: Lines, draft: Draft) -> None:
    """Lines below the town: a region, the rest fits nothing."""
    for line in lines:
        text = " ".join(line)
        if not draft.region and (regions.is_region(line, draft.country) or len(lines) == 1):
            draft.region = text.strip("()")
        elif not draft.city:
            draft.city = text
        else:
            draft.remainder.append(text)
