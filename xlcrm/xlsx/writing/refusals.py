"""What cannot be changed safely is refused with the reason, before anything is written."""

from __future__ import annotations

import re

from xlcrm.errors import CrmError
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.sheet_scan import scan
from xlcrm.xlsx.workbook import Sheet, Workbook

_PROTECTED = re.compile(rb"""<(?:\w+:)?sheetProtection(?=\s)[^>]*?\ssheet=["'](?:1|true|on)["']""")


def check_sheet(book: Workbook, sheet: Sheet) -> None:
    """CrmError for a sheet that has no cells or is protected."""
    if sheet.kind != "worksheet":
        raise CrmError("workbook.not_cells", sheet=sheet.name)
    if _PROTECTED.search(scan(book.package, sheet.part).tail):
        raise CrmError("workbook.protected", sheet=sheet.name)


def check(book: Workbook) -> None:
    """CrmError for a workbook that is signed, write-reserved or shared with a change log."""
    name = book.package.path.name
    if any(rel.kind == "origin" and "_xmlsignatures" in rel.target.lower() for rel in book.package.rels("")):
        raise CrmError("workbook.signed", name=name)
    if book.related("revisionHeaders"):
        raise CrmError("workbook.shared", name=name)
    for sharing in xml_parts.children(book.root, "fileSharing"):
        if any(xml_parts.attribute(sharing, key) for key in ("reservationPassword", "hashValue")):
            raise CrmError("workbook.write_reserved", name=name)
