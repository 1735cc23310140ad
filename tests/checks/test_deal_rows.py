"""Checks of the sheet Opportunities, a row or two at a time."""

from __future__ import annotations

import csv

import pytest

from tests.support.checking_help import SETTINGS, frame_of
from tests.support.dirty_list import TODAY, as_tables, empty
from tests.support.paths import ROOT
from xlcrm.checks.checking import findings
from xlcrm.checks.correcting import correct_plan
from xlcrm.checks.view import CheckedBook
from xlcrm.tables import Tables

with (ROOT / "tests/cases/deal_checks.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def tables_of(deals: str) -> Tables:
    texts = {"Clients": "client_id=1; client_id=2", "People": "person_id=P1 client_id=1; person_id=P2 client_id=2"}
    texts["Opportunities"] = deals
    return as_tables(
        {name: frame_of(name, text) for name, text in texts.items()} | {"Problems": empty("Problems")}, "en"
    )


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_what_is_found(case: dict[str, str]) -> None:
    found = findings(CheckedBook.of(tables_of(case["row"]), SETTINGS, TODAY))
    assert [problem.code for problem in found if problem.table == "Opportunities"] == case["codes"].split()


def test_a_name_is_given_by_the_safe_corrections() -> None:
    tables = tables_of("opportunity=O-007 client_id=1 stage=new; client_id=1 stage=new")
    made = correct_plan(tables, settings=SETTINGS, today=TODAY)
    assert [(c.column, list(c.after)) for c in made.changes if c.table == "Opportunities"] == [
        ("opportunity", ["O-008"])
    ]
