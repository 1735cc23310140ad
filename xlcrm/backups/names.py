"""File names of backups, so that a person finds the right one and xlcrm never touches a file that isn't its own.

ClientFile 2026-11-22 143000 before refresh.xlsm
ClientFile 2026-11-22 143000 before refresh (2).xlsm     the same second again
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from xlcrm.text import caseless

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xltx", ".xltm")
_NAME = re.compile(
    r"(?P<stem>.+) (?P<moment>\d{4}-\d{2}-\d{2} \d{6}) (?P<reason>.+?)(?: \((?P<again>\d+)\))?", re.DOTALL
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_LONGEST_REASON = 60


class BackupName(NamedTuple):
    """A backup's name taken apart. `moment` is local time of who took it, `again` 1 or the number in brackets."""

    stem: str
    moment: dt.datetime
    reason: str
    again: int
    suffix: str


def name(stem: str, moment: dt.datetime, reason: str, suffix: str, again: int = 1) -> str:
    """The file name of a backup. What no file name may hold is taken out of `reason`; fractions of a second are cut."""
    words = " ".join(_FORBIDDEN.sub(" ", reason).split())[:_LONGEST_REASON].strip(" .") or "backup"
    number = f" ({again})" if again > 1 else ""
    return f"{stem} {moment:%Y-%m-%d %H%M%S} {words}{number}{suffix}"


def parse(file_name: str, stem: str) -> BackupName | None:
    """The parts of a backup of the workbook `stem`; None for any other file, which is nobody's to delete."""
    found = take_apart(file_name)
    return found if found and caseless(found.stem) == caseless(stem) else None


def take_apart(file_name: str) -> BackupName | None:
    """The parts of a backup of whatever workbook; None for any other file."""
    head, dot, tail = file_name.rpartition(".")
    suffix = dot + tail
    found = _NAME.fullmatch(head)
    if suffix.lower() not in SUFFIXES or found is None:
        return None
    try:
        moment = dt.datetime.strptime(found["moment"], "%Y-%m-%d %H%M%S")
    except ValueError:
        return None
    return BackupName(found["stem"], moment, found["reason"], int(found["again"] or 1), suffix)
