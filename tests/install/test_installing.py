"""Telling Excel where xlcrm is, on computers made up for it: a registry in memory, a Mac's folders, a Linux machine."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.fake_winreg import FakeWinreg
from tests.support.paths import ROOT
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.install import installing
from xlcrm.install.machine import DoctorFinding, Machine

BAS = ROOT / "xlcrm" / "data" / "workbook" / "XlcrmOs.bas"
ODD = ["plain", "My Programs & more", "O'Brien", 'say "x"', "back\\slash", "Œuvres Ærlig", "$(touch x)", "100%"]


@pytest.fixture
def winreg(monkeypatch: pytest.MonkeyPatch) -> FakeWinreg:
    made = FakeWinreg()
    monkeypatch.setitem(sys.modules, "winreg", made)
    return made


def machine(system: str, folder: Path, place: str = "bin") -> Machine:
    scripts = folder / place
    scripts.mkdir(exist_ok=True)
    (scripts / ("xlcrmw.exe" if system == "win32" else "xlcrmw")).write_text("launcher", encoding="utf-8")
    return Machine(system, folder / "home", (scripts,))


def keys(found: list[DoctorFinding]) -> list[str]:
    return [finding.key for finding in found]


def test_windows_the_macro_finds_what_was_installed(winreg: FakeWinreg, tmp_path: Path) -> None:
    """The very key and value that the macro reads."""
    computer = machine("win32", tmp_path)
    assert keys(installing.install(computer)) == ["install.done"]
    read = re.search(r'LauncherKey As String = "HKCU\\(.+)\\(\w+)"', BAS.read_text(encoding="utf-8"))
    assert read is not None
    assert winreg.tree[f"HKCU\\{read[1]}".lower()][read[2]] == (str(tmp_path / "bin" / "xlcrmw.exe"), winreg.REG_SZ)


def test_mac_script_has_the_name_and_handlers_of_the_macro(tmp_path: Path) -> None:
    computer = machine("darwin", tmp_path)
    assert keys(installing.install(computer)) == ["install.done"]
    macro = BAS.read_text(encoding="utf-8")
    name = re.search(r'ScriptName As String = "(.+)"', macro)
    assert name is not None
    assert computer.script().name == name[1]
    text = computer.script().read_text(encoding="utf-8")
    for handler in set(re.findall(r'AppleScriptTask\(?\s*\(?ScriptName, "(\w+)"', macro)):
        assert f"\non {handler}(" in text
        assert f"\nend {handler}\n" in text


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_twice_is_as_good_as_once(winreg: FakeWinreg, tmp_path: Path, system: str) -> None:
    computer = machine(system, tmp_path)
    installing.install(computer)
    tree = copy.deepcopy(winreg.tree)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert keys(installing.install(computer)) == ["install.already"]
    assert winreg.tree == tree
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_newer_installation_takes_the_place_of_an_older_one(winreg: FakeWinreg, tmp_path: Path, system: str) -> None:
    installing.install(machine(system, tmp_path, "old"))
    computer = machine(system, tmp_path, "new")
    assert keys(installing.install(computer)) == ["install.done"]
    assert installing.installed(computer) == str(computer.launcher())


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_uninstall_leaves_nothing_behind(winreg: FakeWinreg, tmp_path: Path, system: str) -> None:
    winreg.put(r"HKCU\Software\other", "launcher", "theirs")
    computer = machine(system, tmp_path)
    installing.install(computer)
    assert keys(installing.uninstall(computer)) == ["install.gone"]
    assert winreg.tree == {r"hkcu\software\other": {"launcher": ("theirs", 1)}}
    assert not computer.script().exists()
    assert keys(installing.uninstall(computer)) == ["install.nothing_there"]
    assert installing.installed(computer) == ""


@pytest.mark.parametrize("place", ODD)
def test_odd_folders_come_back_whole_from_the_script(tmp_path: Path, place: str) -> None:
    computer = machine("darwin", tmp_path, place)
    installing.install(computer)
    assert installing.installed(computer) == str(computer.launcher())
    line = next(row for row in computer.script().read_text(encoding="utf-8").splitlines() if row.startswith("property"))
    inside = line.removeprefix('property launcher : "').removesuffix('"')
    assert re.search(r'(?<!\\)(\\\\)*"', inside) is None, "no quote ends the text early"


def test_the_script_gives_nothing_to_the_shell_unquoted(tmp_path: Path) -> None:
    text = installing.script(tmp_path / "x")
    shell = [line for line in text.splitlines() if "do shell script" in line or "set asked" in line]
    assert len(shell) == 4
    for line in shell:
        for word in re.findall(r"\b(launcher|part|arguments)\b", line):
            assert f"quoted form of {word}" in line or f"quoted form of (contents of {word})" in line


BLOCKS = {"on": r"on (\w+)\(", "tell": r"tell\b", "repeat": r"repeat\b", "if": r"if\b.*\bthen$", "try": r"try$"}


@pytest.mark.parametrize("place", ODD)
def test_the_script_reads_as_applescript(tmp_path: Path, place: str) -> None:
    """Quotes and brackets are closed on their line; every block is ended by its own word, handlers by their name."""
    opened: list[str] = []
    for line in installing.script(tmp_path / place / "xlcrmw").splitlines():
        code = re.sub(r'"(\\.|[^"\\])*"', "text", line.split("--")[0] if '"' not in line else line).strip()
        if code.startswith("--"):
            continue
        assert '"' not in code and code.count("(") == code.count(")"), line
        if code.startswith("end "):
            assert opened.pop() == code.removeprefix("end "), line
        if code.startswith("on error"):
            assert opened[-1] == "try"
            continue
        for word, begins in BLOCKS.items():
            if found := re.match(begins, code):
                opened.append(found[1] if word == "on" else word)
        assert line.expandtabs(4).index(line.strip() or line) // 4 == len(opened) - bool(
            re.match(r"on |repeat|if |try", code)
        ), line
    assert opened == []


def test_the_macro_calls_handlers_with_the_right_arguments(tmp_path: Path) -> None:
    """AppleScriptTask hands over one text, always."""
    text, macro = installing.script(tmp_path / "xlcrmw"), BAS.read_text(encoding="utf-8")
    handlers = dict(re.findall(r"^on (\w+)\((.*)\)$", text, re.MULTILINE))
    calls = re.findall(r'AppleScriptTask\(? ?ScriptName, "(\w+)", ([^,)\n]+)', macro)
    assert {name for name, _ in calls} == set(handlers)
    assert macro.count("AppleScriptTask") == len(calls)
    assert all(re.fullmatch(r"\w+", taken) for taken in handlers.values())


def test_a_script_that_somebody_changed_counts_as_not_installed(tmp_path: Path) -> None:
    computer = machine("darwin", tmp_path)
    installing.install(computer)
    with computer.script().open("a", encoding="utf-8") as file:
        file.write("-- edited\n")
    assert installing.installed(computer) == ""
    assert keys(installing.install(computer)) == ["install.done"]


def test_linux_says_what_works_instead(tmp_path: Path) -> None:
    computer = machine("linux", tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert keys(installing.install(computer)) == ["install.no_excel"]
    assert keys(installing.uninstall(computer)) == ["install.nothing_there"]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_python_without_the_launcher_is_refused(winreg: FakeWinreg, tmp_path: Path) -> None:
    with pytest.raises(CrmError) as refused:
        installing.install(Machine("win32", tmp_path, (tmp_path,)))
    assert refused.value.key == "install.no_launcher"
    assert winreg.tree == {}


LOCATIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations"


def test_a_folder_is_trusted_once_and_given_back(winreg: FakeWinreg, tmp_path: Path) -> None:
    theirs = {"Path": "C:\\theirs\\", "Description": "ours"}
    for name, value in theirs.items():
        winreg.put(f"{LOCATIONS}\\Location0", name, value)
    before = copy.deepcopy(winreg.tree)
    folder = tmp_path / "Clients"
    folder.mkdir()
    computer = machine("win32", tmp_path)
    for _ in range(2):
        assert keys(installing.trust_folder(computer, folder)) == ["install.trusted"]
    made = {key: values for key, values in winreg.tree.items() if key not in before}
    assert list(made) == [f"{LOCATIONS}\\Location1".lower()]
    values = next(iter(made.values()))
    assert values["Path"][0] == f"{folder}\\"
    assert values["AllowSubfolders"] == (0, winreg.REG_DWORD)
    assert "install.untrusted" in keys(installing.uninstall(computer))
    assert winreg.tree == before


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("/", "install.trust_wide"),
        ("home", "install.trust_wide"),
        (".", "install.trust_wide"),
        ("home/Downloads", "install.trust_wide"),
        ("nowhere", "install.trust_missing"),
        (r"\\server\share", "install.trust_network"),
    ],
)
def test_folders_that_strangers_reach_are_not_trusted(
    winreg: FakeWinreg, tmp_path: Path, folder: str, key: str
) -> None:
    (tmp_path / "home" / "Downloads").mkdir(parents=True)
    path = Path(folder) if folder.startswith("\\") else tmp_path / folder
    with pytest.raises(CrmError) as refused:
        installing.trust_folder(machine("win32", tmp_path), path)
    assert refused.value.key == key
    assert winreg.tree == {}


def test_trusting_a_folder_is_for_windows(tmp_path: Path) -> None:
    assert keys(installing.trust_folder(machine("darwin", tmp_path), tmp_path)) == ["install.trust_windows"]


def test_the_command_makes_a_workbook_and_never_over_one(tmp_path: Path) -> None:
    book = tmp_path / "ClientFile.xlsm"
    result = CliRunner().invoke(main, ["install", "--workbook", str(book)])
    assert result.exit_code == 0, result.output
    made = book.read_bytes()
    assert made[:2] == b"PK"
    assert CliRunner().invoke(main, ["install", "--workbook", str(book)]).exit_code == 2
    assert book.read_bytes() == made
