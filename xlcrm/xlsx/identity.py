"""Identity of a workbook: a hidden defined name "xlcrm_identity" in it, by which its backups and its journal know it.

A name rather than a document property: a live Excel takes it in the same way on Windows and on a Mac, more programs
keep it (docs/architecture.md, "Whose backups"), and it stands in a part that every run writes anyway.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.workbook import open_workbook

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME = "xlcrm_identity"
PATTERN = "[0-9a-f]{16}"
_VALUE = re.compile(r'"?(' + PATTERN + r')"?')
_WHOLE = re.compile(
    rb"<((?:\w+:)?)definedName\b[^>]*?\sname=[\"']" + NAME.encode() + rb"[\"'][^>]*?(?:/>|>[^<]*</\1definedName\s*>)",
    re.IGNORECASE,
)
_NAMES = re.compile(rb"<((?:\w+:)?)definedNames\b[^>]*?(/?)>")
# what may stand before the names in a workbook part, in the order of the standard
_BEFORE = re.compile(rb"(?:</|<)((?:\w+:)?)(?:sheets|functionGroups|externalReferences)(?:\s[^>]*)?/?>")


def new() -> str:
    """An identity that no other workbook has."""
    return secrets.token_hex(8)


def of_root(root: Element) -> str:
    """The identity in a parsed workbook part, "" where there is none."""
    for names in xml_parts.children(root, "definedNames"):
        for name in names:
            if name.get("name", "").casefold() == NAME and (found := _VALUE.fullmatch((name.text or "").strip())):
                return found[1]
    return ""


def of_file(path: Path) -> str:
    """The identity of an unlocked workbook file, "" where it has none; CrmError where it is no workbook."""
    book = open_workbook(path)
    book.package.close()
    return of_root(book.root)


def put(data: bytes, identity: str) -> bytes:
    """A workbook part with this identity, in the place of one that it may have had."""
    data = _WHOLE.sub(b"", data)
    element = b'<%%sdefinedName name="%s" hidden="1">"%s"</%%sdefinedName>' % (NAME.encode(), identity.encode())
    found = _NAMES.search(data)
    if not found:
        *_, last = _BEFORE.finditer(data)
        prefix = last[1]
        whole = b"<%sdefinedNames>%s</%sdefinedNames>" % (prefix, element % (prefix, prefix), prefix)
        return data[: last.end()] + whole + data[last.end() :]
    prefix = found[1]
    inner = element % (prefix, prefix)
    if found[2]:
        opened = found[0][:-2].rstrip() + b">"
        return data[: found.start()] + opened + inner + b"</%sdefinedNames>" % prefix + data[found.end() :]
    return data[: found.end()] + inner + data[found.end() :]
