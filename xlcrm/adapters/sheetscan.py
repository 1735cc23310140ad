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

_COLUMN = re.compile(rb"""\sr=["']([A-Z]+)""")
_FORMULA = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*\s)?r=["']([A-Z]+)(\d+)["'][^>]*><(?:\w+:)?f\b""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s([^>]*t=["']e["'][^>]*)>(?:<(?:\w+:)?f\b.*?)?<(?:\w+:)?v>([^<]*)<""", re.DOTALL)
_PLACE = re.compile(rb"""(?:^|\s)r=["']([A-Z]+)(\d+)["']""")
MAX_AREA = 60_000_000  # cells that a reader may have to lay out for a sheet that is nearly empty
MAX_ERRORS = 1_000
_KEPT = 16


@dataclass
class SheetFacts:
    """`formulas`: column -> rows that hold a formula; `errors`: (row, column, text), the first thousand.

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
    cells = 0
    row_end = b""
    for kind, block in sheetxml.read(package, part):
        if kind == sheetxml.HEAD:
            facts.head = block
            row_end = b"</" + sheetxml.prefix(block) + b"row>"
        elif kind == sheetxml.TAIL:
            facts.tail = block
        else:
            found = _COLUMN.findall(block)
            cells += len(found)
            columns.update(found)
            facts.rows = max(facts.rows, sheetxml.last_number(block, row_end))
            _look(block, facts)
    facts.columns = max((ranges.number(column.decode()) for column in columns), default=0)
    area = facts.rows * facts.columns
    if facts.rows > ranges.MAX_ROW or facts.columns > ranges.MAX_COLUMN or area > max(MAX_AREA, 200 * cells):
        raise CrmError("workbook.absurd_size", rows=facts.rows, columns=facts.columns)
    return facts


def _look(block: bytes, facts: SheetFacts) -> None:
    if b"f>" in block or b"f " in block:
        for column, row in _FORMULA.findall(block):
            facts.formulas.setdefault(ranges.number(column.decode()), array("l")).append(int(row))
    if (b't="e"' in block or b"t='e'" in block) and len(facts.errors) < MAX_ERRORS:
        for attributes, text in _ERROR.findall(block):
            place = _PLACE.search(attributes)
            if place and len(facts.errors) < MAX_ERRORS:
                facts.errors.append((int(place[2]), ranges.number(place[1].decode()), text.decode()))
