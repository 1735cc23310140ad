"""One contract for a closed file and an open workbook: the same plan leaves the same tables behind."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from tests.support.engines import memory, office
from tests.support.live_help import NOW, cells, change, live, real_excel, three_clients
from tests.support.session_help import plan_with, take
from tests.support.traces_left import left
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.checks.correcting import rows_taken_in
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.files import open_elsewhere
from xlcrm.files.book import Book
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, diff
from xlcrm.session import Call
from xlcrm.undo.undo import inverse
from xlcrm.xlsx.writing.apply_plan import write_cells

BACKENDS = ("file", "memory", "office")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "book" in metafunc.fixturenames:
        excel = ("excel",) if metafunc.config.getoption("--excel") else ()
        metafunc.parametrize("book", BACKENDS + excel, indirect=True)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return three_clients(tmp_path_factory.mktemp("live") / "Kunder & co.xlsm")


@pytest.fixture(scope="session")
def running_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[office.Office]:
    """One LibreOffice for all tests of this process, ended with it."""
    running = office.Office.start(tmp_path_factory.mktemp("office"))
    yield running
    running.stop()


@pytest.fixture
def book(request: pytest.FixtureRequest, start: Path, tmp_path: Path) -> Iterator[Book]:
    path = tmp_path / start.name
    shutil.copy(start, path)
    if request.param == "file":
        yield FileBook(path)
    elif request.param == "excel":
        if sys.platform not in ("win32", "darwin"):
            pytest.skip("Excel is missing: it runs on Windows and macOS")
        with real_excel(path) as opened:
            yield opened
    elif request.param == "office" and office.missing():
        pytest.skip(f"{office.missing()} is missing")
    else:
        is_office = request.param == "office"
        made = office.Engine(request.getfixturevalue("running_office")) if is_office else memory.Engine()
        yield live(made, path)
        for workbook in list(made.app.books):
            workbook.close()


VALUES: list[tuple[str, list[Any]]] = [
    ("first_name", ["Kari", "Mario", "Anna"]),
    ("postal_code", ["007", "0099", "1/2"]),
    ("phone", ["+47 22 12 34 56", "0039 02 5555", ""]),
    ("notes", ["=cmd()", "@x", "-5 degrees"]),
    ("notes", ["two\nlines", "😀 'quoted'", " spaces "]),
    ("notes", ["12345678901234567890", "TRUE", "x" * 3000]),
    ("total_spend", [1.25, -3.0, 1_000_000.0]),
    ("birth_date", [pd.Timestamp("2001-02-03"), pd.NaT, pd.Timestamp("1999-12-31")]),
]


def test_what_is_written_is_what_is_read(book: Book) -> None:
    for column, after in VALUES:
        book.apply(Plan("x", changes=change(book, column, after)), book.look())
        found = cells(book)[column]
        assert [None if pd.isna(v) or v == "" else v for v in found] == [
            None if pd.isna(v) or v == "" else v for v in after
        ], column


def test_cells_that_the_plan_does_not_name_stay(book: Book) -> None:
    before = cells(book)
    book.apply(Plan("x", changes=change(book, "city", ["Oslo", "Berlin"], [0, 2])), book.look())
    after = cells(book)
    assert after.pop("city") == ["Oslo", "", "Berlin"]
    before.pop("city")
    assert str(after) == str(before)


def test_rows_are_added_below_and_taken_out_again(book: Book) -> None:
    before = cells(book)
    rows = pd.DataFrame([{"client_id": "C4", "postal_code": "00184"}, {"client_id": "C5", "full_name": "=x"}])
    added = book.apply(Plan("x", added=(Added("Clients", rows),)), book.look())
    assert cells(book)["client_id"] == ["C1", "C2", "C3", "C4", "C5"]
    assert cells(book)["postal_code"][3] == "00184"
    tables = book.look()
    book.apply(inverse(added, tables), tables)
    assert str(cells(book)) == str(before)


def test_rows_right_under_a_table_come_in_and_go_out(book: Book) -> None:
    typed = {"A5": "C4", "C5": "Ola Nordmann", "A6": "C5", "C6": "Eva Dahl"}
    if isinstance(book, FileBook):
        write_cells(book.path, book.path.with_suffix(".new"), "Clients", typed)
        book.path.with_suffix(".new").replace(book.path)
    else:
        for place, value in typed.items():
            book.book.sheets["Clients"].range(place).value = value  # type: ignore[attr-defined]
    before = book.look()
    if before["Clients"].typed_below == 0:
        pytest.skip("this program makes the table longer while one types")
    taken = rows_taken_in(before)
    written = book.apply(Plan("correct", resized=taken, changes=change(book, "city", ["Oslo", "Roma", "Bonn"])), before)
    assert cells(book)["full_name"] == ["Kari Olsen", "Mario Rossi", "Anna Weiß", "Ola Nordmann", "Eva Dahl"]
    assert cells(book)["city"] == ["Oslo", "Roma", "Bonn", "", ""]
    assert not book.look()["Clients"].typed_below
    tables = book.look()
    book.apply(inverse(written, tables), tables)
    assert cells(book)["full_name"] == ["Kari Olsen", "Mario Rossi", "Anna Weiß"]
    assert book.look()["Clients"].typed_below == 2


def test_a_row_in_the_middle_is_taken_out(book: Book) -> None:
    tables = book.look()
    gone = book.apply(Plan("x", removed=(Removed("Clients", tables["Clients"].frame.iloc[[1]]),)), tables)
    assert cells(book)["full_name"] == ["Kari Olsen", "Anna Weiß"]
    assert gone.removed[0].rows["full_name"].tolist() == ["Mario Rossi"]


def test_a_new_column_comes_at_the_right_with_its_cells(book: Book) -> None:
    tables = book.look()
    blank = pd.Series([None], index=[1], dtype=object)
    filled = Change(
        "Clients", "Shoe size", blank, pd.Series(["44"], index=[1], dtype=object), pd.Series(["C2"], index=[1])
    )
    book.apply(Plan("x", new_columns=(NewColumn("Clients", "Shoe size"),), changes=(filled,)), tables)
    assert cells(book)["Shoe size"] == ["", "44", ""]


def test_the_first_row_of_an_empty_table_is_used(book: Book) -> None:
    rows = pd.DataFrame([{"invoice": "007", "client_id": "C1", "amount": 3.5}])
    book.apply(Plan("x", added=(Added("Purchases", rows),)), book.look())
    assert cells(book, "Purchases")["invoice"] == ["007"]


def test_a_cell_that_moved_stops_everything_and_is_named(book: Book) -> None:
    tables = book.look()
    plan = Plan("x", changes=change(book, "city", ["Oslo", "Roma", "Berlin"]))
    book.apply(Plan("y", changes=change(book, "city", ["Bergen"], [1])), book.look())
    before = cells(book)
    with pytest.raises(CrmError) as refused:
        book.apply(plan, tables)
    assert refused.value.key == "apply.moved"
    assert str(refused.value.values["row"]) == "3"
    assert str(cells(book)) == str(before)


def test_the_whole_path_runs_and_undo_takes_it_back(book: Book) -> None:
    before = cells(book)
    outcome = plan_with(book, lambda tables, *_: Plan("x", changes=diff_city(tables)), Call(NOW, "Anna"))
    assert outcome.undo_number == 1
    assert cells(book)["city"] == ["Oslo", "Oslo", "Oslo"]
    assert cells(book, "Changes")["who"] == ["Anna"]
    take(book, "undo", Call(NOW, "Anna"))
    assert str(cells(book)) == str(before)


def test_a_client_is_forgotten_alike(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_elsewhere, "owners", lambda path: [])  # LibreOffice is the test's Excel, and its own owner
    talked = pd.DataFrame([{"client_id": "C2", "kind": "call", "subject": "his garden"}])
    sold = pd.DataFrame([{"invoice": "1", "client_id": "C2", "amount": 3.5}])
    noted = change(book, "notes", ["sister of Mario Rossi"], [0])
    added = (Added("Interactions", talked), Added("Purchases", sold))
    plan_with(book, lambda *_: Plan("x", changes=noted, added=added), Call(NOW, "Anna"))
    outcome = take(book, "forget", Call(NOW, "Anna"), clients=("C2",), everywhere=True)
    assert ("forget.save" in dict(outcome.plan.notes)) is not book.is_file
    tables = book.look()
    assert tables["Clients"].frame["client_id"].tolist() == ["C1", "C3"]
    assert tables["Clients"].frame["notes"].tolist() == ["sister of ***", ""]
    assert tables["Interactions"].frame.empty
    assert tables["Purchases"].frame["client_id"].tolist() == [""]
    assert tables["Purchases"].frame["amount"].tolist() == [3.5]
    store = Store(book.path)
    assert verify(store) == []
    beside = [path for path in book.path.parent.rglob("*") if path.is_file() and path != book.path]
    assert left(book.path.parent, ["Mario Rossi", "his garden"], skip=[book.path.name]) == [], beside
    with pytest.raises(CrmError) as refused:
        take(book, "undo", Call(NOW, "Anna"), number=2)
    assert refused.value.key == "undo.no_way_back"


def test_about_a_client_is_told_alike(book: Book) -> None:
    outcome = take(book, "about", Call(NOW, "Anna"), clients=("C2",))
    assert [path.suffix for path in outcome.files] == [".pdf", ".json", ".csv"]
    assert "Mario Rossi" in outcome.files[1].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["lock"], "is open in LibreOffice. Close it first"),
        (["unlock"], "is open in LibreOffice. Close it first"),
        (["forget", "C2", "--yes"], "seems to be open in LibreOffice. Close it there first"),
    ],
)
def test_what_needs_it_closed_says_so(
    start: Path, tmp_path: Path, request: pytest.FixtureRequest, words: list[str], says: str
) -> None:
    if office.missing():
        pytest.skip(f"{office.missing()} is missing")
    path = Path(shutil.copy(start, tmp_path / "My.xlsm"))
    opened = live(office.Engine(request.getfixturevalue("running_office")), path)
    before = path.read_bytes()
    environment = {"XLCRM_PASSWORD": "korrekt hest batteri", "XLCRM_LANGUAGE": "en"}
    try:
        done = CliRunner().invoke(main, [words[0], str(path), *words[1:]], env=environment)
    finally:
        opened.book.close()
    assert done.exit_code == 2
    assert says in done.output
    assert path.read_bytes() == before


def test_a_breach_of_a_workbook_in_use_is_told(start: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if office.missing():
        pytest.skip(f"{office.missing()} is missing")
    path = Path(shutil.copy(start, tmp_path / "My.xlsm"))
    opened = live(office.Engine(request.getfixturevalue("running_office")), path)
    try:
        done = CliRunner().invoke(main, ["breach", str(path), "--json"], env={"XLCRM_LANGUAGE": "en"})
    finally:
        opened.book.close()
    assert done.exit_code in (0, 1), done.output
    assert '"persons": 3' in done.output


def diff_city(tables: Any) -> tuple[Change, ...]:
    return diff(tables["Clients"], pd.DataFrame({"city": ["Oslo"] * 3}))
