"""What a dry run prints is read by people: figures, days and places as they write them."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm.cli.output import as_read, plan_lines
from xlcrm.plan import Change, Plan
from xlcrm.tables import Table, Tables

with (CASES / "as_read.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
KINDS = {"number": float, "date": pd.Timestamp, "text": str}


@pytest.mark.parametrize("case", ROWS, ids=lambda case: f"{case['kind']} {case['value']} {case['language']}")
def test_a_cell_as_it_is_read(case: dict[str, str]) -> None:
    assert as_read(KINDS[case["kind"]](case["value"]), case["language"]) == case["shown"], case["why"]


def test_a_cell_without_a_key_is_named_by_its_row() -> None:
    table = Table("Months", "Mesi", pd.DataFrame({"month": ["", ""]}), {"month": "Mese"}, first_row=5)
    before, after = pd.Series([""], index=[1]), pd.Series(["2024-12"], index=[1])
    change = Change("Months", "month", before, after, pd.Series([""], index=[1]))
    assert "    riga 6: «» -> «2024-12»" in plan_lines(Plan("refresh", changes=(change,)), Tables.of(table), "it")
