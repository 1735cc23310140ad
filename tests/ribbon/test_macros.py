"""The macros behind the buttons, run in a VBA interpreter over a stub of the module that touches the machine."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest

from tests.support.paths import CASES
from xlcrm import messages
from xlcrm.building import macro_workbook
from xlcrm.ribbon.click import decode

STUB = """
Option Explicit
Public Calls As String, Folder As String, Book As String, Launcher As String, Left_ As String
Public IsReadOnly As Boolean, Waits As Boolean, Fails As Boolean, StillAtWork As Boolean, Refuses As Boolean
Public ExitCode As Long
Public Sub SetUp(ByVal f As String, ByVal b As String, ByVal l As String, ByVal ro As Boolean, _
        ByVal w As Boolean, ByVal x As Long, ByVal s As String)
    Folder = f
    Book = b
    Launcher = l
    IsReadOnly = ro
    Waits = w
    ExitCode = x
    Left_ = s
    Calls = ""
End Sub
Public Sub SetFailing(ByVal yes As Boolean)
    Fails = yes
End Sub
Public Sub SetRefusing(ByVal yes As Boolean)
    Refuses = yes
End Sub
Public Sub SetStillAtWork(ByVal yes As Boolean)
    StillAtWork = yes
End Sub
Public Function GetCalls() As String
    GetCalls = Calls
End Function
Public Function XlcrmBookFolder() As String
    XlcrmBookFolder = Folder
End Function
Public Function XlcrmBookName() As String
    XlcrmBookName = Book
End Function
Public Function XlcrmBookReadOnly() As Boolean
    XlcrmBookReadOnly = IsReadOnly
End Function
Public Function XlcrmSettings(ByVal PutBack As Boolean) As Boolean
    Calls = Calls & IIf(PutBack, "put back", "note") & " settings|"
    XlcrmSettings = Not Refuses
End Function
Public Function XlcrmLauncher() As String
    XlcrmLauncher = Launcher
End Function
Public Function XlcrmStillAtWork() As Boolean
    XlcrmStillAtWork = StillAtWork
End Function
Public Function XlcrmLaunch(ByVal Arguments As String, ByRef Code As Long) As Boolean
    Calls = Calls & "run " & Arguments & "|"
    If Fails Then Err.Raise 70, , "Permission denied"
    Code = ExitCode
    XlcrmLaunch = Waits
End Function
Public Function XlcrmStatusText() As String
    XlcrmStatusText = Left_
End Function
Public Sub XlcrmStatus(ByVal Text As String)
    Calls = Calls & "bar " & Text & "|"
End Sub
Public Sub XlcrmSay(ByVal Text As String)
    Calls = Calls & "say " & Text & "|"
End Sub
"""


class Office:
    """An interpreter with the workbook's pure module and the stub loaded."""

    def __init__(self, language: str = "en") -> None:
        from pyopenvba.apps.excel import ExcelApplication

        self.app: Any = ExcelApplication()
        self.app.add_workbook()
        self.app.add_module(STUB, name="XlcrmOs")
        self.app.add_module(macro_workbook.source("Xlcrm", language), name="Xlcrm")
        self.set_up()

    def set_up(
        self,
        folder: str = r"C:\Shared",
        book: str = "Clients.xlsm",
        launcher: str = r"C:\Program Files\xlcrmw.exe",
        read_only: bool = False,
        waits: bool = True,
        exit_code: int = 0,
        left: str = "",
    ) -> None:
        self.app.run("SetUp", folder, book, launcher, read_only, waits, exit_code, left)

    def click(self, action: str) -> list[str]:
        self.app.run("XlcrmRun", action)
        return self.calls()

    def calls(self) -> list[str]:
        return [call for call in self.app.run("GetCalls").split("|") if call]


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


def say(name: str, language: str = "en") -> str:
    return f"say {messages.text(f'vba.{name}', language)}"


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_click_starts_the_launcher_and_clears_the_status_bar(office: Office) -> None:
    office.set_up(left=messages.text("vba.running"))
    assert office.click("check") == [
        "note settings",
        f"bar {messages.text('vba.running')}",
        "run check --book Clients.xlsm",
        "put back settings",
        "bar ",
        say("done"),
    ]


@pytest.mark.parametrize(
    ("state", "action", "sentence"),
    [
        ({"folder": ""}, "check", "save"),
        ({"read_only": True}, "check", "readonly"),
        ({"launcher": ""}, "check", "install"),
        ({"launcher": "", "folder": ""}, "check", "install"),
        ({}, "", "action"),
        ({}, 'check" & calc', "action"),
        ({}, "Check", "action"),
        ({}, "check --all", "action"),
        ({}, "-check", "action"),
    ],
)
def test_refusals_say_what_to_do_and_start_nothing(
    office: Office, state: dict[str, Any], action: str, sentence: str
) -> None:
    office.set_up(**state)
    assert office.click(action) == [say(sentence)]


@pytest.mark.parametrize(
    ("code", "sentence"), [(0, "done"), (1, "look"), (2, "refused"), (3, "busy"), (9, "stopped"), (-1, "blocked")]
)
def test_exit_codes_become_sentences(office: Office, code: int, sentence: str) -> None:
    office.set_up(exit_code=code)
    expected = say(sentence) + (f" ({code})" if sentence == "stopped" else "")
    assert office.click("refresh")[-1] == expected


def test_the_launchers_sentence_in_the_status_bar_comes_first(office: Office) -> None:
    office.set_up(exit_code=1, left="12 problems found, see the sheet Problems.")
    assert office.click("check")[-1] == "say 12 problems found, see the sheet Problems."


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_how_far_it_had_come_is_no_sentence_of_what_came_of_it(language: str) -> None:
    office = Office(language)
    for left in (messages.text("vba.running", language), messages.text("run.apply", language) + "..."):
        office.set_up(left=left, exit_code=3)
        assert office.click("check")[-1] == say("busy", language)


def test_a_launcher_that_cannot_start_is_said(office: Office) -> None:
    office.set_up()
    office.app.run("SetFailing", True)
    assert office.click("check")[-3:] == ["put back settings", "bar ", say("blocked")]
    office.app.run("SetFailing", False)
    office.set_up()
    assert office.click("check")[-1] == say("done")


def test_settings_that_excel_refuses_are_said_and_stop_nothing(office: Office) -> None:
    office.set_up(left="12 problems found.")
    office.app.run("SetRefusing", True)
    assert office.click("check")[-2:] == ["bar ", f"say 12 problems found. {messages.text('vba.settings')}"]
    office.app.run("SetRefusing", False)


def test_nothing_is_done_inside_an_error_handler() -> None:
    """An error there would show the debugger: a handler only notes, and its procedure ends."""
    for module in macro_workbook.MODULES:
        for handler in re.findall(r"^Failed:\n(.*?)^End (?:Sub|Function)", macro_workbook.source(module), re.M | re.S):
            assert not re.search(r"^\s*(?:Call )?Xlcrm\w+(?: |\()", handler.replace("XlcrmStart = True", ""), re.M)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Done.", True), ("", True), ("a~b !", True), ("Łukasz", False), ("één", False), ("two\nlines", False)],
)
def test_a_text_of_other_letters_goes_another_way(office: Office, text: str, plain: bool) -> None:
    assert office.app.run("XlcrmPlain", text) is plain


def test_a_second_click_asks_where_the_launcher_does_not_wait() -> None:
    office = Office()
    office.set_up(waits=False)
    assert office.click("check")[-1].startswith("run check")
    office.app.run("SetStillAtWork", True)
    assert len(office.click("refresh")) == 3, "a second click while the first is at work does nothing"
    office.app.run("XlcrmDone", 0)
    assert office.calls()[-2:] == ["bar ", say("done")]
    office.set_up(waits=False)
    assert office.click("refresh")[-1].startswith("run refresh")
    office.app.run("SetStillAtWork", False)
    office.set_up(waits=False)
    calls = office.click("check")
    assert calls[-1].startswith("run check"), "the person said not to wait"
    assert "note settings" not in calls, "the run before has switched them off"


@pytest.mark.parametrize("case", rows("book_names.csv"), ids=lambda case: case["why"])
def test_a_name_is_encoded_so_that_no_shell_misreads_it(office: Office, case: dict[str, str]) -> None:
    encoded = office.app.run("XlcrmEncode", as_vba(case["name"]))
    assert encoded == case["encoded"]
    assert re.fullmatch(r"[A-Za-z0-9.+-]*", encoded)
    assert decode(encoded) == case["name"]


def as_vba(text: str) -> str:
    """A VBA string is a row of UTF-16 code units."""
    data = text.encode("utf-16-le")
    return "".join(chr(data[at] | data[at + 1] << 8) for at in range(0, len(data), 2))


@pytest.mark.parametrize("odd", ["", "plain.xlsm", "50+50.xlsm", "+D83D", "+XYZW"])
def test_decoding_never_fails(odd: str) -> None:
    assert isinstance(decode(odd), str)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_sentences_are_in_the_workbooks_language(language: str) -> None:
    office = Office(language)
    office.set_up(folder="")
    assert office.click("check") == [say("save", language)]


def test_the_sentences_in_the_code_are_those_of_the_catalogue() -> None:
    for module in macro_workbook.MODULES:
        written = (macro_workbook.SOURCES / f"{module}.bas").read_text(encoding="utf-8")
        assert written == macro_workbook.source(module, "en")
        for name in re.findall(r"Const Say(\w+)", written):
            assert f"vba.{name.lower()}" in messages.catalogue()


def test_every_sentence_can_be_kept_in_a_vba_project() -> None:
    for key, sentences in messages.catalogue().items():
        if key.startswith("vba."):
            for language in messages.LANGUAGES:
                sentences[language].encode("cp1252")  # the project's code page
                assert len(sentences[language]) < 900, "VBA lines end at 1,023 characters"


@pytest.mark.parametrize("mac", [False, True])
def test_both_branches_of_the_machines_module_parse(mac: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyopenvba.apps.excel import ExcelApplication
    from pyopenvba.exceptions import VBARuntimeError, VBAUnsupportedError
    from pyopenvba.interpreter import _preprocess

    for name, value in {"Mac": mac, "Win64": not mac, "Win32": not mac}.items():
        monkeypatch.setitem(_preprocess.DEFAULT_CONSTANTS, name, value)
    app: Any = ExcelApplication()
    app.add_workbook()
    app.add_module(macro_workbook.source("XlcrmOs"), name="XlcrmOs")
    app.add_module(macro_workbook.source("Xlcrm"), name="Xlcrm")
    assert app.run("XlcrmExplain", 0) == messages.text("vba.done")
    # each branch is reached, and refused because the interpreter has no such machine
    with pytest.raises((VBAUnsupportedError, VBARuntimeError), match="AppleScriptTask" if mac else "(?i)CreateObject"):
        app.run("XlcrmLaunch", "check", 0)


def test_the_modules_stay_short_and_declare_nothing() -> None:
    text = "\n".join(macro_workbook.source(module) for module in macro_workbook.MODULES)
    code = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("'")]
    assert len(code) < 165
    assert text.count("Option Explicit") == len(macro_workbook.MODULES)
    assert not re.search(r"\bDeclare\b|\bCreateObject\(\"(?!WScript\.Shell\")", text)
    outside = macro_workbook.source("Xlcrm")
    assert not re.search(r"Application\.|ThisWorkbook|CreateObject|AppleScriptTask|MsgBox|Shell", outside)
