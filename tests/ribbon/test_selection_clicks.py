"""Buttons that work on the clients of the rows selected: which rows those are, and what comes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, live, three_clients
from xlcrm.excel.live_book import LiveBook, rows_of_address
from xlcrm.ribbon.click import press


@pytest.fixture
def opened(tmp_path: Path) -> LiveBook:
    return live(memory.Engine(), three_clients(tmp_path / "My.xlsm"))


def select(book: LiveBook, address: str, sheet: str = "Clients") -> Any:
    chosen = book.book.sheets[sheet].range(address)
    book.book.app.impl.selected = chosen.impl
    return chosen


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("$A$2", (2,)),
        ("$A$2:$C$4", (2, 3, 4)),
        ("$A$2:$C$3,$F$9", (2, 3, 9)),
        ("$3:$4", (3, 4)),
        ("$A:$B", ()),
        ("$A$9:$A$1048576", ()),
    ],
)
def test_an_address_has_rows(address: str, rows: tuple[int, ...]) -> None:
    assert rows_of_address(address) == rows


def test_rows_that_a_filter_hides_are_not_selected(opened: LiveBook) -> None:
    chosen = select(opened, "A2:B4")
    chosen.impl.sheet.cells_of.row_dimensions[3].hidden = True
    assert opened.selected_rows() == ("Clients", (2, 4))


def test_nothing_selected_is_no_row(opened: LiveBook) -> None:
    assert opened.selected_rows() == ("", ())


def test_export_is_of_the_rows_selected(opened: LiveBook) -> None:
    select(opened, "A2:A3")
    code, sentence = press("export", opened, NOW)
    assert (code, "2 contacts" in sentence) == (0, True), sentence
    assert list(opened.path.parent.rglob("*.vcf"))
    select(opened, "A2")
    assert "3 contacts" in press("export", opened, NOW)[1], "one cell is always selected: that asks for nothing"


def test_the_card_is_of_the_row_where_one_is(opened: LiveBook) -> None:
    select(opened, "B3")
    code, sentence = press("card", opened, NOW)
    assert (code, "1 client card." in sentence) == (0, True), sentence
    select(opened, "B2", "Settings")
    assert "blank" in press("card", opened, NOW)[1]
    assert len(list(opened.path.parent.rglob("*.pdf"))) == 2
