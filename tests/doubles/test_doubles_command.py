"""`xlcrm doubles` and `xlcrm explain double` on a real workbook: a dry run, the sheet, and back again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import xlcrm
from xlcrm.backups.store import Store
from xlcrm.cli.commands import main

LIST = """Client ID;Name;Birth date;Phone;Address
K1;Giuseppe Testi;02/04/1961;055 5550101;Via Prova 3, 50100 Firenze
K2;Beppe Testi;02/04/1961;0555550101;Via Prova 3, 50100 Firenze
K3;Nora Ashgrove;11/12/1980;055 5550199;Via Esempio 9, 50100 Firenze
"""


def call(*arguments: object) -> str:
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert done.exit_code in (0, 1), done.output
    return done.output


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "Clients.xlsm"
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    call("new", path, "--language", "en", "--country", "IT")
    call("import", path, tmp_path / "list.csv")
    return path


def shown(book: Path) -> list[str]:
    frame = xlcrm.open(book).tables["Duplicates"].frame
    return [key for key in frame["client_id"].astype(str) if key.startswith("K")]


def test_the_sheet_is_filled_and_taken_back(book: Path) -> None:
    before = book.read_bytes()
    assert "K1" in call("doubles", book, "--dry-run")
    assert book.read_bytes() == before
    call("doubles", book)
    assert shown(book) == ["K1", "K2"]
    assert not json.loads(call("doubles", book, "--json"))["added"], "a second run changes nothing"
    last = Store(book).journal.next_to_undo()
    assert last is not None
    call("undo", book, last.number)
    assert shown(book) == []


def test_two_clients_are_explained_in_a_language(book: Path) -> None:
    told = call("explain", "double", book, "k1", "K2", "--language", "de")
    assert "K1 (Giuseppe Testi)" in told
    assert "Kurzform" in told
    values = json.loads(call("explain", "double", book, "K1", "K3", "--json"))
    assert values["verdict"] == "two"
    assert CliRunner().invoke(main, ["explain", "double", str(book), "K1", "K9"]).exit_code == 2
