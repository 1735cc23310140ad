"""The part writer on workbooks that Excel itself saved, with everything in them that people put into workbooks."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest
import python_calamine

from xlcrm.adapters import parts, snapshot
from xlcrm.adapters.lint import lint
from xlcrm.adapters.ranges import letters
from xlcrm.adapters.workbook import Workbook, open_workbook
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Plan, Removed, diff
from xlcrm.tables import Table

NUMBERS = ("01", "03", "05", "07", "09", *(str(n) for n in range(11, 56, 2)))
REFUSED = {"07": "workbook.shared", "19": "workbook.signed", "53": "file.encrypted"}
# tables with something under them that must not be overwritten
NO_ROOM = {"expected1", "expected2", "tblIncome", "RawInput"}
MAY_CHANGE = ("xl/workbook.xml", "xl/styles.xml", "xl/calcChain.xml")


class Done(NamedTuple):
    """One writing: what was done, the file before and after, and the parts that it may have touched."""

    what: str
    before: Path
    after: Path
    touched: set[str]


def source(shared_data: Path, number: str) -> Path:
    found = list((shared_data / "workbooks").glob(f"{number}_*"))
    if not found:
        pytest.skip(f"workbook {number} is missing from the shared data")
    return found[0]


def writings(path: Path, folder: Path) -> Iterator[Done]:
    """One cell changed on the first sheet; then, a table at a time, rows added, rows removed, a cell changed.

    Each writing starts from the file that the one before it left.
    """
    book = open_workbook(path)
    with book.package:
        sheet = next(s for s in book.sheets if s.kind == "worksheet")
        related = {info.part: {info.sheet.part, info.part, *comments(book, info.sheet.part)} for info in book.tables}
    free = cell_without_table(book, sheet.name)
    last = folder / f"cell{path.suffix}"
    parts.write_cells(path, last, sheet.name, {free: "007 prøve"})
    assert openpyxl.load_workbook(last)[sheet.name][free].value == "007 prøve"
    if calamine(path, sheet.name) is not None:
        assert "007 prøve" in {value for row in calamine(last, sheet.name) or [] for value in row}
    yield Done("one cell", path, last, {sheet.part})
    for info in book.tables:
        for what in ("add", "remove", "change"):
            tables = snapshot.read(last)
            target = folder / f"{what}-{info.name}{path.suffix}"
            plan = planned(tables[info.canonical], what)
            try:
                parts.apply_plan(last, target, plan, tables)
            except CrmError as refused:
                assert (refused.key, what) == ("apply.no_room", "add")
                assert info.name in NO_ROOM
                assert not target.exists()
                continue
            after = snapshot.read(target)[info.canonical].frame
            assert len(after) == rows_after(tables[info.canonical].frame, plan), (info.name, what)
            yield Done(f"{what} {info.name}", last, target, related[info.part])
            last = target


def planned(table: Table, what: str) -> Plan:
    frame = table.frame
    column = next(column for column in frame.columns if column not in table.formulas)
    if what == "add" or frame.empty:
        return Plan("test", added=(Added(table.name, pd.DataFrame({column: ["one", "two"]})),))
    if what == "remove":
        return Plan("test", removed=(Removed(table.name, frame.iloc[sorted({0, len(frame) - 1})]),))
    new = frame[[column]].astype(object)
    new.iloc[0, 0] = "changed"
    return Plan("test", changes=diff(table, new))


def rows_after(frame: pd.DataFrame, plan: Plan) -> int:
    return len(frame) + sum(len(a.rows) for a in plan.added) - sum(len(r.rows) for r in plan.removed)


def cell_without_table(book: Workbook, sheet: str) -> str:
    column = max([3, *(table.area.right + 2 for table in book.tables if table.sheet.name == sheet)])
    return f"{letters(column)}4"


def comments(book: Workbook, sheet: str) -> set[str]:
    kinds = ("comments", "threadedComment", "vmlDrawing")
    return {book.package.find(rel.target) for rel in book.package.rels(sheet) if rel.kind in kinds}


def calamine(path: Path, sheet: str) -> list[list[object]] | None:
    """A sheet as calamine reads it; None where it cannot read the workbook (it does not know macro sheets)."""
    try:
        rows: list[list[object]] = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    except python_calamine.CalamineError:
        return None
    return rows


class Entry(NamedTuple):
    content: bytes
    time: tuple[int, ...]
    compressed: bytes


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


def without_values(xml: bytes) -> bytes:
    """A sheet without the values that its formulas last had: the only thing that another sheet's change may take."""
    cell = re.compile(rb"(<c\b[^>]*?)(?: t=\"\w+\")?([^>]*?>\s*<f\b[^<]*(?:</f>)?)(?:<v>[^<]*</v>)?")
    return cell.sub(rb"\1\2", xml)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_real_workbook(
    shared_data: Path,
    tmp_path: Path,
    validate_ooxml: Callable[..., list[str]],
    soffice: Callable[..., Path],
    number: str,
) -> None:
    path = source(shared_data, number)
    if number in REFUSED:
        with pytest.raises(CrmError) as refused:
            parts.write_cells(path, tmp_path / "t.xlsx", "Sheet1", {"B2": 1})
        assert refused.value.key == REFUSED[number]
        assert not (tmp_path / "t.xlsx").exists()
        return
    book = open_workbook(path)
    book.package.close()
    sheets = {sheet.part for sheet in book.sheets}
    last = path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells what it would drop
        for done in writings(path, tmp_path):
            before, after = raw(done.before), raw(done.after)
            assert list(after) == list(before), "entries and their order"
            assert {name for name in before if before[name].time != after[name].time} == set()
            changed = {name for name in before if before[name] != after[name]} - done.touched - set(MAY_CHANGE)
            assert changed <= sheets, done.what
            for name in changed:
                assert without_values(before[name].content) == without_values(after[name].content), (done.what, name)
            assert lint(done.after) == [], done.what
            last = done.after
    assert set(validate_ooxml(last)) <= set(validate_ooxml(path))
    assert soffice(last).stat().st_size > 0
