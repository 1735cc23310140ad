"""Whose backups: finds the store that belongs to a workbook, by its identity, and tells those of others apart.

A store is a list of checksums and a journal, both named "<label> ..." in a folder. The label of a workbook with an
identity ends in it ("ClientFile 4f1c22a09b7e55aa"), so that no damage to a file's bytes can make it another's. One
without a label of its own kind ("ClientFile") is of a workbook that has no identity yet, or of an earlier version.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xlcrm.backups.conflict_copies import is_named_so
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.xlsx import identity
from xlcrm.xlsx.reading import read_tables

LIST, JOURNAL, MEMORY = " checksums.sha256", " journal.jsonl", " imports.json"
TOLD, FORGOTTEN, FORGETTING = " upgrade.txt", " forgotten.csv", " forgetting.json"
NIGHTS = " nights.json"
_LABEL = re.compile(rf"(?P<stem>.*) (?P<identity>{identity.PATTERN})", re.DOTALL)
Clients = frozenset[tuple[str, str]]


class Label(NamedTuple):
    """What the files of a store begin with, and the folder they are in. `identity` is "" where it has none."""

    folder: Path
    text: str

    @property
    def identity(self) -> str:
        """The identity in the label."""
        found = _LABEL.fullmatch(self.text)
        return found["identity"] if found else ""

    @property
    def stem(self) -> str:
        """The name of the workbook when the store was made, without its suffix."""
        found = _LABEL.fullmatch(self.text)
        return found["stem"] if found else self.text

    @property
    def list(self) -> Path:
        """The list of checksums."""
        return self.folder / f"{self.text}{LIST}"

    @property
    def journal(self) -> Path:
        """The journal."""
        return self.folder / f"{self.text}{JOURNAL}"

    @property
    def memory(self) -> Path:
        """What the user said about lists that were imported."""
        return self.folder / f"{self.text}{MEMORY}"

    @property
    def told(self) -> Path:
        """What the user was told that the workbook lacks of later versions."""
        return self.folder / f"{self.text}{TOLD}"

    @property
    def nights(self) -> Path:
        """When a night was last done by itself, and which lists of the inbox were taken in: checksums alone."""
        return self.folder / f"{self.text}{NIGHTS}"

    @property
    def forgotten(self) -> Path:
        """The rows of the table Forgotten once more, for a workbook that was set back: hashes alone."""
        return self.folder / f"{self.text}{FORGOTTEN}"

    @property
    def forgetting(self) -> Path:
        """How far a run has come that takes a client out of everything; there only while one is at work."""
        return self.folder / f".{self.text}{FORGETTING}"

    def exists(self) -> bool:
        """Whether anything was ever kept under this label."""
        return self.list.exists() or self.journal.exists()


def label(folder: Path, stem: str, identity_: str) -> Label:
    """The label of a workbook's store, by its name and identity ("" for none)."""
    return Label(folder, f"{stem} {identity_}" if identity_ else stem)


def labels(folder: Path) -> list[Label]:
    """All stores in a folder, in the order of their names; none whose files are second versions of another's."""
    found = set()
    for path in folder.glob("*") if folder.is_dir() else ():
        for end in (LIST, JOURNAL):
            if path.name.endswith(end):
                found.add(path.name.removesuffix(end))
    ours = [Label(folder, text) for text in sorted(found)]
    known = [one.text for one in ours if one.identity]
    return [one for one in ours if not any(one.text != text and is_named_so(one.text, text) for text in known)]


def within_reach(book: Path, folder: Path, *, chosen: bool) -> Iterator[Label]:
    """The stores in a workbook's folder of backups; of the default folder also those in the folders of its neighbours,
    where a workbook that was renamed left its own."""
    yield from labels(folder)
    if not chosen:
        for other in sorted(book.parent.glob("* backups")):
            if other != folder:
                yield from labels(other)


def of_file(path: Path, password: str = "") -> str | None:
    """The identity of a workbook file, "" where it has none; None where nobody can read it."""
    try:
        with encryption.readable(path, password) as plain:
            return identity.of_file(plain)
    except (CrmError, OSError):
        return None


def relative(book: Path, folder: Path) -> str:
    """Where a workbook is, seen from its folder of backups: the same on every machine that has both on one drive."""
    try:
        return Path(os.path.relpath(book, folder)).as_posix()
    except ValueError:  # another drive (Windows)
        return book.as_posix()


def is_elsewhere(book: Path, folder: Path, place: str, identity_: str, password: str) -> bool:
    """Whether the workbook of a store is another file than `book`, which then is a copy of it.

    `place` is what the store has on record. A file that isn't there was moved or renamed; one with another identity is
    another workbook that came to the old name. One that can't be read is taken for the workbook: better two stores than
    one for two.
    """
    there = folder / place if place else book
    try:
        if not place or not there.exists() or (book.exists() and there.samefile(book)):
            return False
    except OSError:
        return False
    return of_file(there, password) in (identity_, None)


def is_beside(book: Path, identity_: str, password: str) -> bool:
    """Whether a workbook of this identity is in the folder of `book` under another name."""
    others = (path for path in book.parent.glob("*.xls[xm]") if path.name != book.name and path.is_file())
    return any(of_file(path, password) == identity_ for path in others)


# Where nothing else tells: two states of one workbook have many clients in common, two workbooks hardly any.


def clients_of(tables: Tables) -> Clients | None:
    """Who is in a workbook: numbers with names; None where it has no client list."""
    if "Clients" not in tables:
        return None
    frame = tables["Clients"].frame
    columns = [c for c in ("client_id", "full_name", "company") if c in frame]
    rows = zip(*(map(text_of, frame[c].to_list()) for c in columns), strict=True)
    return frozenset((row[0], " ".join(row[1:])) for row in rows if any(row))


def clients_in(path: Path, password: str) -> Clients | None:
    """As `clients_of` a file; None also where it can't be read."""
    try:
        with encryption.readable(path, password) as plain:
            return clients_of(read_tables.read(plain))
    except (CrmError, OSError):
        return None


def alike(one: Clients, other: Clients) -> bool:
    """Whether at least half of the clients of the smaller are in the other."""
    return 2 * len(one & other) >= min(len(one), len(other)) > 0


@dataclass
class Likeness:
    """Tells which of several files, newest first, are states of one workbook: each is held against the one after it.

    held  who is in the workbook now; None where that can't be read: then the first file decides
    """

    held: Clients | None

    def takes(self, there: Clients | None) -> bool:
        """Whether the next file is one of them. One without clients, or that nobody can read, is nobody else's."""
        if not there:
            return True
        if self.held is not None and not alike(there, self.held):
            return False
        self.held = there
        return True
