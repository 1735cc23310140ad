"""What was told already: that a workbook is an older one is said once for what it lacks, not at every run."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from xlcrm.backups.store import Store
from xlcrm.upgrading.lacking import Lacking


def told_before(store: Store, found: Lacking) -> bool:
    """Whether a workbook's user has been told of all this; notes beside the backups that they are told now.

    Where the note can't be read or written, they are told again: nothing depends on it.
    """
    path = _path(store)
    names = {*found.tables, *(f"{table}.{column}" for table, columns in found.columns.items() for column in columns)}
    with suppress(OSError, ValueError):
        if names <= (known := set(_read(path))):
            return True
        if path.parent.is_dir():
            path.write_text("\n".join(sorted(known | names)) + "\n", encoding="utf-8")
            path.chmod(store.book.stat().st_mode & 0o666)
    return False


def _path(store: Store) -> Path:
    return store.folder / f"{store.book.stem} upgrade.txt"


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path.is_file() else []
