"""Workbooks that could get each other's backups never do: each situation with what a person may do in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from tests.support import neighbours
from tests.support.neighbours import SITUATIONS, Town, clients, steps, wrong
from tests.support.session_help import plan_with
from xlcrm.backups import belonging
from xlcrm.cli.commands import main
from xlcrm.files.durable import sha256_of
from xlcrm.plan import Plan, diff
from xlcrm.session import open_session
from xlcrm.tables import Tables


@pytest.fixture(autouse=True)
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared folder beside the firms' own is allowed on this computer."""
    config = tmp_path / "config"
    (config / "xlcrm").mkdir(parents=True)
    (config / "xlcrm" / "backup folders.txt").write_text(f"{tmp_path}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    monkeypatch.setenv("APPDATA", str(config))
    monkeypatch.setenv("XLCRM_LANGUAGE", "en")


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda made: made.__name__)
def test_no_step_mixes_neighbours(tmp_path: Path, situation: Callable[[Path], Town]) -> None:
    """The short form: in each situation an undo and a restore of each workbook; benchmarks/neighbours.py does all."""
    (tmp_path / "made").mkdir()
    town = situation(tmp_path / "made")
    before = {book: book.read_bytes() for book in town.firms}
    for book in list(town.firms):
        assert wrong(town, book, before) == "", f"before any step: {situation.__doc__}"
        for name, step in steps(town, book):
            if name in ("undo", "restore 2", "restore, gone"):
                told = step()
                assert wrong(town, book, before, name) == "", f"{situation.__doc__}: {name} said {told}"
        before[book] = book.read_bytes() if book.exists() else b""
        if not book.exists():
            del town.firms[book]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "made").mkdir()
    return tmp_path / "made"


def test_a_renamed_workbook_keeps_backups_and_undo(folder: Path) -> None:
    town = neighbours.old_name(folder)
    renamed, fresh = town.firms
    assert len(town.names(renamed)) == 2
    assert town.names(fresh) == []
    assert "Taken back" in town.do(renamed, "undo", number=0)
    assert town.do(fresh, "undo", number=0) == "undo.nothing"
    assert town.do(fresh, "restore", which="1", rows=()) == "backup.foreign"


def test_a_name_that_is_gone_gets_no_renamed_ones_backups(folder: Path) -> None:
    town = neighbours.old_name(folder)
    _, fresh = town.firms
    fresh.unlink()
    assert town.do(fresh, "restore", which="1", rows=()) == "backup.foreign"
    assert not fresh.exists()


def test_a_copy_becomes_a_workbook_of_its_own(folder: Path) -> None:
    town = neighbours.copied(folder)
    first, copy = town.firms
    assert [text for text in town.told if "was a copy of another workbook" in text] == [town.told[-1]]
    assert clients(first) == {"Acme"}
    assert len(town.names(first)) == 2
    assert all(name.startswith("ClientFile copy") for name in town.names(copy))


def test_a_workbook_moved_with_its_folder_is_no_copy(folder: Path) -> None:
    town = neighbours.other_machine(folder)
    moved, other = town.firms
    assert len(town.names(moved)) == 2
    assert town.names(other) == []


def test_an_old_store_goes_to_whom_its_clients_are(folder: Path) -> None:
    town = neighbours.old_store(folder)
    for book, firm in zip(list(town.firms), ("Acme", "Beta"), strict=True):
        assert len(town.names(book)) == 2
        town.add(book, f"{firm} new3")
        assert len(town.names(book)) == 3
        assert "Taken back" in town.do(book, "undo", number=0)


def test_an_old_store_of_one_is_taken_over_whole(folder: Path) -> None:
    town = neighbours.old_single(folder)
    (book,) = town.firms
    assert len(town.names(book)) == 2
    town.add(book, "Acme new3")
    store = folder / "ClientFile backups"
    assert [path.name for path in store.glob("ClientFile journal.jsonl")] == []
    assert len(town.names(book)) == 3
    assert "Taken back" in town.do(book, "undo", number=2)


def test_a_lost_identity_is_found_again(folder: Path) -> None:
    town = neighbours.dropped(folder)
    book = next(iter(town.firms))
    assert len(town.names(book)) == 2
    town.add(book, "Acme new3")
    assert len(town.names(book)) == 3


def test_bytes_of_one_kind_never_get_the_name_of_another(folder: Path) -> None:
    town = Town(folder)
    first = neighbours.make(folder / "My.xlsx", "Acme")
    town.add(first, "Acme new1")
    saved_as = first.rename(folder / "My.xlsm")
    assert town.names(saved_as)[0].endswith(".xlsx")
    before = saved_as.read_bytes()
    assert town.do(saved_as, "restore", which="1", rows=()) == "backup.other_kind"
    assert saved_as.read_bytes() == before
    assert "Brought back" in town.do(saved_as, "restore", which="1", rows=("C1",))


def test_a_number_of_another_journal_is_not_given_again(folder: Path) -> None:
    town = neighbours.posted(folder)
    here = next(iter(town.firms))
    town.add(here, "Acme new4")
    numbers = [e.number for e in town.store(here).journal.entries()]
    assert numbers == [1, 2, 3]


def test_a_killed_run_leaves_the_store_to_the_next(folder: Path) -> None:
    """The workbook has its identity, but the run was killed before its store had the label."""
    town = Town(folder)
    book = neighbours.make(folder / "ClientFile.xlsm", "Acme")
    town.firms = {book: {"Acme"}}
    town.add(book, "Acme new1")
    store = town.store(book)
    label, old = store.label, belonging.label(store.folder, book.stem, "")
    shutil.move(label.list, old.list)
    shutil.move(label.journal, old.journal)
    town.add(book, "Acme new2")
    assert len(town.names(book)) == 2
    assert "Taken back" in town.do(book, "undo", number=1)


@pytest.mark.parametrize("left", [("list", "journal"), ("journal",)], ids=" and ".join)
def test_undo_finds_a_store_that_a_kill_left_halfway(folder: Path, left: tuple[str, ...]) -> None:
    """The power went while the store got the workbook's identity; the very next command is undo."""
    town = Town(folder)
    book = neighbours.make(folder / "ClientFile.xlsm", "Acme")
    town.firms = {book: {"Acme"}}
    town.add(book, "Acme new1")
    store = town.store(book)
    old = belonging.label(store.folder, book.stem, "")
    for kind in left:
        shutil.move(getattr(store.label, kind), getattr(old, kind))
    assert "Taken back" in town.do(book, "undo", number=0)
    assert not old.exists()
    assert len(town.names(book)) == 2


def test_a_workbook_made_anew_gives_no_number_again(folder: Path) -> None:
    """Another program wrote a workbook of other clients in its place, without identity and list of changes."""
    town = Town(folder)
    book = neighbours.make(folder / "ClientFile.xlsm", "Acme")
    town.firms = {book: {"Acme"}}
    town.add(book, "Acme new1")
    town.add(book, "Acme new2")
    book.unlink()
    neighbours.make(book, "Beta")
    town.firms = {book: {"Beta"}}
    town.add(book, "Beta new1")
    assert [entry.number for entry in town.store(book).journal.entries()] == [3]
    assert town.do(book, "undo", number=1) == "undo.unknown"


def renames_all(town: Town, book: Path) -> None:
    """A first run after which no client is known by the name that it had."""

    def operation(tables: Tables, *_: object) -> Plan:
        names = pd.DataFrame({"full_name": [f"Acme other {n}" for n in range(len(tables["Clients"].frame))]})
        return Plan("import", changes=diff(tables["Clients"], names))

    call = town.call()
    plan_with(open_session(book, call).book, operation, call, "import")


@pytest.mark.parametrize("killed", [False, True])
def test_a_first_run_that_renames_all_keeps_its_backup(folder: Path, killed: bool) -> None:
    town = Town(folder)
    book = neighbours.make(folder / "ClientFile.xlsm", "Acme")
    town.firms = {book: {"Acme"}}
    renames_all(town, book)
    store = town.store(book)
    old = belonging.label(store.folder, book.stem, "")
    assert not old.exists() and len(town.names(book)) == 1
    if killed:
        shutil.move(store.label.list, old.list)
        shutil.move(store.label.journal, old.journal)
    assert "Taken back" in town.do(book, "undo", number=1)
    assert not old.exists() and len(town.names(book)) == 2


def test_two_workbooks_that_stood_here_are_not_guessed(folder: Path) -> None:
    """Both are gone, each with a store of its own: a person says which is meant."""
    town = Town(folder)
    for firm in ("Acme", "Beta"):
        book = neighbours.make(folder / "ClientFile.xlsm", firm)
        town.add(book, f"{firm} new1")
        book.unlink()
    assert town.do(book, "restore", which="", rows=()) == "backup.whose"
    assert not book.exists()


def test_a_store_knows_where_its_workbook_is_now(folder: Path) -> None:
    town = Town(folder)
    book = neighbours.make(folder / "ClientFile.xlsm", "Acme")
    town.add(book, "Acme new1")
    renamed = book.rename(folder / "Renamed.xlsm")
    town.add(renamed, "Acme new2")
    assert town.store(renamed).journal.place() == "../Renamed.xlsm"
    assert len(town.names(renamed)) == 2


def test_backups_that_no_list_names_are_known_by_their_identity(folder: Path) -> None:
    town = neighbours.one_store(folder)
    first, second = town.firms
    for n in (2, 3):
        town.add(first, f"Acme new{n}")
    store = town.store(first)
    names = [backup.name for backup in store.backups()]
    store.index.unlink()
    store.journal_path.unlink()
    own = [name for name in names if belonging.of_file(store.folder / name) == store.identity]
    assert [backup.name for backup in town.store(first).backups()] == own != []
    assert not set(own) & set(town.names(second))


def test_a_file_that_a_restore_left_is_known_by_its_bytes(folder: Path) -> None:
    """What a restore put back has no identity, and other clients than the newest backup: its checksum is on record."""
    town = Town(folder)
    book = neighbours.make(folder / "ClientFile.xlsm", "Acme")
    renames_all(town, book)
    store = town.store(book)
    store.journal.done(store.journal.begin(Plan("x"), now=town.now), Plan("x"), now=town.now, left="")
    number = store.journal.begin(Plan("restore"), now=town.now)
    neighbours.make(book, "Other")
    assert town.names(book) == []
    store.journal.done(number, Plan("restore"), now=town.now, left=sha256_of(book))
    assert len(town.names(book)) == 1


def test_a_store_beside_an_older_one_gives_no_number_again(folder: Path) -> None:
    """A store of an earlier version is in the folder, so the one of a workbook made anew is not its first."""
    town = neighbours.old_store(folder)
    book = next(iter(town.firms))
    given = [town.number(book, f"Acme new{n}") for n in range(3)]
    book.unlink()
    neighbours.make(book, "Gamma", folder="../shared")
    town.firms[book] = {"Gamma"}
    assert town.number(book, "Gamma new1") > max(given)


# What no rule can tell is told by a person: doctor names the store, and the workbook takes it over.


def test_a_workbook_takes_over_a_store_by_a_persons_word(folder: Path) -> None:
    town = Town(folder)
    book = neighbours.make(folder / "ClientFile.xlsm", "Acme")
    town.add(book, "Acme new1")
    store = town.store(book).label.text
    neighbours.make(book, "Beta")  # all clients are others now, and no identity: nobody can tell
    assert town.names(book) == []
    said = CliRunner().invoke(main, ["doctor", str(book)]).output
    assert f'--adopt "{store}"' in said
    assert CliRunner().invoke(main, ["doctor", str(book), "--adopt", "another"]).exit_code == 2
    taken = CliRunner().invoke(main, ["doctor", str(book), "--adopt", store])
    assert (taken.exit_code, "2 backups are its own now" in taken.output) == (0, True), taken.output
    assert len(town.names(book)) == 2
    assert "is known by" in CliRunner().invoke(main, ["doctor", str(book)]).output


def test_a_store_in_use_is_not_taken_over(folder: Path) -> None:
    town = neighbours.copied(folder)
    first, copy = town.firms
    store = town.store(first).label.text
    refused = CliRunner().invoke(main, ["doctor", str(copy), "--adopt", store])
    assert (refused.exit_code, "still there" in refused.output) == (2, True), refused.output
    assert store not in CliRunner().invoke(main, ["doctor", str(copy)]).output


def test_an_old_store_is_taken_over_by_a_persons_word(folder: Path) -> None:
    town = neighbours.old_single(folder)
    (book,) = town.firms
    neighbours.make(book, "Beta")
    assert town.names(book) == []
    taken = CliRunner().invoke(main, ["doctor", str(book), "--adopt", "ClientFile"])
    assert taken.exit_code == 0, taken.output
    assert len(town.names(book)) == 3
