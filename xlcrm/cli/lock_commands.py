"""Commands lock, unlock and breach: a client file behind one password, in the open again, or in the wrong hands."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xlcrm import messages
from xlcrm.cli.backup_commands import looked_at
from xlcrm.cli.options import BOOK, FILE, call_of, language, password, say, warn
from xlcrm.cli.telling import tell
from xlcrm.errors import CrmError

if TYPE_CHECKING:
    from xlcrm.privacy.lock_book import Turned
    from xlcrm.session import Session

SHORT = 10  # characters; what is shorter is soon guessed by a machine
FROM = click.option("--password-env", metavar="NAME", help="The environment variable that holds the password.")
STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of the input.")
DRY = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@click.command()
@BOOK
@FROM
@STDIN
@DRY
def lock(book: Path, password_env: str | None, *, password_stdin: bool, dry_run: bool) -> None:
    """Lock the workbook, its backups and its journal with a password (asked twice)."""
    from xlcrm.privacy import lock_book

    given = _password(password_env, password_stdin, twice=True)
    if len(given) < SHORT:
        warn(messages.text("seal.short", language(), n=len(given)))
    _turn(book, given, lock_book.lock, "seal.locked", dry_run=dry_run)


@click.command()
@BOOK
@FROM
@STDIN
@DRY
def unlock(book: Path, password_env: str | None, *, password_stdin: bool, dry_run: bool) -> None:
    """Unlock the workbook, its backups and its journal."""
    from xlcrm.privacy import lock_book

    _turn(book, _password(password_env, password_stdin, twice=False), lock_book.unlock, "seal.opened", dry_run=dry_run)


def _password(variable: str | None, stdin: bool, *, twice: bool) -> str:
    """The password: of the variable named, of the input, of XLCRM_PASSWORD, or asked where somebody sits there.

    CrmError "seal.variable" where the variable is empty, "seal.no_password" where nobody can be asked.
    """
    if variable:
        if not os.environ.get(variable):
            raise CrmError("seal.variable", name=variable)
        return os.environ[variable]
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if password():
        return password()
    if not sys.stdin.isatty():
        raise CrmError("seal.no_password")
    asked = messages.text("seal.ask", language())
    again = messages.text("seal.ask_again", language()) if twice else False
    return str(click.prompt(asked, hide_input=True, confirmation_prompt=again))


def _turn(book: Path, given: str, act: Callable[[Session], Turned], key: str, *, dry_run: bool) -> None:
    """Lock or unlock, and say what was done; exit code 1 where there was nothing to do."""
    from xlcrm.files import output_files
    from xlcrm.session import open_session

    session = open_session(book, replace(call_of(dry_run=dry_run), password=given))
    turned = act(session)
    lists = output_files.folder(session.path, session.language, session.call.now).parent
    fill = {"name": session.path.name, "n": turned.backups, "lines": turned.lines, "folder": lists.name}
    if turned.nothing:
        say(f"{key}_before", session.language, **fill)
        sys.exit(1)
    say(f"{key}_dry" if dry_run else key, session.language, **fill)
    if key == "seal.locked" and lists.is_dir():
        say("seal.lists_stay", session.language, **fill)
    if turned.left:
        tell(messages.text("seal.other_password", session.language, n=len(turned.left), names=", ".join(turned.left)))


@click.command()
@BOOK
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day as of which it got out (default: now).")
@click.option("--known-since", type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%d"]), help="Default: now.")
@click.option("--out", type=FILE, help="The folder for the files (default: one beside the workbook).")
@click.option("--what", default="", help="What happened, in your words.")
@click.option("--done", default="", help="What was done, in your words.")
@click.option("--contact", default="", help="Whom to ask (default: e-mail and phone of Settings).")
@DRY
def breach(
    book: Path, as_of: dt.datetime | None, known_since: dt.datetime | None, out: Path | None, *, dry_run: bool,
    what: str, done: str, contact: str,
) -> None:  # fmt: skip
    """If the file got out: who was in it, letters and e-mails to them, the note for the authority, a register."""
    from xlcrm.files.encryption import is_encrypted
    from xlcrm.privacy import breach_run

    session = looked_at(book, dry_run=dry_run)
    day = as_of.date() if as_of else None
    made = breach_run.report(session, day, known_since, out, what=what, done=done, contact=contact)
    for sentence in breach_run.sentences(made, session.language):
        tell(sentence)
    if made.files and is_encrypted(session.path):
        shown = ", ".join(path.name for path in made.files[:3]) + ", ..."
        fill = {"name": session.path.name, "n": len(made.files), "names": shown}
        warn(messages.text("seal.files_open", session.language, **fill))
    if made.problems:
        sys.exit(1)


COMMANDS = (lock, unlock, breach)
