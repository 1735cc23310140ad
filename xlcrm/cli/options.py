"""What all commands share: who, when, in which language, how an outcome is told and a refusal becomes exit code 2."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlcrm.cli.progress import Progress
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES

if TYPE_CHECKING:
    from xlcrm.actions import Operation
    from xlcrm.run import Call, Outcome

# more threads make nothing of a client file's size faster, and while they wait they take the time of those that read
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BOOK = click.argument("book", type=click.Path(path_type=Path))
FILE = click.Path(path_type=Path)


class Group(click.Group):
    """Every refusal is a sentence and exit code 2, never a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.UsageError as fault:
            from xlcrm.cli.usage_errors import sentence

            click.echo(sentence(fault, language()), err=True)
        except click.ClickException as fault:
            fault.show()
        except click.Abort:
            click.echo(err=True)
        except CrmError as fault:
            click.echo(fault.text(language()), err=True)
        except Exception as fault:
            if os.environ.get("XLCRM_DEBUG"):
                raise
            text = CrmError("cli.unexpected", kind=type(fault).__name__, fault=str(fault)[:300])
            click.echo(text.text(language()), err=True)
        sys.exit(2)


def changing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every changing command has."""
    for option in (
        click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to take as today."),
        click.option("--json", "as_json", is_flag=True, help="Print everything as JSON."),
        click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing."),
    ):
        command = option(command)
    return command


def perform(book: Path, action: str, operation: Operation, **how: Any) -> None:
    """Run an operation on a closed workbook and tell what came of it."""
    from xlcrm.run import run

    perform_with(book, lambda file, call: run(file, action, operation, call), **how)


def perform_with(
    book: Path, take: Callable[[Any, Call], Outcome], *, dry_run: bool, as_json: bool, today: dt.datetime | None
) -> None:
    import getpass

    from xlcrm.cli import output
    from xlcrm.files.file_book import open as open_book
    from xlcrm.run import STEPS, Call

    with Progress(len(STEPS), language()) as progress:
        call = Call(now(today), getpass.getuser(), dry_run, progress.step, warn, password())
        outcome = take(open_book(book, call.password), call)
    if as_json:
        click.echo(json.dumps(output.as_json(outcome, dry_run=dry_run), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(output.lines(outcome, dry_run=dry_run)))
    if outcome.exit_code:
        sys.exit(outcome.exit_code)


def say(key: str, spoken: str = "", **values: object) -> None:
    from xlcrm import messages

    click.echo(messages.text(key, spoken or language(), **values))


def warn(text: str) -> None:
    click.echo(text, err=True)


def password() -> str:
    """The password of locked backups and workbooks comes from the environment, never from a command line others see."""
    return os.environ.get("XLCRM_PASSWORD", "")


def now(today: dt.datetime | None = None) -> dt.datetime:
    """Local time; with --today that day, at the hour it is."""
    clock = dt.datetime.now().astimezone().replace(tzinfo=None)
    return dt.datetime.combine(today.date(), clock.time()) if today else clock


def language() -> str:
    """The language of a refusal that comes before any workbook was read: the computer's own, where we speak it."""
    code = (os.environ.get("XLCRM_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2].lower()
    if not code:
        import locale

        code = (locale.getlocale()[0] or "en")[:2].lower()
    code = {"no": "nb", "nn": "nb"}.get(code, code)
    return code if code in LANGUAGES else "en"
