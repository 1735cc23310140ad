"""`xlcrm merge` as a user types it: a preview of every cell and line, the merge, an undo after a refresh, refusals."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xlcrm import messages
from xlcrm.cli.commands import main
from xlcrm.messages import LANGUAGES
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables

CLIENTS = "Client ID;Full name;E-mail;Phone;No e-mail\nC1;Anna Conti;a@example.com;;\n"
CLIENTS += "C2;Conti Anna;b@example.com;0255550102;x\n"
LINES = "Invoice;Client ID;Date;Product;Amount\n" + "".join(
    f"F{n};C{1 + n % 2};2026-01-{n + 1:02};Pen;10\n" for n in range(14)
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    (folder / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (folder / "lines.csv").write_text(LINES, encoding="utf-8")
    book = folder / "My.xlsm"
    for words in (["new", "--country", "IT", "--language", "en"], ["import", folder / "clients.csv"]):
        assert call(words[0], book, *words[1:]).exit_code == 0
    assert call("import", book, folder / "lines.csv", "--table", "Purchases").exit_code == 0
    assert call("refresh", book).exit_code in (0, 1)
    return book


@pytest.fixture
def book(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "My.xlsm"))


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], env={"XLCRM_LANGUAGE": "en"})


def content(book: Path) -> dict[str, list[tuple[str, ...]]]:
    tables = read_tables.read(book)
    frames = {name: tables[name].frame for name in tables if name != "Changes"}
    return {n: sorted(tuple(map(text_of, row)) for row in f.itertuples(index=False)) for n, f in frames.items()}


def test_a_dry_run_shows_every_cell_and_every_line(book: Path) -> None:
    before = content(book)
    result = call("merge", book, "C2", "C1", "--dry-run")
    assert result.exit_code == 0, result.output
    assert result.output.count("«C2» -> «C1»") >= 7, "seven purchases, and who to call this week"
    assert all(f"F{n}:" in result.output for n in range(1, 14, 2))
    assert "E-mail (C2): b@example.com" in result.output
    assert "C2; Conti Anna" in result.output and "more (all of them" not in result.output
    assert content(book) == before


def test_merge_refresh_and_undo(book: Path) -> None:
    before = content(book)
    merged = call("merge", book, "C2", "C1")
    assert merged.exit_code == 0
    number = re.findall(r"undo number (\d+)", merged.output)[-1]
    after = read_tables.read(book)
    assert set(after["Purchases"].frame["client_id"]) == {"C1"}
    assert text_of(after["Merged"].frame["old_id"].iloc[0]) == "C2"
    assert text_of(after["Clients"].frame["total_spend"].iloc[0]) == ""
    assert call("refresh", book).exit_code in (0, 1)
    assert text_of(read_tables.read(book)["Clients"].frame["total_spend"].iloc[0]) == "140"
    result = call("undo", book, number)
    assert result.exit_code == 0, result.output
    assert call("refresh", book).exit_code in (0, 1)
    assert content(book) == before


@pytest.mark.parametrize(
    ("words", "code", "key", "why"),
    [
        (["C1"], 2, "merge.one_client", "one number"),
        (["C1", "C7"], 2, "merge.unknown_client", "a number that nobody has"),
        (["C1", "c1"], 0, "merge.already", "one client twice"),
        ([], 1, "merge.nothing", "nothing is decided"),
    ],
)
def test_what_is_said_when_nothing_can_be_merged(book: Path, words: list[str], code: int, key: str, why: str) -> None:
    before = book.read_bytes()
    result = call("merge", book, *words)
    assert result.exit_code == code, (why, result.output)
    told = messages.text(key, client=words[-1] if words else "", sheet="Clients" if words else "Duplicates")
    assert told in result.output
    assert book.read_bytes() == before


def test_every_sentence_is_there_in_six_languages() -> None:
    keys = [key for key in messages.catalogue() if key.startswith("merge.")]
    assert len(keys) >= 20
    for key in keys:
        assert len({messages.catalogue()[key][language] for language in LANGUAGES}) >= 5, key
