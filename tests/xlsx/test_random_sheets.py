"""Random plans on random sheets by random writers: tables on, beside and under each other, with things all around."""

from __future__ import annotations

import datetime as dt
import random
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table as OpenpyxlTable
from openpyxl.worksheet.table import TableFormula
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.typed_openpyxl import bounds, initialise_columns
from tests.support.workbook_compare import compared
from tests.xlsx.test_other_writers import WRITERS, packed
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Plan, Removed, diff
from xlcrm.tables import Table
from xlcrm.undo.undo import inverse
from xlcrm.values import same_value
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

VALUES = [
    None,
    "text",
    "007",
    "=x",
    " two\nlines ",
    5,
    -0.1,
    1.5e-7,
    True,
    False,
    dt.datetime(2024, 2, 29, 13, 45),
    "#N/A",
]
HEADERS = ["Name", "Größe", "it's", "a\nb", "x & <y>", "#1", "名前"]


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32))
@example(seed=182078)  # a row whose cells become blank, but for the text "=x", while a row is added
def test_random_plans_on_a_random_sheet(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("random")
    last = built(folder, chance)
    for step in range(chance.randint(1, 3)):
        tables = read_tables.read(last)
        table = tables[chance.choice(list(tables))]
        plan = random_plan(table, chance, step)
        target = folder / f"{step}.xlsx"
        if not plan.touches_workbook:
            continue
        try:
            done = apply_plan.apply_plan(last, target, plan, tables)
        except CrmError as refused:
            assert refused.key == "apply.no_room"
            assert not target.exists()
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrong = [w for w in compared(last, target, table.name, plan) if not w.endswith(": changed")]
        assert wrong == []
        back = folder / f"{step}-undone.xlsx"
        now = read_tables.read(target)
        apply_plan.apply_plan(target, back, inverse(done, now), now)
        gone = [position for removed in plan.removed for position in removed.rows.index]
        old = pd.concat([table.frame.drop(index=gone), table.frame.loc[gone]])
        new = read_tables.read(back)[table.name].frame
        typed = [c for c in old.columns if c not in table.formulas]
        assert len(old) == len(new)
        differing = [(a, b) for c in typed for a, b in zip(old[c], new[c], strict=True) if not same_value(a, b)]
        assert differing == []
        last = target


def built(folder: Path, chance: random.Random) -> Path:
    """Up to three tables, each under or beside the one before; texts, formulas and comments where there is room."""
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = chance.choice(["S", "A & b's", "Über"])
    top, left = chance.randint(1, 3), chance.randint(1, 3)
    for number in range(chance.randint(1, 3)):
        height, width = add_table(sheet, chance, f"T{number}", top, left)
        if chance.random() < 0.6:
            top += height + chance.randint(0, 3)
        else:
            left += width + chance.randint(0, 2)
    for _ in range(chance.randint(0, 12)):
        row, column = chance.randint(1, 40), chance.randint(1, 14)
        cell = sheet.cell(row, column)
        if not any(within(row, column, ref) for _, ref in sheet.tables.items()):
            beside: list[str | int] = ["note", 7, "=B2", "=SUM(B2:C30)", "beside"]
            cell.value = chance.choice(beside)
            if chance.random() < 0.3:
                cell.comment = Comment("about it", "me")
    whole.create_sheet("Other")["A1"] = f"='{sheet.title.replace(chr(39), chr(39) * 2)}'!B3"
    path = folder / "excel.xlsx"
    whole.save(path)
    # openpyxl, which compares, knows only little of the strict edition; Latin-1 has no letters for some headers
    how = chance.choice(["as it is", *(how for how in WRITERS if how not in ("the strict edition", "Latin-1"))])
    if how == "as it is":
        return path
    with zipfile.ZipFile(path) as package:
        entries = {name: package.read(name) for name in package.namelist()}
    changed = {n: WRITERS[how](n, d) if n.endswith((".xml", ".rels")) else d for n, d in entries.items()}
    return packed(folder / "other.xlsx", changed)


def add_table(sheet: Worksheet, chance: random.Random, name: str, top: int, left: int) -> tuple[int, int]:
    rows, width, totals = chance.randint(1, 6), chance.randint(1, 4), chance.random() < 0.3
    headers = chance.sample(HEADERS, width)
    calculated = width if width > 1 and chance.random() < 0.5 else 0
    for i, header in enumerate(headers):
        sheet.cell(top, left + i).value = header
        few = chance.sample(VALUES, chance.choice([1, 2, 4]))
        for row in range(top + 1, top + rows + 1):
            first = f"={sheet.cell(row, left).coordinate}&1"
            sheet.cell(row, left + i).value = (
                first if i + 1 == calculated else _typed(sheet, row, left + i, few, chance)
            )
    if totals:
        sheet.cell(top + rows + 1, left).value = "Total"
    bottom = sheet.cell(top + rows + totals, left + width - 1).coordinate
    made = OpenpyxlTable(displayName=name, ref=f"{sheet.cell(top, left).coordinate}:{bottom}")
    initialise_columns(made)
    for column, header in zip(made.tableColumns, headers, strict=True):
        column.name = header.replace("\n", "_x000a_")
    if calculated:
        text = f"{sheet.cell(top + 1, left).coordinate}&1"
        made.tableColumns[calculated - 1].calculatedColumnFormula = TableFormula(attr_text=text)
    if totals:
        made.totalsRowCount = 1
        made.autoFilter = None
        made.tableColumns[0].totalsRowLabel = "Total"
    sheet.add_table(made)
    return rows + 1 + totals, width


def _typed(sheet: Worksheet, row: int, column: int, few: list[Any], chance: random.Random) -> Any:
    value = chance.choice(few)
    if isinstance(value, str):
        sheet.cell(row, column).data_type = "s"
    return value if value != "=x" else "'=x"


def within(row: int, column: int, ref: str) -> bool:
    left, top, right, bottom = bounds(ref)
    return bool(top <= row <= bottom and left <= column <= right)


def random_plan(table: Table, chance: random.Random, step: int) -> Plan:
    typed = [c for c in table.frame.columns if c not in table.formulas]
    new = table.frame[typed].astype(object).copy()
    for c in typed:
        for i in range(len(new)):
            if chance.random() < 0.3:
                new.loc[i, c] = chance.choice(VALUES)
    gone = sorted(chance.sample(range(len(new)), chance.choice([0, 0, 1, len(new)]) if len(new) else 0))
    added = {c: [f"new {step} {i}" for i in range(chance.randint(0, 4))] for c in typed[:1]}
    count = len(added[typed[0]])
    return Plan(
        "test",
        changes=tuple(diff(table, new.drop(index=gone))),
        removed=(Removed(table.name, table.frame.iloc[gone]),) if gone else (),
        added=(Added(table.name, pd.DataFrame(added)),) if count else (),
    )
