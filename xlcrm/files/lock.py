"""Lock for one writer at a time: two runs that read the same rows and write in turn would lose one's work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from xlcrm.errors import CrmError
from xlcrm.files import modes
from xlcrm.files.durable import make_folder
from xlcrm.os_errors import refusing


def _nobody() -> None:
    """Nobody is told of the wait."""


@contextmanager
def one_writer(
    book: Path, folder: Path, *, wait: float = 15.0, on_wait: Callable[[], None] = _nobody, what: str = ""
) -> Iterator[None]:
    """Holds the right to write `book` for the block. The lock is a file in `folder`, which is made if it isn't there.

    wait     seconds to wait for another run before CrmError "lock.busy"; 0: "lock.busy_now" at once
    on_wait  called once when the wait begins, to tell the user (message "lock.waiting")
    what     for another right than that to write, which holds beside it: " night"

    The system frees the lock when a run ends, however it ends. The lock file itself stays.
    """
    with refusing(folder):
        make_folder(folder)
    path = lock_path(book, folder, what)
    lock = filelock.FileLock(path, mode=modes.new_lock())
    with refusing(path):
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            if not wait:
                raise CrmError("lock.busy_now", name=book.name) from None
            on_wait()
            try:
                lock.acquire(timeout=wait)
            except filelock.Timeout:
                raise CrmError("lock.busy", name=book.name, seconds=round(wait)) from None
    try:
        yield
    finally:
        lock.release()


def lock_path(book: Path, folder: Path, what: str = "") -> Path:
    """The lock file of a workbook; the stem keeps several workbooks with one backup folder apart."""
    return folder / f".{book.stem}{what}.lock"
