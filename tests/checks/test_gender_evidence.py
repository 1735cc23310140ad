"""Gender and birth date from titles, numbers and given names; one line of Problems, filled only where decided."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import words
from xlcrm.checks import checking
from xlcrm.checks.correcting import correct_plan
from xlcrm.checks.gender_evidence import birth_of, gender_of
from xlcrm.checks.opt_out_notes import refused
from xlcrm.checks.people import facts
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 28)
ITALY = Settings(country="IT", language="en")


def _cases(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name: str, columns: dict[str, list[str]]) -> Table:
    return Table(name, name, pd.DataFrame(columns, dtype="str"), {c: words.header(name, c) for c in columns})


def workbook(**columns: list[str]) -> Tables:
    rows = len(next(iter(columns.values())))
    clients = {"client_id": [f"C{n}" for n in range(rows)], **columns}
    problems: dict[str, list[str]] = {
        c: [] for c in ("code", "sheet", "row", "client_id", "column", "value", "problem", "suggestion")
    }
    tables = {"Clients": table("Clients", clients), "Problems": table("Problems", {**problems, "decision": []})}
    return Tables(tuple(tables), tables.__getitem__)


@pytest.mark.parametrize("case", _cases("gender_evidence.csv"), ids=lambda case: case["why"])
def test_what_a_row_says_of_the_gender(case: dict[str, str]) -> None:
    found = gender_of(case["title"], case["first_name"], case["number"], case["country"])
    assert ((found.gender, found.by) if found else ("", "")) == (case["gender"], case["by"]), case["why"]


@pytest.mark.parametrize("case", _cases("opt_out_notes.csv"), ids=lambda case: case["note"])
def test_notes_that_refuse_mail(case: dict[str, str]) -> None:
    assert " ".join(refused(case["note"])) == case["channels"], case["why"]


def test_a_century_is_told_where_only_one_is_likely() -> None:
    said = facts("RSSMRA80A01H501U", "IT")
    assert said is not None
    assert birth_of(said, TODAY) == dt.date(1980, 1, 1)
    assert birth_of(said._replace(birth=dt.date(2020, 5, 4)), TODAY) is None
    assert birth_of(said._replace(birth=dt.date(1905, 5, 4)), TODAY) == dt.date(2005, 5, 4)


def decided(tables: Tables, decision: str, code: str) -> Tables:
    """The workbook after a check, with a decision typed into the line of a code."""
    (added,) = (part.rows for part in checking.plan(tables, settings=ITALY, today=TODAY).added)
    frame = added.assign(decision=[decision if one == code else "" for one in added["code"]]).astype(object)
    problems = tables["Problems"]
    made = {"Clients": tables["Clients"], "Problems": Table("Problems", "Problems", frame, problems.headers)}
    return Tables(tuple(made), made.__getitem__)


@pytest.mark.parametrize("word", ["apply", "ok", "sì", "ja", "vale", "oui"])
def test_one_decision_fills_all_that_is_known(word: str) -> None:
    tables = workbook(
        kind=["person"] * 4,
        title=["Sig.ra", "", "", ""],
        first_name=["Anna", "Marco", "Xyzzy", "Carla"],
        gender=["", "", "", "F"],
    )
    before = tables["Clients"].frame.copy()
    line = checking.plan(tables, settings=ITALY, today=TODAY).problems
    told = next(problem.sentence("en") for problem in line if problem.code == "gender.known")
    assert told.startswith("3 of 4 persons have no gender here; for 2 of them it can be told: 1 by title, 0 by tax")
    made = correct_plan(decided(tables, word, "gender.known"), settings=ITALY, today=TODAY)
    (change,) = (change for change in made.changes if change.column == "gender")
    assert change.after.to_dict() == {0: "F", 1: "M"}
    pd.testing.assert_frame_equal(tables["Clients"].frame, before)
    untouched = correct_plan(decided(tables, "", "gender.known"), settings=ITALY, today=TODAY)
    assert not [change for change in untouched.changes if change.column == "gender"]


def test_a_decision_that_means_nothing_is_named_with_its_row() -> None:
    tables = workbook(kind=["person"], title=["Sig.ra"], first_name=["Anna"], gender=[""])
    made = correct_plan(decided(tables, "banana", "gender.known"), settings=ITALY, today=TODAY)
    told = [fill for key, fill in made.notes if key == "decision.not_understood"]
    assert [(fill["typed"], fill["sheet"]) for fill in told] == [("banana", "Problems")]
    assert int(str(told[0]["row"])) >= 2


@pytest.mark.parametrize(
    ("phone", "mobile", "after"),
    [
        ("06 5555 0100, 347 555 0101", "", {"phone": "06 5555 0100", "mobile": "347 555 0101"}),
        ("347 555 0101 / 06 5555 0100", "", {"phone": "06 5555 0100", "mobile": "347 555 0101"}),
        ("06 5555 0100, 347 555 0101", "348 555 0102", {"phone": "06 5555 0100 ; 347 555 0101"}),
    ],
)
def test_two_phones_in_a_cell_are_parted(phone: str, mobile: str, after: dict[str, str]) -> None:
    tables = workbook(kind=["person"], phone=[phone], mobile=[mobile], country=["IT"])
    made = correct_plan(decided(tables, "ok", "phone.several"), settings=ITALY, today=TODAY)
    assert {c.column: c.after.iloc[0] for c in made.changes if c.table == "Clients"} == after


def test_a_note_that_refuses_is_decided_and_then_filled() -> None:
    tables = workbook(kind=["person"] * 2, notes=["no newsletter please", "no e-mail known"], opt_out_email=["", ""])
    made = correct_plan(decided(tables, "yes", "notes.opt_out"), settings=ITALY, today=TODAY)
    (change,) = (change for change in made.changes if change.column == "opt_out_email")
    assert change.after.to_dict() == {0: "yes"}
