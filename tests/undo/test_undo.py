"""Undo gives back what was there, in any order, wherever the rows stand now, and never over what was typed since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, diff
from xlcrm.tables import Table, Tables
from xlcrm.undo.undo import inverse
from xlcrm.values import text_of


def table(rows: Sequence[Sequence[Any]], columns: str, name: str = "Clients", formulas: str = "") -> Tables:
    frame = pd.DataFrame([list(row) for row in rows], columns=columns.split(), dtype=object)
    return Tables.of(Table(name, name, frame, {c: c.upper() for c in columns.split()}, 5, frozenset(formulas.split())))


def applied(tables: Tables, plan: Plan) -> Tables:
    """The tables after a plan, by the plainest means: what an adapter does to a workbook."""
    done = []
    for name in tables:
        held = tables[name]
        frame = held.frame.astype(object)
        for column in plan.new_columns:
            if column.table == name:
                frame = frame.assign(**{column.header: None})
        for change in plan.changes:
            if change.table == name:
                frame = frame.copy()
                for place, value in change.after.items():
                    frame.loc[place, change.column] = None if value is pd.NaT else value
        for removed in plan.removed:
            if removed.table == name:
                frame = frame.drop(index=removed.rows.index)
        parts = [added.rows.astype(object) for added in plan.added if added.table == name]
        frame = pd.concat([frame, *parts], ignore_index=True).reindex(columns=frame.columns)
        headers = {c: held.headers.get(c, c) for c in map(str, frame)}
        done.append(Table(name, held.sheet, frame, headers, held.first_row, held.formulas))
    return Tables.of(*done)


def content(tables: Tables, name: str = "Clients", *, ordered: bool = True) -> list[tuple[str, ...]]:
    frame = tables[name].frame
    rows = [tuple(text_of(value) for value in row) for row in frame.itertuples(index=False)]
    return rows if ordered else sorted(rows)


def reordered(tables: Tables, order: Sequence[int], name: str = "Clients") -> Tables:
    held = tables[name]
    frame = held.frame.iloc[list(order)].reset_index(drop=True)
    return Tables.of(Table(name, held.sheet, frame, held.headers, held.first_row, held.formulas))


def typed(tables: Tables, place: int, column: str, value: Any, name: str = "Clients") -> Tables:
    held = tables[name]
    frame = held.frame.copy()
    frame.loc[place, column] = value
    return Tables.of(Table(name, held.sheet, frame, held.headers, held.first_row, held.formulas))


PEOPLE = table(
    [("C1", "anna@", "Oslo", 5.0), ("C2", "bob@", "Roma", None), ("C3", "carl@", "", 7.0), ("C4", "dora@", "Nice", 1)],
    "client_id email city turnover",
)


def fixes(tables: Tables, **cells: dict[int, Any]) -> Plan:
    frame = tables["Clients"].frame
    changes: tuple[Change, ...] = ()
    for column, values in cells.items():
        after = pd.DataFrame({column: pd.Series(values, dtype=object)})
        changes += diff(tables["Clients"], after.reindex(sorted(values)), key="client_id")
    assert frame.equals(tables["Clients"].frame)
    return Plan("fix", changes=changes)


FIX = fixes(PEOPLE, email={0: "anna@example.com", 2: "carl@example.com"}, city={2: "Bari"}, turnover={1: 3.0})


def refused(plan: Plan, tables: Tables) -> CrmError:
    with pytest.raises(CrmError) as fault:
        inverse(plan, tables)
    assert all(len(fault.value.text(language)) > 30 for language in LANGUAGES)
    return fault.value


def test_changed_cells_come_back() -> None:
    after = applied(PEOPLE, FIX)
    back = inverse(FIX, after)
    assert back.action == "undo"
    assert content(applied(after, back)) == content(PEOPLE)
    assert back.notes[0] == ("undo.took_back", {"action": "fix", "cells": 4, "added": 0, "removed": 0})


def test_nothing_that_came_in_is_changed() -> None:
    after = applied(PEOPLE, FIX)
    frame, cells = after["Clients"].frame.copy(), FIX.changes[0].after.copy()
    inverse(FIX, after)
    assert frame.equals(after["Clients"].frame)
    assert cells.equals(FIX.changes[0].after)


def test_an_undo_can_be_undone() -> None:
    after = applied(PEOPLE, FIX)
    back = inverse(FIX, after)
    again = inverse(back, applied(after, back))
    assert content(applied(PEOPLE, again)) == content(after)


@pytest.mark.parametrize("order", [[3, 2, 1, 0], [2, 0, 3, 1], [1, 2, 3, 0]], ids=str)
def test_rows_that_were_sorted_are_found_by_their_key(order: list[int]) -> None:
    sorted_since = reordered(applied(PEOPLE, FIX), order)
    back = inverse(FIX, sorted_since)
    assert content(applied(sorted_since, back)) == content(reordered(PEOPLE, order))


def test_rows_put_in_or_gone_that_the_run_never_touched() -> None:
    after = applied(PEOPLE, FIX)
    held = after["Clients"]
    above = pd.DataFrame([["C9", "nina@", "Bergen", 2]], columns=held.frame.columns, dtype=object)
    frame = pd.concat([above, held.frame.drop(index=3)], ignore_index=True)
    since = Tables.of(Table("Clients", "Clients", frame, held.headers))
    back = inverse(FIX, since)
    assert content(applied(since, back)) == [("C9", "nina@", "Bergen", "2"), *content(PEOPLE)[:3]]


def test_a_cell_typed_since_is_named_and_nothing_is_taken_back() -> None:
    fault = refused(FIX, typed(applied(PEOPLE, FIX), 2, "email", "carla@example.org"))
    assert fault.key == "undo.changed_since"
    assert fault.values["count"] == 1
    assert fault.values["cells"] == "Clients / 7 / C3 / EMAIL"


def test_the_first_few_of_many_cells_are_named() -> None:
    after = applied(PEOPLE, FIX)
    for place, column in ((0, "email"), (2, "email"), (2, "city"), (1, "turnover")):
        after = typed(after, place, column, "typed since")
    fault = refused(FIX, after)
    assert fault.values["count"] == 4
    assert str(fault.values["cells"]).count(";") == 2


def test_a_cell_of_another_column_typed_since_stays() -> None:
    since = typed(applied(PEOPLE, FIX), 0, "city", "Narvik")
    assert content(applied(since, inverse(FIX, since))) == content(typed(PEOPLE, 0, "city", "Narvik"))


def test_a_changed_row_that_is_gone_is_named() -> None:
    after = applied(PEOPLE, FIX)
    since = reordered(after, [1, 2, 3])
    fault = refused(FIX, since)
    assert fault.values["cells"] == "Clients / ? / C1 / EMAIL"


def test_a_key_that_the_run_itself_gave_is_the_one_looked_for() -> None:
    people = table([("", "anna@"), ("", "bob@"), ("C3", "carl@")], "client_id email")
    plan = fixes(people, client_id={0: "C8", 1: "C9"}, email={1: "bob@example.com"})
    since = reordered(applied(people, plan), [2, 1, 0])
    assert content(applied(since, inverse(plan, since))) == content(reordered(people, [2, 1, 0]))


def test_later_runs_elsewhere_can_stay_and_be_taken_back_later() -> None:
    first = fixes(PEOPLE, email={0: "anna@example.com"})
    middle = applied(PEOPLE, first)
    second = fixes(middle, city={0: "Bodø", 1: "Pisa"})
    last = applied(middle, second)
    without_first = applied(last, inverse(first, last))
    assert content(without_first) == content(applied(PEOPLE, fixes(PEOPLE, city={0: "Bodø", 1: "Pisa"})))
    assert content(applied(without_first, inverse(second, without_first))) == content(PEOPLE)


def test_a_later_run_over_the_same_cell_has_to_go_first() -> None:
    first = fixes(PEOPLE, email={0: "anna@example.com"})
    middle = applied(PEOPLE, first)
    second = fixes(middle, email={0: "anna@example.org"})
    assert refused(first, applied(middle, second)).values["cells"] == "Clients / 5 / C1 / EMAIL"


@pytest.mark.parametrize(
    ("left", "read"),
    [
        (-0.0, "0"),
        (True, 1.0),
        (False, "false"),
        (20121.0, "20121"),
        (0.1 + 0.2, "0.3"),
        (729738225.2963543, "729738225.296354294"),
        (1e20, "1e+20"),
        (pd.Timestamp(2026, 1, 31), "2026-01-31 00:00:00"),
        (pd.Timestamp(2026, 1, 31, 23, 59, 59, 999600), "2026-02-01"),
        ("a\nb", "a\r\nb"),
        (None, ""),
    ],
    ids=str,
)
def test_a_cell_that_reads_in_another_form_is_what_the_run_left(left: Any, read: Any) -> None:
    people = table([("C1", "was", "x")], "client_id email city")
    plan = fixes(people, email={0: left})
    back = inverse(plan, typed(people, 0, "email", read))
    assert back.changes[0].after.tolist() == ["was"]
    assert back.changes[0].before.tolist() == plan.changes[0].after.tolist()


@pytest.mark.parametrize(
    ("left", "read"),
    [("007", "7"), ("1/2", "2026-01-02"), ("yes", True), ("a", "a "), ("12345678901234567890", "12345678901234567891")],
    ids=str,
)
def test_a_cell_that_reads_as_something_else_was_changed(left: Any, read: Any) -> None:
    people = table([("C1", "was", "x")], "client_id email city")
    assert refused(fixes(people, email={0: left}), typed(people, 0, "email", read)).key == "undo.changed_since"


LINES = table(
    [
        ("I1", "C1", "pen", 2),
        ("I1", "C1", "ink", 1),
        ("I2", "C2", "pen", 2),
        ("I2", "C2", "pen", 2),
        ("I3", "C1", "nib", 9),
    ],
    "invoice client_id product amount",
    "Purchases",
)


def lines_plan(column: str, values: dict[int, Any]) -> Plan:
    after = pd.DataFrame({column: pd.Series(values, dtype=object)})
    return Plan("fix", changes=diff(LINES["Purchases"], after, key="invoice"))


def test_moved_lines_of_an_invoice_are_found_by_their_cells() -> None:
    plan = lines_plan("product", {0: "Pen, blue", 1: "Ink, black"})
    order = [4, 1, 3, 2, 0]
    since = reordered(applied(LINES, plan), order, "Purchases")
    back = applied(since, inverse(plan, since))
    assert content(back, "Purchases") == content(reordered(LINES, order, "Purchases"), "Purchases")


def test_a_line_that_could_be_one_of_two_is_not_guessed() -> None:
    plan = lines_plan("product", {2: "Pen"})
    since = typed(applied(LINES, plan), 3, "product", "Pen", "Purchases")
    moved = reordered(since, [3, 4, 0, 1, 2], "Purchases")
    assert refused(plan, moved).key == "undo.changed_since"


NEWCOMERS = Plan(
    "import",
    added=(Added("Clients", pd.DataFrame({"client_id": ["C8", "C9"], "email": ["hugo@", "ida@"]}, dtype=object)),),
)


@pytest.mark.parametrize("order", [None, [5, 0, 4, 1, 3, 2]], ids=["as added", "sorted since"])
def test_added_rows_go(order: list[int] | None) -> None:
    after = applied(PEOPLE, NEWCOMERS)
    since = reordered(after, order) if order else after
    back = inverse(NEWCOMERS, since)
    assert back.counts()["removed"] == 2
    assert content(applied(since, back), ordered=False) == content(PEOPLE, ordered=False)


def test_an_added_row_that_somebody_worked_on_since_is_named() -> None:
    fault = refused(NEWCOMERS, typed(applied(PEOPLE, NEWCOMERS), 5, "city", "Narvik"))
    assert (fault.key, fault.values["cells"], fault.values["count"]) == (
        "undo.changed_since",
        "Clients / 10 / C9 / CITY",
        1,
    )
    fault = refused(NEWCOMERS, typed(applied(PEOPLE, NEWCOMERS), 4, "email", "hugo@example.com"))
    assert fault.values["cells"] == "Clients / 9 / C8 / EMAIL"
    fault = refused(NEWCOMERS, PEOPLE)
    assert fault.values["cells"] == "Clients / ? / C8; Clients / ? / C9"


def test_what_a_refresh_filled_is_no_work_of_a_person() -> None:
    people = table([("C1", "anna@", 5.0)], "client_id email total_spend")
    after = typed(applied(people, NEWCOMERS), 1, "total_spend", 99.5)
    assert content(applied(after, inverse(NEWCOMERS, after))) == content(people)


def test_the_same_import_twice_taken_back_once_leaves_one() -> None:
    once = applied(PEOPLE, NEWCOMERS)
    twice = applied(once, NEWCOMERS)
    assert content(applied(twice, inverse(NEWCOMERS, twice))) == content(once)


def test_two_parts_added_to_one_table_take_two_rows() -> None:
    row = pd.DataFrame({"client_id": [""], "email": ["x@"]}, dtype=object)
    plan = Plan("import", added=(Added("Clients", row), Added("Clients", row)))
    after = applied(PEOPLE, plan)
    assert content(applied(after, inverse(plan, after))) == content(PEOPLE)


def test_rows_of_a_queue_are_told_apart_by_what_they_say() -> None:
    queue = table([("email.no_at", "C1", "no @", "")], "code client_id problem decision", "Problems")
    found = pd.DataFrame({"code": ["phone.short"], "client_id": ["C1"], "problem": ["too short"], "decision": [""]})
    plan = Plan("check", added=(Added("Problems", found),))
    after = applied(queue, plan)
    back = inverse(plan, after)
    assert [list(part.rows.index) for part in back.removed] == [[1]]
    assert refused(plan, typed(after, 1, "decision", "ignore", "Problems")).values["count"] == 1


GONE = Plan("erase", removed=(Removed("Clients", PEOPLE["Clients"].frame.iloc[[1, 3]]),))


def test_removed_rows_come_back() -> None:
    after = applied(PEOPLE, GONE)
    back = inverse(GONE, after)
    assert content(applied(after, back), ordered=False) == content(PEOPLE, ordered=False)


def test_a_removed_client_does_not_come_back_twice() -> None:
    after = typed(applied(PEOPLE, GONE), 0, "client_id", "C4")
    fault = refused(GONE, after)
    assert (fault.key, fault.values["client"], fault.values["count"]) == ("undo.key_taken", "C4", 1)


def test_a_merge_changes_one_row_and_removes_another() -> None:
    plan = fixes(PEOPLE, email={3: "both@"}, city={1: "lost with its row"})
    plan = Plan("merge", changes=plan.changes, removed=(Removed("Clients", PEOPLE["Clients"].frame.iloc[[1]]),))
    after = applied(PEOPLE, plan)
    assert content(applied(after, inverse(plan, after)), ordered=False) == content(PEOPLE, ordered=False)


def test_rows_changed_below_removed_rows_are_found() -> None:
    people = table([("", f"{place}@", "") for place in range(6)], "client_id email city")
    plan = fixes(people, city={3: "Oslo", 5: "Rome"})
    plan = Plan("merge", changes=plan.changes, removed=(Removed("Clients", people["Clients"].frame.iloc[[0, 4]]),))
    after = applied(people, plan)
    assert content(applied(after, inverse(plan, after)), ordered=False) == content(people, ordered=False)


def test_a_new_column_stays_and_is_emptied() -> None:
    index = pd.Index([0, 2])
    cells = pd.Series(["43", "38"], index=index, dtype=object)
    blank = pd.Series([None, None], index=index, dtype=object)
    keys = pd.Series(["C1", "C3"], index=index, dtype=object)
    plan = Plan(
        "import",
        new_columns=(NewColumn("Clients", "Shoe size"),),
        changes=(Change("Clients", "Shoe size", blank, cells, keys),),
    )
    after = applied(PEOPLE, plan)
    back = inverse(plan, after)
    assert [row[:-1] for row in content(applied(after, back))] == content(PEOPLE)
    assert {row[-1] for row in content(applied(after, back))} == {""}
    assert back.notes[1] == ("undo.column_stays", {"table": "Clients", "header": "Shoe size"})


def test_the_list_of_runs_is_no_part_of_what_is_taken_back() -> None:
    log = table([(1, "import")], "undo_number action", "Changes")
    plan = Plan("import", added=(Added("Changes", log["Changes"].frame),))
    assert inverse(plan, log).is_empty


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        (table([], "client_id", "Leads"), "undo.table_gone"),
        (table([("C1", "x")], "client_id city"), "undo.column_gone"),
    ],
)
def test_what_is_not_there_any_more_is_named(tables: Tables, key: str) -> None:
    for plan in (FIX, NEWCOMERS):
        assert refused(plan, tables).key == key


def test_a_column_that_has_formulas_now_is_not_written_over() -> None:
    after = applied(PEOPLE, FIX)["Clients"]
    since = Tables.of(Table("Clients", "Clients", after.frame, after.headers, 5, frozenset({"city"})))
    assert refused(FIX, since).values["cells"] == "Clients / 7 / C3 / CITY"


def test_two_changes_of_one_cell_give_back_the_first_before() -> None:
    first = fixes(PEOPLE, email={0: "anna@example.com"})
    second = fixes(PEOPLE, email={0: "anna@example.org", 1: "bob@example.org"})
    plan = first.join(second)
    after = applied(PEOPLE, plan)
    assert content(applied(after, inverse(plan, after))) == content(PEOPLE)


VALUES = st.one_of(
    st.none(), st.sampled_from(["", "a", "007", "7", "x y"]), st.integers(-9, 9), st.floats(-1e6, 1e6), st.booleans()
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[Tables, Plan, list[int]]:
    """A table, a plan that changes, adds and removes rows of it, and an order for the rows afterwards."""
    height = draw(st.integers(1, 8))
    keys = [f"C{place}" for place in range(height)]
    rows = [(key, draw(VALUES), draw(VALUES)) for key in keys]
    tables = table(rows, "client_id email Mine")
    frame = tables["Clients"].frame
    places = draw(st.lists(st.integers(0, height - 1), unique=True))
    after = frame.loc[sorted(places), ["email", "Mine"]].map(lambda value: draw(VALUES)).astype(object)
    new = [(f"N{place}", draw(VALUES)) for place in range(draw(st.integers(0, 3)))]
    gone = draw(st.lists(st.integers(0, height - 1), unique=True, max_size=3))
    plan = Plan(
        "any",
        changes=diff(tables["Clients"], after, key="client_id"),
        added=(Added("Clients", pd.DataFrame(new, columns=["client_id", "email"], dtype=object)),),
        removed=(Removed("Clients", frame.iloc[sorted(gone)]),),
    )
    order = draw(st.permutations(range(height - len(gone) + len(new))))
    return tables, plan, list(order)


@settings(max_examples=300, deadline=None)
@given(runs())
def test_any_run_is_taken_back_wherever_its_rows_stand(case: tuple[Tables, Plan, list[int]]) -> None:
    tables, plan, order = case
    since = reordered(applied(tables, plan), order)
    back = applied(since, inverse(plan, since))
    assert content(back, ordered=False) == content(tables, ordered=False)
