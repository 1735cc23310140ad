"""The lower end of an address: postal code, town and region, found from the last line upwards."""

from __future__ import annotations

from xlcrm.addresses import areas, places, postal_codes, regions, towns, uncoded
from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, NOT_TOWN, Words
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import STREET, STREET_END, UNIT

Lines = list[list[str]]


def read(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    """Fills code, city and region of the draft; gives back the lines that hold name and street."""
    place = postal_codes.find(lines, kinds)
    if place is None:
        return uncoded.read(lines, kinds, draft)
    at, start, stop = place
    draft.code = " ".join(lines[at][start:stop]).strip("()[].:")
    before, after, above, below = lines[at][:start], lines[at][stop:], lines[:at], lines[at + 1 :]
    if before and before[-1].casefold().strip(".:") in postal_codes.LABELS:
        before = before[:-1]
    if after and (kinds.code_first or not before or not regions.is_region(after, kinds.country)):
        return _town_behind(above, before, after, below, kinds, draft)
    if before and not above and not after and _street_follows(before, below, kinds):
        return _town_first(before, below, kinds, draft)
    below = [after, *below] if after else below
    if not before and below:
        if not above and len(below) > 1:
            _town(below[0], kinds.country, draft)
            return below[1:]
        after_street = len(below) == 1 and above and kinds.is_street(above[-1])
        region = regions.is_region(below[0], kinds.country) and (
            len(below) == 1 or not places.is_town(below[0], kinds.country)
        )
        if after_street or (kinds.code_first and not region):
            _town(below[0], kinds.country, draft)
            areas.below(below[1:], draft)
            return above
    if before and below and kinds.code_first and kinds[before[-1]] & DIGIT and places.is_town(below[0], kinds.country):
        _town(below[0], kinds.country, draft)  # "Via Verdi, 3 80142 - Napoli"
        below = below[1:]
    areas.below(below, draft)
    upper = [*above, before] if before else above
    if draft.region:
        upper = areas.take_second(upper, kinds, draft)
    elif upper:
        upper = areas.take(upper, kinds, draft, bool(before))
    if upper and not draft.city:
        upper = _town_above(upper, bool(before), kinds, draft)
    return upper if draft.city else uncoded.first_line_town(upper, kinds, draft)


def _street_follows(before: list[str], below: Lines, kinds: Words) -> bool:
    """Whether the street stands below the line that ends with the postal code: "Springfield IL 62999 / 12 Elm St"."""
    if kinds.of(before) & DIGIT or kinds.is_street(before) or not below or regions.is_region(below[0], kinds.country):
        return False
    return any(kinds.is_street(line) and kinds.of(line) & DIGIT for line in below)


def _town_first(before: list[str], below: Lines, kinds: Words, draft: Draft) -> Lines:
    rest = areas.take([before], kinds, draft, beside=True)
    draft.city = " ".join(rest[0])
    return below


def _town_behind(above: Lines, before: list[str], after: list[str], below: Lines, kinds: Words, draft: Draft) -> Lines:
    """The town follows the postal code in the same line."""
    _town(after, kinds.country, draft)
    if not above and not before and any(kinds.is_street(line) for line in below):
        return below  # the largest first, as in "220030 Minsk, ulica Lenina 20"
    areas.below(below, draft)
    return [*above, before] if before else above


def _town_above(lines: Lines, beside: bool, kinds: Words, draft: Draft) -> Lines:
    """The town ends the lines above (or, `beside`, the words before) the postal code."""
    if len(lines) == 1:
        return _only_line(lines[0], beside, kinds, draft)
    lines = towns.direction_moved(lines, kinds)
    *upper, last = lines
    if _holds_street(upper[-1], last, kinds):
        return [*upper, towns.cut(last, kinds, draft)]
    if len(last) > 2 and kinds[last[0]] & STREET and not places.is_town(last, kinds.country):
        return lines
    draft.city = " ".join(last)
    return upper


def _only_line(words: list[str], beside: bool, kinds: Words, draft: Draft) -> Lines:
    street = kinds.is_street(words)
    if not kinds[words[0]] & (DIGIT | STREET) and _is_town(words, kinds, draft):
        draft.city = " ".join(words)
        return []
    if kinds.code_first and not draft.region and (beside or street):
        rest = towns.before_code(words, kinds, draft)
        return [rest] if rest else []
    if street or (len(words) > 3 and kinds.of(words) & STREET_END):
        return [towns.cut(words, kinds, draft)]
    draft.city = " ".join(words)
    return []


def _is_town(words: list[str], kinds: Words, draft: Draft) -> bool:
    """Whether a line without number is the town: a known one, or one with its state that does not end like a street."""
    if places.is_town(words, kinds.country):
        return True
    if kinds[words[0]] & UNIT and kinds.of(words) & HAS_DIGIT:
        return False
    return bool(draft.region) and len(words) < 4 and words[-1].casefold().strip(".") not in towns.CLEAR_TYPES


def _holds_street(above: list[str], words: list[str], kinds: Words) -> bool:
    """Whether the line above the postal code begins with a street or a unit, so that the town only ends it."""
    if kinds[words[0]] & (NOT_TOWN & ~STREET | CODE) or kinds.of(words[:-1]) & DIGIT:
        return True
    return len(words) > 3 and kinds.is_street(words) and not kinds.of(above) & HAS_DIGIT


def _town(words: list[str], country: str, draft: Draft) -> None:
    """A town, with a region behind it."""
    rest, region = regions.cut(words, country)
    if region and rest:
        draft.region = region
        words = rest
    elif not places.is_town(words, country):
        for at in range(1, len(words)):  # "Alcalá de Henares Madrid"
            if regions.is_region(words[at:], country) and places.is_town(words[:at], country):
                draft.region = " ".join(words[at:])
                words = words[:at]
                break
    draft.city = " ".join(words)
