"""Commands of the backups: take one, list them, re-read all of them, put one back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlcrm import messages
from xlcrm.cli.options import BOOK, changing, language, now, password, perform, say
from xlcrm.errors import CrmError, spoken

if TYPE_CHECKING:
    from xlcrm.backups.store import Store
    from xlcrm.settings import Settings


def store_of(book: Path) -> tuple[Store, Settings]:
    """The backups of a workbook and its settings, for the commands that look after backups."""
    from xlcrm.backups.store import Store
    from xlcrm.files import encryption
    from xlcrm.settings import Settings, read_settings
    from xlcrm.xlsx.reading import read_tables

    try:
        with encryption.readable(book, password()) as path:
            settings = read_settings(read_tables.read(path))
    except CrmError as fault:
        if fault.key in ("file.encrypted", "file.password_wrong"):
            raise  # the sheet Settings may name another folder, and nobody should be told that there are no backups
        settings = Settings(language=language())  # a broken or missing workbook is when backups are needed most
    return Store(book, settings.backup_folder, password=password()), settings


@click.command()
@BOOK
@click.option("--reason", default="", help="Ends the backup's name.")
def backup(book: Path, reason: str) -> None:
    """Take a dated, verified backup now."""
    from xlcrm.files.file_book import open as open_book
    from xlcrm.run import rules

    store, settings = store_of(book)
    file = open_book(book, password())
    with store.lock():
        made = store.take(file.snapshot, now(), reason or messages.text("backup.by_hand", settings.language))
        store.prune(now(), rules(settings))
    say("backup.done", settings.language, name=made.name, folder=str(store.folder))


@click.command()
@BOOK
@click.option("--all", "compare_all", is_flag=True, help="Compare all of them, not only the newest ten.")
def backups(book: Path, compare_all: bool) -> None:
    """List the backups, newest first, with what changed between them."""
    from xlcrm.backups.history import history

    store, settings = store_of(book)
    rows = history(store, settings.language, newest=sys.maxsize if compare_all else 10)
    if not rows:
        say("backup.none", settings.language, name=book.name, folder=str(store.folder))
        sys.exit(1)
    for number, (made, changed) in enumerate(rows, 1):
        click.echo(f"{number:3}  {made.name}  {changed}")


@click.command()
@BOOK
def verify(book: Path) -> None:
    """Read every backup again and compare it with what was written."""
    from xlcrm.backups.verify import verify as verify_all

    store, settings = store_of(book)
    faults = verify_all(store)
    for fault in faults:
        click.echo(fault.sentence(settings.language))
    if faults:
        sys.exit(1)
    say("backup.all_sound", settings.language, n=len(store.backups()))


@click.command()
@BOOK
@click.argument("which", default="")
@click.option("--rows", multiple=True, metavar="ID,ID", help="Bring back only these clients.")
@changing
def restore(book: Path, which: str, rows: tuple[str, ...], dry_run: bool, **how: Any) -> None:
    """Put back a backup: the newest, a number from `backups`, or a date. What it replaces is backed up first."""
    store, settings = store_of(book)
    with spoken(settings.language):
        found = store.find(which)
    if rows:
        from xlcrm.backups.restore import restore_rows
        from xlcrm.xlsx.reading import read_tables

        wanted = tuple(part.strip() for part in ",".join(rows).split(",") if part.strip())
        with store.opened(found) as path:
            old = read_tables.read(path)
            perform(
                book,
                "restore",
                lambda tables, settings, today: restore_rows(old, tables, wanted),
                dry_run=dry_run,
                **how,
            )
        return
    if dry_run:
        say("backup.would_restore", settings.language, name=found.name, book=book.name)
        return
    with store.lock():
        reason = messages.text("backup.before", settings.language, action="restore")
        replaced = store.restore(found, now(), reason)
    say(
        "backup.restored",
        settings.language,
        name=found.name,
        book=book.name,
        replaced=replaced.name if replaced else "-",
    )


COMMANDS = (backup, backups, verify, restore)
