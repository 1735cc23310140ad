"""The line of the sheet Start that says of when the figures are, for client files made before it had one.

It comes where nothing stands in its row; a sheet that a person took for something else stays as it is.
"""

from __future__ import annotations

import re

from xlcrm import words
from xlcrm.building.sheets.start_sheet import FIGURES_ROW
from xlcrm.messages import LANGUAGES
from xlcrm.upgrading.package_draft import PackageDraft
from xlcrm.upgrading.sheet_copy import SheetCopy
from xlcrm.xlsx.workbook import Sheet, Workbook

_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"[^>]*?(?:/>|>(.*?)</row>)', re.DOTALL)
_FILLED = re.compile(rb"<(?:v|f|is)\b")


def bring_line(draft: PackageDraft, donor: Workbook, copy: SheetCopy) -> bool:
    """Put the donor's line into the sheet Start; whether it lacked one and had room for it."""
    start, new = _start(draft.book), _start(donor)
    data = draft.read(start.part) if start else b""
    place = _free(data)
    if start is None or new is None or place is None:
        return False
    line = copy.row(new, FIGURES_ROW)
    draft.put(start.part, data[: place[0]] + line + data[place[1] :])
    return True


def _start(book: Workbook) -> Sheet | None:
    """The sheet called Start in any of our languages, which has no table."""
    titles = {words.title("Start", language) for language in LANGUAGES}
    return next((sheet for sheet in book.worksheets if sheet.name in titles and not book.tables_of(sheet)), None)


def _free(data: bytes) -> tuple[int, int] | None:
    """Where the row goes: in the place of an empty one, or before the next; None where something stands there."""
    later = next((row for row in _ROW.finditer(data) if int(row[1]) >= FIGURES_ROW), None)
    if later is None:
        return None
    if int(later[1]) > FIGURES_ROW:
        return later.start(), later.start()
    return None if _FILLED.search(later[2] or b"") else later.span()
