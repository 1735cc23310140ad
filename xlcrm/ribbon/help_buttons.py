"""Help buttons of the ribbon: what each button does, and what hinders them on this computer.

Neither takes a backup first, because both must answer where no backup can be taken.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from xlcrm import messages, words
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Plan
from xlcrm.settings import read_settings
from xlcrm.tables import Tables

if TYPE_CHECKING:
    from xlcrm.excel.live_book import LiveBook
    from xlcrm.install.machine import DoctorFinding


def guide(book: LiveBook, moment: dt.datetime) -> tuple[int, str]:
    """Bring the sheet Start to the front."""
    spoken = read_settings(book.look()).language
    if not book.show({words.title("Start", language) for language in messages.LANGUAGES}):
        raise CrmError("ribbon.guide.gone", sheet=words.title("Start", spoken))
    return 0, messages.text("ribbon.guide.done", spoken)


def doctor(book: LiveBook, moment: dt.datetime) -> tuple[int, str]:
    """The worst that `xlcrm doctor` finds as a sentence, all of it in the sheet Changes; 1 where it found something."""
    from xlcrm.backups.store import Store
    from xlcrm.install.doctor import findings
    from xlcrm.install.doctor_facts import look
    from xlcrm.install.machine import this_machine

    tables = book.look()
    settings = read_settings(tables)
    found = findings(look(this_machine(), book.path, Store(book.path, settings.backup_folder).folder))
    bad = sorted((f for f in found if f.level in ("warning", "error")), key=lambda finding: finding.level != "error")
    if not bad:
        return 0, messages.text("ribbon.doctor.fine", settings.language, count=len(found))
    told = [_sentence(finding, settings.language) for finding in bad]
    shown = {"count": len(bad), "first": told[0]}
    try:
        sheet = _write_down(book, tables, told, settings.language, moment)
    except CrmError:  # a workbook that can't be written is no reason to say nothing
        return 1, messages.text("ribbon.doctor.found_only", settings.language, **shown)
    return 1, messages.text("ribbon.doctor.found", settings.language, sheet=sheet, **shown)


def _write_down(book: LiveBook, tables: Tables, told: list[str], spoken: str, moment: dt.datetime) -> str:
    """A line in the sheet Changes, without a number to undo; the sheet's title."""
    if "Changes" not in tables:
        raise CrmError("live.no_table", table="Changes", sheet=words.title("Changes", spoken))
    table = tables["Changes"]
    row = {
        "when": pd.Timestamp(moment).floor("s"),
        "who": getpass.getuser(),
        "action": messages.text("action.doctor", spoken),
        "what": "\n".join(told),
    }
    known = [column for column in row if column in table.frame.columns]
    book.apply(Plan("doctor", added=(Added("Changes", pd.DataFrame([row])[known]),)), tables)
    return table.sheet


def _sentence(finding: DoctorFinding, spoken: str) -> str:
    return messages.text(finding.key, spoken, **dict(finding.values))


BUTTONS: dict[str, Callable[[LiveBook, dt.datetime], tuple[int, str]]] = {"guide": guide, "doctor": doctor}
