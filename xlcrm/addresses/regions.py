"""Regions (provinces, states, counties) of an address, told from towns: "MI", "(SR)", "Baden-Württemberg"."""

from __future__ import annotations

import re
from functools import cache

from xlcrm.addresses import countries, places, units
from xlcrm.addresses.address_text import bare, plain
from xlcrm.addresses.address_words import HAS_DIGIT, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import MONTH, STREET_END


@cache
def names(country: str) -> dict[str, str]:
    """Region names and codes of a country, folded -> the ISO 3166-2 code without country, "" if unknown."""
    known: dict[str, str] = {}
    for file in ("regions.csv", "regions_more.csv"):
        for row in countries.by_country(file).get(country, []):
            for name in (*row["names"].split("|"), row["code"], f"{country}-{row['code']}".strip("-")):
                known.setdefault(plain(name).strip(" ."), row["code"])
    if country in ("US", "CA"):
        for code in set(known.values()) - {"NE"}:  # "N.E." is a direction
            known.setdefault(".".join(code).casefold(), code)
    known.pop("", None)
    return known


@cache
def _patterns(country: str) -> dict[str, re.Pattern[str]]:
    known = names(country)
    begins = {row["code"]: row["postal_codes"] for row in countries.by_country("regions.csv").get(country, [])}
    compiled = {code: re.compile(f"(?:{begin})") for code, begin in begins.items() if begin}
    return {name: compiled[code] for name, code in known.items() if code in compiled}


def postal_code_fits(postal_code: str, country: str, region: str) -> bool | None:
    """Whether a postal code lies in a region (name or code, e.g. "MI", "Sevilla"); None where that is not known.

    The beginnings of postal codes by region are from Google's address metadata; any case, brackets and spaces are fine.
    """
    pattern = _patterns(country.strip().upper()).get(plain(region).strip(" .()"))
    code = re.sub(r"^[A-Z]{1,3}-", "", postal_code.strip().upper())
    if pattern is None or not code:
        return None
    return pattern.match(code) is not None


_KINDS_OF_REGION = frozenset(
    "province region county co. governorate oblast область prefecture provincia departamento".split()
)


_RUSSIAN = frozenset(("RU", "BY", "UA", "KZ"))
_RUSSIAN_KINDS = frozenset("область области обл обл. край края".split())
_KINDS_OF_REGION |= _RUSSIAN_KINDS
_KINDS_AT_END = _KINDS_OF_REGION | {"county"}
_JAPANESE_REGIONS = ("-fu", "-ken")


def is_region(words: list[str], country: str) -> bool:
    """Whether these words together are a region of the country, by name or code."""
    if len(words) > 5:
        return False
    if plain(" ".join(words)).strip(" .()") in names(country):
        return True
    if country == "JP" and words[-1].casefold().endswith(_JAPANESE_REGIONS):
        return len(words) == 1
    if len(words) < 2 or country in _COMPLETE or words[-1][0].isdigit():
        return False
    if words[-1].casefold() in _RUSSIAN_KINDS:
        return len(words) == 2
    return not _KINDS_OF_REGION.isdisjoint((words[0].casefold(), words[-1].casefold()))


def cut(words: list[str], country: str, beside: bool = False) -> tuple[list[str], str]:
    """A line parted into what stands before a region at its end, and the region as typed, without brackets.

    A code counts where it is in capitals or brackets, fills the line, or the whole line is in small letters; `beside`
    drops that condition, for one that stands right before the postal code.
    """
    if not _may_end_region(words[-1], country) and (len(words) < 2 or country not in _KIND_IN_FRONT):
        return words, ""
    words = _state_parted(words, country)
    if len(words) > 1 and _is_named_by_kind(words, country):
        return _cut_by_kind(words, country)
    known = names(country)
    if start := _known_bracket(words, known):
        return words[:start], _typed(words[start:])
    sizes = [size for size in range(min(5, len(words)), 0, -1) if _bare_name(words[-size:]) in known]
    size = next((size for size in sizes if size == len(words) or _is_apart(words, size, country, beside)), 0)
    return (words[:-size], _typed(words[-size:])) if size else (words, "")


def _may_end_region(last: str, country: str) -> bool:
    """Whether a region can end in this word; most words that end a line are the town's."""
    if last.isascii() and last.isalnum():
        low = last.casefold()
    elif last[-1] == ")" or last[-3:-2] in ("/", "-") or last.casefold() in _KINDS_AT_END:
        return True
    else:
        low = plain(last).strip(".,()")
    return low in _last_words(country) or low in _KINDS_AT_END


# countries where the word for a region stands in front of it
_KIND_IN_FRONT = frozenset(("IE", "GB"))


def _is_named_by_kind(words: list[str], country: str) -> bool:
    """Whether a line says itself that it is a region: "Khanh Hoa province", "Co. Mayo"."""
    if words[-1].casefold() in _KINDS_AT_END and is_region(words[-2:] if country in _RUSSIAN else words, country):
        return True
    return len(words) == 2 and words[0].casefold() in ("county", "co.") and country in ("IE", "GB")


def _cut_by_kind(words: list[str], country: str) -> tuple[list[str], str]:
    """A line that names its region by kind; in Russian an adjective and its noun do, behind the town."""
    start = len(words) - 2 if country in _RUSSIAN else 0
    return words[:start], " ".join(words[start:])


def _state_parted(words: list[str], country: str) -> list[str]:
    """Words with the state of Brazil apart that a slash or a dash joins to the town: "Curitiba/PR"."""
    last = words[-1]
    if country != "BR" or last[-3:-2] not in ("/", "-") or not last[-2:].isupper():
        return words
    return [*words[:-1], last[:-3], last[-2:]]


def _known_bracket(words: list[str], known: dict[str, str]) -> int:
    """Where brackets with a region open that close at the end of a line, 0 for nowhere behind another word."""
    if words[-1][-1] != ")":
        return 0
    start = next((i for i in range(len(words) - 1, 0, -1) if words[i][0] == "("), 0)
    return start if _bare_name(words[start:]) in known else 0


def _bare_name(words: list[str]) -> str:
    return plain(" ".join(words)).strip(" .()")


def _typed(words: list[str]) -> str:
    return " ".join(words).strip("()")


def _is_apart(words: list[str], size: int, country: str, beside: bool) -> bool:
    """Whether the last words, a region's name or code, can be one behind a town in the same line."""
    bare = " ".join(words[-size:]).strip("().")
    if len(bare) > 3:
        return size < 5 and (beside or bare.endswith(".") or country in _NAMED_BEHIND_TOWN)
    if beside or bare.isupper() or words[0].islower() or words[-size - 1].islower():
        return True
    return country in _STATES and bare[:1].isupper()


# countries that write the state behind the town, and those that do so with its name as well
_STATES = frozenset(("US", "CA", "AU"))
_NAMED_BEHIND_TOWN = _STATES | {"MX", "IN", "BR", "CN", "TR", "JP", "CR"}
# countries whose regions are all known by name
_COMPLETE = frozenset(("IT", "ES", "FR", "DE", "US"))


@cache
def _last_words(country: str) -> frozenset[str]:
    return frozenset(name.split()[-1].strip(".,()") for name in names(country))


# Regions at the end of the lines that hold the town: "London, England", "Portland, OR", "Milano MI".

Lines = list[list[str]]
_SIX = _COMPLETE | {"GB"}
REGION_BESIDE_CODE = ("US", "CA", "AU", "GB")


def take(lines: Lines, kinds: WordKinds, draft: Draft, beside: bool) -> Lines:
    """Takes the region off the end; `beside` says that the last line stood right before the postal code.

    A name that is a town as well is the town where no other one is there.
    """
    country = kinds.country
    if not lines or (units.is_whole(lines[-1], kinds) and not is_region(lines[-1], country)):
        return lines
    rest, region = cut(lines[-1], country, beside and country in REGION_BESIDE_CODE)
    if not region:
        return _take_unknown(lines, kinds, draft)
    if rest:
        return _take_behind_town(lines, rest, region, draft)
    return _take_line(lines, region, beside, kinds, draft)


def _take_behind_town(lines: Lines, rest: list[str], region: str, draft: Draft) -> Lines:
    """Takes a region that ends the town's line, but not the second half of a town's name: "New Delhi"."""
    if len(region.replace(".", "")) > 3 and places.is_town(lines[-1], draft.country):
        return lines
    draft.region = region
    return [*lines[:-1], rest]


def _take_line(lines: Lines, region: str, beside: bool, kinds: WordKinds, draft: Draft) -> Lines:
    """Takes a last line that is a region by name, where a town stands above it or it can't be one itself."""
    only_region = kinds.country in _SIX and not places.is_town(lines[-1], kinds.country)
    if len(lines) == 1:
        alone = beside and only_region and len(region) == 2  # "IL 62999"
        draft.region = region if alone else draft.region
        return [] if alone else lines
    if not only_region and not _town_above(lines, kinds, region, beside, draft.code):
        return lines
    draft.region = region
    return take_second(lines[:-1], kinds, draft)


def _take_unknown(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """Takes a line for the region although it is not known as one, where a known town stands above it."""
    last, country = lines[-1], kinds.country
    if country in _SIX or not country or len(lines) < 3 or kinds.of(last) & HAS_DIGIT or places.is_town(last, country):
        return lines
    if kinds.is_street(lines[-2]) or not places.is_town(lines[-2], country):
        return lines
    draft.region = " ".join(last)
    return lines[:-1]


def take_second(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """Takes further regions off the end ("Bath, Somerset, England"); they go into the district."""
    country = kinds.country
    while len(lines) > 1 and _is_further_region(lines, kinds):
        draft.district.insert(0, " ".join(lines[-1]))
        lines = lines[:-1]
    if country == "GB" and lines and (found := cut(lines[-1], country, beside=True))[1] and found[0]:
        draft.district.insert(0, found[1])
        return [*lines[:-1], found[0]]
    return lines


def _is_further_region(lines: Lines, kinds: WordKinds) -> bool:
    """Whether the last line is another region, or the county below an American town: "Fakeham, Elm County, IL"."""
    last, country = lines[-1], kinds.country
    if country == "US" and len(last) > 1 and last[-1].casefold() == "county":
        return not kinds.is_street(lines[-2])
    return is_region(last, country) and not places.is_town(last, country)


def below(lines: Lines, draft: Draft) -> None:
    """Lines below the town: a region; the rest fits nothing."""
    for line in lines:
        if not (_takes_quarter(line, draft) if draft.city else _takes_both(line, draft)):
            _below(line, len(lines) == 1, draft)


def _below(line: list[str], alone: bool, draft: Draft) -> None:
    text = " ".join(line)
    fits = alone or is_region(line, draft.country) or (draft.city and draft.country not in _SIX)
    if fits and not draft.region:
        draft.region = text.strip("()")
    elif not draft.city:
        draft.city = text
    else:
        draft.remainder.append(text)


def _takes_quarter(line: list[str], draft: Draft) -> bool:
    """Whether a line says that it is a part of the town; it goes into the district then."""
    if bare(line[0]) not in _QUARTERS:
        return False
    draft.district.append(" ".join(line))
    return True


def _takes_both(line: list[str], draft: Draft) -> bool:
    """Whether a line is a town with its region behind it; both go into the draft then."""
    rest, region = cut(line, draft.country)
    if not rest or not region or draft.region:
        return False
    draft.city, draft.region = " ".join(rest), region
    return True


def _town_above(lines: Lines, kinds: WordKinds, region: str, beside: bool, code: str) -> bool:
    """Whether the line before the last can hold a town, so that the last may be a region and not the town itself."""
    line, country = lines[-2], kinds.country
    if country == "ES" and code:
        return _is_above_province(lines, region, code, kinds)
    if len(region) <= 3 or _is_like_town(line, kinds):
        return True
    further = len(lines) > 2 and not kinds.is_street(line)
    if beside and country in REGION_BESIDE_CODE:
        return further or places.ends_with_town(line, country)
    return further and not places.is_town(lines[-1], country)


def _is_above_province(lines: Lines, region: str, code: str, kinds: WordKinds) -> bool:
    """Whether the line before a Spanish province can hold a town: not where the code is that of its capital.

    The third figure of a capital's codes is 0: "Olmo 5, Huesca, 22002", but "Villafalsa, Madrid, 28999".
    """
    street = kinds.is_street(lines[-2])
    if code[2:3] == "0" and not street:
        return False
    return len(region) <= 3 or _is_like_town(lines[-2], kinds) or (len(lines) > 2 and not street)


def _is_like_town(line: list[str], kinds: WordKinds) -> bool:
    """Whether a line is a known town, ends with one behind a street, or says that it is one."""
    if places.is_town(line, kinds.country) or _ends_with_town(line, kinds) or line[0].casefold() in _TOWN_WORDS:
        return True
    return kinds.country == "JP" and line[-1].casefold().endswith(_JAPANESE_TOWNS)


_QUARTERS = frozenset(("ortsteil", "ot", "stadtteil"))
_TOWN_WORDS = frozenset(("г.", "g.", "гор."))  # "г. Фальш" in Russia
_JAPANESE_TOWNS = ("-ku", "-shi", "-cho", "-machi", "-mura")


def _ends_with_town(line: list[str], kinds: WordKinds) -> bool:
    """Whether a known town stands behind a street: "123 Elm St Springfield, Illinois"."""
    known = places.town_starts(line, 2, kinds.country)
    return any(kinds[line[at - 1]] & (HAS_DIGIT | STREET_END) and not kinds[line[at]] & MONTH for at in known)
