"""Journal of the runs of a workbook, lines of text only ever added, from which a run is explained and taken back.

One record a line, JSON, with a checksum of its own in front:

    {"crc":"5d2f01ab","record":"plan","id":"9f3c…","plan":{…}}                the plan as it was meant
    {"crc":"…","record":"begun","id":"9f3c…","at":"2026-11-22T14:30:00",…}    written before the workbook is touched
    {"crc":"…","record":"befores","id":"9f3c…","befores":{…}}                 the cells as they really were
    {"crc":"…","record":"done","id":"9f3c…","at":…}                           or "failed": nothing was changed
    {"crc":"…","record":"backup","name":"…","kind":"search"}                  a backup before a run that wrote nothing

A run that puts a backup in the place of the whole workbook has no cells: "begun" names the backup ("put"), "done" has
the checksum of the file as it was left ("left").

"done" says whether there is a line "befores": without it undo would put back cells as they never were.

A line that a crash cut off, or that two writers mixed up, fails its checksum and is passed over; the others stand.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

_HEAD = len('{"crc":"00000000",')
_LONG = (b'"record":"plan"', b'"record":"befores"')


@dataclass(frozen=True)
class Entry:
    """One run. `number` is what a user says to `undo`: the place among all runs ever begun, 1 the first.

    state     "begun" (the run was ended before it could say; the workbook tells), "done" or "failed"
    undoes    the number that this run takes back, 0 for none
    undone_by the number of the run that took this one back and stands, 0 for none
    put       the backup that this run put in the place of the whole workbook, "" for none; `backup` is what it replaced
    left      SHA-256 of the workbook's file as such a run left it, "" where it could not say
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


def line(record: dict[str, Any]) -> bytes:
    """A record as a line, without its line end."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "surrogatepass"
    )
    return b'{"crc":"%08x",%b' % (zlib.crc32(body[1:]), body[1:])


def read(text: bytes) -> dict[str, Any] | None:
    """The record in a line; None where the line is not as it was written."""
    body = text[_HEAD:]
    if text[:_HEAD] != b'{"crc":"%08x",' % zlib.crc32(body):
        return None
    try:
        record: dict[str, Any] = json.loads((b"{" + body).decode("utf-8", "surrogatepass"))
    except ValueError:
        return None
    return record


def is_long(text: bytes) -> bool:
    """Whether a line holds cells rather than the story of a run; told without reading it."""
    return text[_HEAD:].startswith(_LONG)


def belongs(text: bytes, kind: str, id_: str) -> bool:
    """Whether a line is the long record `kind` of the run `id_`; told without reading it."""
    return text[_HEAD:].startswith(f'"record":"{kind}","id":"{id_}"'.encode())


def begun(
    id_: str, at: dt.datetime, who: str, action: str, backup: str, counts: dict[str, int], undoes: str, put: str = ""
) -> Any:
    """The record of a run that begins; `undoes` is the id of the run it takes back, "" for none."""
    record = {
        "record": "begun",
        "id": id_,
        "at": at.isoformat(),
        "who": who,
        "action": action,
        "backup": backup,
        "counts": counts,
        "undoes": undoes,
    }
    return {**record, "put": put} if put else record


def kinds(records: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The names of backups with the kind of run that each was taken before: the name of an action."""
    found: dict[str, str] = {}
    for record in records:
        if record.get("record") == "begun":
            found[record["backup"]] = record["action"]
        elif record.get("record") == "backup":
            found[record["name"]] = record["kind"]
    return found


def entries(records: Iterable[dict[str, Any]]) -> list[Entry]:
    """The runs that the records tell of, in the order of their beginning."""
    found: dict[str, Entry] = {}
    for record in records:
        kind, id_ = record.get("record"), str(record.get("id", ""))
        if kind == "begun" and id_ not in found:
            taken_back = found.get(record["undoes"])
            found[id_] = _entry(record, len(found) + 1, taken_back.number if taken_back else 0)
        elif kind in {"done", "failed"} and id_ in found:
            found[id_] = replace(found[id_], state=kind, left=record.get("left", ""))
    return _with_undone({entry.number: entry for entry in found.values()})


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
    )


def _with_undone(by_number: dict[int, Entry]) -> list[Entry]:
    """The runs with `undone_by`. Latest first: an undo that was itself taken back takes nothing back."""
    for number in reversed(by_number):
        stands = by_number[number]
        if stands.undoes and stands.state == "done" and not stands.undone_by:
            by_number[stands.undoes] = replace(by_number[stands.undoes], undone_by=stands.number)
    return list(by_number.values())


def next_to_undo(runs: list[Entry]) -> Entry | None:
    """The run that `undo` without a number takes back: the latest that stands and is no undo itself.

    One that was ended before it could say what it did counts as done; if it did nothing, taking it back is refused.
    """
    return next((entry for entry in reversed(runs) if _stands(entry)), None)


def _stands(entry: Entry) -> bool:
    """Whether a run changed something that nothing took back, and is no undo."""
    changed = bool(entry.put) or any(entry.counts.values())
    return changed and entry.state != "failed" and not entry.undone_by and not entry.undoes
