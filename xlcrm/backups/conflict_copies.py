"""Conflict copies: second versions of a workbook that sync programs, Excel or a copying person left beside it.

A file is one where its name is the workbook's with what a program adds (the table FORMS), and where nothing that it
holds speaks against it: another identity, or no client list, makes it another workbook. Only files whose name fits are
opened, so that a look costs one listing of the folder.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.replace import replace_bytes
from xlcrm.text import composed
from xlcrm.xlsx.identity import of_root
from xlcrm.xlsx.workbook import open_workbook


class NameForm(NamedTuple):
    """A form of names: a pattern for the whole name without its suffix, {name} for the workbook's, and who makes it."""

    pattern: str
    why: str


_CONFLICTED = "conflict(?:ed)?|conflitto|conflicto|conflit|konflikt|motstridende"
_COPY = "copy|copia|kopi|copie|kopie"
FORMS = (
    NameForm(
        rf"{{name}} ?[(\[][^()\[\]]*\b(?:sf)?(?:{_CONFLICTED})\b[^()\[\]]*[)\]](?: ?\(\d+\))?",
        "Dropbox, Nextcloud, Seafile, Insync and pCloud: the word for conflict in brackets, with a name and a day",
    ),
    NameForm(r"{name} ?\(case clash [^()]*\)", "Nextcloud, where two names differ in case alone"),
    NameForm(rf"{{name}}-.*\b(?:{_CONFLICTED}) (?:{_COPY})\b.*", "Excel, after an upload that failed"),
    NameForm(r"{name}\.sync-conflict-\d{8}-\d{6}(?:-\w+)?", "Syncthing"),
    NameForm(rf"{{name}}[._](?:.*_)?(?:{_CONFLICTED})(?:[-_]\d[\d-]*)?", "Resilio, ownCloud and Synology Drive"),
    NameForm(r"{name} (?:1|[2-9])", "iCloud from 2, OneDrive on the web from 1"),
    NameForm(r"{name} ?\(\d{1,2}\)", "Google Drive, browsers and mail programs: a number"),
    NameForm(
        r"{name}-(?:desktop|laptop|win|pc)-\w+(?:-\d+)?|{name}-[\w-]+-(?:pc|laptop|desktop|mac)(?:-\d+)?",
        "OneDrive adds the computer's name: those that Windows gives, and usual ones",
    ),
    NameForm(r"{name}-.*\b(?:macbook|imac|mac mini|mac-mini)\b.*", "OneDrive on a Mac"),
    NameForm(
        r"{name}-(?-i:(?=[A-Z-]*\d)(?=[\d-]*[A-Z])(?!.*(?:19|20)\d\d)[A-Z0-9-]{6,15})",
        "OneDrive: a computer's name of capitals and digits; with a year in it, it is none",
    ),
    NameForm(
        r"(?:copy of|copia di|copia de|kopi av|copie de|kopie von) {name}(?: ?\(\d+\))?",
        "Google Drive, and Excel where a file was open for reading only",
    ),
    NameForm(rf"{{name}} [-–] (?:{_COPY})(?: ?\(\d+\))?", "Windows: copied and pasted"),
    NameForm(rf"{{name}} (?:{_COPY})(?: \d{{1,2}})?", "a Mac: copied and pasted"),
)


def conflict_copies(book: Path, identity: str, password: str = "") -> list[Path]:
    """Files beside `book` that are a second version of it, in the order of their names.

    identity  the workbook's, "" where it has none: then names decide among client files, since both may have been
              forked before the first run
    """
    suffix = book.suffix.lower()
    try:
        there = sorted(book.parent.iterdir())
    except OSError:
        return []  # a folder that nobody may list, or that is gone: whoever opens the workbook says so
    named = [path for path in there if path.suffix.lower() == suffix and is_named_so(path.stem, book.stem)]
    return [path for path in named if path.is_file() and _may_be(path, identity, password)]


def versions(path: Path) -> list[Path]:
    """Second versions of another file, of a journal say, by their names alone."""
    with suppress(OSError):
        there = (other for other in sorted(path.parent.iterdir()) if other.suffix == path.suffix and other.is_file())
        return [other for other in there if is_named_so(other.stem, path.stem)]
    return []


def join_lines(path: Path, other: Path) -> None:
    """Add the lines that only the other version has, such as those of who is forgotten; ours stay as they are."""
    mine = path.read_bytes().splitlines() if path.exists() else []
    more = [line for line in other.read_bytes().splitlines() if line not in mine]
    replace_bytes(path, b"".join(line + b"\n" for line in [*mine, *more]))


def join_record(path: Path, other: Path) -> None:
    """Add what only the other version of a file of JSON has, in the record and in the records right in it.

    Where both say something ours counts. ValueError where either is no such file.
    """
    mine, theirs = _record(path) if path.exists() else {}, _record(other)
    whole = {**theirs, **mine}
    for name, part in whole.items():
        if isinstance(part, dict) and isinstance(theirs.get(name), dict):
            whole[name] = {**theirs[name], **part}
    replace_bytes(path, json.dumps(whole, ensure_ascii=False, indent=1).encode())


def _record(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_bytes())
    if not isinstance(found, dict):
        raise ValueError(path.name)
    return found


def is_named_so(stem: str, of: str) -> bool:
    """Whether a file's name, without its suffix, is one that programs give to a second version of the workbook `of`."""
    return _form(composed(of)).fullmatch(composed(stem)) is not None


@cache
def _form(stem: str) -> re.Pattern[str]:
    """All forms as one pattern for the workbook of this name."""
    parts = (form.pattern.replace("{name}", re.escape(stem)) for form in FORMS)
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE | re.DOTALL)


def _may_be(path: Path, identity: str, password: str) -> bool:
    """Whether nothing in a file speaks against its being the same workbook; what can't be read doesn't."""
    try:
        with encryption.readable(path, password) as plain:
            book = open_workbook(plain)
            with book.package:
                is_list = any(table.canonical == "Clients" for table in book.tables)
                theirs = of_root(book.root)
    except (CrmError, OSError):
        return True
    return is_list and (theirs == identity or not (theirs and identity))
