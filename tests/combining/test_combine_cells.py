"""Cells of two copies by the table of cases: what is taken, what stays, what is asked."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import ROOT
from tests.support.two_copies import TODAY, make_table
from tests.undo.test_undo import applied
from xlcrm.combining.combine_plan import combine_plan
from xlcrm.combining.conflict_lines import cells_text
from xlcrm.combining.decided_conflicts import decided_plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of

CASES = list(csv.DictReader((ROOT / "tests" / "cases" / "combining.csv").read_text("utf-8").splitlines()))
LINES = "code sheet row client_id column value problem suggestion decision found_on"


def book(text: str) -> Tables:
    cells = dict(part.split("=", 1) for part in text.split(" ")) if text else {}
    row = ["C1", "Ann@x", *(value.replace("|", "\n") for value in cells.values())]
    clients = make_table([row], ["client_id", "email", *cells], "Clients")
    return Tables.of(clients, make_table([], LINES, "Problems"))


def said(text: str) -> tuple[str, dict[str, str]]:
    """The column of a line and the cells that it suggests."""
    column, _, cells = text.partition(": ")
    pairs = [part.split("=", 1) for part in cells.split(" ")] if "=" in cells else [[column, cells]]
    return column, {name: value.replace("|", "\n") for name, value in pairs}


def combined_cells(case: dict[str, str]) -> tuple[dict[str, str], list[set[str]]]:
    """The cells that come out, and the lines of each suggestion."""
    base, ours, theirs = (book(case[name]) for name in ("base", "ours", "theirs"))
    plan = combine_plan(ours, theirs, base, settings=Settings(), today=TODAY, fallback="Bo")
    row = applied(ours, plan)["Clients"].frame.iloc[0]
    return {str(c): text_of(row[c]) for c in row.index}, [set(p.suggestion.split("\n")) for p in plan.problems]


def wanted_cells(case: dict[str, str]) -> tuple[dict[str, str], list[set[str]]]:
    """The same by the table."""
    row = book(case["want"])["Clients"].frame.iloc[0]
    cells = said(case["asked"])[1]
    shown = cells_text(dict(cells), {c: c for c in cells})
    return {str(c): text_of(row[c]) for c in row.index}, [set(shown.split("\n"))] if case["asked"] else []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['what']}: {case['why'][:40]}")
def test_cells_are_combined_by_the_rules(case: dict[str, str]) -> None:
    assert combined_cells(case) == wanted_cells(case)


@pytest.mark.parametrize("case", [c for c in CASES if c["asked"]], ids=lambda case: case["why"][:50])
def test_a_decision_takes_theirs_as_a_whole(case: dict[str, str]) -> None:
    base, ours, theirs = (book(case[name]) for name in ("base", "ours", "theirs"))
    after = applied(ours, combine_plan(ours, theirs, base, settings=Settings(), today=TODAY, fallback="Bo"))
    lines = after["Problems"].frame
    lines["decision"] = "apply"
    done = applied(after, decided_plan(after))
    row, want = done["Clients"].frame.iloc[0], theirs["Clients"].frame.iloc[0]
    assert {c: text_of(row[c]) for c in want.index} == {c: text_of(want[c]) for c in want.index}
    assert len(done["Problems"].frame) == 0


def test_a_decision_about_a_cell_that_moved_is_asked_again() -> None:
    base, ours, theirs = book("phone=1"), book("phone=2"), book("phone=3")
    after = applied(ours, combine_plan(ours, theirs, base, settings=Settings(), today=TODAY, fallback="Bo"))
    after["Problems"].frame["decision"] = "apply"
    after["Clients"].frame.loc[0, "phone"] = "4"
    done = applied(after, decided_plan(after))
    assert done["Clients"].frame.loc[0, "phone"] == "4"
    assert done["Problems"].frame[["value", "decision"]].values.tolist() == [["4", ""]]


def test_an_ignored_line_is_not_asked_again() -> None:
    base, ours, theirs = book("phone=1"), book("phone=2"), book("phone=3")
    after = applied(ours, combine_plan(ours, theirs, base, settings=Settings(), today=TODAY, fallback="Bo"))
    after["Problems"].frame["decision"] = "ignore"
    again = combine_plan(after, theirs, base, settings=Settings(), today=TODAY, fallback="Bo")
    assert not again.touches_workbook


def test_without_a_base_nothing_is_overwritten() -> None:
    ours, theirs = book("phone=1 notes=a"), book("phone= notes=b")
    plan = combine_plan(ours, theirs, None, settings=Settings(), today=TODAY, fallback="Bo")
    assert [(p.column, p.suggestion) for p in plan.problems] == [("phone", ""), ("notes", "b")]
    assert {change.table for change in plan.changes} <= {"Problems"}
    assert any(key == "combine.no_base" for key, _ in plan.notes)
