"""Single clients come back however their numbers are given, and a refusal names columns as people know them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.live_help import three_clients
from xlcrm.cli.commands import main
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Plan, Removed

TODAY = ("--today", "2026-11-22")


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def without(path: Path, *keys: str) -> None:
    """Take clients away as a person does: no backup, no journal."""
    book = FileBook(path)
    frame = book.look()["Clients"].frame
    book.apply(Plan("any", removed=(Removed("Clients", frame[frame["client_id"].isin(keys)]),)), book.look())


def clients(path: Path) -> list[str]:
    return sorted(FileBook(path).look()["Clients"].frame["client_id"])


def test_an_option_given_twice_counts_twice(tmp_path: Path) -> None:
    book = three_clients(tmp_path / "My.xlsm")
    assert call("backup", book).exit_code == 0
    without(book, "C1", "C2")
    done = call("restore", book, "--rows", "C1", "--rows", "C2", *TODAY)
    assert done.exit_code == 0, done.output
    assert clients(book) == ["C1", "C2", "C3"]
    undone = call("undo", book, *TODAY)
    assert "“Restore”" in undone.output
    assert clients(book) == ["C3"]


def test_undo_names_columns_of_gone_clients_by_header(tmp_path: Path) -> None:
    book = three_clients(tmp_path / "My.xlsm")
    assert call("split", book, *TODAY).exit_code in (0, 1)
    without(book, "C1")
    refused = call("undo", book, *TODAY)
    assert refused.exit_code == 2
    assert "C1 / First name" in refused.output
    assert "first_name" not in refused.output


def test_lists_without_a_client_id_column_are_refused(tmp_path: Path) -> None:
    book, made = tmp_path / "My.xlsx", openpyxl.Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    for row in [["Full name", "City"], ["Kari Olsen", "Oslo"]]:
        sheet.append(row)
    sheet.title = "Clients"
    sheet.add_table(Table(name="Clients", displayName="Clients", ref="A1:B2"))
    made.save(book)
    (tmp_path / "list.csv").write_text("client_id,full_name,city\nC1,Mario Rossi,Roma\n", encoding="utf-8")
    refused = call("import", book, tmp_path / "list.csv", *TODAY)
    assert refused.exit_code == 2
    assert "Client ID" in refused.output
    assert "KeyError" not in refused.output
