"""Style merge: the cell formats of one workbook brought into the style part of another, with new numbers.

A sheet's cells name their format by its place in the workbook's list (ECMA-376 part 1, 18.8.10), and a format names its
font, fill, border and number format in the same way. What is brought is put at the end; what was there stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from xlcrm.upgrading.package_draft import found
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.styles import MINIMAL

_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OWN = 164  # numbers of number formats below are Excel's own
_PARTS = {"fontId": "font", "fillId": "fill", "borderId": "border"}
_LISTS = {"numFmt": "numFmts", "font": "fonts", "fill": "fills", "border": "borders", "xf": "cellXfs", "dxf": "dxfs"}
# where a list goes that the part does not have: behind the first of these that it has
_AFTER = {"dxfs": ("cellStyles", "cellXfs"), "numFmts": ()}


class StyleMerge:
    """The style part of a workbook (`target`) that takes formats of another one (`donor`); both as bytes.

    `format(i)` and `conditional(i)` are the numbers in the target of the donor's cell format and conditional format
    `i`; `data()` is the target's part with all that was asked for.
    """

    def __init__(self, target: bytes, donor: bytes) -> None:
        self._target = xml_parts.plain(target) or MINIMAL
        self._root = xml_parts.parse(self._target)
        self._codes = _codes(self._target)
        self._donor = {item: _items(xml_parts.plain(donor), item) for item in _LISTS}
        self._donor_codes = _codes(donor)
        self._counts = {item: self._count(item) for item in _LISTS}
        self._new: dict[str, list[bytes]] = {item: [] for item in _LISTS}
        self._known: dict[tuple[str, int], int] = {}

    def _count(self, item: str) -> int:
        return sum(len(group) for group in xml_parts.children(self._root, _LISTS[item]))

    def format(self, index: int) -> int:
        """The target's number for the donor's cell format `index`."""
        if ("xf", index) not in self._known:
            xf = self._donor["xf"][index]
            for attribute, item in _PARTS.items():
                xf = _numbered(xf, attribute, partial(self._brought, item))
            xf = _numbered(xf, "numFmtId", self._number_format)
            self._known["xf", index] = self._add("xf", _numbered(xf, "xfId", lambda old: 0))
        return self._known["xf", index]

    def conditional(self, index: int) -> int:
        """The target's number for the donor's conditional format `index`."""
        return self._brought("dxf", index)

    def _brought(self, item: str, index: int) -> int:
        if (item, index) not in self._known:
            self._known[item, index] = self._add(item, self._donor[item][index])
        return self._known[item, index]

    def _number_format(self, old: int) -> int:
        code = self._donor_codes.get(old)
        if code is None:
            return old
        if code not in self._codes.values():
            number = max([_OWN - 1, *self._codes]) + 1
            self._codes[number] = code
            self._add("numFmt", b'<numFmt numFmtId="%d" formatCode="%s"/>' % (number, xml_parts.escape(code)))
        return next(number for number, known in self._codes.items() if known == code)

    def _add(self, item: str, element: bytes) -> int:
        """Put an element at the end of its list; its place there."""
        self._new[item].append(element)
        return self._counts[item] + len(self._new[item]) - 1

    def data(self) -> bytes:
        """The target's part with what was brought."""
        data = self._target
        for item, group in _LISTS.items():
            if self._new[item]:
                data = _extended(data, group, self._new[item], self._counts[item] + len(self._new[item]))
        return data


def _codes(data: bytes) -> dict[int, str]:
    """The workbook's own number formats: number -> code; those inside conditional formats are their own affair."""
    if not data:
        return {}
    groups = xml_parts.children(xml_parts.parse(data), "numFmts")
    return {int(e.get("numFmtId", "0")): e.get("formatCode", "") for group in groups for e in group}


def _items(data: bytes, item: str) -> list[bytes]:
    """The raw elements of a list of our own style part, which has no prefixes."""
    group = re.search(rb"<%s\b[^>]*>(.*?)</%s>" % ((_LISTS[item].encode(),) * 2), data, re.DOTALL)
    pattern = rb"<%s\b[^>]*/>|<%s\b.*?</%s>" % ((item.encode(),) * 3)
    return re.findall(pattern, group[1], re.DOTALL) if group else []


def _numbered(xf: bytes, attribute: str, new: Callable[[int], int]) -> bytes:
    """A format whose attribute (a number) is what `new` makes of it."""
    pattern = rb'(\b%s=")(\d+)(")' % attribute.encode()
    return re.sub(pattern, lambda part: part[1] + b"%d" % new(int(part[2])) + part[3], xf, count=1)


def _extended(data: bytes, group: str, elements: list[bytes], count: int) -> bytes:
    """A style part with elements put at the end of a list, which is made where there is none."""
    root = re.search(rb"<((?:\w+:)?)styleSheet\b[^>]*>", data)
    prefix = root[1] if root else b""
    if prefix:  # the elements have no prefix: they say themselves what they are
        elements = [re.sub(rb"^<(\w+)", rb'<\1 xmlns="%s"' % _MAIN, element) for element in elements]
    name, inner = prefix + group.encode(), b"".join(elements)
    opening = re.search(rb"<%s\b[^>]*>" % name, data)
    if not opening:
        return _with_list(data, prefix, group, b'<%s count="%d">%s</%s>' % (name, count, inner, name))
    tag = re.sub(rb"""\scount=["']\d+["']""", b"", opening[0])
    if tag.endswith(b"/>"):
        tag = tag[:-2].rstrip() + b' count="%d">' % count
        return data[: opening.start()] + tag + inner + b"</%s>" % name + data[opening.end() :]
    tag = tag[:-1] + b' count="%d">' % count
    end = found(rb"</%s\s*>" % name, data)
    return data[: opening.start()] + tag + data[opening.end() : end.start()] + inner + data[end.start() :]


def _with_list(data: bytes, prefix: bytes, group: str, whole: bytes) -> bytes:
    """A style part with a list that it did not have, in the schema's order."""
    for before in _AFTER[group]:
        name = prefix + before.encode()
        end = re.search(rb"<%s\b[^>]*/>|</%s\s*>" % (name, name), data)
        if end:
            return data[: end.end()] + whole + data[end.end() :]
    opening = found(rb"<%sstyleSheet\b[^>]*>" % prefix, data)
    return data[: opening.end()] + whole + data[opening.end() :]
