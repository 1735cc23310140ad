"""What the doctor finds on computers made up for it, and that every finding comes with a sentence in six languages."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.fake_winreg import FakeWinreg
from xlcrm import messages
from xlcrm.cli.commands import main
from xlcrm.cli.install_commands import MARKS, lines
from xlcrm.install import doctor_facts
from xlcrm.install.doctor import Facts, findings
from xlcrm.install.machine import Machine

FINE = Facts(
    system="win32",
    python=(3, 12, 1),
    expat=(2, 6, 4),
    excel="16.0",
    macros=2,
    launcher="C:\\x\\xlcrmw.exe",
    own_launcher="C:\\x\\xlcrmw.exe",
    launcher_ms=300,
    free=50 * 2**30,
    book="My.xlsm",
    book_size=2**20,
    marked=False,
    backups="C:\\My backups",
)
CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"python": (3, 10, 9)}, "python_old", "error"),
    ({"missing": ("pywintypes",)}, "modules_missing", "error"),
    ({"expat": (2, 5, 0)}, "expat_old", "warning"),
    ({"excel": ""}, "excel_missing", "error"),
    ({"system": "linux"}, "no_excel_here", "note"),
    ({"macros": 4}, "macros_off", "error"),
    ({"macros": 3}, "macros_off", "error"),
    ({"macros": 4, "by_policy": True}, "macros_policy", "error"),
    ({"macros": 1}, "macros_always", "warning"),
    ({"internet_blocked": True}, "macros_internet", "note"),
    ({"add_ins": ("xlwings.xlam", "x.xlam")}, "add_in_xlwings", "warning"),
    ({"add_ins": ("x.xlam",)}, "add_ins", "note"),
    ({"com_add_ins": ("Contoso Sync",)}, "com_add_ins", "note"),
    ({"disabled": ("My.xlsm", "x.xlam")}, "disabled_book", "error"),
    ({"disabled": ("x.xlam",)}, "disabled", "note"),
    ({"child_rule": "block"}, "child_block", "error"),
    ({"child_rule": "warn"}, "child_warn", "warning"),
    ({"launcher": ""}, "not_installed", "error"),
    ({"launcher": "C:\\old\\xlcrmw.exe"}, "other_launcher", "warning"),
    ({"launcher": "", "own_launcher": ""}, "no_launcher", "error"),
    ({"launcher_ms": None, "launcher_fault": "gone"}, "start_failed", "error"),
    ({"launcher_ms": 9000}, "start_slow", "warning"),
    ({"fast_clicks": "running", "worker_runs": 1}, "fast_running", "good"),
    ({"fast_clicks": "waiting"}, "fast_waiting", "note"),
    ({"fast_clicks": "off"}, "fast_off", "note"),
    ({"marked": True}, "marked", "error"),
    ({"marked": True, "system": "darwin"}, "marked_mac", "error"),
    ({"synchronised": "OneDrive"}, "synchronised", "note"),
    ({"backups_fault": "denied"}, "backups_blocked", "error"),
    ({"free": 2**20}, "disk_full", "warning"),
    ({"free": 2 * 2**30, "book_size": 2**30}, "disk_full", "warning"),
]


def found(**changed: Any) -> dict[str, str]:
    facts = replace(FINE, **changed)
    return {finding.key.removeprefix("doctor."): finding.level for finding in findings(facts)}


def test_a_computer_where_all_is_well_gets_only_good_news() -> None:
    assert set(found().values()) == {"good"}
    assert len(found()) == 10


@pytest.mark.parametrize(("changed", "key", "level"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_each_trouble_is_found_and_graded(changed: dict[str, Any], key: str, level: str) -> None:
    assert key not in found()
    assert found(**changed)[key] == level


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_finding_is_a_whole_sentence_in_every_language(language: str) -> None:
    for changed, key, _ in CASES:
        finding = next(f for f in findings(replace(FINE, **changed)) if f.key == f"doctor.{key}")
        (line,) = lines([finding], language)
        assert line[: len(MARKS["good"])] == MARKS[finding.level]
        assert line.endswith((".", "xlcrm", "xlwings", "install", ")")), line
        assert "{" not in line
        assert not line.removeprefix(MARKS[finding.level]).startswith("doctor.")


# looking


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[FakeWinreg, Machine]:
    made = FakeWinreg()
    monkeypatch.setitem(sys.modules, "winreg", made)
    made.put(f"HKLM\\{doctor_facts.APP_PATH}", "", r"C:\Office\EXCEL.EXE")
    return made, Machine("win32", tmp_path, environment={"OneDrive": str(tmp_path / "Cloud - Firma")})


OFFICE = r"HKCU\Software\Microsoft\Office\16.0\Excel"


def test_the_registry_tells_of_excel_macros_and_add_ins(windows: tuple[FakeWinreg, Machine]) -> None:
    registry, computer = windows
    registry.put(f"{OFFICE}\\Security", "VBAWarnings", 3)
    registry.put(f"{OFFICE}\\Options", "OPEN", r'/R "C:\Users\x\XLSTART\xlwings.xlam"')
    registry.put(f"{OFFICE}\\Options", "OPEN1", r'"C:\Tools\Solver.xlam"')
    registry.put(f"{OFFICE}\\Options", "DefaultPath", "C:\\")
    facts = doctor_facts.look(computer)
    assert facts.excel.startswith("16.0 ")
    assert (facts.macros, facts.by_policy) == (3, False)
    assert facts.add_ins == ("xlwings.xlam", "Solver.xlam")


ADD_INS = r"Software\Microsoft\Office\Excel\Addins"


def test_programs_that_start_with_excel_are_named_once(windows: tuple[FakeWinreg, Machine]) -> None:
    registry, computer = windows
    for root, name, behaviour, shown in (
        ("HKCU", "Contoso.Sync", 3, "Contoso Sync"),
        ("HKLM", "Contoso.Sync", 3, "Contoso Sync"),
        ("HKLM", "NameLess.AddIn", 1, None),
        ("HKCU", "Turned.Off", 2, "Turned off"),
        ("HKLM", "On.Demand", 8, "On demand"),
    ):
        registry.put(f"{root}\\{ADD_INS}\\{name}", "LoadBehavior", behaviour)
        if shown:
            registry.put(f"{root}\\{ADD_INS}\\{name}", "FriendlyName", shown)
    assert doctor_facts.look(computer).com_add_ins == ("Contoso Sync", "NameLess.AddIn")


def test_files_that_excel_disabled_are_named(windows: tuple[FakeWinreg, Machine]) -> None:
    registry, computer = windows
    path = "C:\\Our desk\\Клиенты.xlsm\0a description\0".encode("utf-16-le")
    registry.put(rf"{OFFICE}\Resiliency\DisabledItems", "1A2B", bytes(12) + path)
    registry.put(rf"{OFFICE}\Resiliency\DisabledItems", "torn", b"\x01")
    assert doctor_facts.look(computer).disabled == ("Клиенты.xlsm",)
    facts = replace(FINE, disabled=("КЛИЕНТЫ.xlsm",), book="Клиенты.xlsm")
    assert [f.key for f in findings(facts) if f.level == "error"] == ["doctor.disabled_book"]


@pytest.mark.parametrize(
    ("key", "name", "value", "said"),
    [
        (doctor_facts.RULES[0], doctor_facts.CHILD_RULE.upper(), "1", "block"),
        (doctor_facts.RULES[0], doctor_facts.CHILD_RULE, "2", ""),
        (doctor_facts.RULES[1], doctor_facts.CHILD_RULE, 1, "block"),
        (doctor_facts.RULES[1], doctor_facts.CHILD_RULE, 6, "warn"),
        (doctor_facts.RULES[0], "26190899-1602-49e8-8b27-eb1d0a1ce869", "1", ""),
        (
            doctor_facts.MANAGED,
            "ASRRules",
            f"26190899-1602-49e8-8b27-eb1d0a1ce869=1|{doctor_facts.CHILD_RULE}=6",
            "warn",
        ),
        (doctor_facts.MANAGED, "ASRRules", f"{{{doctor_facts.CHILD_RULE}}}=1", "block"),
        (doctor_facts.MANAGED, "ASRRules", "", ""),
    ],
)
def test_a_rule_against_programs_that_office_starts_is_found(
    windows: tuple[FakeWinreg, Machine], key: str, name: str, value: str | int, said: str
) -> None:
    registry, computer = windows
    registry.put(f"HKLM\\{key}", name, value)
    assert doctor_facts.look(computer).child_rule == said


def test_a_policy_for_everybody_counts_too(windows: tuple[FakeWinreg, Machine]) -> None:
    registry, computer = windows
    registry.put(r"HKLM\Software\Policies\Microsoft\Office\16.0\Excel\Security", "VBAWarnings", 4)
    registry.put(r"HKLM\Software\Policies\Microsoft\Office\16.0\Excel\Security", "blockcontentexecutionfrominternet", 1)
    facts = doctor_facts.look(computer)
    assert (facts.macros, facts.by_policy, facts.internet_blocked) == (4, True, True)


def test_company_policy_comes_before_the_persons_setting(windows: tuple[FakeWinreg, Machine]) -> None:
    registry, computer = windows
    registry.put(f"{OFFICE}\\Security", "VBAWarnings", 2)
    registry.put(r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security", "VBAWarnings", 4)
    registry.put(r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security", "blockcontentexecutionfrominternet", 1)
    facts = doctor_facts.look(computer)
    assert (facts.macros, facts.by_policy, facts.internet_blocked) == (4, True, True)


def test_an_untouched_excel_asks_before_macros(windows: tuple[FakeWinreg, Machine]) -> None:
    assert doctor_facts.look(windows[1]).macros == 2


def test_a_computer_without_excel_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "winreg", FakeWinreg())
    assert doctor_facts.look(Machine("win32", tmp_path)).excel == ""


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("[ZoneTransfer]\nZoneId=3\nHostUrl=x", True), ("[ZoneTransfer]\nZoneId=1", False), (None, False)],
)
def test_the_mark_of_the_web_is_read(tmp_path: Path, zone: str | None, expected: bool) -> None:
    book = tmp_path / "My.xlsm"
    if zone is not None:  # on other systems a stream is a file with a colon in its name
        (tmp_path / "My.xlsm:Zone.Identifier").write_text(zone, encoding="utf-8")
    assert doctor_facts.marked(Machine("win32", tmp_path), book) is expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Cloud - Firma/x", "Cloud - Firma"),
        ("OneDrive - Firma", "OneDrive - Firma"),
        ("Library/CloudStorage/OneDrive-Personal", "OneDrive-Personal"),
        ("Dropbox", "Dropbox"),
        ("Documents", ""),
        ("My OneDrive notes", ""),
    ],
)
def test_folders_that_are_synchronised_are_known(
    windows: tuple[FakeWinreg, Machine], tmp_path: Path, place: str, expected: str
) -> None:
    assert doctor_facts.cloud(windows[1], tmp_path / place / "My.xlsm") == expected


def test_a_backup_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    assert doctor_facts.unwritable(tmp_path / "not there yet" / "deeper") == ""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a file").write_text("x", encoding="utf-8")
    assert doctor_facts.unwritable(tmp_path / "a file" / "below") != ""


@pytest.mark.skipif(sys.platform == "win32", reason="starts shell scripts")
@pytest.mark.parametrize(("does", "fine"), [("exit 2", True), ("exit 0", False), ("echo broken >&2; exit 1", False)])
def test_the_launcher_is_really_started(tmp_path: Path, does: str, fine: bool) -> None:
    launcher = tmp_path / "xlcrmw"
    launcher.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    launcher.chmod(0o755)
    took, fault = doctor_facts.start(launcher)
    assert (took is not None, fault == "") == (fine, fine)
    assert doctor_facts.start(tmp_path / "none")[0] is None


def test_a_launcher_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_facts, "PATIENCE", 0.3)
    launcher = tmp_path / "xlcrmw"
    launcher.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    launcher.chmod(0o755)
    took, fault = doctor_facts.start(launcher)
    assert took is None
    assert "timed out" in fault


def test_the_command_looks_at_a_workbook_and_leaves_no_trace(tmp_path: Path) -> None:
    book = tmp_path / "My.xlsm"
    assert CliRunner().invoke(main, ["new", str(book)]).exit_code == 0
    before = book.read_bytes()
    result = CliRunner().invoke(main, ["doctor", str(book), "--json"])
    assert result.exit_code in (0, 1), result.output
    told = {finding["code"]: finding for finding in json.loads(result.output)}
    assert told["doctor.python"]["level"] == "good"
    assert told["doctor.start"]["values"]["milliseconds"] > 0
    assert told["doctor.backups"]["values"]["folder"] == str(tmp_path / "My backups")
    assert book.read_bytes() == before
    assert list(tmp_path.iterdir()) == [book]
    assert (result.exit_code == 1) == any(f["level"] in ("warning", "error") for f in told.values())


def test_a_workbook_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["doctor", str(tmp_path / "Nowhere.xlsm")])
    assert result.exit_code == 2
    assert "Nowhere.xlsm" in result.output
