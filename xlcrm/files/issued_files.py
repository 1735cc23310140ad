"""Files of issued documents: written hidden beside their place before a number is taken, renamed once it stands.

So a number that is on record always has its file on the disk, whole, and no file has its name before the workbook
lists it. A file that somebody else put there is never written over: then no number is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.files.durable import flush_file, flush_folder, make_folder, sha256_of
from xlcrm.os_errors import refusing
from xlcrm.plan import Issue
from xlcrm.tables import Tables
from xlcrm.values import as_text

_ENDING = ".issuing"


def stage(folder: Path, issues: Sequence[Issue]) -> None:
    """Write the files of `issues` under hidden names; CrmError "issuing.file_there" where a place is taken."""
    for issue in issues:
        if issue.file:
            _stage(place(folder, issue.file), issue)


def _stage(target: Path, issue: Issue) -> None:
    with refusing(target):
        if target.exists():
            raise CrmError("issuing.file_there", number=issue.number, file=str(target))
        make_folder(target.parent)
        hidden = hidden_name(target)
        hidden.write_bytes(issue.content)
        flush_file(hidden)
        flush_folder(hidden.parent)


def publish(folder: Path, files: Iterable[str]) -> list[Path]:
    """Give staged files their names; those that are there. One that has its name already stays."""
    found = []
    for file in files:
        target = place(folder, file)
        with refusing(target):
            hidden = hidden_name(target)
            if hidden.exists() and not target.exists():
                hidden.replace(target)
                flush_folder(target.parent)
            if target.exists():
                found.append(target)
    return found


def discard(folder: Path, issues: Iterable[Issue]) -> None:
    """Take staged files away again: nothing was issued."""
    for issue in issues:
        if issue.file:
            with suppress(OSError):
                hidden_name(place(folder, issue.file)).unlink(missing_ok=True)


def checksums(folder: Path, tables: Tables) -> dict[str, str]:
    """The files that the table Documents names, with the SHA-256 of what is there, "" where there is none.

    What can't be read just now is left out: that is no loss of a document.
    """
    if "Documents" not in tables or "file" not in tables["Documents"].frame:
        return {}
    found, frame = {}, tables["Documents"].frame
    named = pd.concat([as_text(frame[column]).str.strip() for column in ("file", "einvoice") if column in frame])
    for file in sorted(set(named) - {""}):
        with suppress(OSError, CrmError):
            target = place(folder, file)
            found[file] = sha256_of(target) if target.is_file() else ""
    return found


def place(folder: Path, file: str) -> Path:
    """The path of a document's file; CrmError "issuing.file_outside" where it is not below the workbook's folder."""
    parts = file.replace("\\", "/").split("/")
    if not file or ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise CrmError("issuing.file_outside", file=file)
    return folder.joinpath(*parts)


def hidden_name(target: Path) -> Path:
    """Where a file waits for its name."""
    return target.with_name(f".{target.name}{_ENDING}")
