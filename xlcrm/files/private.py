"""A private file that only this run can read, for what must never lie about unlocked, even after a kill.

On Linux it is memory behind a name, which the system frees when the run ends, however it ends. Elsewhere it is a file
in a folder of the user's own, removed at the end, and by the next run where this one is killed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

PREFIX = "xlcrm-private-"
_LOCK = "in use.lock"


@contextmanager
def private_file(name: str, content: bytes = b"") -> Iterator[Path]:
    """A path named `name` that holds `content` for the block; it may be read and written as any file."""
    clean_strays()
    folder, lock = _claimed()
    path = folder / name
    memory = -1
    try:
        memory = _in_memory(path)
        if memory < 0:
            path.touch(mode=0o600)
        path.write_bytes(content)
        yield path
    finally:
        if memory >= 0:
            os.close(memory)
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _claimed() -> tuple[Path, filelock.BaseFileLock]:
    """A new folder with its lock taken. Another run may take it for a stray in the moment before it is locked."""
    for _ in range(20):
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = filelock.FileLock(folder / _LOCK, mode=0o600)
        with suppress(FileNotFoundError):
            lock.acquire()
            if (folder / _LOCK).exists():
                return folder, lock
            lock.release()
    raise FileNotFoundError(folder)


def clean_strays() -> int:
    """Removes what killed runs of this user left; how many. What a living run uses stays."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = filelock.FileLock(folder / _LOCK, timeout=0)
        with suppress(OSError, filelock.Timeout):
            # a folder without its lock was made a moment ago
            if (folder / _LOCK).exists():
                with lock:
                    shutil.rmtree(folder, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)  # Windows keeps a file that is locked
                removed += 1
    return removed


def _in_memory(path: Path) -> int:
    """Makes `path` a name for a piece of memory; its descriptor, -1 where the system has no such thing."""
    if not hasattr(os, "memfd_create"):
        return -1
    with suppress(OSError):
        memory = os.memfd_create("xlcrm")
        path.symlink_to(f"/proc/{os.getpid()}/fd/{memory}")
        if path.exists():
            return memory
        os.close(memory)
        path.unlink()
    return -1
