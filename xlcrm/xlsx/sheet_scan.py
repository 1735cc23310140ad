"""Scan of a sheet in one pass before it is read whole: how far it reaches, where formulas and errors stand.

A sheet with one cell in the last corner would make a reader lay out 17 billion cells.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlcrm.errors import CrmError
from xlcrm.xlsx import guard, ranges, worksheet_xml
from xlcrm.xlsx.package import Package
from xlcrm.xlsx.xml_parts import count, followed, places

# How far the cells of a block reach, told from every address in it: one that lies far out would lay out a huge sheet.

_CELL, _PREFIXED = b"<c", b":c"
_SPACE, _QUOTE = b' "'
_R, _IS = b"r="
_A, _Z = b"AZ"
_ZERO = b"0"[0]
_NAME = b"A"[0]  # from "A" on, a byte goes on with a name
_PADDING = bytes(24)
_LETTERS, _DIGITS = 3, 7


class Extent(NamedTuple):
    """The rows that a block's cells lie in (both ends inclusive), its last column, how many cells it has, their order.

    `ordered` says whether no cell stands in a row above that of the cell before it. `style` is the highest style that
    a cell names, 0 where none does, `UNTOLD` where attributes stand in another order than Excel's.
    """

    top: int
    bottom: int
    right: int
    cells: int
    ordered: bool = True
    style: int = 0


UNTOLD = 1 << 31


def extent(block: bytes) -> Extent | None:
    """None where a cell is not written as Excel writes it: <c r="AB12" …>. A block without cells reaches nowhere."""
    data = np.frombuffer(block + _PADDING, dtype=np.uint8)
    if b":" in block and not (data[places(block, _PREFIXED) + 2] >= _NAME).all():  # <x:c …>, which some writers use
        return None
    at = places(block, _CELL) + 2
    if not len(at):
        return Extent(1, 0, 0, 0)
    for expected in (_SPACE, _R, _IS, _QUOTE):
        if (data[at] != expected).any():
            return None
        at += 1
    columns = _columns_of(data, at)
    rows = _numbers(data, at, _DIGITS)
    if columns is None or rows is None or not rows.all():
        return None
    ordered = bool((np.diff(rows) >= 0).all())
    style = _highest_style(data, at + 1)
    return Extent(int(rows.min()), int(rows.max()), int(columns.max()), len(rows), ordered, style)


def _columns_of(data: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.int32] | None:
    """The columns that the addresses name; `at` moves on to their digits. None where an address has no letter."""
    columns = np.zeros(len(at), dtype=np.int32)
    for place in range(_LETTERS):
        letter = data[at]
        more = (letter >= _A) & (letter <= _Z)
        if place == 0 and not more.all():
            return None
        if not more.any():
            break
        columns = np.where(more, columns * 26 + letter - (_A - 1), columns)
        at += more
    return columns


def _numbers(data: NDArray[np.uint8], at: NDArray[np.int64], digits: int) -> NDArray[np.int32] | None:
    """The whole numbers at these places, each up to a quote; `at` moves on to that. None where there are too many
    digits, or something else behind them."""
    found = np.zeros(len(at), dtype=np.int32)
    for _ in range(digits):
        digit = data[at] - _ZERO  # what comes before "0" wraps round to a large number
        more = digit <= 9
        if not more.any():
            break
        found = np.where(more, found * 10 + digit, found)
        at += more
    return found if (data[at] == _QUOTE).all() else None


# What follows a cell's address: nothing, a style, or a type and then nothing, as Excel and most writers have it.

_S, _T = b"st"
_ENDS = b">/"
_TYPES = [b't="%s"' % name for name in (b"s", b"n", b"b", b"e", b"str", b"inlineStr")]


def _highest_style(data: NDArray[np.uint8], at: NDArray[np.int64]) -> int:
    """The highest style of the cells whose addresses end before `at`; see `Extent`."""
    named = at[data[at] == _SPACE] + 1
    letter = data[named]
    typed, styled = named[letter == _T], named[letter == _S] + 1
    ends = len(at) - len(named) == int(np.count_nonzero(_is_end(data[at])))
    if not ends or len(typed) + len(styled) < len(named) or not _without_style(data, typed):
        return UNTOLD
    for expected in (_IS, _QUOTE):
        if (data[styled] != expected).any():
            return UNTOLD
        styled += 1
    numbers = _numbers(data, styled, _DIGITS)
    return UNTOLD if numbers is None else int(numbers.max(initial=0))


def _without_style(data: NDArray[np.uint8], at: NDArray[np.int64]) -> bool:
    """Whether each of the cells whose attribute t begins there has no attribute after it."""
    for kind in _TYPES:
        if not len(at):
            break
        same = _is_end(data[at + len(kind)])
        for place, byte in enumerate(kind):
            same &= data[at + place] == byte
        at = at[~same]
    return not len(at)


def _is_end(sign: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a cell's tag ends there."""
    found: NDArray[np.bool_] = (sign == _ENDS[0]) | (sign == _ENDS[1])
    return found


_UNKNOWN = rb"""r=["'](?!(?:%s)\d)([A-Za-z]{1,3})\d"""
_FORMULA = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*\s)?r=["']([A-Z]+)(\d+)["'][^>]*>\s*<(?:\w+:)?f\b""")
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*t=["']e["'][^>]*)>\s*(?:<(?:\w+:)?f\b.*?)?<(?:\w+:)?v>([^<]*)<""", re.DOTALL
)
_CALCULATED = re.compile(rb"[<:]f[\s/>]")  # not <formula>, as rules have it
_PLACE = re.compile(rb"""(?:^|\s)r=["']([A-Z]+)(\d+)["']""")
# the area that an array formula or a data table fills; a spilt formula of a new Excel is one of these, too
_FILLED = re.compile(rb"""<(?:\w+:)?f\s(?=[^>]*t=["'](?:array|dataTable)["'])[^>]*?ref=["']([A-Z]+\d+:[A-Z]+\d+)["']""")
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s(?:[^>]*?\s)?r=["'](\d+)["']""")
_MAX_DIGITS = 7
MAX_AREA = 60_000_000  # cells that a reader may have to lay out for a sheet that is nearly empty
_KEPT = 16


@dataclass
class SheetFacts:
    """`formulas`: column -> rows that hold a formula; `errors`: (row, column, text).

    `filled`: the areas that an array formula or data table fills; `ordered`: whether every row is below the one before.
    `head` and `tail` are the XML before and after the cells; `rows` and `columns` are the last used ones; `style` is
    as `Extent` has it.
    """

    rows: int = 0
    columns: int = 0
    formulas: dict[int, array[int]] = field(default_factory=dict)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    filled: list[ranges.Area] = field(default_factory=list)
    ordered: bool = True
    head: bytes = b""
    tail: bytes = b""
    style: int = 0


_signs: dict[tuple[int, int, int], _Signs] = {}
_facts: OrderedDict[tuple[int, int, int], SheetFacts] = OrderedDict()


def scan(package: Package, part: str) -> SheetFacts:
    """The facts of a worksheet part. Remembered by checksum and sizes, because a run meets the same bytes twice."""
    key = package.stamp(part)
    if key not in _facts:
        remember(package, part, _scan(package, part))
    return _facts[key]


def known(package: Package, part: str) -> bool:
    """Whether `scan` need not read the part."""
    return package.stamp(part) in _facts


def remember(package: Package, part: str, facts: SheetFacts) -> None:
    """Keep the facts of a part for `scan`."""
    _facts[package.stamp(part)] = facts
    while len(_facts) > _KEPT:
        _facts.popitem(last=False)


def pieces(package: Package, part: str) -> Iterator[tuple[str, bytes]]:
    """`worksheet_xml.read` of a part; where its facts tell that each cell has its address, no cell is looked at."""
    facts = _facts.get(package.stamp(part))
    if facts is None or facts.style == UNTOLD:
        return worksheet_xml.read(package, part)
    return worksheet_xml.read(package, part, lambda block: True)


def forget() -> None:
    """Let go of what earlier runs of this process have seen."""
    _facts.clear()
    _signs.clear()


class _Signs(NamedTuple):
    """What the signs in a sheet's XML tell, none of them wrongly False: whether it may hold a formula, in a rule or in
    a cell; whether one in a cell; whether a formula may name a sheet."""

    formulas: bool
    calculates: bool
    names_sheets: bool


def has_formulas(package: Package, part: str) -> bool:
    """Whether a worksheet may hold any formula; cheaper than `scan`, and never wrongly False."""
    key = package.stamp(part)
    return bool(_facts[key].formulas) if key in _facts else _signs_of(package, part).formulas


def calculates(package: Package, part: str) -> bool:
    """Whether a cell of a worksheet may hold a formula; cheaper than `scan`, and never wrongly False."""
    key = package.stamp(part)
    return bool(_facts[key].formulas) if key in _facts else _signs_of(package, part).calculates


def may_name_sheets(package: Package, part: str) -> bool:
    """Whether a formula of a worksheet may name a sheet; True where that is not known without reading the part."""
    signs = _signs.get(package.stamp(part))
    return signs is None or signs.names_sheets


def _signs_of(package: Package, part: str) -> _Signs:
    """Looks until a cell has a formula: then anything may be."""
    key = package.stamp(part)
    if key not in _signs:
        _signs[key] = _look_for_signs(guard.clean(package.chunks(part)))
    return _signs[key]


def _look_for_signs(chunks: Iterable[bytes]) -> _Signs:
    tail = b""
    formulas = names_sheets = False
    for chunk in chunks:
        block = tail + chunk
        names_sheets = names_sheets or b"!" in chunk
        if worksheet_xml.may_hold_formula(block):
            formulas = True
            if _CALCULATED.search(block):
                return _Signs(True, True, True)
        tail = block[-3:]
    return _Signs(formulas, False, names_sheets)


def _scan(package: Package, part: str) -> SheetFacts:
    """The facts of a worksheet part, read from its first byte to its last."""
    scanner = Scanner()
    for kind, block in worksheet_xml.read(package, part, scanner.all_addressed):
        scanner.see(kind, block)
    return scanner.facts()


class Scanner:
    """Gathers the facts of a sheet from its pieces (`worksheet_xml.read`), one after the other."""

    def __init__(self) -> None:
        """Before the first piece: no columns, no rows, no prefix known."""
        self._facts = SheetFacts()
        self._columns: set[bytes] = set()
        self._cells = self._digits = self._right = self._bottom = self._row = 0
        self._prefix = self._row_end = b""
        self._formula = b""
        self._known: tuple[bytes, Extent | None] = b"", None

    def all_addressed(self, block: bytes) -> bool:
        """See `worksheet_xml.read`: what is found out of the block is kept until it is seen."""
        self._known = block, extent(block)
        return self._known[1] is not None or followed(block, b"<c ", b'r="')

    def _extent(self, block: bytes) -> Extent | None:
        known, found = self._known
        return found if known is block else extent(block)

    def see(self, kind: str, block: bytes) -> Extent | None:
        """Take a piece in; how far its cells reach, None where that was not told cell by cell."""
        facts = self._facts
        if kind == worksheet_xml.HEAD:
            facts.head = block
            self._prefix = worksheet_xml.prefix(block)
            self._row_end = b"</" + self._prefix + b"row>"
            self._formula = b"<" + self._prefix + b"f"
            return None
        if kind == worksheet_xml.TAIL:
            facts.tail = block
            return None
        found = None if self._prefix else self._extent(block)
        if found:
            self._cells += found.cells
            self._right = max(self._right, found.right)
            self._bottom = max(self._bottom, found.bottom)
        else:
            self._cells += block.count(b"<" + self._prefix + b"c ")
            _columns(block, self._columns)
            self._digits = _digits(block, self._digits)
        self._follow(block, found)
        facts.style = max(facts.style, found.style if found else UNTOLD)
        facts.rows = max(facts.rows, worksheet_xml.last_number(block, self._row_end))
        _look(block, facts, self._formula)
        return found

    def _follow(self, block: bytes, found: Extent | None) -> None:
        """Note a row that stands above the one before it; rows without a number follow each other by nature."""
        if found:
            top, bottom, ordered = found.top, found.bottom, found.ordered
        else:
            numbers = [int(number) for number in _ROW_NUMBER.findall(block)]
            top, bottom = min(numbers, default=self._row + 1), max(numbers, default=self._row)
            ordered = numbers == sorted(numbers)
        if bottom < top:
            return
        self._facts.ordered = self._facts.ordered and ordered and top >= self._row
        self._row = bottom

    def facts(self) -> SheetFacts:
        """What was seen; CrmError "workbook.absurd_size" where a reader would have to lay out too much."""
        facts = self._facts
        facts.columns = max([self._right, *(ranges.number(column.decode()) for column in self._columns)])
        # rows may come in any order and cells may say another row than theirs, so the longest number counts
        area = max(self._bottom, min(10**self._digits - 1, ranges.MAX_ROW)) * facts.columns
        if (
            max(facts.rows, self._bottom) > ranges.MAX_ROW
            or self._digits > _MAX_DIGITS
            or facts.columns > ranges.MAX_COLUMN
            or area > max(MAX_AREA, 200 * self._cells)
        ):
            raise CrmError("workbook.absurd_size", rows=max(facts.rows, self._bottom), columns=facts.columns)
        return facts


def _columns(block: bytes, columns: set[bytes]) -> None:
    """Add the columns that the block's cells have. Looks only for new ones, which is five times as fast as for all."""
    at = 0
    while found := re.compile(_UNKNOWN % b"|".join(sorted(columns) or [b"-"])).search(block, at):
        at = found.end()
        if block.rfind(b"<", 0, at) > block.rfind(b">", 0, at):  # in a tag, not in a text
            columns.add(found[1])


def _digits(block: bytes, digits: int) -> int:
    """How many digits the longest row number has, where that is more than `digits`."""
    at = 0
    while found := re.compile(rb"""r=["'][A-Za-z]{0,3}(\d{%d,})["']""" % (digits + 1)).search(block, at):
        at = found.end()
        if block.rfind(b"<", 0, at) > block.rfind(b">", 0, at):
            digits = max(digits, len(found[1].lstrip(b"0")))
    return digits


def _look(block: bytes, facts: SheetFacts, formula: bytes) -> None:
    """Note the formulas and error values of a block; the plain search first, because most blocks hold none."""
    if count(block, formula):
        for column, row in _FORMULA.findall(block):
            facts.formulas.setdefault(ranges.number(column.decode()), array("l")).append(int(row))
        facts.filled += [ranges.Area.of(area.decode()) for area in _FILLED.findall(block)]
    if count(block, b'"e"') or (b"'" in block and count(block, b"'e'")):
        for attributes, text in _ERROR.findall(block):
            place = _PLACE.search(attributes)
            if place:
                facts.errors.append((int(place[2]), ranges.number(place[1].decode()), text.decode()))
