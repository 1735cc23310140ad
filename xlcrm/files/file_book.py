"""A client file on the disk that nobody has open: the closed counterpart of a live workbook."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files import encryption, interrupts
from xlcrm.files.durable import flush_file, sha256_of
from xlcrm.files.private import private_file
from xlcrm.files.replace import replace_file
from xlcrm.os_errors import refusing
from xlcrm.plan import Plan, WholeFile
from xlcrm.tables import Tables
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan


@dataclass(eq=False)
class FileBook:
    """A workbook file; implements `Book`. `path` is where it is.

    `seen` is the checksum of the last snapshot: what `apply` expects the file still to hold, "" where none was taken.
    `password` opens a locked backup that takes its place.
    """

    path: Path
    seen: str = ""
    password: str = ""
    is_file: bool = True
    snapshot_is_seen: bool = False

    @cached_property
    def tables(self) -> Tables:
        """The workbook's tables as the file stands when they are first asked for."""
        return self.look()

    def look(self) -> Tables:
        """The workbook's tables as the file stands now."""
        return read_tables.read(self.path)

    def snapshot(self, target: Path) -> str:
        """Copy the file to `target`, byte for byte, fsynced; its SHA-256."""
        with refusing(self.path):
            source = self.path.open("rb")
        # what goes wrong with the target is told by whoever knows what it will be called
        with source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
        flush_file(target)
        self.seen = sha256_of(target)
        return self.seen

    def apply(self, plan: Plan, tables: Tables) -> Plan:
        """Write a plan into the file, all of it or nothing; see `xlsx.writing.apply_plan`.

        A file that is not what the snapshot was taken of is refused ("file.changed"), even where every cell that the
        plan names still matches: a row put in above would leave blank cells looking right.
        """
        if plan.whole:
            return self._put_back(plan, plan.whole, tables)
        done = [plan]

        def write(temporary: Path) -> None:
            """The changed workbook into the file that will take this one's place."""
            done[0] = _written(self.path, temporary, plan, tables)

        replace_file(self.path, write, expect_sha256=self.seen or sha256_of(self.path), verify=_last_look)
        self.seen = ""
        return done[0]

    def _put_back(self, plan: Plan, whole: WholeFile, tables: Tables) -> Plan:
        """Put a backup in the place of the file, with what the plan adds to its sheet Changes, in one replacement.

        A sheet that can't be written is no reason to refuse the backup: then its bytes come back as they are.
        """
        content, done = whole.content, replace(plan, added=(), identity="")
        if plan.added or plan.identity:
            with suppress(CrmError):
                content, done = self._with_lines(plan, content, tables), plan

        def verify(temporary: Path) -> None:
            """The backup opens, with the password where it is locked."""
            with encryption.readable(temporary, self.password) as plain:
                _last_look(plain)

        replace_file(
            self.path, lambda temporary: temporary.write_bytes(content), expect_sha256=self._expected(), verify=verify
        )
        self.seen = ""
        return done

    def _expected(self) -> str | None:
        """What the file should still hold when a backup takes its place; "" where there was none."""
        if self.seen or not self.path.exists():
            return self.seen
        return None

    def _with_lines(self, plan: Plan, content: bytes, tables: Tables) -> bytes:
        """The bytes of a workbook with the plan's rows added, locked as they were."""
        with private_file(self.path.name, content) as given, private_file(self.path.name) as changed:
            locked = encryption.is_encrypted(given)
            with encryption.readable(given, self.password) as plain:
                apply_plan.apply_plan(plain, changed, replace(plan, whole=None), tables)
            _readable(changed)
            written = changed.read_bytes()
        return encryption.encrypt(written, self.password) if locked else written


def at(path: Path, password: str = "") -> FileBook:
    """The book of a workbook's file, unread; CrmError where there is no such file."""
    if encryption.is_encrypted(path):
        return LockedFileBook(path, password=password)
    return FileBook(path, password=password)


def open(path: Path | str, password: str = "") -> FileBook:  # noqa: A001 - reads as xlcrm.open("ClientFile.xlsm")
    """A workbook file for people who script: `xlcrm.open("ClientFile.xlsm").tables["Clients"].frame`.

    `password` opens a locked one. CrmError where there is no such workbook or it cannot be read safely.
    """
    path = Path(path)
    with encryption.readable(path, password) as plain:
        read_tables.read_names(plain)
    return at(path, password)


def _readable(path: Path) -> None:
    """What was written opens again and still has its tables; raises otherwise, before anything is replaced."""
    read_tables.read_names(path)


def _written(source: Path, target: Path, plan: Plan, tables: Tables) -> Plan:
    """The plan applied to a copy; tables that take in rows do so first, so that what follows finds them there."""
    if plan.forgets:
        from xlcrm.forgetting import part_traces

        with private_file(source.name) as changed:
            done = apply_plan.apply_plan(source, changed, plan, tables)
            part_traces.scrub(changed, target, plan.forgets)
        return done
    if not plan.resized:
        return apply_plan.apply_plan(source, target, plan, tables)
    with private_file(source.name) as resized:
        apply_plan.resize(source, resized, plan.resized)
        return apply_plan.apply_plan(resized, target, plan, tables)


def _last_look(path: Path) -> None:
    """As `_readable`, right before the workbook is replaced: from here on no interrupt cuts the run off."""
    _readable(path)
    interrupts.hold()


# A client file behind a password: it is read and changed as any other, and nothing of it ever lies about unlocked.


@dataclass(eq=False)
class LockedFileBook(FileBook):
    """A locked workbook file; implements `Book`. Snapshots stay locked: they are the file's own bytes."""

    _open: dict[str, Path] = field(default_factory=dict)
    _looked_at: str = ""

    def look(self) -> Tables:
        """The workbook's tables as the file stands now; the unlocked copy lives as long as this object."""
        found = sha256_of(self.path)
        if found not in self._open:
            self._open[found] = encryption.readable_for(self, self.path, self.password)
        self._looked_at = found
        return read_tables.read(self._open[found])

    def snapshot(self, target: Path) -> str:
        """As `FileBook.snapshot`; what was looked at is not unlocked again where the file is still the same."""
        super().snapshot(target)
        self.snapshot_is_seen = self.seen == self._looked_at
        return self.seen

    def apply(self, plan: Plan, tables: Tables) -> Plan:
        """As `FileBook.apply`; the changed workbook is locked with the same password and opened again to be sure."""
        if plan.whole:
            return self._put_back(plan, plan.whole, tables)
        done = [plan]
        meant: list[str] = []

        def write(temporary: Path) -> None:
            """Change an unlocked copy in a private place, note what it should hold, lock it."""
            with encryption.unlocked(self.path, self.password) as plain, private_file(self.path.name) as changed:
                done[0] = _written(plain, changed, plan, tables)
                read_tables.read_names(changed)
                content = changed.read_bytes()
            meant.append(hashlib.sha256(content).hexdigest())
            temporary.write_bytes(encryption.encrypt(content, self.password))

        def verify(temporary: Path) -> None:
            """Unlock what was written: a workbook that its own password no longer opens would be lost."""
            if hashlib.sha256(encryption.decrypt(temporary, self.password)).hexdigest() != meant[0]:
                raise CrmError("file.not_read_back", name=self.path.name, folder=str(self.path.parent))
            interrupts.hold()

        replace_file(self.path, write, expect_sha256=self.seen or sha256_of(self.path), verify=verify)
        self.seen = ""
        return done[0]
