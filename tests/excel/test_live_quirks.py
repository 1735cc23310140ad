"""What an Excel does that a plain grid of cells does not: filters, currencies, protection, a sandbox."""

from __future__ import annotations

import shutil
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree.ElementTree import tostring

import pandas as pd
import pytest
import xlwings as xw
from openpyxl.worksheet.filters import FilterColumn, Filters
from openpyxl.worksheet.table import Table as SheetTable
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.engines import memory
from tests.support.live_help import NOW, cells, change, counted, live, three_clients
from xlcrm.errors import CrmError
from xlcrm.excel.live_book import LiveBook, attach, copies_folder
from xlcrm.plan import Added, Plan, Removed
from xlcrm.ribbon.click import press


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return three_clients(tmp_path_factory.mktemp("excel") / "Kunder & co.xlsm")


@pytest.fixture
def engine() -> memory.Engine:
    return memory.Engine()


@pytest.fixture
def opened(engine: memory.Engine, start: Path, tmp_path: Path) -> LiveBook:
    path = tmp_path / start.name
    shutil.copy(start, path)
    return live(engine, path)


def test_copies_lie_where_a_sandboxed_excel_may_write(tmp_path: Path) -> None:
    own = tmp_path / "Library" / "Group Containers" / "UBF8T346G9.Office"
    assert own not in Path(copies_folder("darwin", tmp_path)).parents, "an Excel of another kind"
    own.mkdir(parents=True)
    assert Path(copies_folder("darwin", tmp_path)).parent == own
    assert own not in Path(copies_folder("win32", tmp_path)).parents


def test_xlwings_neither_waits_for_ever_nor_ends_somebodys_excel(
    engine: memory.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it registers on Windows and on a Mac has the name that is looked for, in the version installed here."""
    memory.front(engine)
    kept: list[object] = []
    monkeypatch.setattr("atexit.unregister", kept.append)
    for name in ("_xlwindows", "_xlmac"):
        source = (Path(xw.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        assert source.count("@atexit.register\ndef cleanup():") == source.count("atexit.register") == 1
        assert ("\nN_COM_ATTEMPTS = 0" in source) == (name == "_xlwindows")
        made = ModuleType(name)
        made.cleanup = object()  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"xlwings.{name}", made)
    with pytest.raises(CrmError):
        attach("Nowhere.xlsm", 4711)
    windows, mac = sys.modules["xlwings._xlwindows"], sys.modules["xlwings._xlmac"]
    assert kept == [windows.cleanup, mac.cleanup]
    assert windows.N_COM_ATTEMPTS == 1


def test_a_blank_end_that_a_lost_excel_left_is_filled_first(opened: LiveBook) -> None:
    body = opened.book.sheets["Clients"].tables[0].data_body_range
    assert body is not None
    opened.book.sheets["Clients"].tables[0].resize(body.sheet.range((1, 1), (7, body.shape[1])))
    assert cells(opened)["client_id"] == ["C1", "C2", "C3", "", "", ""]
    rows = [{"client_id": "C4", "city": "Oslo"}]
    opened.apply(Plan("x", added=(Added("Clients", pd.DataFrame(rows)),)), opened.look())
    assert cells(opened)["client_id"] == ["C1", "C2", "C3", "C4", "", ""]
    rows = [{"client_id": f"C{number}", "city": "Oslo"} for number in (5, 6, 7)]
    opened.apply(Plan("x", added=(Added("Clients", pd.DataFrame(rows)),)), opened.look())
    assert cells(opened)["client_id"] == ["C1", "C2", "C3", "C4", "C5", "C6", "C7"]


def test_money_is_compared_with_all_its_digits(opened: LiveBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel hands out cells of a currency format with four decimals."""
    opened.apply(Plan("x", changes=change(opened, "total_spend", [100 / 3, 2 / 3, None])), opened.look())
    whole = memory.Range.raw_value
    assert isinstance(whole, property) and whole.fget

    def in_currency(cells: memory.Range) -> list[list[object]]:
        rows = whole.fget(cells)
        return [[Decimal(f"{value:.4f}") if isinstance(value, float) else value for value in row] for row in rows]

    monkeypatch.setattr(memory.Range, "raw_value", property(in_currency, whole.fset))
    monkeypatch.setattr(memory.Range, "Value2", property(whole.fget), raising=False)
    written = opened.apply(Plan("x", changes=change(opened, "total_spend", [1.5, None, None])), opened.look())
    assert list(written.changes[0].before) == [100 / 3, 2 / 3]


def test_rows_that_a_filter_hides_are_written_too(opened: LiveBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """An Excel that passes over hidden rows when a block is written; single cells it takes."""
    whole = memory.Range.raw_value
    assert isinstance(whole, property) and whole.fget and whole.fset

    def only_what_shows(cells: memory.Range, rows: list[list[object]]) -> None:
        kept = whole.fget(cells)
        for at, row in enumerate(rows):
            hidden = cells.row + at == 3 and len(cells) > 1
            rows[at] = [None if value is None else value for value in kept[at]] if hidden else row
        whole.fset(cells, rows)

    monkeypatch.setattr(memory.Range, "raw_value", property(whole.fget, only_what_shows))
    plan = Plan("x", changes=change(opened, "city", ["Oslo", "Roma", "Berlin"]))
    opened.apply(plan, opened.look())
    assert cells(opened)["city"] == ["Oslo", "Roma", "Berlin"]


def test_a_protected_sheet_is_refused_before_anything_is_written(
    opened: LiveBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, tables = Plan("x", changes=change(opened, "city", ["Oslo"], [1])), opened.look()
    monkeypatch.setattr(Worksheet, "ProtectContents", True, raising=False)
    with pytest.raises(CrmError) as refused:
        opened.apply(plan, tables)
    assert refused.value.key == "workbook.protected"
    assert cells(opened)["city"] == ["", "", ""]


def test_rows_go_through_the_table_whatever_a_filter_hides(
    opened: LiveBook, engine: memory.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, asked = opened.look(), list[int]()

    class Row:
        def __init__(self, number: int) -> None:
            asked.append(number)

        def Delete(self) -> None:  # noqa: N802 (what Excel calls it)
            opened.book.sheets["Clients"].range((asked[-1] + 1, 1), (asked[-1] + 1, 5)).delete(shift="up")

    monkeypatch.setattr(SheetTable, "ListRows", lambda table, number: Row(number), raising=False)
    opened.apply(Plan("x", removed=(Removed("Clients", tables["Clients"].frame.iloc[[0, 2]]),)), tables)
    assert asked == [3, 1]


@pytest.mark.parametrize("found", ["https://example.com/My.xlsm", OSError("no local OneDrive folder")])
def test_a_workbook_without_a_known_folder_is_refused(
    opened: LiveBook, monkeypatch: pytest.MonkeyPatch, found: str | Exception
) -> None:
    def fullname(book: memory.Book) -> str:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(memory.Book, "fullname", property(fullname))
    code, sentence = press("split", opened, NOW)
    assert code == 2
    assert "OneDrive" in sentence


@pytest.mark.parametrize("action", ["check", "correct", "split", "refresh", "search", "lists", "backup", "undo"])
def test_what_a_person_sees_stays_as_it_was(opened: LiveBook, engine: memory.Engine, action: str) -> None:
    """Nothing is selected, brought to the front, filtered, sorted, shown or hidden; tables keep their filters."""
    workbook = engine.app.books.open_books[0].workbook
    workbook.active = workbook["Purchases"]
    sheet = workbook["Clients"]
    sheet.sheet_view.zoomScale, sheet.column_dimensions["F"].hidden = 85, True
    sheet.sheet_view.selection[0].sqref = sheet.sheet_view.selection[0].activeCell = "D3"
    sheet.row_dimensions[3].hidden = True
    sheet.tables["Clients"].autoFilter.filterColumn.append(
        FilterColumn(colId=1, filters=Filters(filter=["Kari Olsen"]))
    )
    before, calls = view(workbook), counted(engine)
    code, sentence = press(action, opened, NOW)
    engine.hook = lambda name: None
    assert code in (0, 1) or action == "undo", sentence
    assert "activate" not in calls
    assert view(workbook) == before


def view(workbook: Any) -> list[str]:
    shown = [f"{workbook.active.title} is in front"]
    for sheet in workbook.worksheets:
        hidden = [name for name, column in sheet.column_dimensions.items() if column.hidden]
        hidden += [str(number) for number, row in sheet.row_dimensions.items() if row.hidden]
        for part in (sheet.sheet_view, *(table.autoFilter for table in sheet.tables.values() if table.autoFilter)):
            shown.append(tostring(part.to_tree(tagname="part")).decode().split(" ref=")[0])
        shown.append(f"{sheet.title} {sheet.sheet_state} {hidden}")
        shown += [str(t.autoFilter.filterColumn) for t in sheet.tables.values() if t.autoFilter]
    return shown
