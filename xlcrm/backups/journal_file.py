"""The journal file beside the backups: added to line by line, never rewritten, safe for two writers at once."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock

from xlcrm.errors import CrmError
from xlcrm.files.durable import append_line
from xlcrm.files.encryption import seal, unseal
from xlcrm.os_errors import refusing
from xlcrm.plan import Plan
from xlcrm.undo import journal
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
        # what `begin` wrote, so that `done` need not read it again
        self._meant: dict[str, tuple[Plan, dict[str, Any]]] = {}

    def begin(self, plan: Plan, *, now: dt.datetime, who: str = "", backup: str = "", undoes: int = 0) -> int:
        """Puts the plan on record before it is applied; returns the run's number.

        `backup` is the name of the backup taken for it, `undoes` the number of the run that this plan takes back
        (default: what the plan says).
        """
        from xlcrm.undo.plan_json import encode

        id_ = secrets.token_hex(8)
        self._meant[id_] = plan, encode(plan)
        undoes = undoes or plan.undoes
        taken_back, put = self._id(undoes) if undoes else "", plan.whole.backup if plan.whole else ""
        record = journal.begun(id_, now, who, plan.action, backup, plan.counts(), taken_back, put)
        with self._alone():
            self._append(self._long("plan", id_, self._meant[id_][1]))
            self._append(record)
            return next(entry.number for entry in self.entries() if entry.id == id_)

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
                self._append({"record": "done", "id": id_, "at": now.isoformat(), **more})

    def failed(self, number: int, *, now: dt.datetime) -> None:
        """Says that the run of `begin` changed nothing, where the disk takes the line."""
        with suppress(CrmError):
            self._say("failed", number, now)

    def keep_kind(self, backup: str, kind: str) -> None:
        """Says before which kind of run a backup was taken, where the run wrote nothing and so is no entry."""
        with suppress(CrmError), self._alone():
            self._append({"record": "backup", "name": backup, "kind": kind})

    def kinds(self) -> dict[str, str]:
        """The names of backups with the kind of run that each was taken before: the name of an action."""
        return journal.kinds(self._short())

    def entries(self) -> list[Entry]:
        """All runs, oldest first. Lines that were cut off or damaged are passed over."""
        return journal.entries(self._short())

    def _short(self) -> Iterator[dict[str, Any]]:
        """The records that tell the story of runs, without their cells."""
        for text in self._lines():
            if not journal.is_long(text) and (record := journal.read(text)):
                yield record

    def entry(self, number: int) -> Entry:
        """One run; CrmError "undo.unknown" where no such number was ever given."""
        found = self.entries()
        if not 1 <= number <= len(found):
            raise CrmError("undo.unknown", number=number, highest=len(found))
        return found[number - 1]

    def plan(self, number: int) -> Plan:
        """The plan of a run with its cells as they were; CrmError "undo.damaged" where its line can't be read."""
        from xlcrm.undo.plan_json import decode

        id_ = self._id(number)
        meant, exact = self._cells("plan", id_), self._cells("befores", id_)
        if meant is None or (exact is None and self._had_befores(id_)):
            raise CrmError("undo.damaged", number=number, name=self.path.name)
        return decode({**meant, **(exact or {})})

    def _had_befores(self, id_: str) -> bool:
        """Whether the cells of a run were not as it had meant them, so that they stand in a record of their own."""
        return any(record.get("befores") for record in self._short() if record.get("id") == id_)

    def _say(self, state: str, number: int, now: dt.datetime) -> None:
        id_ = self._id(number)
        with self._alone():
            self._append({"record": state, "id": id_, "at": now.isoformat()})

    def _id(self, number: int) -> str:
        return self.entry(number).id

    def _long(self, kind: str, id_: str, cells: dict[str, Any]) -> dict[str, Any]:
        """A record that holds cells, sealed where there is a password."""
        if not self.password:
            return {"record": kind, "id": id_, kind: cells}
        content = json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return {"record": kind, "id": id_, "sealed": seal(content, self.password)}

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
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.path.with_name(f".{self.path.stem}.lock"), timeout=_WAIT, mode=0o666)
            try:
                lock.acquire()
            except filelock.Timeout:
                raise CrmError("lock.busy", name=self.path.name, seconds=round(_WAIT)) from None
        try:
            yield
        finally:
            lock.release()


def _same_cells(plan: Plan, applied: Plan) -> bool:
    """Whether the very parts of a plan were applied, so that nothing about them need be written twice."""
    meant = (*plan.changes, *plan.added, *plan.removed, *plan.new_columns)
    done = (*applied.changes, *applied.added, *applied.removed, *applied.new_columns)
    return len(meant) == len(done) and all(a is b for a, b in zip(meant, done, strict=True))
