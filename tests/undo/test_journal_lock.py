"""The journal's lock: a journal that another run holds too long is refused in a sentence, and nothing is written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import filelock
import pytest

from xlcrm.backups import journal_file
from xlcrm.errors import CrmError
from xlcrm.plan import Plan


def test_a_journal_that_stays_busy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "_WAIT", 0.05)
    journal = journal_file.Journal(tmp_path / "A journal.jsonl")
    with filelock.FileLock(tmp_path / ".A journal.lock"), pytest.raises(CrmError) as refused:
        journal.begin(Plan("import"), now=dt.datetime(2026, 11, 22))
    assert refused.value.key == "lock.busy"
    assert refused.value.values["name"] == "A journal.jsonl"
    assert not journal.path.exists()
