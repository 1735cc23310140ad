"""Formulas keep the value last calculated; after a change the workbook must ask for them to be calculated anew."""

from __future__ import annotations

import re

from xlcrm.xlsx import ranges
from xlcrm.xlsx.writing.sheet_changes import SheetWork

_CALC = re.compile(rb"<(?:\w+:)?calcPr\b([^>]*?)(/?)>")
_FULL = re.compile(rb"""\sfullCalcOnLoad=["'][^"']*["']""")
# what may stand before calcPr in a workbook part, in the order of the standard
_BEFORE = re.compile(rb"(?:</|<)((?:\w+:)?)(?:sheets|functionGroups|externalReferences|definedNames)(?:\s[^>]*)?>")
_ENTRY = re.compile(rb"<((?:\w+:)?)c\s[^>]*?/>")
_SHEET = re.compile(rb"""\si=["'](\d+)["']""")
_PLACE = re.compile(rb"""(\sr=["'])([A-Z]+)(\d+)""")


def full_calculation(data: bytes) -> bytes:
    """A workbook part that asks for full calculation when it is opened."""
    found = _CALC.search(data)
    if found:
        attributes = _FULL.sub(b"", found[1]) + b' fullCalcOnLoad="1"'
        start, end = found.span(1)
        return data[:start] + attributes + data[end:]
    *_, last = _BEFORE.finditer(data)
    return data[: last.end()] + b'<%scalcPr fullCalcOnLoad="1"/>' % last[1] + data[last.end() :]


def chain(data: bytes, works: list[SheetWork]) -> bytes:
    """The calculation chain without cells that lost their formula; cells that moved are renamed.

    The formulas of new rows are put at its end. b"" where nothing is left.
    """
    by_id = {work.sheet.id: work for work in works}
    out: list[bytes] = []
    at = 0
    sheet = written = -1
    prefix = b""
    for found in _ENTRY.finditer(data):
        out.append(data[at : found.start()])
        at = found.end()
        prefix = found[1]
        entry = found[0]
        said = _SHEET.search(entry)
        sheet = int(said[1]) if said else sheet  # an entry without a sheet is on that of the one before
        work = by_id.get(sheet)
        place = _PLACE.search(entry)
        if work and place:
            moved = work.move_formula(int(place[3]), ranges.number(place[2].decode()))
            if moved is None:
                continue
            entry = _PLACE.sub(rb"\g<1>%s%d" % (ranges.letters(moved[1]).encode(), moved[0]), entry, count=1)
        if not said and sheet != written:
            entry = entry[:-2] + b' i="%d"/>' % sheet
        written = sheet
        out.append(entry)
    for work in works:
        for row, column in work.new_formulas():
            out.append(b'<%sc r="%s%d" i="%d"/>' % (prefix, ranges.letters(column).encode(), row, work.sheet.id))
    out.append(data[at:])
    left = b"".join(out)
    return left if _ENTRY.search(left) else b""


def without(data: bytes, part: str) -> bytes:
    """A content-types or relationships part without what names `part`."""
    name = re.escape(part.rsplit("/", 1)[-1].encode())
    return re.sub(rb"<(?:\w+:)?(?:Override|Relationship)\s[^>]*?[/\"']" + name + rb"[\"'][^>]*?/>", b"", data)
