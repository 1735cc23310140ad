"""The journal file beside the backups: added to line by line, safe for two writers at once.

It is rewritten for four reasons only: a password came, a client is forgotten, runs are older than any backup, or a sync
program kept a second version of it.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock

from xlcrm.errors import CrmError
from xlcrm.files import modes
from xlcrm.files.durable import append_line, make_folder
from xlcrm.files.encryption import seal, unseal
from xlcrm.files.replace import replace_bytes
from xlcrm.os_errors import refusing
from xlcrm.plan import Plan
from xlcrm.undo import journal
from xlcrm.undo.forked_journal import OwnRuns, joined
from xlcrm.undo.journal import Entry

_WAIT = 30.0


class Journal:
    """The runs of one workbook. `path` is `Store.journal_path`; the file is made by the first run.

    With a password the cells of each run are sealed, as the backups are locked; who ran what and when stays readable.
    A run is written twice: `begin` before the workbook is touched, `done` (or `failed`) after.
    """

    def __init__(self, path: Path, *, password: str = "") -> None:
        self.path = path
        self.password = password
        self.lock_path = path.with_name(f".{path.stem}.lock")
        # what `begin` wrote, so that `done` need not read it again
        self._meant: dict[str, tuple[Plan, dict[str, Any]]] = {}

    def begin(
        self,
        plan: Plan,
        *,
        now: dt.datetime,
        who: str = "",
        backup: str = "",
        undoes: int = 0,
        above: int = 0,
        book: str = "",
        counts: Mapping[str, int] | None = None,
    ) -> int:
        """Puts the plan on record before it is applied; returns the run's number.

        `backup` is the name of the backup taken for it, `undoes` the number of the run that this plan takes back
        (default: what the plan says), `above` a number that this run's must be higher than: the workbook may list runs
        of another journal (it was sent round), and no number may mean two of them. `book` is the workbook's identity.
        `counts` are those of a plan whose cells are not to be kept.
        """
        from xlcrm.undo.plan_json import encode

        id_ = secrets.token_hex(8)
        self._meant[id_] = plan, encode(plan)
        with self._alone():
            runs = self._runs()
            number = max(runs.highest, above) + 1
            begun = {
                "record": "begun",
                "id": id_,
                "number": number,
                "at": now.isoformat(),
                "who": who,
                "action": plan.action,
                "backup": backup,
                "counts": counts or plan.counts(),
                "undoes": self._id(undoes or plan.undoes) if undoes or plan.undoes else "",
                **({"put": plan.whole.backup} if plan.whole else {}),
                **({"book": book} if book else {}),
                **(
                    {"issues": [[i.number, i.series, i.year, i.sequence, i.file] for i in plan.issues]}
                    if plan.issues
                    else {}
                ),
            }
            self._append(self._long("plan", id_, self._meant[id_][1], number))
            self._append(begun)
        return number

    def done(self, number: int, applied: Plan, *, now: dt.datetime, left: str = "") -> None:
        """Says that the plan of `begin` was applied; `applied` has its cells as they really were before.

        `left` is the SHA-256 of the workbook's file, for a run that put a whole file in its place.

        The workbook is changed by now, so a disk that refuses the line is no reason to call the run refused: the run
        stays "begun", and can be taken back all the same.
        """
        from xlcrm.undo.plan_json import encode

        with suppress(CrmError):
            id_ = self._id(number)
            plan, meant = self._meant.pop(id_, None) or (None, self._cells("plan", id_) or {})
            was = {} if plan and _same_cells(plan, applied) else encode(applied)
            exact = {name: was[name] for name in was if was[name] != meant.get(name)}
            with self._alone():
                if exact:
                    self._append(self._long("befores", id_, exact))
                more = {**({"left": left} if left else {}), **({"befores": True} if exact else {})}
                self._append({"record": "done", "id": id_, "number": number, "at": now.isoformat(), **more})

    def failed(self, number: int, *, now: dt.datetime) -> bool:
        """Says that the run of `begin` changed nothing; whether the disk took the line."""
        with suppress(CrmError):
            self._say("failed", number, now)
            return True
        return False

    def finished(self, number: int, *, now: dt.datetime) -> None:
        """Says that what a run had only begun is done now, as it was meant."""
        with suppress(CrmError):
            self._say("done", number, now)

    def issuing(self) -> list[Entry]:
        """The runs that took numbers of documents: done, or begun and still to be finished."""
        return [entry for entry in self.entries() if entry.issues and entry.state != "failed"]

    def keep_kind(self, backup: str, kind: str) -> None:
        """Says before which kind of run a backup was taken, where the run wrote nothing and so is no entry."""
        with suppress(CrmError), self._alone():
            self._append({"record": "backup", "name": backup, "kind": kind})

    def keep_place(self, place: str) -> None:
        """Says where the workbook is, seen from the journal's folder."""
        with suppress(CrmError), self._alone():
            self._append({"record": "place", "path": place})

    def place(self) -> str:
        """Where the workbook was last, "" where nobody has said."""
        found = ""
        for record in self._records():
            if record.get("record") == "place":
                found = record["path"]
        return found

    def gave(self, book: str) -> str | None:
        """The name of the backup before the first run that gave the workbook this identity; None where none did."""
        return next((str(record["backup"]) for record in self._records() if record.get("book") == book), None)

    def unlocked(self) -> int:
        """How many lines hold cells that anybody can read although there is a password."""
        return sum(map(_is_open, self._lines())) if self.password else 0

    def turn(self, *, sealed: bool) -> int:
        """Writes the lines that hold cells anew, all sealed or all open; how many. One replacement of the file.

        What another password sealed stays so. An open line that is damaged is left out of a sealed journal: nobody can
        read it as a run, but everybody as letters.
        """
        with self._alone(), refusing(self.path):
            lines = list(self._lines())
            turned = [self._turned(text, sealed=sealed) for text in lines]
            if turned != lines:
                content = b"".join(text + b"\n" for text in turned if text)
                replace_bytes(self.path, content)
        return sum(old != new for old, new in zip(lines, turned, strict=True))

    def _turned(self, text: bytes, *, sealed: bool) -> bytes:
        """One line sealed, or open; as it is where it is so already, or can't be made so."""
        if not journal.is_long(text) or _is_open(text) != sealed:
            return text
        record = journal.read(text)
        if record is None:
            return b"" if sealed else text
        kind = record["record"]
        head: dict[str, Any] = {name: record[name] for name in ("record", "id", "number") if name in record}
        if sealed:
            return journal.line(self._long(kind, record["id"], record[kind], record.get("number", 0)))
        with suppress(CrmError):
            return journal.line({**head, kind: json.loads(unseal(record["sealed"], self.password, self.path.name))})
        return text

    def remove_unlocked(self) -> int:
        """Takes those lines out; how many. Their runs stay on record and can't be taken back any more."""
        with self._alone(), refusing(self.path):
            lines = list(self._lines())
            left = [text for text in lines if not _is_open(text)]
            if len(left) < len(lines):
                content = b"".join(text + b"\n" for text in left)
                replace_bytes(self.path, content)
        return len(lines) - len(left)

    def hand_over(self, other: Path, backups: Collection[str], book: str) -> None:
        """Copies to the journal `other` the runs before which one of `backups` was taken, or that are of `book`."""
        numbers = {entry.id: entry.number for entry in self.entries()}
        begun = {r["id"]: r for r in self._records() if r.get("record") == "begun"}
        ids = {id_ for id_, r in begun.items() if r["backup"] in backups or r.get("book") == book}
        for text in self._lines():
            record = journal.read(text)
            if record and (record.get("id") in ids or record.get("name") in backups):
                numbered = {"number": numbers[record["id"]]} if record["record"] == "begun" else {}
                append_line(other, journal.line({**record, **numbered}))

    def kinds(self) -> dict[str, str]:
        """The names of backups with the kind of run that each was taken before: the name of an action."""
        return journal.kinds(self._records())

    def entries(self) -> list[Entry]:
        """All runs, oldest first. Lines that were cut off or damaged are passed over."""
        return self._runs().all()

    def _runs(self) -> journal.Runs:
        return journal.Runs.of(self._records())

    def entry(self, number: int) -> Entry:
        """One run; CrmError "undo.unknown" where no such number was given, "undo.damaged" where its line is lost."""
        runs = self._runs()
        if number in runs.lost:
            raise CrmError("undo.damaged", number=number, name=self.path.name)
        for entry in runs.all():
            if entry.number == number:
                return entry
        raise CrmError("undo.unknown", number=number, highest=runs.highest)

    def next_to_undo(self, before: int = 0, without: Collection[int] = ()) -> Entry | None:
        """The run that `undo` without a number takes back, of those before a number (0: of all), `without` some.

        CrmError "undo.damaged" where the line of a later one is lost: it may stand, or be this one's undo.
        """
        runs = self._runs()
        limit = before or runs.highest + 1
        lost = [number for number in runs.lost if number < limit]
        entries = [entry for entry in runs.all() if entry.number < limit and entry.number not in without]
        found = journal.next_to_undo(entries, lost)
        if isinstance(found, int):
            raise CrmError("undo.damaged", number=found, name=self.path.name)
        return found

    def plan(self, number: int) -> Plan:
        """The plan of a run with its cells as they were; CrmError "undo.damaged" where its line can't be read."""
        from xlcrm.undo.plan_json import decode

        id_ = self._id(number)
        meant, exact = self._cells("plan", id_), self._cells("befores", id_)
        if meant is None and any(r.get("record") == "compacted" and r.get("id") == id_ for r in self._records()):
            raise CrmError("undo.compacted", number=number)
        if meant is None or (exact is None and self._had_befores(id_)):
            raise CrmError("undo.damaged", number=number, name=self.path.name)
        return decode({**meant, **(exact or {})})

    def redact(self, erased: Callable[[Plan], Plan], scrubbed: Callable[[str], str]) -> int:
        """Takes what is to be forgotten out of the cells of all runs; how many lines were written anew.

        erased    a plan of a run -> that plan without them, the very same one where it says nothing of them
        scrubbed  text -> text, for lines that are damaged: nobody can read them as a run, only as letters

        Runs, their numbers and their order stay; each line gets its own checksum again. One replacement of the file.
        """
        with self._alone(), refusing(self.path):
            lines = list(self._lines())
            left = [self._redacted(text, erased, scrubbed) for text in lines]
            if left != lines:
                content = b"".join(text + b"\n" for text in left)
                replace_bytes(self.path, content)
        return sum(old != new for old, new in zip(lines, left, strict=True))

    def _redacted(self, text: bytes, erased: Callable[[Plan], Plan], scrubbed: Callable[[str], str]) -> bytes:
        from xlcrm.undo.plan_json import decode, encode

        record = journal.read(text)
        if record is None:
            return journal.cut(text, scrubbed)
        if not journal.is_long(text):
            return text
        kind, id_, sealed = record["record"], record["id"], "sealed" in record
        meant = self._cells("plan", id_) or {}
        exact = self._cells("befores", id_) or {} if kind == "befores" else {}
        plan = decode({**meant, **exact})
        if (left := erased(plan)) is plan:
            return text
        cells = encode(left)
        if kind == "befores":
            first = encode(erased(decode(meant)))
            cells = {name: cells[name] for name in cells if cells[name] != first[name]}
        return journal.line(self._long(kind, id_, cells, record.get("number", 0), sealed=sealed))

    def compact(self, gone: Callable[[Entry], bool]) -> int:
        """Takes the cells of old runs out, which then can't be taken back any more; how many. Their story stays.

        Runs that issued documents keep theirs: a workbook that is set back is completed from them.
        """
        with self._alone(), refusing(self.path):
            ids = {entry.id for entry in self.entries() if entry.state != "begun" and not entry.issues and gone(entry)}
            lines = list(self._lines())
            left = [told for text in lines if (told := journal.compacted(text, ids))]
            if left != lines:
                content = b"".join(text + b"\n" for text in left)
                replace_bytes(self.path, content)
        return sum(map(journal.is_long, lines)) - sum(map(journal.is_long, left))

    def join(self, versions: Sequence[Path], own: OwnRuns) -> None:
        """Takes in what only other versions of this journal have (see `forked_journal`), which stay where they are.

        One replacement of the file.
        """
        with self._alone(), refusing(self.path):
            lines = left = list(self._lines())
            for version in versions:
                left = joined(left, version.read_bytes().replace(b"\r", b"").split(b"\n"), own)
            if left != lines:
                content = b"".join(text + b"\n" for text in left)
                replace_bytes(self.path, content)

    def _had_befores(self, id_: str) -> bool:
        """Whether the cells of a run were not as it had meant them, so that they stand in a record of their own."""
        return any(record.get("befores") for record in self._records() if record.get("id") == id_)

    def _say(self, state: str, number: int, now: dt.datetime) -> None:
        id_ = self._id(number)
        with self._alone():
            self._append({"record": state, "id": id_, "number": number, "at": now.isoformat()})

    def run_id(self, number: int) -> str:
        """The random id of a run, which no other run of any copy has; CrmError as of `entry`."""
        return self._id(number)

    def _id(self, number: int) -> str:
        return self.entry(number).id

    def _long(
        self, kind: str, id_: str, cells: dict[str, Any], number: int = 0, *, sealed: bool = True
    ) -> dict[str, Any]:
        """A record that holds cells, sealed where there is a password."""
        head = {"record": kind, "id": id_, **({"number": number} if number else {})}
        if not (self.password and sealed):
            return {**head, kind: cells}
        content = json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return {**head, "sealed": seal(content, self.password)}

    def _cells(self, kind: str, id_: str) -> dict[str, Any] | None:
        """What the last sound long record of a run holds."""
        found = None
        for text in self._lines():
            if journal.belongs(text, kind, id_):
                found = journal.read(text) or found
        if found and "sealed" in found:
            content = unseal(found["sealed"], self.password, self.path.name)
            found[kind] = json.loads(content.decode("utf-8", "surrogatepass"))
        return found[kind] if found else None

    def _records(self) -> Iterator[dict[str, Any]]:
        """The story that the lines tell, without cells (see `journal.story`)."""
        return journal.story(self._lines())

    def _lines(self) -> Iterator[bytes]:
        with refusing(self.path):
            if not self.path.exists():
                return
            with self.path.open("rb") as file:
                for text in file:
                    yield text.rstrip(b"\r\n")

    def _append(self, record: dict[str, Any]) -> None:
        with refusing(self.path):
            append_line(self.path, journal.line(record))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps two long lines from being written into each other."""
        with refusing(self.path):
            make_folder(self.path.parent)
            lock = filelock.FileLock(self.lock_path, timeout=_WAIT, mode=modes.new_lock())
            try:
                lock.acquire()
            except filelock.Timeout:
                raise CrmError("lock.busy", name=self.path.name, seconds=round(_WAIT)) from None
        try:
            yield
        finally:
            lock.release()


def _is_open(text: bytes) -> bool:
    """Whether a line holds cells that are not sealed."""
    return journal.is_long(text) and b',"sealed":"' not in text[:200]


def _same_cells(plan: Plan, applied: Plan) -> bool:
    """Whether the very parts of a plan were applied, so that nothing about them need be written twice."""
    meant = (*plan.changes, *plan.added, *plan.removed, *plan.new_columns)
    done = (*applied.changes, *applied.added, *applied.removed, *applied.new_columns)
    return len(meant) == len(done) and all(a is b for a, b in zip(meant, done, strict=True))
