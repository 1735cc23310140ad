"""Memory refused, in short: at the first call of some functions, an import leaves the old or the new workbook."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.low_memory import Starved
from benchmarks.small_book import COMMANDS, prepared

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork")


def test_an_import_without_memory(tmp_path: Path) -> None:
    runs, words = COMMANDS["import"]
    starved = Starved(prepared(tmp_path / "state", runs), words, tmp_path)
    assert len(starved.places) > 300
    outcomes = {number: starved.at_a_call(number) for number in range(5)}
    assert {
        n: outcome for n, outcome in outcomes.items() if not outcome.startswith(("refused, old", "done, new"))
    } == {}
