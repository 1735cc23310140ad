"""Forked journals: two versions of one journal, each with runs of its own, as sync programs leave them, made one again.

Runs are known by their random ids. What each version alone has was done to another copy of the workbook: those runs are
marked "forked", and the sheet Changes of a workbook says which of them are its own (`OwnRuns`). Where a number stands
for two runs the workbook's keep theirs; the others get the next free ones, the same on every machine that joins them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from xlcrm.tables import Table
from xlcrm.undo import journal
from xlcrm.undo.journal import Entry, Runs
from xlcrm.values import text_of

_ENDS = ("done", "failed", "befores", "compacted")


class OwnRuns(NamedTuple):
    """The runs that a workbook's sheet Changes lists as its own: number -> (the run's id, its time as text).

    One that came over when copies were combined has no number there; one of an earlier version has no id.
    """

    told: Mapping[int, tuple[str, str]]

    @classmethod
    def of(cls, changes: Table | None) -> OwnRuns:
        """Of the sheet Changes; none where there is no such sheet."""
        frame = pd.DataFrame() if changes is None else changes.frame
        if "undo_number" not in frame:
            return cls({})
        numbers = pd.to_numeric(frame["undo_number"], errors="coerce")
        parts = [frame[c].map(text_of) if c in frame else [""] * len(frame) for c in ("run", "when")]
        rows = zip(numbers, *parts, strict=True)
        return cls({int(number): (run.strip(), when) for number, run, when in rows if number == number})

    def has(self, entry: Entry) -> bool:
        """Whether a run is one of them."""
        ids = {run for run, _ in self.told.values() if run}
        run, when = self.told.get(entry.number, ("", ""))
        return entry.id in ids or (not run and bool(when) and when == _second(entry))

    def elsewhere(self, entry: Entry) -> bool:
        """Whether a run was made in another copy: it is of a forked journal, or its number is another run's."""
        if self.has(entry):
            return False
        return entry.forked or bool(self.told.get(entry.number, ("", ""))[0])


def _second(entry: Entry) -> str:
    return text_of(pd.Timestamp(entry.at.replace(tzinfo=None)).floor("s"))


def joined(main: Sequence[bytes], other: Sequence[bytes], own: OwnRuns) -> list[bytes]:
    """The lines of a journal with those that only the other version of it has, behind them.

    The very lines of `main` where the other has nothing new. One that is only older or only newer is no fork: then no
    run is marked and every number stays.
    """
    mine, theirs = Runs.of(journal.story(main)), Runs.of(journal.story(other))
    here, there = set(mine.entries) - set(theirs.entries), set(theirs.entries) - set(mine.entries)
    forked = here | there if here and there else set()
    moved = _moved(mine, theirs, here, there, own)
    lines = [_written(text, forked & here, moved) for text in main]
    return [*lines, *(_written(text, forked & there, moved) for text in _new(main, other, there))]


def _moved(mine: Runs, theirs: Runs, here: set[str], there: set[str], own: OwnRuns) -> dict[str, int]:
    """Id -> the number that a run gets: where one of them clashes all of a version, so that they keep their order."""
    listed = [any(own.has(runs.entries[id_]) for id_ in ids) for runs, ids in ((theirs, there), (mine, here))]
    losing, staying = (mine, theirs) if listed == [True, False] else (theirs, mine)
    alone = here if losing is mine else there
    taken = {entry.number for entry in staying.entries.values()} | set(staying.lost)
    runs = sorted((losing.entries[id_] for id_ in alone), key=lambda entry: (entry.number, entry.id))
    highest = max(mine.highest, theirs.highest)
    clash = any(entry.number in taken for entry in runs)
    return {entry.id: highest + place for place, entry in enumerate(runs, 1) if clash}


def _written(text: bytes, forked: Collection[str], moved: Mapping[str, int]) -> bytes:
    """A line with its run's number, and with the mark where it begins one that is forked; else the very same."""
    record = journal.read(text) if forked or moved else None
    id_ = str(record.get("id", "")) if record else ""
    more: dict[str, Any] = {"number": moved[id_]} if id_ in moved else {}
    if record and record.get("record") == "begun" and id_ in forked:
        more["forked"] = True
    return journal.line({**record, **more}) if record and more else text


def _new(main: Sequence[bytes], other: Sequence[bytes], there: Collection[str]) -> Iterator[bytes]:
    """The lines that only the other version has: of its own runs all, of a shared run what ended it."""
    known = set(main)
    told = {_about(text) for text in main}
    for text in other:
        kind, id_ = _about(text)
        shared = bool(kind) and id_ not in there and (kind, id_) in told
        if text and text not in known and not shared and (not id_ or id_ in there or kind in _ENDS):
            yield text


def _about(text: bytes) -> tuple[str, str]:
    """What a line is about: its kind and its run, or which backup it names; ("", "") of a damaged one."""
    record = journal.read(text) or {}
    kind = str(record.get("record", ""))
    name = record.get("name", "") if kind == "backup" else ""
    return ("place", "place") if kind == "place" else (f"{kind} {name}".strip(), str(record.get("id", "")))
