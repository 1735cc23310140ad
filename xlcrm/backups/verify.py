"""Verify the backups: re-read every one and compare it with its recorded SHA-256 and as a workbook."""

from __future__ import annotations

from collections.abc import Callable

from xlcrm.backups import checksums, names
from xlcrm.backups.store import Backup, Store, is_whole
from xlcrm.files.durable import read_back
from xlcrm.forgetting import forget_progress
from xlcrm.problems import Problem


def verify(store: Store, *, each: Callable[[Backup], None] = lambda backup: None) -> list[Problem]:
    """What is wrong with the backups of a workbook; an empty list where every byte is as it was written.

    backup.changed    its bytes are not those that were written (error)
    backup.unreadable the disk or a permission keeps it from being read (error)
    backup.unlisted   no checksum is on record; it was read through and is a whole workbook (note)
    backup.broken     no checksum is on record, and it is no whole workbook (error)
    backup.gone       a checksum is on record, the file isn't there (doubt: a person may have removed it)

    `each` is called before a backup is read, for a progress bar.
    """
    found = []
    backups = store.backups()
    progress = forget_progress.begun(store)
    doing = progress.doing if progress else ("", "")
    for backup in backups:
        each(backup)
        if (code := _fault(backup)) and not _is_on_the_way(backup, doing):
            found.append(_problem(code, backup.name, "note" if code == "backup.unlisted" else "error"))
    there = {backup.name for backup in backups}
    for name in checksums.read(store.index):
        # the end of a line may be torn off, and of its name
        if name not in there and names.take_apart(name) and not (store.folder / name).exists():
            found.append(_problem("backup.gone", name, "doubt"))
    return found


def _is_on_the_way(backup: Backup, doing: tuple[str, str]) -> bool:
    """Whether the backup was just written anew, and the next run gives it its checksum."""
    return backup.name == doing[0] and read_back(backup.path) == doing[1]


def _fault(backup: Backup) -> str:
    try:
        if backup.sha256:
            return "" if read_back(backup.path) == backup.sha256 else "backup.changed"
        return "backup.unlisted" if is_whole(backup.path) else "backup.broken"
    except OSError:
        return "backup.unreadable"


def _problem(code: str, name: str, level: str) -> Problem:
    return Problem(code, value=name, level=level)
