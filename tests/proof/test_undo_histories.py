"""Undo, in short: random histories against a model that knows every row."""

from __future__ import annotations

from pathlib import Path

from benchmarks.undo_histories import RIGHT, trial
from tests.support.fuzz import seeds


def test_undo_on_random_histories(tmp_path: Path) -> None:
    wrong = {number: trial(tmp_path / "history", number) for number in seeds(12)}
    assert {number: outcome for number, outcome in wrong.items() if outcome not in RIGHT} == {}
