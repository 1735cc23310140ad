"""Merges as wholes: whose decision counts, where references move, what is remembered, and what an undo leaves alone."""

from __future__ import annotations

import csv
from dataclasses import replace

import pandas as pd
import pytest

from tests.support.merging_help import ITALY, TODAY, applied, book, cells, content, merged, refused
from tests.support.paths import CASES
from tests.undo.test_undo import reordered, typed
from xlcrm.errors import CrmError
from xlcrm.merging import alias_table, merge_plan
from xlcrm.merging.decisions import decided
from xlcrm.merging.moved_references import moved
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Change, Plan
from xlcrm.tables import Table, Tables
from xlcrm.undo import parting

THREE = "client_id=C1 full_name=Anna_Conti; client_id=C2 full_name=Anna_Conti; client_id=C3 full_name=Anna_Conti"
LINES = (
    "invoice=F1 client_id=C1 date=2026-01-02 product=Ink amount=10; "
    "invoice=F1 client_id=C2 date=2026-01-02 product=Pen amount=20; "
    "invoice=F2 client_id=C2 date=2026-02-02 product=Ink amount=30; "
    "invoice=F3 client_id=C1 date=2026-02-03 product=Cap amount=40"
)


def decisions() -> list[dict[str, str]]:
    with (CASES / "merge_decisions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def with_tables(tables: Tables, **changed: Table) -> Tables:
    return Tables.of(*(changed.get(name, tables[name]) for name in tables))


def with_row(tables: Tables, name: str, **cells: object) -> Tables:
    held = tables[name]
    frame = pd.concat([held.frame.astype(object), pd.DataFrame([cells], dtype=object)], ignore_index=True)
    return with_tables(tables, **{name: replace(held, frame=frame[held.frame.columns])})


def ids_of(tables: Tables, name: str) -> list[str]:
    return [str(one) for one in tables[name].frame["client_id"]]


@pytest.mark.parametrize("case", decisions(), ids=lambda case: case["why"][:50])
def test_decisions_of_the_sheet_duplicates(case: dict[str, str]) -> None:
    tables = book(THREE, duplicates=case["duplicates"])
    plan = merge_plan.plan(tables, settings=ITALY, today=TODAY)
    after = applied(tables, plan)
    gone = {row["old_id"]: row["new_id"] for row in after["Merged"].frame.to_dict("records")}
    assert {"+".join(["C1", *gone])} - {"C1"} == {one for one in [case["one"]] if one}, case["why"]
    assert {"+".join(sorted(pair)) for pair in decided(after)} == set(
        case["apart"].replace("C2+C3", "C1+C2" if "C3" in gone else "C2+C3").split()
    )
    again = merge_plan.plan(after, settings=ITALY, today=TODAY)
    assert not again.changes and not again.removed and not again.added


def test_every_reference_moves() -> None:
    visits = pd.DataFrame({"Cliente": ["C2", "C9", ""], "ID cliente": ["c2", "C1", "C3"]}, dtype=object)
    own = pd.DataFrame({"Room": [1.0, 2.0], "Introduced by": ["C2", "C3"]})
    tables = book(THREE, LINES, "group=7 client_id=C2; group=7 client_id=C3", Visits=visits, Rooms=own)
    before = {name: tables[name].frame.copy() for name in tables}
    after = applied(tables, merged(tables, ("C1", "C2")))
    assert all(tables[name].frame.equals(frame) for name, frame in before.items())
    assert ids_of(after, "Purchases") == ["C1"] * 4
    assert list(after["Visits"].frame["ID cliente"]) == ["C1", "C1", "C3"]
    assert list(after["Visits"].frame["Cliente"]) == ["C2", "C9", ""], "another word, and not only clients' numbers"
    assert list(after["Rooms"].frame["Introduced by"]) == ["C1", "C3"]
    assert ids_of(after, "Duplicates") == [], "the block is asked about anew"
    assert float(after["Purchases"].frame["amount"].sum()) == 100


def test_columns_of_formulas_are_left_alone_and_named() -> None:
    rooms = pd.DataFrame({"ID cliente": ["C2", "C3"]}, dtype=object)
    tables = book(THREE, Rooms=rooms)
    tables = with_tables(tables, Rooms=replace(tables["Rooms"], formulas=frozenset({"ID cliente"})))
    plan = merged(tables, ("C1", "C2"))
    assert [p.code for p in plan.problems] == ["merge.formula"]
    assert "Rooms" not in {change.table for change in plan.changes}


def test_one_line_of_both_is_named_and_both_stay() -> None:
    lines = "; ".join(f"invoice=F1 client_id={c} date=2026-01-02 product=Ink amount=10" for c in ("C1", "C2", "C1"))
    tables = book(THREE, lines)
    plan = merged(tables, ("C1", "C2"))
    assert [p.code for p in plan.problems] == ["merge.same_line"] * 2
    assert ids_of(applied(tables, plan), "Purchases") == ["C1"] * 3


@pytest.mark.parametrize(
    ("clients", "lines", "survivor", "why"),
    [
        (THREE, LINES + "; invoice=F4 client_id=C2 amount=1", "C2", "more lines"),
        ("client_id=C1 registered_on=2024-01-01; client_id=C2 registered_on=2023-01-01", "", "C2", "registered first"),
        ("client_id=C1; client_id=C2 registered_on=2023-01-01", "", "C2", "of one nobody knows since when"),
        (THREE, "", "C1", "the upper row"),
    ],
)
def test_who_survives(clients: str, lines: str, survivor: str, why: str) -> None:
    tables = book(clients, lines)
    assert cells(applied(tables, merged(tables, ("C2", "C1"))), survivor), why


def test_calculated_cells_are_blank_until_the_next_refresh() -> None:
    tables = book(THREE)
    frame = tables["Clients"].frame.assign(total_spend=[5.0, 7.0, 9.0])
    tables = with_tables(tables, Clients=replace(tables["Clients"], frame=frame))
    plan = merged(tables, ("C1", "C2"))
    assert "merge.refresh" in {key for key, _ in plan.notes}
    after = applied(tables, plan)
    assert "total_spend" not in cells(after, "C1") and cells(after, "C3")["total_spend"] == "9"


def test_chains_are_followed_and_circles_refused() -> None:
    table = pd.DataFrame({"old_id": ["C2", "c3 ", "C9"], "new_id": ["C3", "C4", "C1"]})
    ids = pd.Series(["C2", "C3", "C5", "", "c2"], index=list("abcde"))
    assert list(alias_table.resolve(table, ids)) == ["C4", "C4", "C5", "", "C4"]
    assert list(alias_table.resolve(table, ids).index) == list("abcde")
    round_trip = pd.DataFrame({"old_id": ["C2", "C3"], "new_id": ["C3", "C2"]})
    with pytest.raises(CrmError, match="circle"):
        alias_table.resolve(round_trip, ids)
    assert list(alias_table.resolve(table.iloc[:0], ids)) == list(ids)


def test_a_former_number_is_asked_for_as_the_client_of_today() -> None:
    tables = applied(t := book(THREE), merged(t, ("C1", "C2")))
    tables = applied(tables, merged(tables, ("C2", "C3")))
    assert ids_of(tables, "Clients") == ["C1"]
    plan = merged(tables, ("C2", "C3"))
    assert plan.is_empty and [key for key, _ in plan.notes] == ["merge.already"]


def test_a_merge_back_and_forth_leaves_no_circle() -> None:
    tables = book(THREE)
    plan = merged(tables, ("C1", "C2"))
    after = applied(tables, plan)
    with_note = typed(after, 0, "email", "typed@example.com", "Merged")  # so that the undo leaves the line alone
    held = with_tables(after, Merged=with_note["Merged"])
    parted = applied(held, parting.inverse(plan, held))
    assert set(ids_of(parted, "Clients")) == {"C1", "C2", "C3"}
    again = applied(parted, merged(parted, ("C3", "C1")))
    assert list(alias_table.resolve(again["Merged"].frame, pd.Series(["C3"]))) == ["C1"]


@pytest.mark.parametrize(
    ("pairs", "key", "why"),
    [
        ([("C1", "C8")], "merge.unknown_client", "no such client"),
        ([("C1", "")], "merge.unknown_client", "a blank number"),
    ],
)
def test_numbers_that_nobody_has_are_refused(pairs: list[tuple[str, str]], key: str, why: str) -> None:
    with pytest.raises(CrmError) as fault:
        merged(book(THREE), *pairs)
    assert fault.value.key == key, why


@pytest.mark.parametrize("missing", ["Merged", "Decisions"])
def test_an_older_client_file_is_sent_to_the_upgrade(missing: str) -> None:
    tables = book(THREE)
    older = Tables.of(*(tables[name] for name in tables if name != missing))
    with pytest.raises(CrmError) as fault:
        merged(older, ("C1", "C2"))
    assert all("xlcrm upgrade" in fault.value.text(language) for language in LANGUAGES)
    assert decided(older) == set()
    assert list(alias_table.known_as(older, tables["Clients"].frame)) == [""] * 3


def test_without_a_column_for_notes_nothing_is_lost() -> None:
    tables = book("client_id=C1 city=Roma; client_id=C2 city=Bari")
    frame = tables["Clients"].frame.drop(columns="notes")
    tables = with_tables(tables, Clients=replace(tables["Clients"], frame=frame))
    assert refused(plan := merged(tables, ("C1", "C2"))) == ["merge.no_room"]
    assert not plan.touches_workbook


def test_a_sum_that_would_change_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = book(THREE, LINES)
    wrong = pd.Series([1.0], index=[0])
    extra = Change("Purchases", "amount", wrong, wrong, wrong)
    monkeypatch.setattr("xlcrm.merging.merge_plan.moved", lambda *given: ([*moved(*given)[0], extra], []))
    with pytest.raises(CrmError, match="sums"):
        merged(tables, ("C1", "C2"))


# undo, weeks later


def parted(plan: Plan, tables: Tables) -> tuple[Tables, list[str]]:
    back = parting.inverse(plan, tables)
    return applied(tables, back), [problem.code for problem in back.problems]


def test_undo_after_the_lines_were_sorted() -> None:
    tables = book(THREE, LINES)
    plan = merged(tables, ("C1", "C2"))
    after = applied(tables, plan)
    for order in ([1, 0, 3, 2], [3, 2, 1, 0], [0, 2, 1, 3]):
        sorted_since = with_tables(after, Purchases=reordered(after, order, "Purchases")["Purchases"])
        back, codes = parted(plan, sorted_since)
        assert (codes, content(back)) == ([], content(tables)), order


def test_lines_that_came_since_stay_and_are_listed() -> None:
    tables = book(THREE, LINES)
    plan = merged(tables, ("C1", "C2"))
    since = with_row(applied(tables, plan), "Purchases", invoice="F9", client_id="C1", product="New", amount=5.0)
    since = with_row(since, "Interactions", client_id="C1", subject="Call")
    back = parting.inverse(plan, since)
    assert [(p.code, p.table, p.level) for p in back.problems] == [
        ("undo.line_stays", "Purchases", "note"),
        ("undo.line_stays", "Interactions", "note"),
    ]
    assert ids_of(applied(since, back), "Purchases") == ["C1", "C2", "C2", "C1", "C1"]


def test_cells_that_the_merge_left_alone_stay_as_typed_since() -> None:
    tables = book(
        "client_id=C1; client_id=C2 email=b@example.com phone=+390255550101",
        LINES + "; invoice=F5 client_id=C2 amount=1",
    )
    plan = merged(tables, ("C1", "C2"))
    after = applied(tables, plan)
    at = ids_of(after, "Clients").index("C2")
    since = with_tables(after, Clients=typed(after, at, "city", "Bari")["Clients"])
    since = with_tables(since, Clients=typed(since, at, "email", "new@example.com")["Clients"])
    back, codes = parted(plan, since)
    assert codes == []
    assert cells(back, "C2")["email"] == "new@example.com" and cells(back, "C2")["city"] == "Bari"
    assert cells(back, "C1") == {"client_id": "C1"}


def test_a_cell_of_the_merge_that_was_changed_since_stays() -> None:
    tables = book("client_id=C1; client_id=C2 email=b@example.com", LINES + "; invoice=F5 client_id=C1 amount=1")
    plan = merged(tables, ("C1", "C2"))
    after = applied(tables, plan)
    since = with_tables(after, Clients=typed(after, 0, "email", "new@example.com")["Clients"])
    back, codes = parted(plan, since)
    assert codes == ["undo.stays"]
    assert cells(back, "C1")["email"] == "new@example.com"
    assert cells(back, "C2")["email"] == "b@example.com"


def test_figures_that_were_refreshed_since_hinder_nothing() -> None:
    tables = book(THREE)
    frame = tables["Clients"].frame.assign(total_spend=[5.0, 7.0, 9.0])
    tables = with_tables(tables, Clients=replace(tables["Clients"], frame=frame))
    plan = merged(tables, ("C1", "C2"))
    after = applied(tables, plan)
    since = with_tables(after, Clients=typed(after, 0, "total_spend", 12.0)["Clients"])
    back, codes = parted(plan, since)
    assert codes == [] and content(back) == content(tables)


def test_a_client_merged_on_is_parted_from_the_last_first() -> None:
    tables = book(THREE)
    first = merged(tables, ("C2", "C3"))
    middle = applied(tables, first)
    second = merged(middle, ("C1", "C2"))
    end = applied(middle, second)
    with pytest.raises(CrmError) as fault:
        parting.inverse(first, end)
    assert fault.value.key == "undo.merged_on"
    back, _ = parted(second, end)
    assert content(parted(first, back)[0]) == content(tables)


def test_a_block_whose_number_was_given_anew_stays_away() -> None:
    tables = book(THREE, duplicates="group=1 client_id=C1 decision=same; group=1 client_id=C2")
    plan = merge_plan.plan(tables, settings=ITALY, today=TODAY)
    since = with_row(applied(tables, plan), "Duplicates", group=1, client_id="C3")
    assert ids_of(parted(plan, since)[0], "Duplicates") == ["C3"]
