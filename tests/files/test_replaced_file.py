"""A replaced file, in detail: what is flushed and when, whose it is, and which leftovers belong to a run at work."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

import pytest

from xlcrm.errors import CrmError
from xlcrm.files import replace
from xlcrm.files.exchange import PREFIX, SUFFIX
from xlcrm.files.replace import clean_strays, copy_attributes, replace_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="owners, locks and folders as POSIX has them")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "My.xlsm"
    path.write_bytes(b"old")
    return path


def test_new_bytes_are_on_the_disk_before_they_get_the_name(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    real = replace._take_the_name

    def note(what: str, path: Path) -> None:
        steps.append(f"{what} {'folder' if path == book.parent else path.read_bytes().decode()}")

    def named(temporary: Path, target: Path, expected: str | None) -> None:
        real(temporary, target, expected)
        steps.append("named")

    monkeypatch.setattr(replace, "flush_file", lambda path: note("flushed", path))
    monkeypatch.setattr(replace, "flush_folder", lambda path: note("flushed", path))
    monkeypatch.setattr(replace, "_take_the_name", named)
    replace_file(book, lambda path: path.write_bytes(b"new"), verify=lambda path: note("verified", path))
    assert steps == ["flushed new", "verified new", "flushed folder", "named", "flushed folder"]


@pytest.mark.parametrize(
    ("refused", "asked", "why"),
    [
        ((), [("all", 7)], "the owner is kept: one call is enough"),
        (("all",), [("all", 7), ("group", 7)], "who may not give files away may still give them to a group"),
        (("all", "group"), [("all", 7), ("group", 7)], "who may do neither keeps the file as it is"),
    ],
)
def test_owner_and_group(
    book: Path, monkeypatch: pytest.MonkeyPatch, refused: tuple[str, ...], asked: list[tuple[str, int]], why: str
) -> None:
    calls: list[tuple[str, int]] = []
    status = os.stat_result((0o100640, 0, 0, 1, 5, 7, 0, 0, 0, 0))
    real = Path.stat

    def chown(_: Path, owner: int, group: int) -> None:
        which = {5: "all", -1: "group"}[owner]
        calls.append((which, group))
        if which in refused:
            raise PermissionError(errno.EPERM, "no")

    theirs = book.with_name("theirs")
    theirs.write_bytes(b"")
    monkeypatch.setattr(os, "chown", chown)
    monkeypatch.setattr(Path, "stat", lambda path, **more: status if path == theirs else real(path, **more))
    copy_attributes(theirs, book)
    assert calls == asked, why


@pytest.mark.parametrize("code", [errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS, errno.EIO])
def test_attributes_that_a_disk_does_not_take(book: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(shutil, "copystat", fail)
    if code == errno.EIO:
        with pytest.raises(CrmError):
            replace_file(book, lambda path: path.write_bytes(b"new"))
    else:
        replace_file(book, lambda path: path.write_bytes(b"new"))
    assert book.read_bytes() == (b"old" if code == errno.EIO else b"new")


@pytest.mark.parametrize(
    ("hours", "locked", "locks", "gone", "why"),
    [
        (0, False, True, True, "its run was killed: the system let go of its lock"),
        (0, True, True, False, "its run is at work"),
        (9, True, True, False, "a run may take long: as long as it holds its lock, the file is its own"),
        (0, False, False, False, "a disk without locks: it may be a run's that is at work"),
        (9, False, False, True, "no run takes an hour for one file"),
    ],
)
def test_whose_a_temporary_file_is(
    book: Path, monkeypatch: pytest.MonkeyPatch, hours: int, locked: bool, locks: bool, gone: bool, why: str
) -> None:
    import fcntl

    stray = book.with_name(f"{PREFIX}abc{SUFFIX}")
    stray.write_bytes(b"half")
    then = stray.stat().st_mtime - 3600 * hours - 60
    os.utime(stray, (then, then))
    with stray.open("rb") as held:
        if locked:
            fcntl.flock(held, fcntl.LOCK_EX)
        if not locks:

            def none(*_: object) -> None:
                raise OSError(errno.ENOLCK, "no locks here")

            monkeypatch.setattr(fcntl, "flock", none)
        assert clean_strays(book.parent) == gone, why
    assert stray.exists() != gone
