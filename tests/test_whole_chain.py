"""A click from end to end: the workbook's macro in LibreOffice starts the launcher, which writes the open workbook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from engines import office

from xlcrm.adapters.file import FileBook
from xlcrm.building import build
from xlcrm.plan import Added, Plan

TESTS = Path(__file__).parent
# The workbook's own module Xlcrm stays; of the module that touches the machine each function has its like here.
# As on a Mac nothing waits, and Python calls XlcrmDone.
MACHINE = """Rem Attribute VBA_ModuleType=VBAModule
Option VBASupport 1
Option Explicit
Public Bar As String
Public Said As String
Public Function XlcrmBookFolder() As String
    XlcrmBookFolder = ThisWorkbook.Path
End Function
Public Function XlcrmBookName() As String
    XlcrmBookName = ThisWorkbook.Name
End Function
Public Function XlcrmBookReadOnly() As Boolean
    XlcrmBookReadOnly = False
End Function
Public Function XlcrmWindow() As String
    XlcrmWindow = "0"
End Function
Public Function XlcrmLauncher() As String
    XlcrmLauncher = "{launcher}"
End Function
Public Function XlcrmStillAtWork() As Boolean
    XlcrmStillAtWork = True
End Function
Public Function XlcrmLaunch(ByVal Arguments As String, ByRef Code As Long) As Boolean
    Shell XlcrmLauncher(), 0, Arguments, False
    XlcrmLaunch = False
End Function
Public Function XlcrmStatusText() As String
    XlcrmStatusText = Bar
End Function
Public Sub XlcrmStatus(ByVal Text As String)
    Bar = Text
End Sub
Public Sub XlcrmSay(ByVal Text As String)
    Said = Text
End Sub
Public Function TakeSaid() As String
    TakeSaid = Said
    Said = ""
End Function
"""
LAUNCHER = """#!/bin/sh
exec "{python}" -I -c '
import sys
sys.path.append("{tests}")
from engines import memory, office
running = office.Office("{address}")
engine = office.Engine(running)
engine.app.books.adopt()
memory.front(engine)
document = engine.app.books.open_books[0].workbook
from xlcrm import ribbon
code = ribbon.answer(sys.argv[1:])
running.call(document, "XlcrmOs.XlcrmStatus", engine.app.state["status_bar"] or "")
running.call(document, "Xlcrm.XlcrmDone", code)
' "$@" > "{folder}/launcher.log" 2>&1
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[office.Office]:
    if office.missing():
        pytest.skip(f"{office.missing()} is missing")
    started = office.Office.start(tmp_path_factory.mktemp("office"))
    yield started
    started.stop()


@pytest.fixture
def click(running: office.Office, tmp_path: Path) -> Iterator[Callable[[str], tuple[str, Any]]]:
    """Click a button of a new workbook: the sentence that the macro showed, and the document."""
    folder = tmp_path / "our desk & co"
    folder.mkdir()
    book = folder / "Клиенты & $(co).xlsm"
    build(book, language="en")
    rows = pd.DataFrame([{"client_id": "C1", "full_name": "Kari Olsen"}, {"client_id": "C2", "full_name": "Ola Moe"}])
    file = FileBook(book)
    file.apply(Plan("import", added=(Added("Clients", rows),)), file.look())
    launcher = tmp_path / "xlcrmw"
    places = {"python": sys.executable, "tests": TESTS, "address": running.address, "folder": tmp_path}
    launcher.write_text(LAUNCHER.format(**places), encoding="utf-8")
    launcher.chmod(0o755)
    document = running.load(book)
    project = document.BasicLibraries.getByName("VBAProject")
    project.replaceByName("XlcrmOs", MACHINE.format(launcher=launcher))

    def press(action: str) -> tuple[str, Any]:
        running.call(document, "Xlcrm.XlcrmRun", action)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            said = running.call(document, "XlcrmOs.TakeSaid")
            if said:
                return str(said), document
            time.sleep(0.1)
        raise AssertionError((tmp_path / "launcher.log").read_text(encoding="utf-8"))

    yield press
    document.close(True)


def column(document: Any, header: str) -> list[str]:
    sheet = document.Sheets.getByName("Clients")
    at = next(n for n in range(80) if sheet.getCellByPosition(n, 0).String == header)
    return [sheet.getCellByPosition(at, row).String for row in (1, 2)]


def test_a_click_changes_the_open_workbook_and_another_takes_it_back(click: Callable[[str], tuple[str, Any]]) -> None:
    said, document = click("split")
    assert said.startswith("Names split: 2 rows")
    assert column(document, "Last name") == ["Olsen", "Moe"]
    said, document = click("undo")
    assert said.startswith("Took back split")
    assert column(document, "Last name") == ["", ""]
    assert column(document, "Full name") == ["Kari Olsen", "Ola Moe"]


def test_a_button_that_nobody_knows_is_refused_by_the_macro_or_the_program(
    click: Callable[[str], tuple[str, Any]],
) -> None:
    assert "xlcrm new" in click("Format C:")[0]
    assert "format-disk" in click("format-disk")[0]
