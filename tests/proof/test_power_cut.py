"""Power cut, in short: states that a file system may keep of an import, and that the judge sees what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.power_cut import RIGHT, Judge
from benchmarks.small_book import COMMANDS, prepared
from tests.support.power_cut import Cut, Named, recorded
from xlcrm.files import replace

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="numbers of files are told apart as POSIX does")


def judge(tmp_path: Path, command: str) -> Judge:
    runs, words = COMMANDS[command]
    return Judge(prepared(tmp_path / "state", runs), words, tmp_path)


@pytest.mark.parametrize("command", ["import", "restore", "merge"])
def test_every_state_left_is_the_old_or_the_new_one(tmp_path: Path, command: str) -> None:
    judged = judge(tmp_path, command)
    outcomes = {judged.trial(number) for number in range(0, 300, 23)}
    assert outcomes == RIGHT


def test_a_file_that_is_not_flushed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replace, "flush_file", lambda path: None)
    judged = judge(tmp_path, "import")
    assert any(judged.trial(number) == "WORKBOOK TORN" for number in range(0, 400, 3))


def test_a_replay_of_the_recording_is_what_happened(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"a" * 9000)
    with recorded(tmp_path) as recording:
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "new").write_bytes(b"b" * 5000)
        (tmp_path / "folder" / "new").replace(tmp_path / "old")
    whole = Cut(recording, len(recording.events)).state(lambda place, event: True)
    assert whole == {"folder": None, "old": b"b" * 5000}
    names = Cut(recording, len(recording.events)).state(lambda place, event: isinstance(event, Named))
    assert names == {"folder": None, "old": b""}
    assert Cut(recording, len(recording.events)).state(lambda place, event: False) == {"old": b"a" * 9000}
