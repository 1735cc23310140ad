"""Regions at the end of the lines that hold the town: "London, England", "Portland, OR", "Milano MI"."""

from __future__ import annotations

from xlcrm.addresses import places, regions, units
from xlcrm.addresses.address_words import HAS_DIGIT, Words
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import MONTH, STREET_END

Lines = list[list[str]]
REGION_BESIDE_CODE = ("US", "CA", "AU", "GB")


def take(lines: Lines, kinds: Words, draft: Draft, beside: bool) -> Lines:
    """Takes the region off the end; `beside` says that the last line stood right before the postal code.

    A name that is a town as well is the town where no other one is there.
    """
    country = kinds.country
    if not lines or (units.is_whole(lines[-1], kinds) and not regions.is_region(lines[-1], country)):
        return lines
    rest, region = regions.cut(lines[-1], country, beside and country in REGION_BESIDE_CODE)
    if not region:
        return lines
    if rest:
        draft.region = region
        return [*lines[:-1], rest]
    only_region = country in ("US", "GB", "DE", "IT", "ES", "FR") and not places.is_town(lines[-1], country)
    if len(lines) == 1 or not (only_region or _town_above(lines, kinds, region, beside)):
        return lines
    draft.region = region
    return take_second(lines[:-1], kinds, draft)


def take_second(lines: Lines, kinds: Words, draft: Draft) -> Lines:
    """Takes further regions off the end ("Bath, Somerset, England"); they go into the district."""
    country = kinds.country
    while len(lines) > 1 and regions.is_region(lines[-1], country) and not places.is_town(lines[-1], country):
        draft.district.insert(0, " ".join(lines[-1]))
        lines = lines[:-1]
    if country == "GB" and lines and (found := regions.cut(lines[-1], country, beside=True))[1] and found[0]:
        draft.district.insert(0, found[1])
        return [*lines[:-1], found[0]]
    return lines


def below(lines: Lines, draft: Draft) -> None:
    """Lines below the town: a region; the rest fits nothing."""
    for line in lines:
        text = " ".join(line)
        if not draft.region and (regions.is_region(line, draft.country) or len(lines) == 1):
            draft.region = text.strip("()")
        elif not draft.city:
            draft.city = text
        else:
            draft.remainder.append(text)


def _town_above(lines: Lines, kinds: Words, region: str, beside: bool) -> bool:
    """Whether the line before the last can hold a town, so that the last may be a region and not the town itself."""
    line, country = lines[-2], kinds.country
    known = places.town_starts(line, 2, country)
    if any(kinds[line[at - 1]] & (HAS_DIGIT | STREET_END) and not kinds[line[at]] & MONTH for at in known):
        return True  # "123 Elm St Springfield, Illinois"
    if len(region) <= 3 or places.is_town(line, country):
        return True
    if beside and country in REGION_BESIDE_CODE:
        return places.ends_with_town(line, country) or (len(lines) > 2 and not kinds.is_street(line))
    return len(lines) > 2 and not kinds.is_street(line) and not places.is_town(lines[-1], country)
