"""A plan names the cells that differ and no others."""

from __future__ import annotations

import pandas as pd

from xlcrm.plan import Added, NewColumn, OutFile, Plan, Removed, diff, fixed
from xlcrm.tables import Table


def clients() -> Table:
    frame = pd.DataFrame({"client_id": ["C1", "C2", "C3"], "orders": [1.0, float("nan"), 3.0], "total": ["=A", "", ""]})
    return Table("Clients", "Clienti", frame, {c: c for c in frame.columns}, formulas=frozenset({"total"}))


def test_diff_names_only_the_cells_that_differ() -> None:
    table = clients()
    copy = table.frame.copy()
    found = diff(table, pd.DataFrame({"orders": [1, 2, 3], "client_id": ["C1", "C2", "C3"]}))
    assert [(c.column, list(c.after.index), list(c.after), list(c.keys)) for c in found] == [
        ("orders", [1], [2], ["C2"])
    ]
    pd.testing.assert_frame_equal(table.frame, copy)


def test_formula_columns_and_unknown_columns_are_never_changed() -> None:
    assert diff(clients(), pd.DataFrame({"total": ["x", "y", "z"], "nowhere": [1, 2, 3]})) == ()


def test_diff_takes_some_of_the_rows() -> None:
    found = diff(clients(), pd.DataFrame({"orders": [9.0]}, index=[2]))
    assert [(list(c.before), list(c.after)) for c in found] == [([3.0], [9.0])]


def test_a_fixed_table_is_filled_from_the_top_and_blanked_below() -> None:
    found = fixed(clients(), pd.DataFrame({"orders": [5.0]}))
    assert {(int(i), a) for c in found for i, a in zip(c.after.index, c.after, strict=True)} == {(0, 5.0), (2, None)}


def test_a_joined_plan_counts_everything() -> None:
    rows = pd.DataFrame({"client_id": ["C4", "C5"]})
    one = Plan("x", changes=diff(clients(), pd.DataFrame({"orders": [7.0, 8.0, 3.0]})))
    other = Plan("y", added=(Added("Clients", rows),), removed=(Removed("Clients", rows),))
    whole = one.join(other, Plan("z", new_columns=(NewColumn("Clients", "Own"),), files=(OutFile("a.txt", b""),)))
    assert whole.action == "x"
    assert whole.counts() == {"cells": 2, "added": 2, "removed": 2, "columns": 1, "files": 1}
    assert whole.touches_workbook
    assert Plan("empty").is_empty
