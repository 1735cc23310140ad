"""Name and address in one cell: told apart where the cell shows how, a doubt where it doesn't."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import CASES
from xlcrm.splitting.splitting import apart

with (CASES / "apart.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["why"])
def test_the_name_comes_first(case: dict[str, str]) -> None:
    found = apart(case["text"].replace("|", "\n"), case["country"])
    assert found.told == (case["name"] != "?"), case["why"]
    if found.told:
        assert (found.name, found.address.replace("\n", "|")) == (case["name"], case["address"]), case["why"]
    else:
        assert (found.name, found.address) == ("", "")
