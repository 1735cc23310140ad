"""Cells below a table that grows go down with it, as in Excel, so that a note or a second table is no obstacle.

Blank rows under the table are used up first. Only cells in the table's columns go down; where that would tear
something apart (a wider table, merged cells, a block that reaches beside the table, a range that a formula reads) or
hide it (filtered rows), the table cannot grow.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

from xlcrm.errors import CrmError
from xlcrm.xlsx import ranges, worksheet_xml, xml_parts
from xlcrm.xlsx.ranges import MAX_ROW, Area
from xlcrm.xlsx.reading.table_problems import merged_areas
from xlcrm.xlsx.sheet_scan import SheetFacts, scan
from xlcrm.xlsx.workbook import TableInfo, Workbook
from xlcrm.xlsx.worksheet_xml import SheetRow
from xlcrm.xlsx.writing.cell_editor import RowXml, split, widen
from xlcrm.xlsx.writing.row_moves import Room, RowMap

_NUMBER = re.compile(rb"""(\sr=["'][A-Z]+)\d+""")
_HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']""")
_FIXED = re.compile(rb"""<(?:\w+:)?(?:autoFilter|hyperlink|sortState)(?=\s)[^>]*?\sref=["']([^"']+)["']""")
_LOCATION = re.compile(rb"""<(?:\w+:)?location(?=\s)[^>]*?\sref=["']([^"']+)["']""")


class _Below:
    """The rows under a table as they stand: which of them hold something in its columns, and what is odd there.

    first, last  the rows that hold something in the table's columns, 0 for none
    torn         the first row where a filled cell stands beside a filled one at the table's edge, 0 for none: those two
                 look like one block, of which only a half would go down
    hidden       the rows that are hidden
    """

    def __init__(self, book: Workbook, info: TableInfo) -> None:
        """Reads the sheet from the row under the table on."""
        self.first = self.last = self.torn = 0
        self.hidden: list[int] = []
        self._left, self._right = info.area.left, info.area.right
        for row in _rows_under(book, info):
            self._see(row)

    def _see(self, row: SheetRow) -> None:
        """Take in one row; a cell that has only a style holds nothing."""
        if b"hidden" in row.attributes and _HIDDEN.search(row.attributes):
            self.hidden.append(row.number)
        held = {column for column, _, _, inner in split(row.body) if inner}
        if held.isdisjoint(range(self._left, self._right + 1)):
            return
        self.first, self.last = self.first or row.number, row.number
        if {self._left - 1, self._left} <= held or {self._right, self._right + 1} <= held:
            self.torn = self.torn or row.number


def _rows_under(book: Workbook, info: TableInfo) -> Iterator[SheetRow]:
    """The rows of a sheet under a table. Blocks that end above are passed over without being taken apart."""
    row_end = b""
    number = 0
    for kind, block in worksheet_xml.read(book.package, info.sheet.part):
        if kind == worksheet_xml.HEAD:
            row_end = worksheet_xml.end_of_rows(block)
        if kind != worksheet_xml.ROWS or 0 < worksheet_xml.last_number(block, row_end) <= info.area.bottom:
            continue
        for row in worksheet_xml.rows(block, row_end, number):
            number = row.number
            if number > info.area.bottom:
                yield row


def room(book: Workbook, info: TableInfo, bottom: int, lower: int = 0) -> Room:
    """What must go down so that a table may end at row `bottom`; CrmError "apply.no_room" where it cannot.

    `lower` is how many rows the tables under it grow themselves.
    """
    facts = scan(book.package, info.sheet.part)
    _check_end(info, bottom)
    if bottom <= info.area.bottom:
        return Room()
    under = Area(info.area.bottom + 1, info.area.left, MAX_ROW, info.area.right)
    taken = [area for area in chain(book.neighbours(info), merged_areas(facts)) if area.meets(under)]
    if facts.rows <= info.area.bottom and not taken:
        return Room()
    below = _Below(book, info)
    first = min([below.first or MAX_ROW, *(max(area.top, under.top) for area in taken)])
    last = max([below.last, *(area.bottom for area in taken)])
    down = bottom - info.area.bottom - (first - under.top)  # the blank rows between are used up first
    if not last or down <= 0:
        return Room()
    zone = under._replace(top=first)
    _check_whole(info, zone, (*taken, *_fixed(book, info, facts, zone)))
    _check_rows(info, zone, below, last + down)
    _check_end(info, last + down + lower)
    return Room(first, last + lower, down)


def _check_end(info: TableInfo, row: int) -> None:
    """CrmError "apply.sheet_full" for a row that Excel's sheets do not have."""
    if row > MAX_ROW:
        raise CrmError("apply.sheet_full", table=info.name, sheet=info.sheet.name)


def _check_whole(info: TableInfo, zone: Area, areas: Iterable[Area]) -> None:
    """CrmError "apply.no_room" for the first area of which only a part lies in the `zone` that goes down."""
    for area in areas:
        if area.left < zone.left or area.right > zone.right or area.top < zone.top:
            raise _no_room(info, max(area.top, zone.top), max(area.left, zone.left))


def _check_rows(info: TableInfo, zone: Area, below: _Below, last: int) -> None:
    """CrmError "apply.no_room" for a block that would be torn, and for hidden rows that cells come from or go to."""
    odd = [below.torn] if below.torn else [row for row in below.hidden if zone.top <= row <= last]
    if odd:
        raise _no_room(info, odd[0], zone.left)


def _fixed(book: Workbook, info: TableInfo, facts: SheetFacts, zone: Area) -> Iterator[Area]:
    """What cannot go down at all, or only whole: pivot tables and filters (as if torn), links over several cells.

    An area with left = 0 lies in no zone, so that `_check_whole` refuses it. Cells bound to XML (tableSingleCells) say
    where they are in a part of their own, which nobody here would change.
    """
    for kind, part in book.package.related(info.sheet.part, "tableSingleCells", "pivotTable"):
        if kind == "tableSingleCells":
            yield zone._replace(left=0)
        else:
            places = _LOCATION.findall(xml_parts.plain(book.package.read(part)))[:1]
            yield from (area._replace(left=0) for area in _meeting(places, zone))
    for found in _FIXED.finditer(facts.tail):
        for area in _meeting([found[1]], zone):
            yield area if b"hyperlink" in found[0] else area._replace(left=0)


def _meeting(texts: Iterable[bytes], zone: Area) -> list[Area]:
    """The areas of these texts that meet the zone; what is no range counts as none."""
    found = [area for text in texts if (area := Area.read(text.decode()))]
    return [area for area in found if area.meets(zone)]


def _no_room(info: TableInfo, row: int, column: int) -> CrmError:
    """The refusal that names the cell which is in the way."""
    place = f"{ranges.letters(column)}{row}"
    return CrmError("apply.no_room", table=info.name, sheet=info.sheet.name, cell=place)


class LowerEditor:
    """Takes the cells under a table down while the sheet streams past; what stands beside them stays."""

    def __init__(self, rowmap: RowMap) -> None:
        """Works on rows as they stood before; `rowmap.room` says from which row on and how far down."""
        self.first, self.last = rowmap.room.first, MAX_ROW
        self._area = rowmap.info.area
        self._down = rowmap.room.down
        self._waiting: deque[tuple[int, bytes]] = deque()

    def edit(self, row: RowXml) -> Iterator[RowXml]:
        """The row with its own side cells, and in the table's columns what comes down from above."""
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
        """What comes to stand under the last row of the sheet."""
        yield from self._written(MAX_ROW + 1)

    def _written(self, before: int) -> Iterator[RowXml]:
        """Cells that come down to rows which the sheet has no element for."""
        while self._waiting and self._waiting[0][0] < before:
            number, body = self._waiting.popleft()
            yield RowXml(number, b' r="%d"' % number, body)

    def _widened(self, attributes: bytes) -> bytes:
        """A row's attributes where cells come down into the table's columns."""
        return widen(widen(attributes, self._area.left), self._area.right)
