"""The checks: each rule as a row of cases/checks.csv, a dirty list with planted faults, and odd workbooks."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from tests.support.checking_help import ITALY, SETTINGS, apply, check, tables_of
from tests.support.dirty_list import TODAY, Planted, as_tables, clean, dirty, empty
from tests.support.faults_by_kind import COUNTED, KINDS
from tests.support.paths import CASES
from xlcrm import checks
from xlcrm.checks import people
from xlcrm.checks.cells import tidied, unbroken
from xlcrm.checks.checking import findings
from xlcrm.checks.purchase_lines import new_ids
from xlcrm.checks.view import CheckedBook
from xlcrm.doubles import duplicates_sheet
from xlcrm.tables import Tables

with (CASES / "checks.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
# What any row of a case lacks is no part of the case.
BESIDE = ("missing.", "client.unreach", "client.incomplete", "client.stale", "consent.missing", "status.never_bought",
          "gender.known", "birth.known")  # fmt: skip


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["why"])
def test_each_rule_finds_its_fault_and_nothing_else(case: dict[str, str]) -> None:
    plan = check(tables_of(case["clients"], case["purchases"]))
    found = {problem.code for problem in plan.problems if not problem.code.startswith(BESIDE)}
    assert found == set(case["codes"].split())


@pytest.fixture(scope="module")
def spoilt() -> tuple[Tables, list[Planted]]:
    frames, planted = dirty(1200, 11)
    return as_tables(frames), planted


def test_a_clean_list_has_no_problem() -> None:
    plan = check(as_tables(clean(800)), ITALY)
    assert plan.problems == ()
    assert plan.notes[0][0] == "check.clean"


def test_every_planted_fault_is_found_and_nothing_besides(spoilt: tuple[Tables, list[Planted]]) -> None:
    tables, planted = spoilt
    assert len(planted) >= 500 and len(KINDS) >= 40
    found = findings(CheckedBook.of(tables, ITALY, TODAY))
    lines = Counter((p.code, p.table, p.row, p.column) for p in found if p.row)
    about = Counter(p.code for p in found if not p.row)
    of_lines = [p for p in planted if p.code != "link.unknown"]
    assert [p for p in of_lines if not lines[p[:4]]] == []
    assert about["link.unknown"] > 0
    assert set(lines) - {p[:4] for p in planted} == set(), "false alarms"


def test_what_is_mended_without_asking_is_right(spoilt: tuple[Tables, list[Planted]]) -> None:
    tables, planted = spoilt
    plan = checks.correct_plan(tables, settings=ITALY, today=TODAY)
    written = {
        (c.table, c.column, int(str(p)) + 2): v
        for c in plan.changes
        for p, v in c.after.items()
        if c.table != "Problems"
    }
    right = {(p.table, p.column, p.row): p.right for p in planted if p.right is not None}
    certain = {k for k in written if k not in right}
    assert {k: str(v) for k, v in written.items() if k in right} == {k: str(v) for k, v in right.items()}
    others = {(p.code, p.column) for p in planted for k in certain if (p.table, p.column, p.row) == k}
    assert others <= {("email.domain", "email"), ("text.broken_letters", "first_name")}, "mended to something else"


def test_correcting_removes_problems_and_brings_no_new_ones(spoilt: tuple[Tables, list[Planted]]) -> None:
    tables, _ = spoilt
    listed = apply(tables, check(tables, ITALY))
    corrected = apply(listed, checks.correct_plan(listed, settings=ITALY, today=TODAY))
    again = check(corrected, ITALY)
    assert not any(problem.safe for problem in again.problems)
    assert not again.added
    assert COUNTED.isdisjoint(problem.code for problem in again.problems)


def test_a_second_check_changes_nothing(spoilt: tuple[Tables, list[Planted]]) -> None:
    tables, _ = spoilt
    listed = apply(tables, check(tables, ITALY))
    again = check(listed, ITALY)
    assert again.is_empty
    assert again.problems


def test_checking_leaves_the_tables_as_they_are(spoilt: tuple[Tables, list[Planted]]) -> None:
    tables, _ = spoilt
    before = {name: tables[name].frame.copy() for name in tables}
    check(tables, ITALY)
    checks.correct_plan(tables, settings=ITALY, today=TODAY)
    checks.missing(tables, settings=ITALY, today=TODAY)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(tables[name].frame, frame)


def test_dates_and_numbers_are_mended_to_dates_and_numbers() -> None:
    tables = tables_of("client_id=1 registered_on=3.4.2024 acquired_on=45500", "client_id=1 invoice=1 amount=1.234,50")
    plan = checks.correct_plan(tables, settings=SETTINGS, today=TODAY)
    written = {c.column: c.after.iloc[0] for c in plan.changes}
    assert written["registered_on"] == pd.Timestamp(2024, 4, 3)
    assert written["acquired_on"] == pd.Timestamp(2024, 7, 27)
    assert written["amount"] == 1234.5


def test_one_column_shows_the_order_of_its_dates() -> None:
    tables = tables_of("client_id=1 registered_on=03/25/2024;client_id=2 registered_on=03/04/2024")
    plan = checks.correct_plan(tables, settings=SETTINGS, today=TODAY)
    assert plan.changes[0].after.tolist() == [pd.Timestamp(2024, 3, 25), pd.Timestamp(2024, 3, 4)]


def test_a_spelling_is_mended_in_all_its_cells_at_once() -> None:
    tables = tables_of(";".join(f"client_id={n} salesperson={'ANNA' if n < 3 else 'Anna'}" for n in range(1, 8)))
    plan = checks.correct_plan(tables, settings=SETTINGS, today=TODAY)
    assert [c.after.tolist() for c in plan.changes if c.column == "salesperson"] == [["Anna", "Anna"]]


def test_new_ids_follow_the_manner_of_the_list() -> None:
    def first(ids: list[str]) -> str:
        return next(new_ids(ids))

    assert first(["C0007", "C0012", "X1"]) == "C0013"
    assert first(["7", "12"]) == "13"
    assert first([]) == "C0001"
    assert first(["K-099", "K-100"]) == "K-101"


@pytest.mark.parametrize("dropped", ["Problems", "Duplicates", "Purchases", "Interactions", "Clients"])
def test_a_workbook_without_a_table_is_checked_all_the_same(dropped: str) -> None:
    frames, _ = dirty(120, 1)
    tables = as_tables({name: frame for name, frame in frames.items() if name != dropped})
    plan = checks.plan(tables, settings=ITALY, today=TODAY)
    assert dropped not in {part.table for part in plan.added}
    checks.correct_plan(tables, settings=ITALY, today=TODAY)
    checks.missing(tables, settings=ITALY, today=TODAY)


HELD = ("Clients", "Purchases", "Interactions", "People", "Opportunities", "StageChanges", "Duplicates", "Merged")


@pytest.mark.no_cover
@pytest.mark.parametrize("name", HELD)
def test_tables_without_one_of_their_columns_are_checked(name: str) -> None:
    """As somebody leaves them who deletes a column that the team doesn't need."""
    frames = {table: empty(table).reindex(range(3)) for table in (*HELD, "Problems")}
    held = {
        table: frame.assign(**{str(c): ["1", "2", "1"] for c in frame if frame[c].dtype == "str" and c != "new_id"})
        for table, frame in frames.items()
    }
    columns = [column for column in held[name] if column != "client_id"]
    half = (len(columns) + 1) // 2
    # two at a time that stand far from each other; all else hangs on client numbers
    for dropped in (["client_id"] if "client_id" in held[name] else [], *(columns[at::half] for at in range(half))):
        tables = as_tables({**held, name: held[name].drop(columns=dropped)})
        checks.plan(tables, settings=ITALY, today=TODAY)
        duplicates_sheet.plan(tables, settings=ITALY, today=TODAY)


def test_what_a_correction_leaves_open_is_what_a_check_finds() -> None:
    frames, _ = dirty(120, 3)
    tables = as_tables(frames)
    listed = apply(tables, checks.plan(tables, settings=ITALY, today=TODAY))
    made = checks.correct_plan(listed, settings=ITALY, today=TODAY)
    assert made.changes
    corrected = apply(listed, made)
    assert checks.plan(corrected, settings=ITALY, today=TODAY).is_empty
    found = check(corrected, ITALY).problems
    assert sorted(map(str, found)) == sorted(map(str, made.problems))


@pytest.mark.no_cover
def test_any_column_may_be_missing_empty_or_full_of_junk() -> None:
    frames, _ = dirty(120, 1)
    frames |= {name: frames[name].head(12) for name in ("Purchases", "Interactions")}
    junk = [None, "", "🙂", "=cmd()", -1.5, True, dt.datetime(2024, 1, 1), "²", "x" * 300, np.nan]
    columns = list(frames["Clients"].columns)
    half = (len(columns) + 1) // 2
    for place in range(half):  # each column is once of each kind, together with one that stands far from it
        dropped, blank, full = (columns[(place - by) % half :: half] for by in (0, 1, 7))
        clients = frames["Clients"].head(20).drop(columns=dropped)
        clients[blank] = pd.DataFrame(None, index=range(20), columns=blank, dtype=object)
        for name in full:
            clients[name] = pd.Series([junk[n % len(junk)] for n in range(20)], dtype=object)
        tables = as_tables({**frames, "Clients": clients})
        listed = apply(tables, checks.plan(tables, settings=ITALY, today=TODAY))
        if place % 2:
            assert checks.plan(listed, settings=ITALY, today=TODAY).is_empty, (dropped, blank, full)
        else:
            checks.correct_plan(listed, settings=ITALY, today=TODAY)


def test_a_new_workbook_with_one_blank_row_has_no_problem() -> None:
    tables = tables_of("client_id=", "client_id=")
    assert check(tables).problems == ()


def test_italian_numbers_are_spelt_from_names() -> None:
    assert people.surname_letters("Rossi") == "RSS"
    assert people.surname_letters("Fo") == "FOX"
    assert people.first_name_letters("Gianfranco") == "GFR"
    assert people.first_name_letters("Maria Luisa") == "MLS"
    assert people.surname_letters("D'Amicò") == "DMC"


def test_broken_letters_and_spaces_are_mended_others_left() -> None:
    assert unbroken("JosÃ© MarÃ\u00ada") == "José María"
    assert unbroken("Ã˜ystein") == "Øystein"
    assert unbroken("Müller & Søn – Ãngel") == "Müller & Søn – Ãngel"
    assert unbroken("SÃO PAULO") == "SÃO PAULO"
    assert tidied("  Via\u00a0Roma  1 ") == "Via Roma 1"
    assert tidied("Via Roma\nMilano") == "Via Roma\nMilano"
