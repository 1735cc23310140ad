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
        self.first, self.last = area.top, area.bottom
        self._area = area
        self._names = table, sheet

    def edit(self, row: RowXml) -> tuple[RowXml]:
        if self.first <= row.number <= self.last:
            for column, _, _, inner in split(row.body):
                if inner and self._area.holds(row.number, column):
                    table, sheet = self._names
                    place = f"{ranges.letters(column)}{row.number}"
                    raise CrmError("apply.no_room", table=table, sheet=sheet, cell=place)
        return (row,)

    def finish(self) -> tuple[()]:
        return ()


def rewrite(pieces: Iterable[tuple[str, bytes]], editors: list[Editor]) -> Iterator[bytes]:
    """The rows of a sheet through all editors; blocks that no editor must see pass as they are.

    `pieces` are those of `worksheet_xml.pieces`; head and tail pass through (change them before or after).
    """
    p = b""
    number = 0
    waiting = list(editors)
    for kind, block in pieces:
        if kind == worksheet_xml.HEAD:
            p = worksheet_xml.prefix(block)
            yield block
        elif kind == worksheet_xml.TAIL:
            yield from _written(_finished(waiting), p)
            yield block
        else:
            row_end = b"</" + p + b"row>"
            first, last = _extent(block, row_end, number)
            if waiting and last < min(editor.first for editor in waiting):
                number = last
                yield block
                continue
            if waiting and first > max(editor.last for editor in waiting):
                yield from _written(_finished(waiting), p)
                waiting = []
            if not waiting:
                yield block
                continue
            whole = _at_once(waiting, block, row_end) if first > number else None
            if whole is not None:
                number = last
                yield whole
                continue
            out: list[RowXml] = []
            for row in worksheet_xml.rows(block, row_end, number):
                if row.number <= number:  # an editor would not meet it where it looks for it
                    raise CrmError("workbook.damaged_part")
                number = row.number
                out.extend(_through(waiting, [RowXml(row.number, row.attributes, row.body)]))
            yield b"".join(_written(out, p))


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
    for editor in editors:
        rows = [done for row in rows for done in editor.edit(row)]
    return rows


def _finished(editors: list[Editor]) -> list[RowXml]:
    rows: list[RowXml] = []
    for i, editor in enumerate(editors):
        rows.extend(_through(editors[i + 1 :], editor.finish()))
    return rows


def _written(rows: Iterable[RowXml], p: bytes) -> Iterator[bytes]:
    for row in rows:
        if row.body:
            yield b"<%srow%s>%s</%srow>" % (p, row.attributes, row.body, p)
        else:
            yield b"<%srow%s/>" % (p, row.attributes)
