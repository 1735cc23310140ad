"""Formulas keep the value last calculated; after a change the workbook must ask for them to be calculated anew."""

from __future__ import annotations

import re

from xlcrm.adapters import sheetscan
from xlcrm.adapters.package import Packed
from xlcrm.adapters.sheetwork import SheetWork
from xlcrm.adapters.workbook import Workbook

_CALC = re.compile(rb"<(?:\w+:)?calcPr\b([^>]*?)(/?)>")
_FULL = re.compile(rb"""\sfullCalcOnLoad=["'][^"']*["']""")
# what may stand before calcPr in a workbook part, in the order of the standard
_BEFORE = re.compile(rb"(?:</|<)((?:\w+:)?)(?:sheets|functionGroups|externalReferences|definedNames)(?:\s[^>]*)?>")


def renew(book: Workbook, works: list[SheetWork], changed: dict[str, bytes | Packed], dropped: set[str]) -> None:
    """Tell Excel to calculate everything when it opens the workbook; a workbook without formulas stays as it is."""
    sheets = (sheet.part for sheet in book.sheets if sheet.kind == "worksheet")
    if any(sheetscan.scan(book.package, part).formulas for part in sheets):
        changed[book.part] = full_calculation(book.package.read(book.part))


def full_calculation(data: bytes) -> bytes:
    """A workbook part that asks for full calculation on load."""
    found = _CALC.search(data)
    if found:
        attributes = _FULL.sub(b"", found[1]) + b' fullCalcOnLoad="1"'
        start, end = found.span(1)
        return data[:start] + attributes + data[end:]
    *_, last = _BEFORE.finditer(data)
    return data[: last.end()] + b'<%scalcPr fullCalcOnLoad="1"/>' % last[1] + data[last.end() :]
