"""Lock and unlock: all or nothing of each file, finished by the same command after a kill, nothing left readable."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tests.support import invoicing_help
from xlcrm.actions import ACTIONS
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.cli.commands import main
from xlcrm.files import encryption, file_book, replace
from xlcrm.files.durable import sha256_of
from xlcrm.plan import Plan, diff
from xlcrm.privacy import lock_book
from xlcrm.xlsx.reading import read_tables

PASSWORD = "korrekt hest batteri"
NAMES = (b"Anna Rossi", b"Bruno Neri", b"Via Dante")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with two backups and a journal that names clients."""
    folder = tmp_path_factory.mktemp("plain")
    book = invoicing_help.workbook(folder / "My.xlsm", invoicing_help.purchases(2))
    there = read_tables.read(book)
    sender = invoicing_help._cells(there, "Settings", {"seller_email": "post@example.com"})
    mail = diff(there["Clients"], pd.DataFrame({"email": ["anna@example.com"]}))
    file_book.at(book).apply(Plan("check", changes=(sender, *mail)), there)
    for command in (("split",), ("check",), ("import", str(_list(folder)))):
        assert invoke(book, *command).exit_code in (0, 1)
    return folder


@pytest.fixture
def book(plain: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plain, tmp_path / "firm")) / "My.xlsm"


def _list(folder: Path) -> Path:
    path = folder / "more.csv"
    path.write_text("Full name;E-mail\nBruno Neri;bruno@example.com\n", encoding="utf-8")
    return path


def invoke(book: Path, command: str, *words: str, password: str = "", given: str = "") -> Result:
    environment = {"XLCRM_PASSWORD": password, "XLCRM_LANGUAGE": "en"}
    return CliRunner().invoke(main, [command, str(book), *words], env=environment, input=given)


def readable(folder: Path, *, beside: tuple[Path, ...] = ()) -> list[str]:
    """Files in which a client's name stands as anybody can read it."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path not in beside:
            pieces = [path.read_bytes()]
            if pieces[0][:2] == b"PK":
                import zipfile

                with zipfile.ZipFile(path) as package:
                    pieces += [package.read(name) for name in package.namelist()]
            if any(name in piece for name in NAMES for piece in pieces):
                found.append(path.name)
    return found


def cells(book: Path, password: str = "") -> str:
    with encryption.readable(book, password) as path:
        return read_tables.read(path)["Clients"].frame.to_csv()


def test_lock_seals_workbook_backups_and_journal(book: Path) -> None:
    (book.parent / "more.csv").unlink()
    before, held = cells(book), len(Store(book).backups())
    assert readable(book.parent)
    dry = invoke(book, "lock", "--dry-run", password=PASSWORD)
    assert "would be locked" in dry.output
    told = json.loads(invoke(book, "lock", "--dry-run", "--json", password=PASSWORD).output)
    assert (told["action"], told["dry_run"], told["book"], told["backups"]) == ("lock", True, True, held)
    assert not encryption.is_encrypted(book)
    done = invoke(book, "lock", "--password-stdin", given=PASSWORD + "\n")
    assert done.exit_code == 0, done.output
    assert readable(book.parent) == []
    store = Store(book, password=PASSWORD)
    assert all(encryption.is_encrypted(backup.path) for backup in store.backups())
    assert len(store.backups()) in (held, held + 1)
    assert verify(store) == []
    assert cells(book, PASSWORD) == before
    assert invoke(book, "lock", password=PASSWORD).exit_code == 1, "nothing was left to do"
    assert invoke(book, "undo", password=PASSWORD).exit_code == 0
    assert "XLCRM_PASSWORD" in invoke(book, "check").output


def test_unlock_gives_everything_back(book: Path) -> None:
    before = {path.name: path.read_bytes() for path in book.parent.rglob("*.xlsm")}
    assert invoke(book, "lock", password=PASSWORD).exit_code == 0
    assert invoke(book, "unlock", password="another one").exit_code == 2
    told = json.loads(invoke(book, "unlock", "--json", password=PASSWORD).output)
    assert (told["action"], told["exit_code"], told["book"], told["left"]) == ("unlock", 0, True, [])
    after = {path.name: path.read_bytes() for path in book.parent.rglob("*.xlsm")}
    assert {name: after[name] for name in before} == before, "every byte as it was"
    assert verify(Store(book)) == []
    assert invoke(book, "undo").exit_code == 0
    assert invoke(book, "unlock", password=PASSWORD).exit_code == 1


def cutting(real: Callable[..., None], at: int, *, late: bool) -> Callable[..., None]:
    """`replace_file` that is killed at its call number `at`, before or after it did its work."""
    left = [at]

    def cut(*given: object, **named: object) -> None:
        left[0] -= 1
        if left[0] == -1:
            if late:
                real(*given, **named)
            raise KeyboardInterrupt
        real(*given, **named)

    return cut


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("at", range(10))
def test_a_kill_at_any_backup_leaves_none_half(
    book: Path, monkeypatch: pytest.MonkeyPatch, at: int, late: bool
) -> None:
    store = Store(book)
    sound = {backup.name: backup.path.read_bytes() for backup in store.backups()}
    assert len(sound) >= 3
    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(replace, "replace_file", cutting(replace.replace_file, at, late=late))
        lock_book._turn(store, store.backups(), lambda content: content[::-1])
    lock_book._settle(store)
    assert not lock_book.unfinished(store)
    for backup in Store(book).backups():
        assert backup.path.read_bytes() in (sound[backup.name], sound[backup.name][::-1])
        assert sha256_of(backup.path) == backup.sha256, backup.name


@pytest.mark.parametrize(("command", "at"), [("lock", 3), ("unlock", 2)])
def test_the_same_command_finishes_what_was_killed(
    book: Path, monkeypatch: pytest.MonkeyPatch, command: str, at: int
) -> None:
    if command == "unlock":
        assert invoke(book, "lock", password=PASSWORD).exit_code == 0
    before = cells(book, PASSWORD)
    with monkeypatch.context() as patch:
        patch.setattr(replace, "replace_file", cutting(replace.replace_file, at, late=True))
        assert invoke(book, command, password=PASSWORD).exit_code != 0
    assert cells(book, PASSWORD) == before
    assert invoke(book, command, password=PASSWORD).exit_code == 0
    store = Store(book, password=PASSWORD)
    assert verify(store) == []
    locked = {encryption.is_encrypted(path) for path in (book, *(b.path for b in store.backups()))}
    assert locked == {command == "lock"}
    assert bool(readable(book.parent, beside=(book.with_name("more.csv"),))) == (command == "unlock")


@pytest.mark.parametrize(
    ("words", "password", "says"),
    [
        ((), "", "terminal"),
        (("--password-env", "NOT_THERE"), "", "NOT_THERE"),
        (("--dry-run",), "short", "characters"),
    ],
)
def test_passwords_that_are_missing_or_short(book: Path, words: tuple[str, ...], password: str, says: str) -> None:
    assert says in invoke(book, "lock", *words, password=password).output


def test_a_workbook_that_somebody_has_open_is_not_locked(book: Path) -> None:
    book.with_name(f"~${book.name}").write_bytes(b"\x04Anna" + b" " * 160)
    assert "open in Excel" in invoke(book, "lock", password=PASSWORD).output
    assert not encryption.is_encrypted(book)


# What each action of the registry is given here; a new one has to be added.
WORDS: dict[str, tuple[str, ...]] = {
    "import": ("{folder}/more.csv",), "check": (), "correct": (), "split": (), "doubles": (), "merge": (),
    "refresh": (), "show": ("C1",), "search": ("--where", "kind = person", "--out", "{folder}/found.xlsx"), "lists": (),
    "labels": ("C1",), "letters": ("C1",), "emails": ("C1",), "card": ("C1",), "export": ("C1",),
    "offer": ("C1", "--line", "Oil; 1; l; 10; 22"), "order": ("C1", "--line", "Oil; 1; l; 10; 22"),
    "deliver": ("C1",), "invoice": ("C1",), "credit": ("RE-2026-0001",), "pay": ("RE-2026-0001",), "remind": (),
    "finish": (), "backup": (), "undo": (), "restore": ("3",), "upgrade": (),
    "log": ("C1", "call", "about oil"), "bank": ("{folder}/more.csv",), "einvoice": ("RE-2026-0001",),
    "hand-out": ("Anna",), "combine": ("{folder}/more.csv",), "about": ("C1",),
    "forget": ("C1", "--everywhere", "--yes"),
}  # fmt: skip
ASKED = {"search", "lists", "labels", "letters", "emails", "card", "export", "offer", "order", "deliver", "invoice"}
ASKED |= {"credit", "remind", "hand-out", "einvoice", "about"}


RUNS = tuple(action.name for action in ACTIONS.values() if action.operation is not None)
# `forget` writes every backup anew: it is tried on a workbook that has a few
TOGETHER, ALONE = tuple(name for name in RUNS if name != "forget"), ("forget",)


@pytest.mark.parametrize("names", [TOGETHER, ALONE], ids=["all others", "forget"])
def test_no_action_leaves_a_locked_workbook_readable(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert invoke(book, "lock", password=PASSWORD).exit_code == 0
    book.chmod(0o600)
    told = set()
    for name in names:
        before = set(book.parent.rglob("*"))
        words = [word.format(folder=book.parent) for word in WORDS.get(name, ())]
        output = invoke(book, name, *words, password=PASSWORD).output
        gc.collect()  # a run that was refused lives as long as its fault is looked at; a process ends with it
        assert "Traceback" not in output
        assert encryption.is_encrypted(book), name
        new = {path for path in book.parent.rglob("*") if path not in before and path.is_file()}
        files = {path for path in new if "backups" not in path.parent.name}
        if files:
            assert name in ASKED, (name, files)
            assert "is locked, but" in output, (name, output)
            told.add(name)
        assert readable(temporary) == [], name
        given = tuple(path for path in book.parent.rglob("*") if "backups" not in path.parent.name and path != book)
        assert readable(book.parent, beside=given) == [], name
        if os.name != "nt":
            assert [path.name for path in new if stat.S_IMODE(path.stat().st_mode) & 0o077] == [], name
    assert list(temporary.rglob("*.xls*")) == []
    if names == ALONE:
        return
    assert len(told) >= 8, told
    kinds = {path.suffix for path in book.parent.rglob("*") if "backups" not in path.parent.name}
    assert {".pdf", ".eml", ".vcf", ".xlsx"} <= kinds, "papers, e-mails, exports and searches were among them"
