"""Rows typed right under a table: found, said by whoever passes over them, taken in by correct, let go by undo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from xlcrm.cli.commands import main
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing.apply_plan import write_cells

TYPED = {"A5": "C4", "C5": "Ola Nordmann", "A6": "C5", "C6": "Eva Dahl"}


def with_cells(made: Path, folder: Path, cells: dict[str, object]) -> Path:
    """The client file of three, whose table ends in row 4, with cells typed under it."""
    path = folder / "My.xlsm"
    if not cells:
        return Path(shutil.copy(made, path))
    write_cells(made, path, "Clients", cells)
    return path


def call(command: str, book: Path, *words: str) -> str:
    result = CliRunner().invoke(main, [command, str(book), *words])
    assert result.exit_code in (0, 1), result.output
    return result.output


def names(book: Path) -> list[str]:
    return list(read_tables.read(book)["Clients"].frame["full_name"])


@pytest.mark.parametrize(
    ("cells", "rows", "why"),
    [
        ({}, 0, "nothing"),
        (TYPED, 2, "two records"),
        ({"A6": "C4", "C6": "Ola"}, 0, "a blank row between: somebody else's block"),
        ({"C5": "checked by Anna"}, 0, "one filled cell may be a note"),
        ({**TYPED, "C7": "as of May"}, 2, "two records and a note under them"),
        ({"EA5": "x", "EB5": "y", "EC5": "z"}, 0, "beside the table's columns"),
    ],
)
def test_what_counts_as_typed_below(made: Path, tmp_path: Path, cells: dict[str, object], rows: int, why: str) -> None:
    assert read_tables.read(with_cells(made, tmp_path, cells))["Clients"].typed_below == rows, why


def test_found_said_taken_in_and_let_go(made: Path, tmp_path: Path) -> None:
    book = with_cells(made, tmp_path, dict(TYPED))
    assert "right under the table (from row 5)" in call("split", book)
    told = call("check", book)
    assert "row 5" in told
    assert "row 6" in told
    assert "takes in 2 rows" in call("correct", book, "--dry-run")
    assert len(names(book)) == 3
    assert "2 rows from right under the table" in call("correct", book)
    assert names(book) == ["Kari Olsen", "Mario Rossi", "Anna Weiß", "Ola Nordmann", "Eva Dahl"]
    assert "under the table" not in call("split", book)
    call("undo", book)
    call("undo", book)
    assert names(book) == ["Kari Olsen", "Mario Rossi", "Anna Weiß"]
    assert read_tables.read(book)["Clients"].typed_below == 2, "they stand where they stood"


def test_rows_changed_since_are_not_let_go(made: Path, tmp_path: Path) -> None:
    book = with_cells(made, tmp_path, dict(TYPED))
    call("correct", book)
    write_cells(book, tmp_path / "new.xlsm", "Clients", {"C6": "Eva Dahl-Berg"})
    shutil.move(tmp_path / "new.xlsm", book)
    result = CliRunner().invoke(main, ["undo", str(book)])
    assert result.exit_code == 2
    assert names(book)[-1] == "Eva Dahl-Berg"
