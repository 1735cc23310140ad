"""One writing of a workbook: from the work on its sheets to the parts that differ, and the new package."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from xlcrm.xlsx import formulas, guard, sheet_scan, worksheet_xml, xml_parts
from xlcrm.xlsx.package import rels_name
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.reading import exact_cells
from xlcrm.xlsx.workbook import Sheet, Workbook
from xlcrm.xlsx.writing import anchors, calc, headers, references, refusals, sheet_changes, sheet_references, table_part
from xlcrm.xlsx.writing.formula_cells import FormulaCells
from xlcrm.xlsx.writing.row_moves import RowMap, moved_area
from xlcrm.xlsx.writing.sheet_changes import SheetWork
from xlcrm.xlsx.writing.stale_formulas import Dirty, stale_cells
from xlcrm.xlsx.zip_writer import Packed, pack

Changed = dict[str, bytes | Packed]
Stale = dict[str, set[tuple[int, int]]]


def write(book: Workbook, target: Path, works: list[SheetWork]) -> None:
    """Write the workbook with the work done to `target`. All checks come before the first byte is written."""
    refusals.check(book)
    for work in works:
        refusals.check_sheet(book, work.sheet)
    for work in works:
        work.make_room(book)
    formats = exact_cells.read_styles(book)
    values = exact_cells.decoder(book, formats)
    move = references.mover(works)
    calculated = [s for s in book.sheets if s.kind == "worksheet" and sheet_scan.has_formulas(book.package, s.part)]
    stale: Stale = {}
    if calculated:
        dirty = Dirty()
        for work in works:
            work.soil(dirty)
        stale = stale_cells(book, dirty)
    changed: Changed = {}
    for work in works:
        part = work.sheet.part
        changed[part] = pack(sheet_changes.rewritten(book, work, formats, values, move, stale.get(part, set())))
        changed.update(headers.renamed(book, work))
        changed.update(anchors.followed(book, work))
        for table in work.tables:
            table.check()
            if table.rowmap.moves or table.new_headers:
                changed[table.info.part] = table_part.rewritten(
                    xml_parts.plain(book.package.read(table.info.part)), table
                )
        _lower_tables(book, work, changed)
    done = {work.sheet.part for work in works}
    for sheet in book.sheets:
        if sheet.kind == "worksheet" and sheet.part not in done:
            _other_sheet(book, sheet, works, stale.get(sheet.part, set()), move, changed)
    changed.update(references.charts_and_pivots(book, works, move))
    if formats.changed:
        changed[book.related("styles")] = formats.data()
    dropped = _calculation(book, works, move, bool(calculated), changed)
    book.package.write(target, changed, dropped=dropped)


def _lower_tables(book: Workbook, work: SheetWork, changed: Changed) -> None:
    """The parts of tables that go down because one above them grows."""
    for info in book.tables:
        above = [rowmap for rowmap in work.above(info) if rowmap.room.down] if info.sheet == work.sheet else []
        area = moved_area(info.area, above)
        if area is None or area.top == info.area.top:
            continue
        data = changed.get(info.part, b"")
        data = data if isinstance(data, bytes) and data else xml_parts.plain(book.package.read(info.part))

        def move(sheet: str, area: Area, grow: bool, above: list[RowMap] = above) -> Area | None:
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
    if not stale and (not moves or _refers_to_nothing_moved(book, sheet, move)):
        return
    if not stale and not references.mentions(guard.clean(book.package.chunks(sheet.part)), works):
        return
    cells = FormulaCells(sheet.name, move if moves else None, stale)
    seen = [b""]
    differs = False

    def read() -> Iterator[tuple[str, bytes]]:
        for kind, data in worksheet_xml.read(book.package, sheet.part):
            seen[0] = data
            yield kind, data

    def written() -> Iterator[bytes]:
        nonlocal differs
        for kind, data in cells.rewritten(read()):
            tail = kind == worksheet_xml.TAIL and moves
            new = sheet_references.followed(data, sheet.name, lambda area: area, move) if tail else data
            differs = differs or new != seen[0]
            yield new

    packed = pack(written())
    if differs:
        changed[sheet.part] = packed


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
        new = calc.full_calculation(new)
    if new != data:
        changed[book.part] = new
    part = book.related("calcChain")
    if not part:
        return set()
    chain = xml_parts.plain(book.package.read(part))
    left = calc.chain(chain, works)
    if left and left != chain:
        changed[part] = left
    if left:
        return set()
    # an empty chain is no valid part: it goes, with what points to it
    types = book.package.find("[Content_Types].xml")
    rels = book.package.find(rels_name(book.part))
    changed[types] = calc.without(xml_parts.plain(book.package.read(types)), part)
    changed[rels] = calc.without(xml_parts.plain(book.package.read(rels)), part)
    return {part}
