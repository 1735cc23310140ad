"""Own marks: the ids that our exports for address books carry ("xlcrm:client:C0012"), found again in any column.

Google and Outlook have no column for another program's id, and give back a custom field as it was. A list that has such
a column is ours come back; what we wrote beside it only for that program (labels) is taken out again where it says
nothing: it would become a column of the user's own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pandas as pd

from xlcrm.exports.crm_programs import programs
from xlcrm.importing.incoming import Incoming
from xlcrm.values import as_text

_MARK = re.compile(r"\s*xlcrm:(client|person):(.+?)\s*")
# Values of our columns that only tell the program how to show the others.
_OF_SHOW = frozenset("labels categories mark_label email_label phone_label mobile_label address_label".split())
_LABELS = frozenset(("", "Home", "Work", "Mobile"))


def with_own_ids(one: Incoming) -> Incoming:
    """The list with its column of marks as client_id, blank for people; unchanged where it has no such column."""
    header = next((str(name) for name in one.frame.columns if _are_marks(one.frame[name])), "")
    if not header or one.own:
        return one
    found = [_MARK.fullmatch(text) for text in as_text(one.frame[header])]
    ids = [match[2] if match and match[1] == "client" else "" for match in found]
    frame = one.frame.assign(**{header: pd.Series(ids, index=one.frame.index, dtype="str")})
    shown = [str(name) for name in frame.columns if str(name) in _shown_headers() and _says_nothing(frame[name])]
    return replace(one, frame=frame.drop(columns=shown), known={**one.known, header: "client_id"})


def _are_marks(column: pd.Series[str]) -> bool:
    """Whether a column has marks and nothing else."""
    if column.dtype.kind in "Mfiub":
        return False
    texts = [text for text in as_text(column.head(2000)) if text.strip()]
    return bool(texts) and all(_MARK.fullmatch(text) for text in texts)


@cache
def _shown_headers() -> frozenset[str]:
    """The headers of our columns that only tell a program how to show the others."""
    columns = [column for program in programs().values() for file in program.files.values() for column in file]
    return frozenset(header for header, value in columns if value in _OF_SHOW)


def _says_nothing(column: pd.Series[str]) -> bool:
    """Whether all cells are usual labels, or begin with one and the same text (the list's name)."""
    texts = set(as_text(column)) - {""}
    base = min(texts, key=len, default="")
    return texts <= _LABELS or all(text.startswith(base) for text in texts)
