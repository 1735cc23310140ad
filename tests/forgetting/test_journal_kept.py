"""How long the journal keeps cells, and that clients go out of it whatever its lines are like."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from tests.support.traces_left import sound_lines
from xlcrm.backups.journal_file import Journal
from xlcrm.backups.retention import Rules, last_day
from xlcrm.errors import CrmError
from xlcrm.forgetting.erasing import erased_plan
from xlcrm.forgetting.traces import Erasure, Who
from xlcrm.plan import Added, Plan

NOW = dt.datetime(2026, 11, 28, 12)
FOUND = Erasure(Who(frozenset({"C2"})), frozenset({"Mario Rossi"}))


def plan_of(*rows: tuple[str, str]) -> Plan:
    return Plan("import", added=(Added("Clients", pd.DataFrame(rows, columns=["client_id", "full_name"])),))


def with_runs(path: Path, password: str = "") -> Journal:
    journal = Journal(path, password=password)
    for plan in (plan_of(("C1", "Ada Berg"), ("C2", "Mario Rossi")), plan_of(("C2", "Mario Rossi"))):
        journal.done(journal.begin(plan, now=NOW, backup="b.xlsm"), plan, now=NOW)
    return journal


def redact(journal: Journal) -> int:
    return journal.redact(lambda plan: erased_plan(plan, FOUND), FOUND.scrubber.scrubbed)


@pytest.mark.parametrize("password", ["", "secret"])
def test_cells_go_and_numbers_stay(tmp_path: Path, password: str) -> None:
    journal = with_runs(tmp_path / "x journal.jsonl", password)
    assert redact(journal) == 2
    assert journal.plan(1).added[0].rows["full_name"].tolist() == ["Ada Berg"]
    assert not journal.plan(2).touches_workbook
    assert [entry.number for entry in journal.entries()] == [1, 2]
    assert sound_lines(journal.path)
    assert redact(journal) == 0


def test_a_damaged_line_is_cut_where_it_tells(tmp_path: Path) -> None:
    journal = with_runs(tmp_path / "x journal.jsonl")
    lines = journal.path.read_bytes().splitlines(keepends=True)
    torn = lines[0][:-8] + b"\n"
    journal.path.write_bytes(torn + b"".join(lines[1:]))
    redact(journal)
    assert b"Mario" not in journal.path.read_bytes()
    assert [entry.number for entry in journal.entries()] == [1, 2]


def test_old_runs_lose_their_cells_and_undo_says_so(tmp_path: Path) -> None:
    journal = with_runs(tmp_path / "x journal.jsonl")
    assert journal.compact(lambda entry: entry.number == 1) == 1
    assert [entry.number for entry in journal.entries()] == [1, 2]
    assert journal.plan(2).touches_workbook
    with pytest.raises(CrmError) as fault:
        journal.plan(1)
    assert fault.value.key == "undo.compacted"
    assert sound_lines(journal.path)
    assert journal.compact(lambda entry: entry.number == 1) == 0


OCTOBER = dt.datetime(2026, 10, 31, 12)


@pytest.mark.parametrize(
    ("taken", "rules", "days"),
    [
        (NOW, Rules(1, 0, 0, 0, 0), 1),
        (NOW, Rules(3, 0, 0, 0, 0), 3),
        (NOW, Rules(1, 5, 0, 0, 0), 5),
        (NOW, Rules(1, 0, 0, 1, 0), 1),
        (OCTOBER, Rules(1, 0, 0, 2, 0), 3),
    ],
)
def test_the_day_on_which_a_backup_goes(taken: dt.datetime, rules: Rules, days: int) -> None:
    assert last_day([taken], 0, rules, NOW) == (NOW + dt.timedelta(days=days)).date()
