"""Three people over a simulated week: each has a copy, edits, buys, combines the others' copies, hands out their own.

Whatever somebody typed and nobody who saw it typed over has to be in the end result or in Problems; no cell holds what
nobody typed there; every client and every line is there once, and each line is its client's.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tests.support.two_copies import TODAY, base_copy, person
from tests.undo.test_undo import applied
from xlcrm.combining.combine_plan import combine_plan
from xlcrm.combining.earlier_combinings import EarlierCombinings
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of

CELLS = ("email", "phone", "salesperson", "city")  # of the address only this cell, so that it is a cell of its own


@dataclass
class Worker:
    """One person's file: its tables, the runs that it lists (own and joined), the combinings that it made."""

    name: str
    tables: Tables
    own: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    plans: dict[str, Plan] = field(default_factory=dict)


class Week:
    """One simulated week."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        start = base_copy(self.rng, 8).tables()
        self.states = {"r0": start}  # as each run left its file
        self.people = [Worker(name, _copied(start), ["r0"]) for name in ("Ann", "Bo", "Cy")]
        self.typed: dict[tuple[str, str], set[str]] = {}  # what was ever typed into a cell
        self.over: set[tuple[str, str, str]] = set()  # what somebody saw and typed over
        self.clients, self.lines = set(start["Clients"].frame["full_name"]), self._lines(start)
        self.first = {(n, c): v for n, c, v in _cells(start)}
        self.count = 0

    def run(self) -> list[str]:
        """The days of the week, the last combining, and what is wrong after it."""
        for _ in range(14):
            who = self.rng.choice(self.people)
            self.rng.choice((self.edit, self.edit, self.edit, self.client, self.line, self.refresh, self.meet))(who)
        ann, bo, cy = self.people
        self.combine(ann, bo)
        self.combine(ann, cy)
        return list(self.wrong(ann.tables))

    def fresh(self, who: Worker) -> str:
        self.count += 1
        return f"{who.name}{self.count}"

    def edit(self, who: Worker) -> None:
        frame = who.tables["Clients"].frame
        at, column = self.rng.randrange(len(frame)), self.rng.choice(CELLS)
        name, old, new = frame["full_name"].iloc[at], text_of(frame[column].iloc[at]), f"{column} {self.fresh(who)}"
        frame.loc[at, column] = new
        self.over.add((name, column, old))
        self.typed.setdefault((name, column), set()).add(new)

    def client(self, who: Worker) -> None:
        frame = who.tables["Clients"].frame
        number = f"C{max(int(n[1:]) for n in frame['client_id']) + 1:04}"
        made = person(self.rng, number, f"New Client {self.fresh(who)}")
        made["client_id"] = made.pop("id")
        _add(who.tables, "Clients", made)
        self.clients.add(made["full_name"])
        self.first |= {(made["full_name"], c): made[c] for c in CELLS}

    def line(self, who: Worker) -> None:
        row = who.tables["Clients"].frame.iloc[self.rng.randrange(len(who.tables["Clients"].frame))]
        made = {"invoice": f"I-{self.fresh(who)}", "client_id": row["client_id"], "date": pd.Timestamp(2026, 11, 23)}
        _add(who.tables, "Purchases", {**made, "product": "tea", "amount": float(self.rng.randrange(9, 99))})
        self.lines.add((made["invoice"], row["full_name"]))

    def refresh(self, who: Worker) -> None:
        self._ran(who)

    def _ran(self, who: Worker, plan: Plan | None = None) -> None:
        run = f"r{self.fresh(who)}"
        who.own.append(run)
        self.states[run] = _copied(who.tables)
        if plan is not None:
            who.plans[run] = plan

    def meet(self, who: Worker) -> None:
        """Combines somebody's copy; half of the time that one goes on with the combined file."""
        other = self.rng.choice([one for one in self.people if one is not who])
        self.combine(who, other)
        if self.rng.random() < 0.5:
            other.tables, other.own, other.joined = _copied(who.tables), list(who.own), list(who.joined)

    def combine(self, who: Worker, other: Worker) -> None:
        """As `backups.combining_run` finds the base and what came before."""
        common = [run for run in who.own if run in other.own]
        known = {*other.own, *other.joined}
        earlier = EarlierCombinings.of([p for r, p in who.plans.items() if r in who.own and r not in known])
        plan = combine_plan(
            who.tables, _copied(other.tables), self.states[common[-1]], settings=Settings(), today=TODAY,
            fallback=other.name, earlier=earlier,
        )  # fmt: skip
        who.tables = _clean(applied(who.tables, plan))
        if plan.touches_workbook:
            self._ran(who, plan)
            who.joined += [run for run in (*other.own, *other.joined) if run not in {*who.own, *who.joined}]

    def _lines(self, tables: Tables) -> set[tuple[str, str]]:
        names = dict(zip(tables["Clients"].frame["client_id"], tables["Clients"].frame["full_name"], strict=True))
        frame = tables["Purchases"].frame
        return {(i, names.get(c, "?")) for i, c in zip(frame["invoice"], frame["client_id"], strict=True)}

    def wrong(self, tables: Tables) -> Any:
        """What is not as it has to be."""
        names = Counter(tables["Clients"].frame["full_name"])
        if set(names) != self.clients or max(names.values()) > 1:
            yield f"clients: {sorted(set(names) ^ self.clients)}, {[n for n, k in names.items() if k > 1]} twice"
        frame = tables["Purchases"].frame
        if self._lines(tables) != self.lines or len(frame) != len(self.lines):
            yield f"lines: {sorted(self._lines(tables) ^ self.lines)}, {len(frame)} rows for {len(self.lines)}"
        asked = " ".join([*tables["Problems"].frame["suggestion"].map(text_of), ""])
        there = {(name, column): value for name, column, value in _cells(tables)}
        for (name, column), values in self.typed.items():
            lost = [v for v in values if v != there.get((name, column)) and (name, column, v) not in self.over]
            yield from (f"lost: {name}/{column} {v}" for v in lost if v not in asked)
        for place, value in there.items():
            if value not in self.typed.get(place, set()) | {self.first[place]}:
                yield f"nobody typed {value} at {place}"


def _cells(tables: Tables) -> Any:
    frame = tables["Clients"].frame
    for row in frame.to_dict("records"):
        for column in CELLS:
            yield row["full_name"], column, text_of(row[column])


def _copied(tables: Tables) -> Tables:
    from dataclasses import replace

    return Tables.of(*(replace(tables[name], frame=tables[name].frame.copy()) for name in tables))


def _clean(tables: Tables) -> Tables:
    """In the dtypes of a workbook that was read."""
    from dataclasses import replace

    done = []
    for name in tables:
        frame = tables[name].frame
        kinds: dict[str, Any] = {
            "amount": "float64",
            "row": "float64",
            "date": "datetime64[us]",
            "paid_on": "datetime64[us]",
        }
        texts = {c: frame[c].map(text_of) for c in frame if c not in kinds}
        cells = {c: texts.get(c, frame[c]).astype(kinds.get(str(c), "str")) for c in frame}
        done.append(replace(tables[name], frame=pd.DataFrame(cells).reset_index(drop=True)))
    return Tables.of(*done)


def _add(tables: Tables, name: str, row: dict[str, Any]) -> None:
    """Types a row under a table."""
    frame = tables[name].frame
    for column in frame.columns:
        blank = pd.NaT if frame[column].dtype.kind == "M" else ""
        frame.loc[len(frame) - (column != frame.columns[0]), column] = row.get(column, blank)


def week(seed: int) -> list[str]:
    """What is wrong after one simulated week."""
    return Week(seed).run()
