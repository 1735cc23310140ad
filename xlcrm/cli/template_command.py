"""The command `xlcrm template BOOK KIND`: a template to begin with, in the folder `templates` beside the workbook."""

from __future__ import annotations

from pathlib import Path

import click

from xlcrm.cli.options import BOOK, call_of, say
from xlcrm.errors import CrmError


@click.command()
@BOOK
@click.argument("kind")
@click.option("--format", "form", default="", help="docx (Word), typ (PDF), html or txt. Default: docx for letters.")
def template(book: Path, kind: str, form: str) -> None:
    """Write a template to begin with into the folder "templates" beside the workbook, and say where it is."""
    from xlcrm import schema, words
    from xlcrm.files.replace import replace_file
    from xlcrm.files.template_starter import starter_of
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
    replace_file(target, lambda place: place.write_bytes(content) and None)
    say(
        "templates.written",
        settings.language,
        name=name,
        folder=str(folder),
        list=words.title("Lists", settings.language),
    )


COMMANDS = (template,)
