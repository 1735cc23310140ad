"""Who has a workbook open elsewhere (owner files of Excel and LibreOffice), and conflict copies of sync programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from xlcrm.text import composed

# the word for conflict in the languages of Dropbox, Nextcloud, Seafile, Syncthing, Google Drive and Resilio
_CONFLICT = re.compile(r"conflict|conflit|konflikt|motstrid", re.IGNORECASE)
# a number as iCloud and browsers add it: "ClientFile 2", "ClientFile (1)"
_NUMBERED = re.compile(r" [2-9]| ?\(\d{1,2}\)")
# a computer's name as OneDrive adds it: "ClientFile-DESKTOP-7AB12CD", "ClientFile-Ann's MacBook Pro-2"
_COMPUTER = re.compile(r"-(?=[^a-z]*[A-Z])[A-Z0-9][A-Z0-9-]{2,}(-\d+)?|-.*\b(MacBook|iMac|Mac mini|PC|Laptop)\b.*")

_LONGEST_NAME = 54  # what Excel leaves room for


class Owner(NamedTuple):
    """A program that says it has the workbook open. `who` is the user's name, "" where the file doesn't say."""

    who: str
    program: str


def owners(book: Path) -> list[Owner]:
    """Who has `book` open, by the owner files that Excel (`~$Name`) and LibreOffice (`.~lock.Name#`) leave beside it.

    A crash leaves the file behind, so this is worth a warning and no more.
    """
    found = []
    for path, program, name_in in (
        (book.with_name(f"~${book.name}"), "Excel", _excel_name),
        (book.with_name(f".~lock.{book.name}#"), "LibreOffice", _libreoffice_name),
    ):
        try:
            found.append(Owner(_printable(name_in(path.read_bytes())), program))
        except PermissionError:
            # Windows lets nobody read the owner file while Excel runs: it is there, and that is what counts
            found.append(Owner("", program))
        except OSError:
            continue  # not there, or a name longer than the disk takes, so that it can't be there
    return found


def conflict_copies(book: Path) -> list[Path]:
    """Files beside `book` that look like a second version of it made by a sync program, in the order of their names."""
    stem = composed(book.stem)
    found = []
    try:
        there = list(book.parent.iterdir())
    except OSError:
        return []  # a folder that nobody may list, or that is gone: whoever opens the workbook says so
    for path in there:
        name = composed(path.name)
        if name == composed(book.name) or not name.startswith(stem) or path.name.startswith(("~", ".")):
            continue
        rest = name.removeprefix(stem)
        if rest.lower().endswith(book.suffix.lower()):
            rest = rest[: -len(book.suffix)] if book.suffix else rest
            if _CONFLICT.search(rest) or _NUMBERED.fullmatch(rest) or _COMPUTER.fullmatch(rest):
                found.append(path)
    return sorted(found)


def _printable(name: str) -> str:
    # half a file, or one that no office program wrote: better no name than a line break or a row of signs
    return name if name.isprintable() and len(name) <= _LONGEST_NAME else ""


def _excel_name(content: bytes) -> str:
    """Length and name in the system's code page, padded to 55 bytes, then length and name in UTF-16 (as files show)."""
    if len(content) > 57:
        length = int.from_bytes(content[55:57], "little")
        wide = content[57 : 57 + 2 * length].decode("utf-16-le", "replace").strip("\0 ")
        if _printable(wide):
            return wide
    return content[1 : 1 + content[0]].decode("cp1252", "replace").strip("\0 ") if content else ""


def _libreoffice_name(content: bytes) -> str:
    """`name,login,computer,date,profile;` - the name where the user typed one into the options, else the login."""
    fields = content.decode("utf-8", "replace").split(",")
    return next((field.strip() for field in fields[:2] if field.strip()), "")
