"""Cells below a table that grows go down with it, as in Excel, so that a note or a second table is no obstacle.

Blank rows under the table are used up first. Only cells in the table's columns go down; where that would tear
something apart (a wider table, merged cells, a block that reaches beside the table, a range that a formula reads) or
hide it (filtered rows), the table cannot grow.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from itertools import chain

from xlcrm.errors import CrmError
from xlcrm.xlsx import ranges, worksheet_xml, xml_parts
from xlcrm.xlsx.ranges import MAX_ROW, Area
from xlcrm.xlsx.reading.table_problems import merged_areas
from xlcrm.xlsx.sheet_scan import SheetFacts, scan
from xlcrm.xlsx.workbook import TableInfo, Workbook
from xlcrm.xlsx.writing.cell_editor import RowXml, split, widen
from xlcrm.xlsx.writing.row_moves import Room, RowMap

_NUMBER = re.compile(rb"""(\sr=["'][A-Z]+)\d+""")
_HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']""")
_FIXED = re.compile(rb"""<(?:\w+:)?(?:autoFilter|hyperlink|sortState)(?=\s)[^>]*?\sref=["']([^"']+)["']""")
_LOCATION = re.compile(rb"""<(?:\w+:)?location(?=\s)[^>]*?\sref=["']([^"']+)["']""")


class _Below:
    """The rows under a table as they stand: which of them hold something in its columns, and what is odd there."""

    def __init__(self, book: Workbook, info: TableInfo) -> None:
        self.first = self.last = 0
        self.torn = 0
        self.hidden: list[int] = []
        left, right = info.area.left, info.area.right
        row_end = b""
        number = 0
        for kind, block in worksheet_xml.read(book.package, info.sheet.part):
            if kind == worksheet_xml.HEAD:
                row_end = b"</" + worksheet_xml.prefix(block) + b"row>"
            if kind != worksheet_xml.ROWS or 0 < worksheet_xml.last_number(block, row_end) <= info.area.bottom:
                continue
            for row in worksheet_xml.rows(block, row_end, number):
                number = row.number
                if number <= info.area.bottom:
                    continue
                if b"hidden" in row.attributes and _HIDDEN.search(row.attributes):
                    self.hidden.append(number)
                held = {column for column, _, _, inner in split(row.body) if inner}
                if any(left <= column <= right for column in held):
                    self.first, self.last = self.first or number, number
                    if {left - 1, left} <= held or {right, right + 1} <= held:
                        self.torn = self.torn or number


def room(book: Workbook, info: TableInfo, bottom: int, lower: int = 0) -> Room:
    """What must go down so that a table may end at row `bottom`; CrmError "apply.no_room" where it cannot.

    `lower` is how many rows the tables under it grow themselves.
    """
    grows = bottom - info.area.bottom
    facts = scan(book.package, info.sheet.part)
    if bottom > MAX_ROW:
        raise CrmError("apply.sheet_full", table=info.name, sheet=info.sheet.name)
    if grows <= 0:
        return Room()
    under = Area(info.area.bottom + 1, info.area.left, MAX_ROW, info.area.right)
    others = [other.area for other in book.tables if other.sheet == info.sheet and other.part != info.part]
    taken = [area for area in chain(others, merged_areas(facts)) if area.meets(under)]
    if facts.rows <= info.area.bottom and not taken:
        return Room()
    below = _Below(book, info)
    first = min([below.first or MAX_ROW, *(max(area.top, under.top) for area in taken)])
    last = max([below.last, *(area.bottom for area in taken)])
    down = grows - (first - under.top)
    if not last or down <= 0:
        return Room()
    zone = under._replace(top=first)
    for area in (*taken, *_fixed(book, info, facts, zone)):
        if area.left < zone.left or area.right > zone.right or area.top < first:
            raise _no_room(info, max(area.top, first), max(area.left, zone.left))
    if below.torn:
        raise _no_room(info, below.torn, zone.left)
    hidden = [row for row in below.hidden if first <= row <= last + down]
    if hidden:
        raise _no_room(info, hidden[0], zone.left)
    if last + down + lower > MAX_ROW:
        raise CrmError("apply.sheet_full", table=info.name, sheet=info.sheet.name)
    return Room(first, last + lower, down)


def _fixed(book: Workbook, info: TableInfo, facts: SheetFacts, zone: Area) -> Iterator[Area]:
    """What cannot go down at all, or only whole: pivot tables and filters (as if torn), links over several cells."""
    for rel in book.package.rels(info.sheet.part):
        part = book.package.find(rel.target)
        if rel.kind == "tableSingleCells" and part:
            yield zone._replace(left=0)
        if rel.kind == "pivotTable" and part:
            found = _LOCATION.search(xml_parts.plain(book.package.read(part)))
            if found and Area.of(found[1].decode()).meets(zone):
                yield Area.of(found[1].decode())._replace(left=0)
    for found in _FIXED.finditer(facts.tail):
        try:
            area = Area.of(found[1].decode())
        except ValueError:
            continue
        if area.meets(zone):
            yield area if b"hyperlink" in found[0] else area._replace(left=0)


def _no_room(info: TableInfo, row: int, column: int) -> CrmError:
    place = f"{ranges.letters(column)}{row}"
    return CrmError("apply.no_room", table=info.name, sheet=info.sheet.name, cell=place)


class LowerEditor:
    """Takes the cells under a table down while the sheet streams past; what stands beside them stays."""

    def __init__(self, rowmap: RowMap) -> None:
        self.first, self.last = rowmap.room.first, MAX_ROW
        self._area = rowmap.info.area
        self._down = rowmap.room.down
        self._waiting: deque[tuple[int, bytes]] = deque()

    def edit(self, row: RowXml) -> Iterator[RowXml]:
        if row.number < self.first:
            yield row
            return
        yield from self._written(row.number)
        cells = split(row.body)
        left = b"".join([xml for column, xml, _, _ in cells if column < self._area.left])
        inside = [xml for column, xml, _, _ in cells if self._area.left <= column <= self._area.right]
        right = b"".join([xml for column, xml, _, _ in cells if column > self._area.right])
        here = self._waiting.popleft()[1] if self._waiting and self._waiting[0][0] == row.number else b""
        if inside:
            to = row.number + self._down
            moved = [_NUMBER.sub(rb"\g<1>%d" % to, xml, count=1) for xml in inside]
            self._waiting.append((to, b"".join(moved)))
        attributes = self._widened(row.attributes) if here else row.attributes
        yield RowXml(row.number, attributes, left + here + right)

    def finish(self) -> Iterator[RowXml]:
        yield from self._written(MAX_ROW + 1)

    def _written(self, before: int) -> Iterator[RowXml]:
        while self._waiting and self._waiting[0][0] < before:
            number, body = self._waiting.popleft()
            yield RowXml(number, b' r="%d"' % number, body)

    def _widened(self, attributes: bytes) -> bytes:
        return widen(widen(attributes, self._area.left), self._area.right)
