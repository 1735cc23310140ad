"""Undo, in short: random histories against a model that knows every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.undo_histories import RIGHT, trial
from tests.support.fuzz import seeds


def test_undo_on_random_histories(tmp_path: Path) -> None:
    wrong = {number: trial(tmp_path / "history", number) for number in seeds(12)}
    assert {number: outcome for number, outcome in wrong.items() if outcome not in RIGHT} == {}


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (564, "half of the clients renamed since the first run, then made anew by another program: run 2 given twice"),
        (1979, "no client left as it was before the first run: its backup stayed without owner, and so did a number"),
    ],
)
def test_histories_that_were_wrong(tmp_path: Path, number: int, why: str) -> None:
    assert trial(tmp_path / "history", number) in RIGHT, why
