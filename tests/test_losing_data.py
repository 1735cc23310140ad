"""Somebody tries to lose data: two commands at once, a full disk, folders nobody may write to, names of every kind."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.faults import injected
from xlcrm.backups.history import history
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.cli.commands import main
from xlcrm.files import open_elsewhere
from xlcrm.files.durable import sha256_of
from xlcrm.xlsx.reading import read_tables

PEOPLE = ("Alfa", "Beta", "Gamma")


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLCRM_LANGUAGE", "en")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    book = tmp_path_factory.mktemp("empty") / "My.xlsm"
    assert call("new", book, "--language", "en", "--country", "IT").exit_code == 0
    return book


@pytest.fixture
def book(empty: Path, tmp_path: Path) -> Path:
    for name in PEOPLE:
        rows = "".join(f"Anna {name};{name.lower()}{n}@example.com\n" for n in range(20))
        (tmp_path / f"{name}.csv").write_text("Full name;E-mail\n" + rows, encoding="utf-8")
    return Path(shutil.copy(empty, tmp_path / "My.xlsm"))


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def names(book: Path) -> dict[str, int]:
    counts = read_tables.read(book)["Clients"].frame["full_name"].str[5:].value_counts()
    return {str(name): int(count) for name, count in counts.items()}


def test_commands_at_the_same_time_lose_no_row(book: Path) -> None:
    def start(name: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "xlcrm", "import", str(book), str(book.parent / f"{name}.csv")]
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    running = {name: start(name) for name in PEOPLE}
    refused = {name: run.communicate(timeout=120)[1].decode() for name, run in running.items()}
    done = [name for name, run in running.items() if run.returncode == 0]
    assert done, refused
    assert names(book) == dict.fromkeys(done, 20)
    assert all("Somebody else" in refused[name] for name in set(PEOPLE) - set(done))
    assert verify(Store(book)) == []
    for number in range(len(done), 0, -1):
        assert call("undo", book, number).exit_code == 0
    assert names(book) == {}


def test_a_full_disk_is_told_with_the_users_file_name(book: Path, empty: Path) -> None:
    before = sha256_of(book)
    with injected(under=str(book.parent)) as counted:
        assert call("import", book, book.parent / "Alfa.csv", "--dry-run").exit_code == 0
    assert set(counted.calls) <= {"os.fsync"}  # what is only looked at is written elsewhere
    told = set()
    for at in range(1, 40):
        shutil.copy(empty, book)
        with injected(at, errno.ENOSPC, under=str(book.parent)):
            result = call("import", book, book.parent / "Alfa.csv")
        if result.exit_code == 2:
            told.add(result.output.strip().splitlines()[-1])
            assert sha256_of(book) == before
    assert told
    assert not [sentence for sentence in told if ".~xlcrm" in sentence]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork to become another user")
@pytest.mark.parametrize(
    ("close", "why"),
    [
        (lambda folder: folder.chmod(0o555), "a folder that may only be read"),
        (lambda folder: (folder / "My backups").mkdir(mode=0o555), "backups that nobody may add to"),
    ],
)
def test_a_folder_that_may_not_be_written(book: Path, close: Callable[[Path], object], why: str) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name) / "team"
        shutil.copytree(book.parent, folder)
        before = sha256_of(folder / book.name)
        close(folder)
        said = Path(name) / "said"
        Path(name).chmod(0o777)
        child = os.fork()
        if child == 0:
            if os.geteuid() == 0:  # root may write anywhere
                for path in (folder, *folder.iterdir()):
                    os.chown(path, 65534, -1)
                os.setuid(65534)
            result = call("import", folder / book.name, folder / "Alfa.csv")
            said.write_text(f"{result.exit_code} {result.output}", encoding="utf-8")
            os._exit(0)
        os.waitpid(child, 0)
        for path in (folder, *(path for path in folder.iterdir() if path.is_dir())):
            path.chmod(0o755)
        text = said.read_text(encoding="utf-8")
        assert text.startswith("2 "), why
        assert "no permission" in text
        assert "Nothing was changed" in text
        assert sha256_of(folder / book.name) == before


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Kundendatei Äöü ß 顧客.xlsm", "letters of any kind"),
        ("Müller & Söhne  à l'Å #1 100%.xlsm", "spaces and signs"),
        ("L" * 190 + ".xlsm", "as long as a backup's name may be"),
    ],
)
def test_a_workbook_of_any_name(book: Path, name: str, why: str) -> None:
    folder = book.parent / "Angebote & Kunden «Ärzte»"
    folder.mkdir()
    named = Path(shutil.copy(book, folder / name))
    result = call("import", named, book.parent / "Alfa.csv")
    assert result.exit_code == 0, (why, result.output)
    assert names(named) == {"Alfa": 20}
    assert call("undo", named).exit_code == 0
    assert names(named) == {}


def test_a_name_too_long_for_its_backups_is_refused(book: Path) -> None:
    named = Path(shutil.copy(book, book.with_name("L" * 246 + ".xlsm")))
    assert open_elsewhere.owners(named) == []
    result = call("import", named, book.parent / "Alfa.csv")
    assert result.exit_code == 2
    assert "too long" in result.output
    assert "LibreOffice" not in result.output
    assert sha256_of(named) == sha256_of(book)


def test_a_second_name_of_the_file_keeps_the_old_state(book: Path) -> None:
    """Programs that keep snapshots as links rely on it."""
    second = book.with_name("yesterday.xlsm")
    os.link(book, second)
    before = sha256_of(second)
    assert call("import", book, book.parent / "Alfa.csv").exit_code == 0
    assert sha256_of(second) == before
    assert names(book) == {"Alfa": 20}


def test_undo_in_any_order_on_another_computer(book: Path, tmp_path: Path) -> None:
    for name in PEOPLE:
        assert call("import", book, tmp_path / f"{name}.csv").exit_code == 0
    elsewhere = tmp_path / "another computer"
    elsewhere.mkdir()
    shutil.copy(book, elsewhere / book.name)
    shutil.copytree(Store(book).folder, elsewhere / Store(book).folder.name)
    moved = elsewhere / book.name
    for number, left in ((2, ("Alfa", "Gamma")), (1, ("Gamma",)), (3, ())):
        result = call("undo", moved, number, "--today", "2027-03-01")
        assert result.exit_code == 0, result.output
        assert names(moved) == dict.fromkeys(left, 20)


def test_no_backups_are_an_empty_list(book: Path) -> None:
    assert history(Store(book), "en") == []
    result = call("backups", book)
    assert result.exit_code == 1
    assert "no backup" in result.output
