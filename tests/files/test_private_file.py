"""Private files: two runs at once never take each other's folder away, what a killed run left goes."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import filelock
import pytest

from tests.support.paths import ROOT
from xlcrm.files import private

MANY = """
from xlcrm.files import private
for number in range(60):
    with private.private_file("a.xlsx", b"x%d" % number) as path:
        assert path.read_bytes() == b"x%d" % number
"""


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_runs_at_once_keep_their_folders(tmp_path: Path) -> None:
    words = [sys.executable, "-c", f"import tempfile; tempfile.tempdir = {str(tmp_path)!r}\n{MANY}"]
    runs = [subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    assert [run.communicate(timeout=120)[1] for run in runs] == [b"", b"", b""]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_taken_for_a_stray_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Path] = []

    class Late(filelock.FileLock):
        def acquire(self, *arguments: Any, **options: Any) -> Any:
            if not taken:  # another run comes between the folder and its lock
                taken.append(Path(self.lock_file).parent)
                shutil.rmtree(taken[0])
            return super().acquire(*arguments, **options)

    monkeypatch.setattr(filelock, "FileLock", Late)
    with private.private_file("a.xlsx", b"x") as path:
        assert path.read_bytes() == b"x"
        if sys.platform != "win32":
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists() and not taken[0].exists()


def test_what_a_killed_run_left_goes(tmp_path: Path) -> None:
    left = tmp_path / f"{private.PREFIX}left"
    left.mkdir()
    (left / "in use.lock").touch()
    (left / "a.xlsx").write_bytes(b"secret")
    assert private.clean_strays() == 1
    assert not left.exists()
