"""A file is replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.faults import ERRORS, injected
from xlcrm.errors import CrmError
from xlcrm.files import exchange
from xlcrm.files.durable import append_line, sha256_of
from xlcrm.files.replace import clean_strays, replace_file
from xlcrm.messages import LANGUAGES

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and locks of POSIX")
OLD, NEW = b"old" * 1000, b"new" * 2000


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "Client File.xlsm"
    path.write_bytes(OLD)
    return path


def put_new(target: Path) -> None:
    target.write_bytes(NEW)


def test_the_file_is_what_was_written_and_nothing_else_is_left(book: Path) -> None:
    replace_file(book, put_new)
    assert book.read_bytes() == NEW
    assert [path.name for path in book.parent.iterdir()] == [book.name]


def test_a_new_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    replace_file(tmp_path / "new.csv", put_new)
    (tmp_path / "other.csv").write_bytes(b"")
    assert (tmp_path / "new.csv").stat().st_mode == (tmp_path / "other.csv").stat().st_mode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o777])
def test_permissions_stay(book: Path, mode: int) -> None:
    book.chmod(mode)
    replace_file(book, put_new)
    assert stat.S_IMODE(book.stat().st_mode) == mode


@posix
def test_owner_and_attributes_stay_and_the_time_is_new(book: Path) -> None:
    if hasattr(os, "setxattr"):
        try:
            os.setxattr(book, "user.tag", b"red")
        except OSError:
            pytest.skip("this disk has no extended attributes")
    if os.geteuid() == 0:
        os.chown(book, 1234, 2345)
    os.utime(book, (0, 0))
    before = book.stat()
    replace_file(book, put_new)
    after = book.stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_mtime > 1e9
    if hasattr(os, "getxattr"):
        assert os.getxattr(book, "user.tag") == b"red"


@posix
def test_a_link_is_written_through(book: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.xlsm"
    link.symlink_to(book)
    replace_file(link, put_new, expect_sha256=sha256_of(book))
    assert link.is_symlink()
    assert book.read_bytes() == NEW


def test_a_read_only_file_is_refused(book: Path) -> None:
    book.chmod(0o444)
    with pytest.raises(CrmError) as refused:
        replace_file(book, put_new)
    assert refused.value.key == "file.read_only"
    assert book.read_bytes() == OLD


@pytest.mark.parametrize("change", ["written", "removed"])
def test_a_file_that_changed_meanwhile_is_left_alone(book: Path, change: str) -> None:
    expected = sha256_of(book)

    def write(target: Path) -> None:
        put_new(target)
        if change == "written":
            book.write_bytes(b"theirs")
        else:
            book.unlink()

    with pytest.raises(CrmError) as refused:
        replace_file(book, write, expect_sha256=expected)
    assert refused.value.key == "file.changed"
    assert [path.read_bytes() for path in book.parent.iterdir()] == ([b"theirs"] if change == "written" else [])


def test_what_verify_refuses_never_takes_the_name(book: Path) -> None:
    def verify(target: Path) -> None:
        assert target.read_bytes() == NEW
        raise CrmError("file.damaged", name="x")

    with pytest.raises(CrmError, match="x is locked"):
        replace_file(book, put_new, verify=verify)
    assert [path.read_bytes() for path in book.parent.iterdir()] == [OLD]


def test_a_mistake_of_ours_leaves_nothing_behind(book: Path) -> None:
    def write(target: Path) -> None:
        target.write_bytes(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace_file(book, write)
    assert [path.read_bytes() for path in book.parent.iterdir()] == [OLD]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CrmError) as refused:
        replace_file(tmp_path / "no" / "book.xlsx", put_new)
    assert refused.value.key == "file.missing"


def count_of_calls(book: Path) -> int:
    with injected(under=str(book.parent)) as faults:
        replace_file(book, put_new, expect_sha256=sha256_of(book))
    assert {"os.fsync", "os.renameat2", "file.write", "os.open"} <= set(faults.calls)
    book.write_bytes(OLD)
    return len(faults.calls)


@posix
@pytest.mark.parametrize("error", ERRORS, ids=lambda code: errno.errorcode[code])
def test_every_fault_leaves_the_old_file_or_the_whole_new_one(
    book: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    monkeypatch.setattr("xlcrm.files.replace._MINUTE", 0.0)
    for at in range(1, count_of_calls(book) + 1):
        book.write_bytes(OLD)
        try:
            with injected(at, error, under=str(book.parent)):
                replace_file(book, put_new, expect_sha256=sha256_of(book))
        except CrmError as refused:
            assert refused.key.startswith("file."), at
            assert all(refused.text(language) != refused.key for language in LANGUAGES)
            assert book.read_bytes() == OLD, at
        else:
            # only what comes after the new file has its name, or what a disk may lack, can fail without a word
            assert book.read_bytes() == NEW, at
        clean_strays(book.parent)
        assert [path.name for path in book.parent.iterdir()] == [book.name], at


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (errno.ENOSPC, "file.disk_full"),
        (errno.EDQUOT, "file.disk_full"),
        (errno.EACCES, "file.no_permission"),
        (errno.EPERM, "file.no_permission"),
        (errno.EROFS, "file.read_only_disk"),
        (errno.EBUSY, "file.open_elsewhere"),
        (errno.ENOENT, "file.missing"),
        (errno.ENAMETOOLONG, "file.name_too_long"),
        (errno.EISDIR, "file.is_folder"),
        (errno.EIO, "file.failed"),
    ],
)
def test_each_error_has_its_sentence(book: Path, error: int, key: str) -> None:
    def write(target: Path) -> None:
        raise OSError(error, "no")

    with pytest.raises(CrmError) as refused:
        replace_file(book, write)
    assert refused.value.key == key
    assert book.name in str(refused.value)


def sharing_violation() -> PermissionError:
    fault = PermissionError(errno.EACCES, "in use")
    fault.winerror = 32  # type: ignore[attr-defined, unused-ignore]
    return fault


def test_a_file_that_is_open_for_a_moment_is_waited_for(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [sharing_violation(), sharing_violation()]
    pauses: list[float] = []
    real = os.replace

    def busy(source: Path, target: Path) -> None:
        if left:
            raise left.pop()
        real(source, target)

    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr("xlcrm.files.replace.time.sleep", pauses.append)
    replace_file(book, put_new)
    assert book.read_bytes() == NEW
    assert pauses == [0.05, 0.1]


def test_a_file_that_stays_open_is_refused(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(source: Path, target: Path) -> None:
        raise sharing_violation()

    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr("xlcrm.files.replace.time.sleep", lambda seconds: None)
    with pytest.raises(CrmError) as refused:
        replace_file(book, put_new)
    assert refused.value.key == "file.open_elsewhere"
    assert [path.read_bytes() for path in book.parent.iterdir()] == [OLD]


KILLED = """
import os, signal, sys
from pathlib import Path
from xlcrm.files.replace import replace_file
def write(target):
    target.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
replace_file(Path(sys.argv[1]), write)
"""


@posix
def test_leftovers_of_killed_runs_go_those_of_running_ones_stay(book: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(book)], check=False)
    assert book.read_bytes() == OLD
    strays = [path for path in book.parent.iterdir() if path != book]
    assert len(strays) == 1

    def write(target: Path) -> None:
        replace_file(book.with_name("other.csv"), put_new)  # a second run, while this one is at work
        assert target.exists()
        put_new(target)

    replace_file(book, write)
    assert sorted(path.name for path in book.parent.iterdir()) == [book.name, "other.csv"]


def test_a_line_is_appended_after_what_a_crash_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    append_line(path, b"one")
    path.write_bytes(path.read_bytes() + b"cut o")
    append_line(path, b"two")
    assert path.read_bytes() == b"one\ncut o\ntwo\n"


# Somebody saves between the last look at the file and the exchange.

THEIRS, LATER = b"theirs" * 500, b"later" * 700
EXCHANGES = ("system", "links", "rename")


def lacking(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """A disk that can't exchange two names ("links"), or can't even link ("rename")."""
    if way != "system":
        monkeypatch.setattr("xlcrm.files.exchange._rename", lambda *_: False)
    if way == "rename":

        def no_link(*_: object) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(os, "link", no_link)


def saving(monkeypatch: pytest.MonkeyPatch, saves: list[tuple[str, bytes]], book: Path) -> None:
    """Before each exchange somebody saves: in place, or by a rename over the file."""
    real = exchange.exchange

    def late(new: Path, target: Path, kept: Path) -> None:
        if saves:
            how, content = saves.pop(0)
            saved = book if how == "in place" else book.with_name("new")
            saved.write_bytes(content)
            saved.replace(book)
        real(new, target, kept)

    monkeypatch.setattr(exchange, "exchange", late)


@posix
@pytest.mark.parametrize("how", ["in place", "renamed"])
@pytest.mark.parametrize("way", EXCHANGES[:2])
def test_what_is_saved_in_the_last_moment_stays(
    book: Path, monkeypatch: pytest.MonkeyPatch, way: str, how: str
) -> None:
    lacking(monkeypatch, way)
    saving(monkeypatch, [(how, THEIRS)], book)
    with pytest.raises(CrmError) as refused:
        replace_file(book, put_new, expect_sha256=sha256_of(book))
    assert refused.value.key == "file.changed"
    assert {path.name: path.read_bytes() for path in book.parent.iterdir()} == {book.name: THEIRS}


@posix
@pytest.mark.parametrize("way", EXCHANGES[:2])
def test_saved_twice_meanwhile_both_stay(book: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    lacking(monkeypatch, way)
    saving(monkeypatch, [("renamed", THEIRS), ("renamed", LATER)], book)
    with pytest.raises(CrmError):
        replace_file(book, put_new, expect_sha256=sha256_of(book))
    left = {path.name: path.read_bytes() for path in book.parent.iterdir()}
    assert left == {book.name: LATER, "Client File (2).xlsm": THEIRS}


@posix
@pytest.mark.parametrize("way", EXCHANGES)
def test_every_disk_gets_the_new_file(book: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    lacking(monkeypatch, way)
    replace_file(book, put_new, expect_sha256=sha256_of(book))
    assert {path.name: path.read_bytes() for path in book.parent.iterdir()} == {book.name: NEW}


@posix
@pytest.mark.parametrize("way", EXCHANGES)
def test_a_name_that_somebody_took_meanwhile_is_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    lacking(monkeypatch, way)
    path = tmp_path / "backup.xlsm"

    def write(target: Path) -> None:
        put_new(target)
        path.write_bytes(THEIRS)

    with pytest.raises(CrmError) as refused:
        replace_file(path, write, expect_sha256="")
    assert refused.value.key == "file.changed"
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {path.name: THEIRS}
    path.unlink()
    replace_file(path, put_new, expect_sha256="")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {path.name: NEW}


KEPT_CASES = [
    ("known", OLD, NEW, {"Client File.xlsm": NEW}, "what was read before has its backup"),
    ("not yet exchanged", NEW, OLD, {"Client File.xlsm": OLD}, "killed before the exchange: ours goes"),
    ("somebody's", THEIRS, NEW, {"Client File.xlsm": NEW, "Client File (2).xlsm": THEIRS}, "nobody else has it"),
]


@posix
@pytest.mark.parametrize(("what", "kept", "held", "left", "why"), KEPT_CASES, ids=[case[0] for case in KEPT_CASES])
def test_what_a_kill_after_the_exchange_leaves(
    book: Path, monkeypatch: pytest.MonkeyPatch, what: str, kept: bytes, held: bytes, left: dict[str, bytes], why: str
) -> None:
    stray = exchange._kept_name(book, sha256_of(book))
    stray.write_bytes(kept)
    book.write_bytes(held)
    assert clean_strays(book.parent) == 0, "a living run may be looking at it"
    monkeypatch.setattr("xlcrm.files.replace._MINUTE", 0.0)
    assert clean_strays(book.parent) == 1
    assert {path.name: path.read_bytes() for path in book.parent.iterdir()} == left, why
