"""A full disk, in short: an import on a real file system with no room, some room, and just too little."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.full_disk import RIGHT, Full, mounted, unmounted
from benchmarks.small_book import COMMANDS, prepared

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts a file system as Linux does")


def test_an_import_on_a_full_file_system(tmp_path: Path) -> None:
    if not mounted(tmp_path / "try", 1 << 20):
        pytest.skip("only root may mount a file system")
    unmounted(tmp_path / "try")
    runs, words = COMMANDS["import"]
    full = Full(prepared(tmp_path / "state", runs), words, tmp_path)
    outcomes = {full.trial(number) for number in (0, 2, 5, 9, 14, 60)}
    assert outcomes <= RIGHT and "refused, old" in outcomes
