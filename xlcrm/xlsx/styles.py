"""Cell styles and number formats, read and written: Excel's dates are numbers whose style says "date"."""

from __future__ import annotations

import re

from xlcrm.xlsx import xml_parts

GENERAL, DATE, MOMENT, TEXT = 0, 14, 22, 49
# Built-in formats that show a date or time, Asian ones included (ECMA-376 part 1, 18.8.30)
_BUILT_IN = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_LASTING = frozenset(range(45, 48))
_LASTS = re.compile(r"\[(?:h+|m+|s+)\]")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_XF = re.compile(rb"<(?:\w+:)?xf\b[^>]*?(?:/>|>.*?</(?:\w+:)?xf>)", re.DOTALL)
# a format with alternatives is one format, whatever stands inside; a program that knows none of them takes the fallback
_ALTERNATIVES = rb"<(?:\w+:)?AlternateContent\b.*?</(?:\w+:)?AlternateContent\s*>"
_FORMAT = re.compile(_ALTERNATIVES + rb"|" + _XF.pattern, re.DOTALL)
_LOOK = re.compile(rb"""\s(?:fontId|fillId|borderId)=["']\d*["']""")
# the least that Excel takes for a style part: one font, its two fixed fills, one border, the format General
MINIMAL = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    b'<fills count="2"><fill><patternFill patternType="none"/></fill>'
    b'<fill><patternFill patternType="gray125"/></fill></fills>'
    b'<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    b'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    b'<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    b"</styleSheet>"
)


class Styles:
    """The cell formats of a workbook, and the clones of them that a change needs.

    `number_format(i)` is the format id of cell style `i`; `clone(i, id)` gives the style that differs from `i` in its
    number format alone, added at the end where none exists. `data()` is the part with the clones.
    """

    def __init__(self, data: bytes) -> None:
        """`data` is the style part, b"" for none."""
        self._data = xml_parts.plain(data)
        self._formats: dict[int, str] = {}
        self._found: tuple[int, int] | None = None
        self._xfs: list[bytes] = []
        if data:
            self._read()
        self._count = len(self._xfs)
        self._clones: dict[tuple[int, int], int] = {}
        self._dates: dict[int, bool] = {}

    def _read(self) -> None:
        """The format codes of the workbook's own (numFmts) and the raw formats of cells (cellXfs, 18.8.10)."""
        for element in xml_parts.descendants(xml_parts.parse(self._data), "numFmt"):
            number = element.get("numFmtId", "")
            if number.isdecimal():
                self._formats[int(number)] = element.get("formatCode", "")
        opening = re.search(rb"<((?:\w+:)?)cellXfs\b[^>]*>", self._data)
        closing = re.search(rb"</(?:\w+:)?cellXfs\s*>", self._data)
        if opening and closing:
            self._found = opening.end(), closing.start()
            formats = _FORMAT.findall(self._data[opening.end() : closing.start()])
            self._xfs = [_XF.findall(found)[-1] if b"AlternateContent" in found else found for found in formats]

    @property
    def count(self) -> int:
        """How many cell styles there are, clones included."""
        return len(self._xfs)

    def number_format(self, style: int) -> int:
        """The id of the number format of a cell style; General for a style that does not exist."""
        if not 0 <= style < len(self._xfs):
            return GENERAL
        found = re.search(rb"""\bnumFmtId=["'](\d+)["']""", self._xfs[style])
        return int(found[1]) if found else GENERAL

    def is_date(self, style: int) -> bool:
        """Whether numbers in that style show as a date or time."""
        if style not in self._dates:
            number = self.number_format(style)
            self._dates[style] = _shows_date(self._formats[number]) if number in self._formats else number in _BUILT_IN
        return self._dates[style]

    @property
    def dates_are_days(self) -> bool:
        """Whether a date can be shown at all, and no format shows one as a time that has passed ([h]:mm)."""
        codes = "".join(self._formats.values()).lower()
        lasting = any(self.number_format(style) in _LASTING for style in range(len(self._xfs)))
        return bool(self._xfs) and not lasting and not _LASTS.search(codes)

    def clone(self, style: int, number_format: int) -> int:
        """The style like `style` with another number format; `style` itself where the file has no style part."""
        if not self._xfs:
            return style
        key = (style if 0 <= style < len(self._xfs) else 0, number_format)
        if key not in self._clones:
            self._clones[key] = self._add(self._xfs[key[0]], number_format)
        return self._clones[key]

    def _add(self, xf: bytes, number_format: int) -> int:
        """The index of the raw format `xf` with another number format, added where no format is the same."""
        for name, value in ((b"numFmtId", b"%d" % number_format), (b"applyNumberFormat", b"1")):
            attribute = re.compile(rb"(\b" + name + rb"""=)(?:"[^"]*"|'[^']*')""")
            xf, found = attribute.subn(rb'\1"' + value + b'"', xf, count=1)
            if not found:
                xf = re.sub(rb"^<((?:\w+:)?xf)\b", rb"<\1 " + name + b'="' + value + b'"', xf, count=1)
        if xf in self._xfs:
            return self._xfs.index(xf)
        self._xfs.append(xf)
        return len(self._xfs) - 1

    def meaning(self, count: int) -> bytes:
        """All that tells how numbers show in the first `count` cell styles: equal where nothing of that was changed.

        Formats are added at the end, and fonts and fills say nothing of dates. Of a part that is not as Excel writes
        it, or has fewer styles, the part itself.
        """
        if count > len(self._xfs) or b"AlternateContent" in self._data:
            return self._data
        tags = [_LOOK.sub(b"", xf[: xf.index(b">")]) for xf in self._xfs[:count]]
        return b"\n".join((repr(sorted(self._formats.items())).encode(), *tags))

    @property
    def changed(self) -> bool:
        """Whether `data()` is another part than the one that was read."""
        return len(self._xfs) > self._count

    def data(self) -> bytes:
        """The part, with the styles that were added."""
        if not self.changed or self._found is None:
            return self._data
        start, end = self._found
        head = self._data[:start]
        at = head.rindex(b"<")
        opening = re.sub(rb"""\bcount=["']\d+["']""", b'count="%d"' % len(self._xfs), head[at:])
        return head[:at] + opening + self._data[start:end] + b"".join(self._xfs[self._count :]) + self._data[end:]


def _shows_date(code: str) -> bool:
    """Whether a format code shows a date or time: a letter of one outside quotes, colours and conditions."""
    first = _QUOTED.sub("", code.split(";")[0])
    return bool(re.search(r"[dmyhs]", first, re.IGNORECASE)) and first.strip().lower() != "general"
