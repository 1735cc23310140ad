"""Joint cells: several fields in one column, as "50674 Köln", "Milano (MI)", the lines of an address, "z.Hd. Weiß".

A cell is taken apart only where all of it is read; what is not stays as it was typed, in the field that it leads with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from xlcrm.addresses.countries import SIGNS, codes
from xlcrm.addresses.regions import names as region_names
from xlcrm.importing.cells import consent
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.judging import share
from xlcrm.text import fold

MOST = 0.6
# Fields that are held against values here and not by `judging`.
OWN_TESTS = frozenset(consent.TARGETS) | {"client_name", "postcode_city", "city_region", "address_line"}
_CODE = (
    r"(?:\d{5}-\d{4}|\d{4}-\d{3}|\d{2}-\d{3}|\d{3} \d{2}|\d{4} ?[A-Z]{2}(?!\w)|\d{4,6}"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)"
)
_SIGN = r"(?:(?P<sign>[A-Z]{1,3})\s?[-–]\s?)?"
# "D 50674 Köln" has a sign; before a code at the end, "Genova GE 16121", such letters are a province
_SPACED_SIGN = r"(?:(?P<sign>[A-Z]{1,3})(?:\s?[-–]\s?| (?=\d)))?"
_CODE_FIRST = re.compile(rf"{_SPACED_SIGN}(?P<code>{_CODE})(?![\w-])\s*[-–,/·]?\s*(?P<town>[^\W\d_].*)")
_CODE_LAST = re.compile(rf"(?P<town>[^\W\d_].*?)\s*[\s,/·–-]\s*{_SIGN}(?P<code>{_CODE})")
_SIGNED = re.compile(r"(?P<sign>[A-Z]{1,3})\s?[-–\s]\s?(?P<code>\d{4,6}|\d{3} \d{2}|\d{4} ?[A-Z]{2})")
_REGION = re.compile(r"(?P<town>.*?)[\s,]*\((?P<region>[^()]{1,40})\)")
_STATE = re.compile(r"(?P<town>.*[^\s,]),?\s+(?P<region>[A-Z]{2})")
_TOWN_REGION = re.compile(r"(?P<town>[^,/(]+?)\s*(?:[,/]|\s[-–]\s)\s*(?P<region>[^,/()]+)")
_FOR = "|".join(
    (
        r"z\.?\s?hd[ns]?\.?(?:\s?v(?:on|\.))?|z\.\s?h\.(?:\s?v\.)?|zu h[aä]nden(?: von)?",
        r"attn?\.?|attention|f\.?a\.?o\.?|a/c|t\.\s?a\.\s?v\.|v/|ved\s",
        r"c\.\s?a\.|(?:alla )?cortese att(?:enzione|\.)?(?: d[iea]l*)?|alla c\.\s?a\.",
        r"all['’]att(?:enzione|\.)?(?: d[iea]l*)?|a(?: la)? at(?:ención|t?\.)(?: de)?",
        r"à l['’]att(?:ention|\.)?(?: de)?",
    )
)
_ATTENTION = re.compile(rf"(?:{_FOR})\s*:?\s*(?P<name>[^\W\d_].*)", re.IGNORECASE)
_FIRM_FOR = re.compile(rf"(?P<firm>.+?)[\s,;/–-]+(?:{_FOR})\s*:?\s*(?P<name>[^\W\d_].*)", re.IGNORECASE)
_CARE = re.compile(r"(?P<name>.+?)[\s,;–-]+(?P<care>c\s?/\s?o\b.+)", re.IGNORECASE)


def postcode_and_city(text: str, country: str = "") -> tuple[str, str, str, str]:
    """(postal code, city, region, country) of "D-50674 Köln" or "Milano (MI) 20123"; all "" where it is no such cell.

    `country` tells which two letters behind a town are a region; the country that comes back is the cell's own sign.
    """
    found = _CODE_FIRST.fullmatch(text) or _CODE_LAST.fullmatch(text)
    if not found or (len(found["town"]) < 3 and found["town"].isupper()):  # "1016 BR" is a Dutch code alone
        return "", "", "", ""
    sign = found["sign"] or ""
    home = _country_of(sign)
    if sign and not home:
        return "", "", "", ""
    city, region = city_and_region(found["town"].strip(" ,-–/"), home or country)
    return found["code"], city, region, home


def city_and_region(text: str, country: str = "", *, loose: bool = False) -> tuple[str, str]:
    """(city, region) of "Milano (MI)", "Dayton, OH"; the region is "" where the country has none of that name.

    `loose` also takes what the country does not know ("Köln / Rheinland"), for a column that says it holds both.
    """
    for pattern in (_REGION, _STATE, *([_TOWN_REGION] if loose else [])):
        found = pattern.fullmatch(text)
        if found and (found["region"].casefold().strip(" .") in region_names(country) or loose):
            return found["town"].strip(" ,"), found["region"].strip()
    return text, ""


def are_postcode_and_city(values: Sequence[str]) -> bool:
    """True where most of a sample hold a postal code and a town."""
    return bool(values) and sum(bool(postcode_and_city(value)[0]) for value in values) >= MOST * len(values)


def can_be(field: str, values: Sequence[str]) -> bool:
    """True where a sample can be what a helper field (see mapping.HELPERS) stands for."""
    if field in consent.TARGETS:
        return consent.can_be(values)
    if field == "client_name":
        return share(values, lambda text: any(c.isalpha() for c in text)) >= MOST
    return field != "postcode_city" or not values or are_postcode_and_city(values)


def spread(columns: ListColumns) -> None:
    """Every part into its field, where that field is blank in the row."""
    for header in columns.of(["postcode_city"]):
        _parts(columns, header, ("postal_code", "city", "region", "country"), postcode_and_city)
    for header in columns.of(["city_region"]):
        _parts(columns, header, ("city", "region"), lambda text, home: city_and_region(text, home, loose=True))
    _lines(columns)
    _signs(columns)
    _attention(columns)


def _parts(
    columns: ListColumns, header: str, fields: tuple[str, ...], read: Callable[[str, str], tuple[str, ...]]
) -> None:
    """Each part into its field where that is blank; a cell that cannot be read is a town with all its words."""
    texts = columns.text(header)
    read_rows = [read(text, columns.country) for text in texts]
    rows = [
        row if any(row) else tuple(text if field == "city" else "" for field in fields)
        for row, text in zip(read_rows, texts, strict=True)
    ]
    for place, name in enumerate(fields):
        have = columns.get(name)
        columns.put(name, [old or row[place] for old, row in zip(have, rows, strict=True)])
    filled = zip(*(columns.get(field) for field in fields), strict=True)
    placed = zip(texts, rows, filled, strict=True)
    columns.keep(header, ["" if _all_in(row, now) else text for text, row, now in placed])


def _all_in(parts: Sequence[str], cells: Sequence[str]) -> bool:
    return all(part in cell for part, cell in zip(parts, cells, strict=True))


def _lines(columns: ListColumns) -> None:
    """The lines of an address as a letter has them: joined, without those that repeat the name or the company."""
    headers = columns.of(["address_line"])
    if not headers:
        return
    known = [columns.get(name) for name in ("company", "full_name")]
    person = [f"{a} {b}".strip() for a, b in zip(columns.get("first_name"), columns.get("last_name"), strict=True)]
    names = [{fold(name) for name in row if name} for row in zip(*known, person, strict=True)]
    rows = zip(*(columns.text(header) for header in headers), strict=True)
    whole = [
        ", ".join(line for line in row if line and fold(line) not in own) for row, own in zip(rows, names, strict=True)
    ]
    columns.put("address", [old or new for old, new in zip(columns.get("address"), whole, strict=True)])
    for header in headers:
        columns.keep(header, [""] * len(whole))


def _signs(columns: ListColumns) -> None:
    """A country's sign before the postal code ("CH-8001") is the country, where the row names no other."""
    header = columns.header_of("postal_code")
    texts = columns.text(header) if header else []
    found = [_SIGNED.fullmatch(text) for text in texts]
    homes = [_country_of(match["sign"]) if match else "" for match in found]
    if any(homes):
        have = columns.get("country")
        columns.put("country", [old or home for old, home in zip(have, homes, strict=True)])
        bare = [m["code"] if m and home else text for m, home, text in zip(found, homes, texts, strict=True)]
        columns.put("postal_code", bare)


def _attention(columns: ListColumns) -> None:
    """ "z.Hd. Frau Weiß" names the person, whichever column it stands in; "c/o Rossi" belongs to the address."""
    if not any(any(columns.get(name)) for name in ("full_name", "company", "address_extra")):
        return
    if columns.header_of("full_name"):
        people = columns.get("full_name")
        columns.put("full_name", [m["name"] if (m := _ATTENTION.fullmatch(text)) else text for text in people])
    _names_inside(columns, "company", _FIRM_FOR)
    _names_inside(columns, "address_extra", _ATTENTION)
    _care_of(columns)


def _names_inside(columns: ListColumns, field: str, pattern: re.Pattern[str]) -> None:
    """The person's name out of a cell of `field`, in rows that name nobody; what the pattern calls firm stays there."""
    people = columns.get("full_name")
    beside = zip(people, columns.get("first_name"), columns.get("last_name"), strict=True)
    texts = columns.get(field)
    found = [None if any(names) else pattern.fullmatch(text) for text, names in zip(texts, beside, strict=True)]
    if any(found):
        columns.put("full_name", [m["name"] if m else old for m, old in zip(found, people, strict=True)])
        kept = zip(found, texts, strict=True)
        columns.put(field, [m.groupdict().get("firm", "") if m else text for m, text in kept])


def _care_of(columns: ListColumns) -> None:
    for name in ("company", "full_name"):
        texts, extra = columns.get(name), columns.get("address_extra")
        found = [None if have else _CARE.fullmatch(text) for text, have in zip(texts, extra, strict=True)]
        if any(found):
            columns.put("address_extra", [m["care"] if m else old for m, old in zip(found, extra, strict=True)])
            columns.put(name, [m["name"] if m else text for m, text in zip(found, texts, strict=True)])


def _country_of(sign: str) -> str:
    return SIGNS.get(sign, "") or (sign if sign in codes() else {"UK": "GB", "SF": "FI"}.get(sign, ""))
