"""Cell writer: values as cell XML; text stays text, dates show as dates, a cell's own style stays where it can."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from xlcrm.errors import CrmError
from xlcrm.values import text_of
from xlcrm.xlsx import cell_columns, styles, xml_parts
from xlcrm.xlsx.styles import Styles

MAX_TEXT = 32_767
_ERRORS = frozenset("#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A".split())
_MAX_EXACT = 10**15
_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|gen|mag|giu|lug|ago|set|ott|dic|ene|abr|mai|okt|des|dez|"
    "fév|fev|avr|juin|juil|aoû|déc|mär"
)
_MONTH_FIRST = rf"(?:{_MONTH})\w*\.?[-/.\s]*\d{{1,4}}"
_TRUTH = "true false vero falso wahr falsch vrai faux verdadero sann usann".split()
# What Excel would turn into a number, date, formula or truth value when the cell is edited again
_LOOKS_TYPED = re.compile(
    rf"""\s*(?:[-=+@]
    |[$€£(]*\s*[.,]?\d[\d.,\s'’]*(?:e[-+]?\d+)?[\s%€$£)]*$
    |\d{{1,4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,4}})?\s*$
    |\d{{1,4}}[-/.\s]*(?:{_MONTH})\w*\.?[-/.\s]*\d{{0,4}}\s*$
    |{_MONTH_FIRST}\s*$
    |\d+:\d
    |(?:{"|".join(_TRUTH)})\s*$)""",
    re.IGNORECASE | re.VERBOSE,
)
# Text that stands in a cell as it is: no mark of XML, nothing that Excel writes as _x000D_, no space that XML may lose
_WORD = r"[^\x00-\x20&<>_\ud800-\udfff\ufffe\uffff]+"
_PLAIN = re.compile(f"{_WORD}(?: {_WORD})*")
# and that Excel takes for nothing else, as names and sentences are: a letter first, no month and no word for true
_TYPED = rf"(?:{_MONTH_FIRST}|{'|'.join(_TRUTH)})\s*"
_WORDS = rf"(?=[^\W\d_])(?!(?i:{_TYPED})(?:\n|\Z)){_WORD}+(?: {_WORD}+)*+(?<!\s)"
_ONE = re.compile(_WORDS)
_LINES = re.compile(rf"(?:{_WORDS}\n)*+")
_DOZENS = 48  # texts that are looked at together: one that isn't plain words has the others looked at by themselves
_LONG = 4096  # characters that they have at most
_BLANK_OR_TEXT = frozenset({str, type(None)})
_DAY = dt.timedelta(days=1)
_REPEATED = frozenset({str, dt.datetime})
_REMEMBERED = 1 << 16


class Text(str):
    """Text that stays text where it reads like an error value: the header of a column named "#N/A"."""


class Encoder:
    """Writes cells of one workbook; the styles that this needs are added to `formats`."""

    def __init__(self, formats: Styles, date1904: bool, prefix: bytes = b"") -> None:
        """`prefix` is the namespace prefix of the sheet with its colon, so that new cells are like the old ones."""
        self._formats = formats
        self._date1904 = date1904
        self._p = prefix
        self._styled: dict[tuple[str, int], int] = {}
        self.start = b"<" + prefix + b'c r="'
        self._ends: dict[tuple[Any, int], bytes] = {}

    def cell(self, place: bytes, value: Any, style: int) -> bytes:
        """The XML of the cell at `place` (b"B2"); b"" for a blank cell without a style.

        A date in a cell that shows none gets a date format, a number in a date's cell the general one, and text that
        Excel would read as something else gets the text format where the cell has none.
        """
        end = self._remembered(value, style)
        return self.start + place + end if end else b""

    def ends(self, values: Iterable[Any], style: int) -> Iterator[bytes]:
        """What `cell` gives after the address, for cells of one style, one after the other; made as it is asked for."""
        tag, close = self._around_number(style)
        for value in values:
            if type(value) is float and -_MAX_EXACT < value < _MAX_EXACT:
                yield b"%s%d%s" % (tag, value, close) if value.is_integer() else b"%s%a%s" % (tag, value, close)
            else:
                yield self._remembered(value, style)

    def all_ends(self, values: Sequence[Any], style: int) -> pa.Array:
        """`ends` of values that are asked for all at once; numbers a column at a time, words by the dozen."""
        found = self.number_ends(values, style)
        if found is not None:
            return found
        is_text = _BLANK_OR_TEXT.issuperset(map(type, values))
        return cell_columns.binary(list((self._text_ends if is_text else self.ends)(values, style)))

    def number_ends(self, values: Sequence[Any], style: int) -> pa.Array | None:
        """`ends` of numbers and blanks, a column at a time; None where `cell_columns.numbers` gives none."""
        numbers = cell_columns.numbers(values)
        if numbers is None:
            return None
        tag, close = self._around_number(style)
        cells = cell_columns.joined(tag, numbers, close)
        return cells.fill_null(self._end(None, style)) if cells.null_count else cells

    def _text_ends(self, values: Sequence[str | None], style: int) -> Iterator[bytes]:
        """`ends` of texts and blanks."""
        before, after = (side.decode() for side in self._around_text(style))
        blank = self._end(None, style)
        for start in range(0, len(values), _DOZENS):
            some = values[start : start + _DOZENS]
            texts = [value for value in some if value is not None]
            if not _are_words(texts):
                yield from self.ends(some, style)
                continue
            whole = before + (after + "\n" + before).join(texts) + after
            written = iter(whole.encode().split(b"\n"))
            yield from (blank if value is None else next(written) for value in some)

    def text_end(self, text: str, style: int) -> bytes:
        """`ends` for a `Text` in a format for text, which is what new files hold most of."""
        if len(text) <= MAX_TEXT // 2 and _PLAIN.fullmatch(text):
            before, after = self._around_text(style)
            return before + text.encode() + after
        return self._end(Text(text), style)

    def _around_text(self, style: int) -> tuple[bytes, bytes]:
        """What stands between the address of a cell and its text, and behind it."""
        p = self._p
        return b'"%s t="inlineStr"><%sis><%st>' % (_styled(style), p, p), b"</%st></%sis></%sc>" % (p, p, p)

    def _around_number(self, style: int) -> tuple[bytes, bytes]:
        """What stands between the address of a cell and its number, and behind it."""
        return b'"%s><%sv>' % (_styled(self._style("number", style)), self._p), b"</%sv></%sc>" % (self._p, self._p)

    def _remembered(self, value: Any, style: int) -> bytes:
        """A column says the same again and again."""
        if type(value) not in _REPEATED:
            return self._end(value, style)
        end = self._ends.get((value, style))
        if end is None:
            end = self._end(value, style)
            if len(self._ends) < _REMEMBERED:
                self._ends[value, style] = end
        return end

    def _end(self, value: Any, style: int) -> bytes:
        """A cell's XML after its address; b"" for a blank cell without a style."""
        p = self._p
        if type(value) is str and _is_words(value):
            before, after = self._around_text(style)
            return before + value.encode() + after
        kind, text, wanted = self._encode(value)
        if wanted:
            style = self._style(wanted, style)
        styled = _styled(style)
        if kind == b"n":
            return b'"%s><%sv>%s</%sv></%sc>' % (styled, p, text, p, p)
        if kind == b"":
            return b'"%s/>' % styled if style else b""
        if kind == b"inlineStr":
            space = b' xml:space="preserve"' if text != text.strip() or b"\n" in text or b"  " in text else b""
            return b'"%s t="inlineStr"><%sis><%st%s>%s</%st></%sis></%sc>' % (styled, p, p, space, text, p, p, p)
        return b'"%s t="%s"><%sv>%s</%sv></%sc>' % (styled, kind, p, text, p, p)

    def _style(self, wanted: str, style: int) -> int:
        """`_choose`, remembered: a style is asked for once a cell."""
        key = wanted, style
        if key not in self._styled:
            self._styled[key] = self._choose(wanted, style)
        return self._styled[key]

    def formula(self, place: bytes, formula: str, style: int) -> bytes:
        """The XML of a cell with a formula that has not been calculated yet."""
        p, styled = self._p, _styled(style)
        return b'<%sc r="%s"%s><%sf>%s</%sf></%sc>' % (
            p,
            place,
            styled,
            p,
            xml_parts.escape_bytes(formula.encode()),
            p,
            p,
        )

    def _encode(self, value: Any) -> tuple[bytes, bytes, str]:
        """The cell type, its text, and what its number format must be able to show ("" for anything)."""
        if type(value) is not float or value - value != 0:  # NaN and infinities
            value = python_value(value)
        if value is None:
            return b"", b"", ""
        if isinstance(value, bool):
            return b"b", b"1" if value else b"0", ""
        if isinstance(value, (int, float)):
            return b"n", _digits(value), "number"
        if isinstance(value, (dt.datetime, dt.time)):
            return self._encode_moment(value)
        return _encode_text(value)

    def _encode_moment(self, value: dt.datetime | dt.time) -> tuple[bytes, bytes, str]:
        """A date or time as Excel's serial number, or as text where no style could show it as one."""
        if not self._formats.count:  # a style part without a format
            return _encode_text(text_of(value))
        if isinstance(value, dt.datetime):
            days = serial(value, self._date1904)
            return b"n", _digits(days), "date" if days == int(days) else "moment"
        days = (dt.datetime.combine(dt.date(2000, 1, 1), value) - dt.datetime(2000, 1, 1)) / _DAY
        return b"n", _digits(days), "moment"

    def _choose(self, wanted: str, style: int) -> int:
        """The style in which a value of that kind shows as what it is; `style` itself where it does."""
        formats = self._formats
        shows_date = formats.is_date(style)
        if wanted in ("date", "moment"):
            if shows_date:
                return style
            return formats.clone(style, styles.DATE if wanted == "date" else styles.MOMENT)
        if wanted == "number":
            return formats.clone(style, styles.GENERAL) if shows_date else style
        return formats.clone(style, styles.TEXT) if formats.number_format(style) == styles.GENERAL else style


def _is_words(text: str) -> bool:
    """Whether a text stands in a cell as it is, whatever the cell's format; quick, and sometimes wrongly no."""
    return len(text) < _LONG and bool(_ONE.fullmatch(text))


def _are_words(texts: list[str]) -> bool:
    """Whether all these texts are as `_is_words` has it."""
    lines = "\n".join([*texts, ""])
    return len(lines) < _LONG and lines.count("\n") == len(texts) and bool(_LINES.fullmatch(lines))


def _encode_text(value: str) -> tuple[bytes, bytes, str]:
    """Text as `_encode` gives it. The limit counts as Excel does: UTF-16 units, two for an emoji."""
    if value in _ERRORS and not isinstance(value, Text):
        return b"e", value.encode(), ""
    if len(value) > MAX_TEXT // 2 and len(value.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        raise CrmError("cell.too_long", length=len(value), limit=MAX_TEXT, value=value)
    text = xml_parts.escape_bytes(xml_parts.to_excel(value).encode())
    return b"inlineStr", text, "text" if _LOOKS_TYPED.match(value) else ""


def python_value(value: Any) -> Any:
    """A value as None, bool, int, float, str, datetime or time; numbers too long for a float become text.

    Blank text, NaN and NaT are None. CrmError for an infinite number.
    """
    if value is None or value == "":
        return None
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, dt.datetime) and type(value) is dt.datetime:
        return value.replace(tzinfo=None)
    return _converted(value)


def _converted(value: Any) -> Any:
    """A value of numpy's, pandas' or another kind; what is no number, date or truth value becomes its text."""
    for kinds, convert in _conversions():
        if isinstance(value, kinds):
            return convert(value)
    return _as_number(value)


@cache
def _conversions() -> tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...]:
    """How values of a kind become Python's own; the first kind that fits counts, so subclasses stand first."""
    import numpy as np
    import pandas as pd

    return (
        ((type(pd.NaT), type(pd.NA)), lambda _: None),
        (np.bool_, bool),
        (np.datetime64, lambda value: _converted(pd.Timestamp(value))),
        (pd.Timestamp, lambda value: value.tz_localize(None).to_pydatetime(warn=False)),
        ((int, np.integer), _whole),
        (dt.datetime, lambda value: value.replace(tzinfo=None)),
        (dt.date, lambda value: dt.datetime(value.year, value.month, value.day)),
        (dt.time, lambda value: value),
    )


def _whole(value: Any) -> int | str:
    """A whole number; as text where a float would lose digits, as in long ids."""
    return int(value) if abs(int(value)) <= _MAX_EXACT else str(int(value))


def _as_number(value: Any) -> float | str | None:
    """Decimals, fractions and numpy's floats as a float, blank for NaN; anything else as text."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if math.isinf(number):
        raise CrmError("cell.infinite")
    return None if math.isnan(number) else number


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


def _styled(style: int) -> bytes:
    """The attribute s of a cell; style 0 needs none."""
    return b' s="%d"' % style if style else b""


def _digits(number: float) -> bytes:
    """The shortest text that reads back as the same number; whole numbers without a point."""
    text = repr(number + 0.0)  # Excel knows no -0
    return (text[:-2] if text.endswith(".0") else text).encode()
