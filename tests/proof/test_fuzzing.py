"""Fuzzing, in short: 250 spoilt files of each kind; what was found by the full proof stays in the table of cases."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import pytest

from benchmarks.fuzzing import READERS, Fuzzed
from tests.support.fuzz_readers import RIGHT, outcomes
from tests.support.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and limits on data")
SLOW = {"client file": 40, "csv": 100, "ods": 150}
with (ROOT / "tests" / "cases" / "fuzz_finds.csv").open(encoding="utf-8", newline="") as file:
    FINDS = list(csv.DictReader(file))
MENDED = [find for find in FINDS if not find["left"]]


@pytest.mark.parametrize("kind", READERS)
def test_a_spoilt_file_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    fuzzed = Fuzzed(kind, tmp_path)
    left_out = {int(find["number"]) for find in FINDS if find["kind"] == kind and find["left"]}
    numbers = [number for number in range(SLOW.get(kind, 250)) if number not in left_out]
    found = {number: fuzzed.trial(number) for number in numbers}
    assert {number: outcome for number, outcome in found.items() if outcome not in RIGHT} == {}


@pytest.mark.parametrize("find", MENDED, ids=lambda find: f"{find['kind']} {find['number']}")
def test_what_fuzzing_found_stays_mended(tmp_path: Path, find: dict[str, str]) -> None:
    number = int(find["number"])
    assert outcomes(Fuzzed(find["kind"], tmp_path).one, range(number, number + 1))[number] in RIGHT, find["why"]


def test_limits_are_noticed() -> None:
    def one(number: int) -> str:
        if number == 1:
            return str(len(bytearray(600 << 20)))
        if number == 2:
            end = time.process_time() + 30
            while time.process_time() < end:
                pass
        raise KeyError(number)

    found = outcomes(one, range(4))
    assert found == {0: "KeyError: 0", 1: "TOO MUCH MEMORY", 2: "TOO SLOW", 3: "KeyError: 3"}
