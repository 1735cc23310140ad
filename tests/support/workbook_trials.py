"""What a writing must not do to a workbook, tried step by step, so that tests and the benchmark ask for the same."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tests.support.workbook_compare import calamine, compared, differences, loaded
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Plan, Removed, diff
from xlcrm.tables import Table
from xlcrm.undo.undo import inverse
from xlcrm.values import same_value
from xlcrm.xlsx.ranges import letters
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.workbook import Workbook, open_workbook
from xlcrm.xlsx.writing import apply_plan


@dataclass
class Trial:
    """What came of one workbook. `written` and `refused` are steps; `wrong` is what must not be; `last` the result."""

    path: Path
    last: Path
    written: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def tried(path: Path, folder: Path) -> Trial:
    """One cell changed on the first sheet; then in each table a cell changed, rows added and removed, all undone.

    Each step starts from the file that the one before it left.
    """
    trial = Trial(path, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells what it would drop
        try:
            book = open_workbook(path)
        except CrmError as refused:
            trial.refused.append(("open", refused.key))
            return trial
        book.package.close()
        _one_cell(trial, book, folder)
        for info in book.tables:
            for what in ("change", "add", "remove"):
                _step(trial, info.canonical, what, folder)
    return trial


def _one_cell(trial: Trial, book: Workbook, folder: Path) -> None:
    sheet = next((s for s in book.sheets if s.kind == "worksheet"), None)
    if sheet is None:
        trial.refused.append(("one cell", "no worksheet"))
        return
    right = max([0, *(table.area.right for table in book.tables if table.sheet == sheet)])
    cell = f"{letters(right + 2)}4" if right < 16_000 else "A1"
    target = folder / f"cell{trial.path.suffix}"
    try:
        apply_plan.write_cells(trial.path, target, sheet.name, {cell: "007 prøve"})
    except CrmError as refused:
        trial.refused.append(("one cell", refused.key))
        trial.wrong += ["one cell: refused, but there is a file"] if target.exists() else []
        return
    trial.wrong += [f"one cell: {w}" for w in differences(trial.path, target, {sheet.part})]
    one, two = loaded(trial.path), loaded(target)
    if one and sheet.name in one.sheetnames and (not two or two[sheet.name][cell].value != "007 prøve"):
        trial.wrong.append("one cell: openpyxl does not read it")
    rows = calamine(target, sheet.name)
    if rows is not None and calamine(trial.path, sheet.name) is not None and not any("007 prøve" in r for r in rows):
        trial.wrong.append("one cell: calamine does not read it")
    trial.written.append("one cell")
    trial.last = target


def _step(trial: Trial, name: str, what: str, folder: Path) -> None:
    tables = read_tables.read(trial.last)
    plan = planned(tables[name], what)
    step = f"{what} {name}"
    before = trial.last
    target = folder / f"{len(trial.written)}{trial.path.suffix}"
    try:
        done = apply_plan.apply_plan(before, target, plan, tables)
    except CrmError as refused:
        trial.refused.append((step, refused.key))
        trial.wrong += [f"{step}: refused, but there is a file"] if target.exists() else []
        return
    trial.wrong += [f"{step}: {w}" for w in compared(before, target, name, plan)]
    trial.written.append(step)
    trial.last = target
    if name == "Changes":
        return  # the list of runs is a record: nothing takes it back
    back = folder / f"{len(trial.written)}-undone{trial.path.suffix}"
    try:
        now = read_tables.read(target)
        apply_plan.apply_plan(target, back, inverse(done, now), now)
    except CrmError as refused:
        trial.wrong.append(f"{step}: cannot be undone: {refused.key} {refused.values}")
        return
    old, new = tables[name].frame, read_tables.read(back)[name].frame
    if what == "remove" and len(old) == len(new):  # they come back under the others
        gone = list(plan.removed[0].rows.index) if plan.removed else []
        old = pd.concat([old.drop(index=gone), old.loc[gone]])
    typed = [c for c in old.columns if c not in tables[name].formulas]
    pairs = [(a, b) for c in typed for a, b in zip(old[c], new[c], strict=False)]
    kept = any(problem.code == "apply.formula_kept" for problem in done.problems)  # it has no value until calculated
    if len(old) != len(new) or not (kept or all(same_value(a, b) for a, b in pairs)):
        trial.wrong.append(f"{step}: undone, it is not what it was")


def planned(table: Table, what: str) -> Plan:
    frame = table.frame
    typed = [c for c in frame.columns if c not in table.formulas]
    if what == "add" or frame.empty:
        values: list[list[Any]] = [[f"=one {len(frame)}", f"00{len(frame)}"], [2.5, 3], [None, "x"], [True, None]]
        rows = {c: values[i % len(values)] for i, c in enumerate(typed)}
        return Plan("test", added=(Added(table.name, pd.DataFrame(rows)),))
    if what == "remove":
        return Plan("test", removed=(Removed(table.name, frame.iloc[sorted({0, len(frame) - 1})]),))
    new = frame[typed].astype(object).copy()
    for c in typed:
        new.loc[0, c] = "changed"
        new.loc[len(new) - 1, c] = 41.5
    return Plan("test", changes=diff(table, new))
