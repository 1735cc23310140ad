"""The command line door: arguments in, one run, sentences and an exit code out. No logic lives here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlcrm import __version__
from xlcrm.cli.backup_commands import COMMANDS as SAFETY
from xlcrm.cli.install_commands import COMMANDS as INSTALLING
from xlcrm.cli.options import BOOK, FILE, SentenceGroup, changing, language, now, perform, perform_with, say
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.settings import Settings

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
@click.option("--country", default="", help="Where most clients live: IT, ES, NO, GB, FR, DE, ...")
@click.option("--currency", default="EUR", show_default=True, help="The currency of your figures, three letters.")
def new(book: Path, spoken: str, country: str, currency: str) -> None:
    """Make a new, empty client file."""
    from babel.numbers import is_currency

    from xlcrm.files.new_book import create

    currency = currency.upper()
    if not is_currency(currency):
        raise CrmError("new.currency", currency=currency)
    create(book, language=spoken, country=country, currency=currency)
    say("new.done", spoken, name=book.name)


@main.command("import")
@BOOK
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--table", type=click.Choice(["Clients", "Purchases", "Interactions", "Suppression"]), default="Clients")
@click.option("--sheet", default="", help="The sheet to read, where the file has several.")
@click.option("--skip-rows", type=click.IntRange(0), default=0, help="Rows at the top of a list not to look at.")
@click.option("--dates", type=click.Choice(["dmy", "mdy"]), default=None, help="Day or month first: 31/12 or 12/31.")
@click.option("--decimal", type=click.Choice([",", "."]), default=None, help="The decimal sign of the list's figures.")
@click.option("--map", "mapping", multiple=True, metavar="'Their header=field'", help="Say what a column holds.")
@click.option("--key", "keys", multiple=True, metavar="FIELD", help="What finds a client again (default: id, e-mail).")
@click.option("--update", is_flag=True, help="Overwrite cells that differ (shown first by --dry-run).")
@changing
def import_(book: Path, files: tuple[Path, ...], table: str, sheet: str, skip_rows: int, dates: str | None,
            decimal: str | None, mapping: tuple[str, ...], keys: tuple[str, ...], update: bool,
            **how: Any) -> None:  # fmt: skip
    """Bring in lists: CSV, Excel, OpenDocument or vCard files."""
    from xlcrm import actions, words
    from xlcrm.files import import_memory

    def memory(settings: Settings) -> Path:
        return import_memory.path_of(book, settings.backup_folder)

    pairs = dict(_pair(item) for item in mapping)
    keys = tuple(words.column_of("Clients", key) or key for key in keys)
    operation = actions.importing(
        files, table=table, mapping=pairs, keys=keys, update=update, sheet=sheet, skip_rows=skip_rows,
        dates=dates or "", decimal=decimal or "", memory=memory,
    )  # fmt: skip
    perform(
        book, "import", operation, **how, after=lambda outcome: actions.remember(
            files, memory(outcome.settings), mapping=pairs, dates=dates or "", decimal=decimal or "", sheet=sheet,
            skip_rows=skip_rows,
        ),
    )  # fmt: skip


@main.command()
@BOOK
@click.option("--column", default="", help="Read this column instead of Full name or Address.")
@click.option(
    "--as",
    "what",
    type=click.Choice(["name", "address", "both"]),
    help="Split only names, or only addresses; both: the column has both.",
)
@changing
def split(book: Path, column: str, what: str | None, **how: Any) -> None:
    """Split names and addresses into fields; what somebody typed stays."""
    from xlcrm import actions

    perform(book, "split", actions.split(column=column, what=what or ""), **how)


@main.command()
@BOOK
@changing
def check(book: Path, **how: Any) -> None:
    """Find what is wrong, where, and what to do; fills the sheet Problems."""
    from xlcrm import actions

    perform(book, "check", actions.check(), **how)


@main.command()
@BOOK
@changing
def correct(book: Path, **how: Any) -> None:
    """Apply the safe corrections, and those decided in the sheet Problems."""
    from xlcrm import actions

    perform(book, "correct", actions.correct(), **how)


@main.command()
@BOOK
@changing
def refresh(book: Path, **how: Any) -> None:
    """Compute what each client spends, and the dashboard."""
    from xlcrm import actions

    perform(book, "refresh", actions.refresh(), **how)


@main.command()
@BOOK
@click.argument("name", default="")
@click.option(
    "--where", multiple=True, help='A condition, e.g. "spend within 30 days > 500"; of several, all must hold.'
)
@click.option("--out", default="", help="Write the clients found to this .xlsx or .csv file of the current folder.")
@changing
def search(book: Path, name: str, where: tuple[str, ...], out: str, **how: Any) -> None:
    """Find clients by a saved search of the sheet Segments, or by conditions."""
    from xlcrm import actions
    from xlcrm.files import output_files

    target = str(output_files.asked(Path(out))) if out else ""
    perform(book, "search", actions.search(name=name, where=where, out=target), **how)


@main.command()
@BOOK
@click.option("--only", default="", help="Make only the list of this name.")
@click.option("--mark-invoiced", is_flag=True, help="Mark the purchases on invoicing lists as invoiced today.")
@changing
def lists(book: Path, only: str, mark_invoiced: bool, **how: Any) -> None:
    """Make the lists named in the sheet Lists, as files."""
    from xlcrm import actions

    perform(book, "lists", actions.lists(book, only=only, mark_invoiced=mark_invoiced), **how)


@main.command()
@BOOK
@click.argument("number", type=int, default=0)
@changing
def undo(book: Path, number: int, **how: Any) -> None:
    """Take back the last change, or the one with this undo number."""
    from xlcrm.run import undo_run

    perform_with(book, lambda file, call: undo_run(file, number, call), **how)


@main.command()
@click.argument("folder", type=FILE)
@click.option("--language", "spoken", type=click.Choice(LANGUAGES), default="en", show_default=True)
def demo(folder: Path, spoken: str) -> None:
    """Do the main job on 300 invented clients in FOLDER, and show what it made."""
    from xlcrm.demo.tour import tour

    tour(folder, language=spoken, today=now().date(), command=main)


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


def _pair(item: str) -> tuple[str, str]:
    header, equals, field = item.rpartition("=")
    if not equals:
        raise CrmError("cli.map", item=item)
    return header.strip(), field.strip()


for _command in (*SAFETY, *INSTALLING):
    main.add_command(_command)
