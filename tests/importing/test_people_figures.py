"""Contact lists of programs imported as firms and people: nobody is lost, and no firm is there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.paths import CASES
from tests.support.people_figures import figures

OURS = [CASES / "imports" / name for name in ("c25_sevdesk.csv", "d3_odoo_children.csv", "o32_salesforce_report.csv")]
OURS += [CASES / "people_lists" / name for name in ("a11_quickbooks_en.csv", "a16_mixte_fr.csv")]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_nobody_is_lost_and_no_firm_twice(path: Path) -> None:
    found = figures(path)
    assert (found.lost, found.twice, found.again) == ([], [], 0)


def test_classicmodels_as_firms_and_people(shared_data: Path) -> None:
    path = shared_data / "purchases" / "classicmodels_customers.csv"
    if not path.exists():
        pytest.skip("classicmodels_customers.csv is missing in the shared data")
    found = figures(path)
    assert (found.firms, found.people, found.rows) == (122, 122, 122)
    assert (found.lost, found.twice, found.again) == ([], [], 0)
