"""One contract for a closed file and an open workbook: the same plan leaves the same tables behind."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from engines import memory, office

from xlcrm.adapters import busy, snapshot
from xlcrm.adapters.book import Book
from xlcrm.adapters.excel import LiveBook, attach
from xlcrm.adapters.file import FileBook
from xlcrm.building import build
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, diff
from xlcrm.ribbon import press
from xlcrm.run import Call, run, undo_run
from xlcrm.undo import inverse

NOW = dt.datetime(2026, 11, 22, 14, 30)
ROWS = [
    {"client_id": "C1", "full_name": "Kari Olsen", "postal_code": "0155", "birth_date": pd.Timestamp("1980-05-17")},
    {"client_id": "C2", "full_name": "Mario Rossi", "postal_code": "20121", "total_spend": 12.5},
    {"client_id": "C3", "full_name": "Anna Weiß", "phone": "+49 30 23125 001"},
]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "Kunder & co.xlsm"
    build(path, language="en")
    book = FileBook(path)
    book.apply(Plan("import", added=(Added("Clients", pd.DataFrame(ROWS)),)), book.look())
    return path


@pytest.fixture
def engine() -> memory.Engine:
    return memory.Engine()


@pytest.fixture(scope="session")
def running_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[office.Office]:
    """One LibreOffice for all tests of this process, ended with it."""
    running = office.Office.start(tmp_path_factory.mktemp("office"))
    yield running
    running.stop()


@pytest.fixture(params=["file", "memory", "office"])
def book(request: pytest.FixtureRequest, start: Path, tmp_path: Path) -> Iterator[Book]:
    path = tmp_path / start.name
    shutil.copy(start, path)
    if request.param == "file":
        yield FileBook(path)
        return
    if request.param == "office" and office.missing():
        pytest.skip(f"{office.missing()} is missing")
    made = office.Engine(request.getfixturevalue("running_office")) if request.param == "office" else memory.Engine()
    yield live(made, path)
    for opened in list(made.app.books):
        opened.close()


def live(engine: memory.Engine, path: Path) -> LiveBook:
    memory.front(engine)
    engine.app.books.open(str(path))
    return attach(path.name, 4711)


def cells(book: Book, table: str = "Clients") -> dict[str, list[Any]]:
    frame = book.look()[table].frame
    return {str(column): frame[column].tolist() for column in frame.columns}


def change(book: Book, column: str, after: list[Any], rows: list[int] | None = None) -> tuple[Change, ...]:
    table = book.look()["Clients"]
    return diff(table, pd.DataFrame({column: pd.Series(after, index=rows, dtype=object)}))


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


@pytest.mark.parametrize(("column", "after"), VALUES)
def test_what_is_written_is_what_is_read(book: Book, column: str, after: list[Any]) -> None:
    tables = book.look()
    book.apply(Plan("x", changes=change(book, column, after)), tables)
    found = cells(book)[column]
    assert [None if pd.isna(v) or v == "" else v for v in found] == [
        None if pd.isna(v) or v == "" else v for v in after
    ]


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
    outcome = run(book, "x", lambda tables, settings, today: Plan("x", changes=diff_city(tables)), Call(NOW, "Anna"))
    assert outcome.undo_number == 1
    assert cells(book)["city"] == ["Oslo", "Oslo", "Oslo"]
    assert cells(book, "Changes")["who"] == ["Anna"]
    undo_run(book, 0, Call(NOW, "Anna"))
    assert str(cells(book)) == str(before)


def diff_city(tables: Any) -> tuple[Change, ...]:
    return diff(tables["Clients"], pd.DataFrame({"city": ["Oslo"] * 3}))


# what only an open workbook can show


@pytest.fixture
def opened(engine: memory.Engine, start: Path, tmp_path: Path) -> LiveBook:
    path = tmp_path / start.name
    shutil.copy(start, path)
    return live(engine, path)


def test_unsaved_edits_are_in_the_backup_and_in_what_is_read(opened: LiveBook, tmp_path: Path) -> None:
    opened.book.sheets["Clients"].range("C2").value = "Kari Nordmann"
    target = tmp_path / "copy.xlsm"
    opened.snapshot(target)
    assert snapshot.read(target)["Clients"].frame["full_name"][0] == "Kari Nordmann"
    assert snapshot.read(opened.path)["Clients"].frame["full_name"][0] == "Kari Olsen"


def test_a_cell_with_a_formula_is_left_alone(opened: LiveBook) -> None:
    tables = opened.look()
    plan = Plan("x", changes=diff(tables["Clients"], pd.DataFrame({"city": ["Oslo", "Roma", "Berlin"]})))
    column = list(tables["Clients"].frame.columns).index("city") + 1
    sheet = opened.book.app.engine.impl.app.books.open_books[0].workbook["Clients"]
    sheet.cell(3, column).number_format = "General"
    sheet.cell(3, column).value = '=""'
    written = opened.apply(plan, tables)
    assert sheet.cell(3, column).value == '=""'
    assert list(written.changes[0].after) == ["Oslo", "Berlin"]


def test_a_text_that_looks_like_a_formula_is_a_text(opened: LiveBook) -> None:
    opened.apply(Plan("x", changes=change(opened, "notes", ["=cmd()"], [1])), opened.look())
    opened.apply(Plan("x", changes=change(opened, "notes", ["mended"], [1])), opened.look())
    assert cells(opened)["notes"] == ["", "mended", ""]


def test_something_below_the_table_is_never_written_over(opened: LiveBook) -> None:
    tables = opened.look()
    opened.book.sheets["Clients"].range("B5").value = "my note"
    with pytest.raises(CrmError) as refused:
        opened.apply(Plan("x", added=(Added("Clients", pd.DataFrame([{"client_id": "C9"}])),)), tables)
    assert refused.value.key == "live.no_room"


def test_a_row_put_in_meanwhile_is_noticed(opened: LiveBook) -> None:
    tables = opened.look()
    plan = Plan("x", changes=change(opened, "city", ["Oslo"], [2]))
    sheet = opened.book.sheets["Clients"]
    for row, name in ((3, "C9"), (4, "C2")):
        sheet.range(f"A{row}").value = name
    with pytest.raises(CrmError) as refused:
        opened.apply(plan, tables)
    assert refused.value.values["column"] == "Client ID"


@pytest.mark.parametrize(
    ("column", "after", "writes"),
    [
        ("city", ["Oslo", "Berlin"], 1),  # a blank cell of text format between them
        ("consent_on", [pd.Timestamp("2020-01-02"), pd.Timestamp("2021-01-02")], 1),
        ("total_spend", [1.5, 2.5], 2),  # 12.5 stands between them and is not written again
        ("city", ["Oslo", None], 1),
    ],
)
def test_rows_apart_are_written_at_once_where_only_blank_cells_lie_between(
    opened: LiveBook, engine: memory.Engine, column: str, after: list[Any], writes: int
) -> None:
    tables = opened.look()
    frame = tables["Clients"].frame
    between = frame[column].iloc[1]
    index = frame.index[[0, 2]]
    made = Change(
        "Clients", column, frame[column].iloc[[0, 2]], pd.Series(after, index=index, dtype=object),
        frame["client_id"].iloc[[0, 2]],
    )  # fmt: skip
    calls = counted(engine)
    opened.apply(Plan("x", changes=(made,)), tables)
    assert calls.count("write Clients") == writes
    assert str(cells(opened)[column][1]) == str(between)


def test_blank_cells_between_texts_do_not_become_text_where_they_were_not(opened: LiveBook) -> None:
    sheet = opened.book.sheets["Clients"]
    tables = opened.look()
    column = list(tables["Clients"].frame.columns).index("birth_date") + 1
    code = sheet.range((3, column)).number_format
    assert code != "@"
    sheet.range((2, column)).value = None
    tables = opened.look()
    index = tables["Clients"].frame.index[[0, 2]]
    made = Change(
        "Clients", "birth_date", tables["Clients"].frame["birth_date"].iloc[[0, 2]],
        pd.Series(["about 1970", "unknown"], index=index, dtype=object),
        tables["Clients"].frame["client_id"].iloc[[0, 2]],
    )  # fmt: skip
    opened.apply(Plan("x", changes=(made,)), tables)
    assert sheet.range((2, column)).value == "about 1970"
    assert sheet.range((3, column)).number_format == code


class ComError(Exception):
    """Shaped like pywin32's."""

    def __init__(self, code: int) -> None:
        super().__init__(code - 2**32, "busy", None, None)
        self.hresult = code - 2**32


def counted(engine: memory.Engine) -> list[str]:
    calls: list[str] = []
    engine.hook = calls.append
    return calls


def plan_of_everything(book: LiveBook) -> tuple[Plan, Any]:
    tables = book.look()
    rows = pd.DataFrame([{"client_id": "C4"}])
    gone = Removed("Clients", tables["Clients"].frame.iloc[[0]])
    changes = diff(tables["Clients"], pd.DataFrame({"city": ["Roma", "Berlin"]}, index=[1, 2]))
    return Plan("x", changes=changes, added=(Added("Clients", rows),), removed=(gone,)), tables


def calls_of_a_run(start: Path, folder: Path) -> int:
    shutil.copy(start, folder / start.name)
    engine = memory.Engine()
    book = live(engine, folder / start.name)
    plan, tables = plan_of_everything(book)
    calls = counted(engine)
    book.apply(plan, tables)
    return len(calls)


def test_a_busy_excel_is_waited_for_at_every_call(start: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(busy.patient, "__kwdefaults__", {"patience": 20.0, "sleep": lambda seconds: None})
    codes = [0x800AC472, 0x80010001, 0x8001010A]
    for broken in range(0, calls_of_a_run(start, tmp_path), 12):
        engine = memory.Engine()
        shutil.copy(start, tmp_path / start.name)
        book = live(engine, tmp_path / start.name)
        plan, tables = plan_of_everything(book)
        seen = iter(range(10_000))

        def hook(name: str, broken: int = broken, seen: Iterator[int] = seen) -> None:
            at = next(seen)
            if broken <= at < broken + 3:
                raise ComError(codes[at % 3])

        engine.hook = hook
        book.apply(plan, tables)
        engine.hook = lambda name: None
        assert cells(book)["client_id"] == ["C2", "C3", "C4"]
        assert engine.app.state["screen_updating"] is True
        assert engine.app.state["calculation"] == "automatic"


def test_an_excel_that_stays_busy_is_given_up_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def refuse() -> None:
        raise ComError(0x800AC472)

    with pytest.raises(CrmError) as refused:
        busy.patient(refuse, sleep=slept.append)
    assert refused.value.key == "live.busy"
    assert 20 <= sum(slept) <= 22
    assert min(slept) == 0.05
    assert max(slept) == 1.0


def filled(book: Book) -> list[str]:
    """The rows that hold something; a table made longer just before Excel went may keep a blank row at its end."""
    rows = zip(*cells(book).values(), strict=True)
    return sorted(str(row) for row in rows if any(value != "" and not pd.isna(value) for value in row))


def test_an_excel_that_goes_away_leaves_a_run_that_undo_can_take_back(start: Path, tmp_path: Path) -> None:
    """The workbook as it was left is saved by another Excel; undo finds out how far the run had come."""
    calls = calls_of_a_run(start, tmp_path)
    lost = untouched = 0
    for broken in (*range(0, calls - 20, 15), *range(calls - 20, calls + 8, 2)):  # cells are written at the end
        engine = memory.Engine()
        shutil.copy(start, tmp_path / start.name)
        shutil.rmtree(tmp_path / f"{start.stem} backups", ignore_errors=True)
        book = live(engine, tmp_path / start.name)
        rows = filled(book)
        plan, _ = plan_of_everything(book)
        seen = iter(range(10_000))

        def hook(name: str, broken: int = broken, seen: Iterator[int] = seen) -> None:
            if name != "SaveCopyAs" and next(seen) >= broken:
                raise ComError(0x800706BA)

        engine.hook = hook
        try:
            run(book, "x", lambda tables, settings, today, plan=plan: plan, Call(NOW, "Anna"))  # type: ignore[misc]
        except busy.ExcelLostError:
            lost += 1
        engine.hook = lambda name: None
        try:
            undo_run(book, 1, Call(NOW, "Anna"))
        except CrmError as nothing:  # Excel went away before the first cell was written
            assert nothing.key == "undo.nothing"
            untouched += 1
        assert filled(book) == rows
    assert lost > untouched + 3


def test_a_click_leaves_its_sentence_for_the_macro(opened: LiveBook, engine: memory.Engine) -> None:
    code, sentence = press("split", opened, NOW)
    assert code in (0, 1)
    assert sentence.startswith("Names split: 3 rows")
    opened.tell(sentence, code)
    assert engine.app.state["status_bar"] == sentence
    assert cells(opened)["last_name"] == ["Olsen", "Rossi", "Weiß"]


def test_an_unknown_button_is_refused_with_a_sentence(opened: LiveBook) -> None:
    code, sentence = press("format-disk", opened, NOW)
    assert code == 2
    assert "format-disk" in sentence


@pytest.mark.parametrize("action", ["check", "correct", "refresh", "search", "lists", "backup"])
def test_every_button_without_a_question_runs(opened: LiveBook, action: str) -> None:
    code, sentence = press(action, opened, NOW)
    assert code in (0, 1), sentence
    assert len(sentence) > 10


def test_a_workbook_that_is_not_open_is_refused(engine: memory.Engine) -> None:
    memory.front(engine)
    with pytest.raises(CrmError) as refused:
        attach("Nowhere.xlsm", 4711)
    assert refused.value.key == "live.not_open"
