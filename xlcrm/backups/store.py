"""Store of the backups of one workbook: a folder beside it; each is taken, read back, found, pruned, put back."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from xlcrm import messages
from xlcrm.backups import checksums, names
from xlcrm.backups.journal_file import Journal
from xlcrm.backups.retention import Rules, prune
from xlcrm.errors import CrmError
from xlcrm.files import encryption, lock
from xlcrm.files.durable import read_back, sha256_of
from xlcrm.files.replace import PREFIX, SUFFIX, replace_file
from xlcrm.os_errors import expanded, refusing

# Tells whether two backups hold the same workbook, and lets equal ones share their bytes to save the disk.


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


@dataclass(frozen=True)
class Backup:
    """One backup. `sha256` is "" where no checksum is on record (a run was killed, or a person put the file there)."""

    path: Path
    moment: dt.datetime
    reason: str
    sha256: str

    @property
    def name(self) -> str:
        return self.path.name


class Store:
    """The backups of one workbook.

    book      the workbook; through a link, the file that it points to
    folder    where backups go: "" is "<stem> backups" beside the workbook; a relative path starts there too
    password  locks new backups (Agile, AES-256) and opens locked ones; "" leaves them open
    """

    def __init__(self, book: Path, folder: str = "", *, password: str = "") -> None:
        self.book = Path(os.path.realpath(book))
        self.folder = self.book.parent / (expanded(Path(folder)) if folder else f"{self.book.stem} backups")
        self.password = password
        self.index = self.folder / f"{self.book.stem} checksums.sha256"
        self.journal_path = self.folder / f"{self.book.stem} journal.jsonl"
        self.journal = Journal(self.journal_path, password=password)

    def lock(self, *, wait: float = 15.0, on_wait: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
        """The right to write the workbook, for a `with` block (see lock.one_writer)."""
        return lock.one_writer(self.book, self.folder, wait=wait, on_wait=on_wait)

    def take(self, snapshot: Callable[[Path], None], now: dt.datetime, reason: str, *, whole: bool = True) -> Backup:
        """A new backup of what `snapshot` writes into the (empty) file it is given; done means on the disk, read back.

        now     local time, for the name
        reason  ends the name: "before refresh"
        whole   refuse what is no whole workbook (CrmError "backup.not_whole")

        A backup equal to the last one becomes a second name of the same file where the disk can do that. A failure
        leaves none of this name, or a whole one whose checksum is not on record.
        """
        with refusing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            before = self.backups()
        path = self._free_path(now, reason)
        written: list[str] = []

        def write(temporary: Path) -> None:
            snapshot(temporary)
            if whole:
                _refuse_if_torn(temporary, self.book)
            if self.password and zipfile.is_zipfile(temporary) and not encryption.is_encrypted(temporary):
                temporary.write_bytes(encryption.encrypt(temporary.read_bytes(), self.password))
            written.append(sha256_of(temporary))

        def verify(temporary: Path) -> None:
            if read_back(temporary) != written[0]:
                raise CrmError("backup.not_read_back", name=path.name, folder=str(self.folder))

        replace_file(path, write, verify=verify)
        backup = Backup(path, now.replace(microsecond=0), reason, written[0])
        if before and (sha256 := equal(before[-1], backup, self.password)):
            backup = Backup(path, backup.moment, reason, share(before[-1], backup, sha256))
        with refusing(self.index):
            checksums.add(self.index, path.name, backup.sha256)
        return backup

    def unless_equal(self, made: Backup) -> Backup:
        """Takes the newest backup away again where the one before it holds the same; the one that stays.

        For a run that changed nothing: what it would go back to is there already, under an earlier time.
        """
        *_, before, newest = [None, None, *self.backups()]
        if before and newest and newest.name == made.name and equal(before, newest, self.password):
            with suppress(CrmError, OSError):
                checksums.remove(self.index, {made.name})
                made.path.unlink()
                return before
        return made

    def backups(self) -> list[Backup]:
        """All backups in the order of taking; files with names of another form are nobody's business here."""
        with refusing(self.folder):
            listed = checksums.read(self.index)
            found = (
                {path.name: path for path in self.folder.glob("*") if path.is_file()} if self.folder.is_dir() else {}
            )
        parsed = {name: names.parse(name, self.book.stem) for name in found}
        known = {
            name: Backup(found[name], parts.moment, parts.reason, listed.get(name, ""))
            for name, parts in parsed.items()
            if parts
        }
        ordered = [known[name] for name in listed if name in known]
        for backup in sorted((b for b in known.values() if not b.sha256), key=lambda b: (b.moment, b.name)):
            later = (i for i, other in enumerate(ordered) if other.moment > backup.moment)
            ordered.insert(next(later, len(ordered)), backup)
        return ordered

    def own_files(self) -> list[Path]:
        """What of this workbook is in the folder, and the folder itself where nobody named it in Settings."""
        own = {self.index, self.journal_path, self.journal.lock_path, lock.lock_path(self.book, self.folder)}
        if self.folder.name == f"{self.book.stem} backups":
            own.add(self.folder)
        return sorted(path for path in own if path.exists()) + [backup.path for backup in self.backups()]

    def find(self, which: str = "") -> Backup:
        """The backup a person means: "" or "1" the newest, "2" the one before, a file name, or how its time begins."""
        everything = self.backups()
        newest_first = everything[::-1]
        wanted = Path(which).name
        for backup in newest_first:
            if backup.name == wanted:
                return backup
        if not which or (wanted.isdecimal() and len(wanted) < 4):
            position = int(wanted or 1) - 1
            if 0 <= position < len(newest_first):
                return newest_first[position]
        digits = "".join(filter(str.isdecimal, which))
        for backup in newest_first:
            if len(digits) >= 4 and f"{backup.moment:%Y%m%d%H%M%S}".startswith(digits):
                return backup
        if not everything:
            raise CrmError("backup.none", name=self.book.name, folder=str(self.folder))
        raise CrmError("backup.unknown", which=which, newest=newest_first[0].name, folder=str(self.folder))

    def keeping(
        self, now: dt.datetime, rules: Rules, *, pinned: Collection[str] = (), light: Collection[str] = ()
    ) -> list[tuple[Backup, tuple[str, ...]]]:
        """Every backup with the rules that keep it (none: `prune` would remove it). `pinned` are file names.

        light  kinds of runs that change only what was found: many in a row must not push out what stood before an
               import. The journal says which kind of run a backup was taken before
        """
        everything = self.backups()
        places = [i for i, backup in enumerate(everything) if backup.name in pinned]
        moments = [backup.moment for backup in everything]
        contents = [backup.sha256 for backup in everything]
        kinds = self._kinds(everything, light)
        less = [i for i, kind in enumerate(kinds) if kind in light]
        kept = prune(moments, rules, now=now, pinned=places, contents=contents, light=less)
        return list(zip(everything, kept, strict=True))

    def _kinds(self, backups: Sequence[Backup], light: Collection[str]) -> list[str]:
        """The kind of run that each backup was taken before; "" where nobody can say.

        Backups that no record tells of (of a run that was killed, of a journal that is lost) are known by their names.
        """
        recorded: dict[str, str] = {}
        with suppress(CrmError):  # a journal that can't be read now is no reason to refuse a run that is done
            recorded = self.journal.kinds()
        named = {
            messages.text("backup.before", language, action=kind): kind
            for kind in light
            for language in messages.LANGUAGES
        }
        return [recorded.get(backup.name) or named.get(backup.reason, "") for backup in backups]

    def prune(
        self, now: dt.datetime, rules: Rules, *, pinned: Collection[str] = (), light: Collection[str] = ()
    ) -> list[Backup]:
        """Removes the backups that no rule keeps; those it could. Never the newest, never a file that isn't its own.

        It comes after a run that is done, so what can't be removed now is left to the next time, without a word.
        """
        going = [backup for backup, why in self.keeping(now, rules, pinned=pinned, light=light) if not why]
        gone = []
        if going:
            with suppress(CrmError):
                checksums.remove(self.index, {backup.name for backup in going})
                for backup in going:
                    with suppress(OSError):
                        backup.path.unlink(missing_ok=True)
                        gone.append(backup)
        return gone

    def content(self, backup: Backup) -> bytes:
        """The bytes of a backup after checking them, locked or not as the workbook itself is.

        Where no sound workbook tells which, they stay as they are: what was locked is never unlocked by accident.
        CrmError "backup.damaged" where they are not those that were written or, with no checksum on record, where a
        part of the workbook is not whole.
        """
        with refusing(backup.path):
            content = backup.path.read_bytes()
            sound = hashlib.sha256(content).hexdigest() == backup.sha256 if backup.sha256 else is_whole(backup.path)
        if not sound:
            raise CrmError("backup.damaged", name=backup.name)
        if not self.password or not self.book.exists():
            return content
        locked, own = encryption.is_encrypted(backup.path), encryption.is_encrypted(self.book)
        if locked and not own and zipfile.is_zipfile(self.book):
            return encryption.decrypt(backup.path, self.password)
        if own and not locked:
            encryption.decrypt(self.book, self.password)  # only its own password may lock what comes in its place
            return encryption.encrypt(content, self.password)
        return content

    def opened(self, backup: Backup) -> AbstractContextManager[Path]:
        """A path where the backup can be read, for a `with` block: itself, or an unlocked private copy."""
        return encryption.readable(backup.path, self.password)

    def _free_path(self, now: dt.datetime, reason: str) -> Path:
        again = 1
        while (path := self.folder / names.name(self.book.stem, now, reason, self.book.suffix, again)).exists():
            again += 1
        return path


def _refuse_if_torn(path: Path, book: Path) -> None:
    if encryption.is_encrypted(path):
        return
    try:
        with zipfile.ZipFile(path) as package:
            package.getinfo("[Content_Types].xml")
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError) as error:
        raise CrmError("backup.not_whole", name=book.name) from error


def is_whole(path: Path) -> bool:
    """Whether every part of a workbook reads as it was written; of a locked one only its password tells."""
    if encryption.is_encrypted(path):
        return True
    try:
        with zipfile.ZipFile(path) as package:
            return package.testzip() is None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        return False
