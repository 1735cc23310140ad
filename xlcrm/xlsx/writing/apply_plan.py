"""Apply a plan to a closed workbook by changing only the parts that it names, so that nothing else can be lost."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from xlcrm.errors import CrmError
from xlcrm.plan import Plan, Resized
from xlcrm.tables import Tables
from xlcrm.xlsx import formulas, guard, ranges, sheet_scan, worksheet_xml, xml_parts
from xlcrm.xlsx.identity import put
from xlcrm.xlsx.package import rels_name
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.reading import exact_cells
from xlcrm.xlsx.reading.table_problems import merged_areas
from xlcrm.xlsx.sheet_scan import scan
from xlcrm.xlsx.styles import Styles
from xlcrm.xlsx.workbook import Sheet, Workbook, open_workbook
from xlcrm.xlsx.writing import references, sheet_changes, sheet_references, table_part
from xlcrm.xlsx.writing.formula_cells import FormulaCells
from xlcrm.xlsx.writing.row_moves import RowMap, moved_area
from xlcrm.xlsx.writing.sheet_changes import SheetWork
from xlcrm.xlsx.writing.stale_formulas import Dirty, stale_cells
from xlcrm.xlsx.writing.table_changes import TableWork, work_of
from xlcrm.xlsx.zip_writer import Packed, pack

# What cannot be changed safely is refused with the reason, before anything is written.

_PROTECTED = re.compile(rb"""<(?:\w+:)?sheetProtection(?=\s)[^>]*?\ssheet=["'](?:1|true|on)["']""")


def check_sheet(book: Workbook, sheet: Sheet) -> None:
    """CrmError for a sheet that has no cells, is protected, or has a row that stands above the one before it."""
    if sheet.kind != "worksheet":
        raise CrmError("workbook.not_cells", sheet=sheet.name)
    facts = scan(book.package, sheet.part)
    if _PROTECTED.search(facts.tail):
        raise CrmError("workbook.protected", sheet=sheet.name)
    if not facts.ordered:  # an editor would not meet a row where it looks for it, and write it a second time
        raise CrmError("workbook.rows_unordered", sheet=sheet.name)


def check_members(book: Workbook, work: SheetWork) -> None:
    """CrmError for a cell that is one of several: of an array formula, a data table, a spilt range, merged cells.

    Excel refuses the first three, and what is written under merged cells is gone in the next program. The first of
    merged cells is the one that shows, so it may be written.
    """
    facts = scan(book.package, work.sheet.part)
    parts = [
        ("apply.array_member", area, False) for area in facts.filled if area.top < area.bottom or area.left < area.right
    ]
    parts += [("apply.merged_member", area, True) for area in merged_areas(facts)]
    for key, area, first_too in parts:
        for row, column in _written_in(work, area):
            if not (first_too and (row, column) == area[:2]):
                cell = f"{ranges.letters(column)}{row}"
                raise CrmError(key, sheet=work.sheet.name, cell=cell, area=area.text)


def _written_in(work: SheetWork, area: Area) -> Iterator[tuple[int, int]]:
    """The cells of an area that a work writes, as (row, column)."""
    for values in (work.values, *(table.values for table in work.tables)):
        for column in range(area.left, area.right + 1):
            rows = values.get(column, {})
            yield from ((row, column) for row in range(area.top, area.bottom + 1) if row in rows)


def check(book: Workbook) -> None:
    """CrmError for a workbook that is signed, write-reserved or shared with a change log."""
    name = book.package.path.name
    if any(rel.kind == "origin" and "_xmlsignatures" in rel.target.lower() for rel in book.package.rels("")):
        raise CrmError("workbook.signed", name=name)
    if book.related("revisionHeaders"):
        raise CrmError("workbook.shared", name=name)
    for sharing in xml_parts.children(book.root, "fileSharing"):
        if any(xml_parts.attribute(sharing, key) for key in ("reservationPassword", "hashValue")):
            raise CrmError("workbook.write_reserved", name=name)


# Formulas keep the value last calculated; after a change the workbook must ask for them to be calculated anew.

_CALC = re.compile(rb"<(?:\w+:)?calcPr\b([^>]*?)(/?)>")
_FULL = re.compile(rb"""\sfullCalcOnLoad=["'][^"']*["']""")
# what may stand before calcPr in a workbook part, in the order of the standard
_BEFORE = re.compile(rb"(?:</|<)((?:\w+:)?)(?:sheets|functionGroups|externalReferences|definedNames)(?:\s[^>]*)?/?>")
_ENTRY = re.compile(rb"<((?:\w+:)?)c\s[^>]*?/>")
_SHEET = re.compile(rb"""\si=["'](\d+)["']""")
_PLACE = re.compile(rb"""(\sr=["'])([A-Z]+)(\d+)""")


def full_calculation(data: bytes) -> bytes:
    """A workbook part that asks for full calculation when it is opened."""
    found = _CALC.search(data)
    if found:
        attributes = _FULL.sub(b"", found[1]) + b' fullCalcOnLoad="1"'
        start, end = found.span(1)
        return data[:start] + attributes + data[end:]
    *_, last = _BEFORE.finditer(data)
    return data[: last.end()] + b'<%scalcPr fullCalcOnLoad="1"/>' % last[1] + data[last.end() :]


def chain(data: bytes, works: list[SheetWork]) -> bytes:
    """The calculation chain without cells that lost their formula; cells that moved are renamed.

    The formulas of new rows are put at its end. b"" where nothing is left.
    """
    by_id = {work.sheet.id: work for work in works}
    out: list[bytes] = []
    at = 0
    sheet = written = -1
    prefix = b""
    for found in _ENTRY.finditer(data):
        out.append(data[at : found.start()])
        at, prefix = found.end(), found[1]
        said = _SHEET.search(found[0])
        sheet = int(said[1]) if said else sheet  # an entry without a sheet is on that of the one before
        entry = _chained(found[0], by_id.get(sheet))
        if not entry:
            continue
        if not said and sheet != written:  # the entry before it, which said the sheet, went
            entry = entry[:-2] + b' i="%d"/>' % sheet
        written = sheet
        out.append(entry)
    out += [_new_entry(prefix, work.sheet.id, *place) for work in works for place in work.new_formulas()]
    out.append(data[at:])
    left = b"".join(out)
    return left if _ENTRY.search(left) else b""


def _chained(entry: bytes, work: SheetWork | None) -> bytes:
    """An entry of the chain under its cell's new address; b"" where the cell has no formula any more."""
    place = _PLACE.search(entry)
    if not work or not place:
        return entry
    moved = work.move_formula(int(place[3]), ranges.number(place[2].decode()))
    if moved is None:
        return b""
    return _PLACE.sub(rb"\g<1>%s%d" % (ranges.letters(moved[1]).encode(), moved[0]), entry, count=1)


def _new_entry(prefix: bytes, sheet: int, row: int, column: int) -> bytes:
    """An entry of the chain (ECMA-376 part 1, 18.6.1): r the cell, i the sheet's id."""
    return b'<%sc r="%s%d" i="%d"/>' % (prefix, ranges.letters(column).encode(), row, sheet)


def without(data: bytes, part: str) -> bytes:
    """A content-types or relationships part without what names `part`."""
    name = re.escape(part.rsplit("/", 1)[-1].encode())
    return re.sub(rb"<(?:\w+:)?(?:Override|Relationship)\s[^>]*?[/\"']" + name + rb"[\"'][^>]*?/>", b"", data)


_STYLES_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_STYLES_RELATION = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"

# One writing of a workbook: from the work on its sheets to the parts that differ, and the new package.

Changed = dict[str, bytes | Packed]
Stale = dict[str, set[tuple[int, int]]]


def write(book: Workbook, target: Path, works: list[SheetWork], identity: str = "") -> None:
    """Write the workbook with the work done to `target`. All checks come before the first byte is written.

    `identity` is what the workbook gets, "" where it keeps what it has.
    """
    _check_all(book, works)
    formats = exact_cells.read_styles(book)
    values = exact_cells.decoder(book, formats)
    move = references.mover(works)
    calculated = any(sheet_scan.has_formulas(book.package, sheet.part) for sheet in book.worksheets)
    stale = _stale(book, works) if calculated else {}
    changed: Changed = {}
    for work in works:
        part = work.sheet.part
        changed.update(table_part.renamed(book, work))
        changed[part] = pack(sheet_changes.rewritten(book, work, formats, values, move, stale.get(part, set())))
        changed.update(references.followed(book, work))
        changed.update(_tables(book, work))
        _lower_tables(book, work, changed)
    done = {work.sheet.part for work in works}
    for sheet in book.worksheets:
        if sheet.part not in done:
            _other_sheet(book, sheet, works, stale.get(sheet.part, set()), move, changed)
    changed.update(references.charts_and_pivots(book, works, move))
    added = _styles(book, formats, changed) if formats.changed else {}
    dropped = _calculation(book, works, move, calculated, changed)
    if identity:
        whole = changed.get(book.part)
        whole = whole if isinstance(whole, bytes) else xml_parts.plain(book.package.read(book.part))
        changed[book.part] = put(whole, identity)
    book.package.write(target, changed, dropped=dropped, added=added)


def _check_all(book: Workbook, works: list[SheetWork]) -> None:
    """Every reason not to write that can be known before a sheet is rewritten; the moves get their room."""
    check(book)
    for work in works:
        check_sheet(book, work.sheet)
        check_members(book, work)
    for work in works:
        work.make_room(book)


def _stale(book: Workbook, works: list[SheetWork]) -> Stale:
    """Sheet part -> (row, column) of the formulas whose last value no longer holds after the work."""
    dirty = Dirty()
    for work in works:
        work.soil(dirty)
    return stale_cells(book, dirty)


def _tables(book: Workbook, work: SheetWork) -> Iterator[tuple[str, bytes]]:
    """The parts of the sheet's tables that get another size or new columns.

    Comes after the sheet has been rewritten: only then it is known what stood in the cells, and CrmError "apply.moved"
    ends it all where that is not what the plan was computed from.
    """
    for table in work.tables:
        table.check()
        if table.rowmap.moves or table.new_headers:
            yield table.info.part, table_part.rewritten(xml_parts.plain(book.package.read(table.info.part)), table)


def _styles(book: Workbook, formats: Styles, changed: Changed) -> dict[str, bytes | Packed]:
    """The style part with its new formats; where there was none, the new entry, which others must name."""
    part = book.related("styles")
    if part:
        changed[part] = formats.data()
        return {}
    new = posixpath.join(posixpath.dirname(book.part), "styles.xml")
    types, rels = book.package.find("[Content_Types].xml"), book.package.find(rels_name(book.part))
    entry = b'<Override PartName="/%s" ContentType="%s"/>' % (new.encode(), _STYLES_TYPE)
    relation = b'<Relationship Id="rIdXlcrmStyles" Type="%s" Target="styles.xml"/>' % _STYLES_RELATION
    for name, element in ((types, entry), (rels, relation)):
        whole = xml_parts.plain(book.package.read(name))
        end = whole.rindex(b"</")
        changed[name] = whole[:end] + element + whole[end:]
    return {new: formats.data()}


def _lower_tables(book: Workbook, work: SheetWork, changed: Changed) -> None:
    """The parts of tables that go down because one above them grows."""
    for info in book.tables_of(work.sheet):
        above = [rowmap for rowmap in work.above(info) if rowmap.room.down]
        area = moved_area(info.area, above)
        if area is None or area.top == info.area.top:
            continue
        data = changed.get(info.part, b"")
        data = data if isinstance(data, bytes) and data else xml_parts.plain(book.package.read(info.part))

        def move(sheet: str, area: Area, grow: bool, above: list[RowMap] = above) -> Area | None:
            """See `formulas.Move`: only what stands under the growing tables goes down."""
            return moved_area(area, above) if sheet.casefold() == work.sheet.name.casefold() else area

        follow = partial(formulas.follow, here=work.sheet.name, move=move)
        changed[info.part] = table_part.lowered(data, area.top - info.area.top, follow)


def _other_sheet(
    book: Workbook,
    sheet: Sheet,
    works: list[SheetWork],
    stale: set[tuple[int, int]],
    move: formulas.Move,
    changed: Changed,
) -> None:
    """A sheet without work of its own, whose formulas and rules may point at cells that moved or changed."""
    moves = any(work.maps for work in works)
    if not stale and not (moves and _may_refer(book, sheet, works, move)):
        return
    rewriting = _Rewriting(book, sheet, move if moves else None, stale)
    packed = pack(rewriting.written())
    if rewriting.differs:
        changed[sheet.part] = packed


class _Rewriting:
    """A sheet that keeps its cells, rewritten with formulas that follow; `differs` is known when it is through."""

    def __init__(self, book: Workbook, sheet: Sheet, move: formulas.Move | None, stale: set[tuple[int, int]]) -> None:
        """Without `move` only values that no longer hold are dropped."""
        self.differs = False
        self._book, self._sheet, self._move = book, sheet, move
        self._cells = FormulaCells(sheet.name, move, stale)
        self._seen = b""

    def written(self) -> Iterator[bytes]:
        """The new bytes of the sheet's part, block by block; no block but the one in work is held."""
        for kind, data in self._cells.rewritten(self._read()):
            new = self._followed(data) if kind == worksheet_xml.TAIL else data
            self.differs = self.differs or new != self._seen
            yield new

    def _read(self) -> Iterator[tuple[str, bytes]]:
        """The sheet's pieces, each remembered as it was until the next one is asked for."""
        for kind, data in worksheet_xml.read(self._book.package, self._sheet.part):
            self._seen = data
            yield kind, data

    def _followed(self, tail: bytes) -> bytes:
        """What stands after the cells (rules, filters, links): its formulas follow, its own ranges stay."""
        if not self._move:
            return tail
        return sheet_references.followed(tail, self._sheet.name, lambda area: area, self._move)


def _may_refer(book: Workbook, sheet: Sheet, works: list[SheetWork], move: formulas.Move) -> bool:
    """Whether something in a sheet may point at cells that move; never wrongly False, and cheaper than rewriting."""
    if _refers_to_nothing_moved(book, sheet, move) or not sheet_scan.may_name_sheets(book.package, sheet.part):
        return False
    return references.mentions(guard.clean(book.package.chunks(sheet.part)), works)


def _refers_to_nothing_moved(book: Workbook, sheet: Sheet, move: formulas.Move) -> bool:
    """Whether a sheet surely stays as it is: without formulas, only what stands behind its cells can refer."""
    if not sheet_scan.known(book.package, sheet.part) or sheet_scan.has_formulas(book.package, sheet.part):
        return False
    tail = sheet_scan.scan(book.package, sheet.part).tail
    return sheet_references.followed(tail, sheet.name, lambda area: area, move) == tail


def _calculation(
    book: Workbook, works: list[SheetWork], move: formulas.Move, calculated: bool, changed: Changed
) -> set[str]:
    """The workbook part and the calculation chain; returns the entries that go."""
    data = xml_parts.plain(book.package.read(book.part))
    new = references.names(data, move) if any(work.maps for work in works) else data
    if calculated:
        new = full_calculation(new)
    if new != data:
        changed[book.part] = new
    part = book.related("calcChain")
    if not part:
        return set()
    entries = xml_parts.plain(book.package.read(part))
    left = chain(entries, works)
    if left and left != entries:
        changed[part] = left
    if left:
        return set()
    # an empty chain is no valid part: it goes, with what points to it
    types = book.package.find("[Content_Types].xml")
    rels = book.package.find(rels_name(book.part))
    for name in (types, rels):
        whole = changed.get(name)
        whole = whole if isinstance(whole, bytes) else xml_parts.plain(book.package.read(name))
        changed[name] = without(whole, part)
    return {part}


def write_cells(source: Path | str, target: Path | str, sheet: str, cells: Mapping[str, Any]) -> None:
    """Copy a workbook with some cells of one sheet set: {"B2": 5, "C2": None}. Everything else stays as it is.

    A value is text, a number, a truth value, a date, a datetime, or None for a blank cell; text stays text ("007",
    "=x"). The cell keeps its style; a date gets a date format where the cell has none. Formulas are overwritten.
    CrmError where the workbook cannot be changed safely; `target` must not be `source`.
    """
    with_rows: dict[int, dict[int, Any]] = {}
    for place, value in cells.items():
        try:
            row, column = ranges.cell(place.replace("$", ""))
        except ValueError as error:
            raise CrmError("cell.no_address", value=place) from error
        with_rows.setdefault(column, {})[row] = value
    book = open_workbook(Path(source))
    with book.package:
        work = SheetWork(book.sheet(sheet), values=with_rows, over_formulas=True)
        write(book, Path(target), [work])


def apply_plan(source: Path | str, target: Path | str, plan: Plan, tables: Tables) -> Plan:
    """Copy a workbook with a plan applied; the plan comes back with every `before` exactly as it stood in the file.

    `tables` is what the plan was computed from. CrmError "apply.moved" names the first cell that is not what the plan
    expects; then, as with any refusal, `target` is not written. Formulas that a change would overwrite are kept and
    their cells left out of the plan that comes back.
    """
    book = open_workbook(Path(source))
    with book.package:
        tabled = work_of(book, plan, tables)
        works: dict[str, SheetWork] = {}
        for table in tabled:
            sheet = table.info.sheet
            works.setdefault(sheet.part, SheetWork(sheet)).tables.append(table)
        write(book, Path(target), list(works.values()), plan.identity)
    return _exact(plan, tabled)


def resize(source: Path | str, target: Path | str, parts: Sequence[Resized]) -> None:
    """Copy a workbook with tables that take in the rows right under them, or let their last ones go; no cell changes.

    CrmError where the workbook or its sheet can't be changed safely, or another table or a row of totals is there.
    """
    book = open_workbook(Path(source))
    with book.package:
        check(book)
        changed: dict[str, bytes | Packed] = {}
        for part in parts:
            info = book.table(part.table)
            check_sheet(book, info.sheet)
            rows = -len(part.rows) if part.out else len(part.rows)
            longer = info.area._replace(bottom=info.area.bottom + rows)
            if info.totals_rows or rows + len(info) < 1 or any(area.meets(longer) for area in book.neighbours(info)):
                cell = f"{ranges.letters(info.area.left)}{info.area.bottom + 1}"
                raise CrmError("apply.no_room", table=info.name, sheet=info.sheet.name, cell=cell)
            changed[info.part] = table_part.ending(xml_parts.plain(book.package.read(info.part)), info, rows)
        book.package.write(Path(target), changed)


def _exact(plan: Plan, tabled: list[TableWork]) -> Plan:
    """The plan with its before cells as they really stood: what undo will put back."""
    by_name = {table.name: table for table in tabled}
    changes = tuple(by_name[change.table].exact_change(change) for change in plan.changes)
    removed = tuple(by_name[gone.table].exact_removed(gone) for gone in plan.removed)
    problems = plan.problems + tuple(problem for table in tabled for problem in table.problems())
    return replace(plan, changes=tuple(c for c in changes if len(c.after)), removed=removed, problems=problems)
