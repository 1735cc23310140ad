"""Locality of an address (postal code, town, region), read from the last line upwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from xlcrm.addresses import countries, house_number, places, postal_codes, regions, towns, units
from xlcrm.addresses.address_text import bare
from xlcrm.addresses.address_words import CODE, DIGIT, GLUED, HAS_DIGIT, NOT_TOWN, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import HIGHWAY, PO_BOX, STREET, STREET_END, UNIT

Lines = list[list[str]]


class Place(NamedTuple):
    """An address around its postal code: lines above, words before and after in its own line, lines below."""

    above: Lines
    before: list[str]
    after: list[str]
    below: Lines
    kinds: WordKinds

    @property
    def country(self) -> str:
        return self.kinds.country

    @property
    def upper(self) -> Lines:
        """What stands above the code, the words before it as a line of their own."""
        return [*self.above, self.before] if self.before else self.above

    @property
    def first_below(self) -> list[str]:
        return self.below[0] if self.below else []

    @property
    def code_stands_alone(self) -> bool:
        return not self.before and not self.after


class Arrangement(NamedTuple):
    """One order of code, town and street: the reason to see it, when it `holds`, how it is taken."""

    why: str
    holds: Callable[[Place], bool]
    take: Callable[[Place, Draft], Lines]


def read(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """Fills code, city and region of the draft; gives back the lines that hold name and street."""
    found = postal_codes.find(lines, kinds)
    if found is None:
        return read_uncoded(lines, kinds, draft)
    at, start, stop = found
    if start == 1 and countries.SIGNS.get(lines[at][0]) == kinds.country:
        start = 0  # "D 80331"
    draft.code = " ".join(lines[at][start:stop]).strip("()[].:")
    if kinds.code_first and not start and 0 < at == len(lines) - 1 and stop < len(lines[at]):
        _town(lines[at][stop:], kinds.country, draft)  # "town_behind_code" in the usual order
        return lines[:at]
    place = around(lines, at, start, stop, kinds)
    return arrangement(place).take(place, draft)


def around(lines: Lines, at: int, start: int, stop: int, kinds: WordKinds) -> Place:
    """The lines seen from the postal code, without the word that announces it ("CAP 20121")."""
    before = lines[at][:start]
    if before and before[-1].casefold().strip(".:") in postal_codes.LABELS:
        before = before[:-1]
    return tuple.__new__(Place, (lines[:at], before, lines[at][stop:], lines[at + 1 :], kinds))


def arrangement(place: Place) -> Arrangement:
    """The first arrangement that holds; the last one always does."""
    _, before, after, below, kinds = place
    if after and kinds.code_first:
        return ARRANGEMENTS[0]  # the usual order: the first holds
    if before and not after and not below:
        return ARRANGEMENTS[-1]  # the code ends the address: nothing else holds
    for order in ARRANGEMENTS if after or below else _CODE_LAST:
        if order.holds(place):
            break
    return order


def _is_town_behind(place: Place) -> bool:
    _, before, after, _, kinds = place
    if not after:
        return False
    return kinds.code_first or not before or not regions.is_region(after, kinds.country)


def _take_town_behind(place: Place, draft: Draft) -> Lines:
    above, before, after, below, kinds = place
    if kinds.country == "PH" and above and _is_only_region(after, above[-1], kinds):
        draft.region, draft.city = " ".join(after), " ".join(above[-1])
        return above[:-1]
    _town(after, kinds.country, draft)
    upper = [*above, before] if before else above
    if not below:
        return upper
    if not upper and any(kinds.is_street(line) for line in below):
        return below  # the largest first, as in "220030 Minsk, ulica Lenina 20"
    regions.below(below, draft)
    return upper


def _is_only_region(after: list[str], above: list[str], kinds: WordKinds) -> bool:
    """Whether only the region follows the code and the town stands above it: "Mandaluyong / 1550 Metro Manila"."""
    if not regions.is_region(after, kinds.country) or places.is_town(after, kinds.country):
        return False
    return not kinds.is_street(above)


def _is_town_first(place: Place) -> bool:
    """Whether the street stands below the line that ends with the postal code: "Springfield IL 62999 / 12 Elm St"."""
    kinds = place.kinds
    if not place.before or place.above or place.after or not place.below:
        return False
    if kinds.is_street(place.before) or regions.is_region(place.below[0], place.country):
        return False
    return any(kinds.is_street(line) and kinds.of(line) & DIGIT for line in place.below)


def _take_town_first(place: Place, draft: Draft) -> Lines:
    rest = regions.take([place.before], place.kinds, draft, beside=True)
    draft.city = " ".join(rest[0])
    return place.below


def _is_code_on_top(place: Place) -> bool:
    return place.code_stands_alone and not place.above and len(place.below) > 1


def _take_code_on_top(place: Place, draft: Draft) -> Lines:
    _town(place.below[0], place.country, draft)
    return place.below[1:]


def _is_town_below(place: Place) -> bool:
    """Whether the town stands in the line below a code that has its line to itself, and not only a region."""
    if not place.code_stands_alone or not place.below:
        return False
    alone = len(place.below) == 1
    if alone and place.above and place.kinds.is_street(place.above[-1]):
        return True
    if not place.kinds.code_first:
        return False
    region = regions.is_region(place.first_below, place.country)
    return not region or not (alone or not places.is_town(place.first_below, place.country))


def _take_town_below(place: Place, draft: Draft) -> Lines:
    _town(place.below[0], place.country, draft)
    regions.below(place.below[1:], draft)
    return place.above


def _is_code_behind_number(place: Place) -> bool:
    """Whether the code slipped into the line of the street: "Via Verdi, 3 80142 - Napoli"."""
    if not place.before or place.after or not place.below or not place.kinds.code_first:
        return False
    return bool(place.kinds[place.before[-1]] & DIGIT) and places.is_town(place.first_below, place.country)


def _take_code_behind_number(place: Place, draft: Draft) -> Lines:
    _town(place.below[0], place.country, draft)
    return _take_town_above(place._replace(below=place.below[1:]), draft)


def _take_town_above(place: Place, draft: Draft) -> Lines:
    """The town ends the lines above the code, or the words before it; below it can only be a region."""
    above, before, after, below, kinds = place
    if after or below:
        regions.below([after, *below] if after else below, draft)
    upper, beside = [*above, before] if before else above, bool(before)
    if draft.region:
        upper = regions.take_second(upper, kinds, draft)
    elif upper:
        upper = regions.take(upper, kinds, draft, beside)
    if upper and not draft.city:
        upper = _town_above(upper, beside, kinds, draft)
    return upper if draft.city else first_line_town(upper, kinds, draft)


def _is_town_on_top(place: Place) -> bool:
    """Whether the town stands above the street and only the code below: "Budapest, Honvéd utca 13, 1055"."""
    if not place.code_stands_alone or place.below or len(place.above) < 2:
        return False
    kinds, top, street = place.kinds, place.above[0], place.above[-1]
    if not kinds.is_street(street) or places.is_town(street, place.country) or kinds.is_street(top):
        return False
    return places.is_town(top, place.country)


def _take_town_on_top(place: Place, draft: Draft) -> Lines:
    draft.city = " ".join(place.above[0])
    return place.above[1:]


# orders in which code, town and street are written; the first that holds
ARRANGEMENTS = (
    Arrangement("town_behind_code", _is_town_behind, _take_town_behind),
    Arrangement("town_first", _is_town_first, _take_town_first),
    Arrangement("code_on_top", _is_code_on_top, _take_code_on_top),
    Arrangement("town_below_code", _is_town_below, _take_town_below),
    Arrangement("code_behind_number", _is_code_behind_number, _take_code_behind_number),
    Arrangement("town_on_top", _is_town_on_top, _take_town_on_top),
    Arrangement("town_above_code", lambda place: True, _take_town_above),
)


_CODE_LAST = ARRANGEMENTS[-2:]  # those that ask for nothing behind the code


def _town_above(lines: Lines, beside: bool, kinds: WordKinds, draft: Draft) -> Lines:
    """The town ends the lines above (or, `beside`, the words before) the postal code."""
    if len(lines) == 1:
        return _only_line(lines[0], beside, kinds, draft)
    lines = towns.direction_moved(lines, kinds)
    *upper, last = lines
    if _holds_street(upper[-1], last, kinds):
        rest = towns.cut(last, kinds, draft)
        return [*upper, rest if draft.city else towns.behind_unit(rest, kinds, draft)]
    if len(last) > 2 and kinds[last[0]] & STREET and not places.is_town(last, kinds.country):
        numbered = kinds.number_first and house_number.only(upper[-1], kinds)
        return [*upper, towns.cut(last, kinds, draft)] if numbered else lines
    draft.city = " ".join(last)
    return upper


def _only_line(words: list[str], beside: bool, kinds: WordKinds, draft: Draft) -> Lines:
    """The only line above the code: the town, the street, or both in one."""
    if _is_town(words, kinds, draft):
        draft.city = " ".join(words)
        return []
    street = kinds.is_street(words)
    if kinds.code_first and not draft.region and (beside or street):
        rest = towns.before_code(words, kinds, draft)
        return [rest] if rest else []
    if street or (len(words) > 3 and kinds.of(words) & STREET_END):
        return [towns.cut(words, kinds, draft)]
    draft.city = " ".join(words)
    return []


def _is_town(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    """Whether a line without number is the town: a known one, or one with its state that does not end like a street."""
    if kinds[words[0]] & (DIGIT | STREET):
        return False
    if places.is_town(words, kinds.country):
        return True
    if kinds[words[0]] & UNIT and kinds.of(words) & HAS_DIGIT:
        return False
    return bool(draft.region) and len(words) < 4 and bare(words[-1]) not in towns.CLEAR_TYPES


def _holds_street(above: list[str], words: list[str], kinds: WordKinds) -> bool:
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
    elif len(words) > 1 and (at := _region_behind(words, country)):
        draft.region = " ".join(words[at:])
        words = words[:at]
    draft.city = " ".join(words)


def _region_behind(words: list[str], country: str) -> int:
    """Where a region begins behind a known town: "Alcalá de Henares Madrid"; 0 without one."""
    if len(words) < 2 or places.is_town(words, country):
        return 0
    starts = (i for i in range(1, len(words)) if regions.is_region(words[i:], country))
    return next((i for i in starts if places.is_town(words[:i], country)), 0)


# The town of an address without a postal code: the last line, unless that looks like anything else.


def read_uncoded(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """Fills city and region of the draft; gives back the lines that hold name and street."""
    rest = _last_line_town(lines, kinds, draft)
    return rest if draft.city else first_line_town(rest, kinds, draft)


def first_line_town(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """A town in front of the street, where none stands behind it: "Milano, Via Roma 5"."""
    if len(lines) < 2 or kinds.is_street(lines[0]) or not kinds.is_street(lines[1]):
        return lines
    if not places.is_town(lines[0], kinds.country):
        return lines
    draft.city = " ".join(lines[0])
    return lines[1:]


def _last_line_town(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    rest = regions.take(lines, kinds, draft, beside=False)
    if len(lines) == 1 and draft.region and not _can_precede_region(rest[0], kinds):
        rest, draft.region = lines, ""
    if len(rest) == 1:
        return _single_line(rest[0], len(lines) > 1, kinds, draft)
    return _last_of_several(towns.direction_moved(rest, kinds) if kinds.number_first else rest, kinds, draft)


def _last_of_several(rest: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """Takes the last of several lines for the town where nothing speaks against it."""
    if len(rest) == 1:
        return _single_line(rest[0], True, kinds, draft)
    last = rest[-1]
    if kinds.of(last) & HAS_DIGIT and not _has_district_number(last, kinds):
        return [*rest[:-1], towns.cut(last, kinds, draft, known_only=True)] if draft.region else rest
    known = places.is_town(last, kinds.country) or _is_town_with_number(last, kinds)
    if not known and (_is_doubtful_town(last, kinds) or (len(rest) == 2 and house_number.only(rest[0], kinds))):
        return rest  # "12, Op den Aessen"
    draft.city = " ".join(last)
    return rest[:-1]


def _single_line(words: list[str], below_gone: bool, kinds: WordKinds, draft: Draft) -> Lines:
    """One line with town or street or both; `below_gone` says that a region stood below it."""
    known = below_gone or draft.region or places.is_town(words, kinds.country)
    if known and not kinds.is_street(words) and not towns.is_crossing(words, kinds):
        draft.city = " ".join(words)
        return []
    return [towns.cut(words, kinds, draft, known_only=not draft.region)]


def _is_doubtful_town(words: list[str], kinds: WordKinds) -> bool:
    """Whether a line begins or ends like something else than a town."""
    if kinds[words[0]] & NOT_TOWN or kinds[words[-1]] & STREET_END:
        return True
    return len(words[-1]) == 1 or units.is_unit(words, kinds)


def _can_precede_region(words: list[str], kinds: WordKinds) -> bool:
    """Whether a region may follow in the same line: after a town, or after a numbered road ("Interstate 35 TX")."""
    if places.is_town(words, kinds.country) or places.ends_with_town(words, kinds.country):
        return True
    return len(words) > 2 and bool(kinds[words[-1]] & DIGIT) and bool(kinds[words[-2]] & HIGHWAY)


def _is_town_with_number(words: list[str], kinds: WordKinds) -> bool:
    """A known town with a number of one or two figures: "Kinshasa 1"."""
    return len(words) > 1 and len(words[-1]) < 3 and words[-1].isdecimal() and places.is_town(words[:-1], kinds.country)


def _has_district_number(words: list[str], kinds: WordKinds) -> bool:
    """A town with the number of its postal district: "Lima 27", "Praha 10", "Dublin D6W"."""
    if len(words) < 2 or len(words[-1]) > 3 or kinds[words[0]] & (NOT_TOWN | HAS_DIGIT | GLUED):
        return False
    return bool(kinds[words[-1]] & DIGIT) or places.is_town(words[:-1], kinds.country)


# PO boxes and rural route boxes, found first, since their numbers look like house numbers and postal codes.

_WORDS = (
    r"p\.? ?o\.? ?b\.?(?:ox)?|p\.? ?o\.? ?(?:box|drawer)|post office(?: box)?|po|p\.?o\.?box|box",
    r"lock ?box|lbx|drawer|caller box",
    r"(?:rr|r\.r\.|rural route|hcr?|star route)\.? ?#? ?\w{1,4} box|(?:psc|cmr|unit) ?\w{1,5},? box",
    r"gpo box|(?:private|locked|mail) bag|pmb",
    r"casella postale|case postale|c\.? ?p\.?|b\.? ?p\.?|bo[iî]te postale|cs|tsa",
    r"(?:apartado|apartat|ap(?:t?do)?\.|apt?do)(?: (?:de )?correos| postal)?|c(?:aixa|x\.) postal",
    r"postboks|postb\.|boks|pb\.?|postbox|postbus|antwoordnummer|postfach|pf\.?|packstation|pl\.?|postilokero",
    r"skr\.? poczt\.?|skrytka pocztowa|а/я|p\.?k\.?",
)
CODE_BEFORE_BOX = frozenset(("BJ", "GN"))  # "03 BP 1000, Cotonou"
_NUMBER = r"(?: ?(?:no|nr|n|nº|n°|num)\.?)? ?[:#]? ?(?:\d[\w.\-–]*(?: \d{2,4}\b)*|[a-z]{1,2}\d+|[a-z]\b(?:\.? \d+)?)"
_BOX = re.compile(rf"\b(?:{'|'.join(_WORDS)}){_NUMBER}", re.IGNORECASE)


def take(lines: list[list[str]], kinds: WordKinds, draft: Draft) -> list[list[str]]:
    """The lines without PO boxes, which go into the draft; what stood behind one becomes a line of its own."""
    left: list[list[str]] = []
    for words in lines:
        left += _without_box(words, kinds, draft) if kinds.of(words) & PO_BOX else [words]
    return left


def _without_box(words: list[str], kinds: WordKinds, draft: Draft) -> list[list[str]]:
    text = " ".join(words)
    for box in _BOX.finditer(text):
        begins_word = box.start() == 0 or text[box.start() - 1] == " "
        if begins_word and kinds.of(box[0].split()) & PO_BOX:
            before, after = text[: box.start()].split(), text[box.end() :].split()
            office = _office_end(after, kinds)
            found, after = " ".join([box[0].strip(), *after[:office]]), after[office:]
            draft.po_box = f"{draft.po_box}, {found}" if draft.po_box else found
            if kinds.country in CODE_BEFORE_BOX and len(before) == 1 and before[0].isdecimal():
                draft.code, before = before[0], []
            rest = take([after], kinds, draft) if after else []
            return [before, *rest] if before else rest
    return [words]


def _office_end(after: list[str], kinds: WordKinds) -> int:
    """The number of words that name the post office, part of a Norwegian PO box: "Postboks 1234 Sentrum"."""
    if kinds.country != "NO":
        return 0
    end = next((i for i, word in enumerate(after) if kinds[word] & HAS_DIGIT), len(after))
    return end if end == len(after) or kinds.code.fullmatch(after[end]) else 0
