"""Durable writing: what is flushed, in which order, that no descriptor stays open, and whose faults are told."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xlcrm.files import durable
from xlcrm.files.durable import append_line, flush_file, flush_folder, make_folder, read_back, sha256_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors and folders as POSIX has them")
UNSUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM)


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was flushed, in order."""
    names: list[str] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("names of open files are read as Linux has them")
    monkeypatch.setattr(os, "fsync", noted)
    return names


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    place = Path("/proc/self/fd")
    before = len(list(place.iterdir())) if place.exists() else 0
    yield
    assert not place.exists() or len(list(place.iterdir())) == before


def failing(code: int) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("held", "line", "left", "why"),
    [
        (None, b"one", b"one\n", "a new file"),
        (b"", b"one", b"one\n", "an empty file has no line to end"),
        (b"one\n", b"two", b"one\ntwo\n", "a whole line before it"),
        (b"o", b"two", b"o\ntwo\n", "one byte that was cut off"),
        (b"\n", b"two", b"\ntwo\n", "one byte that ends a line"),
        (b"one\nt", b"two", b"one\nt\ntwo\n", "a line end right before the last byte is not the last byte"),
        (b"a\r", b"two", b"a\r\ntwo\n", "only a line feed ends a line"),
    ],
)
def test_a_line_stands_alone(
    tmp_path: Path, flushed: list[str], held: bytes | None, line: bytes, left: bytes, why: str
) -> None:
    path = tmp_path / "journal.jsonl"
    if held is not None:
        path.write_bytes(held)
    append_line(path, line)
    assert path.read_bytes() == left, why
    assert flushed == ["journal.jsonl", *([] if held else [tmp_path.name])], "a new name is flushed with its folder"


def test_a_line_is_written_whole_by_a_slow_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:2]))
    append_line(tmp_path / "a", b"seven")
    assert (tmp_path / "a").read_bytes() == b"seven\n"


def test_a_new_list_is_as_open_as_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        append_line(tmp_path / "a", b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666


def test_a_fault_of_the_disk_closes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"x")
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(OSError):
        append_line(tmp_path / "a", b"y")
    with pytest.raises(OSError):
        flush_file(tmp_path / "a")


@pytest.mark.parametrize("code", [*UNSUPPORTED, errno.EIO, errno.ENOSPC], ids=lambda code: errno.errorcode[code])
def test_folders_that_cannot_be_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(os, "fsync", failing(code))
    if code in UNSUPPORTED:
        flush_folder(tmp_path)
    else:
        with pytest.raises(OSError):
            flush_folder(tmp_path)


def test_new_folders_are_flushed_from_above(tmp_path: Path, flushed: list[str]) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    assert flushed == [tmp_path.name, "a", "b"]
    make_folder(tmp_path / "a" / "b" / "c")
    assert flushed == [tmp_path.name, "a", "b"], "what is there is not flushed again"


def test_a_folder_that_somebody_makes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = durable.flush_folder

    def made_by_another(folder: Path) -> None:
        (tmp_path / "a" / "b").mkdir(exist_ok=True)
        real(folder)

    monkeypatch.setattr(durable, "flush_folder", made_by_another)
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_in_the_place_of_a_folder_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "a")


def test_a_file_is_read_back_from_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flushed: list[str]) -> None:
    (tmp_path / "a").write_bytes(b"content")
    if not hasattr(os, "posix_fadvise"):
        pytest.skip("this system keeps its own copy")
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda descriptor, *rest: asked.append(rest))
    assert read_back(tmp_path / "a") == sha256_of(tmp_path / "a") == hashlib.sha256(b"content").hexdigest()
    assert asked == [(0, 0, os.POSIX_FADV_DONTNEED)], "all of it, not what the system has in memory"
    flush_file(tmp_path / "a")
    assert flushed == ["a"]
