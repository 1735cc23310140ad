"""Nights: done once, told where they could not be done, two at once are one."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from benchmarks.nights import NAME, halves, not_finished, prepared
from tests.support.kill_states import kill_states
from xlcrm.scheduling import inbox
from xlcrm.scheduling.night_run import _only_one, take_night
from xlcrm.scheduling.timetable import Timetable, timetable
from xlcrm.session import Call, open_session
from xlcrm.xlsx.reading import read_tables

CALL = Call(dt.datetime(2026, 11, 28, 2, 30), "night")


@pytest.fixture
def table(book: Path) -> Timetable:
    return timetable(book, "02:30", ["check refresh"])


def notes(book: Path) -> list[str]:
    return [path.name for path in book.parent.glob("* NOT UPDATED *")]


def test_a_night_is_done_once_until_the_next(book: Path, table: Timetable) -> None:
    assert take_night(table, CALL).code in (0, 1)
    after = book.read_bytes()
    again = take_night(table, replace(CALL, now=CALL.now + dt.timedelta(minutes=15)))
    assert again.code == 0 and "already" in again.said[0]
    assert book.read_bytes() == after


def test_somebody_has_it_open_then_not(book: Path, table: Timetable) -> None:
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03Ann")
    before = book.read_bytes()
    refused = take_night(table, CALL)
    assert refused.code == 2 and book.read_bytes() == before
    assert notes(book) == ["My.xlsm NOT UPDATED 2026-11-28.txt"]
    owner.unlink()
    later = replace(CALL, now=CALL.now + dt.timedelta(minutes=15))
    assert take_night(table, later).code in (0, 1)
    assert notes(book) == []
    lines = read_tables.read(book)["Changes"].frame
    told = lines[lines["action"] == "By itself, by night"]
    assert len(told) == 1 and "open in Excel" in told["what"].iloc[0]


def test_of_two_at_once_one_works(book: Path, table: Timetable) -> None:
    before = book.read_bytes()
    with _only_one(open_session(book, CALL).store, table):
        second = take_night(table, CALL)
    assert second.code == 2 and "Another run" in second.said[0]
    assert book.read_bytes() == before and notes(book) == []


def test_a_workbook_that_is_gone_is_said(book: Path, table: Timetable) -> None:
    book.rename(book.with_name("Other.xlsm"))
    assert take_night(table, CALL).code == 2
    assert not list(book.parent.glob("* backups"))


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_night_killed_midway_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In short what `benchmarks/nights.py` does: of all states that a kill leaves, some spread over the night."""
    monkeypatch.setattr(inbox, "take_in", partial(inbox.take_in, pause=0))
    lists = ["first.csv"]
    run, keep = prepared(tmp_path / "run", lists).parent, tmp_path / "kept"
    keep.mkdir()
    table = timetable(run / NAME, "02:30", ["inbox"])
    states, calls = kill_states(lambda: take_night(table, CALL), run, keep)
    assert calls > 50 and not_finished(run / NAME, lists) == []
    for state in states[len(states) // 6 :: len(states) // 3]:
        run.rename(tmp_path / f"after {state.calls[0]}")
        state.folder.rename(run)  # at its own place, whose name the backups know
        left = halves(run / NAME)
        assert (left, take_night(table, CALL).code in (0, 1), not_finished(run / NAME, lists)) == ([], True, []), state


def test_a_night_needs_nothing_of_the_environment(book: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "xlcrm", "schedule", str(book), "--night", "--at", "00:00", "--do"]
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03Ann")
    before = book.read_bytes()
    own = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}  # where this package is; installed, not even that
    refused = subprocess.run([*command, "check"], env=own, cwd="/", capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and book.read_bytes() == before and notes(book), refused.stderr
    owner.unlink()
    done = subprocess.run([*command, "backup"], env=own, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not notes(book) and list(book.parent.glob("* backups/*.xlsm")), done.stderr


def test_two_schedules_started_at_once_are_one_run(book: Path) -> None:
    """Two timers of one workbook that go off in the same second, as real processes."""
    command = [sys.executable, "-P", "-m", "xlcrm", "schedule", str(book), "--night", "--at", "00:00", "--do", "check"]
    own = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    both = [subprocess.Popen(command, env=own, cwd="/", stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [night.communicate(timeout=120)[0] for night in both]
    codes = [night.returncode for night in both]
    lines = read_tables.read(book)["Changes"].frame
    assert len(lines[lines["action"] == "Check"]) == 1, said
    assert codes.count(2) + sum("already" in text for text in said) == 1, (codes, said)
    assert notes(book) == [] and len(list(book.parent.glob("* backups/*.xlsm"))) == 1
