"""The runs of a workbook in plain words, and each sheet's change said once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from xlcrm.backups.history import Difference, _by_sheet, runs_told
from xlcrm.messages import LANGUAGES
from xlcrm.undo.journal import Entry

RUN = Entry(1, "a", dt.datetime(2026, 11, 28, 9, 30), "Anna", "import", "done", "", {"added": 3}, undone_by=4)
RUNS = [
    RUN,
    replace(RUN, number=2, action="check", counts={"added": 1, "cells": 2}, undone_by=0),
    replace(RUN, number=3, action="split", state="failed"),
    replace(RUN, number=4, action="undo", counts={"removed": 3}, undoes=1, undone_by=0),
    replace(RUN, number=5, action="refresh", counts={}, state="begun", undone_by=0),
]


def test_runs_are_told_newest_first() -> None:
    assert runs_told(RUNS, "en") == [
        "5  2026-11-28 09:30  Anna  Refresh: nothing in the sheets; not finished: “undo” finds out how far it came",
        "4  2026-11-28 09:30  Anna  Undo: 3 rows removed; takes back number 1",
        "2  2026-11-28 09:30  Anna  Check: 2 cells changed, 1 row added",
        "1  2026-11-28 09:30  Anna  Import: 3 rows added; taken back by number 4",
    ]
    assert len(runs_told(RUNS, "en", newest=2)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_run_is_told_with_a_word_of_the_program(language: str) -> None:
    assert not [line for line in runs_told(RUNS, language) if "history." in line or "{" in line]


def test_a_sheet_of_several_tables_is_one_difference() -> None:
    found = [Difference("Dashboard", 1, 0, 2), Difference("Clients", 0, 0, 1), Difference("Dashboard", 0, 3, 0)]
    assert _by_sheet(found) == [Difference("Dashboard", 1, 3, 2), Difference("Clients", 0, 0, 1)]
