"""Undo on random histories: runs, and people who sort, edit, insert, delete and rename, held against a model."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.worksheet.table import Table as ExcelTable

from benchmarks.resumable import Proof
from tests.support.histories import COLUMNS, DEEDS, Model, Run
from xlcrm import words
from xlcrm.actions import ACTIONS, Action
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, Plan, Removed
from xlcrm.run import run as run_action
from xlcrm.session import Call, open_session
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables

RIGHT = frozenset({"right", "refused more"})
NOW = dt.datetime(2026, 11, 22, 8, 0)
STEPS = 7


def write(path: Path, rows: list[tuple[str, ...]]) -> None:
    """The workbook as another program saves it."""
    book: Any = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Clients"
    for down, row in enumerate([tuple(words.header("Clients", column) for column in COLUMNS), *rows], 1):
        for across, value in enumerate(row, 1):
            made = sheet.cell(down, across)
            made.value = value or None
            made.data_type = "s" if value else "n"
    sheet.add_table(ExcelTable(displayName="Clients", ref=f"A1:E{len(rows) + 1}"))
    book.save(path)


def read(path: Path) -> list[tuple[str, ...]]:
    frame = read_tables.read(path)["Clients"].frame
    return [tuple(map(text_of, row)) for row in frame[list(COLUMNS)].itertuples(index=False)]


def plan_of(run: Run, model: Model) -> Plan:
    """A run of the model as a plan for the rows as they stand now."""
    place = {number: at for at, number in enumerate(model.order)}
    changes = []
    for column in COLUMNS:
        cells = {place[n]: (model.rows[n]["client_id"], *was) for (n, c), was in run.changed.items() if c == column}
        if cells:
            keys, before, after = (
                pd.Series({at: cell[n] for at, cell in cells.items()}, dtype=object) for n in (0, 1, 2)
            )
            changes.append(Change("Clients", column, before, after, keys))
    added = pd.DataFrame(list(run.added.values()), columns=list(COLUMNS), dtype=object)
    gone = pd.DataFrame({place[n]: row for n, row in run.removed.items()}, dtype=object).T
    return Plan(
        "import",
        changes=tuple(changes),
        added=(Added("Clients", added),) if len(added) else (),
        removed=(Removed("Clients", gone),) if len(gone) else (),
    )


class History:
    """One random history, in a folder of its own."""

    def __init__(self, folder: Path, number: int) -> None:
        self.chance = random.Random(number)
        self.model = Model(self.chance)
        self.path = folder / "Client File.xlsx"
        self.numbers: list[int] = []  # of the model's runs, for undo
        self.minute = 0
        self.refused_more = False
        write(self.path, self.model.table())

    def act(self, action: Action, **options: Any) -> int:
        self.minute += 1
        call = Call(NOW + dt.timedelta(minutes=self.minute), "Anna")
        return run_action(open_session(self.path, call), action, **options).undo_number

    def run(self) -> str:
        """A run that changes something."""
        run = self.model.meant()
        plan = plan_of(run, self.model)
        if not plan.touches_workbook:
            return ""
        planned: Any = partial(_planned, plan)
        self.numbers.append(self.act(Action("import", lambda session: planned)))
        self.model.did(run)
        return self.compared("RUN")

    def deed(self, name: str) -> str:
        """Something that a person does."""
        DEEDS[name](self.model)
        write(self.path, self.model.table())
        return ""

    def undo(self) -> str:
        """One of the runs that stand is taken back, or refused with everything as it was."""
        standing = [at for at, run in enumerate(self.model.runs) if not run.undone]
        if not standing:
            return ""
        at = self.chance.choice(standing)
        run, held = self.model.runs[at], self.path.read_bytes()
        may = self.model.may_undo(run)
        try:
            self.act(ACTIONS["undo"], number=self.numbers[at])
        except CrmError as refused:
            self.refused_more |= may
            return "" if self.path.read_bytes() == held else f"REFUSED AND CHANGED: {refused.key}"
        if not may:
            return f"TOOK BACK WHAT IT MUST NOT: run {at + 1}"
        self.model.undo(run)
        return self.compared("UNDO")

    def compared(self, what: str) -> str:
        """ "" where the workbook is as the model says, rows in any order."""
        now, meant = sorted(read(self.path)), sorted(self.model.table())
        return "" if now == meant else f"{what} WRONG: {now} instead of {meant}"

    def outcome(self) -> str:
        fault = self.run()
        for _ in range(STEPS):
            deeds: list[Callable[[], str]] = [partial(self.deed, name) for name in DEEDS]
            fault = fault or self.chance.choice([self.run, self.undo, self.undo, *deeds])()
        fault = fault or self.undo()
        return fault or ("refused more" if self.refused_more else "right")


def _planned(plan: Plan, tables: Tables, settings: object, today: dt.date) -> Plan:
    return plan


def trial(folder: Path, number: int) -> str:
    """right, refused more (an undo was refused that could have been), or what is wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return History(folder, number).outcome()


def proofs(folder: Path) -> list[Proof]:
    return [Proof("histories", RIGHT, lambda: partial(trial, folder / "history"))]
