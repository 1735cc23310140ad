"""Stale formulas: which depend on cells that a change touches, directly or through others."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from xlcrm.xlsx import formulas, sheet_scan, worksheet_xml, xml_parts
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.workbook import Sheet, TableInfo, Workbook
from xlcrm.xlsx.writing.formula_cells import Formula, FormulaCells

MAX_FORMULAS = 200_000  # above that all count as dependent: Excel calculates them all anyway
# What these give depends on where cells stand: their own, or those they name; it changes where rows of these sheets
# move. INDIRECT, OFFSET and their like read what no text tells: Excel calculates them on opening, and until then their
# last value says more than a blank.
_BY_PLACE = frozenset({"ROW"})
_COLUMN = re.compile(r"\[((?:[^\[\]'#@]|'.)+)\]")
_DEPTH = 8
_MOVES = Area(1, 1, 1, 1)

Place = tuple[str, Area]  # sheet part, area
_Reading = tuple[str, Formula, list[Place] | None]  # sheet part, formula, what it reads (None: cannot be told)


class Dirty:
    """Cells whose values changed: by sheet part and column, as row intervals that do not meet."""

    def __init__(self) -> None:
        """Nothing is dirty yet."""
        self._rows: dict[tuple[str, int], tuple[list[int], list[int]]] = {}
        self._columns: dict[str, set[int]] = {}

    def add(self, part: str, area: Area) -> None:
        """Mark an area. Intervals that meet or touch become one, so that there are never more than needed."""
        for column in range(area.left, area.right + 1):
            self._columns.setdefault(part, set()).add(column)
            tops, bottoms = self._rows.setdefault((part, column), ([], []))
            first = bisect_left(bottoms, area.top - 1)
            last = bisect_right(tops, area.bottom + 1)
            top = min([area.top, *tops[first:last]])
            bottom = max([area.bottom, *bottoms[first:last]])
            tops[first:last], bottoms[first:last] = [top], [bottom]

    def add_rows(self, part: str, column: int, rows: Iterable[int]) -> None:
        """Mark cells of one column, given row by row; rows that follow each other are marked at once."""
        top = bottom = 0
        for row in sorted(rows):
            if row > bottom + 1 and bottom:
                self.add(part, Area(top, column, bottom, column))
                top = row
            top, bottom = top or row, row
        if bottom:
            self.add(part, Area(top, column, bottom, column))

    def add_moves(self, part: str) -> None:
        """Mark that rows of a sheet stand elsewhere now, which changes what ROW() gives there."""
        self.add(_moves(part), _MOVES)

    def meets(self, part: str, area: Area) -> bool:
        """Whether any cell of an area is dirty."""
        columns = self._columns.get(part, set())
        span = range(area.left, area.right + 1)
        wanted = columns.intersection(span) if len(span) > 3 else [c for c in span if c in columns]
        for column in wanted:
            tops, bottoms = self._rows[part, column]
            at = bisect_left(bottoms, area.top)
            if at < len(tops) and tops[at] <= area.bottom:
                return True
        return False


def _moves(part: str) -> str:
    """What stands for the numbers of a sheet's rows, as if it were a sheet of one cell."""
    return f"{part}#rows"


def stale_cells(book: Workbook, dirty: Dirty) -> dict[str, set[tuple[int, int]]]:
    """Sheet part -> (row, column) of the formulas that depend on dirty cells. `dirty` grows by their own cells."""
    found: dict[str, set[tuple[int, int]]] = {}
    waiting = _reading(book)
    too_many = len(waiting) > MAX_FORMULAS
    before = -1
    while before != len(waiting):  # until a round finds no further one
        before = len(waiting)
        left: list[_Reading] = []
        for part, formula, places in waiting:
            if too_many or places is None or any(dirty.meets(*place) for place in places):
                found.setdefault(part, set()).add((formula.row, formula.column))
                dirty.add(part, formula.area)
            else:
                left.append((part, formula, places))
        waiting = left
    return found


def _reading(book: Workbook) -> list[_Reading]:
    """All formulas with what they read. Beyond MAX_FORMULAS nobody asks for that, so it is not worked out."""
    found: list[_Reading] = []
    names = _names(book)
    for sheet in book.worksheets:
        if not sheet_scan.calculates(book.package, sheet.part):
            continue
        for formula in FormulaCells(sheet.name).read(worksheet_xml.read(book.package, sheet.part)):
            places = _precedents(book, names, sheet, formula) if len(found) < MAX_FORMULAS else None
            found.append((sheet.part, formula, places))
    return found


def _names(book: Workbook) -> dict[str, str]:
    """Defined names by lower-case name; a name that two sheets define is joined, because either may be meant."""
    found: dict[str, str] = {}
    for element in xml_parts.descendants(book.root, "definedName"):
        name = element.get("name", "").lower()
        found[name] = f"{found[name]},{element.text or ''}" if name in found else element.text or ""
    return found


def _precedents(book: Workbook, names: dict[str, str], sheet: Sheet, formula: Formula) -> list[Place] | None:
    """The areas that a formula reads; None where that cannot be told from its text."""
    places = list(_places(book, names, sheet, formula.row, formula.text, _DEPTH))
    found = [place for place in places if place is not None]
    return found if len(found) == len(places) else None


def _places(
    book: Workbook, names: dict[str, str], here: Sheet, row: int, text: str, depth: int
) -> Iterator[Place | None]:
    """What a text refers to, names looked up to a depth of `depth`; None for what the text does not tell."""
    tokens = list(formulas.tokens(text))
    by_place = any(token.calls and token.name.upper() in _BY_PLACE for token in tokens)
    if by_place:
        yield _moves(here.part), _MOVES
    for token in tokens:
        if token.area:
            place = _on_sheet(book, token.sheet or here.name, token.area)
            yield place
            if by_place and place:
                yield _moves(place[0]), _MOVES
        elif token.brackets:
            yield from _in_table(book, token.table, token.brackets, row)
        elif token.calls:
            continue
        elif token.name.lower() in names and depth:
            yield from _places(book, names, here, row, names[token.name.lower()], depth - 1)
        else:
            yield from ((t.sheet.part, t.area) for t in _tables(book, token.name))


def _on_sheet(book: Workbook, name: str, area: Area) -> Place | None:
    """None for cells across several sheets; another workbook's never change with this one."""
    if name.startswith("["):
        return "", area
    part = next((sheet.part for sheet in book.sheets if sheet.name.casefold() == name.casefold()), None)
    return (part, area) if part else None


def _tables(book: Workbook, name: str) -> Iterable[TableInfo]:
    """The tables of that name; case does not count."""
    return (table for table in book.tables if table.name.casefold() == name.casefold())


def _in_table(book: Workbook, name: str, brackets: str, row: int) -> Iterator[Place | None]:
    """The area that a reference to a table means: Table[Column], Table[[A]:[B]], [@Column]; too big in doubt."""
    for table in _tables(book, name) if name else book.tables:
        used = {column.replace("'", "").casefold() for column in _COLUMN.findall(brackets)}
        positions = [i for i, header in enumerate(table.headers) if header.replace("'", "").casefold() in used]
        left, right = (min(positions), max(positions)) if positions else (0, len(table.headers) - 1)
        area = table.area._replace(left=table.area.left + left, right=table.area.left + right)
        if "this row" in brackets.lower() or "@" in brackets:
            area = area._replace(top=row, bottom=row)
        yield table.sheet.part, area
