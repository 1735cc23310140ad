"""Tells whether two backups hold the same workbook, and lets equal ones share their bytes to save the disk."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.durable import sha256_of
from xlcrm.files.replace import PREFIX, SUFFIX

if TYPE_CHECKING:
    from xlcrm.backups.store import Backup


def equal(last: Backup, new: Backup, password: str) -> str:
    """The checksum of `last` where it is intact and holds what `new` holds, else ""."""
    if not last.sha256 or last.path.suffix != new.path.suffix or not _is_intact(last):
        return ""
    if last.sha256 == new.sha256:
        return last.sha256
    if password and encryption.is_encrypted(last.path) and encryption.is_encrypted(new.path):
        with suppress(CrmError):
            if encryption.decrypt(last.path, password) == encryption.decrypt(new.path, password):
                return last.sha256
    return ""


def share(last: Backup, new: Backup, sha256: str) -> str:
    """Makes `new` a second name of the file of `last`; the checksum of what `new` is then."""
    temporary = new.path.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    try:
        os.link(last.path, temporary)
        temporary.replace(new.path)
    except OSError:
        # a disk without links (exFAT, some network drives): the copy stays
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        return new.sha256
    return sha256


def _is_intact(backup: Backup) -> bool:
    try:
        return sha256_of(backup.path) == backup.sha256
    except OSError:
        return False
