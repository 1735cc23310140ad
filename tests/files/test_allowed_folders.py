"""A folder of backups outside the workbook's own is used only after it was allowed on this computer."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.neighbours import Town, make
from tests.support.paths import CASES
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.files import allowed_folders
from xlcrm.files.allowed_folders import allow, is_outside, memory, refuse_unless_allowed

with (CASES / "backup_folders.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
posix = pytest.mark.skipif(sys.platform == "win32", reason="paths and links of POSIX")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "team" / "clients").mkdir(parents=True)
    return tmp_path / "team" / "clients" / "My.xlsx"


@posix
@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["folder"] or "default")
def test_which_folders_are_asked_about(book: Path, case: dict[str, str]) -> None:
    (book.parent / "link").symlink_to(book.parent.parent)
    there = set(book.parent.parent.parent.rglob("*"))
    remembered = book.parent.parent.parent / "memory" / "folders.txt"
    if case["asked"] == "no":
        refuse_unless_allowed(book, case["folder"], remembered)
    else:
        with pytest.raises(CrmError) as refused:
            refuse_unless_allowed(book, case["folder"], remembered)
        assert refused.value.key == "backup.folder_outside"
        assert "--allow-folder" in str(refused.value)
        assert set(book.parent.parent.parent.rglob("*")) == there, "nothing is made before it is allowed"
        allow(book, case["folder"], remembered)
        refuse_unless_allowed(book, case["folder"], remembered)
        refuse_unless_allowed(book, f"{case['folder']}/below", remembered)


@pytest.mark.parametrize(
    ("system", "environment", "place"),
    [
        ("win32", {"APPDATA": "A"}, "A/xlcrm"),
        ("darwin", {"HOME": "h"}, "h/Library/Application Support/xlcrm"),
        ("linux", {"HOME": "h"}, "h/.config/xlcrm"),
        ("linux", {"HOME": "h", "XDG_CONFIG_HOME": "c"}, "c/xlcrm"),
        ("linux", {}, ""),
    ],
)
def test_where_it_is_remembered(system: str, environment: dict[str, str], place: str) -> None:
    found = memory(system, environment)
    assert (found.parent.as_posix() if found else "") == place


def test_nowhere_to_remember(book: Path) -> None:
    with pytest.raises(CrmError) as refused:
        allow(book, "../../", None)
    assert refused.value.key == "backup.folder_unremembered"


def test_a_user_whom_nobody_knows(book: Path) -> None:
    with pytest.raises(CrmError) as refused:
        is_outside(book, "~nobody-of-this-name/x")
    assert refused.value.key == "file.missing"


def test_asked_once_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowed_folders, "memory", lambda: tmp_path / "memory" / "folders.txt")
    book = make(tmp_path / "team" / "My.xlsx", "Acme", folder="../elsewhere")
    for command in (["check", str(book)], ["backup", str(book)], ["backups", str(book)], ["verify", str(book)]):
        said = CliRunner().invoke(main, command)
        assert (said.exit_code, "--allow-folder" in said.output) == (2, True), command
    assert not (tmp_path / "elsewhere").exists()
    said = CliRunner().invoke(main, ["backups", str(book), "--allow-folder"])
    assert (said.exit_code, str(tmp_path / "elsewhere") in said.output) == (0, True)
    assert CliRunner().invoke(main, ["backup", str(book)]).exit_code == 0
    assert [path.suffix for path in (tmp_path / "elsewhere").glob("My *by hand*")] == [".xlsx"]
    inside = make(tmp_path / "team" / "Own.xlsx", "Acme")
    assert "nothing to allow" in CliRunner().invoke(main, ["backups", str(inside), "--allow-folder"]).output


# A password that is set later leaves what was kept before open to everybody.


def test_what_was_kept_before_a_password_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = make(tmp_path / "My.xlsx", "Acme")
    town = Town(tmp_path)
    town.add(book, "Acme new1")
    monkeypatch.setenv("XLCRM_PASSWORD", "geheim")
    refused = CliRunner().invoke(main, ["backups", str(book), "--remove-unlocked"])
    assert (refused.exit_code, "xlcrm backup" in refused.output) == (2, True)
    said = CliRunner().invoke(main, ["backup", str(book)])
    assert "1 backup in" in said.output and "--remove-unlocked" in said.output
    removed = CliRunner().invoke(main, ["backups", str(book), "--remove-unlocked"])
    assert removed.output.startswith("Removed: 1 unlocked backup and 1 unlocked line of the journal."), removed.output
    kept = b"".join(path.read_bytes() for path in (tmp_path / "My backups").iterdir())
    assert b"new1" not in kept
    assert CliRunner().invoke(main, ["verify", str(book)]).exit_code == 0
    assert "--remove-unlocked" not in CliRunner().invoke(main, ["backup", str(book)]).output
