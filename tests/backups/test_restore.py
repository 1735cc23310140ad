"""A restore: the whole file comes back, stands in the journal and in Changes, and can itself be taken back."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tests.support.engines import memory
from tests.support.live_help import NOW, live, three_clients
from tests.support.paths import CASES, ROOT
from tests.support.session_help import take
from xlcrm.actions import ACTIONS
from xlcrm.backups import checksums
from xlcrm.backups.store import Store
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.files.durable import sha256_of
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Plan, diff
from xlcrm.ribbon.click import press
from xlcrm.session import Call, open_session
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables

sys.path.append(str(ROOT / "benchmarks"))
import restore as random_books  # type: ignore[import-not-found]  # it stands in benchmarks/

TODAY = ("--today", "2026-11-22")
with (CASES / "restore_undo.csv").open(encoding="utf-8", newline="") as _file:
    SITUATIONS = list(csv.DictReader(_file))


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clients, a backup of them, and a split after it."""
    book = three_clients(tmp_path_factory.mktemp("restore") / "My.xlsm")
    assert call("backup", book).exit_code == 0
    assert call("split", book, *TODAY).exit_code in (0, 1)
    return book


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLCRM_LANGUAGE", "en")


@pytest.fixture
def book(start: Path, tmp_path: Path) -> Path:
    shutil.copytree(start.parent, tmp_path / "team")
    return tmp_path / "team" / start.name


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def cells(path: Path) -> dict[str, list[tuple[str, ...]]]:
    state: dict[str, list[tuple[str, ...]]] = random_books.state(path)
    return state


def runs(path: Path) -> list[tuple[str, str]]:
    """The sheet Changes: number and action of each line."""
    frame = read_tables.read(path)["Changes"].frame
    return list(zip(map(text_of, frame["undo_number"]), frame["action"], strict=True))


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def by_hand(path: Path) -> Path:
    return next(backup.path for backup in Store(path).backups() if backup.reason == "by hand")


def test_the_file_comes_back_with_its_own_sheets(book: Path) -> None:
    kept = parts(by_hand(book))
    assert call("restore", book, "2").exit_code == 0
    now = parts(book)
    assert set(now) == set(kept)
    differ = {name for name in now if now[name] != kept[name]}
    changes = [name for name in differ if name.startswith(("xl/worksheets/", "xl/tables/"))]
    assert len(changes) == 3, "of all sheets and tables only Changes, and the sheet Start, whose ticks read it"
    assert differ <= {*changes, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
    assert cells(book) == cells(by_hand(book))


def test_it_stands_in_changes_and_the_history_before_it_stays(book: Path) -> None:
    done = call("restore", book, "2")
    assert "undo" in done.output.lower()
    assert runs(book) == [("1", "Split names and addresses"), ("2", "Restore")]


def test_it_stands_in_the_journal_with_both_backups(book: Path) -> None:
    replaced = sha256_of(book)
    call("restore", book, "2")
    entry = Store(book).journal.entries()[-1]
    assert (entry.action, entry.state, entry.put) == ("restore", "done", by_hand(book).name)
    assert sha256_of(Store(book).folder / entry.backup) == replaced
    assert entry.left == sha256_of(book)


def test_undo_gives_the_replaced_file_back_byte_for_byte(book: Path) -> None:
    before = book.read_bytes()
    call("restore", book, "2")
    restored = book.read_bytes()
    done = call("undo", book)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Taken back: “Restore”. My.xlsm is again exactly what it was")
    assert book.read_bytes() == before
    assert call("undo", book, 3).exit_code == 0, "an undo can be undone"
    assert book.read_bytes() == restored


def test_after_the_undo_the_run_before_it_is_next(book: Path) -> None:
    call("restore", book, "2")
    call("undo", book)
    assert "Split" in call("undo", book).output
    assert cells(book) == cells(by_hand(book))


def typed(path: Path) -> None:
    file = FileBook(path)
    clients = file.look()["Clients"]
    file.apply(Plan("x", changes=diff(clients, pd.DataFrame({"city": ["Narvik"]}, index=[0]))), file.look())


def own_sheet(path: Path) -> None:
    book = openpyxl.load_workbook(path, keep_vba=True)
    book.create_sheet("Mine since")["A1"] = "mine"
    book.save(path)


def a_run_taken_back(path: Path) -> None:
    call("split", path, *TODAY)
    call("undo", path)


def replaced(path: Path) -> Path:
    store = Store(path)
    return store.folder / store.journal.entries()[-1].backup


def cut_off(path: Path) -> None:
    checksums.remove(Store(path).index, {replaced(path).name})
    replaced(path).write_bytes(replaced(path).read_bytes()[:1000])


SINCE: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "saved elsewhere": random_books.saved_elsewhere,
    "own sheet": own_sheet,
    "a run taken back": a_run_taken_back,
    "a cell": typed,
    "a run": lambda path: call("split", path, *TODAY),
    "the replaced backup gone": lambda path: replaced(path).unlink(),
    "the replaced backup cut off": cut_off,
    "the restored backup gone": lambda path: by_hand(path).unlink(),
}
REFUSALS = {"refused": "Clients: ", "gone": "isn't in", "damaged": "isn't what was written"}


@pytest.mark.parametrize("case", SITUATIONS, ids=lambda case: case["since"])
def test_undo_goes_by_what_happened_since(book: Path, case: dict[str, str]) -> None:
    before, content = cells(book), book.read_bytes()
    call("restore", book, "2")
    SINCE[case["since"]](book)
    left = book.read_bytes()
    done = call("undo", book, 2)
    if case["undo"] in REFUSALS:
        assert done.exit_code == 2, done.output
        assert REFUSALS[case["undo"]] in done.output
        assert book.read_bytes() == left
        return
    assert done.exit_code == 0, done.output
    assert cells(book) == before
    assert (book.read_bytes() == content) == (case["undo"] == "exact"), case["why"]
    assert ("Mine since" in read_tables.read_names(book).sheets) == (case["since"] == "own sheet")


def test_the_refusal_says_how_to_have_it_back_all_the_same(book: Path) -> None:
    before = cells(book)
    call("restore", book, "2")
    name = replaced(book).name
    typed(book)
    assert name in call("undo", book).output
    assert call("restore", book, name).exit_code == 0
    assert cells(book) == before


def test_restoring_over_a_damaged_workbook_is_exact_and_recorded(book: Path) -> None:
    book.write_bytes(book.read_bytes()[:2000])
    damaged = book.read_bytes()
    done = call("restore", book, "2")
    assert done.exit_code == 0, done.output
    assert book.read_bytes() == by_hand(book).read_bytes()
    assert replaced(book).read_bytes() == damaged
    refused = call("undo", book, 2)
    assert refused.exit_code == 2
    assert book.read_bytes() == by_hand(book).read_bytes()


@pytest.mark.parametrize("rows", [(), ("--rows", "C1")], ids=["whole", "rows"])
def test_what_the_reader_refuses_is_not_put_back(book: Path, rows: tuple[str, ...]) -> None:
    kept, before = by_hand(book), book.read_bytes()
    checksums.remove(Store(book).index, {kept.name})
    kept.write_bytes(kept.read_bytes()[:1000])
    backups = len(Store(book).backups())
    refused = call("restore", book, kept.name, *rows)
    assert refused.exit_code == 2
    assert kept.name in refused.output
    assert book.read_bytes() == before
    assert len(Store(book).backups()) == backups


def test_a_whole_zip_that_is_no_workbook_is_not_put_back(book: Path) -> None:
    kept, before = by_hand(book), book.read_bytes()
    checksums.remove(Store(book).index, {kept.name})
    with zipfile.ZipFile(kept, "w") as package:
        package.writestr("notes.txt", "no workbook")
    assert call("restore", book, kept.name).exit_code == 2
    assert book.read_bytes() == before


def test_a_restore_warns_of_somebody_who_has_it_open(book: Path) -> None:
    book.with_name(".~lock.My.xlsm#").write_text("Anna,anna,pc7,22.11.2026 05:50,file:///x;", encoding="utf-8")
    assert "seems to be open in LibreOffice by Anna" in call("restore", book, "2").output


def test_a_dry_run_of_a_restore_writes_nothing(book: Path) -> None:
    before = {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()}
    done = call("restore", book, "2", "--dry-run")
    assert done.exit_code == 0
    assert "would take the place of My.xlsm" in done.output
    assert {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()} == before


def test_a_restore_killed_before_it_wrote_is_passed_over(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = book.read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(FileBook, "apply", killed)
        with pytest.raises(KeyboardInterrupt):
            take(FileBook(book), "restore", Call(NOW), which="2")
    assert Store(book).journal.entries()[-1].state == "begun"
    assert book.read_bytes() == before
    assert "Split" in call("undo", book).output


def test_a_restore_killed_after_it_wrote_is_taken_back(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cells(book)
    with monkeypatch.context() as patched:
        patched.setattr("xlcrm.backups.journal_file.Journal.done", lambda *_, **__: None)
        take(FileBook(book), "restore", Call(NOW), which="2")
    assert Store(book).journal.entries()[-1].state == "begun"
    done = call("undo", book)
    assert done.exit_code == 0, done.output
    assert cells(book) == before


def test_an_open_workbook_takes_back_a_whole_restore_by_cells(book: Path) -> None:
    before = cells(book)
    call("restore", book, "2")
    opened = live(memory.Engine(), book)
    code, said = press("undo", opened, NOW + dt.timedelta(hours=1))
    assert code == 0, said
    tables = opened.look()
    now = {name: [tuple(map(text_of, row)) for row in tables[name].frame.itertuples(index=False)] for name in before}
    assert now == before


def test_random_books_come_back(tmp_path: Path) -> None:
    books = 4
    kept = random_books.trials(books, random.Random(7).randrange(10**6), tmp_path)
    assert kept == dict.fromkeys(("restored", "cells equal", "bytes equal", "cells equal, saved since"), books)


def test_which_backups_matter_less_is_read_from_the_journal(book: Path) -> None:
    store = Store(book)
    for number in range(3):
        content = store.book.read_bytes() + bytes(number)
        made = store.take(lambda target, content=content: target.write_bytes(content), NOW, "any words", whole=False)  # type: ignore[misc]
        store.journal.keep_kind(made.name, "search")
    light = {name for name, action in ACTIONS.items() if action.light}
    from xlcrm.backups.retention import Rules

    kept = [bool(why) for _, why in store.keeping(NOW, Rules(9, 0, 0, 0, 0), light=light)]
    assert kept == [True, True, False, False, True]


def test_backups_of_older_stores_are_known_by_their_names(book: Path) -> None:
    store = Store(book)
    store.journal_path.unlink()
    for number in range(3):
        content = store.book.read_bytes() + bytes(number)
        store.take(lambda target, content=content: target.write_bytes(content), NOW, "vor Suche", whole=False)  # type: ignore[misc]
    from xlcrm.backups.retention import Rules

    kept = [bool(why) for _, why in store.keeping(NOW, Rules(9, 0, 0, 0, 0), light={"search"})]
    assert kept == [True, True, False, False, True]


def test_a_session_of_a_missing_workbook_needs_anyway(tmp_path: Path) -> None:
    with pytest.raises(CrmError) as refused:
        open_session(tmp_path / "None.xlsm", Call(NOW))
    assert refused.value.key == "file.missing"
    session = open_session(tmp_path / "None.xlsm", Call(NOW, language="nb"), anyway=True)
    assert (len(session.seen), session.language) == (0, "nb")


def test_an_open_workbook_is_read_once_a_run(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, honest = live(memory.Engine(), book), read_tables.read
    read: list[Path] = []

    def counted(path: Path) -> Tables:
        read.append(path)
        return honest(path)

    monkeypatch.setattr(read_tables, "read", counted)
    take(opened, "check", Call(NOW))
    assert len(read) == 1


# Somebody has the workbook open, or a sync program left a copy: a restore says so like any other command.

SIGNS = [
    ("~$My.xlsm", b"\x04Anna" + b" " * 50, "Anna"),
    (".~lock.My.xlsm#", b"Anna Rossi,anna,desk,22.11.2026 14:30,file;", "Anna Rossi"),
    ("My (2).xlsm", b"", "My (2).xlsm"),
]


@pytest.mark.parametrize(("beside", "content", "named"), SIGNS, ids=[name for name, *_ in SIGNS])
def test_a_restore_warns_of_people_and_copies(book: Path, beside: str, content: bytes, named: str) -> None:
    book.with_name(beside).write_bytes(content)
    said = call("restore", book, "2")
    assert said.exit_code == 0
    assert named in said.output, "who has it open, or which copy there is"
    assert "Taken back" in call("undo", book).output, "and it can be taken back like any other run"
