"""What the tests of whole runs share: an action, named or made up, on a workbook, as the command line takes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.actions import ACTIONS, Action
from xlcrm.backups.store import Backup, Store
from xlcrm.files.book import Book
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Change, Plan
from xlcrm.run import Outcome, run
from xlcrm.session import Call, Session, open_session
from xlcrm.settings import Settings
from xlcrm.tables import Tables


def take(book: Book, name: str, call: Call, /, **options: Any) -> Outcome:
    """One action of the registry."""
    return run(Session.begin(book, call, anyway=ACTIONS[name].heals), ACTIONS[name], **options)


def plan_with(
    book: Book, operation: Callable[[Tables, Settings, dt.date], Plan], call: Call, name: str = "x"
) -> Outcome:
    """An action that a test makes up."""
    return run(Session.begin(book, call), Action(name, lambda session: operation))


def restored(store: Store, backup: Backup, now: dt.datetime) -> Backup | None:
    """Put a backup back as `xlcrm restore` does; the backup of what it replaced, None where nothing was there."""
    call = Call(now, password=store.password)
    outcome = run(open_session(Path(store.book), call, anyway=True), ACTIONS["restore"], which=backup.name)
    return next((made for made in store.backups() if made.path == outcome.backup), None)


def setting(book: Path, name: str, value: object) -> None:
    """Write a value into the sheet Settings."""
    file = FileBook(book)
    tables = file.look()
    frame = tables["Settings"].frame
    at = next(i for i, typed in enumerate(frame["setting"]) if words.setting_of(str(typed)) == name)
    before, after = pd.Series([frame["value"][at]], index=[at]), pd.Series([value], index=[at])
    file.apply(Plan("x", changes=(Change("Settings", "value", before, after, pd.Series([""], index=[at])),)), tables)
