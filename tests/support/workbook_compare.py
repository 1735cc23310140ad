"""What two files must have alike after a plan for one table: bytes of the other parts, rows, every other cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import python_calamine
from openpyxl.utils.escape import unescape

from xlcrm.plan import Plan
from xlcrm.values import same_value
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.lint import lint
from xlcrm.xlsx.workbook import TableInfo, open_workbook

MAY_CHANGE = ("xl/workbook.xml", "xl/styles.xml", "xl/calcchain.xml")
COMMENTS = ("comments", "threadedComment", "vmlDrawing")
# parts that may point at cells: they may follow, in what points and in nothing else
_POINTS = re.compile(
    rb"<((?:\w+:)?)(?:f|formula[12]?|xm:f|xm:sqref|definedName)(?:\s[^>]*)?(?:/>|>[^<]*</[^>]*>)"
    rb"""|(?<=\s)(?:ref|sqref|fmlaLink|fmlaRange|textlink|cell|linkedCell|listFillRange|r|spans)=["'][^"']*["']"""
    rb"|<x:(?:FmlaLink|FmlaRange|FmlaPict)>[^<]*<"
)
_VALUE = re.compile(
    rb"<(?:\w+:)?v(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?v>)"
    rb"|(?<=<c)\s+t=[\"']\w+[\"']|\st=[\"'](?:str|b|e|n)[\"']"
)
_REFERENCE = re.compile(r"\$?[A-Z]{1,3}\$?\d+|#REF!|\d+")


class Entry(NamedTuple):
    content: bytes
    time: tuple[int, ...]
    compressed: bytes


def compared(before: Path, after: Path, name: str, plan: Plan) -> Iterator[str]:
    """What is wrong with a file that a plan for one table was applied to."""
    book = open_workbook(before)
    with book.package:
        info = book.table(name)
        rels = book.package.rels(info.sheet.part)
        touched = {info.sheet.part, *(table.part for table in book.tables if table.sheet == info.sheet)}
        touched |= {book.package.find(rel.target) for rel in rels if rel.kind in COMMENTS}
    yield from differences(before, after, touched)
    new = open_workbook(after)
    new.package.close()
    yield from rows_and_neighbours(before, after, info, new.table(name), plan)


def differences(before: Path, after: Path, touched: set[str]) -> Iterator[str]:
    """Entries, their order, times and bytes: only `touched` ones may differ, others in what points at cells alone."""
    old, new = raw(before), raw(after)
    dropped = [name for name in old if name not in new]
    if list(new) != [name for name in old if name in new] or any("calcchain" not in n.lower() for n in dropped):
        yield "entries or their order differ"
        return
    for name, entry in new.items():
        if entry.time != old[name].time:
            yield f"{name}: another time"
        if entry == old[name] or name in touched or name.replace("\\", "/").lower() in MAY_CHANGE:
            continue
        if dropped and name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            continue
        if not name.lower().endswith((".xml", ".rels")) or _bare(entry.content) != _bare(old[name].content):
            yield f"{name}: changed"
    known = {(f.rule, f.part) for f in lint(before)}
    yield from (f"lint: {f}" for f in lint(after) if (f.rule, f.part) not in known)


def _bare(xml: bytes) -> bytes:
    """A part without what points at cells, last values, and the way in which it is written."""
    return re.sub(rb"\s+", b"", _VALUE.sub(b"", _POINTS.sub(b"", xml_parts.plain(xml))))


def rows_and_neighbours(before: Path, after: Path, old: TableInfo, new: TableInfo, plan: Plan) -> Iterator[str]:
    """The table's rows are those planned, and every other cell of the workbook is there as it was."""
    one, two = loaded(before), loaded(after)
    if one is None or two is None or old.sheet.name not in one.sheetnames:
        if one is not None and two is None:
            yield "openpyxl does not read it"
        return
    a, b = one[old.sheet.name], two[new.sheet.name]
    columns = range(old.area.left, old.area.right + 1)
    rows: list[list[Any]] = [[a.cell(r, c).value for c in columns] for r in range(old.first_row, old.last_row + 1)]
    names = old.columns()
    # Excel keeps one blank row in a table without rows; what stands there before the plan decides, not what it writes
    blank = len(old) == 1 and not any(_typed_in(a.cell(old.first_row, c)) for c in columns)
    for change in plan.changes:
        at = names.index(change.column)
        for position, value in change.after.items():
            row = rows[int(str(position))]
            row[at] = row[at] if is_formula(row[at]) else value  # a formula in the way is kept
    gone = {int(str(p)) for removed in plan.removed for p in removed.rows.index}
    rows = [row for i, row in enumerate(rows) if i not in gone]
    if plan.added and blank:
        rows = []
    for part in plan.added:
        rows += [[part.rows[n].iloc[i] if n in part.rows else KEEP for n in names] for i in range(len(part.rows))]
    rows = rows or [[KEEP] * len(names)]
    found = [[b.cell(r, c).value for c in columns] for r in range(new.first_row, new.last_row + 1)]
    if len(found) != len(rows):
        yield f"{len(found)} rows, not {len(rows)}"
    for i, (want, have) in enumerate(zip(rows, found, strict=False)):
        yield from (f"row {i} {n}: {w!r} is {h!r}" for n, w, h in zip(names, want, have, strict=True) if differs(w, h))
    fast = calamine(after, new.sheet.name, new)
    if fast is not None and calamine(before, old.sheet.name, old) is not None:
        for i, (want, have) in enumerate(zip(rows, fast, strict=False)):
            pairs = zip(names, want, have, strict=False)
            yield from (f"calamine, row {i} {n}: {w!r} is {h!r}" for n, w, h in pairs if differs(w, h, loose=True))
    yield from _others(one, two, old, new)


KEEP = object()


def differs(wanted: Any, found: Any, *, loose: bool = False) -> bool:
    """Whether a cell is not what it should be; what a formula shows or reads after a move is not looked at here."""
    if wanted is KEEP or not plain(wanted):
        return wanted is not KEEP and plain(found) and not is_formula(found)
    if is_formula(wanted) and not wanted.startswith("=one"):
        return False
    if loose and (not isinstance(wanted, (str, float, int)) or str(wanted).startswith("#")):
        return False  # calamine has dates of its own, and no errors
    return not same_value(_text(wanted), _text(found))


def _typed_in(cell: Any) -> bool:
    """Whether somebody typed something into a cell; a text that begins with "=" is no formula."""
    return plain(cell.value) and cell.data_type != "f"


def is_formula(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("=")) or hasattr(value, "ref")


def plain(value: Any) -> bool:
    """Whether there is anything in a cell."""
    return value is not None and value != "" and value == value


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return unescape(value).replace("\r\n", "\n").replace("\r", "\n")
    return value


def _others(one: openpyxl.Workbook, two: openpyxl.Workbook, old: TableInfo, new: TableInfo) -> Iterator[str]:
    for sheet in one.worksheets:
        here = sheet.title == old.sheet.name
        a = _cells(sheet, old if here else None)
        b = _cells(two[sheet.title], new if here else None)
        for place in sorted({*a, *b}):
            if a.get(place) != b.get(place):
                yield f"{sheet.title} {place}: {a.get(place)!r} is {b.get(place)!r}"


def _cells(sheet: Any, table: TableInfo | None) -> dict[Any, Any]:
    """The cells outside a table; under it they are counted, not placed, because they may go down together."""
    found: dict[Any, Any] = {}
    under: dict[int, int] = {}
    for row in sheet.iter_rows():
        for cell in row:
            value = cell.value
            if not plain(value) or (table and table.area.holds(cell.row, cell.column)):
                continue
            value = _REFERENCE.sub("?", str(getattr(value, "text", value))) if is_formula(value) else value
            if table and cell.row > table.area.bottom and table.area.left <= cell.column <= table.area.right:
                under[cell.column] = under.get(cell.column, 0) + 1
                found["under", cell.column, under[cell.column]] = value
            else:
                found[cell.row, cell.column] = value
    return {str(place): value for place, value in found.items()}


def loaded(path: Path) -> openpyxl.Workbook | None:
    """A workbook as openpyxl reads it; None where it cannot (it knows neither UTF-16 nor backslashes in names)."""
    try:
        return openpyxl.load_workbook(path)
    except Exception:  # noqa: BLE001 - whatever it stumbles over
        return None


def calamine(path: Path, sheet: str, table: TableInfo | None = None) -> list[list[Any]] | None:
    """A sheet, or the rows of a table on it, as calamine reads it; None where it cannot read the workbook."""
    try:
        found = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(sheet)
        rows: list[list[Any]] = found.to_python(skip_empty_area=False)
    except python_calamine.CalamineError:
        return None
    if table is None:
        return rows
    area = table.data
    return [row[area.left - 1 : area.right] for row in rows[area.top - 1 : area.bottom]]


def raw(path: Path) -> dict[str, Entry]:
    """Every entry in order, with its compressed bytes as they stand."""
    found = {}
    with zipfile.ZipFile(path) as package, path.open("rb") as file:
        for info in package.infolist():
            file.seek(info.header_offset + 26)
            name, extra = int.from_bytes(file.read(2), "little"), int.from_bytes(file.read(2), "little")
            file.seek(name + extra, 1)
            found[info.filename] = Entry(package.read(info), info.date_time, file.read(info.compress_size))
    return found
