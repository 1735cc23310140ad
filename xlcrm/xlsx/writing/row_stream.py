"""Stream of a sheet's rows through a line of editors, block by block; blocks no editor must see pass as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlcrm.errors import CrmError
from xlcrm.xlsx import ranges, worksheet_xml
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.writing.cell_editor import CellEditor, Editor, RowXml, split


class RoomEditor:
    """Lets no row pass that has something in `area`, where a table must grow: CrmError "apply.no_room"."""

    def __init__(self, area: Area, table: str, sheet: str) -> None:
        """`table` and `sheet` are for the refusal."""
        self.first, self.last = area.top, area.bottom
        self._area = area
        self._names = table, sheet

    def edit(self, row: RowXml) -> tuple[RowXml]:
        """The same row; a cell of the area that has only a style is no obstacle."""
        if self.first <= row.number <= self.last:
            for column, _, _, inner in split(row.body):
                if inner and self._area.holds(row.number, column):
                    table, sheet = self._names
                    place = f"{ranges.letters(column)}{row.number}"
                    raise CrmError("apply.no_room", table=table, sheet=sheet, cell=place)
        return (row,)

    def finish(self) -> tuple[()]:
        """Nothing is held back."""
        return ()


def rewrite(pieces: Iterable[tuple[str, bytes]], editors: list[Editor]) -> Iterator[bytes]:
    """The rows of a sheet through all editors; blocks that no editor must see pass as they are.

    `pieces` are those of `worksheet_xml.pieces`; head and tail pass through (change them before or after).
    """
    stream = _Stream(editors)
    for kind, block in pieces:
        yield from stream.take(kind, block)


class _Stream:
    """The sheet on its way through the editors that have still something to do, and the last row that went through."""

    def __init__(self, editors: list[Editor]) -> None:
        """Before the first piece; the order of the editors is the order in which a row meets them."""
        self._waiting = list(editors)
        self._prefix = self._row_end = b""
        self._number = 0

    def take(self, kind: str, block: bytes) -> Iterator[bytes]:
        """One piece in, what can be written of it out."""
        if kind == worksheet_xml.HEAD:
            self._prefix, self._row_end = worksheet_xml.prefix(block), worksheet_xml.end_of_rows(block)
            yield block
        elif kind == worksheet_xml.TAIL:
            yield from self._finish()
            yield block
        else:
            yield from self._rows(block)

    def _finish(self) -> Iterator[bytes]:
        """The rows that editors still hold, and no more work for them: all later rows pass."""
        yield from _written(_finished(self._waiting), self._prefix)
        self._waiting = []

    def _rows(self, block: bytes) -> Iterator[bytes]:
        """A block of rows: as it is where no editor must see it, whole through one editor, or row by row."""
        if not self._waiting:
            yield block
            return
        first, last = _extent(block, self._row_end, self._number)
        if last < min(editor.first for editor in self._waiting):
            self._number = last
            yield block
        elif first > max(editor.last for editor in self._waiting):
            yield from self._finish()
            yield block
        else:
            yield self._edited(block, first, last)

    def _edited(self, block: bytes, first: int, last: int) -> bytes:
        """A block of the rows `first` to `last` after the editors."""
        whole = _at_once(self._waiting, block, self._row_end) if first > self._number else None
        if whole is None:
            return b"".join(_written(self._one_by_one(block), self._prefix))
        self._number = last
        return whole

    def _one_by_one(self, block: bytes) -> Iterator[RowXml]:
        """The block's rows through the editors; CrmError for a row that stands above the one before it."""
        for row in worksheet_xml.rows(block, self._row_end, self._number):
            if row.number <= self._number:  # an editor would not meet it where it looks for it
                raise CrmError("workbook.damaged_part")
            self._number = row.number
            yield from _through(self._waiting, [RowXml(row.number, row.attributes, row.body)])


def _at_once(waiting: list[Editor], block: bytes, row_end: bytes) -> bytes | None:
    """A whole block through the only editor that there is, where that can be."""
    last = worksheet_xml.last_number(block, row_end)
    if len(waiting) == 1 and isinstance(waiting[0], CellEditor) and last and row_end == b"</row>":
        return waiting[0].edit_block(block, last)
    return None


def _extent(block: bytes, row_end: bytes, number: int) -> tuple[int, int]:
    """First and last row number of a block; the widest guess where rows have no numbers."""
    first = next(iter(worksheet_xml.rows(block, row_end, number)), None)
    last = worksheet_xml.last_number(block, row_end)
    return (first.number if first else number + 1), (last or ranges.MAX_ROW)


def _through(editors: list[Editor], rows: Iterable[RowXml]) -> Iterable[RowXml]:
    """Rows through the editors one after the other; an editor may hold a row back, or give several for one."""
    for editor in editors:
        rows = [done for row in rows for done in editor.edit(row)]
    return rows


def _finished(editors: list[Editor]) -> list[RowXml]:
    """What the editors still hold; the rows of one go through those after it, which finish later."""
    rows: list[RowXml] = []
    for i, editor in enumerate(editors):
        rows.extend(_through(editors[i + 1 :], editor.finish()))
    return rows


def _written(rows: Iterable[RowXml], p: bytes) -> Iterator[bytes]:
    """Rows as XML with the sheet's namespace prefix `p`."""
    for row in rows:
        if row.body:
            yield b"<%srow%s>%s</%srow>" % (p, row.attributes, row.body, p)
        else:
            yield b"<%srow%s/>" % (p, row.attributes)
