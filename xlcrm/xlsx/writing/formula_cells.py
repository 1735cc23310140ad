"""Formula cells while a sheet's rows stream past: references follow, values that no longer hold are dropped.

Works on the cells where they stood; whatever moves them comes after.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from xlcrm.xlsx import formulas, ranges, worksheet_xml, xml_parts
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.reading.table_problems import formula_columns
from xlcrm.xlsx.sheet_scan import SheetFacts
from xlcrm.xlsx.workbook import TableInfo
from xlcrm.xlsx.writing.row_moves import RowMap, above, moved_area

_CELL = re.compile(
    rb"<((?:\w+:)?)c(\s[^>]*?)>\s*(<(?:\w+:)?f(?=[\s/>])[^>]*?(?:/>|>[^<]*</(?:\w+:)?f\s*>))(.*?)</(?:\w+:)?c\s*>",
    re.DOTALL,
)
_PLACE = re.compile(rb"""\sr=["']([A-Z]+)(\d+)["']""")
_F = re.compile(rb"<((?:\w+:)?)f((?:\s[^>]*?)?)(?:/>|>([^<]*)<.*)$", re.DOTALL)
_ATTRIBUTE = re.compile(rb"""\s(t|si|ref)=["']([^"']*)["']""")
_REF = re.compile(rb"""(\sref=["'])[^"']*""")
_INPUTS = re.compile(rb"""(\s(?:ref|r1|r2)=["'])([A-Z]+\d+(?::[A-Z]+\d+)?)""")
_SHARED = re.compile(rb"""\s(?:t|si|ref)=["'][^"']*["']""")
_TYPE = re.compile(rb"""\st=["']\w+["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?(?:/>|>.*?</(?:\w+:)?v\s*>)", re.DOTALL)


class Formula:
    """One formula met in a sheet: where, its text (a shared one's written out), and what its cell says it covers."""

    __slots__ = ("area", "array", "column", "row", "text")

    def __init__(self, row: int, column: int, text: str, area: Area, array: bool) -> None:
        """`area` is the cell itself, or all that an array formula fills."""
        self.row, self.column, self.text, self.area, self.array = row, column, text, area, array


class FormulaCells:
    """Reads and rewrites a sheet's formulas.

    `move` says where areas go (None: nothing moves), `stale` holds the (row, column) whose value no longer holds,
    `inside` has the areas of the tables that change. `models` fills with (area, column) -> (row, text) of the last
    formula seen there, as it stood: what a new row's formula is made from. `unshare` writes shared formulas out, so
    that any of their cells may be overwritten.
    """

    def __init__(
        self,
        sheet: str,
        move: formulas.Move | None = None,
        stale: Container[tuple[int, int]] = (),
        inside: Iterable[Area] = (),
        *,
        unshare: bool = False,
    ) -> None:
        """For one reading of one sheet: shared formulas are known from their first cell on."""
        self._sheet = sheet
        self._move = move
        self._stale = stale
        self._inside = list(inside)
        self._unshare = unshare
        self._masters: dict[bytes, tuple[int, int, str]] = {}
        self.models: dict[tuple[Area, int], tuple[int, str]] = {}

    def rewritten(self, pieces: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
        """The pieces of the sheet with its formulas rewritten; blocks without any pass as they are."""
        for kind, block in pieces:
            if kind == worksheet_xml.ROWS and worksheet_xml.may_hold_formula(block):
                yield kind, _CELL.sub(self._cell, block)
            else:
                yield kind, block

    def read(self, pieces: Iterable[tuple[str, bytes]]) -> Iterator[Formula]:
        """Every formula of the sheet."""
        for kind, block in pieces:
            if kind == worksheet_xml.ROWS and worksheet_xml.may_hold_formula(block):
                for found in _CELL.finditer(block):
                    formula = self._formula(found)
                    if formula:
                        yield formula

    def _formula(self, found: re.Match[bytes]) -> Formula | None:
        """A matched cell as a formula; None where it has no address or its formula cannot be read."""
        place = _PLACE.search(found[2])
        f = _F.match(found[3])
        if not place or not f:
            return None
        row, column = int(place[2]), ranges.number(place[1].decode())
        said = dict(_ATTRIBUTE.findall(f[2]))
        text = xml_parts.unescape(f[3] or b"")
        if said.get(b"t") == b"shared":
            text = self._written_out(said.get(b"si", b""), row, column, text)
        area = Area(row, column, row, column)
        array = said.get(b"t") == b"array" and b"ref" in said
        return Formula(row, column, text, Area.of(said[b"ref"].decode()) if array else area, array)

    def _written_out(self, master: bytes, row: int, column: int, text: str) -> str:
        """A shared formula's own text. Only the first cell of a group (`si`) holds it (ECMA-376 part 1, 18.3.1.40)."""
        if text:
            self._masters[master] = row, column, text
        elif master in self._masters:
            top, left, model = self._masters[master]
            text = formulas.shifted(model, row - top, column - left)
        return text

    def _cell(self, found: re.Match[bytes]) -> bytes:
        """A formula's cell: the formula followed, the value taken out where it is stale (then its type goes, too)."""
        formula = self._formula(found)
        if formula is None:
            return found[0]
        p, attributes, f, rest = found.groups()
        inside = next((area for area in self._inside if area.holds(formula.row, formula.column)), None)
        if inside and formula.text:
            self.models[inside, formula.column] = formula.row, formula.text
        if self._move or self._unshare:
            f = self._followed(formula, f, inside is not None)
        if (formula.row, formula.column) in self._stale:
            attributes, rest = _TYPE.sub(b"", attributes), _VALUE.sub(b"", rest)
        return b"<%sc%s>%s%s</%sc>" % (p, attributes, f, rest, p)

    def _followed(self, formula: Formula, f: bytes, inside: bool) -> bytes:
        """The element of a formula after cells moved; the same bytes where nothing in it changes.

        A shared formula is written out, because its cells need no longer move alike.
        """
        match = _F.match(f)
        if match is None:
            return f
        text = formulas.follow(formula.text, self._sheet, self._move, inside=inside) if self._move else formula.text
        p, old = match[1], match[2]
        shared = b"shared" in f and b"si=" in old
        attributes = self._attributes(formula, old, shared, b"dataTable" in f)
        if attributes == old and text == formula.text and not formula.array:
            return f
        return b"<%sf%s>%s</%sf>" % (p, attributes, xml_parts.escape_bytes(text.encode()), p)

    def _attributes(self, formula: Formula, old: bytes, shared: bool, table: bool) -> bytes:
        """A formula's attributes after cells moved: what names cells of the sheet without being part of the text."""
        attributes = _INPUTS.sub(self._input, old) if table else old
        if shared:
            return _SHARED.sub(b"", attributes)
        if formula.array and self._move:
            moved = self._move(self._sheet, formula.area, False) or formula.area
            return _REF.sub(lambda ref: ref[1] + moved.text.encode(), attributes)
        return attributes

    def _input(self, found: re.Match[bytes]) -> bytes:
        """A what-if table's own range, or the cell that it puts values into."""
        area = Area.of(found[2].decode())
        moved = self._move(self._sheet, area, False) if self._move else area
        return found[1] + (moved or area).text.encode()


# The formulas of a table's new rows: made from those above, so that a calculated column stays one.

Models = dict[tuple[Area, int], tuple[int, str]]


def filled(info: TableInfo, facts: SheetFacts) -> set[int]:
    """The columns whose new cells get a formula: calculated columns, and those with formulas in over half the rows."""
    names = formula_columns(info, facts)
    return {info.area.left + i for i, name in enumerate(info.columns()) if name in names}


def formula(
    here: str,
    maps: list[RowMap],
    info: TableInfo,
    columns: set[int],
    models: Models,
    move: formulas.Move,
    column: int,
    row: int,
) -> str:
    """The formula of a new row's cell, "" for none. `models` are the formulas that were met, as they stood.

    `row` is the cell's before tables above this one take it down.
    """
    if column not in columns:
        return ""
    if (info.data, column) not in models:
        return info.calculated.get(column - info.area.left, "")
    model_row, text = models[info.data, column]
    later = above(info, maps)

    def own(sheet: str, area: Area, grow: bool) -> Area | None:
        """What the table's own move does to an area; those above it come afterwards."""
        if sheet.casefold() != here.casefold() or not later:
            return move(sheet, area, grow)
        return moved_area(area, [rowmap for rowmap in maps if rowmap not in later], grow=grow, whole=True)

    def lowered(sheet: str, area: Area, grow: bool) -> Area | None:
        """What the tables above it do to an area of their sheet."""
        return moved_area(area, later) if sheet.casefold() == here.casefold() else area

    text = formulas.follow_rule(text, here, own, row - model_row)
    return formulas.follow(text, here, lowered) if later else text
