"""Taking in the lists of the inbox: each is an import of its own, or is set aside whole with the reason in a text.

Nobody sits there to be asked. So a list is taken in only where nothing about it is in doubt: every column known by its
header, or as a person said at an earlier import by hand; no row refused. A row that differs from the workbook is asked
in the sheet Problems, and the rest is taken in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcrm import messages
from xlcrm.actions import ACTIONS, Action
from xlcrm.errors import CrmError
from xlcrm.files.durable import sha256_of
from xlcrm.os_errors import refusing, unexpected
from xlcrm.plan import Plan
from xlcrm.scheduling import night_state
from xlcrm.scheduling.inbox_folder import InboxFolder, inbox_of
from xlcrm.scheduling.inbox_questions import asked_in, with_questions

if TYPE_CHECKING:
    from xlcrm.actions import Operation
    from xlcrm.run import Outcome
    from xlcrm.session import Call, Session
    from xlcrm.settings import Settings
    from xlcrm.tables import Tables

LARGEST = 50 << 20  # bytes; a list that is larger is brought in by hand
# what an import says of a column that only a person can settle, or of a list that it left out
_OWN = frozenset({"import.own_unknown", "import.own_second", "import.own_doubt"})
_DOUBTFUL = _OWN | {"import.mapped_values", "import.list_skipped", "import.people_offered"}
# findings that an import only notes, because a person reads them there; here something of the list would be lost
_NOTED = frozenset({
    "import.differs", "import.differs_in_list", "import.nobody", "import.person_left_out", "import.shared",
    "import.not_a_record", "import.opt_out_kept", "import.agreed_again",
})  # fmt: skip
TO_LOOK_AT = frozenset({"inbox.set_aside", "inbox.taken_asked"})  # what became of a list that a person has to look at
_SHOWN = 20  # reasons that stand in the text


@dataclass(frozen=True)
class Taken:
    """What became of one list: `key` a message, with what fills it; `outcome` of its import, None where there was none.

    key  "inbox.taken", "inbox.taken_asked" (some rows are asked in the sheet Problems), "inbox.known" (it is in
         already), "inbox.set_aside"
    """

    key: str
    values: dict[str, object]
    outcome: Outcome | None = None


class AsideError(CrmError):
    """A list that a person has to look at; `reasons` are sentences in the workbook's language."""

    def __init__(self, name: str, reasons: tuple[str, ...]) -> None:
        super().__init__("inbox.aside", name=name, reasons=" ".join(reasons))
        self.reasons = reasons


def take_in(book: Path, call: Call, *, pause: float = 2.0) -> tuple[InboxFolder, list[Taken]]:
    """Take in what waits in the inbox of a workbook, the oldest first; the folder (in its language) and what was taken.

    A dry run moves nothing and changes nothing. CrmError where the workbook itself can't be worked on (open elsewhere,
    locked, damaged): then all that waits stays where it is.
    """
    from xlcrm.session import open_session

    session = open_session(book, call)
    folder = inbox_of(session.path, session.language)
    if not call.dry_run:
        folder.make()
    return folder, list(_each(folder, book, call, pause))


def _each(folder: InboxFolder, book: Path, call: Call, pause: float) -> Iterator[Taken]:
    from xlcrm.session import open_session

    for path in folder.waiting(pause):
        session = open_session(book, call)
        with refusing(path):
            checksum = sha256_of(path)
        if _is_in(session, checksum):
            yield _put_away(folder, path, Taken("inbox.known", {"name": path.name}), dry_run=call.dry_run)
            continue
        try:
            outcome = _imported(session, path, checksum)
        except AsideError as fault:
            yield _aside(folder, path, fault, session)
            continue
        yield _put_away(folder, path, _taken(path.name, outcome), dry_run=call.dry_run)


def _taken(name: str, outcome: Outcome) -> Taken:
    """A list that was taken in, and how much of it is asked: of a list that came before nothing is asked again."""
    asked = asked_in(outcome.plan)
    if not asked:
        return Taken("inbox.taken", {"name": name}, outcome)
    sheet = outcome.tables["Problems"].sheet
    return Taken("inbox.taken_asked", {"name": name, "n": asked, "sheet": sheet}, outcome)


def _is_in(session: Session, checksum: str) -> bool:
    """Whether a list with these bytes was taken in; also where the run was cut off between the import and its note."""
    number = night_state.load(session.store).taken.get(checksum)
    if number is None:
        return False
    entries = session.journal.entries()
    if number > 0:
        later = [entry for entry in entries if entry.number >= number]
        return any(entry.action == "import" and entry.state == "done" and not entry.undone_by for entry in later)
    return not any(entry.number == -number and entry.undone_by for entry in entries)


def _imported(session: Session, path: Path, checksum: str) -> Outcome:
    """The list as a run of its own; before it and after it is kept what is known of its checksum."""
    from xlcrm.run import run

    reason = messages.text("inbox.reason", session.language, name=path.name)
    action = replace(ACTIONS["import"], operation=_sure, after=None)
    if session.call.dry_run:
        return run(session, action, reason=reason, file=path)
    highest = max((entry.number for entry in session.journal.entries()), default=0)
    _note(session, checksum, highest + 1)
    try:
        outcome = run(session, action, reason=reason, file=path)
    except AsideError:
        _note(session, checksum, None)
        raise
    _note(session, checksum, -outcome.undo_number)
    return outcome


def _note(session: Session, checksum: str, number: int | None) -> None:
    """Keep a list's checksum with `number` as in NightState.taken; None forgets it."""
    state = night_state.load(session.store)
    others = {known: at for known, at in state.taken.items() if known != checksum}
    taken = others if number is None else {**others, checksum: number}
    night_state.save(session.store, replace(state, taken=taken))


def _sure(session: Session, *, file: Path, **_: Any) -> Operation:
    """The operation of an import that refuses whatever a person would have to decide."""
    action: Action = ACTIONS["import"]
    language = session.language
    if file.stat().st_size > LARGEST:
        raise AsideError(file.name, (messages.text("inbox.too_large", language, mb=LARGEST >> 20),))
    operation = _or_aside(file, language, lambda: action.make(session, files=(file,)))

    def judged(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        def taken() -> Plan:
            return with_questions(operation(tables, settings, today), tables, file.name, settings=settings, today=today)

        plan: Plan = _or_aside(file, language, taken)
        reasons = tuple(doubts(plan, language))
        if reasons:
            more = len(reasons) - _SHOWN
            rest = (messages.text("inbox.more", language, n=more),) if more > 0 else ()
            raise AsideError(file.name, (*reasons[:_SHOWN], *rest))
        return plan

    return judged


def _or_aside(file: Path, language: str, step: Any) -> Any:
    """What a step gives; whatever the list makes go wrong is a reason to set it aside, never to stop the night."""
    try:
        return step()
    except CrmError as fault:
        raise AsideError(file.name, (fault.text(language),)) from fault
    except Exception as fault:
        raise AsideError(file.name, (unexpected(fault).text(language),)) from fault


def doubts(plan: Plan, language: str) -> Iterator[str]:
    """What a person would have to look at in an import, as sentences."""
    new = {column.header for column in plan.new_columns}
    for key, values in plan.notes:
        known = key in _OWN and values["column"] not in new  # a person brought such a list in before
        if key in _DOUBTFUL and not known:
            yield messages.text(key, language, **values)
    for problem in plan.problems:
        if problem.level != "note" or problem.code in _NOTED:
            row = messages.text("show.row", language, row=problem.row) + ": " if problem.row else ""
            yield row + problem.sentence(language)


def _aside(folder: InboxFolder, path: Path, fault: AsideError, session: Session) -> Taken:
    """The list moved to those to look at, with the text."""
    head = messages.text("inbox.text", session.language, name=path.name, book=session.path.name)
    next_step = messages.text("inbox.text_next", session.language, book=session.path.name)
    if not session.call.dry_run:
        folder.set_aside(path, "\n".join([head, "", *fault.reasons, "", next_step]))
    return Taken("inbox.set_aside", {"name": path.name, "why": fault.reasons[0]})


def _put_away(folder: InboxFolder, path: Path, taken: Taken, *, dry_run: bool) -> Taken:
    if not dry_run:
        folder.put_away(path)
    return taken
