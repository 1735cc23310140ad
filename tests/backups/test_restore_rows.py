"""What changed between two backups, and single clients brought back from one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from xlcrm.backups.history import Difference, differences
from xlcrm.backups.restore import restore_rows
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES, text
from xlcrm.plan import Plan
from xlcrm.tables import Table, Tables


def table(rows: Sequence[Sequence[Any]], columns: str, name: str = "Clients", formulas: str = "") -> Table:
    frame = pd.DataFrame([list(row) for row in rows], columns=columns.split(), dtype=object)
    return Table(name, name, frame, {c: c for c in columns.split()}, 2, frozenset(formulas.split()))


ALL = "client_id email total_spend"
LINE = "invoice client_id product"
THEN = table([("C1", "anna@", 5.0), ("C2", "bob@", None), ("C3", "carl@", 7.0)], ALL)
LINES = table(
    [("I1", "C1", "pen"), ("I1", "C1", "ink"), ("I2", "C2", "pen"), ("I2", "C2", "pen")],
    LINE,
    "Purchases",
)


@pytest.mark.parametrize(
    ("now", "counts"),
    [
        (THEN, None),
        (table([("C3", "carl@", 7), ("C1", "anna@", "5"), ("C2", "bob@", "")], ALL), None),
        (table([("C1", "anna@", 5.0), ("C2", "bob@", None)], ALL), (0, 1, 0)),
        (table([("C1", "new@", 5.0), ("C2", "bob@", 1), ("C3", "carl@", 7)], ALL), (0, 0, 2)),
        (table([("C9", "anna@", 5.0), ("C2", "bob@", None), ("C3", "carl@", 7)], ALL), (1, 1, 0)),
        (table([], ALL), (0, 3, 0)),
        (table([("C1", "anna@"), ("C2", "bob@"), ("C3", "carl@")], "client_id email"), (0, 0, 2)),
        (table([("C1", "anna@", 9), ("C2", "bob@", 9), ("C3", "c@", 9)], ALL, formulas="total_spend"), (0, 0, 1)),
    ],
    ids=["equal", "sorted and retyped", "gone", "changed", "key changed", "emptied", "column gone", "formulas"],
)
def test_differences(now: Table, counts: tuple[int, int, int] | None) -> None:
    found = differences(Tables.of(THEN), Tables.of(now))
    assert found == ([Difference("Clients", *counts)] if counts else [])


def test_lines_of_one_invoice_are_paired_by_what_they_hold() -> None:
    now = table(
        [("I1", "C1", "ink"), ("I1", "C1", "quill"), ("I2", "C2", "pen"), ("I4", "C1", "nib")], LINE, "Purchases"
    )
    assert differences(Tables.of(LINES), Tables.of(now)) == [Difference("Purchases", 1, 1, 1)]


def test_tables_that_came_and_went() -> None:
    found = differences(Tables.of(THEN), Tables.of(LINES))
    assert found == [Difference("Purchases", 4, 0, 0, "came"), Difference("Clients", 0, 3, 0, "went")]
    for language in LANGUAGES:
        for difference in (*found, Difference("Clients", 1, 2, 3)):
            key, values = difference.note()
            assert text(key, language, **values).startswith(difference.table)


def added(plan: Plan, name: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for part in plan.added if part.table == name for row in part.rows.itertuples(index=False)]


def cells(plan: Plan) -> list[tuple[Any, ...]]:
    return [
        (change.table, place, change.column, before, after)
        for change in plan.changes
        for (place, before), after in zip(change.before.items(), change.after, strict=True)
    ]


def test_a_client_that_is_still_there_gets_its_typed_cells_back() -> None:
    now = table([("C3", "x@", 99), ("C1", "y@", 99)], ALL)
    plan = restore_rows(Tables.of(THEN), Tables.of(now), ["C1"])
    assert cells(plan) == [("Clients", 1, "email", "y@", "anna@")]
    assert plan.notes == (("restore.rows", {"changed": 1, "added": 0, "related": 0}),)


def test_a_gone_client_is_added_without_calculated_cells() -> None:
    now = table([("C1", "anna@", 99)], ALL)
    plan = restore_rows(Tables.of(THEN), Tables.of(now), [" C3 ", "C2", "C3"])
    assert added(plan, "Clients") == [("C2", "bob@"), ("C3", "carl@")]
    assert plan.changes == ()


def test_a_client_that_is_as_it_was_changes_nothing() -> None:
    assert restore_rows(Tables.of(THEN), Tables.of(THEN), ["C1", "C2"]).is_empty


def test_a_number_typed_as_text_is_the_same_client() -> None:
    then = table([(1001.0, "anna@")], "client_id email")
    now = table([("1001", "x@")], "client_id email")
    assert [cell[3:] for cell in cells(restore_rows(Tables.of(then), Tables.of(now), ["1001"]))] == [("x@", "anna@")]


def test_a_deleted_column_comes_back_where_it_held_something() -> None:
    then = table([("C1", "anna@", "43"), ("C2", "bob@", None)], "client_id email Shoes")
    now = table([("C1", "anna@"), ("C2", "bob@")], "client_id email")
    plan = restore_rows(Tables.of(then), Tables.of(now), ["C1"])
    assert [(column.table, column.header) for column in plan.new_columns] == [("Clients", "Shoes")]
    assert cells(plan) == [("Clients", 0, "Shoes", None, "43")]
    assert restore_rows(Tables.of(then), Tables.of(now), ["C2"]).is_empty


@pytest.mark.parametrize(
    ("ids", "now", "key"),
    [
        (["C1", "C7", "C8"], THEN, "restore.unknown_rows"),
        (["C1"], table([("C1", "a"), ("C1", "b")], "client_id email"), "restore.double_rows"),
        (["C1"], table([("x",)], "name"), "undo.table_gone"),
    ],
)
def test_clients_that_cannot_be_told(ids: list[str], now: Table, key: str) -> None:
    with pytest.raises(CrmError) as refused:
        restore_rows(Tables.of(THEN), Tables.of(now), ids)
    assert refused.value.key == key
    if key == "restore.unknown_rows":
        assert refused.value.values["ids"] == "C7, C8"


def test_purchases_stay_as_they_are_unless_asked_for() -> None:
    now = table([], LINE, "Purchases")
    assert restore_rows(Tables.of(THEN, LINES), Tables.of(THEN, now), ["C1"]).is_empty


def test_gone_purchases_come_back_and_none_doubles() -> None:
    now = table([("I1", "C1", "ink"), ("I9", "C1", "later")], LINE, "Purchases")
    plan = restore_rows(Tables.of(THEN, LINES), Tables.of(THEN, now), ["C1", "C2"], related=True)
    assert added(plan, "Purchases") == [("I1", "C1", "pen"), ("I2", "C2", "pen"), ("I2", "C2", "pen")]
    assert plan.notes[-1][1]["related"] == 3


def test_purchases_merged_away_go_back_to_their_client() -> None:
    now = table(
        [("I1", "C1", "pen"), ("I1", "C1", "ink"), ("I2", "C1", "pen"), ("I2", "C1", "pen"), ("I1", "C3", "pen")],
        LINE,
        "Purchases",
    )
    clients = table([("C1", "anna@", 5), ("C3", "carl@", 7)], ALL)
    plan = restore_rows(Tables.of(THEN, LINES), Tables.of(clients, now), ["C2"], related=True)
    assert cells(plan) == [("Purchases", 2, "client_id", "C1", "C2"), ("Purchases", 3, "client_id", "C1", "C2")]
    assert added(plan, "Clients") == [("C2", "bob@")]


def test_nothing_that_came_in_is_changed() -> None:
    before = [THEN.frame.copy(), LINES.frame.copy()]
    now = Tables.of(table([("C1", "x@", 1)], ALL), table([], LINE, "Purchases"))
    differences(Tables.of(THEN, LINES), now)
    restore_rows(Tables.of(THEN, LINES), now, ["C1", "C2"], related=True)
    assert before[0].equals(THEN.frame)
    assert before[1].equals(LINES.frame)
