"""Progress of forgetting: a hidden note beside the backups that says whom, and how far it has come, until all is done.

A run that is killed leaves it; the next run of any kind ends what was begun. It holds numbers of clients, never data,
and goes last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from xlcrm.backups import belonging
from xlcrm.backups.store import Store
from xlcrm.files.durable import flush_folder, make_folder
from xlcrm.files.replace import replace_bytes
from xlcrm.os_errors import refusing


@dataclass(frozen=True)
class ForgetProgress:
    """Whom a run forgets and how far it has come.

    backup  the name of the backup that it took: the last that still tells whose traces to look for
    doing   the backup that is written anew at the moment, and the checksum it will have
    """

    clients: tuple[str, ...]
    people: tuple[str, ...]
    deals: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    keep_invoices: bool = False
    everywhere: bool = False
    backup: str = ""
    doing: tuple[str, str] = ("", "")
    documents: tuple[str, ...] = ()


def note_of(store: Store) -> Path:
    """Where the note is: under the store's label, or under the one that the workbook had before its first change."""
    before = belonging.label(store.folder, store.book.stem, "").forgetting
    return before if before.exists() and not store.label.forgetting.exists() else store.label.forgetting


def begun(store: Store) -> ForgetProgress | None:
    """What the note says, None where there is none. One that can't be read says nothing."""
    with suppress(OSError, ValueError, TypeError):
        found: Mapping[str, object] = json.loads(note_of(store).read_text(encoding="utf-8"))
        told = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
        return ForgetProgress(**told)  # type: ignore[arg-type]
    return None


def keep(store: Store, progress: ForgetProgress) -> None:
    """Write the note, on the disk when it returns."""
    path = note_of(store)
    with refusing(path):
        make_folder(path.parent)
        content = json.dumps(asdict(progress), ensure_ascii=False).encode()
        replace_bytes(path, content)


def end(store: Store) -> None:
    """Take the note away."""
    path = note_of(store)
    with refusing(path):
        path.unlink(missing_ok=True)
        flush_folder(path.parent)
