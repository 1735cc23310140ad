"""Timetable of a workbook: which jobs are due by themselves, when they begin, and until when they are tried again.

A night belongs to the moment at which it begins, so that a computer that was off then makes up for it in the morning,
and a night that was done is not done twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xlcrm.errors import CrmError

AT = "02:30"
# job -> the action that it runs; what only a person may decide (corrections, merges, mail, forgetting) is none
JOBS = {
    "inbox": "import",
    "check": "check",
    "doubles": "doubles",
    "refresh": "refresh",
    "search": "search",
    "lists": "lists",
    "backup": "backup",
}
DO = "inbox check refresh"
EVERY = dt.timedelta(minutes=15)
UNTIL = dt.time(6, 0)
LONGEST = dt.timedelta(hours=4)
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")


@dataclass(frozen=True)
class Timetable:
    """What is done to one workbook, and from when each day.

    book  the workbook's file, absolute
    at    local time of the first try
    jobs  names of JOBS, in the order in which they are done
    """

    book: Path
    at: dt.time
    jobs: tuple[str, ...]

    @property
    def name(self) -> str:
        """A name for the system's list of timers: the same for the same file."""
        return hashlib.sha256(os.fsencode(self.book)).hexdigest()[:12]

    def tries(self) -> list[dt.time]:
        """The times of a night, the first one included: every 15 minutes until 06:00, for four hours at most."""
        first = dt.datetime.combine(dt.date(2026, 1, 1), self.at)
        count = 1 + int(self.span() / EVERY)
        return [(first + place * EVERY).time() for place in range(count)]

    def span(self) -> dt.timedelta:
        """From the first try to the last one."""
        first = dt.datetime.combine(dt.date(2026, 1, 1), self.at)
        end = dt.datetime.combine(first.date(), UNTIL)
        if end < first:
            end += dt.timedelta(days=1)
        return min(end - first, LONGEST)

    def began(self, now: dt.datetime) -> dt.datetime:
        """When the latest night began that is due at `now` (local time)."""
        today = dt.datetime.combine(now.date(), self.at)
        return today if today <= now else today - dt.timedelta(days=1)

    def is_done(self, now: dt.datetime, last_good: dt.datetime | None) -> bool:
        """Whether that night was done already: a run that ended well since it began."""
        return last_good is not None and last_good >= self.began(now)


def timetable(book: Path, at: str, jobs: Sequence[str]) -> Timetable:
    """The timetable that somebody typed; CrmError "schedule.at", "schedule.job" where it can't be one."""
    named = tuple(dict.fromkeys(word for one in jobs for word in re.split(r"[\s,;+]+", one.lower()) if word))
    unknown = [name for name in named if name not in JOBS]
    if unknown or not named:
        raise CrmError("schedule.job", job=", ".join(unknown) or "-", jobs=", ".join(JOBS))
    return Timetable(Path(os.path.realpath(book)), _clock(at), named)


def _clock(text: str) -> dt.time:
    found = _CLOCK.fullmatch(text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise CrmError("schedule.at", value=text)
    return dt.time(int(found[1]), int(found[2]))
