"""A plan is compared with the cells as they are now; that readers show one cell in several ways is no move."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm.xlsx.writing.table_changes import matches

FILE = CASES / "shown_cells.csv"
ROWS = pd.read_csv(FILE, dtype=str, keep_default_na=False).to_dict("records")
KINDS = {"number": float, "flag": lambda text: text == "1", "date": dt.datetime.fromisoformat}


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["why"])
def test_what_a_reader_shows_for_a_cell(case: dict[str, str]) -> None:
    assert matches(case["shown"], KINDS[case["kind"]](case["cell"])) == (case["same"] == "yes"), case["why"]
