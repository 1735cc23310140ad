"""Looks of new columns: width, number format and drop-down of a table's column as the builder gives them.

The column stands where the table had room, so the donor's column is moved to its letter. What a person has already
said about that sheet column (a width, a format) stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xlcrm.upgrading.style_merge import StyleMerge
from xlcrm.xlsx import worksheet_xml
from xlcrm.xlsx.ranges import letters
from xlcrm.xlsx.workbook import Workbook

_COLS = re.compile(rb"<(?:\w+:)?cols\b[^>]*>(.*?)</(?:\w+:)?cols\s*>", re.DOTALL)
_COL = re.compile(rb"<(?:\w+:)?col\s[^>]*?/>|<(?:\w+:)?col\s[^>]*>\s*</(?:\w+:)?col>")
_RULES = re.compile(rb"<dataValidations\b[^>]*>(.*?)</dataValidations>", re.DOTALL)
_RULE = re.compile(rb"<dataValidation [^>]*>.*?</dataValidation>", re.DOTALL)
# what stands behind the rules of a worksheet (ECMA-376 part 1, 18.3.1.99) and nowhere inside what stands before them
_BEHIND = re.compile(
    rb"<(?:\w+:)?(?:hyperlinks|printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|colBreaks|customProperties"
    rb"|cellWatches|ignoredErrors|drawing|legacyDrawing|tableParts)\b"
)


def dressed(
    book: Workbook, part: str, columns: Mapping[int, tuple[Workbook, str, int]], styles: StyleMerge, names: set[str]
) -> Iterator[bytes]:
    """A sheet's part whose `columns` (number -> donor, its sheet's part, its column) look as the donor's do.

    names  the workbook's defined names: a drop-down by another one is left out
    """
    for kind, data in worksheet_xml.read(book.package, part):
        if kind == worksheet_xml.HEAD:
            yield _head(data, {n: _look(*place, styles) for n, place in columns.items()})
        elif kind == worksheet_xml.TAIL:
            yield _tail(data, [rule for n, place in columns.items() for rule in _rules(n, *place, names)])
        else:
            yield data


def _look(donor: Workbook, part: str, column: int, styles: StyleMerge) -> bytes:
    """The attributes of a column: width and format; b"" where the donor says nothing of it."""
    for raw in _COL.findall(donor.package.read(part)):
        if _number(raw, b"min") <= column <= _number(raw, b"max"):
            style = styles.format(_number(raw, b"style"))
            width = re.search(rb'\bwidth="([^"]*)"', raw)
            return b' width="%s" customWidth="1" style="%d"' % (width[1] if width else b"12", style)
    return b""


def _number(raw: bytes, attribute: bytes) -> int:
    found = re.search(rb"""\b%s=["'](\d+)["']""" % attribute, raw)
    return int(found[1]) if found else 0


def _head(head: bytes, looks: Mapping[int, bytes]) -> bytes:
    """A sheet's head with the columns that nothing was said about."""
    found = _COLS.search(head)
    there = _COL.findall(found[1]) if found else []
    prefix = worksheet_xml.prefix(head)
    said = [(_number(raw, b"min"), _number(raw, b"max"), raw) for raw in there]
    for number, look in looks.items():
        if look and not any(first <= number <= last for first, last, _ in said):
            said.append((number, number, b'<%scol min="%d" max="%d"%s/>' % (prefix, number, number, look)))
    if not said:
        return head
    whole = b"<%scols>%s</%scols>" % (prefix, b"".join(raw for _, _, raw in sorted(said)), prefix)
    if found:
        return head[: found.start()] + whole + head[found.end() :]
    at = re.search(rb"<(?:\w+:)?sheetData\b", head)
    return head[: at.start()] + whole + head[at.start() :] if at else head


def _rules(number: int, donor: Workbook, part: str, column: int, names: set[str]) -> Iterator[bytes]:
    """The donor's rules of one column, for the column `number`."""
    old, new = letters(column).encode(), letters(number).encode()
    for rule in _RULE.findall(donor.package.read(part)):
        area = re.search(rb'\bsqref="([A-Z]+)(\d+):([A-Z]+)(\d+)"', rule)
        by_name = re.search(rb"<formula1>([A-Za-z_]\w*)</formula1>", rule)
        if not area or area[1] != old or area[3] != old or (by_name and by_name[1].decode() not in names):
            continue
        yield rule[: area.start()] + b'sqref="%s%s:%s%s"' % (new, area[2], new, area[4]) + rule[area.end() :]


def _tail(tail: bytes, rules: list[bytes]) -> bytes:
    """A sheet's tail with more rules; as it is where a prefix makes ours another thing than they are."""
    if not rules or re.search(rb"</\w+:worksheet\s*>", tail):
        return tail
    found = _RULES.search(tail)
    if found:
        count = len(re.findall(rb"<dataValidation\b", found[1])) + len(rules)
        whole = b'<dataValidations count="%d">%s%s</dataValidations>' % (count, found[1], b"".join(rules))
        return tail[: found.start()] + whole + tail[found.end() :]
    whole = b'<dataValidations count="%d">%s</dataValidations>' % (len(rules), b"".join(rules))
    behind = _BEHIND.search(tail)
    at = behind.start() if behind else tail.index(b"</worksheet")
    return tail[:at] + whole + tail[at:]
