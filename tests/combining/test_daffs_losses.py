"""What the known table merger (daff) loses without a word: each is kept, and said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.two_copies import TODAY, make_table
from tests.undo.test_undo import applied
from xlcrm.combining.combine_plan import combine_plan
from xlcrm.errors import CrmError
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables

LINES = "code sheet row client_id column value problem suggestion decision found_on"
ANN, BO = ["C1", "Ann Alm", "ann@example.com"], ["C2", "Bo Berg", "bo@example.com"]
NAMES = "client_id full_name email"


def book(
    clients: Sequence[Sequence[object]], columns: str = NAMES, purchases: Sequence[Sequence[object]] = ()
) -> Tables:
    return Tables.of(
        make_table([list(row) for row in clients], columns, "Clients"),
        make_table([list(row) for row in purchases], "invoice client_id product", "Purchases"),
        make_table([], LINES, "Problems"),
    )


def combined(base: Tables, ours: Tables, theirs: Tables) -> tuple[Plan, Tables]:
    plan = combine_plan(ours, theirs, base, settings=Settings(), today=TODAY, fallback="Bo")
    return plan, applied(ours, plan)


def keys(plan: Plan) -> set[str]:
    return {key for key, _ in plan.notes} | {problem.code for problem in plan.problems}


def test_deleted_here_and_written_about_there_comes_back() -> None:
    base = book([ANN, BO])
    plan, after = combined(base, book([ANN]), book([ANN, BO], purchases=[["I1", "C2", "tea"]]))
    assert after["Clients"].frame["client_id"].tolist() == ["C1", "C2"]
    assert after["Purchases"].frame["client_id"].tolist() == ["C2"]
    assert "combine.clients_stay" in keys(plan)


def test_deleted_there_and_edited_here_stays_and_is_said() -> None:
    edited = ["C2", "Bo Berg", "new@example.com"]
    plan, after = combined(book([ANN, BO]), book([ANN, edited]), book([ANN]))
    assert after["Clients"].frame["email"].tolist() == ["ann@example.com", "new@example.com"]
    assert "combine.deleted_there" in keys(plan)


def test_deleted_there_and_unchanged_here_goes() -> None:
    plan, after = combined(book([ANN, BO]), book([ANN, BO]), book([ANN]))
    assert after["Clients"].frame["client_id"].tolist() == ["C1"]
    assert not plan.problems


def test_one_new_number_for_two_clients_becomes_two() -> None:
    ours, theirs = ["C3", "Cleo Conti", "cleo@example.com"], ["C3", "Dina Dahl", "dina@example.com"]
    plan, after = combined(
        book([ANN, BO]), book([ANN, BO, ours]), book([ANN, BO, theirs], purchases=[["I9", "C3", "tea"]])
    )
    assert after["Clients"].frame["client_id"].tolist() == ["C1", "C2", "C3", "C4"]
    assert after["Purchases"].frame["client_id"].tolist() == ["C4"], "its lines follow"
    assert ("combine.renumbered", "C3 → C4") in [(key, values.get("pairs")) for key, values in plan.notes]


def test_a_column_dropped_on_one_side_is_kept_or_comes_back() -> None:
    more = f"{NAMES} Shoe"
    base = book([[*ANN, "38"], [*BO, "44"]], more)
    plan, after = combined(base, base, book([ANN, BO]))
    assert after["Clients"].frame["Shoe"].tolist() == ["38", "44"]
    assert "combine.kept_columns" in keys(plan) or "combine.nothing" in keys(plan)
    plan, after = combined(base, book([ANN, BO]), book([[*ANN, "39"], [*BO, "44"]], more))
    assert after["Clients"].frame["Shoe"].tolist() == ["39", "44"], "they wrote in it"
    assert "combine.new_columns" in keys(plan)


def test_a_column_renamed_there_is_followed() -> None:
    people = [[f"C{n}", f"Client {n}", f"c{n}@example.com", f"shoe {n}"] for n in range(12)]
    edited = [[*row[:3], "new" if row[0] == "C3" else row[3]] for row in people]
    plan, after = combined(book(people, f"{NAMES} Shoe"), book(people, f"{NAMES} Shoe"), book(edited, f"{NAMES} Foot"))
    assert after["Clients"].frame["Shoe"][3] == "new"
    assert [c for c in after["Clients"].frame if c == "Foot"] == []
    assert "combine.renamed" in keys(plan)


def test_a_number_edited_by_hand_is_found_again() -> None:
    moved, edited = ["C77", "Bo Berg", "bo@example.com"], ["C2", "Bo Berg", "new@example.com"]
    lines = [["I1", "C77", "tea"]]
    plan, after = combined(
        book([ANN, BO], purchases=[["I1", "C2", "tea"]]),
        book([ANN, moved], purchases=lines),
        book([ANN, edited], purchases=[["I1", "C2", "tea"], ["I2", "C2", "cups"]]),
    )
    assert after["Clients"].frame[["client_id", "email"]].values.tolist()[1] == ["C77", "new@example.com"]
    assert len(after["Clients"].frame) == 2
    assert after["Purchases"].frame["client_id"].tolist() == ["C77", "C77"]
    assert not plan.problems


def test_one_number_on_two_documents_is_refused() -> None:
    def with_document(client: str) -> Tables:
        names = "number kind date client_id buyer gross hash"
        documents = make_table([["I-1", "invoice", "2026-11-01", client, "x", "5", client]], names, "Documents")
        held = book([ANN, BO])
        return Tables.of(*(held[name] for name in held), documents)

    with pytest.raises(CrmError) as refused:
        combined(book([ANN, BO]), with_document("C1"), with_document("C2"))
    assert (refused.value.key, refused.value.values["numbers"]) == ("combine.same_document", "I-1")
    _, after = combined(book([ANN, BO]), with_document("C1"), with_document("C1"))
    assert len(after["Documents"].frame) == 1, "the same document in both"


def test_the_input_is_unchanged() -> None:
    states = [
        book([ANN, BO]),
        book([ANN, ["C3", "Cleo", "c@example.com"]]),
        book([ANN, ["C3", "Dina", "d@example.com"]]),
    ]
    before = [state["Clients"].frame.copy() for state in states]
    combined(*states)
    assert all(state["Clients"].frame.equals(frame) for state, frame in zip(states, before, strict=True))
