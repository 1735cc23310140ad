"""The list of backups as a person wants it: newest first, each with what changed in it since the one before."""

from __future__ import annotations

from xlcrm import messages
from xlcrm.backups.differences import differences
from xlcrm.backups.store import Backup, Store
from xlcrm.errors import CrmError
from xlcrm.xlsx.reading import read_tables


def history(store: Store, language: str, *, newest: int = 10) -> list[tuple[Backup, str]]:
    """Every backup, newest first, with a sentence about what changed since the one before it ("" for the first taken).

    Only the `newest` are read and compared, because each comparison reads two workbooks; the others say so, unless
    their checksums show that nothing changed. A backup that can't be read says so instead of hiding the others.
    """
    everything = store.backups()[::-1]
    older = [*everything[1:], None][: len(everything)]
    return [
        (made, _changed(store, before, made, language, compare=place < newest) if before else "")
        for place, (made, before) in enumerate(zip(everything, older, strict=True))
    ]


def _changed(store: Store, before: Backup, after: Backup, language: str, *, compare: bool) -> str:
    if before.sha256 and before.sha256 == after.sha256:
        return messages.text("backup.same", language)
    if not compare:
        return messages.text("backup.not_compared", language)
    try:
        with store.opened(before) as old, store.opened(after) as new:
            notes = [found.note() for found in differences(read_tables.read(old), read_tables.read(new))]
    except CrmError as fault:
        return fault.text(language)
    told = "; ".join(messages.text(key, language, **values) for key, values in notes)
    return told or messages.text("backup.no_rows", language)
