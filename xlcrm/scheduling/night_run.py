"""The run of a night: the jobs of a timetable one after the other, with nobody there; what could not be done is told.

It is told three times: in a text beside the workbook that goes with the next good run, in the sheet Changes at the next
run that can write, and by the exit code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xlcrm import messages
from xlcrm.actions import ACTIONS
from xlcrm.errors import CrmError
from xlcrm.files import note_beside
from xlcrm.files.lock import one_writer
from xlcrm.scheduling import inbox, night_state
from xlcrm.scheduling.timetable import JOBS, Timetable

if TYPE_CHECKING:
    from xlcrm.backups.store import Store
    from xlcrm.session import Call, Session


@dataclass(frozen=True)
class Night:
    """How a night went: the exit code (0 done, 1 done with something to look at, 2 not done) and sentences."""

    code: int
    said: tuple[str, ...]


def take_night(table: Timetable, call: Call, *, anyway: bool = False) -> Night:
    """Do the jobs that are due; nothing where the night was done already, unless `anyway`.

    A job that the workbook refuses (somebody has it open, a second version lies beside it, it is locked) ends the
    night: it is tried again at the next time of the timetable. Two at once are one: the second one ends with code 2.
    """
    from xlcrm.session import open_session

    call = replace(call, unattended=True)
    language = call.language
    session: Session | None = None
    try:
        session = open_session(table.book, call)
        language = session.language
        with _only_one(session.store, table):
            if not anyway and table.is_done(call.now, night_state.load(session.store).good):
                return Night(0, (messages.text("schedule.done_already", language, name=table.book.name),))
            return _done(table, call)
    except _BusyError as busy:
        return Night(2, (busy.text(language),))
    except CrmError as fault:
        return _missed(table, call, session, fault.text(fault.language or language))


class _BusyError(CrmError):
    """Another run of this night is at work: it tells how it went."""


def _done(table: Timetable, call: Call) -> Night:
    """All jobs, then the night on record."""
    from xlcrm.session import open_session

    code, said = 0, []
    for job in table.jobs:
        worse, sentences = _inbox(table, call) if job == "inbox" else _job(table, call, job)
        code = max(code, worse)
        said += sentences
    store = open_session(table.book, call).store
    night_state.save(store, replace(night_state.load(store), good=call.now))
    note_beside.clear(table.book)
    return Night(code, tuple(said))


def _job(table: Timetable, call: Call, job: str) -> tuple[int, list[str]]:
    from xlcrm.run import run
    from xlcrm.session import open_session

    outcome = run(open_session(table.book, call), ACTIONS[JOBS[job]])
    name = messages.text(f"action.{job}", outcome.settings.language)
    return outcome.exit_code, [f"{name}: {' '.join(outcome.sentences())}".rstrip()]


def _inbox(table: Timetable, call: Call) -> tuple[int, list[str]]:
    folder, taken = inbox.take_in(table.book, call)
    aside = any(one.key in inbox.TO_LOOK_AT for one in taken)
    return int(aside), [messages.text(one.key, folder.language, **one.values) for one in taken]


def _missed(table: Timetable, call: Call, session: Session | None, why: str) -> Night:
    """The night was not done: the note beside the workbook, and the reason for the sheet Changes."""
    language = session.language if session else call.language
    if session:
        night_state.miss(session.store, call.now, why)
    note_beside.leave(table.book, note_beside.NOT_UPDATED, language, call.now, why)
    return Night(2, (why,))


@contextmanager
def _only_one(store: Store, table: Timetable) -> Iterator[None]:
    """One night at a time for a workbook; the system frees the lock however a run ends."""
    with ExitStack() as held:
        try:
            held.enter_context(one_writer(table.book, store.folder, wait=0, what=" night"))
        except CrmError as fault:
            if fault.key != "lock.busy_now":
                raise
            raise _BusyError("schedule.at_work", name=table.book.name) from None
        yield
