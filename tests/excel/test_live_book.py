"""What only an open workbook can show: unsaved edits, formulas, formats, what stands around a table, a click."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, cells, change, counted, live, three_clients
from xlcrm.errors import CrmError
from xlcrm.excel.live_book import LiveBook, attach
from xlcrm.install import doctor_facts
from xlcrm.install.doctor import Facts
from xlcrm.plan import Added, Change, Plan, diff
from xlcrm.ribbon.click import press
from xlcrm.run import STEPS
from xlcrm.xlsx.reading import read_tables


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return three_clients(tmp_path_factory.mktemp("open") / "Kunder & co.xlsm")


@pytest.fixture
def engine() -> memory.Engine:
    return memory.Engine()


@pytest.fixture
def opened(engine: memory.Engine, start: Path, tmp_path: Path) -> LiveBook:
    path = tmp_path / start.name
    shutil.copy(start, path)
    return live(engine, path)


def test_unsaved_edits_are_in_the_backup_and_in_what_is_read(opened: LiveBook, tmp_path: Path) -> None:
    opened.book.sheets["Clients"].range("C2").value = "Kari Nordmann"
    target = tmp_path / "copy.xlsm"
    opened.snapshot(target)
    assert read_tables.read(target)["Clients"].frame["full_name"][0] == "Kari Nordmann"
    assert read_tables.read(opened.path)["Clients"].frame["full_name"][0] == "Kari Olsen"


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
def test_rows_with_only_blanks_between_are_written_at_once(
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


def test_blank_cells_between_texts_do_not_become_text(opened: LiveBook) -> None:
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


def test_a_click_leaves_its_sentence_for_the_macro(opened: LiveBook, engine: memory.Engine) -> None:
    code, sentence = press("split", opened, NOW)
    assert code in (0, 1)
    assert sentence.startswith("Names split: 3 rows")
    opened.tell(sentence, code)
    assert engine.app.state["status_bar"] == sentence
    assert cells(opened)["last_name"] == ["Olsen", "Rossi", "Weiß"]


def test_the_status_bar_says_how_far_it_is(
    opened: LiveBook, engine: memory.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(memory.App, "status_bar", property(lambda app: "", lambda app, text: shown.append(text)))
    press("split", opened, NOW)
    assert len(shown) == len(STEPS)
    assert all(text.endswith("...") for text in shown)


def test_an_unknown_button_is_refused_with_a_sentence(opened: LiveBook) -> None:
    code, sentence = press("format-disk", opened, NOW)
    assert code == 2
    assert "format-disk" in sentence


@pytest.mark.parametrize("action", ["check", "correct", "refresh", "search", "lists", "backup"])
def test_every_button_without_a_question_runs(opened: LiveBook, action: str) -> None:
    code, sentence = press(action, opened, NOW)
    assert code in (0, 1), sentence
    assert len(sentence) > 10


def test_the_guide_brings_the_sheet_start_to_the_front(opened: LiveBook, engine: memory.Engine) -> None:
    workbook = engine.app.books.open_books[0].workbook
    workbook.active = workbook["Clients"]
    workbook["Start"].sheet_state = "hidden"
    assert press("guide", opened, NOW)[0] == 0
    assert workbook.active.title == "Start"
    workbook["Start"].title = "Mine"
    code, sentence = press("guide", opened, NOW)
    assert code == 2
    assert "Start" in sentence


def test_the_doctor_says_the_worst_and_writes_all_of_it_down(
    opened: LiveBook, engine: memory.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = Facts(system="win32", python=(3, 12, 1), excel="16.0", macros=1, launcher="C:\\x", launcher_fault="gone")
    monkeypatch.setattr(doctor_facts, "look", lambda machine, book, backups: sick)
    code, sentence = press("doctor", opened, NOW)
    assert code == 1
    assert "gone" in sentence and "2" in sentence and "Changes" in sentence
    written = cells(opened, "Changes")
    assert written["undo_number"] == [""] or pd.isna(written["undo_number"][0])
    assert len(written["what"][0].splitlines()) == 2
    engine.app.books.open_books[0].workbook["Changes"]["C3"] = "in the way"
    code, sentence = press("doctor", opened, NOW)
    assert code == 1
    assert "xlcrm doctor" in sentence


def test_a_computer_without_trouble_gets_one_sentence(opened: LiveBook, monkeypatch: pytest.MonkeyPatch) -> None:
    well = Facts(system="win32", python=(3, 12, 1), excel="16.0", macros=2, launcher="C:\\x", launcher_ms=300)
    monkeypatch.setattr(doctor_facts, "look", lambda machine, book, backups: well)
    assert press("doctor", opened, NOW)[0] == 0
    assert cells(opened, "Changes")["what"] == []


def test_a_workbook_that_is_not_open_is_refused(engine: memory.Engine) -> None:
    memory.front(engine)
    with pytest.raises(CrmError) as refused:
        attach("Nowhere.xlsm", 4711)
    assert refused.value.key == "live.not_open"
