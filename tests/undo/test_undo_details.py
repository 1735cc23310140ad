"""Undo in detail: calculated columns, rows of several tables, tables that took rows in, what a refusal names."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.undo.test_undo import PEOPLE, applied, content, fixes, refused, reordered, table, typed
from xlcrm.plan import Added, NewColumn, Plan, Removed, Resized
from xlcrm.tables import Table, Tables
from xlcrm.undo.undo import inverse

SPENT = table(
    [("C1", "anna@", 5.0, "x"), ("C2", "bob@", 7.0, "y")], "client_id email total_spend twice", formulas="twice"
)


def both(*tables: Tables) -> Tables:
    return Tables.of(*(one[name] for one in tables for name in one))


def rows(**cells: list[object]) -> pd.DataFrame:
    return pd.DataFrame(cells, dtype=object)


def test_a_refreshed_row_is_still_the_one_that_was_added() -> None:
    plan = Plan("import", added=(Added("Clients", rows(client_id=["C9"], email=["z@"], total_spend=[None])),))
    after = typed(applied(SPENT, plan), 2, "total_spend", 99.0)
    back = inverse(plan, after)
    assert content(applied(after, back)) == content(SPENT)
    assert "twice" not in back.removed[0].rows, "a formula is nobody's typing"


def test_removed_rows_come_back_in_the_columns_there_are() -> None:
    gone = SPENT["Clients"].frame.iloc[[1]]
    plan = Plan("merge", removed=(Removed("Clients", gone),))
    after = applied(SPENT, plan)
    left = after["Clients"]
    without = Tables.of(replace(left, frame=left.frame.drop(columns="total_spend")))
    (added,) = inverse(plan, without).added
    assert list(added.rows.columns) == ["client_id", "email"]
    email = Tables.of(replace(left, frame=left.frame.drop(columns="email")))
    assert refused(plan, email).key == "undo.column_gone"


def test_rows_of_several_tables_go_each_from_its_own() -> None:
    lines = table([("F1", "C1", 2.0)], "invoice client_id amount", "Purchases")
    start = both(PEOPLE, lines)
    client, line = (
        rows(client_id=["C7"], email=["g@"], city=["Bonn"]),
        rows(invoice=["F7"], client_id=["C7"], amount=[1]),
    )
    plan = Plan("import", added=(Added("Clients", client), Added("Purchases", line), Added("Clients", client.iloc[:0])))
    after = applied(start, plan)
    back = inverse(plan, after)
    assert {part.table: len(part.rows) for part in back.removed} == {"Clients": 1, "Purchases": 1}
    again = applied(after, back)
    assert [content(again, name) for name in start] == [content(start, name) for name in start]


def test_lines_come_back_although_their_client_stays() -> None:
    start = both(PEOPLE, table([("F1", "C1", 2.0), ("F2", "C1", 3.0)], "invoice client_id amount", "Purchases"))
    plan = Plan("x", removed=(Removed("Purchases", start["Purchases"].frame.iloc[[0]]),))
    after = applied(start, plan)
    assert content(applied(after, inverse(plan, after)), "Purchases", ordered=False) == content(start, "Purchases")


def test_a_client_list_without_numbers() -> None:
    start = table([("Anna", "a@"), ("Bob", "b@")], "full_name email")
    plan = Plan("x", removed=(Removed("Clients", start["Clients"].frame.iloc[[1]]),))
    after = applied(start, plan)
    assert content(applied(after, inverse(plan, after))) == content(start)


def test_the_last_row_changed_and_then_deleted() -> None:
    plan = fixes(PEOPLE, city={3: "Bari"})
    after = reordered(applied(PEOPLE, plan), [0, 1, 2])
    fault = refused(plan, after)
    assert (fault.key, fault.values["cells"], fault.values["count"]) == (
        "undo.changed_since",
        "Clients / ? / C4 / CITY",
        1,
    )


@pytest.mark.parametrize("count", [1, 3, 4, 6])
def test_a_refusal_names_the_first_cells_and_counts_all(count: int) -> None:
    new = rows(client_id=[f"C{n + 20}" for n in range(count)], email=["z@"] * count, city=["Bonn"] * count)
    plan = Plan("import", added=(Added("Clients", new),))
    after = applied(PEOPLE, plan)
    for place in range(count):
        after = typed(after, 4 + place, "city", "Köln")
    fault = refused(plan, after)
    shown = [f"Clients / {9 + n} / C{n + 20} / CITY" for n in range(min(count, 3))]
    assert (fault.values["cells"], fault.values["count"]) == ("; ".join(shown), count)


def test_a_new_column_stays_and_is_named_by_its_sheet() -> None:
    plan = Plan("x", new_columns=(NewColumn("Clients", "Shoe size"), NewColumn("Gone", "Other")))
    held = PEOPLE["Clients"]
    sheet = Tables.of(Table("Clients", "Clienti", held.frame, held.headers, held.first_row))
    notes = inverse(plan, sheet).notes[1:]
    assert [values for _, values in notes] == [
        {"table": "Clienti", "header": "Shoe size"},
        {"table": "Gone", "header": "Other"},
    ]


def test_rows_that_a_table_took_in() -> None:
    frame = PEOPLE["Clients"].frame
    part = Resized("Clients", frame.iloc[[3]])
    (back,) = inverse(Plan("correct", resized=(part,)), PEOPLE).resized
    assert (back.out, list(back.rows.index)) == (True, [3])
    fault = refused(Plan("correct", resized=(part,)), typed(PEOPLE, 3, "city", "Köln"))
    assert (fault.key, fault.values["cells"]) == ("undo.changed_since", "Clients / 8")
    more = reordered(PEOPLE, [0, 1, 2, 3, 0])
    assert refused(Plan("correct", resized=(part,)), more).key == "undo.changed_since", "they are not its last rows now"


def test_a_number_left_free_by_the_undo_itself() -> None:
    """Merged the other way: the run took C4 out and put another C4 in; of another table nothing is left free."""
    gone, new = PEOPLE["Clients"].frame.iloc[[3]], rows(client_id=["C4"], email=["new@"], city=["Bonn"])
    plan = Plan("x", removed=(Removed("Clients", gone),), added=(Added("Clients", new),))
    after = applied(PEOPLE, plan)
    assert content(applied(after, inverse(plan, after))) == content(PEOPLE)
    line = rows(invoice=["F7"], client_id=["C7"], amount=[1])
    taken = Plan("x", removed=(Removed("Clients", gone),), added=(Added("Purchases", line),))
    start = both(
        PEOPLE, table([("F1", "C1", 2.0), ("F2", "C1", 2.0), ("F3", "C1", 2)], "invoice client_id amount", "Purchases")
    )
    now = applied(start, replace(taken, removed=()))
    assert refused(taken, now).key == "undo.key_taken", "C4 is still there"
