"""A busy Excel, a cell being edited, an Excel that goes away: at every call of a run, each in turn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.table import Table as ExcelTable

from tests.support.engines import memory
from tests.support.live_help import NOW, ComError, cells, counted, live
from tests.support.session_help import plan_with, take
from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.excel import retry
from xlcrm.excel.live_book import LiveBook
from xlcrm.plan import Added, NewColumn, Plan, Removed, diff
from xlcrm.session import Call
from xlcrm.tables import Tables

COLUMNS = ("client_id", "full_name", "city", "total_spend", "notes")
ROWS = [
    ("C1", "Kari Olsen", "Oslo", 5, "=x"),
    ("C2", "Mario Rossi", None, 12.5, None),
    ("C3", "Anna Weiß", "Köln", None, "007"),
    ("C4", "Ola Moe", None, None, None),
    ("C5", "Eva Ruud", "Bergen", 1, None),
]
REJECTED = (0x80010001, 0x8001010A, 0x800AC472)
EDITING, GONE = 0x800AC472, 0x800706BA
CALLS = 100  # there are more in a run, or the trials would not say much
CALL = Call(NOW, "Anna")


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workbook, opened and saved in milliseconds."""
    book: Any = openpyxl.Workbook()
    book.remove(book.active)
    for name, columns, rows in (("Clients", COLUMNS, ROWS), ("Changes", ("undo_number", "when", "who", "what"), [()])):
        sheet = book.create_sheet(name)
        sheet.append([words.header(name, column) for column in columns])
        for row in rows:
            sheet.append([str(value) if isinstance(value, str) else value for value in row])
        for cell in sheet["E"] if name == "Clients" else ():
            cell.number_format, cell.data_type = "@", "s" if cell.value else "n"
        sheet.add_table(ExcelTable(displayName=name, ref=f"A1:{'ABCDE'[len(columns) - 1]}{max(2, len(rows) + 1)}"))
    path = tmp_path_factory.mktemp("faults") / "My.xlsx"
    book.save(path)
    return path


def operation(tables: Tables, settings: object, today: object) -> Plan:
    """A bit of everything: a new column, cells, rows that go, rows that come."""
    frame = tables["Clients"].frame
    after = pd.DataFrame({"city": ["Roma", "Berlin"], "notes": ["007", "=1+1"]}, index=[1, 4])
    gone = Removed("Clients", frame.iloc[[0, 2, 3]])
    new = [{"client_id": "C6", "full_name": "Liv Dahl", "total_spend": 7.5}, {"client_id": "C7", "notes": "1/2"}]
    return Plan(
        "x",
        new_columns=(NewColumn("Clients", "Shoe size"),),
        changes=diff(tables["Clients"], after),
        removed=(gone,),
        added=(Added("Clients", pd.DataFrame(new)),),
    )


class Trial(NamedTuple):
    """A fresh Excel with a fresh copy of the workbook; what `hook` counts begins with the run."""

    engine: memory.Engine
    book: LiveBook

    def settings(self) -> tuple[Any, ...]:
        return tuple(self.engine.app.state[name] for name in ("screen_updating", "enable_events", "calculation"))

    def clients(self) -> dict[str, list[Any]]:
        found = cells(self.book)
        return {name: found[name] for name in COLUMNS}


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # thousands of runs; the disk is not what fails here
    monkeypatch.setattr(retry.patient, "__kwdefaults__", {"patience": retry.PATIENCE, "sleep": made.sleep})
    return made


def trials(start: Path, folder: Path) -> Iterator[Trial]:
    """One for every call of an undisturbed run."""
    calls = counted((first := trial(start, folder)).engine)
    plan_with(first.book, operation, CALL)
    assert len(calls) > CALLS
    for _ in calls:
        yield trial(start, folder)


def trial(start: Path, folder: Path) -> Trial:
    shutil.rmtree(folder / f"{start.stem} backups", ignore_errors=True)
    shutil.copy(start, folder / start.name)
    engine = memory.Engine()
    return Trial(engine, live(engine, folder / start.name))


def test_calls_that_are_rejected_are_made_again(start: Path, tmp_path: Path, clock: Clock) -> None:
    plain = trial(start, tmp_path)
    plan_with(plain.book, operation, CALL)
    expected = cells(plain.book)
    assert expected["client_id"] == ["C2", "C5", "C6", "C7"]
    for broken, made in enumerate(trials(start, tmp_path)):
        seen = iter(range(10_000))

        def hook(name: str, broken: int = broken, seen: Iterator[int] = seen) -> None:
            if 0 <= (at := next(seen)) - broken < len(REJECTED):
                raise ComError(REJECTED[at - broken])

        begun, made.engine.hook = clock.now, hook
        outcome = plan_with(made.book, operation, CALL)
        made.engine.hook = lambda name: None
        assert outcome.undo_number == 1, broken
        assert str(cells(made.book)) == str(expected), broken
        assert made.settings() == (True, True, "automatic"), broken
        assert clock.now - begun < 1, broken


def test_a_cell_that_is_edited_too_long_ends_the_run_in_order(start: Path, tmp_path: Path, clock: Clock) -> None:
    """The person comes back after 25 seconds: what was written by then is on record, and undo takes it back."""
    stopped = 0
    before = trial(start, tmp_path).clients()
    for broken, made in enumerate(trials(start, tmp_path)):
        seen, until = iter(range(10_000)), [float("inf")]
        begun = clock.now

        def hook(name: str, broken: int = broken, seen: Any = seen, until: list[float] = until) -> None:
            if next(seen) == broken:
                until[0] = clock.now + 25
            if until[0] > clock.now and until[0] != float("inf"):
                raise ComError(EDITING)

        made.engine.hook = hook
        try:
            plan_with(made.book, operation, CALL)
        except CrmError as fault:
            assert fault.key.startswith("live.busy"), broken
            stopped += 1
        made.engine.hook = lambda name: None
        assert made.settings() == (True, True, "automatic"), broken
        assert clock.now - begun < 30, broken
        take_back(made, before, broken)
    assert stopped > CALLS


def test_an_excel_that_never_answers_again_is_given_up(start: Path, tmp_path: Path, clock: Clock) -> None:
    for broken, made in enumerate(trials(start, tmp_path)):
        seen, begun = iter(range(10_000)), clock.now

        def hook(name: str, broken: int = broken, seen: Iterator[int] = seen) -> None:
            if next(seen) >= broken:
                raise ComError(EDITING)

        made.engine.hook = hook
        with suppress(CrmError):
            plan_with(made.book, operation, CALL)
        assert clock.now - begun < 90, broken


def test_undo_takes_back_a_run_whose_excel_went_away(start: Path, tmp_path: Path, clock: Clock) -> None:
    """The workbook as it was left is opened in another Excel."""
    lost, before = 0, trial(start, tmp_path).clients()
    for broken, made in enumerate(trials(start, tmp_path)):
        seen, begun = iter(range(10_000)), clock.now

        def hook(name: str, broken: int = broken, seen: Iterator[int] = seen) -> None:
            if next(seen) >= broken:
                raise ComError(GONE)

        made.engine.hook = hook
        try:
            plan_with(made.book, operation, CALL)
        except retry.ExcelLostError:
            lost += 1
        made.engine.hook = lambda name: None
        assert clock.now == begun, broken
        take_back(made, before, broken)
    assert lost > CALLS  # at the last few calls all is written and only settings were left


def take_back(made: Trial, before: dict[str, list[Any]], broken: int) -> None:
    """Rows that went come back at the end of their table."""
    told = ""
    try:
        take(made.book, "undo", CALL)
    except CrmError as fault:  # it had not written anything
        told = fault.key
        assert told == "undo.nothing", (broken, told)
    after = made.clients()
    assert sorted(rows(after)) == sorted(rows(before)), (broken, told, after)


def rows(columns: dict[str, list[Any]]) -> list[str]:
    return [str(["" if pd.isna(value) else value for value in row]) for row in zip(*columns.values(), strict=True)]
