"""XML parts, parsed here and only here, so that no hostile document type, entity or encoding gets past one door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xlcrm.errors import CrmError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile("[\x00-\x08\x0b-\x0d\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITY = re.compile(rb"&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));")
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"', b"apos": "'"}
_ENCODING = re.compile(rb"""(\s*<\?xml\s[^>]*?encoding\s*=\s*["'])([\w.-]+)""")
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 4096
_SPACED = re.compile(rb"""<[\w:]+(?:\s+[\w:.-]+=(?:"[^"]*"|'[^']*'))*\s+[\w:.-]+(?:\s+=\s*|=\s+)["']""")
_TAG = re.compile(rb"""<[\w:]+\s(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")
_ODD = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?(?!xml\s).*?\?>", re.DOTALL)


def parse(data: bytes) -> Element:
    """The root element of a small part; CrmError where it is damaged or declares a document type."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise CrmError("workbook.hostile_xml") from error
    except (ParseError, ValueError, LookupError) as error:
        raise CrmError("workbook.damaged_part") from error
    return root


def local(tag: str) -> str:
    """A tag or attribute without its namespace, which differs between the two editions of the standard."""
    return tag.rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """The direct children of that local name."""
    return (child for child in element if local(child.tag) == name)


def descendants(element: Element, name: str) -> Iterator[Element]:
    """All elements of that local name, at any depth, in the order of the file."""
    return (child for child in element.iter() if isinstance(child.tag, str) and local(child.tag) == name)


def attribute(element: Element, name: str) -> str:
    """An attribute by its local name, "" where it is missing."""
    return next((value for key, value in element.attrib.items() if local(key) == name), "")


def is_true(value: str) -> bool:
    """Whether an attribute says yes; xsd:boolean is 1 or true, ST_OnOff also "on"."""
    return value.strip().lower() in {"1", "true", "on"}


def is_foreign(start: bytes) -> bool:
    """Whether a part that starts so is in another encoding than UTF-8."""
    declared = _ENCODING.match(start)
    return start[:2] in _BOMS or bool(declared and declared[2].lower() not in (b"utf-8", b"utf8", b"us-ascii"))


def plain(data: bytes) -> bytes:
    """A part as UTF-8 without comments, CDATA sections and processing instructions, which Excel itself never keeps."""
    if is_foreign(data):
        data = _as_utf8(data)
    if is_spaced(data[:_SAMPLE]):
        data = unspaced(data)
    if b"<!" not in data and data.count(b"<?") < 2:
        return data
    return _ODD.sub(lambda found: escape_bytes(found[1]) if found[1] is not None else b"", data)


def _as_utf8(data: bytes) -> bytes:
    """A part in UTF-16 or the encoding it declares as UTF-8, and saying so; CrmError where it is not what it says."""
    declared = _ENCODING.match(data)
    try:
        text = data.decode("utf-16" if data[:2] in _BOMS or not declared else declared[2].decode())
    except (LookupError, UnicodeDecodeError) as error:
        raise CrmError("workbook.damaged_part") from error
    return re.sub(r'^(\s*<\?xml[^>]*?encoding=["\'])[^"\']+', r"\1UTF-8", text, count=1).encode()


def is_spaced(start: bytes) -> bool:
    """Whether a part that starts so puts spaces around the equals signs of its attributes, as XML allows."""
    return bool(_SPACED.search(start))


def unspaced(data: bytes) -> bytes:
    """The same XML with no space around the equals signs of attributes."""
    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(rb"\1=\2", tag[0]), data)


def escape_bytes(raw: bytes) -> bytes:
    """Text as it stands between tags. Quotes stay: not for attributes."""
    return raw.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def unescape(raw: bytes) -> str:
    """The characters that escaped XML text stands for; line ends as XML reads them. CrmError where it is no text."""
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CrmError("workbook.damaged_part") from error
    text = whole.replace("\r\n", "\n").replace("\r", "\n")
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda m: _character(m).encode(), text.encode()).decode("utf-8", "replace")


def _character(found: re.Match[bytes]) -> str:
    """The character behind an entity, U+FFFD for half of a surrogate pair; a name that XML does not know stays."""
    decimal, hexadecimal, name = found.groups()
    if name is not None:
        return _NAMED.get(name, found[0].decode())
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def escape(text: str) -> bytes:
    """Text as XML character data; quotes too, so that it serves in attributes."""
    return escape_bytes(text.encode()).replace(b'"', b"&quot;")


def to_excel(text: str) -> str:
    """Text with what XML cannot hold (control characters, a carriage return) written as Excel writes it: _x000D_."""
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def from_excel(text: str) -> str:
    """The reverse of `to_excel`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


# Counts short marks in blocks of XML as whole arrays of bytes: Python's own search stops at each of a million `<`.


_SLICE = 1 << 16  # bytes looked at at once: what a processor keeps near, and no new memory from the system each time


def count(block: bytes, mark: bytes) -> int:
    """How often a mark stands in a block; the mark must be one that cannot overlap itself."""
    return sum(int(np.count_nonzero(marked)) for _, marked in _marked(block, mark))


def places(block: bytes, mark: bytes) -> NDArray[np.int64]:
    """Where in a block a mark begins; the mark must be one that cannot overlap itself."""
    return np.concatenate([_NOWHERE, *(np.flatnonzero(marked) + start for start, marked in _marked(block, mark))])


def followed(block: bytes, mark: bytes, rest: bytes) -> bool:
    """Whether `rest` stands behind every mark of a block; the mark must be one that cannot overlap itself."""
    data = np.frombuffer(block + bytes(len(rest)), dtype=np.uint8)
    behind = places(block, mark) + len(mark)
    return all(bool((data[behind + place] == byte).all()) for place, byte in enumerate(rest))


_NOWHERE = np.empty(0, dtype=np.int64)


def _marked(block: bytes, mark: bytes) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Slices of a block: where each starts, and at which of its bytes a mark begins."""
    data = np.frombuffer(block, dtype=np.uint8)
    end = len(data) - len(mark) + 1
    for start in range(0, end, _SLICE):
        stop = min(start + _SLICE, end)
        found: NDArray[np.bool_] = data[start:stop] == mark[0]
        for place in range(1, len(mark)):
            found &= data[start + place : stop + place] == mark[place]
        yield start, found
