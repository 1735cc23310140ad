"""A client file on the disk that nobody has open: the closed counterpart of a live workbook."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.durable import flush_file, sha256_of
from xlcrm.files.private import private_file
from xlcrm.files.replace import replace_file
from xlcrm.os_errors import refusing
from xlcrm.plan import Plan
from xlcrm.tables import Tables
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan


@dataclass(eq=False)
class FileBook:
    """A workbook file; implements `Book`. `path` is where it is.

    `seen` is the checksum of the last snapshot: what `apply` expects the file still to hold, "" where none was taken.
    """

    path: Path
    seen: str = ""

    @cached_property
    def tables(self) -> Tables:
        """The workbook's tables as the file stands when they are first asked for."""
        return self.look()

    def look(self) -> Tables:
        """The workbook's tables as the file stands now."""
        return read_tables.read(self.path)

    def snapshot(self, target: Path) -> None:
        """Copy the file to `target`, byte for byte, fsynced."""
        with refusing(self.path):
            source = self.path.open("rb")
        # what goes wrong with the target is told by whoever knows what it will be called
        with source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
        flush_file(target)
        self.seen = sha256_of(target)

    def apply(self, plan: Plan, tables: Tables) -> Plan:
        """Write a plan into the file, all of it or nothing; see `xlsx.writing.apply_plan`.

        A file that is not what the snapshot was taken of is refused ("file.changed"), even where every cell that the
        plan names still matches: a row put in above would leave blank cells looking right.
        """
        done = [plan]

        def write(temporary: Path) -> None:
            done[0] = apply_plan.apply_plan(self.path, temporary, plan, tables)

        replace_file(self.path, write, expect_sha256=self.seen or sha256_of(self.path), verify=_readable)
        self.seen = ""
        return done[0]


def open(path: Path | str, password: str = "") -> FileBook:  # noqa: A001 - reads as xlcrm.open("ClientFile.xlsm")
    """A workbook file for people who script: `xlcrm.open("ClientFile.xlsm").tables["Clients"].frame`.

    `password` opens a locked one. CrmError where there is no such workbook or it cannot be read safely.
    """
    path = Path(path)
    with encryption.readable(path, password) as plain:
        read_tables.read_names(plain)
    if not encryption.is_encrypted(path):
        return FileBook(path)

    return LockedFileBook(path, password=password)


def _readable(path: Path) -> None:
    """What was written opens again and still has its tables; raises otherwise, before anything is replaced."""
    read_tables.read_names(path)


# A client file behind a password: it is read and changed as any other, and nothing of it ever lies about unlocked.


@dataclass(eq=False)
class LockedFileBook(FileBook):
    """A locked workbook file; implements `Book`. Snapshots stay locked: they are the file's own bytes."""

    password: str = ""
    _open: dict[str, Path] = field(default_factory=dict)

    def look(self) -> Tables:
        """The workbook's tables as the file stands now; the unlocked copy lives as long as this object."""
        found = sha256_of(self.path)
        if found not in self._open:
            self._open[found] = encryption.readable_for(self, self.path, self.password)
        return read_tables.read(self._open[found])

    def apply(self, plan: Plan, tables: Tables) -> Plan:
        """As `FileBook.apply`; the changed workbook is locked with the same password and opened again to be sure."""
        done = [plan]
        meant: list[str] = []

        def write(temporary: Path) -> None:
            with encryption.unlocked(self.path, self.password) as plain, private_file(self.path.name) as changed:
                done[0] = apply_plan.apply_plan(plain, changed, plan, tables)
                read_tables.read_names(changed)
                content = changed.read_bytes()
            meant.append(hashlib.sha256(content).hexdigest())
            temporary.write_bytes(encryption.encrypt(content, self.password))

        def verify(temporary: Path) -> None:
            if hashlib.sha256(encryption.decrypt(temporary, self.password)).hexdigest() != meant[0]:
                raise CrmError("file.not_read_back", name=self.path.name, folder=str(self.path.parent))

        replace_file(self.path, write, expect_sha256=self.seen or sha256_of(self.path), verify=verify)
        self.seen = ""
        return done[0]
