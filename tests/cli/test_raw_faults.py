"""What a system refuses in its own words (odd paths, huge numbers, places that are gone) is a sentence of ours."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tests.support.session_help import setting
from xlcrm.cli.commands import main
from xlcrm.files.durable import sha256_of
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, Plan

LONG = "x" * 300


def call(*given: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in given])
    assert "foresee" not in result.output
    assert result.exit_code in (0, 1, 2)
    return result


@pytest.mark.parametrize(
    ("name", "value", "command", "code"),
    [
        ("keep_last", "9" * 5000, "split", 0),
        ("keep_daily", "9" * 25, "split", 0),
        ("payment_days", "9" * 30, "lists", 0),
        ("stale_months", "9" * 30, "check", 1),
        ("stale_months", "1200", "check", 1),
        ("backup_folder", "~nobody-of-this-name/x", "split", 2),
        ("backup_folder", LONG, "split", 2),
    ],
)
def test_odd_settings_get_a_sentence(book: Path, name: str, value: str, command: str, code: int) -> None:
    setting(book, name, value)
    before = sha256_of(book)
    assert call(command, book).exit_code == code
    assert (sha256_of(book) == before) == (code == 2 or command == "lists")


@pytest.mark.parametrize(
    "given",
    [
        ("search", "{book}", "--where", "kind = person", "--out", "~nobody-of-this-name/x.csv"),
        ("search", "{book}", "--where", "kind = person", "--out", f"{LONG}.csv"),
        ("import", "{book}", f"{LONG}.csv"),
        ("check", f"{LONG}.xlsm"),
        ("new", f"{LONG}.xlsm"),
        ("new", "/nowhere/at/all/x.xlsm"),
        ("doctor", f"{LONG}.xlsm"),
        ("restore", "{book}", "9" * 5000),
    ],
    ids=lambda given: f"{given[0]} {given[-1][:20]}",
)
def test_odd_paths_get_a_sentence(book: Path, given: tuple[str, ...]) -> None:
    before = sha256_of(book)
    assert call(*(word.format(book=book) for word in given)).exit_code == 2
    assert sha256_of(book) == before


def test_a_list_of_a_very_long_name_is_made(book: Path) -> None:
    file = FileBook(book)
    name = "Ålesund " * 40
    rows = pd.DataFrame([{"list": name, "kind": "mailing"}, {"list": name + "2", "kind": "asking"}])
    file.apply(Plan("x", added=(Added("Lists", rows),)), file.look())
    assert call("lists", book).exit_code == 0
    made = [path for path in (book.parent / "My lists").rglob("*.xlsx") if path.name.startswith("Ålesund")]
    assert made
    assert all(len(path.name) < 130 for path in made)


def test_files_of_a_run_that_fails_midway_go_again(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlcrm.files import output_files
    from xlcrm.files.replace import replace_file

    put, turn = replace_file, iter(range(9))

    def full(path: Path, write: object) -> None:
        if next(turn):
            raise OSError(28, os.strerror(28), str(path))
        put(path, write)  # type: ignore[arg-type]

    file = FileBook(book)
    rows = pd.DataFrame([{"list": "A", "kind": "asking"}, {"list": "B", "kind": "asking", "format": "csv"}])
    file.apply(Plan("x", added=(Added("Lists", rows),)), file.look())
    monkeypatch.setattr(output_files, "replace_file", full)
    assert call("lists", book).exit_code == 2
    assert not (book.parent / "My lists").exists() or not list((book.parent / "My lists").rglob("*.*"))


def test_somebody_without_an_account_has_no_name(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert call("split", book).exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that a program is in")
@pytest.mark.parametrize("command", ["check", "doctor", "new", "search"])
def test_a_folder_that_is_gone_is_told(tmp_path: Path, command: str) -> None:
    here, gone = Path.cwd(), tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        assert call(command, "My.xlsm").exit_code == 2
    finally:
        os.chdir(here)
