"""The list of backups as a person wants it: newest first, each with what changed in it since the one before."""

from __future__ import annotations

from xlcrm import messages
from xlcrm.adapters import snapshot
from xlcrm.adapters.store import Backup, Store
from xlcrm.backups.differences import differences
from xlcrm.errors import CrmError


def history(store: Store, language: str, *, newest: int = 10) -> list[tuple[Backup, str]]:
    """Every backup, newest first, with a sentence about what changed since the one before it ("" where nothing did).

    Only the `newest` are read and compared, because each comparison reads two workbooks; a backup that can't be read
    says so instead of hiding the others.
    """
    everything = store.backups()[::-1]
    older = [*everything[1:], None]
    return [
        (made, _changed(store, before, made, language) if place < newest and before else "")
        for place, (made, before) in enumerate(zip(everything, older, strict=True))
    ]


def _changed(store: Store, before: Backup, after: Backup, language: str) -> str:
    if before.sha256 and before.sha256 == after.sha256:
        return ""
    try:
        with store.opened(before) as old, store.opened(after) as new:
            notes = [found.note() for found in differences(snapshot.read(old), snapshot.read(new))]
    except CrmError as fault:
        return fault.text(language)
    return "; ".join(messages.text(key, language, **values) for key, values in notes)
