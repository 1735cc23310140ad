"""Gender and birth date from titles, numbers and given names; one line of Problems, filled only where decided."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pytest

from tests.support.paths import CASES, ROOT
from xlcrm import words
from xlcrm.checks import checking
from xlcrm.checks.correcting import correct_plan
from xlcrm.checks.gender_evidence import birth_of, gender_of
from xlcrm.checks.opt_out_notes import refused
from xlcrm.checks.people import facts
from xlcrm.importing.header_words import choice_of
from xlcrm.messages import LANGUAGES, text
from xlcrm.plan import Plan
from xlcrm.salutations import Addressee, salute
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decision_that_means_nothing_is_named_with_its_row(language: str) -> None:
    tables = workbook(kind=["person"], title=["Sig.ra"], first_name=["Anna"], gender=[""])
    settings = Settings(country="IT", language=language)
    made = correct_plan(decided(tables, "banana", "gender.known"), settings=settings, today=TODAY)
    (told,) = [fill for key, fill in made.notes if key == "decision.not_understood"]
    assert (told["typed"], told["sheet"]) == ("banana", "Problems")
    sentence = text("decision.not_understood", language, **told)
    assert "banana" in sentence
    assert str(told["row"]) in sentence
    assert words.choices("decision", language)[0] in sentence


@pytest.mark.parametrize("case", _cases("typed_decisions.csv"), ids=lambda case: f"{case['list']} {case['typed']}")
def test_decisions_as_people_type_them(case: dict[str, str]) -> None:
    assert choice_of(case["list"], case["typed"]) == case["meaning"], case["why"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_greet_by_a_gender_only_when_decided(language: str) -> None:
    """Anna is a woman's name, and still nobody is greeted as one before somebody said so in Problems."""
    tables = workbook(kind=["person"], first_name=["Anna"], last_name=["Prova"], full_name=["Anna Prova"], gender=[""])
    neutral = salute(Addressee(first_name="Anna", last_name="Prova", kind="person"), language)
    found = decided(tables, "", "gender.known")
    assert _greeted(found, correct_plan(found, settings=ITALY, today=TODAY), language) == neutral
    agreed = decided(tables, "ok", "gender.known")
    made = correct_plan(agreed, settings=ITALY, today=TODAY)
    woman = salute(Addressee(first_name="Anna", last_name="Prova", kind="person", gender="F"), language)
    assert _greeted(agreed, made, language) == woman
    assert ("correct.genders", {"n": 1}) in made.notes


def _greeted(tables: Tables, made: Plan, language: str) -> str:
    """How a letter to the first client begins once a plan is applied."""
    row = {str(name): cell for name, cell in tables["Clients"].frame.iloc[0].items()}
    row |= {change.column: change.after.iloc[0] for change in made.changes if change.table == "Clients"}
    return salute(Addressee.of(row), language)


def test_salutations_never_read_the_names_of_women_and_men() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "xlcrm" / "salutations").glob("*.py")]
    assert sources
    assert not [one for one in sources if "gender_evidence" in one or "given_names_by_sex" in one]


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


@pytest.mark.parametrize("word", ["yes", "sì", "sí", "ja", "oui", "in Ordnung"])
def test_phones_are_parted_by_a_yes_in_any_language(word: str) -> None:
    tables = workbook(kind=["person"], phone=["06 5555 0100, 347 555 0101"], mobile=[""], country=["IT"])
    made = correct_plan(decided(tables, word, "phone.several"), settings=ITALY, today=TODAY)
    after = {c.column: c.after.iloc[0] for c in made.changes if c.table == "Clients"}
    assert after == {"phone": "06 5555 0100", "mobile": "347 555 0101"}


def test_a_note_that_refuses_is_decided_and_then_filled() -> None:
    tables = workbook(kind=["person"] * 2, notes=["no newsletter please", "no e-mail known"], opt_out_email=["", ""])
    made = correct_plan(decided(tables, "yes", "notes.opt_out"), settings=ITALY, today=TODAY)
    (change,) = (change for change in made.changes if change.column == "opt_out_email")
    assert change.after.to_dict() == {0: "yes"}


def test_what_stays_open_is_said_of_the_corrected_cell() -> None:
    tables = workbook(kind=["person"], email=["anna@gmial,com"])
    made = correct_plan(decided(tables, "ok", "email.comma"), settings=ITALY, today=TODAY)
    assert [(p.code, p.value) for p in made.problems] == [("email.domain", "anna@gmial.com")]
