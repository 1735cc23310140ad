"""Journal of the runs of a workbook, lines of text only ever added, from which a run is explained and taken back.

One record a line, JSON, with a checksum of its own in front:

    {"crc":"5d2f01ab","record":"plan","id":"9f3c…","number":7,"plan":{…}}   the plan as it was meant
    {"crc":"…","record":"begun","id":"9f3c…","number":7,"at":"2026-11-2…}   written before the workbook is touched
    {"crc":"…","record":"befores","id":"9f3c…","befores":{…}}               the cells as they really were
    {"crc":"…","record":"done","id":"9f3c…","number":7,"at":…}              or "failed": nothing was changed
    {"crc":"…","record":"backup","name":"…","kind":"search"}                a backup before a run that wrote nothing
    {"crc":"…","record":"compacted","id":"…","number":7}                    in place of a plan older than any backup

A run that puts a backup in the place of the whole workbook has no cells: "begun" names the backup ("put"), "done" has
the checksum of the file as it was left ("left").

"done" says whether there is a line "befores": without it undo would put back cells as they never were.

A run that issues documents names them in "begun" ("issues"): from that line on their numbers are taken, unless "failed"
follows. What they are stands in the plan, so that they can be finished, or brought back, from the journal alone.

"begun" of a run that stood in one of two versions of the journal alone says "forked" (see `forked_journal`).

A line that a crash cut off, or that two writers mixed up, fails its checksum and is passed over; the others stand, each
with the number it was given. A run whose line "begun" is lost still has its number, which then stands for no other.
Journals of earlier versions have no numbers: a run's is its place among all that were begun, lost ones included.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

_CUT = 60  # characters of a damaged line that hold no cell yet
_HEAD = len('{"crc":"00000000",')
_LONG = (b'"record":"plan"', b'"record":"befores"')
_PLAN = re.compile(rb'"record":"plan","id":"([0-9a-f]+)"(?:,"number":(\d+))?')


@dataclass(frozen=True)
class Entry:
    """One run. `number` is what a user says to `undo`: 1 the first, and no number is given twice.

    state     "begun" (the run was ended before it could say; the workbook tells), "done" or "failed"
    undoes    the number that this run takes back, 0 for none, -1 where it can't be told any more
    undone_by the number of the run that took this one back and stands, 0 for none
    put       the backup that this run put in the place of the whole workbook, "" for none; `backup` is what it replaced
    left      SHA-256 of the workbook's file as such a run left it, "" where it could not say
    issues    the documents whose numbers it took: (number, series, year, sequence, file)
    forked    it stands in one of two versions of the journal that were joined (see `forked_journal`)
    """

    number: int
    id: str
    at: dt.datetime
    who: str
    action: str
    state: str
    backup: str
    counts: dict[str, int]
    undoes: int = 0
    undone_by: int = 0
    put: str = ""
    left: str = ""
    issues: tuple[tuple[str, str, int, int, str], ...] = ()
    forked: bool = False


def line(record: dict[str, Any]) -> bytes:
    """A record as a line, without its line end."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "surrogatepass"
    )
    return b'{"crc":"%08x",%b' % (zlib.crc32(body[1:]), body[1:])


def read(text: bytes) -> dict[str, Any] | None:
    """The record in a line; None where the line is not as it was written."""
    if not _is_sound(text):
        return None
    try:
        record: dict[str, Any] = json.loads((b"{" + text[_HEAD:]).decode("utf-8", "surrogatepass"))
    except ValueError:
        return None
    return record


def is_long(text: bytes) -> bool:
    """Whether a line holds cells rather than the story of a run; told without reading it."""
    return text[_HEAD:].startswith(_LONG)


def belongs(text: bytes, kind: str, id_: str) -> bool:
    """Whether a line is the long record `kind` of the run `id_`; told without reading it."""
    return text[_HEAD:].startswith(f'"record":"{kind}","id":"{id_}"'.encode())


def cut(text: bytes, scrubbed: Callable[[str], str]) -> bytes:
    """A damaged line without what stands behind its head where that gives somebody away."""
    told = text.decode("utf-8", "replace")
    return text if scrubbed(told) == told else text[:_CUT] + (b"}" if text.endswith(b"}") else b"")


def compacted(text: bytes, ids: Collection[str]) -> bytes:
    """A line without the cells of these runs: of a plan its head stays, of the cells before it nothing."""
    record = read(text) if is_long(text) else None
    if record is None or record["id"] not in ids:
        return text
    if record["record"] != "plan":
        return b""
    return line({"record": "compacted", "id": record["id"], "number": record.get("number", 0)})


def story(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The records that tell what became of runs, without their cells; one without a name for each damaged line.

    Of a plan only its head is told. `whole` says if a damaged line was whole once: what a crash cuts off has no end.
    """
    for text in lines:
        if not is_long(text):
            record = read(text)
            if record is not None or text:
                yield record or {"whole": text.endswith(b"}")}
        elif (found := _PLAN.match(text, _HEAD)) and _is_sound(text):
            yield {"record": "plan", "id": found[1].decode(), "number": int(found[2] or 0)}


def _is_sound(text: bytes) -> bool:
    """Whether a line is as it was written."""
    return text[:_HEAD] == b'{"crc":"%08x",' % zlib.crc32(memoryview(text)[_HEAD:])


def kinds(records: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The names of backups with the kind of run that each was taken before: the name of an action."""
    found: dict[str, str] = {}
    for record in records:
        if record.get("record") == "begun":
            found[record["backup"]] = record["action"]
        elif record.get("record") == "backup":
            found[record["name"]] = record["kind"]
    return found


@dataclass
class Runs:
    """All runs that the records tell of.

    entries  those whose line "begun" can be read, by their ids, in the order of their beginning
    lost     number -> id of those whose line can't be read and that may stand in the workbook, and those that two have
    highest  the highest number that was ever given
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)
    highest: int = 0
    _planned: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[dict[str, Any]]) -> Runs:
        """The runs that `story` tells of."""
        runs = cls()
        take = {
            "plan": runs._plan,
            "compacted": runs._plan,
            "begun": runs._begun,
            "done": runs._ended,
            "failed": runs._ended,
        }
        for record in records:
            take.get(record.get("record", ""), runs._other)(record)
        return runs

    def _plan(self, record: dict[str, Any]) -> None:
        self._planned = record
        self.highest = max(self.highest, record["number"])

    def _begun(self, record: dict[str, Any]) -> None:
        id_ = str(record.get("id", ""))
        if id_ not in self.entries:
            number, undoes = self._given(record), self._number(record["undoes"])
            doubled = any(entry.number == number for entry in self.entries.values())
            self.entries[id_] = _entry(record, number, undoes)
            self.lost = {n: lost for n, lost in self.lost.items() if lost not in (id_, record["undoes"])}
            if doubled:  # lines of another journal got in here
                self.lost[number] = "two runs"
        self._planned = {}

    def _ended(self, record: dict[str, Any]) -> None:
        id_, kind = str(record.get("id", "")), record["record"]
        if id_ in self.entries:
            self.entries[id_] = replace(self.entries[id_], state=kind, left=record.get("left", ""))
        elif id_ not in self.lost.values():
            self.lost[self._given(record)] = id_
        if kind == "failed":
            self.lost = {n: lost for n, lost in self.lost.items() if lost != id_}

    def _other(self, record: dict[str, Any]) -> None:
        """A damaged line right after a plan was the "begun" of its run, unless a crash cut it off."""
        if self._planned and record.get("whole"):
            self.lost[self._given(self._planned)] = self._planned["id"]
        if record.get("record") or record.get("whole"):
            self._planned = {}

    def _number(self, id_: str) -> int:
        """The number of the run of this id: 0 for none, -1 where its own line is lost and nobody can say."""
        known = {lost: number for number, lost in self.lost.items()}
        known |= {entry.id: entry.number for entry in self.entries.values()}
        return known.get(id_, -1) if id_ else 0

    def _given(self, record: dict[str, Any]) -> int:
        """The number of a run: the one on record, in journals of earlier versions the next."""
        number: int = record.get("number") or self.highest + 1
        self.highest = max(self.highest, number)
        return number

    def all(self) -> list[Entry]:
        """The runs that can be read, in the order of their beginning."""
        return _with_undone(list(self.entries.values()))


def _entry(record: dict[str, Any], number: int, undoes: int) -> Entry:
    """The run that a record "begun" tells of; `undoes` is the number of the run that it takes back, 0 for none."""
    return Entry(
        number=number,
        id=str(record.get("id", "")),
        at=dt.datetime.fromisoformat(record["at"]),
        who=record["who"],
        action=record["action"],
        state="begun",
        backup=record["backup"],
        counts=record["counts"],
        undoes=undoes,
        put=record.get("put", ""),
        issues=tuple((str(n), str(s), int(y), int(q), str(f)) for n, s, y, q, f in record.get("issues", ())),
        forked=bool(record.get("forked")),
    )


def _with_undone(runs: list[Entry]) -> list[Entry]:
    """The runs with `undone_by`. Latest first: an undo that was itself taken back takes nothing back."""
    places = {entry.number: place for place, entry in enumerate(runs)}
    for stands in reversed(range(len(runs))):
        entry = runs[stands]
        if entry.undoes in places and entry.state == "done" and not entry.undone_by:
            place = places[entry.undoes]
            runs[place] = replace(runs[place], undone_by=entry.number)
    return runs


def next_to_undo(runs: list[Entry], lost: Collection[int] = ()) -> Entry | int | None:
    """The run that `undo` without a number takes back: the latest that stands and is no undo itself.

    One that was ended before it could say what it did counts as done; if it did nothing, taking it back is refused.
    The number alone where a later run is `lost`: what it did, and whether it took this one back, nobody can say.
    """
    found = next((entry for entry in reversed(runs) if _stands(entry)), None)
    latest = max(lost, default=0)
    return latest if found and latest >= found.number else found


def _stands(entry: Entry) -> bool:
    """Whether a run changed something that nothing took back, and is no undo."""
    changed = (bool(entry.put) or any(entry.counts.values())) and entry.action != "finish"
    return changed and entry.state != "failed" and not entry.undone_by and not entry.undoes
