"""Flipped bytes, in short: bytes all over a journal and a list of checksums, each changed once."""

from __future__ import annotations

from pathlib import Path

from benchmarks.flips import RIGHT, ChecksumFlips, JournalFlips


def test_a_changed_journal_never_tells_of_another_run(tmp_path: Path) -> None:
    flips = JournalFlips(tmp_path)
    outcomes = {number: flips.trial(number) for number in range(0, len(flips.sound), 37)}
    assert {number: outcome for number, outcome in outcomes.items() if outcome not in RIGHT} == {}


def test_changed_checksums_never_restore_other_bytes(tmp_path: Path) -> None:
    flips = ChecksumFlips(tmp_path)
    outcomes = {number: flips.trial(number) for number in range(0, len(flips.sound), 5)}
    assert {number: outcome for number, outcome in outcomes.items() if outcome not in RIGHT} == {}
    assert set(outcomes.values()) > {"refused"}
