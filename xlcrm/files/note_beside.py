"""Note beside a workbook: a text file that says what nobody could be told, and goes with the next good run.

Two kinds: a run by itself that left the workbook as it was ("My.xlsm NOT UPDATED 2026-11-27.txt"), and a run whose
sentences no output took. A note is never a reason to fail: where the folder takes no file, there is none.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from pathlib import Path

from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.files import modes
from xlcrm.files.replace import replace_bytes

NOT_UPDATED, NOT_SHOWN = "beside.not_updated", "beside.not_shown"
_DAY = r" \d{4}-\d{2}-\d{2}\.txt"


def leave(book: Path, kind: str, language: str, now: dt.datetime, text: str) -> Path | None:
    """The note, instead of an older one of its day; None where the disk takes none. `text` is the reason, whole."""
    title = messages.text(kind, language)
    path = book.with_name(f"{book.name} {title} {now:%Y-%m-%d}.txt")
    head = messages.text(f"{kind}_head", language, name=book.name, when=f"{now:%Y-%m-%d %H:%M}")
    lines = "\r\n".join([head, "", *text.splitlines(), "", messages.text("beside.goes", language), ""])
    content = lines.encode("utf-8-sig", "backslashreplace")  # with a byte-order mark for Notepad
    with suppress(CrmError, OSError), modes.as_open_as(book):
        replace_bytes(path, content)
        return path
    return None


def clear(book: Path) -> None:
    """Take the notes of earlier runs away, in whatever language; files of any other name stay."""
    titles = {messages.text(kind, spoken) for kind in (NOT_UPDATED, NOT_SHOWN) for spoken in messages.LANGUAGES}
    ours = re.compile(f"{re.escape(book.name)} (?:{'|'.join(map(re.escape, sorted(titles)))}){_DAY}")
    with suppress(OSError):
        for path in book.parent.iterdir():
            if ours.fullmatch(path.name):
                path.unlink(missing_ok=True)
