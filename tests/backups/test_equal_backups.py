"""Reading costs no backup: a run that changes nothing leaves the folder as it was, and no older backup has to go."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.paths import CASES
from tests.support.session_help import setting
from xlcrm import messages
from xlcrm.backups import checksums
from xlcrm.backups.history import history
from xlcrm.backups.retention import Rules
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.cli.commands import main
from xlcrm.files.file_book import open as open_book
from xlcrm.files.new_book import create

NOW = dt.datetime(2026, 11, 22, 14, 30)
with (CASES / "backups_equal.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "B.xlsm"
    create(path, language="it", country="IT", currency="EUR")
    return path


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "B.xlsm"))


def names(book: Path) -> list[str]:
    return [backup.reason for backup in Store(book).backups()]


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["commands"])
def test_what_a_run_leaves(book: Path, case: dict[str, str]) -> None:
    for command in case["commands"].split("; "):
        action, _, rest = command.partition(" ")
        CliRunner().invoke(main, [action, str(book), *filter(None, rest.split("|")), *_today(action)])
    assert "; ".join(names(book)) == case["left"], case["why"]
    assert verify(Store(book)) == []


def _today(action: str) -> list[str]:
    return [] if action == "backup" else ["--today", "2026-11-22"]


def test_a_damaged_twin_never_takes_the_place_of_a_sound_backup(book: Path) -> None:
    store, snapshot = Store(book), open_book(book).snapshot
    first = store.take(snapshot, NOW, "by hand")
    second = store.take(snapshot, NOW, "before check")
    first.path.unlink()  # the two may be one file with two names
    first.path.write_bytes(b"damaged")
    assert store.unless_equal(second) == second
    assert second.path.read_bytes() == book.read_bytes()


def test_only_the_newest_can_be_taken_away(book: Path) -> None:
    store, snapshot = Store(book), open_book(book).snapshot
    first, second, third = (store.take(snapshot, NOW, reason) for reason in ("by hand", "before check", "before split"))
    assert store.unless_equal(second) == second
    assert store.unless_equal(third).name == second.name
    assert [backup.name for backup in store.backups()] == [first.name, second.name]
    assert list(checksums.read(store.index)) == [first.name, second.name]


def test_equal_backups_push_no_other_out(book: Path) -> None:
    store, snapshot = Store(book), open_book(book).snapshot
    content = _changed(book)
    store.take(lambda target: _write(target, content), NOW, "before import")
    for _ in range(5):
        store.take(snapshot, NOW, "by hand")
    assert store.prune(NOW, Rules(2, 0, 0, 0, 0)) == []
    assert names(book)[0] == "before import"


def _write(target: Path, content: bytes) -> None:
    target.write_bytes(content)


def _changed(book: Path) -> bytes:
    """What the workbook was before it is changed here."""
    from zipfile import ZipFile

    with ZipFile(book, "a") as package:
        before = book.read_bytes()
        package.writestr("docProps/note.txt", "x")
    return before


def test_the_list_says_what_was_not_compared(book: Path) -> None:
    store, snapshot = Store(book), open_book(book).snapshot
    store.take(snapshot, NOW, "by hand")
    store.take(snapshot, NOW, "by hand")
    _changed(book)
    store.take(snapshot, NOW, "by hand")
    told = [changed for _, changed in history(store, "en", newest=1)]
    assert told == ["no row of a table changed", "nothing changed since the one before", ""]
    told = [changed for _, changed in history(store, "en", newest=0)]
    assert told == ["not compared (“xlcrm backups --all” compares all)", "nothing changed since the one before", ""]


def test_a_missing_file_is_named_with_its_whole_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path.resolve()) in CliRunner().invoke(main, ["check", "missing.xlsm"]).output


def imported(book: Path, folder: Path) -> None:
    """A list comes in, where the newest five backups and those of two days are kept."""
    few = {"last": 5, "daily": 2, "weekly": 1, "monthly": 1, "yearly": 1}
    for name, value in few.items():
        setting(book, f"keep_{name}", value)
    people = folder / "people.csv"
    people.write_text("Nome completo;Città\nAnna Rossi;Milano\nUgo Neri;Roma\n", encoding="utf-8")
    CliRunner().invoke(main, ["import", str(book), str(people)])


def searched(book: Path, day: int) -> None:
    """A search of that day, which finds and writes something new."""
    where = ["--where", "città = Milano", "--today", f"2026-11-{day:02}"]
    found = CliRunner().invoke(main, ["search", str(book), *where])
    assert found.exit_code == 0, found.output


def test_many_searches_leave_the_backup_before_an_import(book: Path, tmp_path: Path) -> None:
    imported(book, tmp_path)
    for day in range(1, 9):
        searched(book, day)
    assert "prima di Importazione" in names(book)
    assert names(book).count("prima di Ricerca") < 5, "of searches in a row, the last of a day is enough"


def test_retention_does_not_hang_on_the_words_of_a_name(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backups are named in other words halfway; which run each was taken before stands in the journal."""
    reworded = {key: dict(sentences) for key, sentences in messages.catalogue().items()}
    reworded["backup.before"] = dict.fromkeys(reworded["backup.before"], "as it was ({action})")
    imported(book, tmp_path)
    for day in range(1, 9):
        if day == 4:
            monkeypatch.setattr(messages, "catalogue", lambda: reworded)
        searched(book, day)
    kept = [made.name for made in Store(book).backups()]
    kinds = Store(book).journal.kinds()
    assert [name for name in kept if kinds.get(name) == "import"], "the backup before the import is kept"
    assert sum(kinds.get(name) == "search" for name in kept) < 5
