"""Performing an action of the registry from the command line: one run, its sentences, and an exit code that is true.

Exit code 2 promises that the workbook's bytes are what they were. So whatever ends a command without a refusal of ours
(an interrupt, an error nobody foresaw) is answered by looking at them; and once a run is done, nothing that happens to
its output, its progress bar or its memory of lists makes another code of it.
"""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcrm import messages
from xlcrm.actions import ACTIONS, Action
from xlcrm.cli.options import Progress, call_of, language, warn
from xlcrm.cli.telling import tell, tell_json
from xlcrm.errors import CrmError
from xlcrm.os_errors import unexpected

if TYPE_CHECKING:
    from xlcrm.run import Outcome
    from xlcrm.session import Call, Session

READY = ("split", "refresh", "check")  # what makes a list that came in ready to work with


def perform(
    action: Action,
    book: Path,
    *,
    dry_run: bool = False,
    as_json: bool = False,
    today: dt.datetime | None = None,
    unattended: bool = False,
    **options: Any,
) -> None:
    """Run an action on a closed workbook, tell what came of it, and exit with its code."""
    from xlcrm.files import note_beside
    from xlcrm.run import STEPS

    outcome: Outcome | None = None
    ready = options.pop("ready", False)
    if action.confirms and not options.pop("yes") and not dry_run:
        _confirm(action, book, call_of(today, dry_run=True, unattended=unattended), options)
    try:
        with Progress(len(STEPS), language()) as progress:
            call = call_of(today, dry_run=dry_run, unattended=unattended, step=progress.step)
            outcome = _outcome(action, book, call, options)
        with suppress(KeyboardInterrupt):
            if action.changes and not dry_run:
                note_beside.clear(book)
            _tell(outcome, book, call, as_json=as_json)
    except Exception as fault:
        if outcome is None:
            raise
        _untold(fault, book, changed=bool(outcome.undo_number))
        sys.exit(1)
    if ready:
        _make_ready(book, today, outcome.exit_code, as_json=as_json, dry_run=dry_run)
    sys.exit(outcome.exit_code)


def _make_ready(book: Path, today: dt.datetime | None, code: int, *, as_json: bool, dry_run: bool) -> None:
    """Split, compute and check what came in, each a run of its own with its undo; exits with the code of all.

    What one of them refuses was said, and the import stays done: that is code 1.
    """
    for name in READY if code < 2 and not dry_run else ():
        try:
            perform(ACTIONS[name], book, today=today, as_json=as_json)
        except SystemExit as left:
            code = max(code, min(int(left.code or 0), 1)) if name != "refresh" else code
            if left.code == 2:
                break
    sys.exit(code)


def _confirm(action: Action, book: Path, call: Call, options: dict[str, Any]) -> None:
    """Show what would happen and ask; exits with 2 where nobody can answer, and for any other answer than OK."""
    from xlcrm.cli import output

    outcome = _outcome(action, book, call, options)
    if not outcome.plan.touches_workbook:
        return
    tell("\n".join(output.lines(outcome, dry_run=True)))
    key = "ribbon.not_confirmed" if sys.stdin and sys.stdin.isatty() else "forget.say_yes"
    agreed = ""
    with suppress(EOFError, KeyboardInterrupt):
        agreed = input(messages.text("forget.confirm", outcome.settings.language) + " ") if "ribbon" in key else ""
    if agreed.strip().casefold() != "ok":
        warn(messages.text(key, outcome.settings.language))
        sys.exit(2)


def _untold(fault: BaseException, book: Path, *, changed: bool) -> None:
    """Say that a run is done whose own sentences failed."""
    more = " " + CrmError("cli.changed_all_the_same", name=book.name).text(language()) if changed else ""
    warn(unexpected(fault).text(language()) + more)


def _outcome(action: Action, book: Path, call: Call, options: dict[str, Any]) -> Outcome:
    """The outcome of the run; a refusal exits with 2, what nobody foresaw with 1 where the workbook was changed."""
    before = _stands(book)
    try:
        return _run(action, book, call, options)
    except CrmError as fault:
        _refused(book, call, fault)
        sys.exit(2)
    except (Exception, KeyboardInterrupt) as fault:
        if _stands(book) == before:
            raise
        _untold(fault, book, changed=True)
        sys.exit(1)


def _run(action: Action, book: Path, call: Call, options: dict[str, Any]) -> Outcome:
    from xlcrm.files import interrupts
    from xlcrm.run import run
    from xlcrm.session import open_session

    with interrupts.held_once_written():
        session = open_session(book, call, anyway=action.heals)
        outcome = run(session, action, **options)
        if action.after and not call.dry_run:
            _after(action, session, options)
    return outcome


def _after(action: Action, session: Session, options: dict[str, Any]) -> None:
    """What an action does once its run is done; where that fails it is said, and the run stays done."""
    from xlcrm.files import modes

    try:
        with modes.as_open_as(session.path):
            action.after(session, **options)  # type: ignore[misc]
    except CrmError as fault:
        warn(fault.text(session.language))


def _refused(book: Path, call: Call, fault: CrmError) -> None:
    """Say why nothing was done: on the terminal, and beside the workbook where nobody sits at one."""
    from xlcrm.files import note_beside

    spoken = fault.language or language()
    told = tell(fault.text(spoken), err=True)
    if (call.unattended or not told) and not call.dry_run:
        note_beside.leave(book, note_beside.NOT_UPDATED, spoken, call.now, fault.text(spoken))


def _tell(outcome: Outcome, book: Path, call: Call, *, as_json: bool) -> None:
    from xlcrm.cli import output
    from xlcrm.files import note_beside

    lines = "\n".join(output.lines(outcome, dry_run=call.dry_run))
    told = tell_json(output.as_json(outcome, dry_run=call.dry_run)) if as_json else tell(lines)
    if not told and not call.dry_run:
        note_beside.leave(book, note_beside.NOT_SHOWN, outcome.settings.language, call.now, lines)


def _stands(book: Path) -> tuple[int, ...]:
    """What no longer is the same once the workbook was written; () where there is none."""
    with suppress(OSError):
        found = book.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns
    return ()
