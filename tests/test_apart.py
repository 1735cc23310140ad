"""Name and address in one cell: told apart where the cell shows how, a doubt where it doesn't."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from xlcrm.splitting.name_and_address import apart

with (Path(__file__).parent / "cases" / "apart.csv").open(encoding="utf-8", newline="") as _file:
    CASES = list(csv.DictReader(_file))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_the_name_comes_first(case: dict[str, str]) -> None:
    found = apart(case["text"].replace("|", "\n"), case["country"])
    assert found.told == (case["name"] != "?"), case["why"]
    if found.told:
        assert (found.name, found.address.replace("\n", "|")) == (case["name"], case["address"]), case["why"]
    else:
        assert (found.name, found.address) == ("", "")
