"""Cache of big tables as they were read: hidden files beside the backups, so that no sheet is parsed twice.

A file is used where its key is the one asked for and its bytes are whole; any other is as good as none. The files hold
what the workbook holds, so only their owner may read them, a locked workbook has none, and they go with the backups
that are pruned, when a client is forgotten, and when xlcrm is taken from the computer.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xlcrm.files import allowed_folders
from xlcrm.files.durable import append_line, make_folder

END = ".xlcrm-tables"
_HEAD = b"xlcrm tables 1\n"
_DIGEST = hashlib.sha256().digest_size
_ROOM = 4  # times its own size that must be free on the disk: the workbook itself comes first
_MONTH = 31 * 24 * 3600  # seconds
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class TableCache:
    """The kept tables of the workbook named `book`, in its `folder` of backups. A dry run `writes` nothing.

    `remembered` is the file that names the folders for `drop_all`; where there is none, nothing is kept.
    """

    folder: Path
    book: str
    remembered: Path | None
    writes: bool = True

    def get(self, table: str, key: str) -> bytes | None:
        """See `kept_tables.Keeper`."""
        path = self._path(table)
        with suppress(OSError):
            head, body = _parted(path.read_bytes())
            if head == _head(key, body):
                os.utime(path)
                return body
        return None

    def put(self, table: str, key: str, body: bytes) -> None:
        """See `kept_tables.Keeper`; where the disk has no room, or takes no file, there is none."""
        if not (self.writes and self.remembered and self.folder.is_dir()):
            return
        path = self._path(table)
        new = path.with_name(f"{path.stem} {os.getpid()}{END}")
        with suppress(OSError):
            if shutil.disk_usage(self.folder).free < _ROOM * len(body):
                return
            _remember(self.folder, self.remembered)
            try:
                with os.fdopen(os.open(new, _NEW, 0o600), "wb") as file:
                    file.writelines((_head(key, body), body))
                new.replace(path)
            except OSError:
                new.unlink(missing_ok=True)

    def _path(self, table: str) -> Path:
        name = hashlib.sha256(table.encode()).hexdigest()[:8]
        return self.folder / f".{self.book} {name}{END}"


def _head(key: str, body: bytes) -> bytes:
    return _HEAD + bytes.fromhex(key) + hashlib.sha256(body).digest()


def _parted(data: bytes) -> tuple[bytes, bytes]:
    size = len(_HEAD) + 2 * _DIGEST
    return data[:size], data[size:]


# Where the files are, and how they go.


def memory() -> Path | None:
    """The file that remembers this user's folders, one a line; None where this computer has no place for it."""
    beside = allowed_folders.memory()
    return beside.with_name("table cache folders.txt") if beside else None


def _remember(folder: Path, remembered: Path) -> None:
    line = os.fsencode(folder.resolve())
    if line not in _lines(remembered):
        make_folder(remembered.parent)
        append_line(remembered, line)


def drop(folder: Path, *, unused: float = 0) -> int:
    """Take the kept tables in a folder away, or those that no run used for so many seconds; how many.

    OSError where one cannot go.
    """
    found = list(folder.glob(f".*{END}")) if folder.is_dir() else []
    going = [path for path in found if not unused or path.stat().st_mtime < time.time() - unused]
    for path in going:
        path.unlink(missing_ok=True)
    return len(going)


def prune(folder: Path) -> None:
    """Take away what no run used for a month; what cannot go now goes the next time."""
    with suppress(OSError):
        drop(folder, unused=_MONTH)


def drop_all(remembered: Path | None) -> int:
    """Take away all that this user's runs kept, wherever it is, and the memory of where; how many files."""
    gone = 0
    for line in _lines(remembered) if remembered else ():
        with suppress(OSError):
            gone += drop(Path(os.fsdecode(line)))
    if remembered:
        with suppress(OSError):
            remembered.unlink(missing_ok=True)
    return gone


def _lines(remembered: Path) -> list[bytes]:
    with suppress(OSError):
        return remembered.read_bytes().splitlines()
    return []
