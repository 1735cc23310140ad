"""The first day in few commands: a client file from a list, labels of a search, and every step taken back by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xlcrm.cli.commands import main
from xlcrm.xlsx.reading import read_tables

LIST = """Name,Address,Phone,Gender
Anna Prova,"Via Roma 1, 20121 Milano",+39 06 5555 0100,F
Marco Esempio,"Via Torino 2, 00184 Roma",+39 06 5555 0101,M
Carla Campione,"Via Po 3, 10123 Torino",+39 06 5555 0102,F
"""


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    (folder / "customers.csv").write_text(LIST, encoding="utf-8")
    made = call("new", folder / "My.xlsm", "--language", "en", "--country", "IT", "--from", folder / "customers.csv")
    assert made.exit_code in (0, 1), made.output
    return folder / "My.xlsm"


def test_a_client_file_from_a_list_is_split_and_checked(book: Path) -> None:
    clients = read_tables.read(book)["Clients"].frame
    assert clients["last_name"].tolist() == ["Prova", "Esempio", "Campione"]
    assert clients["city"].tolist() == ["Milano", "Roma", "Torino"]
    assert call("check", book, "--dry-run").exit_code in (0, 1)
    told = call("history", book).output
    assert [name in told for name in ("Import", "Split", "Refresh", "Check")] == [True] * 4, told


def test_undo_passes_over_runs_that_only_looked(book: Path) -> None:
    told = call("undo", book, "--dry-run").output
    assert "Refresh" in told, told
    assert "Check (4)" in told, told


def test_labels_of_a_search(book: Path) -> None:
    made = call("labels", book, "--where", "women in Milan or Turin", "--dry-run")
    assert made.exit_code == 0, made.output
    assert "City one of Milano; Torino" in made.output
    nobody = call("labels", book, "--where", "men over 200 in Milan")
    assert nobody.exit_code == 2, nobody.output


def test_a_list_that_is_not_there_makes_no_client_file(tmp_path: Path) -> None:
    refused = call("new", tmp_path / "My.xlsm", "--from", tmp_path / "none.csv")
    assert refused.exit_code == 2
    assert not (tmp_path / "My.xlsm").exists()
