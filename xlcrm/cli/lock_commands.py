"""Commands lock, unlock and breach: a client file behind one password, in the open again, or in the wrong hands."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from xlcrm import messages
from xlcrm.cli.backup_commands import looked_at
from xlcrm.cli.options import BOOK, FILE, call_of, language, password, warn
from xlcrm.cli.telling import tell, tell_json
from xlcrm.errors import CrmError

if TYPE_CHECKING:
    from xlcrm.privacy.lock_book import Turned
    from xlcrm.session import Session

SHORT = 10  # characters; what is shorter is soon guessed by a machine
FROM = click.option("--password-env", metavar="NAME", help="The environment variable that holds the password.")
STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of the input.")
_NAMES = {"seal.locked": "lock", "seal.opened": "unlock"}
DRY = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")


class CommandTold(NamedTuple):
    """What a command says: its name, its exit code, and its sentences."""

    action: str
    code: int
    sentences: Sequence[str]


@click.command()
@BOOK
@FROM
@STDIN
@DRY
@JSON
def lock(book: Path, password_env: str | None, *, password_stdin: bool, dry_run: bool, as_json: bool) -> None:
    """Lock the workbook, its backups and its journal with a password (asked twice)."""
    from xlcrm.privacy import lock_book

    given = _password(password_env, password_stdin, twice=True)
    if len(given) < SHORT:
        warn(messages.text("seal.short", language(), n=len(given)))
    _turn(book, given, lock_book.lock, "seal.locked", dry_run=dry_run, as_json=as_json)


@click.command()
@BOOK
@FROM
@STDIN
@DRY
@JSON
def unlock(book: Path, password_env: str | None, *, password_stdin: bool, dry_run: bool, as_json: bool) -> None:
    """Unlock the workbook, its backups and its journal."""
    from xlcrm.privacy import lock_book

    given = _password(password_env, password_stdin, twice=False)
    _turn(book, given, lock_book.unlock, "seal.opened", dry_run=dry_run, as_json=as_json)


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


def _turn(
    book: Path, given: str, act: Callable[[Session], Turned], key: str, *, dry_run: bool, as_json: bool
) -> None:  # fmt: skip
    """Lock or unlock, and say what was done; exit code 1 where there was nothing to do."""
    from xlcrm.session import open_session

    session = open_session(book, replace(call_of(dry_run=dry_run), password=given))
    turned = act(session)
    told = CommandTold(_NAMES[key], int(turned.nothing), list(_sentences(session, turned, key, dry_run=dry_run)))
    found = {"book": turned.book, "backups": turned.backups, "lines": turned.lines, "left": list(turned.left)}
    _tell(told, found, dry_run=dry_run, as_json=as_json)


def _sentences(session: Session, turned: Turned, key: str, *, dry_run: bool) -> Iterator[str]:
    """What was done, and what stays as it is."""
    from xlcrm.files import output_files

    lists = output_files.folder(session.path, session.language, session.call.now).parent
    fill = {"name": session.path.name, "n": turned.backups, "lines": turned.lines, "folder": lists.name}
    if turned.nothing:
        yield messages.text(f"{key}_before", session.language, **fill)
        return
    yield messages.text(f"{key}_dry" if dry_run else key, session.language, **fill)
    if key == "seal.locked" and lists.is_dir():
        yield messages.text("seal.lists_stay", session.language, **fill)
    if turned.left:
        names = ", ".join(turned.left)
        yield messages.text("seal.other_password", session.language, n=len(turned.left), names=names)


def _tell(told: CommandTold, found: Mapping[str, object], *, dry_run: bool, as_json: bool) -> None:
    """Sentences, or all that was found for a program; ends with the exit code where that is not 0."""
    if as_json:
        whole = {"action": told.action, "dry_run": dry_run, "exit_code": told.code, "sentences": list(told.sentences)}
        tell_json({**whole, **found})
    else:
        for sentence in told.sentences:
            tell(sentence)
    if told.code:
        sys.exit(told.code)


@click.command()
@BOOK
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day as of which it got out (default: now).")
@click.option("--known-since", type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%d"]), help="Default: now.")
@click.option("--out", type=FILE, help="The folder for the files (default: one beside the workbook).")
@click.option("--what", default="", help="What happened, in your words.")
@click.option("--done", default="", help="What was done, in your words.")
@click.option("--contact", default="", help="Whom to ask (default: e-mail and phone of Settings).")
@DRY
@JSON
def breach(
    book: Path, as_of: dt.datetime | None, known_since: dt.datetime | None, out: Path | None, *, dry_run: bool,
    as_json: bool, what: str, done: str, contact: str,
) -> None:  # fmt: skip
    """If the file got out: who was in it, letters and e-mails to them, the note for the authority, a register."""
    from xlcrm.files.encryption import is_encrypted
    from xlcrm.privacy import breach_run

    session = looked_at(book, dry_run=dry_run)
    day = as_of.date() if as_of else None
    made = breach_run.report(session, day, known_since, out, what=what, done=done, contact=contact)
    if made.files and is_encrypted(session.path):
        shown = ", ".join(path.name for path in made.files[:3]) + ", ..."
        fill = {"name": session.path.name, "n": len(made.files), "names": shown}
        warn(messages.text("seal.files_open", session.language, **fill))
    found = {
        "persons": len(made.persons), "sensitive": sum(bool(one.sensitive) for one in made.persons),
        "letters": made.letters, "emails": made.emails, "files": [str(path) for path in made.files],
        "as_of": f"{made.breach.day:%Y-%m-%d}",
    }  # fmt: skip
    told = CommandTold("breach", int(bool(made.problems)), breach_run.sentences(made, session.language))
    _tell(told, found, dry_run=dry_run, as_json=as_json)


COMMANDS = (lock, unlock, breach)
