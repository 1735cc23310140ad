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
from xlcrm.xlsx.cell_writer import Encoder
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.styles import MINIMAL, Styles
from xlcrm.xlsx.writing import apply_plan, blank_columns, cell_editor

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


# Columns that are filled for the first time: no cell is looked at by itself where all rows end in the same blank ones.

BLANK = '<c r="B{n}" s="1"/><c r="C{n}"/><c r="D{n}" s="2"/>'
FIRST = '<c r="A{n}" t="inlineStr"><is><t>x</t></is></c>'

# why -> what the rows end in, by row number; whether they are filled at once
ENDS: dict[str, tuple[dict[int, str], bool]] = {
    "the same blank cells": ({}, True),
    "a value in one of them": ({3: '<c r="B{n}" s="1"><v>5</v></c><c r="C{n}"/><c r="D{n}" s="2"/>'}, False),
    "a formula in one of them": ({3: '<c r="B{n}" s="1"><f>1+1</f></c><c r="C{n}"/><c r="D{n}" s="2"/>'}, False),
    "another style": ({3: BLANK.replace('s="1"', 's="2"')}, False),
    "one cell less": ({4: BLANK.replace('<c r="C{n}"/>', "")}, False),
    "one cell more": ({4: BLANK + '<c r="E{n}"/>'}, False),
    "a cell of another row": ({4: BLANK.replace("C{n}", "C9")}, False),
    "tags that open and close": ({n: BLANK.replace('<c r="C{n}"/>', '<c r="C{n}"></c>') for n in range(2, 7)}, False),
    "attributes of its own": ({n: BLANK.replace('r="C{n}"', 'r="C{n}" cm="1"') for n in range(2, 7)}, True),
    "a note behind them": (dict.fromkeys(range(2, 7), BLANK + '<c r="E{n}"><v>7</v></c>'), False),
    "something between them": ({n: BLANK.replace('<c r="C', ' <c r="C') for n in range(2, 7)}, False),
    "a style that is the row's number": ({n: BLANK.replace('s="1"', 's="2"') for n in range(2, 7)}, True),
}
# values of the columns B and D by row; a column may have none
WRITTEN: dict[str, dict[int, dict[int, Any]]] = {
    "every row": {2: dict(zip(range(2, 7), VALUES, strict=False)), 4: dict(zip(range(2, 7), VALUES[5:], strict=False))},
    "some rows": {2: {2: 1.0, 5: None, 6: "007"}, 4: {3: -0.0, 4: float("nan"), 5: 2**70, 6: dt.datetime(2024, 5, 6)}},
    "one column": {4: {2: "a", 3: "a", 4: "b", 5: "", 6: "#N/A"}},
    "a column that is not there": {2: dict.fromkeys(range(2, 7), 1.0), 7: {3: 2.0}},
}


def written(block: bytes, values: dict[int, dict[int, Any]]) -> tuple[bytes | None, list[list[Any]], int]:
    """The block after its edit, what was found in its cells, and how many styles there are."""
    formats = Styles(MINIMAL.replace(b'<cellXfs count="1">', b'<cellXfs count="3">' + DATE_XF * 2))
    encoder = Encoder(formats, date1904=False)
    columns = [cell_editor.ColumnEdit(number, rows, [], encoder) for number, rows in sorted(values.items())]
    pending = sorted(set().union(*values.values()))
    done = cell_editor.edited(block, columns, pending, lambda attributes, inner: inner)
    return done, [column.found for column in columns], formats.count


DATE_XF = b'<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"/>'


@pytest.mark.parametrize("values", WRITTEN)
@pytest.mark.parametrize("case", ENDS)
def test_blank_columns_are_filled_as_cell_by_cell(monkeypatch: pytest.MonkeyPatch, case: str, values: str) -> None:
    ends, at_once = ENDS[case]
    rows = (f'<row r="{n}">{(FIRST + ends.get(n, BLANK)).format(n=n)}</row>' for n in range(2, 7))
    block = "".join(rows).encode()
    done: list[bool] = []
    whole = blank_columns.filled

    def filled(*given: Any) -> bytes | None:
        found = whole(*given)
        done.append(found is not None)
        return found

    monkeypatch.setattr(blank_columns, "filled", filled)
    quick = written(block, WRITTEN[values])
    if values == "every row":
        assert done == [at_once]
    monkeypatch.setattr(blank_columns, "filled", lambda *_: None)
    assert quick == written(block, WRITTEN[values])
