"""Identity of a workbook: a hidden defined name "xlcrm_identity" in it, by which its backups and its journal know it.

A name rather than a document property: a live Excel takes it in the same way on Windows and on a Mac, more programs
keep it (docs/architecture.md, "Whose backups"), and it stands in a part that every run writes anyway.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.workbook import open_workbook

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME = "xlcrm_identity"
PATTERN = "[0-9a-f]{16}"
_VALUE = re.compile(r'"?(' + PATTERN + r')"?')
_WHOLE = r"<((?:\w+:)?)definedName\b[^>]*?\sname=[\"']{}[\"'][^>]*?(?:/>|>[^<]*</\1definedName\s*>)"
_NAMES = re.compile(rb"<((?:\w+:)?)definedNames\b[^>]*?(/?)>")
# what may stand before the names in a workbook part, in the order of the standard
_BEFORE = re.compile(rb"(?:</|<)((?:\w+:)?)(?:sheets|functionGroups|externalReferences)(?:\s[^>]*)?/?>")


def new() -> str:
    """An identity that no other workbook has."""
    return secrets.token_hex(8)


def of_root(root: Element) -> str:
    """The identity in a parsed workbook part, "" where there is none."""
    texts = (_VALUE.fullmatch(text) for text in name_texts(root, NAME))
    return next((found[1] for found in texts if found), "")


def name_texts(root: Element, wanted: str) -> Iterator[str]:
    """What the defined names called `wanted` of a parsed workbook part hold, as it stands there."""
    for names in xml_parts.children(root, "definedNames"):
        for name in names:
            if name.get("name", "").casefold() == wanted:
                yield (name.text or "").strip()


def of_file(path: Path) -> str:
    """The identity of an unlocked workbook file, "" where it has none; CrmError where it is no workbook."""
    book = open_workbook(path)
    book.package.close()
    return of_root(book.root)


def put(data: bytes, identity: str) -> bytes:
    """A workbook part with this identity, in the place of one that it may have had."""
    return put_name(data, NAME, identity)


def put_name(data: bytes, name: str, text: str) -> bytes:
    """A workbook part with a hidden defined name that holds `text` (no quotes), in the place of one of that name."""
    data = re.sub(_WHOLE.format(name).encode(), b"", data, flags=re.IGNORECASE)
    escaped = escape(text, quote=False).replace("%", "%%").encode()
    element = b'<%%sdefinedName name="%s" hidden="1">"%s"</%%sdefinedName>' % (name.encode(), escaped)
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
