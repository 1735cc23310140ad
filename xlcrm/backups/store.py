"""Store of the backups of one workbook: a folder beside it; each is taken, read back, found, pruned, put back."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from xlcrm import messages
from xlcrm.backups import belonging, checksums, conflict_copies, names, table_cache
from xlcrm.backups.belonging import Clients, Label
from xlcrm.backups.journal_file import Journal
from xlcrm.backups.retention import Rules, prune
from xlcrm.errors import CrmError
from xlcrm.files import encryption, lock
from xlcrm.files.durable import flush_folder, make_folder, read_back, sha256_of
from xlcrm.files.replace import replace_bytes, replace_file
from xlcrm.os_errors import expanded, refusing
from xlcrm.tables import Tables
from xlcrm.undo.forked_journal import OwnRuns

_MONTH = dt.timedelta(days=31)
_HANDED_OUT = dt.timedelta(days=366)
# the files beside the journal of which a sync program may leave a second version, and what makes two of them one
_BESIDE: dict[str, Callable[[Path, Path], None]] = {
    "list": checksums.join,
    "forgotten": conflict_copies.join_lines,
    "memory": conflict_copies.join_record,
    "nights": conflict_copies.join_record,
}

# Tells whether two backups hold the same workbook.


def equal(last: Backup, new: Backup, password: str) -> str:
    """The checksum of `last` where it is intact and holds what `new` holds, else ""."""
    if not last.sha256 or last.path.suffix != new.path.suffix:
        return ""
    same = last.sha256 == new.sha256
    if not (same or password) or not _is_intact(last):  # most are others, which is seen without reading them
        return ""
    if same:
        return last.sha256
    if encryption.is_encrypted(last.path) and encryption.is_encrypted(new.path):
        with suppress(CrmError):
            if encryption.decrypt(last.path, password) == encryption.decrypt(new.path, password):
                return last.sha256
    return ""


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


def journal_of(label: Label, password: str = "") -> Journal:
    """The journal of a store."""
    return Journal(label.journal, password=password)


class Store:
    """The backups of one workbook.

    book      the workbook; through a link, the file that it points to
    folder    where backups go: "" is "<stem> backups" beside the workbook; a relative path starts there too
    password  locks new backups (Agile, AES-256) and opens locked ones; "" leaves them open
    tables    the workbook's tables where they are read already; None: its file is looked at

    Which backups in the folder are this workbook's is told by its identity (see `belonging`); all others are left
    alone. `copied` says that the identity is another workbook's, of which this one is a copy.
    """

    def __init__(self, book: Path, folder: str = "", *, password: str = "", tables: Tables | None = None) -> None:
        self.book = Path(os.path.realpath(book))
        self.chosen = bool(folder)
        self.folder = self.book.parent / (expanded(Path(folder)) if folder else f"{self.book.stem} backups")
        self.password = password
        self.copied = False
        self.doubtful: tuple[str, ...] = ()
        self._all = False
        self._taken = ""  # the newest backup that is this workbook's for certain: its name
        self._tables = tables
        self._clients: dict[tuple[str, int, int], Clients | None] = {}
        self._own = tables.identity if tables is not None else belonging.of_file(self.book, password)
        self._use(self._place())

    @property
    def identity(self) -> str:
        """The identity of the workbook that these backups are of, "" while it has none."""
        return self.label.identity

    @property
    def index(self) -> Path:
        """The list of checksums."""
        return self.label.list

    @property
    def journal_path(self) -> Path:
        return self.label.journal

    @cached_property
    def journal(self) -> Journal:
        return journal_of(self.label, self.password)

    def _use(self, label: Label) -> None:
        """From now on this is the store: its list, its journal, its folder."""
        self.label, self.folder = label, label.folder
        self.__dict__.pop("journal", None)

    def _place(self) -> Label:
        """The label of the workbook's own store, which may not be there yet."""
        for found in self._within_reach() if self._own else ():
            if found.identity == self._own:
                place = journal_of(found).place()
                self.copied = belonging.is_elsewhere(self.book, found.folder, place, found.identity, self.password)
                if not self.copied:
                    return found
        known = None if self.copied else self._recognized()
        return known or belonging.label(self.folder, self.book.stem, "" if self.copied else self._own or "")

    def _within_reach(self) -> list[Label]:
        with suppress(OSError):
            return list(belonging.within_reach(self.book, self.folder, chosen=self.chosen))
        return []

    def _recognized(self) -> Label | None:
        """The store of a workbook that lost its identity (another program dropped it, an old backup was put back).

        It stands where that workbook stood, and is what a run left there or has most of its clients. Of one that is
        gone or can't be read the place alone has to do, unless the workbook is found beside it under another name.
        """
        here = [label for label in self._within_reach() if label.identity and self._stood_here(label)]
        if self._own is not None:
            return next((label for label in here if self._left(label) or self._is_like(label)), None)
        here = [label for label in here if not belonging.is_beside(self.book, label.identity, self.password)]
        old = belonging.label(self.folder, self.book.stem, "")
        if len(here) + old.exists() > 1:
            self.doubtful = tuple(label.text for label in (*here, old) if label.exists())
            return None
        return here[0] if here else None

    def _stood_here(self, label: Label) -> bool:
        place = journal_of(label).place()
        return (label.folder / place).resolve() == self.book if place else label.stem == self.book.stem

    def _left(self, label: Label) -> bool:
        """Whether the workbook is byte for byte what a run took or left."""
        known = set(checksums.read(label.list).values())
        known |= {entry.left for entry in journal_of(label).entries()}
        try:
            return sha256_of(self.book) in known
        except OSError:
            return False

    def _is_like(self, label: Label) -> bool:
        """Whether the newest backup that can be read has most of the workbook's clients."""
        for name in reversed(checksums.read(label.list)):
            there = belonging.clients_in(label.folder / name, self.password)
            if there:
                return belonging.alike(there, self._held() or frozenset())
        return False

    def _held(self) -> Clients | None:
        """Who is in the workbook now."""
        if self._tables is not None:
            return belonging.clients_of(self._tables)
        return belonging.clients_in(self.book, self.password)

    def lock(self, *, wait: float = 15.0, on_wait: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
        """The right to write the workbook, for a `with` block (see lock.one_writer)."""
        return lock.one_writer(self.book, self.folder, wait=wait, on_wait=on_wait)

    def take(self, snapshot: Callable[[Path], object], now: dt.datetime, reason: str, *, whole: bool = True) -> Backup:
        """A new backup of what `snapshot` writes into the (empty) file it is given; done means on the disk, read back.

        `snapshot` may give the SHA-256 of what it wrote: then that is what is read back.

        now     local time, for the name
        reason  ends the name: "before refresh"
        whole   refuse what is no whole workbook (CrmError "backup.not_whole")

        Every backup has bytes of its own, also where it equals the last one: a program that saves into one of two
        names of a file would damage both. A failure leaves none of this name, or a whole one whose checksum is not on
        record.
        """
        with refusing(self.folder):
            make_folder(self.folder)
            before = self.backups()
        self._note_place()
        path = self._free_path(now, reason)
        written: list[str] = []

        def write(temporary: Path) -> None:
            found = snapshot(temporary)
            if whole:
                _refuse_if_torn(temporary, self.book)
            if self.password and zipfile.is_zipfile(temporary) and not encryption.is_encrypted(temporary):
                temporary.write_bytes(encryption.encrypt(temporary.read_bytes(), self.password))
                found = None
            written.append(found if isinstance(found, str) else sha256_of(temporary))

        def verify(temporary: Path) -> None:
            if read_back(temporary) != written[0]:
                raise CrmError("backup.not_read_back", name=path.name, folder=str(self.folder))

        replace_file(path, write, expect_sha256="", verify=verify)
        backup = Backup(path, now.replace(microsecond=0), reason, written[0])
        sha256 = equal(before[-1], backup, self.password) if before and self.password else ""
        if sha256 not in ("", backup.sha256):
            # locked anew, the same workbook has other bytes, and retention would take it for another state
            replace_file(path, partial(shutil.copyfile, before[-1].path), expect_sha256=backup.sha256)
            backup = replace(backup, sha256=sha256)
        with refusing(self.index):
            checksums.add(self.index, path.name, backup.sha256)
        self._taken = path.name
        return backup

    def unless_equal(self, made: Backup, taken: Tables | None = None) -> Backup:
        """Takes the newest backup away again where the one before it holds the same; the one that stays.

        For a run that changed nothing: what it would go back to is there already, under an earlier time. `taken` are
        the tables of the backup `made`, where they have been read.
        """
        self._know(taken)
        *_, before, newest = [None, None, *self.backups()]
        if before and newest and newest.name == made.name and equal(before, newest, self.password):
            with suppress(CrmError, OSError):
                checksums.remove(self.index, {made.name})
                made.path.unlink()
                return before
        return made

    def backups(self) -> list[Backup]:
        """The backups of this workbook in the order of taking; no other file is anybody's business here."""
        with refusing(self.folder):
            listed = checksums.read(self.index)
            files = self._files()
        known = {}
        for name in self._own_names(files, listed):
            if parts := names.take_apart(name):
                known[name] = Backup(files[name], parts.moment, parts.reason, listed.get(name, ""))
        ordered = [known[name] for name in listed if name in known]
        for backup in sorted((b for b in known.values() if not b.sha256), key=lambda b: (b.moment, b.name)):
            later = (i for i, other in enumerate(ordered) if other.moment > backup.moment)
            ordered.insert(next(later, len(ordered)), backup)
        return ordered if self.identity or self._all else self._alike(ordered)

    def foreign(self) -> list[str]:
        """Backups in the folder that bear this workbook's name and are not its own, oldest first."""
        own = {backup.name for backup in self.backups()}
        found = ((names.parse(name, self.book.stem), name) for name in self._files())
        return [name for parts, name in sorted(found, key=lambda f: f[1]) if parts and name not in own]

    def _files(self) -> dict[str, Path]:
        if not self.folder.is_dir():
            return {}
        return {path.name: path for path in self.folder.glob("*") if path.is_file()}

    def _own_names(self, files: Mapping[str, Path], listed: Mapping[str, str]) -> list[str]:
        """The files that are listed here, and those in no list that are known by the journal or by their identity."""
        others: set[str] = set()
        for label in belonging.labels(self.folder):
            if label != self.label and (label.identity or self.identity):
                others |= set(checksums.read(label.list))
        mine = [name for name in files if name in listed and name not in others]
        free = [name for name in files if name not in listed and name not in others and self._has_name(name)]
        if not self.identity:
            return [name for name in (*mine, *free) if Path(name).suffix.lower() == self.book.suffix.lower()]
        recorded = set(self._recorded()) if free else set()
        return mine + [n for n in free if n in recorded or belonging.of_file(files[n], self.password) == self.identity]

    def _has_name(self, name: str) -> bool:
        return any(names.parse(name, stem) for stem in (self.book.stem, self.label.stem))

    def _alike(self, ordered: list[Backup]) -> list[Backup]:
        """Of a workbook without identity: the backups that are states of it, told by its clients from the newest on.

        A run that has just taken one may have changed every client since: then that backup tells what was held.
        """
        if not ordered:
            return []
        taken = next((backup for backup in ordered if backup.name == self._taken), None)
        likeness = belonging.Likeness(self._clients_in(taken) if taken else self._held())
        return [backup for backup in reversed(ordered) if likeness.takes(self._clients_in(backup))][::-1]

    def _know(self, taken: Tables | None) -> None:
        """Who is in the backup that this run took: what was read of it is not read again."""
        if taken is None or not self._taken:
            return
        with suppress(CrmError, OSError):  # then it is looked into like any other
            status = (self.folder / self._taken).stat()
            self._clients[self._taken, status.st_size, status.st_mtime_ns] = belonging.clients_of(taken)

    def _clients_in(self, backup: Backup) -> Clients | None:
        status = backup.path.stat()
        key = backup.name, status.st_size, status.st_mtime_ns
        if key not in self._clients:
            self._clients[key] = belonging.clients_in(backup.path, self.password)
        return self._clients[key]

    def _recorded(self) -> dict[str, str]:
        """Names of backups with the kind of run, as the journal has them; none where it can't be read now."""
        with suppress(CrmError):
            return self.journal.kinds()
        return {}

    # A workbook gets its identity with its first change; then its store gets a label of its own.

    def look_again(self) -> None:
        """Under the lock: another run may have given the workbook its identity since this one looked at it."""
        own = belonging.of_file(self.book, self.password)
        if own and own != self._own:
            self._own, self._tables, self.copied = own, None, False
            self._use(self._place())

    def join(self, identity: str, taken: Tables | None = None) -> None:
        """Gives the store of a workbook without identity the label of `identity`, which the workbook has now.

        `taken` are the tables of the backup that this run took, where they have been read.

        What is left undone by a fault or a kill is done by the next run: the journal says who got the identity.
        """
        self._know(taken)
        with suppress(CrmError, OSError):
            self._join(self.backups(), self.label, belonging.label(self.folder, self.book.stem, identity))

    def take_over(self, label: Label) -> None:
        """Makes a store within reach this workbook's, by a person's word; the run that follows gives it the identity.

        One of an earlier version, without identity, is taken over with all that it has of the workbook's kind.
        """
        own, self._all, self.copied = self.label, not label.identity, False
        self._use(label)
        if own.identity and not label.identity:
            with self.lock(), refusing(label.folder):
                self._join(self.backups(), label, own)

    def _join(self, mine: list[Backup], old: Label, new: Label) -> None:
        own = {backup.name for backup in mine}
        others = [name for name in checksums.read(old.list) if name not in own and (self.folder / name).exists()]
        kinds = ("list", "memory", "told", "forgotten", "forgetting", "journal")
        pairs = tuple((getattr(old, kind), getattr(new, kind)) for kind in kinds)
        if others or any(before.exists() and after.exists() for before, after in pairs):
            for backup in mine:
                if backup.sha256:
                    checksums.add(new.list, backup.name, backup.sha256)
            checksums.remove(old.list, own)
            journal_of(old).hand_over(new.journal, own, new.identity)
        else:
            for before, after in pairs:  # the journal last: as long as it is there, what a cut left undone is known
                if before.exists():
                    before.rename(after)
                    flush_folder(self.folder)
        self._use(new)
        self.journal.keep_place(belonging.relative(self.book, self.folder))

    def highest_before(self) -> int:
        """The highest number that another store gave to a workbook of this name, so that none is given twice.

        A workbook that another program has made anew, with other clients, gets a store of its own here; what its
        people know as run 2 stays the run 2 of the store before.
        """
        here = [one for one in self._within_reach() if one.stem == self.book.stem and one.journal != self.journal_path]
        return max((entry.number for label in here for entry in journal_of(label).entries()), default=0)

    def catch_up(self) -> None:
        """Finishes what a run that was cut off left undone: the workbook got its identity, its store did not yet."""
        if self._unjoined():
            with self.lock():
                self._finish()

    def join_versions(self, own: Callable[[], OwnRuns]) -> list[str]:
        """Takes in what a sync program kept of the journal and of the files beside it as second files of them, which
        then go; their names. What can't be read now is left to the next time.

        own  gives the runs that the workbook lists
        """
        if not self.identity:
            return []
        journals = conflict_copies.versions(self.journal_path)
        paths = {getattr(self.label, kind): join for kind, join in _BESIDE.items()}
        beside = [(join, path, other) for path, join in paths.items() for other in conflict_copies.versions(path)]
        gone: list[str] = []
        if not journals and not beside:
            return gone
        with suppress(CrmError, OSError), self.lock(), refusing(self.folder):
            if journals:
                self.journal.join(journals, own())
                gone += map(_removed, journals)
            for join, path, other in beside:
                with suppress(ValueError):  # a damaged one stays: nothing of it is lost
                    join(path, other)
                    gone.append(_removed(other))
        return gone

    def _unjoined(self) -> Label | None:
        """The label without identity under which the workbook's journal still is."""
        old = belonging.label(self.folder, self.book.stem, "")
        if not self.identity or self.label.journal.exists() or not old.exists():
            return None
        return None if journal_of(old).gave(self.identity) is None else old

    def _finish(self) -> None:
        old = self._unjoined()
        if old:
            earlier = copy(self)
            earlier._use(old)
            earlier._taken = earlier.journal.gave(self.identity) or ""
            self._join(earlier.backups(), old, self.label)

    def _note_place(self) -> None:
        """Under an identity: where the workbook is now, and what an earlier run left undone."""
        if not self.identity:
            return
        self._finish()
        place = belonging.relative(self.book, self.folder)
        if self.journal.place() != place:
            self.journal.keep_place(place)

    def own_files(self) -> list[Path]:
        """What of this workbook is in the folder, and the folder itself where nobody named it in Settings."""
        nameless = journal_of(belonging.label(self.folder, self.book.stem, ""))  # before it had an identity
        locks = {self.journal.lock_path, nameless.lock_path, lock.lock_path(self.book, self.folder)}
        own = {self.index, self.journal_path, *locks}
        if self.folder.name == f"{self.book.stem} backups":
            own.add(self.folder)
        return sorted(path for path in own if path.exists()) + [backup.path for backup in self.backups()]

    def find(self, which: str = "") -> Backup:
        """The backup a person means: "" or "1" the newest, "2" the one before, a file name, or how its time begins."""
        if self.doubtful:
            raise CrmError("backup.whose", name=self.book.name, stores=", ".join(self.doubtful))
        newest_first = self.backups()[::-1]
        wanted = Path(which).name
        found = _named(newest_first, wanted) or _counted(newest_first, wanted)
        others = [] if found else self.foreign()
        if others and (wanted in others or not newest_first):
            name = wanted if wanted in others else others[-1]
            raise CrmError("backup.foreign", name=name, book=self.book.name, folder=str(self.folder))
        found = found or _dated(newest_first, which)
        if found:
            return found
        if not newest_first:
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

    def bases(self, now: dt.datetime) -> frozenset[str]:
        """Backups that a copy was handed out of within the last year: it is combined with them as its base."""
        recorded = self._recorded()
        since = now - _HANDED_OUT
        found = (one for one in self.backups() if recorded.get(one.name) == "hand-out") if recorded else ()
        return frozenset(one.name for one in found if one.moment > since)

    def _kinds(self, backups: Sequence[Backup], light: Collection[str]) -> list[str]:
        """The kind of run that each backup was taken before; "" where nobody can say.

        Backups that no record tells of (of a run that was killed, of a journal that is lost) are known by their names.
        """
        recorded = self._recorded()
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
        Backups that an earlier version made two names of one file get bytes of their own.
        """
        table_cache.prune(self.folder)
        going = [backup for backup, why in self.keeping(now, rules, pinned=pinned, light=light) if not why]
        gone = []
        if going:
            with suppress(CrmError):
                checksums.remove(self.index, {backup.name for backup in going})
                for backup in going:
                    with suppress(OSError):
                        backup.path.unlink(missing_ok=True)
                        gone.append(backup)
        with suppress(CrmError, OSError):
            _separate(backup for backup in self.backups() if backup not in gone)
        return gone

    def compact_journal(self, now: dt.datetime) -> int:
        """Takes the cells of runs out of the journal whose backup the rules have let go, a month later; how many.

        A backup that was removed by hand is still listed, so its run keeps its cells.
        """
        listed = checksums.read(self.index)
        there = {*listed, *(backup.name for backup in self.backups())}
        old = now.replace(tzinfo=None) - _MONTH
        gone = lambda e: bool(e.backup) and e.backup not in there and e.at.replace(tzinfo=None) < old  # noqa: E731
        return self.journal.compact(gone) if listed else 0

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

    def unlocked(self) -> list[Backup]:
        """The backups that anybody can read although there is a password."""
        found = []
        for backup in self.backups() if self.password else ():
            with suppress(CrmError):
                if not encryption.is_encrypted(backup.path):
                    found.append(backup)
        return found

    def remove_unlocked(self) -> tuple[int, int]:
        """Removes the backups and the journal's lines that were kept before there was a password; how many of each.

        CrmError "backup.none_locked" where nothing would be left.
        """
        going = self.unlocked()
        left = [backup for backup in self.backups() if backup not in going]
        if not self.password or (going and not any(_is_intact(backup) for backup in left)):
            raise CrmError("backup.none_locked", name=self.book.name)
        with refusing(self.index):
            checksums.remove(self.index, {backup.name for backup in going})
            for backup in going:
                backup.path.unlink(missing_ok=True)
        return len(going), self.journal.remove_unlocked()

    def opened(self, backup: Backup) -> AbstractContextManager[Path]:
        """A path where the backup can be read, for a `with` block: itself, or an unlocked private copy."""
        return encryption.readable(backup.path, self.password)

    def _free_path(self, now: dt.datetime, reason: str) -> Path:
        again = 1
        while (path := self.folder / names.name(self.book.stem, now, reason, self.book.suffix, again)).exists():
            again += 1
        return path


def _named(newest_first: Sequence[Backup], wanted: str) -> Backup | None:
    """The backup of this file name."""
    return next((backup for backup in newest_first if backup.name == wanted), None)


def _counted(newest_first: Sequence[Backup], wanted: str) -> Backup | None:
    """The backup of this number, 1 (or nothing) the newest."""
    if wanted and not (wanted.isdecimal() and len(wanted) < 4):
        return None
    position = int(wanted or 1) - 1
    return newest_first[position] if 0 <= position < len(newest_first) else None


def _dated(newest_first: Sequence[Backup], which: str) -> Backup | None:
    """The newest backup whose time begins with these digits, of which there are four at least."""
    digits = "".join(filter(str.isdecimal, which))
    if len(digits) < 4:
        return None
    return next((b for b in newest_first if f"{b.moment:%Y%m%d%H%M%S}".startswith(digits)), None)


def _separate(backups: Iterable[Backup]) -> None:
    """Gives sound backups that share their bytes (links of one file) a file each."""
    for backup in backups:
        if backup.path.stat().st_nlink > 1 and _is_intact(backup):
            content = backup.path.read_bytes()
            replace_bytes(backup.path, content, expect_sha256=backup.sha256)


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


def _removed(path: Path) -> str:
    path.unlink(missing_ok=True)
    return path.name
