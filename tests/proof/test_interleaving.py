"""Interleaving, in short: two imports at once, each stopped at some of its calls, and in turns."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.interleaving import PAIRS, RIGHT, Pair
from benchmarks.small_book import prepared
from tests.support.interleave import Runner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and /proc")


def test_two_imports_at_once_lose_no_row(tmp_path: Path) -> None:
    pair = Pair(prepared(tmp_path / "state"), PAIRS["import, import"], tmp_path)
    assert min(pair.lengths) > 100
    assert {pair.trial(number) for number in (1, 12, 3, 160)} <= RIGHT


def test_one_merge_by_two_at_once(tmp_path: Path) -> None:
    pair = Pair(prepared(tmp_path / "state"), PAIRS["merge, merge"], tmp_path)
    assert {pair.trial(number) for number in (1, 8, 10)} <= RIGHT


def test_a_run_stops_before_each_of_its_calls(tmp_path: Path) -> None:
    def work() -> None:
        (tmp_path / "a").write_text("one")
        (tmp_path / "a").replace(tmp_path / "b")

    runner = Runner(work, str(tmp_path), wait=1.0)
    assert not (tmp_path / "a").exists()  # before it is opened
    while not (tmp_path / "a").exists():
        runner.step()
    assert runner.running and not (tmp_path / "b").exists()
    runner.finish()
    assert (tmp_path / "b").read_text() == "one"
