"""A click from end to end: the workbook's macro in LibreOffice starts the launcher, which writes the open workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.support.engines import click, office
from xlcrm.building import build
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, Plan


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[office.Office]:
    if office.missing():
        pytest.skip(f"{office.missing()} is missing")
    started = office.Office.start(tmp_path_factory.mktemp("office"))
    yield started
    started.stop()


@pytest.fixture
def desk(running: office.Office, tmp_path: Path) -> Iterator[click.Desk]:
    folder = tmp_path / "our desk & co"
    folder.mkdir()
    book = folder / "Клиенты & $(co).xlsm"
    build(book, language="en")
    rows = pd.DataFrame([{"client_id": "C1", "full_name": "Kari Olsen"}, {"client_id": "C2", "full_name": "Ola Moe"}])
    file = FileBook(book)
    file.apply(Plan("import", added=(Added("Clients", rows),)), file.look())
    made = click.Desk(running, book, tmp_path)
    yield made
    made.document.close(True)


def column(desk: click.Desk, header: str) -> list[str]:
    sheet = desk.document.Sheets.getByName("Clients")
    at = next(n for n in range(80) if sheet.getCellByPosition(n, 0).String == header)
    return [sheet.getCellByPosition(at, row).String for row in (1, 2)]


def test_a_click_changes_the_workbook_another_takes_it_back(desk: click.Desk) -> None:
    assert desk.click("split").startswith("Names split: 2 rows")
    assert column(desk, "Last name") == ["Olsen", "Moe"]
    assert desk.click("undo").startswith("Taken back: “Split names")
    assert column(desk, "Last name") == ["", ""]
    assert column(desk, "Full name") == ["Kari Olsen", "Ola Moe"]


def test_an_unknown_button_is_refused(desk: click.Desk) -> None:
    assert "xlcrm new" in desk.click("Format C:")
    assert "format-disk" in desk.click("format-disk")
