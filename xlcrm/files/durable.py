"""Durable writing: flush files and folders to the disk (fsync) and read their SHA-256 back."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from pathlib import Path

# network file systems that cannot flush a folder say so with one of these
_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM})


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, as 64 lower-case hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush_descriptor(descriptor: int) -> None:
    """fsync; on macOS also the drive's own cache, which its fsync leaves alone."""
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
        else:
            return
    os.fsync(descriptor)


def flush_file(path: Path) -> None:
    """Returns when the bytes of `path` are on the disk."""
    # Windows flushes only descriptors that may write
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        flush_descriptor(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Returns when the names in `folder` are on the disk. Does nothing where a system has no such thing (Windows)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it that aren't there; returns when the names of the new ones are on the disk."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        flush_folder(place.parent)
    if not missing:
        folder.mkdir(exist_ok=True)


def read_back(path: Path) -> str:
    """The SHA-256 of a flushed file, read from the disk itself where the system lets go of its own copy (Linux)."""
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
    return sha256_of(path)


def append_line(path: Path, line: bytes) -> None:
    """Puts a line at the end of a text file and returns when it is on the disk; makes the file if it isn't there.

    What a killed run left of a line gets its line end first, so that it spoils no other.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size:
            os.lseek(descriptor, size - 1, os.SEEK_SET)
            if os.read(descriptor, 1) != b"\n":
                line = b"\n" + line
        left = memoryview(line + b"\n")
        while left:
            left = left[os.write(descriptor, left) :]
        flush_descriptor(descriptor)
    finally:
        os.close(descriptor)
    if not size:
        flush_folder(path.parent)
