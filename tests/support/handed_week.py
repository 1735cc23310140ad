"""A simulated week with copies that are handed out: real files, real commands, and the rules of `three_people`.

Ann has the workbook and hands copies out: whole ones, and such of some clients. Bo and Cy type into theirs, import the
orders that Ann imports, too, and combine each other's. Ann combines what comes back, early, late or twice; a copy that
somebody got a new one for may still come back at the end.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pandas as pd

from tests.support.three_people import CELLS, Week
from tests.support.two_copies import base_copy, person
from xlcrm.actions import ACTIONS
from xlcrm.building import build
from xlcrm.combining.conflict_lines import PREFIX
from xlcrm.files.file_book import FileBook
from xlcrm.handing_out import hand_out
from xlcrm.plan import Added, Plan, diff
from xlcrm.run import run
from xlcrm.session import Call, open_session
from xlcrm.tables import Tables
from xlcrm.values import text_of

CONDITIONS = ((), ("salesperson = Bo",), ("city = Oslo",), ("salesperson = Ann", "city = Roma"))
START = dt.datetime(2026, 11, 23, 9)


@cache
def empty_book() -> bytes:
    """A workbook without clients."""
    with TemporaryDirectory(prefix="xlcrm-") as folder:
        path = Path(folder) / "empty.xlsm"
        build(path, language="en", country="NO", parts=())
        return path.read_bytes()


class HandedWeek(Week):
    """One simulated week; `people` are file paths here, Ann's first."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng = random.Random(seed)
        self.folder, self.moment, self.count = folder, START, 0
        self.ann = folder / "ann" / "My.xlsm"
        self.ann.parent.mkdir()
        self.ann.write_bytes(empty_book())
        start = base_copy(self.rng, 8).tables()
        there = FileBook(self.ann).look()
        rows = ((name, start[name].frame) for name in ("Clients", "Purchases"))
        added = tuple(Added(n, f[[c for c in f if c in there[n].frame.columns]]) for n, f in rows)
        FileBook(self.ann).apply(Plan("typed", added=added), there)
        self.copies: dict[str, Path] = {}
        self.loose: list[Path] = []
        self.typed: dict[tuple[str, str], set[str]] = {}
        self.over: set[tuple[str, str, str]] = set()
        held = self.tables(self.ann)
        self.clients, self.lines = set(held["Clients"].frame["full_name"]), self._lines(held)
        self.first = {(row["full_name"], c): text_of(row[c]) for row in _rows(held) for c in CELLS}
        self.told: list[str] = []

    def week(self, steps: int) -> list[str]:
        """So many steps, the copies that come back at its end, and what is wrong then."""
        for who in ("Bo", "Cy"):
            self.out(who)
        rare = (self.new_client, self.new_line, self.calculate, self.back, self.out_again, self.orders)
        for _ in range(steps):
            self.rng.choice((*(self.type_cell,) * 4, *rare, self.among_copies))()
        ends = [*self.loose, *self.copies.values()]
        self.rng.shuffle(ends)
        for copy in ends:
            self.do(self.ann, "combine", copy=copy)
        return list(self.wrong(_without_other_lines(self.tables(self.ann))))

    def do(self, path: Path, action: str, **options: Any) -> None:
        self.moment += dt.timedelta(minutes=1)
        self.told.append(f"{path.stem}: {action} {options}")
        run(open_session(path, Call(self.moment, path.parent.name)), ACTIONS[action], **options)

    def tables(self, path: Path) -> Tables:
        return FileBook(path).look()

    def anybody(self) -> Path:
        return self.rng.choice([self.ann, *self.copies.values()])

    def out(self, who: str) -> None:
        """Hands a copy out; where nobody fits there is none."""
        made = self.folder / who.lower() / f"My {who} {len(self.told)}.xlsm"
        made.parent.mkdir(exist_ok=True)
        self.do(self.ann, "hand-out", name=who, where=self.rng.choice(CONDITIONS), out=str(made))
        if made.exists():
            self.loose += [self.copies.pop(who)] if who in self.copies else []
            self.copies[who] = made

    def out_again(self) -> None:
        """A new copy for somebody: the old one came back before, or comes at the end."""
        who = self.rng.choice(("Bo", "Cy"))
        if who in self.copies and self.rng.random() < 0.6:
            self.do(self.ann, "combine", copy=self.copies.pop(who))
        self.out(who)

    def back(self) -> None:
        """Ann combines a copy that lives on."""
        if self.copies:
            self.do(self.ann, "combine", copy=self.rng.choice([*self.copies.values()]))

    def among_copies(self) -> None:
        """One who got a copy combines the other's."""
        if len(self.copies) == 2:
            one, other = self.rng.sample([*self.copies.values()], 2)
            self.do(one, "combine", copy=other)

    def calculate(self) -> None:
        self.do(self.anybody(), "refresh")

    def type_cell(self) -> None:
        path = self.anybody()
        tables = self.tables(path)
        frame = tables["Clients"].frame
        at, column = self.rng.randrange(len(frame)), self.rng.choice(CELLS)
        name, old = frame["full_name"].iloc[at], text_of(frame[column].iloc[at])
        new = f"{column} {self.fresh_by(path)}"
        cells = pd.DataFrame({column: pd.Series([new], index=[at], dtype=object)})
        FileBook(path).apply(Plan("typed", changes=diff(tables["Clients"], cells)), tables)
        self.over.add((name, column, old))
        self.typed.setdefault((name, column), set()).add(new)
        self.told.append(f"{path.stem}: {name} {column} {old} -> {new}")

    def new_client(self) -> None:
        """By the next number of that file, which is somebody else's in another."""
        path = self.anybody()
        tables = self.tables(path)
        number = f"C{max(int(n[1:]) for n in tables['Clients'].frame['client_id']) + 1:04}"
        made = person(self.rng, number, f"New Client {self.fresh_by(path)}")
        made["client_id"] = made.pop("id")
        self.add(path, tables, "Clients", made)
        self.clients.add(made["full_name"])
        self.first |= {(made["full_name"], c): made[c] for c in CELLS}

    def new_line(self) -> None:
        path = self.anybody()
        tables = self.tables(path)
        row = self.rng.choice(list(_rows(tables)))
        made = {"invoice": f"I-{self.fresh_by(path)}", "client_id": row["client_id"], "date": dt.datetime(2026, 11, 23)}
        self.add(path, tables, "Purchases", {**made, "product": "tea", "amount": float(self.rng.randrange(9, 99))})
        self.lines.add((made["invoice"], row["full_name"]))

    def add(self, path: Path, tables: Tables, table: str, row: dict[str, Any]) -> None:
        columns = tables[table].frame.columns
        rows = pd.DataFrame([{c: v for c, v in row.items() if c in columns}])
        FileBook(path).apply(Plan("typed", added=(Added(table, rows),)), tables)
        self.told.append(f"{path.stem}: new {table} {list(row.values())[:2]}")

    def orders(self) -> None:
        """One file of orders that Ann and another import; of a client who has the same number in both."""
        other = self.rng.choice([*self.copies.values()] or [self.ann])
        rows = {row["client_id"]: row["full_name"] for row in _rows(self.tables(other))}
        here = {row["client_id"]: row["full_name"] for row in _rows(self.tables(self.ann))}
        known = [number for number in rows if here.get(number) == rows[number]]
        if not known:
            return
        number, invoice = self.rng.choice(known), f"F-{self.fresh_by(self.ann)}"
        file = self.folder / f"{invoice}.csv"
        file.write_text(f"Invoice;Client ID;Date;Product;Amount\n{invoice};{number};2026-11-20;cups;12\n", "utf-8")
        for path in dict.fromkeys([self.ann, other]):
            self.do(path, "import", files=(file,), table="Purchases")
        self.lines.add((invoice, rows[number]))

    def fresh_by(self, path: Path) -> str:
        self.count += 1
        return f"{path.parent.name}{self.count}"


def _built_once(path: Path, **asked: Any) -> None:
    """As `build`, the same empty workbook not twice."""
    key = repr(asked)
    if key not in BUILT:
        build(path, **asked)
        BUILT[key] = path.read_bytes()
    path.write_bytes(BUILT[key])


BUILT: dict[str, bytes] = {}


def _rows(tables: Tables) -> Iterator[dict[str, Any]]:
    for row in tables["Clients"].frame.to_dict("records"):
        yield {str(column): value for column, value in row.items()}


def _without_other_lines(tables: Tables) -> Tables:
    """The tables with only those lines of Problems that combining wrote."""
    lines = tables["Problems"]
    ours = lines.frame[lines.frame["code"].map(text_of).str.startswith(PREFIX)]
    return Tables.of(tables["Clients"], tables["Purchases"], replace(lines, frame=ours))


def handed_week(seed: int, steps: int = 12) -> list[str]:
    """What is wrong after one simulated week with hand-outs; with what was done where anything is."""
    with TemporaryDirectory(prefix="xlcrm-") as folder, patch.object(hand_out, "build", _built_once):
        week = HandedWeek(seed, Path(folder))
        wrong = week.week(steps)
        return [*wrong, *week.told] if wrong else []
