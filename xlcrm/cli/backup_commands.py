"""Commands of the backups: take one, list them, re-read all of them, put one back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xlcrm.cli.options import BOOK, call_of, password, say
from xlcrm.cli.telling import tell

if TYPE_CHECKING:
    from xlcrm.session import Session


def looked_at(book: Path, *, dry_run: bool = False) -> Session:
    """The session of a workbook that is only looked at; also where it is damaged or gone, and backups matter most."""
    from xlcrm.run import join_versions
    from xlcrm.session import open_session

    session = open_session(book, call_of(dry_run=dry_run), anyway=True)
    if not dry_run:
        join_versions(session)
    return session


@click.command()
@BOOK
@click.option("--all", "compare_all", is_flag=True, help="Compare all of them, not only the newest ten.")
@click.option("--allow-folder", is_flag=True, help="Allow the folder that Settings names, on this computer.")
@click.option("--remove-unlocked", is_flag=True, help="Remove what was kept before there was a password.")
def backups(book: Path, compare_all: bool, allow_folder: bool, remove_unlocked: bool) -> None:
    """List the backups, newest first, with what changed between them."""
    from xlcrm.backups.history import history as compared

    if allow_folder:
        _allow_folder(book)
        return
    session = looked_at(book)
    if remove_unlocked:
        with session.store.lock():
            removed, lines = session.store.remove_unlocked()
        say("backup.unlocked_removed", session.language, n=removed, lines=lines)
        return
    rows = compared(session.store, session.language, newest=sys.maxsize if compare_all else 10)
    if not rows:
        say("backup.none", session.language, name=book.name, folder=str(session.store.folder))
    for number, (made, changed) in enumerate(rows, 1):
        tell(f"{number:3}  {made.name}  {changed}")
    if others := session.store.foreign():
        shown = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
        say("backup.others_here", session.language, n=len(others), folder=str(session.store.folder), names=shown)
    if not rows:
        sys.exit(1)


@click.command()
@BOOK
@click.option("--all", "everything", is_flag=True, help="All runs, not only the newest twenty.")
def history(book: Path, everything: bool) -> None:
    """List what was done to the workbook, newest first, in plain words."""
    from xlcrm.backups.history import runs_told
    from xlcrm.backups.put_back import made_elsewhere

    session = looked_at(book)
    away = made_elsewhere(session)
    shown = 0 if everything else 20
    lines = runs_told(session.journal.entries(), session.language, newest=shown, elsewhere=away)
    for line in lines:
        tell(line)
    if not lines:
        say("history.none", session.language, name=book.name)
        sys.exit(1)


def _allow_folder(book: Path) -> None:
    """Remember that the folder which the workbook's Settings name may be used."""
    from xlcrm.files import allowed_folders, file_book
    from xlcrm.settings import read_settings

    settings = read_settings(file_book.at(book, password()).look())
    if not settings.backup_folder or not allowed_folders.is_outside(book, settings.backup_folder):
        say("backup.folder_inside", settings.language, name=book.name)
        return
    folder = allowed_folders.allow(book, settings.backup_folder, allowed_folders.memory())
    say("backup.folder_allowed", settings.language, folder=str(folder))


@click.command()
@BOOK
def verify(book: Path) -> None:
    """Read every backup again and compare it with what was written."""
    from xlcrm.backups.verify import verify as verify_all

    session = looked_at(book)
    faults = verify_all(session.store)
    for fault in faults:
        tell(fault.sentence(session.language))
    if faults:
        sys.exit(1)
    say("backup.all_sound", session.language, n=len(session.store.backups()))


COMMANDS = (backups, history, verify)
