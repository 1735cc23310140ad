"""All changes to one sheet: its cells, its tables' rows, and what its head and tail say about them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from xlcrm.errors import CrmError
from xlcrm.xlsx import formulas, sheet_scan, worksheet_xml
from xlcrm.xlsx.cell_reader import Decoder
from xlcrm.xlsx.cell_writer import Encoder, Text
from xlcrm.xlsx.ranges import MAX_COLUMN, Area, letters
from xlcrm.xlsx.reading.table_problems import merged_areas
from xlcrm.xlsx.sheet_scan import SheetFacts, scan
from xlcrm.xlsx.styles import Styles
from xlcrm.xlsx.workbook import Sheet, TableInfo, Workbook
from xlcrm.xlsx.writing import cells_below, formula_cells, sheet_references
from xlcrm.xlsx.writing.cell_editor import CellEditor, Editor
from xlcrm.xlsx.writing.formula_cells import FormulaCells
from xlcrm.xlsx.writing.row_heights import heights_of, raised
from xlcrm.xlsx.writing.row_moves import RowMap, above, moved_area, moved_cell
from xlcrm.xlsx.writing.row_stream import RoomEditor, rewrite
from xlcrm.xlsx.writing.stale_formulas import Dirty
from xlcrm.xlsx.writing.table_changes import TableWork
from xlcrm.xlsx.writing.table_rows import TableEditor

_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*>")
_ATTRIBUTE = re.compile(rb"""\s(min|max|style)=["'](\d+)["']""")


@dataclass
class SheetWork:
    """Cells to write (column -> row -> value) and the work of the sheet's tables."""

    sheet: Sheet
    values: dict[int, dict[int, Any]] = field(default_factory=dict)
    tables: list[TableWork] = field(default_factory=list)
    over_formulas: bool = False

    @property
    def maps(self) -> list[RowMap]:
        """The tables' moves, the lowest table's first: each is about the cells as they stood before those above it."""
        tables = sorted(self.tables, key=lambda table: -table.info.area.top)
        return [table.rowmap for table in tables if table.rowmap.moves]

    def above(self, info: TableInfo) -> list[RowMap]:
        """The moves that come after those of a table."""
        return above(info, self.maps)

    def make_room(self, book: Workbook) -> None:
        """Find out what must go down where tables grow; CrmError where that cannot be."""
        grown = 0
        for rowmap in self.maps:
            if rowmap.bottom > rowmap.info.area.bottom:
                rowmap.room = cells_below.room(book, rowmap.info, rowmap.bottom, grown)
                grown += rowmap.bottom - rowmap.info.area.bottom

    def move_area(self, area: Area, *, grow: bool = True, whole: bool = False) -> Area | None:
        """Where an area of this sheet goes; see `RowMap.area`."""
        return moved_area(area, self.maps, grow=grow, whole=whole)

    def move_reference(self, area: Area, grow: bool) -> Area | None:
        """Where an area that something reads goes; CrmError where only some of its cells go down."""
        for rowmap in self.maps:
            rowmap.check_whole(area)
        return self.move_area(area, grow=grow, whole=True)

    def move_formula(self, row: int, column: int) -> tuple[int, int] | None:
        """Where the formula of a cell goes; None where it is removed or overwritten."""
        if self.over_formulas and row in self.values.get(column, ()):
            return None
        return self.move_cell(row, column)

    def new_formulas(self) -> list[tuple[int, int]]:
        """Where new rows got formulas, once the sheet has been written."""
        return [
            moved
            for table in self.tables
            if table.table_editor
            for place in table.table_editor.formulas
            if (moved := moved_cell(place, self.above(table.info)))
        ]

    def move_cell(self, row: int, column: int) -> tuple[int, int] | None:
        """Where a cell goes; None where it is removed."""
        return moved_cell((row, column), self.maps)

    def soil(self, dirty: Dirty) -> None:
        """Mark what this work changes: cells written, rows taken out, and the last row of a table that grows."""
        part = self.sheet.part
        for values in (self.values, *(table.values for table in self.tables)):
            for column, rows in values.items():
                dirty.add_rows(part, column, rows)
        for table in self.tables:
            info = table.info
            if table.rowmap.moves:
                dirty.add_moves(part)
            moved = [*table.rowmap.removed, *([info.last_row] if table.rowmap.moves else [])]
            for column in range(info.area.left, info.area.right + 1):
                dirty.add_rows(part, column, moved)

    def touched(self) -> Area | None:
        """The smallest area that holds every cell written."""
        columns = [self.values, *(table.values for table in self.tables)]
        areas = [Area(min(r), c, max(r), c) for values in columns for c, r in values.items() if r]
        for table in self.tables:
            width = table.info.area.right + len(table.new_headers)
            lowest = max(table.rowmap.bottom, table.rowmap.room.last + table.rowmap.room.down)
            areas.append(Area(table.info.area.top, table.info.area.left, lowest, width))
        if not areas:
            return None
        return Area(
            min(a.top for a in areas),
            min(a.left for a in areas),
            max(a.bottom for a in areas),
            max(a.right for a in areas),
        )


def rewritten(
    book: Workbook,
    work: SheetWork,
    formats: Styles,
    values: Decoder,
    move: formulas.Move,
    stale: Container[tuple[int, int]] = (),
) -> Iterator[bytes]:
    """The sheet's part with the work done. Reads the sheet as it writes; the editors learn what was there.

    `move` says where cells of all sheets go, `stale` which of this sheet's formulas lose their value.
    """
    facts = scan(book.package, work.sheet.part)
    encoder = Encoder(formats, book.date1904, worksheet_xml.prefix(facts.head))
    pieces = sheet_scan.pieces(book.package, work.sheet.part)
    models: formula_cells.Models = {}
    if facts.formulas:
        inside = [table.info.data for table in work.tables]
        cells = FormulaCells(work.sheet.name, move if work.maps else None, stale, inside, unshare=bool(work.values))
        models = cells.models
        pieces = cells.rewritten(pieces)
    editors = _editors(book, work, facts, encoder, values, models, move)
    yield from rewrite(((kind, _around(kind, data, work, move)) for kind, data in pieces), editors)


def _around(kind: str, data: bytes, work: SheetWork, move: formulas.Move) -> bytes:
    """The sheet's head with its size, its tail with its rules and links, after the work; rows as they are."""
    if kind == worksheet_xml.HEAD:
        touched = work.touched()
        for table in work.tables:
            if table.rowmap.bottom < table.info.area.bottom:
                data = sheet_references.shrunk(data, table.info.area, table.rowmap.bottom)
        return sheet_references.grown(data, touched) if touched else data
    if kind == worksheet_xml.TAIL and work.maps:
        return sheet_references.followed(data, work.sheet.name, work.move_area, move)
    return data


def _editors(
    book: Workbook,
    work: SheetWork,
    facts: SheetFacts,
    encoder: Encoder,
    values: Decoder,
    models: formula_cells.Models,
    move: formulas.Move,
) -> list[Editor]:
    """The line of editors that each row goes through, in the order in which they must see it."""
    styles = _column_styles(facts.head)
    editors: list[Editor] = []
    if work.values:
        editors.append(CellEditor(work.values, encoder, values, styles, over_formulas=work.over_formulas))
    # the lowest first: each works on the sheet as it was, and what is above it takes it down afterwards
    for table in sorted(work.tables, key=lambda table: -table.info.area.top):
        editors += _room(book, table, facts)
        info = table.info
        headers: dict[int, dict[int, Any]] = {}
        for i, header in enumerate(table.new_headers, info.area.right + 1):
            headers[i] = {info.area.top: Text(header)} if info.header_rows else {}
        if headers:
            editors.append(CellEditor(headers, encoder, values, styles, like=info.area.right))
        heights = heights_of(info.canonical, table.names, info.area.left, facts.head)
        if table.values:
            table.cell_editor = CellEditor(table.values, encoder, values, styles, heights=raised(heights))
            editors.append(table.cell_editor)
        if table.rowmap.moves or table.rowmap.added:
            if table.rowmap.room.down:
                editors.append(cells_below.LowerEditor(table.rowmap))
            right = info.area.right + len(table.new_headers)
            formula = partial(
                formula_cells.formula, work.sheet.name, work.maps, info, formula_cells.filled(info, facts), models, move
            )
            table.table_editor = TableEditor(table.rowmap, table.added_rows(), encoder, values, formula, right, heights)
            editors.append(table.table_editor)
    return editors


def _column_styles(head: bytes) -> list[tuple[int, int, int]]:
    """(first, last, style) of the columns that have a style of their own."""
    found = []
    for tag in _COLUMN.findall(head):
        have = {name: int(value) for name, value in _ATTRIBUTE.findall(tag)}
        if have.get(b"style") and b"min" in have and b"max" in have:
            found.append((have[b"min"], have[b"max"], have[b"style"]))
    return found


def _room(book: Workbook, table: TableWork, facts: SheetFacts) -> list[RoomEditor]:
    """Refuse where something stands where new columns must go, or merged cells where rows must move."""
    info = table.info
    merged = merged_areas(facts)
    if table.rowmap.moves and any(area.meets(info.area) for area in merged):
        raise CrmError("apply.merged", table=info.name, sheet=info.sheet.name)
    if not table.new_headers:
        return []
    right = info.area.right + len(table.new_headers)
    beside = Area(info.area.top, info.area.right + 1, max(table.rowmap.bottom, info.area.bottom), right)
    if right > MAX_COLUMN:
        raise CrmError("apply.sheet_full", table=info.name, sheet=info.sheet.name)
    others = [other.area for other in book.tables if other.sheet == info.sheet and other.part != info.part]
    for taken in (*others, *merged):
        if beside.meets(taken):
            cell = f"{letters(max(taken.left, beside.left))}{max(taken.top, beside.top)}"
            raise CrmError("apply.no_room", table=info.name, sheet=info.sheet.name, cell=cell)
    return [RoomEditor(beside, info.name, info.sheet.name)]
