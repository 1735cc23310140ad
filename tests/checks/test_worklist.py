"""The work list: what people decided survives, doubles and gaps are named, every line speaks the user's language."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.checking_help import SETTINGS, apply, check, decide, tables_of
from tests.support.dirty_list import TODAY, as_tables, dirty
from xlcrm import checks, messages, schema, words
from xlcrm.checks.worklist import worklist_plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings


def test_what_is_ignored_stays_ignored_until_the_value_changes() -> None:
    tables = tables_of("client_id=1 email=anna.example.com")
    listed = decide(apply(tables, check(tables)), "email.no_at", "ignore")
    again = check(listed)
    assert again.is_empty
    assert "email.no_at" not in {problem.code for problem in again.problems}
    frames = {name: listed[name].frame for name in listed}
    frames["Clients"] = frames["Clients"].assign(email="anna.example.org")
    changed = check(as_tables(frames))
    assert "email.no_at" in {problem.code for problem in changed.problems}
    assert changed.removed and changed.added


def test_a_line_moves_with_its_client_and_keeps_its_decision() -> None:
    tables = tables_of("client_id=1 email=anna.example.com;client_id=2 email=paolo@example.com")
    listed = decide(apply(tables, check(tables)), "email.no_at", "later")
    frames = {name: listed[name].frame for name in listed}
    frames["Clients"] = frames["Clients"].iloc[::-1].reset_index(drop=True)
    plan = check(as_tables(frames))
    assert not plan.added and not plan.removed
    assert [(c.column, c.after.tolist()) for c in plan.changes] == [("row", [3])]


def test_a_solved_problem_leaves_the_list() -> None:
    tables = tables_of("client_id=1 email=anna.example.com")
    listed = apply(tables, check(tables))
    frames = {name: listed[name].frame for name in listed}
    frames["Clients"] = frames["Clients"].assign(email="anna@example.com")
    plan = check(as_tables(frames))
    assert [str(code) for removed in plan.removed for code in removed.rows["code"]].count("email.no_at") == 1


def test_a_decided_suggestion_is_written_as_edited() -> None:
    tables = tables_of("client_id=1 status=client;client_id=2 status=clinet")
    listed = decide(apply(tables, check(tables)), "choice.unknown", "apply")
    plan = checks.correct_plan(listed, settings=SETTINGS, today=TODAY)
    assert [c.after.tolist() for c in plan.changes if c.column == "status"] == [["client"]]
    frames = {name: listed[name].frame.copy() for name in listed}
    frames["Problems"].loc[frames["Problems"]["code"] == "choice.unknown", "suggestion"] = "former"
    plan = checks.correct_plan(as_tables(frames), settings=SETTINGS, today=TODAY)
    assert [c.after.tolist() for c in plan.changes if c.column == "status"] == [["former"]]


def test_ignore_and_later_keep_even_safe_corrections_out() -> None:
    for decision in ("ignore", "later"):
        tables = tables_of("client_id=1 email=anna@example,com city=_Rome")
        listed = apply(tables, check(tables))
        listed = decide(decide(listed, "email.comma", decision), "text.spaces", decision)
        plan = checks.correct_plan(listed, settings=SETTINGS, today=TODAY)
        assert not [c for c in plan.changes if c.table == "Clients"]


def test_apply_without_a_suggestion_is_told() -> None:
    tables = tables_of("client_id=1 phone=nobody")
    listed = decide(apply(tables, check(tables)), "phone.no_number", "apply")
    plan = checks.correct_plan(listed, settings=SETTINGS, today=TODAY)
    assert [fill["count"] for key, fill in plan.notes if key == "correct.without_suggestion"] == [1]


def test_lines_of_the_split_stay_while_their_cell_does() -> None:
    tables = tables_of("client_id=1 full_name=Bakke_Nilsen;client_id=2 full_name=Anna_Berg")
    other = (("other", "Nilsen"), ("reason", ""))
    doubts = [
        Problem(
            "split.name_doubt", "Clients", 2, "1", "full_name", "Bakke Nilsen", "Bakke", level="doubt", values=other
        ),
        Problem("split.name_doubt", "Clients", 3, "2", "full_name", "Anna Berg", "Berg", level="doubt", values=other),
    ]
    listed = apply(tables, worklist_plan(tables, doubts, prefixes=("split.name",), settings=SETTINGS, today=TODAY))
    plan = check(listed)
    assert {p.key for p in plan.problems if p.code == "split.name_doubt"} == {"1", "2"}
    assert not plan.removed
    told = next(problem for problem in plan.problems if problem.key == "1" and problem.code.startswith("split."))
    assert told.sentence() == doubts[0].sentence()
    frames = {name: listed[name].frame for name in listed}
    frames["Clients"] = frames["Clients"].assign(full_name=["Bakke Nilsen", "Anna Bergli"])
    plan = check(as_tables(frames))
    assert [str(key) for removed in plan.removed for key in removed.rows["client_id"]] == ["2"]
    assert {p.key for p in plan.problems if p.code == "split.name_doubt"} == {"1"}
    gone = worklist_plan(listed, doubts[:1], prefixes=("split.name",), settings=SETTINGS, today=TODAY)
    assert [str(key) for removed in gone.removed for key in removed.rows["client_id"]] == ["2"]


def test_many_alike_are_listed_in_part_and_counted_in_full() -> None:
    tables = tables_of(";".join(f"client_id={n} email=anna{n}.example.com" for n in range(350)))
    plan = check(tables)
    counts = Counter(problem.code for problem in plan.problems)
    assert counts["email.no_at"] == 300
    more = next(problem for problem in plan.problems if problem.code == "check.more")
    assert dict(more.values)["count"] == "50"


def test_who_lacks_what_is_ready_to_be_asked() -> None:
    tables = tables_of(
        "client_id=1 status=client first_name=Anna last_name=Berg email=anna@example.com sector=Retail;"
        "client_id=2 status=client first_name=Paolo phone=+442079460123 opt_out_phone=yes;"
        "client_id=3 status=client company=Nordvik email=post@example.com phone=1 sector=Retail kind=company;"
        "client_id=4 status=prospect first_name=Lucia;"
        "client_id=5 first_name=Nora last_name=Lie email=nora@example.com sector=Retail"
    )
    asked = checks.missing(tables, settings=SETTINGS, today=TODAY)
    assert asked[["client_id", "missing", "how_many", "ask_by"]].values.tolist() == [
        ["2", "Last name, E-mail, Sector", 3, ""],
        ["1", "Phone", 1, "email"],
        ["5", "Phone", 1, "email"],
    ], "who has no status yet is asked, but not for a status"
    assert set(checks.missing(tables, settings=SETTINGS, today=TODAY, status="")["client_id"]) == {"1", "2", "4", "5"}


def test_completeness_names_clients_only_for_what_others_have() -> None:
    rows = [
        f"client_id={n} status=client first_name=A last_name=B email=a{n}@example.com phone=1" for n in range(1, 10)
    ]
    plan = check(tables_of(";".join([*rows, "client_id=10 status=client first_name=A last_name=B phone=1"])))
    lines = [
        (p.code, p.column, p.key, p.value) for p in plan.problems if p.code.startswith(("missing", "client.incom"))
    ]
    assert sorted(lines) == [
        ("client.incomplete", "", "10", "E-mail"),
        ("missing.column", "email", "", ""),
        ("missing.column", "sector", "", ""),
    ]


def test_stale_clients_are_counted() -> None:
    tables = tables_of(
        "client_id=1 status=client registered_on=2020-01-01;client_id=2 status=client registered_on=2026-01-01;"
        "client_id=3 status=former registered_on=2020-01-01;client_id=4 status=client",
        "client_id=1 invoice=1 date=2023-01-01 amount=5",
    )
    stale = next(p for p in check(tables).problems if p.code == "client.stale")
    assert dict(stale.values) == {"count": "1", "months": "18"}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_line_is_in_the_language_of_the_workbook(language: str) -> None:
    frames, _ = dirty(120, 1)
    tables = as_tables(frames, language)
    settings = Settings(country="IT", language=language)
    plan = checks.plan(tables, settings=settings, today=TODAY)
    rows = next(part.rows for part in plan.added if part.table == "Problems")
    assert set(rows["sheet"]) <= {words.title(name, language) for name in ("Clients", "Purchases", "Interactions")}
    assert not rows["problem"].str.contains("[{}]").any()
    assert not any(
        sentence.startswith(f"{code} ") for code, sentence in zip(rows["code"], rows["problem"], strict=True)
    )
    known = {words.header(t, c.name, language) for t in ("Clients", "Purchases") for c in schema.table(t).columns}
    assert set(rows["column"]) - {""} <= known
