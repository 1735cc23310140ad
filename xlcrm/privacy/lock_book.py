"""Lock a client file and everything that was kept of it behind one password, and unlock it again.

Workbook, backups and the journal's cells are sealed as Excel and `files.encryption` do it. Every file is replaced whole
or not at all, so a run that is killed leaves some locked and some open, none half; the same command run again goes on
where it ended. The workbook is locked first and unlocked last: whoever runs the command again has to know its password.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from xlcrm import messages
from xlcrm.backups import checksums, table_cache
from xlcrm.backups.store import Backup, Store
from xlcrm.errors import CrmError
from xlcrm.files import encryption, modes, open_elsewhere
from xlcrm.files.durable import sha256_of
from xlcrm.files.replace import replace_bytes
from xlcrm.os_errors import refusing
from xlcrm.session import Session


@dataclass(frozen=True)
class Turned:
    """What was locked, or unlocked.

    book     whether the workbook was
    backups  how many backups
    lines    how many lines of the journal
    left     names of backups that another password locks: they stay as they are
    """

    book: bool = False
    backups: int = 0
    lines: int = 0
    left: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether all was as it should be already."""
        return not (self.book or self.backups or self.lines)


def lock(session: Session) -> Turned:
    """Seal workbook, backups and journal with the session's password.

    CrmError "seal.no_password" without one, "file.password_wrong" where the workbook has another, "seal.open" while
    somebody has it open. A dry run tells what would be sealed, and does nothing.
    """
    with _alone(session):
        store, password = session.store, session.call.password
        open_ones = [backup for backup in store.backups() if not encryption.is_encrypted(backup.path)]
        book = not encryption.is_encrypted(session.path)
        if session.call.dry_run:
            return Turned(book, len(open_ones), store.journal.unlocked())
        with refusing(store.folder):
            table_cache.drop(store.folder)
        if book:
            _kept(session)
            _replaced(session.path, lambda content: encryption.encrypt(content, password), password)
        lines = store.journal.turn(sealed=True)
        return Turned(book, _turn(store, open_ones, lambda content: encryption.encrypt(content, password)), lines)


def unlock(session: Session) -> Turned:
    """Open what `lock` sealed; backups with another password stay locked, and are named. CrmError as `lock`."""
    with _alone(session):
        store, password = session.store, session.call.password
        locked = [backup for backup in store.backups() if encryption.is_encrypted(backup.path)]
        left = tuple(backup.name for backup in locked if not _opens(backup, password))
        going = [backup for backup in locked if backup.name not in left]
        book = encryption.is_encrypted(session.path)
        if session.call.dry_run:
            return Turned(book, len(going), left=left)
        lines = store.journal.turn(sealed=False)
        backups = _turn(store, going, lambda content: _decrypted(content, session.path.name, password))
        if book:
            _replaced(session.path, lambda content: _decrypted(content, session.path.name, password), "")
        return Turned(book, backups, lines, left)


def unfinished(store: Store) -> bool:
    """Whether a run was killed while it locked or unlocked a backup, whose checksum then isn't on record yet."""
    return _note(store).exists()


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    """The right to write everything of a workbook that nobody has open; what a killed run left is settled first."""
    if not session.call.password:
        raise CrmError("seal.no_password")
    for owner in open_elsewhere.owners(session.path):
        raise CrmError("seal.open", name=session.path.name, program=owner.program)
    with modes.as_open_as(session.path), session.store.lock():
        _settle(session.store)
        yield


def _kept(session: Session) -> None:
    """A backup of the workbook as it stands, locked already, unless there is one."""
    reason = messages.text("backup.before", session.language, action="lock")
    made = session.store.take(session.book.snapshot, session.call.now, reason)
    session.store.unless_equal(made)


def _replaced(path: Path, turned: Callable[[bytes], bytes], password: str) -> None:
    """Give a file other bytes of the same workbook; they are read back before they take its place."""
    with refusing(path):
        content = path.read_bytes()
    new = turned(content)
    plain = hashlib.sha256(content if password else new).digest()

    def verify(temporary: Path) -> None:
        """What was written is what was meant, and opens."""
        with encryption.readable(temporary, password) as found:
            if hashlib.sha256(found.read_bytes()).digest() != plain:
                raise CrmError("file.not_read_back", name=path.name, folder=str(path.parent))

    old = hashlib.sha256(content).hexdigest()
    replace_bytes(path, new, expect_sha256=old, verify=verify)


def _turn(store: Store, backups: list[Backup], turned: Callable[[bytes], bytes]) -> int:
    """Give backups other bytes, one after the other, each with its checksum; how many. Equal ones stay equal."""
    before, new = b"", b""
    for backup in backups:
        with refusing(backup.path):
            content = backup.path.read_bytes()
        new = new if before == content else turned(content)
        before = content
        _renewed(store, backup, hashlib.sha256(content).hexdigest(), new)
    return len(backups)


def _renewed(store: Store, backup: Backup, old: str, new: bytes) -> None:
    """One backup; the note tells the next run which checksum is right, should this one be killed in between.

    A damaged backup stays one: its checksum on record is not of these bytes, and is left alone.
    """
    sound = backup.sha256 == old
    checksum = hashlib.sha256(new).hexdigest()
    if sound:
        content = json.dumps([backup.name, checksum]).encode()
        replace_bytes(_note(store), content)
    replace_bytes(backup.path, new, expect_sha256=old)
    if sound:
        _settle(store)


def _settle(store: Store) -> None:
    """Put on record what a backup holds whose bytes were replaced; nothing where they were not."""
    note = _note(store)
    with refusing(note):
        for name, checksum in _noted(note):
            with suppress(FileNotFoundError):
                if sha256_of(store.folder / name) == checksum:
                    checksums.renew(store.index, name, checksum)
        note.unlink(missing_ok=True)


def _noted(note: Path) -> Iterator[tuple[str, str]]:
    """The backup in the note with its checksum; nothing of a note that can't be read."""
    with suppress(OSError, ValueError):
        name, checksum = json.loads(note.read_text(encoding="utf-8"))
        yield Path(name).name, checksum


def _note(store: Store) -> Path:
    """Where it is noted which backup is being replaced."""
    return store.folder / f".{store.label.text} locking.json"


def _opens(backup: Backup, password: str) -> bool:
    """Whether the password opens a backup."""
    try:
        encryption.decrypt(backup.path, password)
    except CrmError:
        return False
    return True


def _decrypted(content: bytes, name: str, password: str) -> bytes:
    """The workbook in locked bytes, in memory."""
    return encryption.decrypt_bytes(content, password, name)
