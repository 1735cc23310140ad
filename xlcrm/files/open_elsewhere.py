"""Who has a workbook open elsewhere, by the owner files of Excel and LibreOffice beside it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_LONGEST_NAME = 54  # what Excel leaves room for


class Owner(NamedTuple):
    """A program that says it has the workbook open. `who` is the user's name, "" where the file doesn't say; `file` is
    the name of the file that says so."""

    who: str
    program: str
    file: str = ""


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
            found.append(Owner(_printable(name_in(path.read_bytes())), program, path.name))
        except PermissionError:
            # Windows lets nobody read the owner file while Excel runs: it is there, and that is what counts
            found.append(Owner("", program, path.name))
        except OSError:
            continue  # not there, or a name longer than the disk takes, so that it can't be there
    return found


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
