"""Package draft of a workbook's package: parts changed and added one after the other, written at the end in one go."""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import quoteattr

from xlcrm.errors import CrmError
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.package import rels_name
from xlcrm.xlsx.workbook import Workbook
from xlcrm.xlsx.zip_writer import Packed

TYPES = "[Content_Types].xml"
_TYPES_SPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS_SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_NO_RELS = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="%s"></Relationships>'


def found(pattern: bytes, data: bytes) -> re.Match[bytes]:
    """Where a part has what every sound one has; CrmError where it has not."""
    match = re.search(pattern, data)
    if not match:
        raise CrmError("workbook.damaged_part")
    return match


class PackageDraft:
    """The package of `book`, whose parts are read, replaced and added by name; `write` puts it into a file."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._changed: dict[str, bytes | Packed] = {}
        self._added: dict[str, bytes | Packed] = {}

    def read(self, part: str) -> bytes:
        """A part as it stands in the draft; b"" where there is none. Not for parts that were streamed in."""
        entry = self.book.package.find(part)
        held = self._changed.get(entry) if entry else self._added.get(part)
        if isinstance(held, bytes):
            return held
        return xml_parts.plain(self.book.package.read(entry)) if entry else b""

    def put(self, part: str, data: bytes | Packed) -> None:
        """Replace a part, or add it."""
        entry = self.book.package.find(part)
        if entry:
            self._changed[entry] = data
        else:
            self._added[part] = data

    def append(self, part: str, element: str) -> None:
        """Put an element at the end of a part's root."""
        data = self.read(part)
        if b"</" not in data:  # an empty root, closed at once
            data = re.sub(rb"<([\w:]+)([^<>]*)/>\s*$", rb"<\1\2></\1>", data)
        end = data.rindex(b"</")
        self.put(part, data[:end] + element.encode() + data[end:])

    def free(self, like: str) -> str:
        """The name of a part that is not there yet: `like` with another number."""
        stem, suffix = re.fullmatch(r"(.*?)\d*(\.\w+)", like).groups()  # type: ignore[union-attr]
        taken = {name.replace("\\", "/").lstrip("/").lower() for name in self.book.package.entries}
        taken |= {name.lower() for name in self._added}
        return next(name for n in range(1, 10**6) if (name := f"{stem}{n}{suffix}").lower() not in taken)

    def type(self, part: str, content_type: str) -> None:
        """Say what a new part is."""
        self.append(
            TYPES, f'<Override xmlns="{_TYPES_SPACE}" PartName={quoteattr("/" + part)} ContentType="{content_type}"/>'
        )

    def relate(self, part: str, kind: str, target: str) -> str:
        """A relationship of `part` to another part of the package; its new id."""
        name = self.book.package.find(rels_name(part)) or rels_name(part)
        if not self.read(name):
            self.put(name, _NO_RELS % _RELS_SPACE.encode())
        ids = {element.get("Id", "") for element in xml_parts.parse(self.read(name))}
        new = next(i for n in range(1, 10**6) if (i := f"rIdXlcrm{n}") not in ids)
        self.append(
            name,
            f'<Relationship xmlns="{_RELS_SPACE}" Id="{new}" Type="{kind}" Target={quoteattr("/" + target)}/>',
        )
        return new

    @property
    def changes(self) -> bool:
        """Whether `write` would make another package than it was."""
        return bool(self._changed or self._added)

    def write(self, target: Path) -> None:
        """Write the package with its changes to `target`; every other part is copied as it is."""
        self.book.package.write(target, self._changed, added=self._added)
