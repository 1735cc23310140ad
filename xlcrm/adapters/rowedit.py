"""Changes single cells while a sheet's rows stream past, so that a sheet of any size costs the memory of one block."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from xlcrm.adapters import ranges, sheetxml
from xlcrm.adapters.cells import Decoder, style_of
from xlcrm.adapters.encoder import Encoder

_SPANS = re.compile(rb"""\sspans=["'](\d+):(\d+)["']""")
_CUSTOM = re.compile(rb"""\scustomFormat=["'](?:1|true)["']""")
_FAST = re.compile(rb'(<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>))', re.DOTALL)
_IS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


class RowXml(NamedTuple):
    """A row on its way through: its number, the attributes of its tag as they stand, the XML of its cells."""

    number: int
    attributes: bytes
    body: bytes


class Editor(Protocol):
    """Something that changes rows. `first` and `last` are the rows that it must see; all others may pass unread."""

    first: int
    last: int

    def edit(self, row: RowXml) -> Iterable[RowXml]: ...

    def finish(self) -> Iterable[RowXml]: ...


class _Kept:
    """Stands for a formula that a change met and left alone."""

    def __repr__(self) -> str:
        return "formula kept"


KEPT = _Kept()


class CellEditor:
    """Writes values into cells. `values` is column -> row -> value; `found` fills with what stood there before.

    `found[column]` is in the order of that column's rows. A cell that holds a formula is left alone (KEPT in `found`)
    unless `over_formulas`. New cells take the style of the row's cell in column `like`, or of their row or column.
    """

    def __init__(
        self,
        values: dict[int, dict[int, Any]],
        encoder: Encoder,
        decoder: Decoder,
        column_styles: list[tuple[int, int, int]],
        *,
        over_formulas: bool = False,
        like: int = 0,
    ) -> None:
        self._columns = [
            (column, ranges.letters(column).encode(), rows) for column, rows in sorted(values.items()) if rows
        ]
        self.found: dict[int, list[Any]] = {column: [] for column in values}
        self._rows = sorted(set().union(*(rows for _, _, rows in self._columns)))
        self._next = 0
        self.first = self._rows[0] if self._rows else 1
        self.last = self._rows[-1] if self._rows else 0
        self._encode = encoder.cell
        self._decode = decoder.value
        self._column_styles = column_styles
        self._over_formulas = over_formulas
        self._like = like

    def edit(self, row: RowXml) -> Iterator[RowXml]:
        if self._next >= len(self._rows) or self._rows[self._next] > row.number:
            yield row
            return
        yield from self._missing(row.number)
        if self._next < len(self._rows) and self._rows[self._next] == row.number:
            self._next += 1
            yield self._edited(row)
        else:
            yield row

    def finish(self) -> Iterator[RowXml]:
        yield from self._missing(ranges.MAX_ROW + 1)

    def _missing(self, before: int) -> Iterator[RowXml]:
        """Rows that the sheet has no element for."""
        end = bisect_left(self._rows, before, self._next)
        numbers, self._next = self._rows[self._next : end], end
        for number in numbers:
            row = self._edited(RowXml(number, b' r="%d"' % number, b""))
            if row.body:
                yield row

    def _edited(self, row: RowXml) -> RowXml:
        number = b"%d" % row.number
        untouched, cells = self._split(row, number)
        out = [untouched]
        at, count = 0, len(cells)
        last = 0
        for column, letters, rows in self._columns:
            if row.number not in rows:
                continue
            while at < count and cells[at][0] < column:
                out.append(cells[at][1])
                at += 1
            if at < count and cells[at][0] == column:
                _, xml, attributes, inner = cells[at]
                at += 1
                if inner and not self._over_formulas and is_formula(inner):
                    self.found[column].append(KEPT)
                    out.append(xml)
                    continue
                self.found[column].append(self._decode(attributes, inner) if inner else None)
                style = style_of(attributes)
            else:
                self.found[column].append(None)
                style = default_style(row.attributes, column, self._column_styles)
                if self._like:
                    style = next((style_of(cell[2]) for cell in cells if cell[0] == self._like), style)
                last = column
            out.append(self._encode(letters + number, rows[row.number], style))
        out.extend([cell[1] for cell in cells[at:]])
        return RowXml(row.number, widen(row.attributes, last) if last else row.attributes, b"".join(out))

    def _split(self, row: RowXml, number: bytes) -> tuple[bytes, list[tuple[int, bytes, bytes, bytes]]]:
        """What stands before the first cell to write, and the cells from there on."""
        at = -1 if self._like else row.body.find(b'<c r="%s%s"' % (self._columns[0][1], number))
        return (row.body[:at], split(row.body[at:])) if at > 0 else (b"", split(row.body))


_NUMBERS = {ranges.letters(column).encode(): column for column in range(1, 703)}


def split(body: bytes) -> list[tuple[int, bytes, bytes, bytes]]:
    """The cells of a row: column, XML, attributes, content."""
    fast = _FAST.findall(body)
    try:
        found = [(_NUMBERS[letters], xml, attributes, inner) for xml, letters, attributes, inner in fast]
    except KeyError:
        found = []
    if found and sum([len(cell[1]) for cell in found]) == len(body):  # else some cell is written in another way
        return found
    return [(cell.column, cell.xml, cell.attributes, cell.inner) for cell in sheetxml.cells(body)]


def is_formula(inner: bytes) -> bool:
    return b"f" in inner and bool(_IS_FORMULA.search(inner))


def default_style(row_attributes: bytes, column: int, column_styles: list[tuple[int, int, int]]) -> int:
    """The style of a cell that is not there yet: its row's where the row has one, else its column's."""
    if b"customFormat" in row_attributes and _CUSTOM.search(row_attributes):
        return style_of(row_attributes)
    for first, last, style in column_styles:
        if first <= column <= last:
            return style
    return 0


def widen(attributes: bytes, column: int) -> bytes:
    """A row's attributes with `spans` (an optional hint) dropped where a new cell stands outside it."""
    found = _SPANS.search(attributes)
    if found and not int(found[1]) <= column <= int(found[2]):
        return attributes[: found.start()] + attributes[found.end() :]
    return attributes
