"""Clicks a button of a workbook that is open in LibreOffice: its macro starts the launcher, Python calls back.

Each function of the module that touches the machine has its like here; the workbook's own module Xlcrm stays. As on a
Mac nothing waits.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.support.engines import office
from tests.support.paths import ROOT

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
Public Function XlcrmSettings(ByVal PutBack As Boolean) As Boolean
    XlcrmSettings = True
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
{first}import sys
sys.path.insert(0, "{root}")
from tests.support.engines import memory, office
running = office.Office("{address}")
engine = office.Engine(running)
engine.app.books.adopt()
memory.front(engine)
document = engine.app.books.open_books[0].workbook
{before}from xlcrm.ribbon import click
code = click.answer(sys.argv[1:])
running.call(document, "XlcrmOs.XlcrmStatus", engine.app.state["status_bar"] or "")
running.call(document, "Xlcrm.XlcrmDone", code)
{after}' "$@" > "{folder}/launcher.log" 2>&1
"""


class Desk:
    """A workbook open in LibreOffice, ready for clicks.

    first, before, after  lines of Python that the launcher runs at its start, before its work and at its end
    """

    def __init__(
        self, running: office.Office, book: Path, folder: Path, *, first: str = "", before: str = "", after: str = ""
    ) -> None:
        self.running, self.log, launcher = running, folder / "launcher.log", folder / "xlcrmw"
        text = LAUNCHER.format(
            python=sys.executable, root=ROOT, address=running.address, folder=folder,
            first=first, before=before, after=after,
        )  # fmt: skip
        launcher.write_text(text, encoding="utf-8")
        launcher.chmod(0o755)
        self.document = running.load(book)
        project = self.document.BasicLibraries.getByName("VBAProject")
        project.replaceByName("XlcrmOs", MACHINE.format(launcher=launcher))

    def click(self, action: str, patience: float = 60.0, every: float = 0.1) -> str:
        """The sentence that the macro showed at the end."""
        self.running.call(self.document, "Xlcrm.XlcrmRun", action)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            said = self.running.call(self.document, "XlcrmOs.TakeSaid")
            if said:
                return str(said)
            time.sleep(every)
        raise AssertionError(self.log.read_text(encoding="utf-8"))
