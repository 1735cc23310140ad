"""References inside a sheet's head and tail (size, filters, validations, formats, links) follow their cells."""

from __future__ import annotations

import re
from collections.abc import Callable

from xlcrm.xlsx import formulas, xml_parts
from xlcrm.xlsx.ranges import Area

_DIMENSION = re.compile(rb"""(<(?:\w+:)?dimension\b[^>]*?\sref=["'])([^"']*)""")
_WITH_SQREF = re.compile(
    rb"""<((?:\w+:)?(?:conditionalFormatting|dataValidation|ignoredError|protectedRange))(?=\s)[^>]*?"""
    rb"""\ssqref=["']([^"']*)["'][^>]*?(?:/>|>.*?</\1\s*>)""",
    re.DOTALL,
)
_SQREF = re.compile(rb"""(\ssqref=["'])[^"']*""")
_FORMULA = re.compile(rb"(<((?:\w+:)?formula[12]?)(?:\s[^>]*)?>)(.*?)(</\2\s*>)", re.DOTALL)
_EXT = re.compile(
    rb"<((?:\w+:)(?:conditionalFormatting|dataValidation|sparkline))[\s>](?:(?!</\1\s*>).)*?</\1\s*>", re.DOTALL
)
_EXT_SQREF = re.compile(rb"(<((?:\w+:)sqref)>)(.*?)(</\2\s*>)", re.DOTALL)
_EXT_FORMULA = re.compile(rb"(<((?:\w+:)f)>)(.*?)(</\2\s*>)", re.DOTALL)
_WITH_REF = re.compile(rb"""<(?:\w+:)?(?:hyperlink|mergeCell|autoFilter|sortState|sortCondition)\s[^>]*>""")
_REF = re.compile(rb"""(\sref=["'])([^"']*)""")
_GROUPS = (
    "dataValidations",
    "conditionalFormattings",
    "hyperlinks",
    "ignoredErrors",
    "protectedRanges",
    "sparklines",
)

MoveArea = Callable[[Area], Area | None]


def grown(head: bytes, area: Area) -> bytes:
    """The part's head with its dimension reaching over `area`."""

    def cover(found: re.Match[bytes]) -> bytes:
        """The dimension with both areas inside; one that is no range stays."""
        try:
            old = Area.of(found[2].decode())
        except ValueError:
            return found[0]
        top, left = min(old.top, area.top), min(old.left, area.left)
        return found[1] + Area(top, left, max(old.bottom, area.bottom), max(old.right, area.right)).text.encode()

    return _DIMENSION.sub(cover, head, count=1)


def shrunk(head: bytes, table: Area, bottom: int) -> bytes:
    """The head of a sheet whose table now ends at row `bottom`; known only where nothing stands beside or below it."""

    def cut(found: re.Match[bytes]) -> bytes:
        """The dimension that ended with the table, with the table's new end."""
        old = Area.of(found[2].decode())
        if old.left < table.left or old.right > table.right or old.bottom != table.bottom:
            return found[0]
        return found[1] + old._replace(bottom=bottom).text.encode()

    return _DIMENSION.sub(cut, head, count=1)


def followed(tail: bytes, sheet: str, move_area: MoveArea, move: formulas.Move) -> bytes:
    """The part's tail after cells of this sheet moved. What loses its last cell goes."""

    def ranged(found: re.Match[bytes]) -> bytes:
        """A rule with its ranges in an attribute: conditional formats, validations, ignored errors."""
        old = found[2].decode()
        new = moved_areas(old, move_area)
        if not new:
            return b""
        xml = _SQREF.sub(lambda m: m[1] + new.encode(), found[0], count=1)
        return _FORMULA.sub(lambda m: m[1] + _anchored(m[3], old, new, sheet, move) + m[4], xml)

    def extended(found: re.Match[bytes]) -> bytes:
        """A rule of Excel 2010 and later (x14), with ranges and formulas in elements of their own."""
        ref = _EXT_SQREF.search(found[0])
        if not ref:
            return found[0]
        old = ref[3].decode()
        new = moved_areas(old, move_area)
        if not new:
            return b""
        xml = _EXT_SQREF.sub(lambda m: m[1] + new.encode() + m[4], found[0], count=1)
        return _EXT_FORMULA.sub(lambda m: m[1] + _anchored(m[3], old, new, sheet, move) + m[4], xml)

    def linked(found: re.Match[bytes]) -> bytes:
        """An element with one range; an element that has children stays, because they would be left over."""
        ref = _REF.search(found[0])
        new = moved_areas(ref[2].decode(), move_area) if ref else ""
        if not new:
            return b"" if found[0].endswith(b"/>") else found[0]
        return _REF.sub(lambda m: m[1] + new.encode(), found[0], count=1)

    tail = _WITH_SQREF.sub(ranged, tail)
    tail = _EXT.sub(extended, tail)
    tail = _WITH_REF.sub(linked, tail)
    for group in _GROUPS:
        tail = _regrouped(tail, group.encode())
    return tail


def moved_areas(text: str, move_area: MoveArea) -> str:
    """A list of ranges after a move, "" where nothing is left. What is no range stays as it is."""
    found = []
    for word in text.split():
        try:
            area = Area.of(word)
        except ValueError:
            found.append(word)
            continue
        new = move_area(area)
        if new is not None:
            found.append(word if new == area else new.text)
    return " ".join(found)


def _anchored(raw: bytes, old: str, new: str, sheet: str, move: formulas.Move) -> bytes:
    """A formula of a rule: its relative references are counted from the first cell that the rule is about."""
    try:
        rows = Area.of(new.split()[0]).top - Area.of(old.split()[0]).top
    except ValueError:
        rows = 0
    text = xml_parts.unescape(raw)
    moved = formulas.follow_rule(text, sheet, move, rows)
    return raw if moved == text else xml_parts.escape_bytes(moved.encode())


def _regrouped(tail: bytes, name: bytes) -> bytes:
    """A group's count put right; a group that became empty goes."""
    tail = re.sub(rb"<((?:\w+:)?" + name + rb")(?:\s[^>]*)?>\s*</\1\s*>", b"", tail)

    def counted(found: re.Match[bytes]) -> bytes:
        """A group with the number of its children."""
        single = found[1][: -len(name)] + name[:-1]
        count = len(re.findall(rb"<" + single + rb"[\s/>]", found[0]))
        opening = re.sub(rb"""(\scount=["'])\d+""", rb"\g<1>%d" % count, found[2], count=1)
        return opening + found[0][len(found[2]) :]

    return re.sub(rb"(?=<((?:\w+:)?" + name + rb")[\s>])(<[^>]*>).*?</\1\s*>", counted, tail, flags=re.DOTALL)
