"""Locality of an address (postal code, town, region), read from the last line upwards."""

from __future__ import annotations

import re

from xlcrm.addresses import places, postal_codes, regions, towns, units
from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, NOT_TOWN, WordKinds
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import HIGHWAY, PO_BOX, STREET, STREET_END, UNIT

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
    country = kinds.country
    rest = regions.take(lines, kinds, draft, beside=False)
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


def _can_precede_region(words: list[str], kinds: WordKinds) -> bool:
    """Whether a region may follow in the same line: after a town, or after a numbered road ("Interstate 35 TX")."""
    if places.is_town(words, kinds.country) or places.ends_with_town(words, kinds.country):
        return True
    return len(words) > 2 and bool(kinds[words[-1]] & DIGIT) and bool(kinds[words[-2]] & HIGHWAY)


def _has_district_number(words: list[str], kinds: WordKinds) -> bool:
    """A town with the number of its postal district: "Lima 27", "Praha 10", "Dublin D6W"."""
    if len(words) < 2 or len(words[-1]) > 3 or kinds[words[0]] & (NOT_TOWN | HAS_DIGIT):
        return False
    return bool(kinds[words[-1]] & DIGIT) or places.is_town(words[:-1], kinds.country)


Lines = list[list[str]]


def read(lines: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    """Fills code, city and region of the draft; gives back the lines that hold name and street."""
    place = postal_codes.find(lines, kinds)
    if place is None:
        return read_uncoded(lines, kinds, draft)
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
            regions.below(below[1:], draft)
            return above
    if before and below and kinds.code_first and kinds[before[-1]] & DIGIT and places.is_town(below[0], kinds.country):
        _town(below[0], kinds.country, draft)  # "Via Verdi, 3 80142 - Napoli"
        below = below[1:]
    regions.below(below, draft)
    upper = [*above, before] if before else above
    if draft.region:
        upper = regions.take_second(upper, kinds, draft)
    elif upper:
        upper = regions.take(upper, kinds, draft, bool(before))
    if upper and not draft.city:
        upper = _town_above(upper, bool(before), kinds, draft)
    return upper if draft.city else first_line_town(upper, kinds, draft)


def _street_follows(before: list[str], below: Lines, kinds: WordKinds) -> bool:
    """Whether the street stands below the line that ends with the postal code: "Springfield IL 62999 / 12 Elm St"."""
    if kinds.of(before) & DIGIT or kinds.is_street(before) or not below or regions.is_region(below[0], kinds.country):
        return False
    return any(kinds.is_street(line) and kinds.of(line) & DIGIT for line in below)


def _town_first(before: list[str], below: Lines, kinds: WordKinds, draft: Draft) -> Lines:
    rest = regions.take([before], kinds, draft, beside=True)
    draft.city = " ".join(rest[0])
    return below


def _town_behind(
    above: Lines, before: list[str], after: list[str], below: Lines, kinds: WordKinds, draft: Draft
) -> Lines:
    """The town follows the postal code in the same line."""
    _town(after, kinds.country, draft)
    if not above and not before and any(kinds.is_street(line) for line in below):
        return below  # the largest first, as in "220030 Minsk, ulica Lenina 20"
    regions.below(below, draft)
    return [*above, before] if before else above


def _town_above(lines: Lines, beside: bool, kinds: WordKinds, draft: Draft) -> Lines:
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


def _only_line(words: list[str], beside: bool, kinds: WordKinds, draft: Draft) -> Lines:
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


def _is_town(words: list[str], kinds: WordKinds, draft: Draft) -> bool:
    """Whether a line without number is the town: a known one, or one with its state that does not end like a street."""
    if places.is_town(words, kinds.country):
        return True
    if kinds[words[0]] & UNIT and kinds.of(words) & HAS_DIGIT:
        return False
    return bool(draft.region) and len(words) < 4 and words[-1].casefold().strip(".") not in towns.CLEAR_TYPES


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
    elif not places.is_town(words, country):
        for at in range(1, len(words)):  # "Alcalá de Henares Madrid"
            if regions.is_region(words[at:], country) and places.is_town(words[:at], country):
                draft.region = " ".join(words[at:])
                words = words[:at]
                break
    draft.city = " ".join(words)


# PO boxes and rural route boxes, found first, since their numbers look like house numbers and postal codes.

_WORDS = (
    r"p\.? ?o\.? ?b\.?(?:ox)?|p\.? ?o\.? ?box|post office(?: box)?|po|p\.?o\.?box|box",
    r"lock ?box|lbx|drawer|caller box",
    r"(?:rr|r\.r\.|rural route|hcr?|star route)\.? ?#? ?\w{1,4} box",
    r"casella postale|c\.? ?p\.?|b\.? ?p\.?|bo[iî]te postale|cs|tsa",
    r"(?:apartado|ap(?:t?do)?\.|apt?do)(?: (?:de )?correos| postal)?|caixa postal",
    r"postboks|postb\.|boks|pb\.?|postbox|postbus|antwoordnummer|postfach|pf\.?",
    r"skr\.? poczt\.?|skrytka pocztowa|а/я",
)
_NUMBER = r"(?: ?(?:no|nr|n|nº|n°|num)\.?)? ?[:#]? ?(?:\d[\w.\-–]*(?: \d{2,4}\b)*|[a-z]{1,2}\d+|[a-z]\b)"
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
            office = _office_end(after, kinds) if kinds.country == "NO" else 0
            found, after = " ".join([box[0].strip(), *after[:office]]), after[office:]
            draft.po_box = f"{draft.po_box}, {found}" if draft.po_box else found
            rest = take([after], kinds, draft) if after else []
            return [before, *rest] if before else rest
    return [words]


def _office_end(after: list[str], kinds: WordKinds) -> int:
    """The number of words that name the post office, part of a Norwegian PO box: "Postboks 1234 Sentrum"."""
    end = next((i for i, word in enumerate(after) if kinds[word] & HAS_DIGIT), len(after))
    return end if end == len(after) or kinds.code.fullmatch(after[end]) else 0
