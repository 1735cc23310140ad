"""A client file behind a password: it is read and changed as any other, and nothing of it ever lies about unlocked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.durable import sha256_of
from xlcrm.files.file_book import FileBook
from xlcrm.files.private import private_file
from xlcrm.files.replace import replace_file
from xlcrm.plan import Plan
from xlcrm.tables import Tables
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan


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
