"""Timetables: what may be typed, when it is tried, and when a night is due."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from xlcrm.errors import CrmError
from xlcrm.scheduling.timetable import timetable

CASES = ROOT / "tests" / "cases" / "scheduling"


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", rows("timetables.csv"), ids=lambda case: case["why"])
def test_a_timetable_is_read_or_refused(case: dict[str, str]) -> None:
    if case["wrong"]:
        with pytest.raises(CrmError) as refused:
            timetable(Path("My.xlsm"), case["at"], [case["jobs"]])
        assert refused.value.key == case["wrong"]
        return
    table = timetable(Path("My.xlsm"), case["at"], [case["jobs"]])
    assert len(table.tries()) == int(case["tries"])
    assert f"{table.tries()[-1]:%H:%M}" == case["last"]
    assert len(set(table.jobs)) == len(table.jobs)


@pytest.mark.parametrize("case", rows("nights.csv"), ids=lambda case: case["why"])
def test_a_night_is_done_once(case: dict[str, str]) -> None:
    table = timetable(Path("My.xlsm"), case["at"], ["check"])
    good = dt.datetime.fromisoformat(case["last_good"]) if case["last_good"] else None
    due = not table.is_done(dt.datetime.fromisoformat(case["now"]), good)
    assert due == (case["due"] == "yes")
