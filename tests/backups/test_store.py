"""Backups: named, taken, checked, found, put back; and what happens when the disk doesn't play along."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import hashlib
import io
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from tests.support.faults import ERRORS, injected
from tests.support.paths import CASES
from tests.support.session_help import restored
from xlcrm.backups import checksums, names
from xlcrm.backups.retention import Rules
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.replace import clean_strays
from xlcrm.messages import LANGUAGES

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and folders of POSIX")
NOW = dt.datetime(2026, 11, 22, 14, 30)
KEEP_ALL = Rules(100, 0, 0, 0, 0)


@cache
def workbook(text: str) -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = text
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


OLD, NEW = workbook("old"), workbook("new")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "Client File.xlsx"
    path.write_bytes(OLD)
    return path


def copy_of(book: Path) -> Callable[[Path], None]:
    def copy(target: Path) -> None:
        target.write_bytes(book.read_bytes())

    return copy


def several(store: Store, count: int) -> None:
    """Backups a day apart, each of another content, the newest taken at NOW."""
    for day in range(count):
        store.book.write_bytes(workbook(f"day {day}"))
        store.take(copy_of(store.book), NOW - dt.timedelta(days=count - 1 - day), "before refresh")


def name_cases() -> list[dict[str, str]]:
    with (CASES / "backup_names.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", name_cases(), ids=lambda case: case["why"])
def test_names(case: dict[str, str]) -> None:
    parts = names.parse(case["file"], case["stem"])
    if not case["moment"]:
        assert parts is None
        return
    assert parts is not None
    assert (str(parts.moment), parts.reason, parts.again) == (case["moment"], case["reason"], int(case["again"]))
    assert names.name(parts.stem, parts.moment, parts.reason, parts.suffix, parts.again) == case["file"]


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("before import of C:\\lists\\a.csv", "before import of C lists a.csv"),
        ('what? "all" <of> it|*', "what all of it"),
        ("../../etc/passwd", "etc passwd"),
        ("ends in a dot.", "ends in a dot"),
        ("line\nbreak\tand\x00null", "line break and null"),
        ("", "backup"),
        ("x" * 300, "x" * 60),
        ("år før", "år før"),
    ],
)
def test_a_reason_becomes_part_of_a_name_that_every_system_takes(reason: str, kept: str) -> None:
    name = names.name("A", NOW, reason, ".xlsx")
    assert name == f"A 2026-11-22 143000 {kept}.xlsx"
    assert names.parse(name, "A") is not None


def test_a_backup_is_the_workbook_itself_dated_and_listed(book: Path) -> None:
    store = Store(book)
    backup = store.take(copy_of(book), NOW, "before refresh")
    assert backup.path == book.parent / "Client File backups" / "Client File 2026-11-22 143000 before refresh.xlsx"
    assert backup.path.read_bytes() == OLD
    assert store.index.read_text() == f"{hashlib.sha256(OLD).hexdigest()}  {backup.name}\n"
    assert store.backups() == [backup]
    assert verify(store) == []


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum isn't here")
def test_the_list_can_be_checked_without_xlcrm(book: Path) -> None:
    store = Store(book)
    several(store, 3)
    done = subprocess.run(["sha256sum", "-c", store.index.name], cwd=store.folder, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count(b": OK") == 3


def test_equal_backups_have_bytes_of_their_own(book: Path) -> None:
    store = Store(book)
    made = [store.take(copy_of(book), NOW, "before check") for _ in range(3)]
    assert [backup.name[-17:] for backup in made] == ["before check.xlsx", "re check (2).xlsx", "re check (3).xlsx"]
    with made[2].path.open("r+b") as file:  # a program that saves in place
        file.write(b"somebody worked in a backup")
    assert [made[0].path.read_bytes(), made[1].path.read_bytes()] == [OLD, OLD]
    assert [(problem.code, problem.value) for problem in verify(store)] == [("backup.changed", made[2].name)]


@posix
def test_links_of_an_earlier_version_are_parted(book: Path) -> None:
    store = Store(book)
    made = [store.take(copy_of(book), NOW, "before check") for _ in range(3)]
    for other in made[1:]:
        other.path.unlink()
        os.link(made[0].path, other.path)
    assert store.prune(NOW, KEEP_ALL) == []
    assert len({backup.path.stat().st_ino for backup in made}) == 3
    assert verify(store) == []


FOLDERS = [("backups", 1), ("old/ones", 2), ("../elsewhere/of/the team", 3), ("", 1)]


@posix
@pytest.mark.parametrize(("folder", "made"), FOLDERS, ids=[folder or "default" for folder, _ in FOLDERS])
def test_names_of_new_folders_are_on_the_disk(
    book: Path, monkeypatch: pytest.MonkeyPatch, folder: str, made: int
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr("xlcrm.files.durable.flush_folder", lambda place: flushed.append(place.resolve()))
    store = Store(book, folder)
    with store.lock():
        pass
    above = store.folder.resolve().parents[:made]
    assert flushed == list(reversed(above)), "each folder above a new one, from the top"


def test_a_damaged_backup_is_never_shared(book: Path) -> None:
    store = Store(book)
    first = store.take(copy_of(book), NOW, "before check")
    first.path.write_bytes(b"damaged")
    second = store.take(copy_of(book), NOW, "before check")
    assert second.path.read_bytes() == OLD
    assert [(problem.code, problem.value) for problem in verify(store)] == [("backup.changed", first.name)]


def test_the_folder_that_the_settings_name(book: Path, tmp_path: Path) -> None:
    assert Store(book, "old ones").folder == book.parent / "old ones"
    assert Store(book, str(tmp_path / "far")).folder == tmp_path / "far"
    other = tmp_path / "Client File 2.xlsx"
    other.write_bytes(NEW)
    mine, theirs = Store(book, "shared"), Store(other, "shared")
    backups = [store.take(copy_of(store.book), NOW, "before check") for store in (mine, theirs)]
    assert [store.backups() for store in (mine, theirs)] == [[backups[0]], [backups[1]]]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_linked_workbook_has_its_backups_beside_the_real_one(book: Path, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    link = tmp_path / "desk" / "shortcut.xlsx"
    link.symlink_to(book)
    assert Store(link).folder == Store(book).folder


@pytest.mark.parametrize("content", [b"", OLD[:-30], OLD[: len(OLD) // 2], b"just text"], ids=range(4))
def test_what_is_no_whole_workbook_is_no_backup(book: Path, content: bytes) -> None:
    store = Store(book)
    book.write_bytes(content)
    with pytest.raises(CrmError) as refused:
        store.take(copy_of(book), NOW, "before check")
    assert refused.value.key == "backup.not_whole"
    assert store.backups() == []


def test_a_disk_that_reads_back_something_else_is_found(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlcrm.backups.store.read_back", lambda path: "0" * 64)
    with pytest.raises(CrmError) as refused:
        Store(book).take(copy_of(book), NOW, "before check")
    assert refused.value.key == "backup.not_read_back"
    assert Store(book).backups() == []


@pytest.mark.parametrize(
    ("which", "place"),
    [
        ("", 3),
        ("1", 3),
        ("2", 2),
        ("4", 0),
        ("2026-11-20", 1),
        ("2026-11", 3),
        ("2026-11-21 14:30", 2),
        ("Client File 2026-11-19 143000 before refresh.xlsx", 0),
        ("backups/Client File 2026-11-19 143000 before refresh.xlsx", 0),
    ],
)
def test_the_backup_a_person_means(book: Path, which: str, place: int) -> None:
    store = Store(book)
    several(store, 4)
    assert store.find(which) == store.backups()[place]


@pytest.mark.parametrize("which", ["0", "5", "2025", "yesterday", "Client File.xlsx"])
def test_a_backup_that_nobody_knows(book: Path, which: str) -> None:
    store = Store(book)
    several(store, 4)
    with pytest.raises(CrmError) as refused:
        store.find(which)
    assert refused.value.key == "backup.unknown"
    assert store.backups()[-1].name in str(refused.value)


def test_no_backup_at_all(book: Path) -> None:
    with pytest.raises(CrmError) as refused:
        Store(book).find("1")
    assert refused.value.key == "backup.none"


def test_pruning_removes_what_no_rule_keeps_and_nothing_else(book: Path) -> None:
    store = Store(book)
    several(store, 10)
    others = ["notes.txt", "Client File old.xlsx", "keep Client File 2026-11-14 143000 before refresh.xlsx"]
    for name in others:
        (store.folder / name).write_bytes(b"mine")
    gone = store.prune(NOW, Rules(last=2, daily=4, weekly=0, monthly=0, yearly=0))
    assert len(gone) == 6
    assert [backup.moment.day for backup in store.backups()] == [19, 20, 21, 22]
    assert all((store.folder / name).read_bytes() == b"mine" for name in others)
    assert list(checksums.read(store.index)) == [backup.name for backup in store.backups()]
    assert verify(store) == []


def test_pruning_spares_what_is_pinned_and_the_newest(book: Path) -> None:
    store = Store(book)
    several(store, 5)
    first = store.backups()[0]
    store.prune(NOW, Rules(0, 0, 0, 0, 0), pinned=[first.name])
    assert [backup.moment.day for backup in store.backups()] == [18, 22]


@pytest.mark.skipif(sys.platform == "win32", reason="counts the calls of POSIX")
def test_what_cannot_be_removed_now_is_left_to_the_next_time(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(book)
    several(store, 5)
    with injected(under=str(store.folder)) as calls:
        assert store.prune(NOW, KEEP_ALL) == []
    assert calls.calls == []
    with injected(1, errno.EACCES, under=str(store.index.parent)):
        assert store.prune(NOW, Rules(2, 0, 0, 0, 0)) == []
    assert verify(store) == []
    first, unlink = store.backups()[0].path, os.unlink

    def stuck(path: Path) -> None:
        if path == first:
            raise PermissionError(errno.EACCES, "in use")
        unlink(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", stuck)
        assert len(store.prune(NOW, Rules(2, 0, 0, 0, 0))) == 2
    assert [backup.moment.day for backup in store.backups()] == [18, 21, 22]
    store.prune(NOW, Rules(2, 0, 0, 0, 0))
    assert [backup.moment.day for backup in store.backups()] == [21, 22]
    assert verify(store) == []


def test_any_flipped_byte_is_found(book: Path) -> None:
    store = Store(book)
    several(store, 3)
    chance = random.Random(5)
    found = 0
    for _ in range(300):
        backup = chance.choice(store.backups())
        whole = backup.path.read_bytes()
        place = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= chance.randrange(1, 256)
        backup.path.write_bytes(flipped)
        found += [(problem.code, problem.value) for problem in verify(store)] == [("backup.changed", backup.name)]
        backup.path.write_bytes(whole)
    assert found == 300
    assert verify(store) == []


def test_what_verify_says_of_files_that_came_and_went(book: Path) -> None:
    store = Store(book)
    several(store, 4)
    first, second, third, _ = store.backups()
    first.path.unlink()
    checksums.remove(store.index, [second.name, third.name])
    flipped = bytearray(third.path.read_bytes())
    flipped[len(flipped) // 3] ^= 1
    third.path.write_bytes(flipped)
    assert [(p.code, p.value, p.level) for p in verify(store)] == [
        ("backup.unlisted", second.name, "note"),
        ("backup.broken", third.name, "error"),
        ("backup.gone", first.name, "doubt"),
    ]
    assert [backup.moment.day for backup in store.backups()] == [20, 21, 22]
    for problem in verify(store):
        assert all(problem.value in problem.sentence(language) for language in LANGUAGES)


def test_a_torn_list_loses_one_checksum_and_no_backup(book: Path) -> None:
    store = Store(book)
    several(store, 2)
    store.index.write_bytes(store.index.read_bytes()[:-30])
    several(store, 1)
    assert len(store.backups()) == 3
    assert [problem.code for problem in verify(store)] == ["backup.unlisted"]


def test_restoring_puts_it_back_and_backs_up_what_it_replaces(book: Path) -> None:
    store = Store(book)
    store.take(copy_of(book), NOW, "before refresh")
    book.write_bytes(NEW)
    replaced = restored(store, store.find(""), NOW)
    assert book.read_bytes() == OLD
    assert replaced is not None
    assert replaced.path.read_bytes() == NEW
    restored(store, replaced, NOW)
    assert book.read_bytes() == NEW


@pytest.mark.parametrize("now_there", [b"half a workb", None], ids=["damaged", "missing"])
def test_restoring_over_a_damaged_or_missing_workbook(book: Path, now_there: bytes | None) -> None:
    store = Store(book)
    backup = store.take(copy_of(book), NOW, "before refresh")
    book.unlink()
    if now_there is not None:
        book.write_bytes(now_there)
    replaced = restored(store, backup, NOW)
    assert book.read_bytes() == OLD
    assert (replaced.path.read_bytes() if replaced else None) == now_there


def test_a_damaged_backup_is_not_restored(book: Path) -> None:
    store = Store(book)
    backup = store.take(copy_of(book), NOW, "before refresh")
    backup.path.write_bytes(NEW)
    book.write_bytes(b"mine")
    with pytest.raises(CrmError) as refused:
        restored(store, backup, NOW)
    assert refused.value.key == "backup.damaged"
    assert book.read_bytes() == b"mine"
    assert len(store.backups()) == 1


def test_locked_backups(book: Path) -> None:
    store = Store(book, password="geheim Å")
    first = store.take(copy_of(book), NOW, "before refresh")
    again = store.take(copy_of(book), NOW, "before refresh")
    assert encryption.is_encrypted(first.path)
    assert again.sha256 == first.sha256
    assert b"xl/worksheets" not in first.path.read_bytes()
    with store.opened(first) as path:
        assert path.read_bytes() == OLD
    assert not path.exists()
    book.write_bytes(NEW)
    restored(store, first, NOW)
    assert book.read_bytes() == OLD
    assert verify(store) == []


@pytest.mark.parametrize(("password", "key"), [("", "file.encrypted"), ("wrong", "file.password_wrong")])
def test_a_locked_backup_and_no_key(book: Path, password: str, key: str) -> None:
    locked = Store(book, password="geheim").take(copy_of(book), NOW, "before refresh")
    with pytest.raises(CrmError) as refused, Store(book, password=password).opened(locked):
        pass
    assert refused.value.key == key


def test_a_locked_workbook_is_backed_up_and_restored_as_it_is(book: Path) -> None:
    book.write_bytes(encryption.encrypt(OLD, "geheim"))
    whole = book.read_bytes()
    store = Store(book, password="geheim")
    backup = store.take(copy_of(book), NOW, "before refresh")
    assert backup.path.read_bytes() == whole
    book.write_bytes(encryption.encrypt(NEW, "geheim"))
    restored(store, backup, NOW)
    assert book.read_bytes() == whole
    assert encryption.decrypt(book, "geheim") == OLD


def test_a_damaged_locked_workbook_is_said_to_be_damaged(tmp_path: Path) -> None:
    chance = random.Random(3)
    whole = encryption.encrypt(OLD, "geheim")
    path = tmp_path / "locked.xlsx"
    outcomes = set()
    for _ in range(60):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(flipped))] ^= chance.randrange(1, 256)
        path.write_bytes(flipped)
        try:
            assert encryption.decrypt(path, "geheim") == OLD  # a byte that nothing depends on
        except CrmError as refused:
            outcomes.add(refused.key)
    assert outcomes <= {"file.damaged", "file.password_wrong"}
    assert "file.damaged" in outcomes


@pytest.mark.parametrize("content", [b"", b"text", OLD, bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600])
def test_what_is_not_locked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    assert not encryption.is_encrypted(tmp_path / "a.xlsx")


def run(store: Store) -> None:
    """What a command does to the backups: take one, put one back, prune."""
    store.take(copy_of(store.book), NOW, "before refresh")
    restored(store, store.backups()[0], NOW)
    store.prune(NOW, Rules(2, 0, 0, 0, 0))


def prepared(tmp_path: Path, at: int) -> Store:
    folder = tmp_path / f"run {at}"
    folder.mkdir()
    (folder / "Client File.xlsx").write_bytes(OLD)
    store = Store(folder / "Client File.xlsx")
    several(store, 3)
    store.book.write_bytes(NEW)
    return store


@pytest.mark.skipif(sys.platform == "win32", reason="counts the calls of POSIX")
@pytest.mark.parametrize("error", ERRORS, ids=lambda code: errno.errorcode[code])
def test_every_fault_leaves_workbook_and_backups_whole(tmp_path: Path, error: int) -> None:
    store = prepared(tmp_path, 0)
    with injected(under=str(store.book.parent)) as counted:
        run(store)
    total = len(counted.calls)
    assert total > 30
    for at in range(1, total + 1):
        store = prepared(tmp_path, at)
        try:
            with injected(at, error, under=str(store.book.parent)):
                run(store)
        except CrmError as refused:
            assert refused.key.startswith(("file.", "backup.")), at
        with zipfile.ZipFile(store.book) as package:
            assert package.testzip() is None, at
        assert store.book.read_bytes() in (NEW, workbook("day 0")), at
        clean_strays(store.folder)
        # a backup whose checksum could not be put on record is whole; none is half written
        assert {problem.code for problem in verify(store)} <= {"backup.unlisted"}, at
        run(store)
