"""The dashboard reckoned anew, row by row in plain Python, from random books: an oracle for `xlcrm.spend.refresh`."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from xlcrm import schema
from xlcrm.settings import Settings
from xlcrm.spend import plan
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 28)
Row = dict[str, Any]
Book = dict[str, list[Row]]
FED = ("KeyFigures", "Months", "Seasons", "Together", "Stages", "TopClients", "Sectors", "Buyers", "Cohorts", "Funnel")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec".split()


def random_book(seed: int) -> Book:
    """Some clients, contacts and three years of purchases, with refunds, lines of nobody and of strangers."""
    rng = random.Random(seed)
    ids = [f"C{n}" for n in range(rng.randrange(0, 40))]
    clients = [
        {
            "client_id": one,
            "full_name": f"Name {one}",
            "status": rng.choice(("lead", "prospect", "client", "former", "")),
            "sector": rng.choice(("Bar", "bar ", "Shop", "Office", "")),
            "registered_on": _day(rng, 1500),
            "acquired_on": rng.choice((None, _day(rng, 900))),
        }
        for one in ids
    ]
    buyers = [*ids, "", "X1", "X2"]
    lines = [_line(rng, rng.choice(buyers), number) for number in range(rng.randrange(0, 300))]
    contacts = [{"client_id": rng.choice(ids), "date": _day(rng, 1200)} for _ in range(len(ids))]
    return {"Clients": clients, "Purchases": lines, "Interactions": contacts}


def _day(rng: random.Random, back: int) -> dt.date:
    return TODAY - dt.timedelta(days=rng.randrange(back))


def _line(rng: random.Random, client: str, number: int) -> Row:
    day = _day(rng, 1100)
    paid = rng.choice((None, day + dt.timedelta(days=rng.randrange(90))))
    amount = rng.randrange(-2000 if rng.random() < 0.1 else 100, 50_000) / 100
    return {
        "client_id": client, "invoice": f"{number // 2}", "date": day, "product": f"P{rng.randrange(6)}",
        "amount": amount, "invoiced_on": day, "due_on": day + dt.timedelta(days=30), "paid_on": paid,
    }  # fmt: skip


def tables_of(book: Book) -> Tables:
    """The book as the reader gives it, with room for what is fed."""
    return Tables.of(*(_table(name, book.get(name, [])) for name in (*book, *FED)))


def _table(name: str, rows: list[Row]) -> Table:
    spec = schema.table(name)
    height = max(len(rows), spec.fixed_rows, 1)
    frame = pd.DataFrame(
        {c.name: [row.get(c.name) for row in rows] + [None] * (height - len(rows)) for c in spec.columns}
    )
    for column in spec.columns:
        if column.kind == "date":
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        elif column.kind in schema.NUMBERS:
            frame[column.name] = frame[column.name].astype("float64")
        else:
            frame[column.name] = pd.Series(["" if v is None else v for v in frame[column.name]], dtype="str")
    return Table(name, spec.sheet, frame, {c.name: c.name for c in spec.columns})


def ours(book: Book) -> dict[str, list[list[Any]]]:
    """What a refresh writes into each table, blank rows left out."""
    tables = tables_of(book)
    frames = {name: tables[name].frame.astype(object) for name in FED}
    for change in plan(tables, settings=Settings(), today=TODAY).changes:
        if change.table in frames:
            frames[change.table].loc[change.after.index, change.column] = change.after.astype(object)
    rows = {name: frame.where(frame.notna() & (frame != ""), None) for name, frame in frames.items()}
    return {
        name: [list(row) for row in frame.to_numpy() if any(v is not None for v in row)] for name, frame in rows.items()
    }


class Reckoning:
    """One book's figures by the words of their definitions."""

    def __init__(self, book: Book) -> None:
        self.clients, self.lines, self.contacts = book["Clients"], book["Purchases"], book["Interactions"]
        self.bought = [line for line in self.lines if line["amount"] >= 0]
        self.days: dict[str, set[dt.date]] = defaultdict(set)
        orders: dict[tuple[str, str], dt.date] = {}
        for line in self.bought:
            key = (line["client_id"], line["invoice"])
            orders[key] = min(orders.get(key, line["date"]), line["date"])
            if line["client_id"]:
                self.days[line["client_id"]].add(line["date"])
        self.orders = list(orders.values())
        self.first = {client: min(days) for client, days in self.days.items()}

    def spend(self, start: dt.date, end: dt.date, client: str | None = None) -> float:
        """Of (start, end]."""
        inside = [ln for ln in self.lines if start < ln["date"] <= end and client in (None, ln["client_id"])]
        return float(sum((Decimal(str(line["amount"])) for line in inside), Decimal()))

    def year(self, back: int) -> dict[str, float | None]:
        """The key figures of a year that ended so many years ago."""
        start, end, earlier = (TODAY.replace(year=TODAY.year - back - more) for more in (1, 0, 2))
        times = {c: sum(start < day <= end for day in days) for c, days in self.days.items()}
        before = {c for c, days in self.days.items() if any(earlier < day <= start for day in days)}
        active = {c for c, n in times.items() if n}
        orders, spend = sum(start < day <= end for day in self.orders), self.spend(start, end)
        again = sum(n > 1 for n in times.values())
        return {
            "spend": spend, "orders": orders, "average": round(spend / orders, 2) if orders else None,
            "active": len(active), "new": sum(start < day <= end for day in self.first.values()),
            "lost": len(before - active), "repeat": round(again / len(active), 4) if active else None,
            "overdue": self.overdue(end), "days": self.median(start, end),
        }  # fmt: skip

    def overdue(self, day: dt.date) -> float | None:
        known = {client["client_id"] for client in self.clients}
        theirs = [line for line in self.lines if line["client_id"] in known]
        late = [
            ln
            for ln in theirs
            if ln["due_on"] < day and ln["date"] <= day and not (ln["paid_on"] and ln["paid_on"] <= day)
        ]
        sums = float(sum((Decimal(str(line["amount"])) for line in late), Decimal()))
        return sums if theirs or day != TODAY else None

    def became(self, client: Row) -> dt.date | None:
        return client["acquired_on"] or self.first.get(client["client_id"])

    def median(self, start: dt.date, end: dt.date) -> float | None:
        """Days from registering to becoming a client, of those who became one in (start, end]."""
        spans = [
            (day - client["registered_on"]).days
            for client in self.clients
            if self.stage(client)
            and (day := self.became(client))
            and start < day <= end
            and day >= client["registered_on"]
        ]
        return float(statistics.median(spans)) if spans else None

    def key_figures(self) -> list[list[Any]]:
        """Value and year before of each key figure, in the order of the rows."""
        now, then = self.year(0), self.year(1)
        stages = [self.stage(client) for client in self.clients]
        known = [stage for stage in stages if stage]
        arrived = sum(stage in ("client", "former") for stage in known)
        conversion = round(arrived / len(known), 4) if known else None
        names = ("spend", "orders", "average", "active", "new", "lost", "repeat", "overdue")
        rows = [[now[name], then[name]] for name in names]
        return [*rows, [conversion, "today only"], [now["days"], then["days"]]]

    def stage(self, client: Row) -> str:
        return str(client["status"]) or ("client" if client["client_id"] in self.days else "")

    def months(self) -> list[list[Any]]:
        return [[_label(at), *self.month(at, 31)] for at in range(_number(TODAY) - 23, _number(TODAY) + 1)]

    def month(self, number: int, until: int) -> list[float]:
        """spend, orders, new, active of a month up to a day."""

        def inside(day: dt.date) -> bool:
            return _number(day) == number and day.day <= until

        spend = sum((Decimal(str(line["amount"])) for line in self.lines if inside(line["date"])), Decimal())
        active = sum(any(map(inside, days)) for days in self.days.values())
        return [float(spend), sum(map(inside, self.orders)), sum(map(inside, self.first.values())), active]

    def seasons(self) -> list[list[Any]]:
        """Each month beside that of the year before: without the two shares."""
        this = _number(TODAY)
        found = []
        for at in range(this - 11, this + 1):
            now, then = self.month(at, 31), self.month(at - 12, TODAY.day if at == this else 31)
            found.append([_label(at), *(value for pair in zip(now, then, strict=True) for value in pair)])
        return found

    def cohorts(self) -> list[list[Any]]:
        this = _number(TODAY)
        rows = []
        for born in range(this - 11, this):
            members = [client for client, day in self.first.items() if _number(day) == born]
            rows.append([_label(born), len(members), *(self.share(members, k, this) for k in range(12))])
        return [*rows, ["All clients", len(self.first), *(self.share(list(self.first), k, this) for k in range(12))]]

    def share(self, members: list[str], k: int, this: int) -> float | None:
        begun = [client for client in members if _number(self.first[client]) + k <= this]
        again = [c for c in begun if any(_number(day) == _number(self.first[c]) + k for day in self.days[c])]
        return round(len(again) / len(begun), 4) if begun else None

    def together(self) -> dict[tuple[str, str], list[float]]:
        """Every pair of products that three clients bought: clients, and both shares, under the two names."""
        owned: dict[str, set[str]] = defaultdict(set)
        for line in self.bought:
            if line["client_id"]:
                owned[line["product"]].add(line["client_id"])
        return {
            (one, two): [len(a & b), round(len(a & b) / len(a), 4), round(len(a & b) / len(b), 4)]
            for one, a in owned.items()
            for two, b in owned.items()
            if one != two
        }

    def whole(self) -> list[Any]:
        """Spend and clients who bought of both first rows of the Funnel."""
        year = self.year(0)
        return [year["spend"], year["active"], year["new"], year["lost"]] if self.clients else []


def _number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _label(number: int) -> str:
    return f"{MONTHS[number % 12]} {number // 12 % 100:02}"


def differences(book: Book) -> list[str]:
    """What the two say differently, a line a cell or table."""
    made, right = ours(book), Reckoning(book)
    return [*_tables(made, right), *_funnel(made["Funnel"], right), *_pairs(made["Together"], right.together())]


def _tables(made: dict[str, list[list[Any]]], right: Reckoning) -> Iterator[str]:
    stages = [right.stage(client) for client in right.clients]
    counts = [len(days) for days in right.days.values()]
    expected = {
        "KeyFigures": right.key_figures(),
        "Months": right.months(),
        "Seasons": right.seasons(),
        "Cohorts": right.cohorts(),
        "Stages": [[name, stages.count(name)] for name in ("lead", "prospect", "client", "former")],
        "Buyers": [["Bought once", counts.count(1)], ["Came back", len(counts) - counts.count(1)]],
    }
    taken = {"KeyFigures": slice(1, 3)}
    for name, rows in expected.items():
        there = [row[taken.get(name, slice(None))] for row in made[name]]
        if name == "Seasons":
            there = [[row[0], row[1], row[2], *row[4:10]] for row in there]
        for at, (ours_, theirs) in enumerate(zip(there, rows, strict=True)):
            if not all(map(_same, ours_, theirs)):
                yield f"{name} {at}: {ours_}, reckoned {theirs}"


def _funnel(rows: list[list[Any]], right: Reckoning) -> Iterator[str]:
    """All clients and those not listed together are the figures of the dashboard."""
    both = [row for row in rows if row[0] in ("All clients", "Clients not listed")]
    sums = [round(sum(row[at] or 0 for row in both), 2) for at in (10, 11, 12, 13)]
    if right.clients and not all(map(_same, sums, right.whole())):
        yield f"Funnel: {sums}, reckoned {right.whole()}"
    if right.clients and not _same(both[0][9], right.year(0)["days"]):
        yield f"Funnel: {both[0][9]} days, reckoned {right.year(0)['days']}"


def _pairs(rows: list[list[Any]], pairs: dict[tuple[str, str], list[float]]) -> Iterator[str]:
    for product, other, clients, _, *shares in rows:
        if not all(map(_same, [clients, *shares], pairs[product, other])):
            yield f"Together {product} {other}: {clients} {shares}, reckoned {pairs[product, other]}"


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(other, str):
        return bool(one == other)
    return abs(float(one) - float(other)) < 0.006
