"""Checks of people and of the facts about clients: each rule as a row of cases/people_checks.csv; corrections."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from tests.support.checking_help import SETTINGS, apply, check, frame_of
from tests.support.dirty_list import TODAY, as_tables, empty
from tests.support.paths import CASES
from xlcrm import checks
from xlcrm.tables import Tables

with (CASES / "people_checks.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
BESIDE = ("missing.", "client.unreach", "client.incomplete", "client.stale", "consent.missing", "status.never_bought")


def book(clients: str, people: str) -> Tables:
    frames = {"Clients": frame_of("Clients", clients), "Problems": empty("Problems"), "Duplicates": empty("Duplicates")}
    return as_tables({**frames, "People": frame_of("People", people)}, "en")


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["why"])
def test_each_rule_finds_its_fault_and_nothing_else(case: dict[str, str]) -> None:
    made = check(book(case["clients"], case["people"]))
    found = {problem.code for problem in made.problems if not problem.code.startswith(BESIDE)}
    assert found == set(case["codes"].split())


def test_missing_numbers_are_given_and_words_put_right() -> None:
    people = "client_id=C1 full_name=Anna_Prova role=compra phone=_; person_id=P007 client_id=C1 full_name=Bo_Probe"
    made = checks.correct_plan(book("client_id=C1", people), settings=SETTINGS, today=TODAY)
    written = {(c.table, c.column): c.after.tolist() for c in made.changes if c.table == "People"}
    assert written["People", "person_id"] == ["P008"]
    after = apply(book("client_id=C1", people), made)
    assert not [p for p in check(after).problems if p.table == "People" and p.safe]


def test_a_decision_about_a_person_is_applied() -> None:
    tables = book("client_id=C1", "person_id=P1 client_id=C1 full_name=Anna_Prova role=decide_s")
    listed = apply(tables, check(tables))
    problems = listed["Problems"].frame
    line = problems["code"] == "choice.unknown"
    assert problems.loc[line, "sheet"].tolist() == ["People"]
    decided = problems.assign(
        suggestion=problems["suggestion"].astype(object).where(~line, "decides"),
        decision=problems["decision"].astype(object).where(~line, "apply"),
    )
    frames = {name: listed[name].frame for name in listed}
    again = as_tables({**frames, "Problems": decided}, "en")
    made = checks.correct_plan(again, settings=SETTINGS, today=TODAY)
    assert [(c.table, c.column, c.after.tolist()) for c in made.changes if c.table == "People"] == [
        ("People", "role", ["decides"])
    ]


def test_checking_people_leaves_the_tables_as_they_are() -> None:
    tables = book("client_id=C1", "client_id=C1 full_name=Anna_Prova; client_id=C1 full_name=Anna_Prova")
    before = tables["People"].frame.copy(deep=True)
    check(tables)
    pd.testing.assert_frame_equal(tables["People"].frame, before)
