"""The command line door: arguments in, one run, sentences and an exit code out. No logic lives here.

The commands that run an action are made from the registry (xlcrm/actions.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from xlcrm import __version__
from xlcrm.actions import ACTIONS
from xlcrm.cli.backup_commands import COMMANDS as SAFETY
from xlcrm.cli.explain_commands import COMMANDS as EXPLAINING
from xlcrm.cli.install_commands import COMMANDS as INSTALLING
from xlcrm.cli.lock_commands import COMMANDS as LOCKING
from xlcrm.cli.options import (
    BOOK,
    FILE,
    SentenceGroup,
    call_of,
    command_of,
    currency_of,
    home_country,
    language,
    now,
    say,
)
from xlcrm.cli.schedule_commands import COMMANDS as SCHEDULING
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES

if TYPE_CHECKING:
    from xlcrm.plan import Plan

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
EXIT = "Exit codes: 0 done; 1 problems found, or nothing to do as asked; 2 refused, nothing changed."


@click.group(cls=SentenceGroup, context_settings=CONTEXT, epilog=EXIT)
@click.version_option(__version__, prog_name="xlcrm")
def main() -> None:
    """Make an Excel client file behave: check, split, count, list, back up, and take any change back."""


@main.command()
@BOOK
@click.option(
    "--language", "spoken", type=click.Choice(LANGUAGES), default=lambda: language(), help="Default: the computer's."
)
@click.option("--country", help="Where most clients live: IT, ES, NO, GB, FR, DE, ... Default: the computer's.")
@click.option("--currency", help="The currency of your figures, three letters. Default: the country's, else EUR.")
@click.option("--invoicing", is_flag=True, help="With the sheets for offers, invoices and payments.")
@click.option("--from", "files", type=FILE, multiple=True, help="Bring in this list, too; split and check it.")
def new(
    book: Path, spoken: str, country: str | None, currency: str | None, files: tuple[Path, ...], *, invoicing: bool
) -> None:
    """Make a new client file, empty or with the clients of a list; what isn't said is taken from the computer."""
    from babel.numbers import is_currency

    from xlcrm.files.new_book import create

    country = home_country() if country is None else country
    currency = (currency or currency_of(country)).upper()
    if not is_currency(currency):
        raise CrmError("new.currency", currency=currency)
    parts = ("invoicing",) if invoicing else ()
    _look_at(files)
    create(book, language=spoken, country=country, currency=currency, parts=parts)
    if files:
        from xlcrm.cli.performing import perform

        say("new.with_list", spoken, name=book.name)
        perform(ACTIONS["import"], book, files=files, ready=True)
    say("new.done", spoken, name=book.name)
    say("new.next", spoken, country=country or "-", currency=currency, name=book.name)


def _look_at(files: tuple[Path, ...]) -> None:
    """Refuses lists that can't be read, before there is a client file."""
    if files:
        from xlcrm.files.list_files import read

        for file in files:
            read(file)


@main.command()
@click.argument("folder", type=FILE)
@click.option("--language", "spoken", type=click.Choice(LANGUAGES), default="en", show_default=True)
def demo(folder: Path, spoken: str) -> None:
    """Do the main job on 300 invented clients in FOLDER, and show what it made."""
    from xlcrm.demo.tour import tour

    tour(folder, language=spoken, today=now().date(), command=main, put=_put)


def _put(book: Path, plan: Plan) -> None:
    """A plan that is there already, applied as every run is: backup, journal, undo."""
    from xlcrm.actions import Action
    from xlcrm.cli.options import call_of
    from xlcrm.run import run
    from xlcrm.session import open_session

    run(open_session(book, call_of()), Action("import", lambda session: lambda tables, settings, today: plan))


@main.command()
@BOOK
@click.argument("kind")
@click.option("--format", "form", default="", help="docx (Word), typ (PDF), html or txt. Default: docx for letters.")
def template(book: Path, kind: str, form: str) -> None:
    """Write a template to begin with into the folder "templates" beside the workbook, and say where it is."""
    from xlcrm import schema, words
    from xlcrm.files.replace import replace_bytes
    from xlcrm.files.template_files import starter_of
    from xlcrm.lists.list_order import WINDOWS
    from xlcrm.session import open_session

    session = open_session(book, call_of())
    settings = session.settings
    canonical = words.choice("list", kind) or kind
    fields = [column.name for column in schema.table("Clients").columns]
    window = WINDOWS.get(settings.country, "din-b")
    name, content = starter_of(canonical, form.lower().lstrip("."), settings.language, window, fields)
    folder = session.path.parent / "templates"
    target = folder / name
    if target.exists():
        raise CrmError("templates.there", name=name, folder=str(folder))
    folder.mkdir(exist_ok=True)
    replace_bytes(target, content)
    say(
        "templates.written",
        settings.language,
        name=name,
        folder=str(folder),
        list=words.title("Lists", settings.language),
    )


@main.command("build-workbook")
@click.argument("target", type=FILE, default=Path("workbook/ClientFile.xlsm"))
@click.option("--language", "spoken", type=click.Choice(LANGUAGES), default="en", show_default=True)
def build_workbook(target: Path, spoken: str) -> None:
    """Build the empty workbook from the schema; the same bytes every time."""
    from xlcrm.building.build_workbook import build, publish

    if target.name == "ClientFile.xlsm" and spoken == "en":
        publish(target.parent)
    else:
        build(target, language=spoken)
    say("build.done", name=str(target))


_ACTING = [command_of(action) for action in ACTIONS.values() if action.help]
for _command in (*SAFETY, *EXPLAINING, *INSTALLING, *LOCKING, *SCHEDULING, *_ACTING):
    main.add_command(_command)
