"""Random clients, random segments, and what DuckDB says about them: a second opinion that shares no code with ours.

Every condition is made twice, as the row that a user would type into the sheet Segments and as SQL over the raw rows.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
CITIES = ["Roma", "ROMA", "Milano", "Orléans", "orleans", "München", "Munchen", "Gjøvik", "Tromsø", "Málaga", ""]
COLOURS = ["red", "Dark Red", "blue", "Évora", "evora", "", "green grass"]
STATUS = {
    "lead": ["lead", "contatto", "emne"],
    "prospect": ["prospect", "potenziale", "Interessent"],
    "client": ["client", "cliente", "kunde", "Kunde"],
    "former": ["former", "ex cliente", "ehemalig"],
}
KINDS = {
    "call": ["call", "chiamata", "Anruf"],
    "visit": ["visit", "visita", "besøk"],
    "complaint": ["complaint", "klage"],
}
CATEGORIES = ["Wine", "wine", "Oil", "Bread", ""]
FOLD = "replace(strip_accents(lower(trim({0}))), 'ø', 'o')"
SIGNS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<=", "is": "="}
WORDS = {
    "above": ["above", ">", "più di"],
    "at_least": ["at least", ">="],
    "below": ["<", "unter"],
    "at_most": ["<="],
    "is": ["="],
}


@dataclass(frozen=True)
class Typed:
    """One condition: the four cells of a row, and the SQL over the row `c` of clients."""

    cells: tuple[str, str, str, str]
    sql: str


def data(seed: int, clients: int = 300, lines: int = 3000, contacts: int = 800) -> dict[str, pd.DataFrame]:
    """Clients, Purchases and Interactions with blanks, spellings, refunds, future and undated lines."""
    r = random.Random(seed)

    def days(back: int, count: int) -> pd.Series[pd.Timestamp]:
        return pd.Series([day(back) for _ in range(count)], dtype="datetime64[us]")

    def day(back: int) -> pd.Timestamp | None:
        return pd.Timestamp(TODAY) - pd.Timedelta(days=r.randint(-10, back)) if r.random() < 0.95 else None

    ids = [f"C{i}" for i in range(clients)]
    people = pd.DataFrame(
        {
            "client_id": ids,
            "full_name": [f"{r.choice(CITIES)} Person {i}" for i in range(clients)],
            "city": [r.choice(CITIES) for _ in ids],
            "gender": [r.choice(["F", "f", "M", "X", ""]) for _ in ids],
            "status": [r.choice(r.choice(list(STATUS.values())) + [""]) for _ in ids],
            "employees": [float(r.randint(0, 40)) if r.random() < 0.8 else None for _ in ids],
            "turnover": [r.randint(0, 9_999_999) / 100 if r.random() < 0.8 else None for _ in ids],
            "registered_on": days(900, len(ids)),
            "opt_out_email": [r.choice(["yes", "x", "no", "", "ja", "nei", "0"]) for _ in ids],
            "Colour": [r.choice(COLOURS) for _ in ids],
            "Score 5 or more": [float(r.randint(0, 9)) if r.random() < 0.7 else None for _ in ids],
        }
    )
    buyers = [*ids, "", "Z1"]
    bought = pd.DataFrame(
        {
            "client_id": [r.choice(buyers) for _ in range(lines)],
            "invoice": [str(r.randint(1, 900)) if r.random() < 0.9 else "" for _ in range(lines)],
            "date": days(400, lines),
            "product": [r.choice(["a", "b", "c"]) for _ in range(lines)],
            "category": [r.choice(CATEGORIES) for _ in range(lines)],
            "quantity": [float(r.randint(-2, 9)) for _ in range(lines)],
            "amount": [r.randint(-9_999, 50_000) / 100 for _ in range(lines)],
        }
    )
    met = pd.DataFrame(
        {
            "date": days(300, contacts),
            "client_id": [r.choice(buyers) for _ in range(contacts)],
            "kind": [r.choice(r.choice(list(KINDS.values())) + [""]) for _ in range(contacts)],
        }
    )
    met.loc[met["client_id"] == "", "date"] = pd.NaT
    return {"Clients": people, "Purchases": bought, "Interactions": met}


def segments(seed: int, count: int) -> dict[str, list[Typed]]:
    """Random segments of one to four conditions; later ones may name earlier ones."""
    r = random.Random(seed)
    found: dict[str, list[Typed]] = {}
    for i in range(count):
        makers = [text, number, when, choice, flag, empty, figure, figure, figure, contact]
        found[f"S{i}"] = [
            reference(r, found) if found and r.random() < 0.25 else r.choice(makers)(r)
            for _ in range(r.choice([1, 1, 2, 2, 3, 4]))
        ]
    return found


def tables(frames: dict[str, pd.DataFrame], made: dict[str, list[Typed]]) -> Tables:
    """The frames and the sheet Segments as a workbook's tables."""
    rows = [(name, *one.cells, None, None) for name, conditions in made.items() for one in conditions]
    columns = ["segment", "field", "operator", "value", "within_days", "clients", "counted_on"]
    sheets = {**frames, "Segments": pd.DataFrame(rows, columns=columns)}
    return Tables.of(*(Table(n, n, frame, {str(c): str(c) for c in frame.columns}) for n, frame in sheets.items()))


def database(frames: dict[str, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the frames as tables, blanks as NULL."""
    base = duckdb.connect()
    for name, frame in frames.items():
        plain = frame.astype({c: object for c in frame.columns if isinstance(frame[c].dtype, pd.StringDtype)})
        base.register(f"raw_{name}", plain)
        columns = ", ".join(
            f'nullif("{c}", \'\') AS "{c}"' if isinstance(frame[c].dtype, pd.StringDtype) else f'"{c}"'
            for c in plain.columns
        )
        base.execute(f'CREATE TABLE "{name}" AS SELECT {columns} FROM raw_{name}')
    return base


def answers(frames: dict[str, pd.DataFrame], made: dict[str, list[Typed]]) -> dict[str, set[str]]:
    """The client_ids of every segment, as DuckDB finds them."""
    base = database(frames)
    found = {}
    for name, conditions in made.items():
        where = " AND ".join(f"({one.sql})" for one in conditions)
        base.execute(f'CREATE TABLE "seg_{name}" AS SELECT client_id FROM "Clients" c WHERE {where}')
        found[name] = {row[0] for row in base.execute(f'SELECT client_id FROM "seg_{name}"').fetchall()}
    return found


def text(r: random.Random) -> Typed:
    field = r.choice(["city", "Città", "Colour", "full_name"])
    column = FOLD.format({"Città": 'c."city"'}.get(field, f'c."{field}"'))
    wanted = r.choice(["roma", "MILANO", "orleans", "mün", "ø", "red", "ev", "o", "on 1"])
    folded = FOLD.format(f"'{wanted}'")
    kind = r.choice(
        ["=", "<>", "contains", "contiene", "does not contain", "starts with", "ends with", "one of", "none of"]
    )
    tests = {
        "=": f"coalesce({column} = {folded}, false)",
        "contains": f"coalesce(contains({column}, {folded}), false)",
        "starts with": f"coalesce(starts_with({column}, {folded}), false)",
        "ends with": f"coalesce(suffix({column}, {folded}), false)",
        "one of": f"coalesce({column} IN ({folded}, 'roma'), false)",
    }
    tests |= {"contiene": tests["contains"], "<>": f"NOT {tests['=']}", "none of": f"NOT {tests['one of']}"}
    tests["does not contain"] = f"NOT {tests['contains']}"
    value = f"{wanted}; Roma" if kind in ("one of", "none of") else wanted
    return Typed((field, kind, value, ""), tests[kind])


def number(r: random.Random) -> Typed:
    field = r.choice(["employees", "turnover", "Score 5 or more"])
    value = r.randint(0, 40) if field != "turnover" else r.randint(0, 99_999) + r.choice([0, 0.5])
    if r.random() < 0.2:
        sql = f'c."{field}" BETWEEN {value} AND {value + 20}'
        return Typed((field, "between", f"{value} and {value + 20}", ""), f"coalesce({sql}, false)")
    if r.random() < 0.2:
        return Typed((field, "is not", str(value), ""), f'NOT coalesce(c."{field}" = {value}, false)')
    kind = r.choice(list(SIGNS))
    return Typed((field, r.choice(WORDS[kind]), str(value), ""), f'coalesce(c."{field}" {SIGNS[kind]} {value}, false)')


def when(r: random.Random) -> Typed:
    days = r.randint(1, 600)
    limit = f"DATE '{TODAY - dt.timedelta(days=days)}'"
    if r.random() < 0.3:
        window = f"c.registered_on > {limit} AND c.registered_on <= DATE '{TODAY}'"
        return Typed(("registered_on", "", "", str(days)), f"coalesce({window}, false)")
    kind = r.choice(list(SIGNS))
    value = r.choice([f"{days} days ago", f"today - {days}", f"vor {days} Tagen", str(TODAY - dt.timedelta(days=days))])
    return Typed(
        ("Registered on", r.choice(WORDS[kind]), value, ""), f"coalesce(c.registered_on {SIGNS[kind]} {limit}, false)"
    )


def choice(r: random.Random) -> Typed:
    if r.random() < 0.4:
        value = r.choice("FMX")
        return Typed(("Sesso", "=", value.lower(), ""), f"coalesce(upper(c.gender) = '{value}', false)")
    name, spellings = r.choice(list(STATUS.items()))
    sql = f"coalesce(c.status IN ({', '.join(repr(s) for s in spellings)}), false)"
    no = r.random() < 0.4
    return Typed(("status", "<>" if no else "=", r.choice([name, *spellings]), ""), f"NOT {sql}" if no else sql)


def flag(r: random.Random) -> Typed:
    yes = r.random() < 0.5
    sql = "coalesce(c.opt_out_email IN ('yes', 'x', 'ja'), false)"
    return Typed(("opt_out_email", "=", "ja" if yes else "no", ""), sql if yes else f"NOT {sql}")


def empty(r: random.Random) -> Typed:
    field, no = r.choice(["city", "employees", "registered_on", "Colour", "status"]), r.random() < 0.5
    return Typed((field, "is not empty" if no else "vuoto", "", ""), f'c."{field}" IS {"NOT " if no else ""}NULL')


def figure(r: random.Random) -> Typed:
    """Sums and counts over purchases."""
    shapes = {
        "spend": ("sum(p.amount::DECIMAL(14,2))", "true", 0),
        "sum of amount": ("sum(p.amount::DECIMAL(14,2))", "true", 0),
        "sum of quantity": ("sum(p.quantity)", "true", 0),
        "orders": ("count(DISTINCT coalesce(p.invoice, 'day ' || coalesce(p.date::TEXT, '?')))", "p.amount >= 0", 0),
        "numero di acquisti": ("count(*)", "p.amount >= 0", 0),
        "largest amount": ("max(p.amount)", "true", None),
        "average of quantity": ("avg(p.quantity)", "true", None),
    }
    field = r.choice(list(shapes))
    sql, only, nothing = shapes[field]
    days = str(r.choice([7, 30, 90, 365])) if r.random() < 0.6 or field == "orders" else ""
    filters, wheres = [], [only]
    if r.random() < 0.5:
        filters.append("category is Wine")
        wheres.append("coalesce(lower(p.category) = 'wine', false)")
    if r.random() < 0.3:
        filters.append("quantity > 3")
        wheres.append("p.quantity > 3")
    typed = f"{field} where {' and '.join(filters)}" if filters else field
    if "orders" in field and filters:
        typed = typed.replace("orders", "number of orders")
    limit = {"spend": 300, "sum of amount": 500, "sum of quantity": 15, "largest amount": 300}.get(field, 3)
    return _over("Purchases", typed, sql, wheres, nothing, days, r, r.randint(0, limit))


def contact(r: random.Random) -> Typed:
    """Counts over the contacts, and their absence."""
    days, wheres = str(r.choice([14, 60, 200])), ["true"]
    typed = "no contact" if r.random() < 0.5 else "count of contacts"
    if r.random() < 0.5:
        name, spellings = r.choice(list(KINDS.items()))
        typed += f" where kind is {name}"
        wheres.append(f"coalesce(p.kind IN ({', '.join(repr(s) for s in spellings)}), false)")
    made = _over(
        "Interactions", typed, "count(*)", wheres, 0, days, r, 0 if typed.startswith("no") else r.randint(0, 2)
    )
    if not typed.startswith("no"):
        return made
    sql = made.sql.rsplit(" ", 2)[0]
    return Typed((typed, "", "", days), f"{sql} = 0")


def _over(
    table: str, field: str, sql: str, wheres: list[str], nothing: Any, days: str, r: random.Random, value: float
) -> Typed:
    since = f"p.date > DATE '{TODAY - dt.timedelta(days=int(days))}'" if days else "true"
    until = f"(p.date IS NULL OR p.date <= DATE '{TODAY}')" if table == "Purchases" else f"p.date <= DATE '{TODAY}'"
    where = " AND ".join(["p.client_id = c.client_id", f"coalesce({since}, false)", until, *wheres])
    one = f'(SELECT {sql} FROM "{table}" p WHERE {where})'
    one = one if nothing is None else f"coalesce({one}, {nothing})"
    kind = r.choice(list(SIGNS))
    test = f"{one} {SIGNS[kind]} {value}"
    return Typed(
        (field, r.choice(WORDS[kind]), str(value), days), f"coalesce({test}, false)" if nothing is None else test
    )


def reference(r: random.Random, known: dict[str, list[Typed]]) -> Typed:
    names = r.sample(list(known), min(len(known), r.randint(1, 2)))
    sql = " OR ".join(f'c.client_id IN (SELECT client_id FROM "seg_{name}")' for name in names)
    no = r.random() < 0.5
    operator = ("is not", "=", "none of", "one of")[2 * (len(names) > 1) + (not no)]
    return Typed(("segment", operator, "; ".join(names), ""), f"NOT ({sql})" if no else f"({sql})")
