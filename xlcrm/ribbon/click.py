"""One click on a ribbon button: it names an action and a workbook, one run follows, one sentence comes back.

Called by the macros as `xlcrmw ACTION --hwnd WINDOW --book NAME`. The sentence is left in Excel's status bar, where the
macro finds it; exit codes are those of the command line, 3 where Excel was busy, 4 where it could not be reached.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xlcrm import messages, words
from xlcrm.actions import ACTIONS, Action
from xlcrm.cli.options import language, now, password, person
from xlcrm.errors import CrmError
from xlcrm.fields import money
from xlcrm.values import as_text

if TYPE_CHECKING:
    from xlcrm.excel.live_book import LiveBook
    from xlcrm.session import Session

BUSY, UNREACHED = 3, 4
ROWS_OF_CLIENTS = "Clients Found Purchases Interactions People Opportunities Duplicates CallList".split()
SHOWN = 5  # problems that are named before somebody says OK
PROMPT = 900  # characters that Excel's question surely shows, with some to spare for what follows
LONGEST = 250  # characters that a status bar surely keeps


def main(arguments: list[str] | None = None) -> None:
    """The gui-script `xlcrmw`. The folder of the workbook is no place to import from."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", ".")]
    sys.exit(answer(sys.argv[1:] if arguments is None else arguments))


def answer(arguments: list[str]) -> int:
    """Do what one button asks; never raises, so that the macro always gets a code."""
    try:
        asked = _asked(arguments)
    except (argparse.ArgumentError, SystemExit):
        return 2
    from xlcrm.excel.live_book import attach

    try:
        book = attach(decode(asked.book), asked.hwnd)
    except CrmError as fault:
        return BUSY if fault.key == "live.busy" else 2
    except Exception:  # noqa: BLE001 (no Excel here, or one that can't be talked to: the macro names the doctor)
        return UNREACHED
    code, sentence = press(asked.action, book, now())
    with suppress(Exception):  # where the sentence can't be left, the macro goes by the code
        book.tell(sentence[:LONGEST], code)
    return code


def _asked(arguments: list[str]) -> argparse.Namespace:
    """What the macro handed over. argparse.ArgumentError, SystemExit where it is something else."""
    parser = argparse.ArgumentParser(prog="xlcrmw", exit_on_error=False)
    parser.add_argument("action")
    parser.add_argument("--hwnd", type=int, default=0)
    parser.add_argument("--book", required=True)
    return parser.parse_args(arguments)


def tell_at(arguments: list[str], sentence: str, code: int) -> None:
    """Tell a sentence at the button of a run that something else broke off; raises where Excel can't be reached."""
    from xlcrm.excel.live_book import attach

    asked = _asked(arguments)
    attach(decode(asked.book), asked.hwnd).tell(sentence[:LONGEST], code)


def press(action: str, book: LiveBook, moment: dt.datetime) -> tuple[int, str]:
    """Run an action on an open workbook: the exit code and the sentence for the person who clicked."""
    from xlcrm.session import Call, Session

    book.password = password()
    step = lambda name: book.progress(messages.text(name, language()))  # noqa: E731
    call = Call(moment, person(), step=step, password=book.password, language=language())
    spoken_here = language()
    try:
        session = Session.begin(book, call)
        spoken_here = session.language
        return _act(action, session)
    except CrmError as fault:
        if fault.key.startswith("live.busy"):
            return BUSY, fault.text(language())
        return 2, fault.text(spoken_here)
    except Exception as fault:  # noqa: BLE001 (the macro must get a sentence, whatever happened)
        return 2, CrmError("cli.unexpected", kind=type(fault).__name__, fault=str(fault)[:120]).text(spoken_here)


def _act(name: str, session: Session) -> tuple[int, str]:
    from xlcrm.run import run

    action = ACTIONS.get(name)
    if action is None or action.button is None:
        raise CrmError("ribbon.unknown", action=name)
    if action.answer:
        return action.answer(session)
    given = ASKS[action.button.asks](session)
    if action.button.shows:
        session = _confirmed(session, action, given)
    outcome = run(session, action, **given)
    if action.button.front in session.seen:
        _live(session).show({session.seen[action.button.front].sheet})
    told = outcome.sentences() or [messages.text("show.nothing", session.language)]
    if outcome.files:
        told.append(messages.text("show.file", session.language, path=str(outcome.files[0].parent)))
    return outcome.exit_code, " ".join(told)


def _ask_file(session: Session) -> dict[str, Any]:
    chosen = _live(session).ask_file()
    if not chosen:
        raise CrmError("ribbon.no_file")
    return {"files": (Path(chosen),), "in_sheet": True}


def _ask_copy(session: Session) -> dict[str, Any]:
    """The copy of the workbook that is to be combined with it."""
    return {"copy": _ask_file(session)["files"][0]}


def _ask_backup(session: Session) -> dict[str, Any]:
    """One of the newest nine, by its number."""
    newest = session.store.backups()[::-1][:9]
    shown = "\n".join(f"{number}  {backup.name}" for number, backup in enumerate(newest, 1))
    wanted = _live(session).ask(messages.text("ribbon.which_backup", session.language, backups=shown)).strip()
    if not wanted:
        raise CrmError("ribbon.no_backup")
    return {"which": wanted}


def _selected(session: Session) -> dict[str, Any]:
    """The clients of the rows that are selected in a sheet of clients or of what belongs to them; nobody is asked."""
    title, rows = _live(session).selected_rows()
    table = next(
        (table for name in ROWS_OF_CLIENTS if (table := session.seen.get(name)) and table.sheet == title), None
    )
    if table is None or "client_id" not in table.frame:
        return {"selected": ()}
    ids = as_text(table.frame["client_id"]).str.strip()
    there = [ids[row - table.first_row] for row in rows if 0 <= row - table.first_row < len(ids)]
    return {"selected": tuple(dict.fromkeys(filter(None, there)))}


def _ask_contact(session: Session) -> dict[str, Any]:
    """What there is to log about the one client whose row is selected; CrmError where none or several are."""
    from xlcrm.interactions.log_contact import contact_typed

    chosen = _selected(session)["selected"]
    if len(chosen) != 1:
        raise CrmError("ribbon.one_client", n=len(chosen))
    kinds = ", ".join(words.choices("interaction", session.language))
    asked = messages.text("ribbon.which_contact", session.language, client=chosen[0], kinds=kinds)
    typed = _live(session).ask(asked).strip()
    if not typed:
        raise CrmError("ribbon.not_confirmed")
    said = contact_typed(typed, chosen[0], session.call.who, today=session.today, country=session.settings.country)
    return {"client": said.client, "kind": said.kind, "subject": said.subject, "follow_up": said.follow_up}


def _ask_name(session: Session) -> dict[str, Any]:
    """Who gets the copy, and of which clients."""
    from xlcrm.handing_out.hand_out import name_typed

    typed = _live(session).ask(messages.text("ribbon.which_name", session.language)).strip()
    if not typed:
        raise CrmError("ribbon.not_confirmed")
    asked = name_typed(typed)
    return {"name": asked.name, "where": asked.where}


def _confirmed(session: Session, action: Action, given: dict[str, Any]) -> Session:
    """The session, looked at anew, once the person has seen what would happen and said OK.

    Where nothing would happen nobody is asked. CrmError "ribbon.not_confirmed" for any other answer.
    """
    from xlcrm.run import run
    from xlcrm.session import Session

    shown = run(replace(session, call=replace(session.call, dry_run=True)), action, **given)
    found = [problem.sentence(session.language) for problem in shown.plan.problems[:SHOWN]]
    if not shown.plan.touches_workbook:
        return session
    what = "\n".join([*shown.sentences(), *found])
    asked = messages.text("ribbon.confirm", session.language, what="{what}")
    _agree(session, asked.replace("{what}", what if len(what) <= PROMPT else f"{what[:PROMPT]}..."))
    if action.button and action.button.twice:
        _agree(session, messages.text("ribbon.confirm_again", session.language))
    return Session.begin(session.book, session.call)


def _agree(session: Session, question: str) -> None:
    """CrmError "ribbon.not_confirmed" for any other answer than OK."""
    if _live(session).ask(question).strip().casefold() != "ok":
        raise CrmError("ribbon.not_confirmed")


def _ask_rows(session: Session) -> dict[str, Any]:
    """The rows that are selected in the sheet Purchases; all open ones where none or one is."""
    title, rows = _live(session).selected_rows()
    purchases = session.seen.get("Purchases")
    inside = purchases is not None and purchases.sheet == title and len(rows) > 1
    return {"places": tuple(rows) if inside else ()}


def _ask_payment(session: Session) -> dict[str, Any]:
    """Numbers of documents, and last the amount where one is named."""
    typed = _live(session).ask(messages.text("ribbon.which_paid", session.language)).split()
    if not typed:
        raise CrmError("ribbon.not_confirmed")
    amount = typed[-1] if money.is_valid(typed[-1], session.settings.country) else ""
    return {"numbers": tuple(typed[:-1] if amount else typed), "amount": amount}


def _live(session: Session) -> LiveBook:
    return cast("LiveBook", session.book)  # a button is in a workbook that is open


# what a button asks the person before its run, and the option that the answer becomes
ASKS: dict[str, Callable[[Session], dict[str, Any]]] = {
    "": lambda session: {},
    "file": _ask_file,
    "copy": _ask_copy,
    "backup": _ask_backup,
    "selection": _selected,
    "issue": _ask_rows,
    "payment": _ask_payment,
    "contact": _ask_contact,
    "name": _ask_name,
}


# Reads a workbook's name as the buttons hand it over, encoded so that no shell on the way can misread it.


def decode(text: str) -> str:
    """The name behind what the macro XlcrmEncode made of it: + and four hex digits are one UTF-16 code unit.

    Anything else stays as it is, so a plain name typed by hand comes back unchanged.
    """
    parts = re.split(r"\+([0-9A-Fa-f]{4})", text)
    units = "".join(chr(int(part, 16)) if index % 2 else part for index, part in enumerate(parts))
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
