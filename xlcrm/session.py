"""A session: one workbook, its settings and backups, and who works on it when; built once for a command or a click.

Every action gets the same session, so that no two parts of a run disagree about the folder of the backups, the
language or the day, and the workbook's settings are read once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xlcrm.backups.journal_file import Journal
from xlcrm.backups.store import Store
from xlcrm.errors import CrmError
from xlcrm.files import allowed_folders, file_book
from xlcrm.files.book import Book
from xlcrm.settings import Settings, read_settings
from xlcrm.tables import Tables

_LOOKS = 5
_LOCKED = frozenset({"file.encrypted", "file.password_wrong"})


@dataclass(frozen=True)
class Call:
    """Who runs what and when: everything about a run that is not in the workbook.

    now       local time; it dates the backup, the journal and what "today" means
    who       the person, for the sheet Changes and the journal
    step      called with the name of each of `run.STEPS` as it begins
    warn      called with sentences that the user should read whatever happens
    password  opens a locked workbook and locks its backups
    language  the computer's, for what is said where no workbook can be read
    unattended  nobody sits there: nothing is written, and nothing waited for, while somebody may have the workbook
    """

    now: dt.datetime
    who: str = ""
    dry_run: bool = False
    step: Callable[[str], None] = lambda name: None
    warn: Callable[[str], None] = lambda text: None
    password: str = ""
    language: str = "en"
    unattended: bool = False


@dataclass(frozen=True, eq=False)
class Session:
    """What every action works with.

    book      the workbook: a file, or one that is open in Excel
    seen      its tables when the session began; none where it can't be read
    settings  its sheet Settings; where it can't be read the defaults, in the computer's language
    store     its backups
    """

    book: Book
    call: Call
    seen: Tables
    settings: Settings
    store: Store

    @classmethod
    def begin(cls, book: Book, call: Call, *, anyway: bool = False) -> Session:
        """Look at a workbook once. CrmError says why it can't be read, unless `anyway`: then nothing of it is seen.

        A workbook behind a password is refused in any case without it: its sheet Settings may name another folder of
        backups, and nobody should be told that there are none.
        """
        known: Tables | None = None
        try:
            seen, settings = _looked_at(book)
            known = seen
        except CrmError as fault:
            if not anyway or fault.key in _LOCKED:
                raise
            seen, settings = Tables.of(), Settings(language=call.language)
        allowed_folders.refuse_unless_allowed(book.path, settings.backup_folder, allowed_folders.memory())
        store = Store(book.path, settings.backup_folder, password=call.password, tables=known)
        return cls(book, call, seen, settings, store)

    @property
    def path(self) -> Path:
        return self.book.path

    @property
    def journal(self) -> Journal:
        return self.store.journal

    @property
    def language(self) -> str:
        return self.settings.language

    @property
    def today(self) -> dt.date:
        return self.call.now.date()


def _looked_at(book: Book) -> tuple[Tables, Settings]:
    """The tables and the settings, of one state of the file.

    A look opens the file more than once. Where it fails while another run replaces the file, half of what it saw was
    another's: it looks again, and only what a file that stays says of itself is told.
    """
    for _ in range(_LOOKS):
        before = _stamp(book.path)
        with suppress(CrmError):
            seen = book.look()
            return seen, read_settings(seen)
        if _stamp(book.path) == before:
            break
    seen = book.look()
    return seen, read_settings(seen)


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes with a file that is replaced or written, () where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def open_session(path: Path, call: Call, *, anyway: bool = False) -> Session:
    """The session of a workbook's file; `anyway`: also where it is damaged or gone, and backups matter most."""
    try:
        book = file_book.at(path, call.password)
    except CrmError:
        if not anyway:
            raise
        book = file_book.FileBook(path, password=call.password)
    return Session.begin(book, call, anyway=anyway)
