"""Modes of the files and folders that a run makes: at most as open to others as the workbook that they are about.

A workbook that only its owner may read has backups, journal, lists and temporary files that only they may read, from
the first byte on. Windows has no such modes: there a file is as open as its folder.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_GROUP, _FILE = 0o070, 0o666
_allowed_now: list[int] = []  # of the blocks that are open


@contextmanager
def as_open_as(like: Path) -> Iterator[None]:
    """What the process makes in the block is at most as open as `like`; as ever where that isn't there."""
    allowed = _allowed(like)
    if allowed is None:
        yield
        return
    before = os.umask(0o077)
    os.umask(before | (0o777 & ~allowed))
    _allowed_now.append(allowed)
    try:
        yield
    finally:
        os.umask(before)
        _allowed_now.pop()


def new_file() -> int:
    """The mode that a new file gets now, for programs that want to be told it."""
    if sys.platform == "win32":
        return _FILE
    mask = os.umask(0o077)
    os.umask(mask)
    return _FILE & ~mask


def new_lock() -> int:
    """The mode of a new lock file: as open as the workbook whatever the umask, for who may write it must lock it."""
    return _FILE & _allowed_now[-1] if _allowed_now else _FILE


def settle(paths: Iterable[Path], like: Path) -> None:
    """Takes from files and folders of earlier runs, made before `like` was closed to others, what is too open.

    Each gets the group of `like` where the system lets us; where not, what its own group may is taken away.
    """
    allowed = _allowed(like)
    if allowed is not None:
        group = like.stat().st_gid
        for path in paths:
            with suppress(OSError):
                _settle(path, allowed, group)


def _settle(path: Path, allowed: int, group: int) -> None:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return
    if found.st_gid != group:
        try:
            os.chown(path, -1, group)
        except OSError:
            allowed &= ~_GROUP
    mode = stat.S_IMODE(found.st_mode)
    if mode & ~allowed & 0o777:
        path.chmod(mode & (allowed | ~0o777))


def _allowed(like: Path) -> int | None:
    """The bits that a folder beside `like` may have: who may read may look inside; a file has fewer."""
    if sys.platform == "win32":
        return None
    try:
        mode = like.stat().st_mode & _FILE
    except OSError:
        return None
    return mode | (mode & 0o444) >> 2 | stat.S_IRWXU
