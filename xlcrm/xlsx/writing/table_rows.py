"""Row editor: takes rows out of a table and puts rows under it while the sheet streams past.

A table shares its sheet rows with whatever stands beside it, so only the cells in its columns move.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from xlcrm.xlsx import ranges
from xlcrm.xlsx.cell_reader import KEPT, Decoder, is_formula, style_of
from xlcrm.xlsx.cell_writer import Encoder
from xlcrm.xlsx.writing.cell_editor import RowXml, split, widen
from xlcrm.xlsx.writing.row_heights import Heights, as_it_is
from xlcrm.xlsx.writing.row_moves import RowMap

_NUMBER = re.compile(rb"""(\sr=["'](?:[A-Z]+)?)\d+(?=["'])""")
_PLACE = re.compile(rb"""\sr=["'][A-Z]*\d*["']""")
_ROW_STATE = re.compile(rb"""\s(?:hidden|collapsed)=["'][^"']*["']""")


class TableEditor:
    """Applies one RowMap. `rows` are the added ones, a dict of column -> value each.

    `right` is the table's last column. `found` fills with the cells of removed rows: row -> column -> value. New rows
    take the styles of the table's last row; `formula(column, row)` is the formula that a new cell gets, "" for none.
    `formulas` fills with the (row, column) of these. `heights` says how high a new row is.
    """

    def __init__(
        self,
        rowmap: RowMap,
        rows: Iterator[dict[int, Any]],
        encoder: Encoder,
        decoder: Decoder,
        formula: Callable[[int, int], str],
        right: int,
        heights: Heights = as_it_is,
    ) -> None:
        """`rowmap` is about rows as they stand before tables above this one take it down."""
        info = rowmap.info
        self._map = rowmap
        self._rows = rows
        self._encoder = encoder
        self._decoder = decoder
        self._formula = formula
        self._heights = heights
        self._left, self._right = info.area.left, right
        self.first = min([*rowmap.removed[:1], info.last_row])  # rows above stay as they are
        self.last = max(info.area.bottom, rowmap.bottom)
        self.found: dict[int, dict[int, Any]] = {}
        self.formulas: list[tuple[int, int]] = []
        self._side: dict[int, tuple[bytes, bytes, bytes]] = {}
        self._totals: dict[int, tuple[bytes, bytes]] = {}
        self._template: list[tuple[int, bytes, bytes, bytes]] = []
        self._template_row = RowXml(info.last_row, b"", b"")
        self._next = self.first
        self._removed = set(rowmap.removed)
        self._done = False

    def edit(self, row: RowXml) -> Iterator[RowXml]:
        """The rows that can be written once `row` has been seen. Rows come in order; see `Editor`.

        Rows above the table and after its end pass. Of the table's own rows the kept ones go to their new numbers at
        once; the totals, and what stands beside rows that come later, wait for `finish`.
        """
        if row.number < self.first or self._done:
            yield row
        elif row.number > self.last:
            yield from self.finish()
            yield row
        else:
            yield from self._sorted(row)

    def _sorted(self, row: RowXml) -> Iterator[RowXml]:
        """One row between `first` and `last`: data, totals, or a row under the table that it grows over."""
        info = self._map.info
        left, inside, right = self._parts(row)
        under = row.number > info.area.bottom
        if left or right or under:
            self._side[row.number] = row.attributes, left, right
        if under:
            return
        if row.number > info.last_row:
            to = self._map.row(row.number) or 0
            self._totals[to] = row.attributes, self._moved(inside, row.number, to)
            return
        if row.number == info.last_row:
            self._template, self._template_row = inside, row
        if row.number in self._removed:
            self.found[row.number] = self._values(inside)
        else:
            to = self._map.row(row.number) or 0
            yield from self._up_to(to)
            yield self._joined(to, row.attributes, self._moved(inside, row.number, to))
            self._next = to + 1

    def _values(self, cells: list[tuple[int, bytes, bytes, bytes]]) -> dict[int, Any]:
        """Column -> value of a removed row's cells; KEPT stands for a formula, blank cells are left out."""
        return {
            column: KEPT if is_formula(inner) else self._decoder.value(attributes, inner)
            for column, _, attributes, inner in cells
            if inner
        }

    def finish(self) -> Iterator[RowXml]:
        """What comes under the kept rows: added rows, totals, and what stood beside them."""
        if self._done:
            return
        self._done = True
        yield from self._up_to(self._map.first_added)
        self._next = max(self._next, self._map.first_added)
        for row in self._rows:
            yield self._added(self._next, row)
            self._next += 1
        if self._map.blank:
            yield self._added(self._next, {})
            self._next += 1
        for number in sorted({*self._totals, *self._side}):
            if number in self._totals:
                attributes, xml = self._totals[number]
                yield self._joined(number, attributes, xml)
            elif number >= self._next:
                yield self._joined(number, *self._side[number][:1], b"")

    def _parts(self, row: RowXml) -> tuple[bytes, list[tuple[int, bytes, bytes, bytes]], bytes]:
        """A row's cells left of the table (XML), in it (column, XML, attributes, content), and right of it (XML)."""
        cells = split(row.body)
        left = b"".join(xml for column, xml, _, _ in cells if column < self._left)
        right = b"".join(xml for column, xml, _, _ in cells if column > self._right)
        return left, [cell for cell in cells if self._left <= cell[0] <= self._right], right

    def _up_to(self, row: int) -> Iterator[RowXml]:
        """Rows that the table has no cells for, but that have some beside it."""
        for number in sorted(n for n in self._side if self._next <= n < row):
            yield self._joined(number, self._side[number][0], b"")

    def _joined(self, number: int, attributes: bytes, inside: bytes) -> RowXml:
        """The row `number`: the table's cells that come there, between what stood beside it and stays."""
        side, left, right = self._side.pop(number, (b"", b"", b""))
        attributes = attributes or side
        return RowXml(number, renumbered(attributes, number), left + inside + right)

    def _moved(self, cells: list[tuple[int, bytes, bytes, bytes]], row: int, to: int) -> bytes:
        """The XML of cells under the addresses of another row; nothing else in them changes."""
        if row == to:
            return b"".join(cell[1] for cell in cells)
        out = []
        for column, xml, _, _ in cells:
            name = ranges.letters(column).encode()
            start = b'<c r="%s%d"' % (name, row)
            if xml.startswith(start):  # as Excel writes it
                out.append(b'<c r="%s%d"%s' % (name, to, xml[len(start) :]))
            else:
                out.append(_NUMBER.sub(rb"\g<1>%d" % to, xml, count=1))
        return b"".join(out)

    def _added(self, number: int, values: dict[int, Any]) -> RowXml:
        """A new row with these values (column -> value): looks like the table's last row, but is never hidden."""
        styles = {column: style_of(attributes) for column, _, attributes, _ in self._template}
        out = []
        place = b"%d" % number
        for column in range(self._left, self._right + 1):
            style = styles.get(column, 0)
            where = ranges.letters(column).encode() + place
            formula = self._formula(column, number) if column not in values else ""
            if formula:
                self.formulas.append((number, column))
                out.append(self._encoder.formula(where, formula, style))
            else:
                out.append(self._encoder.cell(where, values.get(column), style))
        attributes = self._heights(_ROW_STATE.sub(b"", self._template_row.attributes), values)
        return self._joined(number, widen(attributes, self._right), b"".join(out))


def renumbered(attributes: bytes, number: int) -> bytes:
    """A row's attributes under another number."""
    start = attributes.find(b' r="')
    end = attributes.find(b'"', start + 4)
    if start >= 0 and attributes[start + 4 : end].isdigit():
        return b"%s%d%s" % (attributes[: start + 4], number, attributes[end:])
    if _PLACE.search(attributes):
        return _NUMBER.sub(rb"\g<1>%d" % number, attributes, count=1)
    return b' r="%d"' % number + attributes
