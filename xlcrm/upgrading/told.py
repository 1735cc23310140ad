"""What was told already: that a workbook is an older one is said once for what it lacks, not at every run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from xlcrm.backups.store import Store
from xlcrm.upgrading.lacking import Lacking


def untold(store: Store, found: Lacking) -> Lacking:
    """Of what a workbook lacks, what its user has not been told of; notes beside the backups that they are told now.

    Where the note can't be read or written, they are told again: nothing depends on it.
    """
    path = store.label.told
    with suppress(OSError, ValueError):
        known = set(_read(path))
        columns = {
            table: news
            for table, names in found.columns.items()
            if (news := tuple(name for name in names if f"{table}.{name}" not in known))
        }
        fresh = Lacking(tuple(name for name in found.tables if name not in known), columns)
        if fresh and path.parent.is_dir():
            path.write_text("\n".join(sorted(known | set(_names(fresh)))) + "\n", encoding="utf-8")
        return fresh
    return found


def _names(found: Lacking) -> Iterator[str]:
    yield from found.tables
    yield from (f"{table}.{name}" for table, names in found.columns.items() for name in names)


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path.is_file() else []
