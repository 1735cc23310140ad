"""Commands install, doctor and uninstall, which join xlcrm and Excel on one computer."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xlcrm.cli.options import FILE, language, say
from xlcrm.cli.telling import tell, tell_json
from xlcrm.os_errors import whole

if TYPE_CHECKING:
    from xlcrm.backups.store import Store
    from xlcrm.install.machine import DoctorFinding

MARKS = {"good": "ok ", "note": "i  ", "warning": "!  ", "error": "X  "}


@click.command()
@click.option("--workbook", type=FILE, help="Also make a new client file here (.xlsm), in the computer's language.")
@click.option("--trust-folder", type=FILE, help="Windows: Excel runs macros of workbooks in this folder unasked.")
@click.option("--fast-clicks/--no-fast-clicks", default=None, help="Keep xlcrm in memory between two clicks, or not.")
def install(workbook: Path | None, trust_folder: Path | None, *, fast_clicks: bool | None) -> None:
    """Tell your Excel where xlcrm is, so that the buttons in a client file work."""
    from xlcrm.install import installing
    from xlcrm.install.machine import this_machine

    machine = this_machine()
    _tell(installing.install(machine))
    if workbook:
        from xlcrm.files.new_book import create

        create(workbook, language=language())
        say("new.done", name=workbook.name)
    if trust_folder:
        _tell(installing.trust_folder(machine, trust_folder))
    if fast_clicks is not None:
        _tell(installing.fast_clicks(wanted=fast_clicks))


@click.command()
def uninstall() -> None:
    """Take away what `install` told Excel, fast clicks, all timers and kept tables; workbooks and backups stay."""
    from xlcrm.backups import table_cache
    from xlcrm.install import installing
    from xlcrm.install.machine import this_machine
    from xlcrm.scheduling.timers import Timers
    from xlcrm.worker import switch

    machine = this_machine()
    _tell(installing.uninstall(machine))
    if switch.state().name != switch.OFF:
        _tell(installing.fast_clicks(wanted=False))
    table_cache.drop_all(table_cache.memory())
    timers = Timers(machine)
    for table in timers.all():
        timers.remove(table)
        say("schedule.removed", name=table.book.name)


@click.command()
@click.argument("book", type=FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--adopt", metavar="STORE", help="Take over backups that count as another workbook's.")
def doctor(book: Path | None, as_json: bool, adopt: str | None) -> None:
    """Look for what hinders the buttons on this computer, and say what to do; changes nothing (but see --adopt)."""
    from xlcrm.errors import CrmError
    from xlcrm.install import doctor as judge
    from xlcrm.install.doctor_facts import look
    from xlcrm.install.machine import this_machine

    if book and not book.is_file():
        raise CrmError("file.missing", name=book.name, folder=str(whole(book).parent))
    if book and adopt:
        _adopt(book, adopt)
        return
    folder, spoken, backups = _of_workbook(book)
    found = [*judge.findings(look(this_machine(), book, folder)), *backups]
    if as_json:
        tell_json([_as_json(finding, spoken) for finding in found])
    else:
        tell("\n".join(lines(found, spoken)))
    if any(finding.level in ("warning", "error") for finding in found):
        sys.exit(1)


def lines(found: Iterable[DoctorFinding], spoken: str) -> list[str]:
    """A line a finding, the worst marked."""
    return [MARKS[finding.level] + _sentence(finding, spoken) for finding in found]


def _sentence(finding: DoctorFinding, spoken: str) -> str:
    from xlcrm import messages

    return messages.text(finding.key, spoken, **dict(finding.values))


def _as_json(finding: DoctorFinding, spoken: str) -> dict[str, object]:
    sentence = _sentence(finding, spoken)
    return {"code": finding.key, "level": finding.level, "sentence": sentence, "values": dict(finding.values)}


def _tell(found: Iterable[DoctorFinding]) -> None:
    for finding in found:
        tell(_sentence(finding, language()))


def _of_workbook(book: Path | None) -> tuple[Path | None, str, list[DoctorFinding]]:
    """The folder of its backups, its language and whose backups are there; without a workbook the computer's."""
    if book is None:
        return None, language(), []
    from xlcrm.cli.backup_commands import looked_at

    session = looked_at(book)
    found = [*_backups(book, session.store), *_nights(book, session.store)]
    return session.store.folder, session.language, found


def _nights(book: Path, store: Store) -> Iterator[DoctorFinding]:
    """When the workbook was last brought up to date by itself, and the nights since when it could not be."""
    from xlcrm.install.machine import DoctorFinding
    from xlcrm.scheduling import night_state

    state = night_state.load(store)
    if state.good:
        values = ("name", book.name), ("when", f"{state.good:%Y-%m-%d %H:%M}")
        yield DoctorFinding("schedule.last_good", "good", values)
    for when, why in state.missed.items():
        told = ("name", book.name), ("when", when[:16].replace("T", " ")), ("why", why)
        yield DoctorFinding("schedule.not_since", "warning", told)


def _backups(book: Path, store: Store) -> Iterator[DoctorFinding]:
    """Whether the workbook has an identity, and which backups are not its own."""
    from xlcrm.backups.adoption import other_stores
    from xlcrm.files.encryption import is_encrypted
    from xlcrm.install.machine import DoctorFinding
    from xlcrm.privacy.lock_book import unfinished

    key = "doctor.copied" if store.copied else "doctor.identity" if store.identity else "doctor.no_identity"
    count = len(store.backups())
    yield DoctorFinding(key, "good", (("name", book.name), ("identity", store.identity), ("n", count)))
    unlocked = len(store.unlocked()) if is_encrypted(book) else 0
    if unlocked:
        yield DoctorFinding("doctor.open_backups", "warning", (("name", book.name), ("n", unlocked)))
    if unfinished(store):
        yield DoctorFinding("seal.unfinished", "warning", (("name", book.name),))
    for label, backups in other_stores(store):
        values = ("n", backups), ("folder", str(label.folder)), ("label", label.text), ("book", str(book))
        yield DoctorFinding("doctor.other_store", "note", values)


def _adopt(book: Path, wanted: str) -> None:
    """Take over a store by its name."""
    from xlcrm.backups.adoption import adopt
    from xlcrm.cli.options import call_of
    from xlcrm.session import open_session

    session = open_session(book, call_of())
    count, backup = adopt(session, wanted)
    say("doctor.adopted", session.language, name=book.name, label=wanted, n=count, backup=backup)


COMMANDS = (install, doctor, uninstall)
