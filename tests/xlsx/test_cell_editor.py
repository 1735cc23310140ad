"""Changing a block of rows that look alike column by column writes the very cells that going row by row writes."""

from __future__ import annotations

import datetime as dt
import random
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import Font

from tests.xlsx.test_read_tables import SHEET, book, edited
from xlcrm.errors import CrmError
from xlcrm.plan import Change, Plan
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan, cell_editor

HEADERS = ["client_id", "Mine", "Number", "Day", "Mixed"]
VALUES: list[Any] = ["x", "007", "=a", "", None, 1.5, 3.0, -2.25, dt.datetime(2024, 5, 6), True, "a & <b>", 1e20, 1e-7]
ALIKE = 40


def workbook(folder: Path, *, holes: bool = False) -> Path:
    chance = random.Random(3)
    rows: list[list[Any]] = [HEADERS]
    for i in range(ALIKE):
        held = [chance.choice(["y", "z & z", 5, 7.25, dt.datetime(2023, 1, 2)]) for _ in HEADERS[1:]]
        rows.append([f"C{i}", *held])

    def after(sheet: Any) -> None:
        for row in range(2, ALIKE + 2):
            for column in range(2, 6):
                cell = sheet.cell(row, column)
                if chance.random() < 0.4:
                    cell.value, cell.font = None, Font(bold=chance.random() < 0.5, italic=not holes)
        if holes:
            del sheet._cells[9, 3]

    return book(folder / "b.xlsx", rows, after=after)


def plan(path: Path, rows: range, *, columns: list[str]) -> Plan:
    chance = random.Random(5)
    table = read_tables.read(path)["Clients"]
    keys = table.frame["client_id"]
    changes = []
    for column in columns:
        at = pd.Index([row for row in rows if chance.random() < 0.8])
        after = pd.Series([chance.choice(VALUES) for _ in at], index=at, dtype=object)
        changes.append(Change("Clients", column, table.frame[column].loc[at], after, keys.loc[at]))
    return Plan("test", changes=tuple(changes))


def applied(path: Path, work: Plan) -> tuple[bytes, Plan]:
    target = path.with_name("out.xlsx")
    done = apply_plan.apply_plan(path, target, work, read_tables.read(path))
    with zipfile.ZipFile(target) as package:
        return package.read(SHEET), done


def cells(path: Path) -> list[tuple[Any, ...]]:
    """What the written workbook holds: styles by what they say, for their numbers come in the order of their need."""
    sheet = openpyxl.load_workbook(path.with_name("out.xlsx")).active
    assert sheet is not None
    every = [cell for row in sheet.iter_rows() for cell in row]
    return [(cell.coordinate, cell.value, cell.data_type, cell.number_format, cell.font.b) for cell in every]


@pytest.mark.parametrize(
    ("rows", "columns", "holes", "at_once", "why"),
    [
        (range(ALIKE), HEADERS[1:], False, True, "most cells of all rows"),
        (range(5, 30), ["Number", "Mixed"], False, True, "rows in the middle, columns apart"),
        (range(ALIKE), ["Mixed"], True, True, "a gap left of the first column that is written"),
        (range(ALIKE), ["Number"], True, False, "a gap in the column itself"),
        (range(3), ["Number"], False, False, "so few rows that they are looked up one by one"),
    ],
)
def test_both_ways_write_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: range,
    columns: list[str],
    holes: bool,
    at_once: bool,
    why: str,
) -> None:
    path = workbook(tmp_path, holes=holes)
    work = plan(path, rows, columns=columns)
    used: list[bool] = []
    edit = cell_editor.edited

    def noted(*given: Any) -> bytes | None:
        found = edit(*given)
        used.append(found is not None)
        return found

    monkeypatch.setattr(cell_editor, "edited", noted)
    _, done = applied(path, work)
    at_once_cells = cells(path)
    assert any(used) is at_once, why
    monkeypatch.setattr(cell_editor, "edited", lambda *given: None)
    _, other_done = applied(path, work)
    assert at_once_cells == cells(path)
    for one, other in zip(done.changes, other_done.changes, strict=True):
        pd.testing.assert_series_equal(one.before, other.before)


def test_a_formula_in_the_block_stays(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    edited(path, SHEET, lambda xml: xml.replace('<c r="C9"', '<c r="C9"><f>1+1</f><v>2</v></c><c r="C9x"', 1))
    edited(path, SHEET, lambda xml: xml[: xml.index('<c r="C9x"')] + xml[xml.index('<c r="D9"') :])
    work = plan(path, range(ALIKE), columns=["Number", "Day"])
    sheet, done = applied(path, work)
    assert b"<f>1+1</f>" in sheet
    if 7 in work.changes[0].after.index:
        assert [problem.row for problem in done.problems] == [9]


def test_a_cell_that_is_not_what_the_plan_expects_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    work = plan(path, range(ALIKE), columns=["Number", "Day"])
    at = work.changes[0].before.index[3]
    work.changes[0].before[at] = "something else"
    with pytest.raises(CrmError) as refused:
        applied(path, work)
    assert refused.value.key == "apply.moved"
    assert refused.value.values["row"] == at + 2
