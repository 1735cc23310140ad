"""Random merges of demo-like books and what must hold of each; the benchmark runs a thousand, the tests a dozen."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from tests.support.dirty_list import as_tables, empty
from tests.support.importing_help import blank
from tests.undo.test_undo import applied
from xlcrm.demo import make
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.planning import plan as import_plan
from xlcrm.merging import alias_table, merge_plan
from xlcrm.merging.merge_plan import check_tables
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.undo import parting
from xlcrm.undo.plan_json import decode, encode
from xlcrm.values import as_flag, as_number, as_text, text_of

TODAY = dt.date(2026, 11, 22)
ITALY = Settings(country="IT")
OPT_OUTS = ("opt_out_email", "opt_out_post", "opt_out_phone")
LIST_COLUMNS = ("client_id", "full_name", "email", "phone", "opt_out_email", "opt_out_post")
BOOKS = 25


def trial(seed: int) -> tuple[int, list[str]]:
    """One to four runs on one book, taken back latest first: how many clients were merged away, and what went wrong."""
    rng = random.Random(seed)
    begun = dirtied(base(seed % BOOKS), rng)
    check_tables(begun, ITALY)
    wrong: list[str] = []
    states, plans = [begun], []
    for _ in range(rng.randint(1, 4)):
        plan = merge_plan.plan(states[-1], settings=ITALY, today=TODAY, pairs=some_pairs(states[-1], rng))
        states.append(applied(states[-1], plan))
        plans.append(plan)
        wrong += during(states[-2], states[-1], plan)
    wrong += old_list(begun, states[-1])
    now = shuffled(states[-1], rng)
    for plan, before in zip(reversed(plans), reversed(states[:-1]), strict=True):
        back = parting.inverse(decode(encode(plan)), now)
        wrong += [f"undo names {problem.code}" for problem in back.problems]
        now = applied(now, back)
        wrong += [f"after undo {name} differs" for name in before if content(before, name) != content(now, name)]
        wrong += ["sums differ after undo"] if total(before) != total(now) else []
    gone = sum(len(part.rows) for plan in plans for part in plan.removed if part.table == "Clients")
    return gone, [f"{seed}: {fault}" for fault in wrong]


@cache
def base(seed: int) -> Tables:
    """A book of about 50 clients and 250 lines, as the import makes it of the demo's lists."""
    made = make(TODAY, seed=seed, clients=40, purchases=250)
    frames = {name: blank(name) for name in ("Clients", "Purchases", "Interactions")}
    for name in ("Problems", "Duplicates", "Merged", "Decisions"):
        frames[name] = empty(name)
    tables = as_tables(frames)
    for text, table in ((made.clients, "Clients"), (made.purchases, "Purchases")):
        rows = pd.read_csv(io.StringIO(text), sep=";", dtype="str", keep_default_na=False)
        plan = import_plan(tables, [Incoming("list.csv", "", rows, 2)], settings=ITALY, today=TODAY, table=table)
        tables = applied(tables, plan)
    return tables


def dirtied(tables: Tables, rng: random.Random) -> Tables:
    """The book with opt-outs, consents, notes and second numbers here and there, contacts, and a user's own columns."""
    frame = tables["Clients"].frame.astype(object).copy()
    ids = [str(one) for one in frame["client_id"]]
    for place in range(len(frame)):
        for column, value in _CELLS.items():
            if rng.random() < 0.15:
                frame.loc[place, column] = rng.choice(value)
    frame["Referred by"] = [rng.choice(ids) if rng.random() < 0.2 else None for _ in ids]
    frame["Shoe size"] = [rng.randint(36, 46) if rng.random() < 0.3 else None for _ in ids]
    frame["total_spend"] = [rng.random() for _ in ids]
    visits = [{"client_id": rng.choice(ids), "subject": f"Call {n % 5}", "kind": "call"} for n in range(30)]
    contacts = pd.DataFrame(visits, dtype=object).reindex(columns=tables["Interactions"].frame.columns)
    rooms = pd.DataFrame({"Room": range(10), "Client ID": [rng.choice(ids) for _ in range(10)]})
    changed = {
        "Clients": with_frame(tables["Clients"], frame),
        "Interactions": with_frame(tables["Interactions"], contacts),
        "Rooms": Table("Rooms", "Rooms", rooms, {c: c for c in map(str, rooms)}),
    }
    return Tables.of(*{**dict(tables), **changed}.values())


_DAYS = (pd.Timestamp(2024, 5, 1), pd.Timestamp(2023, 1, 2), pd.Timestamp(2031, 1, 1), "soon")
_CELLS: dict[str, Sequence[Any]] = {
    **dict.fromkeys(OPT_OUTS, ("x", "no", "yes")),
    "consent_on": _DAYS,
    "consent_source": ("fair", "web"),
    "notes": ("calls late", "likes red", "VIP"),
    "mobile": ("+390255550199", "0255550198"),
    "street": ("Via Roma", "Via Po"),
    "city": ("Milano", "Torino", "MILANO"),
    "registered_on": _DAYS,
    "company": ("Bar Sport", "Officine Adda Srl"),
    "email": ("one@example.com", "two@example.com", "ONE@example.com"),
}


def with_frame(table: Table, frame: pd.DataFrame) -> Table:
    return replace(table, frame=frame, headers={c: table.headers.get(c, c) for c in map(str, frame)})


def some_pairs(tables: Tables, rng: random.Random) -> list[tuple[str, str]]:
    """One to three groups of two to four clients of those that are there."""
    ids = [str(one) for one in tables["Clients"].frame["client_id"]]
    rng.shuffle(ids)
    pairs = []
    for _ in range(rng.randint(1, 3)):
        group = [ids.pop() for _ in range(rng.randint(2, 4))]
        pairs += [(group[0], other) for other in group[1:]]
    return pairs


def during(before: Tables, after: Tables, plan: Plan) -> list[str]:
    """What must hold between one state and the next."""
    wrong = []
    merged = after["Merged"].frame
    out = sorted(opted_out(before))
    clients = pd.Series([client for client, _ in out], dtype="str")
    since = zip(alias_table.resolve(merged, clients), (column for _, column in out), strict=True)
    wrong += ["an opt-out is lost"] if not set(since) <= opted_out(after) else []
    wrong += ["sums differ"] if total(before) != total(after) else []
    gone = set(as_text(before["Clients"].frame["client_id"])) - set(as_text(after["Clients"].frame["client_id"]))
    for name in ("Purchases", "Interactions", "Rooms"):
        column = "Client ID" if name == "Rooms" else "client_id"
        wrong += [f"a reference in {name} was left"] if set(as_text(after[name].frame[column])) & gone else []
        moved = alias_table.resolve(merged, before[name].frame[column])
        same = list(moved) == list(as_text(after[name].frame[column]))
        wrong += [] if same else [f"a line of {name} went to somebody else"]
    wrong += (
        ["rows do not add up"] if len(gone) != sum(p.table == "Clients" and len(p.rows) for p in plan.removed) else []
    )
    typed = texts(before, gone) - texts(after, set())
    wrong += [f"lost: {typed}"] if typed else []
    return wrong


def texts(tables: Tables, only: set[str]) -> set[str]:
    """What clients have under e-mail, phone and notes, each that must be somewhere in the book after a merge."""
    frame = tables["Clients"].frame
    if not only:
        whole = " ".join(text_of(v).casefold() for v in frame.to_numpy().ravel())
        return {word for word in whole.replace("\n", " ").split(" ") if "@" in word}
    rows = frame[as_text(frame["client_id"]).isin(only)]
    return {part.casefold() for text in as_text(rows["email"]) for part in text.split() if "@" in part}


def opted_out(tables: Tables) -> set[tuple[str, str]]:
    frame = tables["Clients"].frame
    return {
        (str(client), column)
        for column in OPT_OUTS
        for client, out in zip(frame["client_id"], as_flag(frame[column]), strict=True)
        if out
    }


def total(tables: Tables) -> list[str]:
    """All amounts, in any order: equal lists have equal sums to the last digit."""
    return sorted(as_text(as_number(tables["Purchases"].frame["amount"])[0]))


def old_list(begun: Tables, now: Tables) -> list[str]:
    """The clients as they were, imported as a list: nobody is added and nobody opted in."""
    frame = begun["Clients"].frame
    rows = pd.DataFrame({c: as_text(frame[c]) for c in LIST_COLUMNS})
    plan = import_plan(
        now, [Incoming("old.csv", "", rows, 2)], settings=ITALY, today=TODAY, mapping={c: c for c in map(str, rows)}
    )
    after = applied(now, plan)
    added = sum(len(part.rows) for part in plan.added)
    wrong = [f"the old list adds {added} rows"] if added else []
    return wrong + ([] if opted_out(now) <= opted_out(after) else ["the old list opts somebody in"])


def shuffled(tables: Tables, rng: random.Random) -> Tables:
    """Clients and lines in another order, as people sort them."""
    if rng.random() < 0.5:
        return tables
    order = {name: rng.sample(range(len(tables[name].frame)), len(tables[name].frame)) for name in _SORTED}
    mixed = {n: replace(tables[n], frame=tables[n].frame.iloc[o].reset_index(drop=True)) for n, o in order.items()}
    return Tables.of(*(mixed.get(name, tables[name]) for name in tables))


_SORTED = ("Clients", "Purchases", "Interactions")


def content(tables: Tables, name: str) -> list[tuple[str, ...]]:
    return sorted(tuple(text_of(value) for value in row) for row in tables[name].frame.itertuples(index=False))
