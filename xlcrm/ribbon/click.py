"""The ribbon's door: a button names an action and a workbook, one run follows, one sentence comes back.

Called by the macros as `xlcrmw ACTION --hwnd WINDOW --book NAME`. The sentence is left in Excel's status bar, where the
macro finds it; exit codes are those of the command line, 3 where Excel was busy, 4 where it could not be reached.
"""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm import messages
from xlcrm.cli.options import language, now, password
from xlcrm.errors import CrmError, spoken

if TYPE_CHECKING:
    from xlcrm.excel.live_book import LiveBook
    from xlcrm.run import Call, Outcome


BUSY, UNREACHED = 3, 4
LONGEST = 250  # characters that a status bar surely keeps


def main(arguments: list[str] | None = None) -> None:
    """The gui-script `xlcrmw`. The folder of the workbook is no place to import from."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", ".")]
    sys.exit(answer(sys.argv[1:] if arguments is None else arguments))


def answer(arguments: list[str]) -> int:
    """Do what one button asks; never raises, so that the macro always gets a code."""
    parser = argparse.ArgumentParser(prog="xlcrmw", exit_on_error=False)
    parser.add_argument("action")
    parser.add_argument("--hwnd", type=int, default=0)
    parser.add_argument("--book", required=True)
    try:
        asked = parser.parse_args(arguments)
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


def press(action: str, book: LiveBook, moment: dt.datetime) -> tuple[int, str]:
    """Run an action on an open workbook: the exit code and the sentence for the person who clicked."""
    try:
        return _act(action, book, moment)
    except CrmError as fault:
        if fault.key.startswith("live.busy"):
            return BUSY, fault.text(language())
        return 2, fault.text(fault.language or _language_of(book))
    except Exception as fault:  # noqa: BLE001 (the macro must get a sentence, whatever happened)
        return 2, CrmError("cli.unexpected", kind=type(fault).__name__, fault=str(fault)[:120]).text(_language_of(book))


def _language_of(book: LiveBook) -> str:
    """The workbook's language, for a refusal that came before it was read; the computer's where it can't be read."""
    from xlcrm.settings import read_settings

    with suppress(Exception):
        return read_settings(book.look()).language
    return language()


def _act(action: str, book: LiveBook, moment: dt.datetime) -> tuple[int, str]:
    from xlcrm.ribbon import help_buttons
    from xlcrm.run import Call

    book.password = password()
    if action in help_buttons.BUTTONS:
        return help_buttons.BUTTONS[action](book, moment)
    if action not in CHANGING:
        raise CrmError("ribbon.unknown", action=action)
    call = Call(
        moment,
        getpass.getuser(),
        step=lambda name: book.progress(messages.text(name, language())),
        password=book.password,
    )
    outcome = CHANGING[action](book, call)
    told = outcome.sentences() or [messages.text("show.nothing", outcome.settings.language)]
    if outcome.files:
        told.append(messages.text("show.file", outcome.settings.language, path=str(outcome.files[0].parent)))
    return outcome.exit_code, " ".join(told)


def _undo(book: LiveBook, call: Call) -> Outcome:
    from xlcrm.run import undo_run

    return undo_run(book, 0, call)


def _backup(book: LiveBook, call: Call) -> Outcome:
    """As `xlcrm backup` does: by hand, and kept even where the last one holds the same."""
    from xlcrm.backups.store import Store
    from xlcrm.plan import Plan
    from xlcrm.run import Outcome, rules
    from xlcrm.settings import read_settings

    tables = book.look()
    settings = read_settings(tables)
    store = Store(book.path, settings.backup_folder, password=call.password)
    with spoken(settings.language), store.lock():
        call.step("run.snapshot")
        made = store.take(book.snapshot, call.now, messages.text("backup.by_hand", settings.language))
        store.prune(call.now, rules(settings))
    told = ("backup.done", {"name": made.name, "folder": str(store.folder)})
    return Outcome(Plan("backup", notes=(told,)), settings, tables, made.path)


def _import(book: LiveBook, call: Call) -> Outcome:
    from xlcrm import actions
    from xlcrm.files import import_memory
    from xlcrm.run import run

    chosen = book.ask_file()
    if not chosen:
        raise CrmError("ribbon.no_file")
    operation = actions.importing(
        (Path(chosen),), memory=lambda settings: import_memory.path_of(book.path, settings.backup_folder)
    )
    return run(book, "import", operation, call)


def _lists(book: LiveBook, call: Call) -> Outcome:
    from xlcrm import actions
    from xlcrm.run import run

    return run(book, "lists", actions.lists(book.path), call)


def _plainly(action: str) -> Callable[[LiveBook, Call], Outcome]:
    """An action that asks for nothing."""

    def take(book: LiveBook, call: Call) -> Outcome:
        from xlcrm import actions
        from xlcrm.run import run

        return run(book, action, actions.BUTTONS[action](), call)

    return take


def _restore(book: LiveBook, call: Call) -> Outcome:
    """The person chooses among the newest backups; the tables come back as a plan, so that this can be undone too."""
    from xlcrm.backups.restore import restore_tables
    from xlcrm.backups.store import Store
    from xlcrm.run import run
    from xlcrm.settings import read_settings
    from xlcrm.xlsx.reading import read_tables

    settings = read_settings(book.look())
    store = Store(book.path, settings.backup_folder, password=call.password)
    newest = store.backups()[::-1][:9]
    shown = "\n".join(f"{number}  {backup.name}" for number, backup in enumerate(newest, 1))
    wanted = book.ask(messages.text("ribbon.which_backup", settings.language, backups=shown))
    if not wanted.strip():
        raise CrmError("ribbon.no_backup")
    with spoken(settings.language):
        found = store.find(wanted.strip())
    with store.opened(found) as path:
        old = read_tables.read(path)
        return run(book, "restore", lambda tables, settings, today: restore_tables(old, tables), call)


CHANGING: dict[str, Callable[[LiveBook, Call], Outcome]] = {
    **{action: _plainly(action) for action in ("check", "correct", "split", "refresh", "search")},
    "import": _import,
    "lists": _lists,
    "backup": _backup,
    "undo": _undo,
    "restore": _restore,
}


# Reads a workbook's name as the buttons hand it over, encoded so that no shell on the way can misread it.


def decode(text: str) -> str:
    """The name behind what the macro XlcrmEncode made of it: + and four hex digits are one UTF-16 code unit.

    Anything else stays as it is, so a plain name typed by hand comes back unchanged.
    """
    parts = re.split(r"\+([0-9A-Fa-f]{4})", text)
    units = "".join(chr(int(part, 16)) if index % 2 else part for index, part in enumerate(parts))
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
