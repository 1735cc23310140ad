"""What UBL and CII say, element by element: tables that were written by hand before the writers."""

from __future__ import annotations

import csv

import pytest

from tests.support.einvoice_samples import SAMPLES
from tests.support.einvoice_xml import value_at
from tests.support.paths import ROOT
from xlcrm.einvoices import cii, ubl

CASES = ROOT / "tests" / "cases" / "einvoices"
WRITERS = {"ubl": ubl.write, "cii": cii.write}


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("syntax", WRITERS)
@pytest.mark.parametrize("case", SAMPLES)
def test_elements_say_what_the_table_says(case: str, syntax: str) -> None:
    xml = WRITERS[syntax](SAMPLES[case]())
    expected = [row for row in rows(f"{syntax}_elements.csv") if row["case"] == case]
    wrong = [
        (row["path"], row["value"], got) for row in expected if (got := value_at(xml, row["path"])) != row["value"]
    ]
    assert wrong == []
