"""Help buttons of the ribbon: what each button does, and what hinders them on this computer.

Neither takes a backup first, because both must answer where no backup can be taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pandas as pd

from xlcrm import messages, words
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Plan
from xlcrm.session import Session

if TYPE_CHECKING:
    from xlcrm.excel.live_book import LiveBook
    from xlcrm.install.machine import DoctorFinding


def guide(session: Session) -> tuple[int, str]:
    """Bring the sheet Start to the front."""
    book, spoken = cast("LiveBook", session.book), session.language
    if not book.show({words.title("Start", language) for language in messages.LANGUAGES}):
        raise CrmError("ribbon.guide.gone", sheet=words.title("Start", spoken))
    return 0, messages.text("ribbon.guide.done", spoken)


def doctor(session: Session) -> tuple[int, str]:
    """The worst that `xlcrm doctor` finds as a sentence, all of it in the sheet Changes; 1 where it found something."""
    from xlcrm.install.doctor import findings
    from xlcrm.install.doctor_facts import look
    from xlcrm.install.machine import this_machine

    spoken = session.language
    found = findings(look(this_machine(), session.path, session.store.folder))
    bad = sorted((f for f in found if f.level in ("warning", "error")), key=lambda finding: finding.level != "error")
    if not bad:
        return 0, messages.text("ribbon.doctor.fine", spoken, count=len(found))
    told = [_sentence(finding, spoken) for finding in bad]
    shown = {"count": len(bad), "first": told[0]}
    try:
        sheet = _write_down(session, told)
    except CrmError:  # a workbook that can't be written is no reason to say nothing
        return 1, messages.text("ribbon.doctor.found_only", spoken, **shown)
    return 1, messages.text("ribbon.doctor.found", spoken, sheet=sheet, **shown)


def _write_down(session: Session, told: list[str]) -> str:
    """A line in the sheet Changes, without a number to undo; the sheet's title."""
    if "Changes" not in session.seen:
        raise CrmError("live.no_table", table="Changes", sheet=words.title("Changes", session.language))
    table = session.seen["Changes"]
    row = {
        "when": pd.Timestamp(session.call.now).floor("s"),
        "who": session.call.who,
        "action": messages.text("action.doctor", session.language),
        "what": "\n".join(told),
    }
    known = [column for column in row if column in table.frame.columns]
    session.book.apply(Plan("doctor", added=(Added("Changes", pd.DataFrame([row])[known]),)), session.seen)
    return table.sheet


def _sentence(finding: DoctorFinding, spoken: str) -> str:
    return messages.text(finding.key, spoken, **dict(finding.values))
