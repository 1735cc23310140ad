"""A run that nobody attends writes nothing while somebody else may have the workbook, and says so beside it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.live_help import three_clients
from xlcrm import messages
from xlcrm.actions import ACTIONS
from xlcrm.backups.store import Store
from xlcrm.cli.commands import main
from xlcrm.files import lock, open_elsewhere
from xlcrm.files.durable import sha256_of

CHANGING = [name for name, action in ACTIONS.items() if action.changes and action.help]
MORE = {
    "import": ("more.csv",), "combine": ("more.xlsm",), "bank": ("more.csv",), "forget": ("C1", "--yes"),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "more.csv").write_text("Full name;Phone\nOla Li;+47 22 12 34 56\n", encoding="utf-8")
    book = three_clients(folder / "My.xlsm")
    assert CliRunner().invoke(main, ["split", str(book)]).exit_code == 0
    shutil.copy(book, folder / "more.xlsm")
    return book


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made.parent, tmp_path / "there")
    return tmp_path / "there" / "My.xlsm"


def call(book: Path, command: str, *words: str) -> Result:
    given = [str(book.parent / word) if "." in word else word for word in MORE.get(command, ())]
    return CliRunner().invoke(main, [command, str(book), *given, *words])


def all_files(folder: Path) -> dict[Path, str]:
    return {path: sha256_of(path) for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock")}


@contextmanager
def excel(book: Path) -> Iterator[None]:
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(bytes([4]) + b"Anna".ljust(54) + b"\0" * 110)
    yield
    owner.unlink()


@contextmanager
def libreoffice(book: Path) -> Iterator[None]:
    owner = book.with_name(f".~lock.{book.name}#")
    owner.write_text(",anna,desk,27.11.2026 02:00,file;", encoding="utf-8")
    yield
    owner.unlink()


@contextmanager
def conflict(book: Path) -> Iterator[None]:
    copy = book.with_name("My (Anna's conflicted copy 2026-11-27).xlsm")
    shutil.copy(book, copy)
    yield
    copy.unlink()


@contextmanager
def another_run(book: Path) -> Iterator[None]:
    with lock.one_writer(book, Store(book).folder):
        yield


SITUATIONS = [excel, libreoffice, conflict, another_run]


BOTH = [(c, s) for c in CHANGING for s in SITUATIONS if (c, s) != ("combine", conflict)]  # it is what mends a conflict


@pytest.mark.parametrize(("command", "situation"), BOTH, ids=[f"{c}-{s.__name__}" for c, s in BOTH])
def test_nothing_is_written_beside_somebody_else(book: Path, command: str, situation) -> None:  # type: ignore[no-untyped-def]
    with situation(book):
        before, begun = all_files(book.parent), time.monotonic()
        result = call(book, command, "--unattended")
        assert time.monotonic() - begun < 10, "it doesn't wait"
        after = all_files(book.parent)
    assert result.exit_code == 2, result.output
    (note,) = set(after) - set(before)
    assert {path: after[path] for path in before} == before
    assert note.name.startswith(f"My.xlsm {messages.text('beside.not_updated', 'en')} ")
    assert result.output.strip() in note.read_text(encoding="utf-8-sig")


def test_the_note_goes_with_the_next_good_run(book: Path) -> None:
    with excel(book):
        assert call(book, "check", "--unattended").exit_code == 2
    assert len(list(book.parent.glob("*.txt"))) == 1
    assert call(book, "check", "--unattended").exit_code in (0, 1)
    assert list(book.parent.glob("*.txt")) == []


@pytest.mark.parametrize("situation", SITUATIONS[:3], ids=lambda situation: situation.__name__)
def test_somebody_at_the_terminal_is_only_warned(book: Path, situation) -> None:  # type: ignore[no-untyped-def]
    with situation(book):
        result = call(book, "check")
    assert result.exit_code in (0, 1)
    assert "My.xlsm" in result.output


def test_who_opens_it_while_it_is_read_is_seen(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter(([], [open_elsewhere.Owner("Anna", "Excel")]))
    monkeypatch.setattr(open_elsewhere, "owners", lambda path: next(looks))
    before = sha256_of(book)
    result = call(book, "import", "--unattended")
    assert result.exit_code == 2
    assert "Anna" in result.output
    assert sha256_of(book) == before


def test_a_dry_run_leaves_no_note(book: Path) -> None:
    with excel(book):
        assert call(book, "check", "--unattended", "--dry-run").exit_code in (0, 1)
    assert list(book.parent.glob("*.txt")) == []
