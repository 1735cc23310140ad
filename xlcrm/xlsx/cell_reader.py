"""Cell reader: what a cell's XML holds as a Python value, the same for reading, comparing and writing.

A cell is None, str, float, bool or datetime; a time of day alone is a datetime.time. An error value is its text
("#N/A"), and that text is written as an error again, as Excel does with what is typed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.shared_strings import SharedStrings, rich_text
from xlcrm.xlsx.styles import Styles

ERRORS = frozenset(
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED!".split()
)
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>(.*?)</(?:\w+:)?v\s*>", re.DOTALL)
_IS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_REMEMBERED = 1 << 12  # attributes without an address are few and come in every row
_styles: dict[bytes, int] = {}
_INLINE = re.compile(rb"<(?:\w+:)?is\b[^>]*>(.*?)</(?:\w+:)?is\s*>", re.DOTALL)


def style_of(attributes: bytes) -> int:
    """The index of a cell's style, 0 where it names none (ECMA-376 part 1, 18.3.1.4, attribute s)."""
    style = _styles.get(attributes)
    if style is None:
        found = _STYLE.search(attributes)
        style = int(found[1]) if found else 0
        if len(_styles) < _REMEMBERED:
            _styles[attributes] = style
    return style


def is_formula(inner: bytes) -> bool:
    """Whether a cell's content holds a formula; the plain search first, because most cells hold none."""
    return b"f" in inner and bool(_IS_FORMULA.search(inner))


def _is_true(text: str) -> bool:
    """A truth value: xsd:boolean is 1, 0, true, false; some programs write TRUE."""
    return text.strip().lower() in ("1", "true")


# What the content of a cell's <v> means by the cell's type (ST_CellType, ECMA-376 part 1, 18.18.11); numbers, shared
# and inline texts are read apart. Any other type is "str": text with Excel's _x000D_ escapes.
_BY_TYPE: dict[bytes, Callable[[str], Any]] = {
    b"b": _is_true,
    b"d": dt.datetime.fromisoformat,  # ISO 8601, written by the strict edition only
    b"e": str,
}


class _Kept:
    """Stands for a formula that a change met and left alone."""

    def __repr__(self) -> str:
        """What tests show."""
        return "formula kept"


KEPT = _Kept()


class Decoder:
    """Reads cells of one workbook. `strings` is asked for only when a shared string is met."""

    def __init__(self, strings: Callable[[], SharedStrings], formats: Styles, date1904: bool) -> None:
        """`formats` tells which numbers are dates; `date1904` counts them from 1904, as old Excel for Mac did."""
        self._strings = strings
        self._formats = formats
        self._epoch1904 = date1904
        self._shapes: dict[bytes, tuple[bytes, bool]] = {}

    def value(self, attributes: bytes, inner: bytes) -> Any:
        """The value of a cell from its attributes and content; of a formula, the value last calculated."""
        code, is_date = self._shapes.get(attributes) or self._shape(attributes)
        if code == b"n" and not is_date and inner.startswith(b"<v>"):
            try:
                return float(inner[3:-4])  # what ends otherwise than with </v> leaves a "<" here, which is no number
            except ValueError:
                pass  # more than a plain value: read with care below
        found = (_INLINE if code == b"inlineStr" else _VALUE).search(inner)
        if not found:
            return None
        if code == b"inlineStr":
            return rich_text(found[1])
        if code == b"s":
            return self._shared(int(found[1]))
        if code == b"n":
            return self._number(found[1], is_date)
        return _BY_TYPE.get(code, xml_parts.from_excel)(xml_parts.unescape(found[1]))

    def _shared(self, index: int) -> str | None:
        """A text of the table that cells share; None for one that is not there."""
        strings = self._strings()
        return strings[index] if index < len(strings) else None

    def _shape(self, attributes: bytes) -> tuple[bytes, bool]:
        """A cell's type, and whether a number in it shows as a date."""
        kind = _TYPE.search(attributes)
        shape = kind[1] if kind else b"n", self._formats.is_date(style_of(attributes))
        if len(self._shapes) < _REMEMBERED:
            self._shapes[attributes] = shape
        return shape

    def _number(self, raw: bytes, is_date: bool) -> Any:
        """A number, or a date by its style; what is no number is kept as text and never lost."""
        try:
            number = float(raw)
        except ValueError:
            return xml_parts.unescape(raw) or None
        return self.moment(number) if is_date else number

    def moment(self, serial: float) -> dt.datetime | dt.time | float:
        """The date behind a serial number; the number itself where no date can be meant."""
        if not 0 <= serial < 2_958_466:
            return serial
        if serial < 1 and not self._epoch1904:
            return (dt.datetime(2000, 1, 1) + _rounded(serial)).time()
        if self._epoch1904:
            return dt.datetime(1904, 1, 1) + _rounded(serial)
        # Excel counts a 29 February 1900 that never was
        return dt.datetime(1899, 12, 31 if serial < 60 else 30) + _rounded(serial)


def _rounded(serial: float) -> dt.timedelta:
    """A serial's time to the millisecond, which is what Excel keeps."""
    return dt.timedelta(milliseconds=round(serial * 86_400_000))
