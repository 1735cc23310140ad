"""Commands schedule, inbox and form: the workbook kept up to date by itself, the lists of its inbox, a form for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xlcrm import messages
from xlcrm.cli.options import FILE, call_of, language, say
from xlcrm.cli.telling import tell, tell_json
from xlcrm.errors import CrmError
from xlcrm.scheduling.timetable import AT, DO, Timetable, timetable

if TYPE_CHECKING:
    from xlcrm.scheduling.inbox import Taken
    from xlcrm.scheduling.timers import Timers


@click.command()
@click.argument("book", type=FILE, required=False)
@click.option("--at", default=AT, show_default=True, help="When it begins, each day; tried again until 06:00.")
@click.option("--do", "jobs", default=DO, show_default=True, help="What is done, in this order.")
@click.option("--list", "listed", is_flag=True, help="Show the workbooks that are kept up to date by themselves.")
@click.option("--remove", is_flag=True, help="No more for this workbook.")
@click.option("--now", "at_once", is_flag=True, help="Do now what is done by night.")
@click.option("--night", is_flag=True, hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def schedule(
    book: Path | None, at: str, jobs: str, *, listed: bool, remove: bool, at_once: bool, night: bool, as_json: bool
) -> None:
    """Keep the workbook up to date by itself: check, refresh, lists of its inbox, by night."""
    timers = _timers()
    if listed:
        _list(timers, as_json=as_json)
        return
    if book is None:
        raise CrmError("schedule.which")
    if remove:
        _remove(timers, book)
        return
    if at_once or night:
        own = None if night else timers.of(book)
        _night(own or timetable(book, at, [jobs]), anyway=not night, as_json=as_json)
        return
    _add(timers, timetable(book, at, [jobs]))


def _timers() -> Timers:
    from xlcrm.install.machine import this_machine
    from xlcrm.scheduling.timers import Timers

    return Timers(this_machine())


def _add(timers: Timers, table: Timetable) -> None:
    """Register a timetable, once the workbook is known to be one; its inbox is made where lists are to be taken."""
    from xlcrm.scheduling.inbox_folder import inbox_of
    from xlcrm.session import open_session

    session = open_session(table.book, call_of())
    kind = timers.add(table)
    times = {"at": f"{table.at:%H:%M}", "until": f"{table.tries()[-1]:%H:%M}", "jobs": ", ".join(table.jobs)}
    say("schedule.added", session.language, name=table.book.name, kind=kind, **times)
    if "inbox" in table.jobs:
        inbox = inbox_of(session.path, session.language)
        inbox.make()
        say("inbox.is", session.language, folder=inbox.path.name)
    if kind == "cron":
        say("schedule.cron", session.language)


def _remove(timers: Timers, book: Path) -> None:
    table = timers.of(book)
    if table is None:
        raise CrmError("schedule.none", name=book.name)
    timers.remove(table)
    say("schedule.removed", name=book.name)


def _list(timers: Timers, *, as_json: bool) -> None:
    found = timers.all()
    if as_json:
        tell_json([{"book": str(one.book), "at": f"{one.at:%H:%M}", "do": [*one.jobs]} for one in found])
    elif not found:
        say("schedule.nobody")
    for one in [] if as_json else found:
        gone = "" if one.book.is_file() else " " + messages.text("schedule.gone", language())
        tell(f"{one.at:%H:%M}  {', '.join(one.jobs)}  {one.book}{gone}")


def _night(table: Timetable, *, anyway: bool, as_json: bool) -> None:
    from xlcrm.scheduling.night_run import take_night

    night = take_night(table, call_of(), anyway=anyway)
    if as_json:
        tell_json({"exit_code": night.code, "said": [*night.said]})
    else:
        tell("\n".join(night.said), err=night.code == 2)
    sys.exit(night.code)


@click.command()
@click.argument("book", type=FILE)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def inbox(book: Path, *, dry_run: bool, as_json: bool) -> None:
    """Take in the lists that wait in the workbook's inbox; what is in doubt is set aside, with the reason."""
    from xlcrm.scheduling.inbox import TO_LOOK_AT, take_in

    folder, taken = take_in(Path(os.path.realpath(book)), call_of(dry_run=dry_run))
    if as_json:
        tell_json([_plain(one) for one in taken])
    else:
        if dry_run:
            say("show.dry_run", folder.language)
        told = [messages.text(one.key, folder.language, **one.values) for one in taken]
        tell("\n".join(told or [messages.text("inbox.empty", folder.language, folder=folder.path.name)]))
    sys.exit(int(any(one.key in TO_LOOK_AT for one in taken) or not taken))


def _plain(one: Taken) -> dict[str, object]:
    counts = one.outcome.plan.counts() if one.outcome else {}
    return {"code": one.key, **one.values, "counts": counts}


@click.command()
@click.argument("book", type=FILE)
@click.option("--out", type=FILE, help="Write it to this .html file. Default: beside the workbook.")
@click.option(
    "--language", "spoken", type=click.Choice(messages.LANGUAGES), help="Of the page. Default: the workbook's."
)
@click.option("--ask", default="", help="The columns of Clients to ask for, with commas between them.")
def form(book: Path, out: Path | None, spoken: str | None, ask: str) -> None:
    """Write a blank form as a web page; what people answer there is saved as a file for the inbox."""
    from xlcrm.exports.web_form import web_form
    from xlcrm.files import import_memory
    from xlcrm.files.output_files import asked
    from xlcrm.files.replace import replace_bytes
    from xlcrm.scheduling.inbox_folder import inbox_of
    from xlcrm.session import open_session

    session = open_session(book, call_of())
    name = messages.text("form.name", session.language, stem=session.path.stem)
    target = asked(out) if out else session.path.with_name(f"{name}.html")
    if target.exists():
        raise CrmError("form.there", name=target.name)
    made = web_form(
        session.seen, session.settings, stem=session.path.stem, today=session.today, language=spoken or "",
        asked=[one for one in ask.split(",") if one.strip()],
    )  # fmt: skip
    replace_bytes(target, made.page.encode())
    import_memory.save(import_memory.path_of(session.store), made.remembered)
    say("form.written", session.language, path=str(target), folder=inbox_of(session.path, session.language).path.name)


COMMANDS = (schedule, inbox, form)
