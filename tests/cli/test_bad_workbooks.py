"""Every kind of broken workbook gets a sentence, and is afterwards what it was."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.typed_openpyxl import loaded_sheet
from xlcrm.cli.commands import main
from xlcrm.files import replace
from xlcrm.files.durable import sha256_of
from xlcrm.files.encryption import encrypt
from xlcrm.xlsx.reading import read_tables

HEADERS = ["Client ID", "Full name", "Address", "E-mail", "Country", "First name", "Last name"]
ROWS = [
    ["C1", "Kari Olsen", "Storgata 1, 0155 Oslo", "kari@example.com", "NO", None, None],
    ["C2", "Mario Rossi", "Via Roma, 1 - 20121 Milano (MI)", "mario@example.com", "IT", None, None],
]
COMMANDS = ["split", "check", "refresh", "correct"]


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def workbook(path: Path, change: Callable[[Worksheet], None] = lambda sheet: None, *, table: bool = True) -> Path:
    """A small client file as another program would have made it, with one thing about it changed."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Clients"
    sheet.append(HEADERS)
    for row in ROWS:
        sheet.append(row)
    if table:
        sheet.add_table(Table(name="Clients", displayName="Clients", ref="A1:G3"))
    change(sheet)
    book.save(path)
    return path


def said(result: Result) -> str:
    assert "Traceback" not in result.output
    assert re.search(r"[a-zà-ÿ]{3,} [a-zà-ÿ]{2,}", result.output.lower()), "a sentence, not a code"
    return result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_a_workbook_without_the_tables_is_refused(tmp_path: Path, command: str) -> None:
    path = workbook(tmp_path / "My.xlsx", table=False)
    before = sha256_of(path)
    result = call(command, path)
    assert result.exit_code == 2, result.output
    assert "Clients" in said(result)
    assert sha256_of(path) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_an_encrypted_workbook_asks_for_its_password(tmp_path: Path, command: str) -> None:
    plain = workbook(tmp_path / "plain.xlsx")
    path = tmp_path / "My.xlsx"
    path.write_bytes(encrypt(plain.read_bytes(), "secret"))
    before = sha256_of(path)
    result = call(command, path)
    assert result.exit_code == 2
    assert "password" in said(result)
    assert sha256_of(path) == before


def test_a_renamed_header_becomes_a_column_of_the_users_own(tmp_path: Path) -> None:
    def rename(sheet: Worksheet) -> None:
        sheet["B1"] = "Whom"

    path = workbook(tmp_path / "My.xlsx", rename)
    assert call("split", path).exit_code in (0, 1)
    frame = read_tables.read(path)["Clients"].frame
    assert list(frame["Whom"]) == ["Kari Olsen", "Mario Rossi"]
    assert call("split", path, "--column", "Whom").exit_code in (0, 1)
    assert list(read_tables.read(path)["Clients"].frame["last_name"]) == ["Olsen", "Rossi"]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    result = call("split", workbook(tmp_path / "My.xlsx"), "--column", "Nowhere")
    assert result.exit_code == 2
    assert "Full name" in said(result)


def two_alike(sheet: Worksheet) -> None:
    sheet["D1"] = "Full name"


def merged(sheet: Worksheet) -> None:
    sheet.merge_cells("B2:B3")


def errors(sheet: Worksheet) -> None:
    sheet["E2"], sheet["E3"] = "=1/0", "#N/A"


def empty(sheet: Worksheet) -> None:
    for row in sheet["A2:G3"]:
        for cell in row:
            cell.value = None


def huge(sheet: Worksheet) -> None:
    sheet["B2"], sheet["C2"] = "x" * 10_000, "=cmd()"


@pytest.mark.parametrize("change", [two_alike, merged, errors, empty, huge], ids=lambda change: change.__name__)
@pytest.mark.parametrize("command", COMMANDS)
def test_an_odd_table_is_worked_on_or_refused_and_never_spoilt(
    tmp_path: Path, command: str, change: Callable[[Worksheet], None]
) -> None:
    path = workbook(tmp_path / "My.xlsx", change)
    cells = {cell.coordinate: cell.value for row in openpyxl.load_workbook(path).active for cell in row}  # type: ignore[union-attr]
    before = sha256_of(path)
    result = call(command, path)
    assert result.exit_code in (0, 1, 2)
    if result.exit_code == 2:
        said(result)
        assert sha256_of(path) == before
    after = {cell.coordinate: cell.value for row in openpyxl.load_workbook(path).active for cell in row}  # type: ignore[union-attr]
    assert {place: after[place] for place, value in cells.items() if value is not None} == {
        place: value for place, value in cells.items() if value is not None
    }


def test_a_workbook_open_in_excel_is_worked_on_with_a_warning(tmp_path: Path) -> None:
    path = workbook(tmp_path / "My.xlsx")
    owner = "Anna".encode("latin-1")
    (tmp_path / "~$My.xlsx").write_bytes(bytes([len(owner)]) + owner.ljust(54, b" ") + b"\0" * 110)
    result = call("split", path)
    assert result.exit_code in (0, 1)
    assert "seems to be open in Excel by Anna" in said(result)


def test_a_sync_conflict_copy_is_reported(tmp_path: Path) -> None:
    path = workbook(tmp_path / "My.xlsx")
    workbook(tmp_path / "My (Anna's conflicted copy 2026-11-20).xlsx")
    assert "conflicted copy" in said(call("split", path))


def test_a_row_put_in_during_a_run_is_never_written_over(tmp_path: Path) -> None:
    from tests.support.session_help import plan_with
    from xlcrm.errors import CrmError
    from xlcrm.files.file_book import FileBook
    from xlcrm.plan import Plan, diff
    from xlcrm.session import Call

    path = workbook(tmp_path / "My.xlsx")

    def meanwhile(tables, settings, today):  # type: ignore[no-untyped-def]
        clients = tables["Clients"]
        plan = Plan("split", changes=diff(clients, clients.frame[["last_name"]].assign(last_name=["Olsen", "Rossi"])))
        workbook(path, lambda sheet: sheet.insert_rows(2))
        return plan

    with pytest.raises(CrmError):
        plan_with(FileBook(path), meanwhile, Call(dt.datetime(2026, 11, 22, 9, 0)), "split")
    assert loaded_sheet(path)["G3"].value is None


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlcrm.backups.store import Store
    from xlcrm.files import lock

    path = workbook(tmp_path / "My.xlsx")
    defaults = {"wait": 0.2, "on_wait": lambda: None, "what": ""}
    monkeypatch.setattr(lock.one_writer.__wrapped__, "__kwdefaults__", defaults)  # type: ignore[attr-defined]
    monkeypatch.setattr(Store, "lock", lambda self, **_: lock.one_writer(self.book, self.folder, wait=0.2))
    before = sha256_of(path)
    with lock.one_writer(path, Store(path).folder):
        result = call("split", path)
    assert result.exit_code == 2
    assert sha256_of(path) == before
    said(result)


@pytest.mark.parametrize(("number", "word"), [(28, "space"), (13, "permission"), (5, "disk")])
def test_a_disk_that_fails_leaves_the_workbook_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    path = workbook(tmp_path / "My.xlsx")
    before = sha256_of(path)

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(replace, "flush_file", fail)
    result = call("split", path)
    assert result.exit_code == 2
    assert word in said(result).lower()
    assert sha256_of(path) == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere; needs a plain user")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    path = workbook(folder / "My.xlsx")
    folder.chmod(0o500)
    try:
        result = call("split", path)
    finally:
        folder.chmod(0o700)
    assert result.exit_code == 2
    said(result)


def test_the_snapshot_is_what_is_read_not_what_the_clock_says(tmp_path: Path) -> None:
    path = workbook(tmp_path / "My.xlsx")
    assert call("check", path, "--today", "2026-11-22").exit_code in (0, 1)
    backups = list((tmp_path / "My backups").glob("*before check*"))
    assert len(backups) == 1
    assert backups[0].name.startswith(f"My {dt.date(2026, 11, 22):%Y-%m-%d}")
