"""Moves of rows: where a table's cells go when rows leave and come, so that what points at them can follow.

Rows are taken out by compaction: inside the table's columns the rows below move up; what stands beside or below the
table stays where it is. Added rows come under the last one, and the totals row follows. Where something stands in
their way, it goes down in the table's columns.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from typing import NamedTuple

from xlcrm.errors import CrmError
from xlcrm.xlsx.ranges import Area, letters
from xlcrm.xlsx.workbook import TableInfo


class Room(NamedTuple):
    """The cells under a table, rows `first` to `last`, that go `down` so many rows; none where `down` is 0."""

    first: int = 0
    last: int = 0
    down: int = 0


class RowMap:
    """The move of one table's cells. `removed` are Excel rows of data; `added` is how many rows come.

    A table keeps one data row: where all are removed and none comes, a blank one stays. `room` is what goes down.
    """

    def __init__(self, info: TableInfo, removed: Collection[int] = (), added: int = 0) -> None:
        """The new ends of the table are known at once; `room` is set when the sheet has been looked at."""
        self.info = info
        self.removed = sorted(removed)
        self.added = added
        kept = len(info) - len(self.removed)
        self.blank = kept + added < 1
        self.first_added = info.first_row + kept
        self.last_row = info.first_row + max(kept + added, 1) - 1
        self.bottom = self.last_row + info.totals_rows
        self.room = Room()

    @property
    def moves(self) -> bool:
        """Whether any cell changes its place, or the table its size."""
        return bool(self.removed) or self.last_row != self.info.last_row

    def row(self, row: int) -> int | None:
        """Where a row of the table goes; None where it is removed. Rows above it stay."""
        if row > self.info.area.bottom:
            return self._below(row)
        if row < self.info.first_row:
            return row
        if row > self.info.last_row:
            return row - self.info.last_row + self.last_row
        before = bisect_left(self.removed, row)
        if before < len(self.removed) and self.removed[before] == row:
            return None
        return row - before

    def cell(self, row: int, column: int) -> tuple[int, int] | None:
        """Where a cell of the sheet goes; None where it is removed."""
        if not self.info.area.left <= column <= self.info.area.right:
            return row, column
        moved = self.row(row)
        return None if moved is None else (moved, column)

    def area(self, area: Area, *, grow: bool = True, whole: bool = False) -> Area | None:
        """Where a range goes: it loses removed rows, and grows where it ends with the table's last data row.

        `grow=False` keeps it from growing; `whole` lets only a range over all data rows grow. A range that is wider
        than the table stays as it is, because its other columns did not move. None: nothing is left of it.
        """
        info = self.info
        if area.left < info.area.left or area.right > info.area.right or area.bottom < info.first_row:
            return area
        if area.top > info.area.bottom:
            return area._replace(top=self._below(area.top), bottom=self._below(area.bottom))
        top = area.top if area.top < info.first_row else self._first_kept(area.top)
        bottom = self._end(area, grow, whole)
        return Area(top, area.left, bottom, area.right) if top <= bottom else None

    def _end(self, area: Area, grow: bool, whole: bool) -> int:
        """The last row of a range that meets the table, after the move; see `area`."""
        info = self.info
        if area.bottom > info.area.bottom:
            return self._below(area.bottom)
        if area.bottom > info.last_row:
            return area.bottom - info.last_row + self.last_row
        everything = area.top <= info.first_row and area.bottom == info.last_row
        at_end = area.bottom == info.last_row and area.bottom > area.top  # one cell alone means that cell, and stays
        if grow and (everything or (at_end and not whole)):
            return self.last_row
        return max(self._last_kept(area.bottom), info.first_row if everything else 0)

    def check_whole(self, area: Area) -> None:
        """CrmError "apply.no_room" for a range that something reads, and of which only some cells would go down."""
        info, room = self.info, self.room
        if not room.down or area.bottom < room.first or area.top > room.last + room.down:
            return
        inside = info.area.left <= area.left and area.right <= info.area.right
        beside = area.right < info.area.left or area.left > info.area.right
        if not (inside or beside or (area.top <= room.first and area.bottom >= room.last + room.down)):
            cell = f"{letters(max(area.left, info.area.left))}{max(area.top, room.first)}"
            raise CrmError("apply.no_room", table=info.name, sheet=info.sheet.name, cell=cell)

    def _below(self, row: int) -> int:
        """Where a row under the table goes: down, from the first one on that must make room."""
        return row + self.room.down if row >= self.room.first else row

    def _first_kept(self, row: int) -> int:
        """Where a range's first row goes; a removed one gives its place to the row that moves up into it."""
        if row > self.info.last_row:
            return row - self.info.last_row + self.last_row
        return row - bisect_left(self.removed, row)

    def _last_kept(self, row: int) -> int:
        """Where a range's last row goes; for a removed one, that of the last row above it that is kept."""
        return row - bisect_left(self.removed, row + 1)


def above(info: TableInfo, maps: list[RowMap]) -> list[RowMap]:
    """The moves of the tables above one: they come after its own."""
    return [rowmap for rowmap in maps if rowmap.info.area.top < info.area.top]


def moved_area(area: Area, maps: list[RowMap], *, grow: bool = True, whole: bool = False) -> Area | None:
    """Where an area goes by several moves, one after the other; None where it is gone."""
    for rowmap in maps:
        moved = rowmap.area(area, grow=grow, whole=whole)
        if moved is None:
            return None
        area = moved
    return area


def moved_cell(place: tuple[int, int] | None, maps: list[RowMap]) -> tuple[int, int] | None:
    """Where a cell goes by several moves; None where it is removed."""
    for rowmap in maps:
        place = rowmap.cell(*place) if place else None
    return place
