"""Random plans on random tables: the rows come out as the plan says, and nothing beside the table moves."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.table import Table as OpenpyxlTable

from tests.support.fuzz import seeds
from xlcrm.plan import Added, Plan, Removed, diff
from xlcrm.xlsx.lint import lint
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

COLUMNS = ["client_id", "full_name", "turnover", "birth_date", "Mine", "Calculated"]
TYPED = ["full_name", "turnover", "Mine"]


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", seeds(40))
def test_a_random_plan(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    source, target = tmp_path / "source.xlsx", tmp_path / "target.xlsx"
    beside = build(source, chance)
    tables = read_tables.read(source)
    table = tables["Clients"]
    plan, expected = random_plan(table.frame, chance, tables)
    if not plan.touches_workbook:
        plan = Plan("test", added=(Added("Clients", pd.DataFrame({"client_id": ["N0"]})),))
        expected = [*expected, ["N0", None, None, None]]
    done = apply_plan.apply_plan(source, target, plan, tables)
    assert lint(target) == []
    sheet = openpyxl.load_workbook(target)["Clients"]
    found = [[sheet.cell(row, column).value for column in (1, 2, 3, 5)] for row in range(2, 2 + len(expected))]
    assert found == expected
    height = max(len(expected), 1)
    assert [sheet.cell(row, 6).value for row in range(2, 2 + height)] == [f"=C{row}*2" for row in range(2, 2 + height)]
    assert all(sheet.cell(row, column).value is None for row in range(2 + height, 30) for column in range(1, 7))
    assert {row: sheet.cell(row, 8).value for row in range(1, 30)} == beside
    if done.removed:
        gone = list(done.removed[0].rows["client_id"])
        assert gone == [f"C{position}" for position in done.removed[0].rows.index]


def build(path: Path, chance: random.Random) -> dict[int, str | None]:
    """A table of one to twelve rows with cells beside it; returns these."""
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = "Clients"
    sheet.append(COLUMNS)
    count = chance.randint(1, 12)
    for i in range(count):
        name = chance.choice([None, "Anna", "007", " x "])
        born = chance.choice([None, dt.datetime(2020, 1, 1), "1.2.2020"])
        mine = chance.choice([None, 5, "a"])
        sheet.append([f"C{i}", name, chance.choice([None, 1, 2.5, "viel"]), born, mine, f"=C{i + 2}*2"])
    beside = {row: f"beside {row}" if chance.random() < 0.4 else None for row in range(1, 30)}
    for row, text in beside.items():
        if text:
            sheet.cell(row, 8).value = text
    sheet.add_table(OpenpyxlTable(displayName="Clients", ref=f"A1:F{count + 1}"))
    whole.save(path)
    return beside


def random_plan(frame: pd.DataFrame, chance: random.Random, tables: Any) -> tuple[Plan, list[list[Any]]]:
    """A plan, and what client_id, full_name, turnover and Mine must hold afterwards."""
    sheet = {i: values_of(tables, frame, i) for i in range(len(frame))}
    new = frame[TYPED].astype(object).copy()
    for column in TYPED:
        for i in range(len(new)):
            if chance.random() < 0.3:
                value = chance.choice([None, "neu", "=x", 3.5, 7])
                new.loc[i, column] = value
                sheet[i][["client_id", *TYPED].index(column)] = value
    removed = sorted(chance.sample(range(len(frame)), chance.randint(0, len(frame))))
    added = [[f"N{i}", None, float(i), None] for i in range(chance.randint(0, 4))]
    rows = pd.DataFrame({"client_id": [row[0] for row in added], "turnover": [row[2] for row in added]})
    plan = Plan(
        "test",
        changes=diff(tables["Clients"], new),
        removed=(Removed("Clients", frame.iloc[removed]),) if removed else (),
        added=(Added("Clients", rows),) if added else (),
    )
    return plan, [sheet[i] for i in range(len(frame)) if i not in removed] + added


def values_of(tables: Any, frame: pd.DataFrame, i: int) -> list[Any]:
    """A row as openpyxl shows it: blanks are None, and a number that the reader took for text is a number."""
    row: list[Any] = []
    for column in ["client_id", *TYPED]:
        value: Any = frame.loc[i, column]
        blank = value is None or value == "" or value != value
        row.append(None if blank else 5 if value == "5" else value)
    return row
