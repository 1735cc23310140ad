"""One pass over a sheet before anything reads it whole: how far it reaches, where formulas and errors stand.

A sheet with one cell in the last corner would make a reader lay out 17 billion cells.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from dataclasses import dataclass, field

from xlcrm.adapters import guard, ranges, sheetxml
from xlcrm.adapters.package import Package
from xlcrm.errors import CrmError

_UNKNOWN = rb"""r=["'](?!(?:%s)\d)([A-Za-z]{1,3})\d"""
_FORMULA = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*\s)?r=["']([A-Z]+)(\d+)["'][^>]*><(?:\w+:)?f\b""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s([^>]*t=["']e["'][^>]*)>(?:<(?:\w+:)?f\b.*?)?<(?:\w+:)?v>([^<]*)<""", re.DOTALL)
_PLACE = re.compile(rb"""(?:^|\s)r=["']([A-Z]+)(\d+)["']""")
_MAX_DIGITS = 7
MAX_AREA = 60_000_000  # cells that a reader may have to lay out for a sheet that is nearly empty
_KEPT = 16


@dataclass
class SheetFacts:
    """`formulas`: column -> rows that hold a formula; `errors`: (row, column, text).

    `head` and `tail` are the XML before and after the cells; `rows` and `columns` are the last used ones.
    """

    rows: int = 0
    columns: int = 0
    formulas: dict[int, array[int]] = field(default_factory=dict)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    head: bytes = b""
    tail: bytes = b""


_formulas: dict[tuple[int, int, int], bool] = {}
_facts: OrderedDict[tuple[int, int, int], SheetFacts] = OrderedDict()


def scan(package: Package, part: str) -> SheetFacts:
    """The facts of a worksheet part. Remembered by checksum and sizes, because a run meets the same bytes twice."""
    key = package.stamp(part)
    if key not in _facts:
        _facts[key] = _scan(package, part)
        while len(_facts) > _KEPT:
            _facts.popitem(last=False)
    return _facts[key]


def has_formulas(package: Package, part: str) -> bool:
    """Whether a worksheet may hold any formula; cheaper than `scan`, and never wrongly False."""
    key = package.stamp(part)
    if key in _facts:
        return bool(_facts[key].formulas)
    if key not in _formulas:
        tail = b""
        found = False
        for chunk in guard.clean(package.chunks(part)):
            block = tail + chunk
            found = b"<f" in block or b":f>" in block or b":f " in block
            if found:
                break
            tail = block[-3:]
        _formulas[key] = found
    return _formulas[key]


def _scan(package: Package, part: str) -> SheetFacts:
    facts = SheetFacts()
    columns: set[bytes] = set()
    cells = digits = 0
    p = row_end = b""
    marks = b"", b"", b""
    for kind, block in sheetxml.read(package, part):
        if kind == sheetxml.HEAD:
            facts.head = block
            p = sheetxml.prefix(block)
            row_end = b"</" + p + b"row>"
            marks = b"<" + p + b"f", b't="e"', b"t='e'" if b"='" in block else b't="e"'
        elif kind == sheetxml.TAIL:
            facts.tail = block
        else:
            cells += block.count(b"<" + p + b"c ")
            _columns(block, columns)
            digits = _digits(block, digits)
            facts.rows = max(facts.rows, sheetxml.last_number(block, row_end))
            _look(block, facts, *marks)
    facts.columns = max((ranges.number(column.decode()) for column in columns), default=0)
    # rows may come in any order and cells may say another row than theirs, so the longest number counts
    area = min(10**digits - 1, ranges.MAX_ROW) * facts.columns
    if (
        facts.rows > ranges.MAX_ROW
        or digits > _MAX_DIGITS
        or facts.columns > ranges.MAX_COLUMN
        or area > max(MAX_AREA, 200 * cells)
    ):
        raise CrmError("workbook.absurd_size", rows=facts.rows, columns=facts.columns)
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


def _look(block: bytes, facts: SheetFacts, formula: bytes, error: bytes, other_error: bytes) -> None:
    if formula in block:
        for column, row in _FORMULA.findall(block):
            facts.formulas.setdefault(ranges.number(column.decode()), array("l")).append(int(row))
    if error in block or (other_error != error and other_error in block):
        for attributes, text in _ERROR.findall(block):
            place = _PLACE.search(attributes)
            if place:
                facts.errors.append((int(place[2]), ranges.number(place[1].decode()), text.decode()))
