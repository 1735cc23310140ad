"""Folders outside a workbook's own that this computer's user has allowed for its backups; remembered for each user.

The sheet Settings comes with the workbook, from whoever made it: where it names a folder elsewhere ("../..", "~/.ssh",
"//server/share"), files would be written there, and a server asked with the user's name, before anybody was asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files.durable import append_line, make_folder
from xlcrm.os_errors import refusing

_SERVERS = ("//", "\\\\")


def memory(system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file that remembers, a folder a line; None where this computer has no place for it."""
    homes = {
        "win32": (("APPDATA", ""),),
        "darwin": (("HOME", "Library/Application Support"),),
    }.get(system, (("XDG_CONFIG_HOME", ""), ("HOME", ".config")))
    for name, below in homes:
        if environment.get(name):
            return Path(environment[name]) / below / "xlcrm" / "backup folders.txt"
    return None


def refuse_unless_allowed(book: Path, folder: str, remembered: Path | None) -> None:
    """CrmError "backup.folder_outside" where `folder` (as Settings names it) is neither below its own nor allowed.

    A server's folder is not looked at before it is allowed.
    """
    if not folder or not is_outside(book, folder):
        return
    meant = _whole(book, folder)
    known = [Path(line) for line in _lines(remembered)]
    if not any(meant == place or place in meant.parents for place in known):
        raise CrmError("backup.folder_outside", name=book.name, folder=str(meant), book=str(book))


def allow(book: Path, folder: str, remembered: Path | None) -> Path:
    """Remembers that backups may go to `folder`; the folder, made absolute."""
    meant = _whole(book, folder)
    if remembered is None:
        raise CrmError("backup.folder_unremembered", folder=str(meant))
    with refusing(remembered):
        make_folder(remembered.parent)
        append_line(remembered, os.fsencode(meant))
    return meant


def is_outside(book: Path, folder: str) -> bool:
    """Whether a folder as Settings names it is not below the workbook's own."""
    if folder.startswith(_SERVERS):
        return True
    own = Path(os.path.realpath(book)).parent
    return own != (meant := _whole(book, folder)) and own not in meant.parents


def _whole(book: Path, folder: str) -> Path:
    """The folder, absolute and with links followed; a server's as it is written."""
    if folder.startswith(_SERVERS):
        return Path(folder)
    try:
        return Path(os.path.realpath(Path(os.path.realpath(book)).parent / Path(folder).expanduser()))
    except RuntimeError:  # a user whom this computer doesn't have
        raise CrmError("file.missing", name=folder, folder=str(book.parent)) from None


def _lines(remembered: Path | None) -> list[str]:
    if remembered is None:
        return []
    try:
        return [os.fsdecode(line) for line in remembered.read_bytes().splitlines() if line]
    except OSError:
        return []
