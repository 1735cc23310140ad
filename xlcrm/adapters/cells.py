"""Cells as XML and as Python values, so that what is read, compared and written means the same everywhere.

A cell is None, str, float, bool or datetime; a time of day alone is a datetime.time. An error value is its text
("#N/A"), and that text is written as an error again, as Excel does with what is typed.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

from xlcrm.adapters import markup, styles
from xlcrm.adapters.sharedstrings import SharedStrings, rich_text
from xlcrm.adapters.styles import Styles
from xlcrm.errors import CrmError

ERRORS = frozenset(
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED!".split()
)
_WRITABLE_ERRORS = frozenset("#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A".split())
MAX_TEXT = 32_767
_MAX_EXACT = 10**15
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>(.*?)</(?:\w+:)?v\s*>", re.DOTALL)
_INLINE = re.compile(rb"<(?:\w+:)?is\b[^>]*>(.*?)</(?:\w+:)?is\s*>", re.DOTALL)
_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|gen|mag|giu|lug|ago|set|ott|dic|ene|abr|mai|okt|des|dez|"
    "fév|fev|avr|juin|juil|aoû|déc|mär"
)
# What Excel would turn into a number, date, formula or truth value when the cell is edited again
_LOOKS_TYPED = re.compile(
    rf"""\s*(?:[-=+@]
    |[$€£(]*\s*[.,]?\d[\d.,\s'’]*(?:e[-+]?\d+)?[\s%€$£)]*$
    |\d{{1,4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,4}})?\s*$
    |\d{{1,4}}[-/.\s]*(?:{_MONTH})\w*\.?[-/.\s]*\d{{0,4}}\s*$
    |(?:{_MONTH})\w*\.?[-/.\s]*\d{{1,4}}\s*$
    |\d+:\d
    |(?:true|false|vero|falso|wahr|falsch|vrai|faux|verdadero|sann|usann)\s*$)""",
    re.IGNORECASE | re.VERBOSE,
)
_DAY = dt.timedelta(days=1)


def style_of(attributes: bytes) -> int:
    found = _STYLE.search(attributes)
    return int(found[1]) if found else 0


class Decoder:
    """Reads cells of one workbook. `strings` is asked for only when a shared string is met."""

    def __init__(self, strings: Callable[[], SharedStrings], formats: Styles, date1904: bool) -> None:
        self._strings = strings
        self._formats = formats
        self._epoch1904 = date1904

    def value(self, attributes: bytes, inner: bytes) -> Any:
        """The value of a cell from its attributes and content; of a formula, the value last calculated."""
        kind = _TYPE.search(attributes)
        code = kind[1] if kind else b"n"
        if code == b"inlineStr":
            found = _INLINE.search(inner)
            return rich_text(found[1]) if found else None
        found = _VALUE.search(inner)
        if not found:
            return None
        raw = found[1]
        if code == b"s":
            strings = self._strings()
            return strings[int(raw)] if int(raw) < len(strings) else None
        if code == b"n":
            return self._number(raw, attributes)
        text = markup.unescape(raw)
        if code == b"b":
            return text.strip() == "1" or text.strip().lower() == "true"
        if code == b"d":
            return dt.datetime.fromisoformat(text)
        return text if code == b"e" else markup.from_excel(text)

    def _number(self, raw: bytes, attributes: bytes) -> Any:
        try:
            number = float(raw)
        except ValueError:
            return markup.unescape(raw) or None
        return self.moment(number) if self._formats.is_date(style_of(attributes)) else number

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


def serial(moment: dt.datetime, date1904: bool) -> float:
    """A date's serial number; CrmError for one that Excel has no number for."""
    if date1904:
        days = (moment - dt.datetime(1904, 1, 1)) / _DAY
    else:
        days = (moment - dt.datetime(1899, 12, 30)) / _DAY
        days = days if days >= 61 else days - 1
    if days < 0:
        raise CrmError("cell.date_too_early", value=moment.date().isoformat())
    return days


class Encoder:
    """Writes cells of one workbook: `attributes_and_content(value, style)`; new styles are added to `formats`."""

    def __init__(self, formats: Styles, date1904: bool, prefix: bytes = b"") -> None:
        self._formats = formats
        self._date1904 = date1904
        self._p = prefix
        self._styled: dict[tuple[str, int], int] = {}

    def cell(self, place: bytes, value: Any, style: int) -> bytes:
        """The XML of the cell at `place` (b"B2"); b"" for a blank cell without a style."""
        p = self._p
        kind, text, wanted = self._encode(value)
        if wanted:
            style = self._style(wanted, style)
        styled = b' s="%d"' % style if style else b""
        if kind == b"":
            return b'<%sc r="%s"%s/>' % (p, place, styled) if style else b""
        if kind == b"inlineStr":
            space = b' xml:space="preserve"' if text != text.strip() or b"\n" in text or b"  " in text else b""
            fill = (p, place, styled, p, p, space, text, p, p, p)
            return b'<%sc r="%s"%s t="inlineStr"><%sis><%st%s>%s</%st></%sis></%sc>' % fill
        typed = b' t="%s"' % kind if kind != b"n" else b""
        return b'<%sc r="%s"%s%s><%sv>%s</%sv></%sc>' % (p, place, styled, typed, p, text, p, p)

    def formula(self, place: bytes, formula: str, style: int) -> bytes:
        """The XML of a cell with a formula that has not been calculated yet."""
        p, styled = self._p, b' s="%d"' % style if style else b""
        return b'<%sc r="%s"%s><%sf>%s</%sf></%sc>' % (p, place, styled, p, markup.escape_bytes(formula.encode()), p, p)

    def _encode(self, value: Any) -> tuple[bytes, bytes, str]:
        """The cell type, its text, and what its number format must be able to show ("" for anything)."""
        value = _python(value)
        if value is None:
            return b"", b"", ""
        if isinstance(value, bool):
            return b"b", b"1" if value else b"0", ""
        if isinstance(value, (int, float)):
            return b"n", _digits(value), "number"
        if isinstance(value, dt.datetime):
            days = serial(value, self._date1904)
            return b"n", _digits(days), "date" if days == int(days) else "moment"
        if isinstance(value, dt.time):
            days = (dt.datetime.combine(dt.date(2000, 1, 1), value) - dt.datetime(2000, 1, 1)) / _DAY
            return b"n", _digits(days), "moment"
        if value in _WRITABLE_ERRORS:
            return b"e", value.encode(), ""
        text = markup.to_excel(value)
        if len(value.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
            raise CrmError("cell.too_long", length=len(value), limit=MAX_TEXT, value=value)
        return b"inlineStr", markup.escape_bytes(text.encode()), "text" if _LOOKS_TYPED.match(value) else ""

    def _style(self, wanted: str, style: int) -> int:
        key = wanted, style
        if key not in self._styled:
            self._styled[key] = self._choose(wanted, style)
        return self._styled[key]

    def _choose(self, wanted: str, style: int) -> int:
        formats = self._formats
        shows_date = formats.is_date(style)
        if wanted in ("date", "moment"):
            if shows_date:
                return style
            return formats.clone(style, styles.DATE if wanted == "date" else styles.MOMENT)
        if wanted == "number":
            return formats.clone(style, styles.GENERAL) if shows_date else style
        return formats.clone(style, styles.TEXT) if formats.number_format(style) == styles.GENERAL else style


def _python(value: Any) -> Any:
    """A value as None, bool, int, float, str, datetime or time; numbers too long for a float become text."""
    import numpy as np
    import pandas as pd

    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, str):
        return str(value) or None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
        return None if value is pd.NaT else value.to_pydatetime(warn=False)
    if isinstance(value, pd.Timestamp):
        return value.tz_localize(None).to_pydatetime(warn=False)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) <= _MAX_EXACT else str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isinf(number):
            raise CrmError("cell.infinite")
        return None if math.isnan(number) else number
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _digits(number: float) -> bytes:
    """The shortest text that reads back as the same number; whole numbers without a point."""
    if number == int(number) and abs(number) < _MAX_EXACT:
        return b"%d" % int(number)
    return repr(float(number)).encode()
