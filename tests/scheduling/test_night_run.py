"""Nights: done once, told where they could not be done, two at once are one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

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
