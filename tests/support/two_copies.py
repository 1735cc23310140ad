"""Oracle of combining two copies: a base, edits of each side, and by the rules alone what has to come out.

Every client and every purchase has a hidden name by which the oracle knows it whatever its number is. The oracle never
looks at two frames and compares them: it replays the edits of each side and goes by who touched what.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tests.undo.test_undo import applied
from xlcrm.combining.combine_plan import combine_plan
from xlcrm.combining.copy_numbers import same_clients
from xlcrm.combining.earlier_combinings import EarlierCombinings
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 28)
NAME, ADDRESS = ("full_name", "title"), ("address", "postal_code", "city")
PLAIN = ("email", "phone", "salesperson", "Shoe size")
CLIENT = (*NAME, *ADDRESS, *PLAIN, "notes", "opt_out_email")
PURCHASE = ("invoice", "date", "product", "amount", "category", "paid_on")
FIRST = (
    "Ada Bea Cleo Dina Edda Fay Gia Hedda Ida June Kaia Lea Mia Nora Olga Pia Rita Sara Tea Una Vera Wilma Yara Zoe"
).split()
LAST = (
    "Alm Berg Conti Dahl Eide Ferri Gallo Holm Ivers Jensen Krohn Lund Moen Nilsen Ortiz Perez Quist Rossi "
    "Sand Tveit Ulv Vik Weiss Zanetti"
).split()


@dataclass
class Copy:
    """One copy: clients and purchases by hidden name, in the order of the sheet. A client is its cells with "id"."""

    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    purchases: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: list[str] = field(default_factory=lambda: list(CLIENT))

    def copied(self) -> Copy:
        return Copy(
            {k: dict(v) for k, v in self.clients.items()}, {k: dict(v) for k, v in self.purchases.items()},
            list(self.columns),
        )  # fmt: skip

    def tables(self) -> Tables:
        """As a workbook has them."""
        clients = [[c["id"], *(c.get(n, "") for n in self.columns)] for c in self.clients.values()]
        ids = {name: c["id"] for name, c in self.clients.items()}
        rows = [
            [p["invoice"], ids.get(p["client"], p["gone"]), *(p[n] for n in PURCHASE[1:])]
            for p in self.purchases.values()
        ]
        columns = ["invoice", "client_id", *PURCHASE[1:]]
        return Tables.of(
            make_table(clients, ["client_id", *self.columns], "Clients"),
            make_table(rows, columns, "Purchases"),
            make_table([], "code sheet row client_id column value problem suggestion decision found_on", "Problems"),
        )


def make_table(rows: list[list[Any]], columns: list[str] | str, name: str) -> Table:
    """A table whose headers are its columns' names."""
    names = columns.split() if isinstance(columns, str) else columns
    frame = pd.DataFrame(rows, columns=pd.Index(names), dtype=object)
    for column in names:
        kind: Any = {"amount": "float64", "date": "datetime64[us]", "paid_on": "datetime64[us]"}.get(column, "str")
        frame[column] = frame[column].astype(kind)
    return Table(name, name, frame, {c: c for c in names})


class Edits:
    """Edits of one side, made at random; `touched` is what the oracle goes by: (hidden name, cell)."""

    def __init__(self, rng: random.Random, side: str, base: Copy) -> None:
        self.rng, self.side, self.copy = rng, side, base.copied()
        self.touched: set[tuple[str, str]] = set()
        self.renumbered: set[str] = set()
        self.edits = 0
        self.highest = len(base.clients)

    def some(self, count: int) -> None:
        kinds = [
            self.set_cell, self.set_cell, self.set_cell, self.set_cell, self.set_group, self.set_group, self.add_note,
            self.opt_out, self.delete_client, self.add_client, self.add_client, self.renumber, self.add_purchase,
            self.add_purchase, self.delete_purchase, self.edit_purchase, self.edit_amount,
        ]  # fmt: skip
        for _ in range(count):
            self.rng.choice(kinds)()

    def fresh(self) -> str:
        self.edits += 1
        return f"{self.side}{self.edits}"

    def client(self) -> str | None:
        free = [n for n in self.copy.clients if n not in self.renumbered]
        return self.rng.choice(free) if free else None

    def put(self, name: str, column: str, value: Any) -> None:
        self.copy.clients[name][column] = value
        self.touched.add((name, column))

    def set_cell(self) -> None:
        if name := self.client():
            column = self.rng.choice([c for c in PLAIN if c in self.copy.columns])
            self.put(name, column, f"{column} {self.fresh()}")

    def set_group(self) -> None:
        if name := self.client():
            column = self.rng.choice((*NAME, *ADDRESS))
            self.put(name, column, f"{column} {self.fresh()}")

    def add_note(self) -> None:
        if name := self.client():
            old = self.copy.clients[name]["notes"]
            self.put(name, "notes", f"{old}\n{self.fresh()}" if old else self.fresh())

    def opt_out(self) -> None:
        if name := self.client():
            self.put(name, "opt_out_email", "yes")

    def delete_client(self) -> None:
        if (name := self.client()) and self.rng.random() < 0.5:
            gone = self.copy.clients.pop(name)["id"]
            for key in [k for k, p in self.copy.purchases.items() if p["client"] == name]:
                if self.rng.random() < 0.7:
                    del self.copy.purchases[key]
                else:
                    self.copy.purchases[key]["gone"] = gone

    def add_client(self) -> None:
        rng = self.rng
        name = f"{self.side}-new-{self.fresh()}"
        who = f"{rng.choice(FIRST)} {rng.choice(LAST)}-{rng.choice(LAST)} {name[-2:]}"
        self.copy.clients[name] = person(rng, self.next_id(), who)

    def next_id(self) -> str:
        """The next number, as a person goes on counting: never one that was there before."""
        self.highest = max([self.highest, *(int(c["id"][1:]) for c in self.copy.clients.values())]) + 1
        return f"C{self.highest:04}"

    def renumber(self) -> None:
        """A number edited by hand; the rows of other sheets follow. Nothing else of that row is edited here."""
        touched = {name for name, _ in self.touched}
        free = [n for n in self.copy.clients if n not in touched and "-new-" not in n]
        if free and self.rng.random() < 0.5:
            name = self.rng.choice(free)
            self.copy.clients[name]["id"] = f"C{self.rng.randrange(5000, 9000)}"
            self.renumbered.add(name)

    def add_purchase(self) -> None:
        there = list(self.copy.clients)
        if there:
            name = self.rng.choice(there)
            key = f"{self.side}-buy-{self.fresh()}"
            self.copy.purchases[key] = bought(
                self.rng, name, f"{self.side}-{self.edits}", self.copy.clients[name]["id"]
            )

    def delete_purchase(self) -> None:
        if self.copy.purchases:
            self.copy.purchases.pop(self.rng.choice(list(self.copy.purchases)))

    def edit_purchase(self) -> None:
        if self.copy.purchases:
            key = self.rng.choice(list(self.copy.purchases))
            self.copy.purchases[key]["category"] = f"category {self.fresh()}"
            self.touched.add((key, "category"))

    def edit_amount(self) -> None:
        """Of a line of the base: new lines that differ in their amount are two lines."""
        lines = [key for key in self.copy.purchases if key.startswith("base")]
        if lines:
            key = self.rng.choice(lines)
            self.edits += 1
            self.copy.purchases[key]["amount"] = 1000.0 + self.edits + (0.5 if self.side == "t" else 0)
            self.touched.add((key, "amount"))


def person(rng: random.Random, number: str, name: str) -> dict[str, Any]:
    stem = name.lower().replace(" ", ".")
    return {
        "id": number, "full_name": name, "title": rng.choice(("", "Dr")),
        "address": f"Main Street {rng.randrange(900)}",
        "city": rng.choice(("Oslo", "Roma", "Madrid")), "postal_code": f"{rng.randrange(1000, 9999)}",
        "email": f"{stem}@example.com", "phone": f"+47 2{rng.randrange(10**6, 10**7)}",
        "salesperson": rng.choice(("Ann", "Bo")), "Shoe size": f"size {rng.randrange(30, 50)}",
        "notes": rng.choice(("", "likes tea")), "opt_out_email": "",
    }  # fmt: skip


def bought(rng: random.Random, client: str, invoice: str, number: str) -> dict[str, Any]:
    return {
        "invoice": invoice, "client": client, "gone": number, "date": pd.Timestamp(2026, rng.randrange(1, 12), 3),
        "product": rng.choice(("tea", "cups", "pots")), "amount": float(rng.randrange(5, 900)), "category": "",
        "paid_on": pd.NaT,
    }  # fmt: skip


def base_copy(rng: random.Random, clients: int = 12) -> Copy:
    """A client file of some clients with purchases."""
    made = Copy()
    for n in range(1, clients + 1):
        name = f"base-{n}"
        made.clients[name] = person(rng, f"C{n:04}", f"{rng.choice(FIRST)} {rng.choice(LAST)} {n}")
        for m in range(rng.randrange(3)):
            made.purchases[f"{name}-buy-{m}"] = bought(rng, name, f"I{n}-{m}", f"C{n:04}")
    return made


@dataclass
class Triple:
    """A base and two sides. `both` are hidden names that both sides added: one person, or the lines of one file."""

    base: Copy
    ours: Edits
    theirs: Edits


def triple(seed: int, edits: int = 8) -> Triple:
    """A random triple; in some both add the same person under one number, or import the same purchases."""
    rng = random.Random(seed)
    base = base_copy(rng)
    ours, theirs = Edits(rng, "o", base), Edits(rng, "t", base)
    if rng.random() < 0.3:
        same = person(rng, ours.next_id(), f"{rng.choice(FIRST)} {rng.choice(LAST)} Both")
        theirs.next_id()
        for side in (ours, theirs):
            side.copy.clients["both-new-1"] = dict(same)
    if rng.random() < 0.3:
        for n in range(3):
            name = rng.choice(list(base.clients))
            line = bought(rng, name, f"shared-{n}", base.clients[name]["id"])
            for side in (ours, theirs):
                side.copy.purchases[f"both-buy-{n}"] = dict(line)
    for side in (ours, theirs):
        side.some(rng.randrange(edits + 1))
    if rng.random() < 0.15 and rng.choice((ours, theirs)).copy.columns:
        side = rng.choice((ours, theirs))
        side.copy.columns.remove("Shoe size")
        for cells in side.copy.clients.values():
            cells.pop("Shoe size", None)
        side.touched = {(n, c) for n, c in side.touched if c != "Shoe size"}
    if rng.random() < 0.2:
        theirs.copy.columns.append("Hat")
        for cells in theirs.copy.clients.values():
            cells["Hat"] = f"hat {rng.randrange(99)}"
    made = Triple(base, ours, theirs)
    if all("both-new-1" in side.copy.clients for side in (ours, theirs)) and not _one_person(made):
        _part(theirs)
    return made


def _one_person(made: Triple) -> bool:
    """Whether a row that both added and edited since is still one: nearly the same, or the engine is sure of it."""
    mine, other = (side.copy.clients["both-new-1"] for side in (made.ours, made.theirs))
    columns = [c for c in mine if c in other and c != "id" and (mine[c] or other[c])]
    alike = sum(mine[c] == other[c] for c in columns)
    if alike >= (0.5 if mine["full_name"] == other["full_name"] else 0.8) * len(columns):
        return True
    frames = [side.copy.tables()["Clients"].frame.set_index("client_id") for side in (made.ours, made.theirs)]
    number = mine["id"]
    return bool(same_clients("")(frames[1].loc[[number]], frames[0].loc[[number]]).get(number) == number)


def _part(side: Edits) -> None:
    """Their row is another client from now on."""
    side.copy.clients = {("t-both" if n == "both-new-1" else n): c for n, c in side.copy.clients.items()}
    for line in side.copy.purchases.values():
        line["client"] = "t-both" if line["client"] == "both-new-1" else line["client"]
    side.touched = {("t-both" if n == "both-new-1" else n, c) for n, c in side.touched}


Line = tuple[str, str, str]  # code, who or what, suggestion


@dataclass
class Expected:
    """What has to come out: clients by hidden name, purchases by hidden name, and the lines in Problems."""

    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    purchases: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)  # (code, what theirs has, "" for whole rows)


def expected(made: Triple) -> Expected:
    """By the rules of docs/together.md and sharing.md, from who touched what."""
    found = Expected()
    b, o, t = made.base, made.ours.copy, made.theirs.copy
    stay = _clients(found, made)
    for key in {*o.purchases, *t.purchases}:
        old, mine, other = b.purchases.get(key), o.purchases.get(key), t.purchases.get(key)
        client = (mine or other or {})["client"]
        if mine and other:
            found.purchases[key] = _merged_line(found, made, key, mine, other)
        elif not old:
            found.purchases[key] = dict(mine or other or {})
        else:
            side = made.ours if mine else made.theirs
            edited = any((key, c) in side.touched for c in ("category", "amount"))
            if edited:
                found.asked["combine.deleted_there" if mine else "combine.deleted_here", ""] += 1
            if edited or client in stay["ours" if mine else "theirs"]:
                found.purchases[key] = dict(mine or other or {})
    return found


def _clients(found: Expected, made: Triple) -> dict[str, set[str]]:
    """The clients that come out; those who stay or come back although one side deleted them."""
    b, o, t = made.base, made.ours.copy, made.theirs.copy
    stay: dict[str, set[str]] = {"ours": set(), "theirs": set()}
    for name in dict.fromkeys([*o.clients, *t.clients]):
        mine, other = o.clients.get(name), t.clients.get(name)
        if mine and other:
            found.clients[name] = _merged_client(found, made, name, mine, other)
        elif name not in b.clients:
            found.clients[name] = dict(mine or other or {})
        else:
            side, rest, label = (made.ours, t, "ours") if mine else (made.theirs, o, "theirs")
            edited = any(n == name for n, _ in side.touched) or name in side.renumbered
            edited |= "Hat" in (mine or other or {})  # written in a column that is new
            if edited:
                found.asked["combine.deleted_there" if mine else "combine.deleted_here", ""] += 1
            if edited or _written(made, side, rest, name):
                found.clients[name] = dict(mine or other or {})
                stay[label].add(name)
    if "Shoe size" not in o.columns:
        _dropped(found, made)
    return stay


def _dropped(found: Expected, made: Triple) -> None:
    """A column dropped here comes back if they wrote in it since, and then with their cells alone."""
    news = any(n not in made.base.clients and c.get("Shoe size") for n, c in made.theirs.copy.clients.items())
    back = news or any(c == "Shoe size" and n in made.theirs.copy.clients for n, c in made.theirs.touched)
    for cells in found.clients.values():
        if not back:
            cells.pop("Shoe size", None)


def _written(made: Triple, side: Edits, rest: Copy, name: str) -> bool:
    """Whether a side has new purchases of a client, or edited one that the other side deleted."""
    lines = {k: p for k, p in side.copy.purchases.items() if p["client"] == name and k not in rest.purchases}
    new = any(k not in made.base.purchases for k in lines)
    return new or any((k, c) in side.touched for k in lines for c in ("category", "amount"))


def _merged_client(
    found: Expected, made: Triple, name: str, mine: dict[str, Any], other: dict[str, Any]
) -> dict[str, Any]:
    out = dict(mine)
    touched = (made.ours.touched, made.theirs.touched)
    columns = [c for c in (*CLIENT, "Hat") if c in other or c in mine]
    for group in (NAME, ADDRESS, *((c,) for c in columns if c not in (*NAME, *ADDRESS))):
        here, there = (any((name, c) in side for c in group) for side in touched)
        differ = [c for c in group if mine.get(c, "") != other.get(c, "")]
        if name not in made.base.clients:  # nobody knows how the row was: what is filled was filled
            here, there = (any(cells.get(c) for c in differ) for cells in (mine, other))
        if not differ or (here and not there):
            continue
        if group == ("opt_out_email",):
            out["opt_out_email"] = "yes"
        elif not here or group == ("Hat",):
            out |= {c: other[c] for c in group if c in other}
        elif group == ("notes",):
            out["notes"] = _notes(made.base.clients.get(name, {}).get("notes", ""), mine["notes"], other["notes"])
        else:
            found.asked["combine.cell", " | ".join(str(other[c]) for c in differ)] += 1
    return out


def _notes(old: str, mine: str, other: str) -> str:
    """Both: the other's added lines under ours, unless they are there."""
    added = other[len(old) :].strip()
    if f"\n{added}\n" in f"\n{mine}\n":
        return mine
    return other if f"\n{mine[len(old) :].strip()}\n" in f"\n{other}\n" else f"{mine}\n{added}"


def _merged_line(
    found: Expected, made: Triple, key: str, mine: dict[str, Any], other: dict[str, Any]
) -> dict[str, Any]:
    out = dict(mine)
    for column in ("category", "amount"):
        here, there = ((key, column) in side.touched for side in (made.ours, made.theirs))
        if not there or mine[column] == other[column]:
            continue
        if here:
            found.asked["combine.cell", str(other[column]).removesuffix(".0")] += 1
        else:
            out[column] = other[column]
    return out


# What came out, in the same words: without numbers, which the rules leave open.


def combined(made: Triple, **more: Any) -> tuple[Plan, Tables]:
    """The plan and the tables after it."""
    ours, theirs, base = made.ours.copy.tables(), made.theirs.copy.tables(), made.base.tables()
    plan = combine_plan(ours, theirs, base, settings=Settings(), today=TODAY, fallback="Bo", **more)
    return plan, applied(ours, plan)


def noticed(made: Triple) -> bool:
    """Whether what came out differs from what the rules say, the same again left aside."""
    plan, after = combined(made)
    return any(_differences(made, plan, after))


def faults(made: Triple, **more: Any) -> list[str]:
    """How what came out differs from what the rules say; none where it is right. The same again changes nothing."""
    plan, after = combined(made, **more)
    found = [*_differences(made, plan, after)]
    again = combine_plan(
        after, made.theirs.copy.tables(), made.base.tables(), settings=Settings(), today=TODAY, fallback="Bo",
        earlier=EarlierCombinings.of([plan]), **more,
    )  # fmt: skip
    if again.touches_workbook:
        found.append(f"again: {again.counts()} {[(c.table, c.column, list(c.after)) for c in again.changes]}")
    return found


def _differences(made: Triple, plan: Plan, after: Tables) -> list[str]:
    want = expected(made)
    clients = after["Clients"].frame
    people: Counter[Any] = Counter()
    names = {}
    for row in clients.to_dict("records"):
        said = tuple(_text(row.get(c, "")) for c in (*CLIENT, "Hat"))
        people[said] += 1
        names[row["client_id"]] = said
    lines = Counter(
        (names.get(row["client_id"], ("?",)), *(_text(row[c]) for c in PURCHASE))
        for row in after["Purchases"].frame.to_dict("records")
    )
    wanted = {n: tuple(_text(c.get(k, "")) for k in (*CLIENT, "Hat")) for n, c in want.clients.items()}
    bought_by = Counter(
        (wanted.get(p["client"], ("?",)), *(_text(p[c]) for c in PURCHASE)) for p in want.purchases.values()
    )
    asked = Counter((p.code, _suggested(p.suggestion)) for p in plan.problems if p.code != "combine.number")
    parts: tuple[tuple[str, Counter[Any], Counter[Any]], ...] = (
        ("clients", people, Counter(wanted.values())),
        ("purchases", lines, bought_by),
        ("asked", asked, want.asked),
    )
    found = [
        f"{what}: {list((got - due).items())} instead of {list((due - got).items())}"
        for what, got, due in parts
        if got != due
    ]
    doubles = clients["client_id"][clients["client_id"].duplicated()].tolist()
    return [*found, *(f"double number {number}" for number in doubles)]


def _suggested(text: str) -> str:
    """The cells of a suggestion, in their order."""
    lines = text.split("\n")
    if len(lines) > 1 and all(": " in line for line in lines):
        return " | ".join(line.split(": ", 1)[1] for line in lines)
    return text


def _text(value: Any) -> str:
    if value is None or value is pd.NaT or value != value:
        return ""
    return str(value).removesuffix(".0")
