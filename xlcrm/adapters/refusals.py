"""What cannot be changed safely is refused with the reason, before anything is written."""

from __future__ import annotations

from xlcrm.adapters import markup
from xlcrm.adapters.workbook import Workbook
from xlcrm.errors import CrmError


def check(book: Workbook) -> None:
    """CrmError for a workbook that is signed, write-reserved or shared with a change log."""
    name = book.package.path.name
    if any(rel.kind == "origin" and "_xmlsignatures" in rel.target.lower() for rel in book.package.rels("")):
        raise CrmError("workbook.signed", name=name)
    if book.related("revisionHeaders"):
        raise CrmError("workbook.shared", name=name)
    for sharing in markup.children(book.root, "fileSharing"):
        if any(markup.attribute(sharing, key) for key in ("reservationPassword", "hashValue")):
            raise CrmError("workbook.write_reserved", name=name)
