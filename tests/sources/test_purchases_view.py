"""The sheet Purchases as a view of a source: filled by a search, never read back, and nothing typed is lost in it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.live_help import three_clients
from tests.support.session_help import plan_with, take
from xlcrm.errors import CrmError
from xlcrm.files import file_book
from xlcrm.plan import Added, Change, Plan
from xlcrm.run import Outcome
from xlcrm.segments import purchases_view
from xlcrm.session import Call
from xlcrm.settings import read_settings
from xlcrm.sources import sourced_tables
from xlcrm.tables import VIEW, LineSource, Table, Tables

pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")
NOW = dt.datetime(2026, 11, 22, 9, 30)
ORDERS = """Kundennr.;Rechnung;Datum;Produkt;Betrag
C1;R1;10.01.2026;Barolo;21,10
C1;R1;10.01.2026;Grappa;1.234,50
C1;R2;02.11.2026;Barolo;80,25
C2;R3;10.11.2026;Barolo;99,99
C2;007;12.11.2026;Barolo;-20
C2;R9;gestern;Chianti;3,00
;R4;12.11.2026;Grappa;5
"""


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose purchases come from a text file."""
    book = three_clients(tmp_path_factory.mktemp("sold") / "My.xlsm")
    book.with_name("orders.csv").write_text(ORDERS, encoding="utf-8")
    act(book, "connect", source="orders.csv")
    return book


@pytest.fixture
def book(connected: Path, tmp_path: Path) -> Path:
    shutil.copy(connected.with_name("orders.csv"), tmp_path)
    return Path(shutil.copy(connected, tmp_path / "My.xlsm"))


def act(book: Path, name: str, /, *, dry_run: bool = False, **options: Any) -> Outcome:
    return take(file_book.at(book, ""), name, Call(NOW, "Anna", dry_run), **options)


def seen(book: Path) -> Tables:
    return file_book.at(book, "").look()


def sheet(book: Path) -> pd.DataFrame:
    frame = seen(book)["Purchases"].frame
    return frame[(frame.astype(str) != "").any(axis=1) & frame.notna().any(axis=1)]


def find(book: Path, where: str, **options: Any) -> dict[str, dict[str, Any]]:
    return {key: dict(values) for key, values in act(book, "search", where=(where,), **options).plan.notes}


def typing(book: Path, *rows: dict[str, object]) -> None:
    """Somebody types rows under the table."""
    added = Added("Purchases", pd.DataFrame(rows))
    plan_with(file_book.at(book, ""), lambda tables, settings, today: Plan("x", added=(added,)), Call(NOW))


def changing(book: Path, column: str, place: int, value: object) -> None:
    """Somebody changes a cell of the table."""
    table = seen(book)["Purchases"]
    before = table.frame[column].astype(object).iloc[[place]]
    change = Change("Purchases", column, before, pd.Series([value], index=before.index, dtype=object), before)
    file_book.at(book, "").apply(Plan("x", changes=(change,)), seen(book))


def test_the_newest_lines_of_those_found_are_shown(book: Path) -> None:
    shown = find(book, "client_id = C2", dry_run=True)["sources.view"]
    assert shown["n"] == 3 and not len(sheet(book)), "a dry run"
    find(book, "client_id = C2")
    rows = sheet(book)
    assert rows["invoice"].tolist() == ["007", "R3", "R9"], "newest first, what has no date last"
    assert rows["amount"].tolist() == [-20.0, 99.99, 3.0]
    assert rows["date"].astype(str).tolist()[2] == "gestern", "what can't be read stays as it is typed"
    assert all("orders.csv" in mark for mark in rows[VIEW])
    find(book, "client_id = C1")
    assert sheet(book)["invoice"].tolist() == ["R2", "R1", "R1"]
    assert find(book, "client_id = C3")["sources.view_none"] and not len(sheet(book))


def test_the_same_search_again_changes_no_line(book: Path) -> None:
    find(book, "client_id = C1")
    again = act(book, "search", where=("client_id = C1",)).plan
    parts: list[Any] = [*again.changes, *again.added, *again.removed]
    assert "Purchases" not in {part.table for part in parts}


def test_undo_brings_back_the_view_before(book: Path) -> None:
    find(book, "client_id = C1")
    before = sheet(book)
    find(book, "client_id = C2")
    act(book, "undo")
    pd.testing.assert_frame_equal(sheet(book), before)
    act(book, "undo")
    assert not len(sheet(book))


def test_at_most_so_many_lines_are_shown(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchases_view.shown, "__defaults__", (2,))
    assert find(book, "client_id = C1")["sources.view_most"]["most"] == 2
    assert sheet(book)["invoice"].tolist() == ["R2", "R1"]


def test_a_source_too_large_for_memory_is_shown_too(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sourced_tables, "LIMIT", 1)
    find(book, "client_id = C2")
    assert sheet(book)["invoice"].tolist() == ["007", "R3", "R9"]


def test_a_typed_row_stays_and_is_told(book: Path) -> None:
    typing(book, {"invoice": "T1", "client_id": "C2", "amount": 7.0})
    find(book, "client_id = C2")
    typing(book, {"invoice": "R3", "client_id": "C2", "amount": 99.99})
    said = find(book, "client_id = C1")
    assert said["sources.sheet_rows"]["n"] == 2
    assert sheet(book)["invoice"].tolist() == ["T1", "R2", "R1", "R1", "R3"], "in their places"


def test_a_line_that_was_changed_stays_and_is_told(book: Path) -> None:
    find(book, "client_id = C2")
    place = sheet(book).index[1]
    changing(book, "amount", place, 1.0)
    said = find(book, "client_id = C1")["sources.view_changed"]
    assert said["n"] == 1 and said["rows"] == str(place + 2)
    assert 1.0 in sheet(book)["amount"].tolist()
    changing(book, VIEW, place, None)
    assert "sources.view_changed" not in find(book, "client_id = C1"), "it is a row of one's own now"


def test_what_was_typed_beside_a_line_stays(book: Path) -> None:
    find(book, "client_id = C2")
    changing(book, "paid_on", sheet(book).index[0], dt.datetime(2026, 11, 20))
    find(book, "client_id = C2")
    find(book, "client_id = C1")
    rows = sheet(book)
    assert rows["invoice"].tolist()[0] == "007" and rows["paid_on"].notna().sum() == 1


@pytest.mark.parametrize("action", ["refresh", "check", "doubles", "correct", "split"])
def test_no_run_takes_the_view_for_purchases(book: Path, action: str) -> None:
    without = act(book, action, dry_run=True).plan
    find(book, "client_id = C2")
    made = act(book, action, dry_run=True).plan
    assert [p.code for p in made.problems] == [p.code for p in without.problems]
    assert made.counts() == without.counts()
    assert not any(change.table == "Purchases" for change in made.changes)


def test_the_view_does_not_count_without_a_source(book: Path) -> None:
    """Somebody empties the setting by hand."""
    find(book, "client_id = C2")
    settings = seen(book)["Settings"].frame
    place = settings.index[settings["value"].astype(str) == "orders.csv"]
    before = settings["value"].astype(object).loc[place]
    gone = Change("Settings", "value", before, pd.Series([None], index=place, dtype=object), before)
    file_book.at(book, "").apply(Plan("x", changes=(gone,)), seen(book))
    act(book, "refresh")
    assert not seen(book)["Clients"].frame["total_spend"].fillna(0).any()
    with pytest.raises(CrmError) as fault:
        act(book, "move-out")
    assert fault.value.key == "move_out.view"
    act(book, "connect", sheet=True)
    assert not len(sheet(book))


def test_back_to_the_sheet_the_view_goes_and_undo_brings_it(book: Path) -> None:
    typing(book, {"invoice": "T1", "client_id": "C2", "amount": 7.0})
    find(book, "client_id = C2")
    before = sheet(book)
    told = {key: dict(values) for key, values in act(book, "connect", sheet=True).plan.notes}
    assert told["connect.to_sheet"]["n"] == 1 and sheet(book)["invoice"].tolist() == ["T1"]
    act(book, "undo")
    assert sheet(book)["invoice"].tolist() == before["invoice"].tolist() and read_settings(seen(book)).purchases_source


def test_another_source_takes_the_view_of_the_first_away(book: Path) -> None:
    find(book, "client_id = C2")
    shutil.copy(book.with_name("orders.csv"), book.with_name("other.csv"))
    act(book, "connect", source="other.csv")
    assert not len(sheet(book))


def test_lists_of_purchases_are_refused_with_a_source(book: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("client_id;invoice;date;product;amount\nC1;R77;2026-11-20;Barolo;12.50\n", encoding="utf-8")
    with pytest.raises(CrmError) as fault:
        act(book, "import", files=(more,), table="Purchases")
    assert fault.value.key == "sources.no_import" and not len(sheet(book))


def test_a_forgotten_client_leaves_the_view(book: Path) -> None:
    find(book, "client_id = C2")
    act(book, "forget", clients=("C2",))
    assert not len(sheet(book))


def test_the_view_of_a_copy_is_not_combined(book: Path) -> None:
    copy = Path(shutil.copy(book, book.with_name("Copy.xlsm")))
    base = Path(shutil.copy(book, book.with_name("Base.xlsm")))
    find(book, "client_id = C2")
    act(copy, "search", where=("client_id = C1",))
    before = sheet(book)
    act(book, "combine", copy=copy, base=str(base))
    pd.testing.assert_frame_equal(sheet(book), before)


def test_an_older_connection_is_told_what_it_lacks(book: Path) -> None:
    whole = seen(book)["Purchases"]
    older = Table("Purchases", "Purchases", whole.frame.drop(columns=VIEW), whole.headers)
    source = LineSource("orders.csv", older, lambda ids, most: whole.frame, lambda ids: whole.frame)
    made = purchases_view.shown(source, {"C1"}, read_settings(seen(book)))
    assert [key for key, _ in made.notes] == ["sources.view_column"] and made.is_empty


def test_what_is_handed_out_has_no_view(book: Path) -> None:
    find(book, "client_id = C2")
    act(book, "hand-out", name="Anna", where=("client_id = C2",), out=str(book.with_name("Anna.xlsm")))
    held = seen(book.with_name("Anna.xlsm"))["Purchases"]
    assert VIEW in held.frame.columns and not held.viewed.any()
    assert held.headers[VIEW] == "View only"
