"""Traces in the parts of a workbook's file: shared strings that no cell uses any more, charts, comments, names, caches.

A workbook whose rows are gone still holds their texts: Excel keeps each text once, in a part of its own, and copies in
the caches of charts and pivots, in the targets of links, in filters and comments. The writer of every run leaves those
alone. Here they get a mark, and whatever can't be written safely is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from xlcrm.forgetting.scrubber import Scrubber
from xlcrm.forgetting.traces import Erasure
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.package import Package

_TEXTS = (".xml", ".rels", ".vml")
_STRINGS = "xl/sharedStrings.xml"
_TOKEN = re.compile(r"<[^>]*>|[^<]+")
_NAME = re.compile(r"</?(?:\w+:)?(\w+)")
_ATTRIBUTE = re.compile(r"""([\w:]+)=("[^"]*"|'[^']*')""")
_QUOTED = re.compile(r'"[^"]*"')
_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\st=["']s["'][^>]*>(.*?)</(?:\w+:)?c\s*>""", re.DOTALL)
_SHARED = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\st=["']s["']""")
_INDEX = re.compile(rb"<(?:\w+:)?v\b[^>]*>\s*(\d+)\s*</")
_ITEM = re.compile(rb"<((?:\w+:)?)si\b[^>]*?(?:/>|>.*?</(?:\w+:)?si\s*>)", re.DOTALL)
# attributes that hold what somebody typed, with their element ("" for any); all others are names and places, which a
# mark would break
_SAID = frozenset(
    {("filter", "val"), ("customFilter", "val"), ("s", "v"), ("", "display"), ("", "tooltip"), ("", "title"),
     ("", "descr"), ("", "author"), ("", "altText")}
)  # fmt: skip
_ADDRESSES = ("mailto:", "http", "file:", "tel:")
# parts of the workbook's own words: formats, kinds of parts, headers of tables, titles of sheets
_OWN = ("xl/styles.xml", "xl/theme/", "[content_types].xml", "xl/tables/", "docprops/app.xml", "customui/")
_FORMULAS = frozenset({"f", "definedName", "formula", "formula1", "formula2"})


def scrub(path: Path, target: Path, erasure: Erasure) -> tuple[str, ...]:
    """Write the workbook at `path` to `target` without what still gives somebody away; the parts that it had to leave.

    Unused shared strings get blank, whoever they are of. With `keep_invoices` cells stay as the tables have them.
    """
    with Package(path) as package:
        changed: dict[str, bytes] = {}
        for name in package.entries:
            if _is_read(name) and not _keeps(name, erasure):
                data = xml_parts.plain(package.read(name))
                new = scrubbed_part(data, erasure)
                if new != data:
                    changed[name] = new
        strings = package.find(_STRINGS)
        if strings:
            data = changed.get(strings, package.read(strings))
            if (new := _without_unused(data, package)) != data:
                changed[strings] = new
        package.write(target, changed)
    return tuple(left(target, erasure))


def _is_read(name: str) -> bool:
    """Whether a part may hold what somebody typed, and can be written safely."""
    return name.lower().endswith(_TEXTS) and not name.lower().startswith(_OWN)


def _keeps(name: str, erasure: Erasure) -> bool:
    """Whether the cells of a part may hold the buyer of an invoice that is kept."""
    return erasure.keep_invoices and (name.lower().startswith("xl/worksheets/sheet") or name == _STRINGS)


def scrubbed_part(data: bytes, erasure: Erasure) -> bytes:
    """A part with a mark for each telling text; cells' places, numbers and the names of elements stay."""
    whole = data.decode("utf-8", "surrogateescape")
    if not erasure.scrubber.finds(_plainly(whole)):
        return data
    out: list[str] = []
    tag = ""
    for token in _TOKEN.finditer(whole):
        piece = token[0]
        if piece[0] == "<":
            named = _NAME.match(piece)
            tag = named[1] if named and piece[1] != "/" else ""
            out.append(_ATTRIBUTE.sub(partial(_attribute, tag, erasure), piece))
        else:
            out.append(_text(piece, tag, erasure))
    return "".join(out).encode("utf-8", "surrogateescape")


def _plainly(whole: str) -> str:
    return whole if "&" not in whole else whole.replace("&apos;", "'").replace("&quot;", '"').replace("&amp;", "&")


def _text(piece: str, tag: str, erasure: Erasure) -> str:
    """Text between tags; of a formula only what stands in quotes, of a number nothing."""
    if tag == "v" and _is_figure(piece):
        return piece
    if tag in _FORMULAS:
        told = _unescaped(piece)
        new = _QUOTED.sub(lambda found: erasure.scrubber.scrubbed(found[0]), told)
        return piece if new == told else xml_parts.escape(new).decode()
    return _escaped_again(piece, erasure.scrubber)


def _is_figure(piece: str) -> bool:
    return piece.strip().lstrip("-").replace(".", "", 1).isdigit()


def _attribute(tag: str, erasure: Erasure, found: re.Match[str]) -> str:
    name, value = found[1].rpartition(":")[2], found[2][1:-1]
    linked = name == "Target" and value.startswith(_ADDRESSES)
    if not (linked or (tag, name) in _SAID or ("", name) in _SAID):
        return found[0]
    new = _escaped_again(value, erasure.scrubber)
    return f'{found[1]}="{new}"' if new != value else found[0]


def _escaped_again(piece: str, scrubber: Scrubber) -> str:
    told = _unescaped(piece)
    new = scrubber.scrubbed(told)
    return piece if new == told else xml_parts.escape(new).decode()


def _unescaped(piece: str) -> str:
    return xml_parts.unescape(piece.encode("utf-8", "surrogateescape")) if "&" in piece else piece


def _without_unused(data: bytes, package: Package) -> bytes:
    """Shared strings with blank ones in the place of those that no cell names; as they are where that isn't sure."""
    used = _used(package)
    if used is None:
        return data
    place = iter(range(data.count(b"<") + 1))
    return _ITEM.sub(
        lambda found: found[0] if next(place) in used else b"<%ssi><%st/></%ssi>" % ((found[1],) * 3), data
    )


def _used(package: Package) -> set[int] | None:
    """The shared strings that cells name; None where a cell's can't be read, so that none is taken for unused."""
    used: set[int] = set()
    for name in package.entries:
        if not name.lower().startswith(("xl/worksheets/", "xl/macrosheets/", "xl/dialogsheets/")):
            continue
        data = xml_parts.plain(package.read(name)) if name.lower().endswith(".xml") else b""
        cells = [_INDEX.search(cell) for cell in _CELL.findall(data)]
        if len(cells) != len(_SHARED.findall(data)) or None in cells:
            return None
        used |= {int(found[1]) for found in cells if found}
    return used


def holds(path: Path, erasure: Erasure) -> bool:
    """Whether a part of a workbook has a text that the erasure would change."""
    with Package(path) as package:
        parts = (xml_parts.plain(package.read(name)) for name in package.entries if _is_read(name))
        return any(scrubbed_part(data, erasure) != data for data in parts)


# What is left in a file, whatever kind it is.


def left(path: Path, erasure: Erasure) -> Iterator[str]:
    """The parts of a workbook in which a telling text still stands, or that nobody can look into."""
    with Package(path) as package:
        for name in package.entries:
            data = package.read(name)
            if name.lower().startswith(_OWN[:3]):
                continue
            if name.lower().endswith(_TEXTS):
                if not _keeps(name, erasure) and _stands(data.decode("utf-8", "replace"), erasure):
                    yield name
            elif in_bytes(data, erasure) or name.lower().startswith("xl/model/"):
                yield name


def _stands(whole: str, erasure: Erasure) -> bool:
    """Whether a name or an address stands in a part; numbers and phones may be figures there."""
    return erasure.names_only.finds(_plainly(whole))


def in_bytes(data: bytes, erasure: Erasure) -> bool:
    """Whether a telling text stands in bytes of any kind, in UTF-8 or UTF-16."""
    for start in (0, 1):
        if erasure.names_only.finds(data[start:].decode("utf-16-le", "ignore")):
            return True
    return erasure.names_only.finds(data.decode("utf-8", "replace"))
