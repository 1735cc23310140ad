"""Random books of opportunities, and their figures reckoned again in plain Python with Decimal, cell by cell."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

import pandas as pd

from xlcrm import schema
from xlcrm.opportunities.deal_run import deal_run
from xlcrm.settings import Settings
from xlcrm.spend.currencies import read_rates
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 27)
OPEN = ("new", "qualified", "offer", "negotiation")
STAGES = (*OPEN, "won", "lost", "")
CENT = Decimal("0.01")
Row = dict[str, Any]
Book = dict[str, list[Row]]


def random_book(seed: int) -> Book:
    """Clients, opportunities with history, and rates; blanks, foreign money, odd chances, unknown clients."""
    rng = random.Random(seed)
    clients = [{"client_id": f"C{n}", "source": rng.choice(("web", "fair", ""))} for n in range(rng.randrange(1, 12))]
    deals, history = [], []
    for number in range(rng.randrange(0, 60)):
        opened = _day(rng, 700)
        stage = rng.choice(STAGES)
        path = [*OPEN[: rng.randrange(0, 5)], *([stage] if stage else [])]
        days = sorted(_day(rng, 600) for _ in path)
        history += [
            {"opportunity": f"O{number}", "stage": one, "since": day} for one, day in zip(path, days, strict=True)
        ]
        deals.append(
            {
                "opportunity": f"O{number}",
                "client_id": rng.choice(clients)["client_id"] if rng.random() < 0.95 else "X",
                "stage": stage,
                "amount": rng.choice((None, round(rng.uniform(-50, 90_000), 2), float(rng.randrange(90_000)))),
                "currency": rng.choice(("EUR", "", "NOK", "NOK", "USD")),
                "probability": rng.choice((None, None, 0.3, 0.125, 1.0, 0.0, 45.0, 130.0, -0.2)),
                "expected_on": rng.choice((None, TODAY + dt.timedelta(days=rng.randrange(-60, 500)))),
                "salesperson": rng.choice(
                    ("Ada", "Bo", "ada", "", *(f"Seller {n}" for n in range(rng.randrange(1, 9))))
                ),
                "competitor": rng.choice(("Acme", "", "Zeta")),
                "opened_on": rng.choice((None, opened)),
                "closed_on": _day(rng, 700),
            }
        )
    rng.shuffle(history)
    rates = [{"currency": "NOK", "rate": 0.0871, "from_date": None}]
    rates.append({"currency": "NOK", "rate": 0.0917, "from_date": dt.date(2026, 6, 1)})
    return {"Clients": clients, "Opportunities": deals, "StageChanges": history, "Rates": rates}


def _day(rng: random.Random, back: int) -> dt.date:
    return TODAY - dt.timedelta(days=rng.randrange(0, back))


def tables_of(book: Book) -> Tables:
    return Tables.of(*(_table(name, rows) for name, rows in book.items()))


def _table(name: str, rows: list[Row]) -> Table:
    spec = schema.table(name)
    columns: dict[str, pd.Series[Any]] = {}
    for column in spec.columns:
        values = [row.get(column.name) for row in rows]
        if column.kind == "date":
            columns[column.name] = pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[us]")
        elif column.kind in schema.NUMBERS:
            columns[column.name] = pd.Series(values, dtype="float64")
        else:
            columns[column.name] = pd.Series(["" if v is None else str(v) for v in values], dtype="str")
    return Table(name, spec.sheet, pd.DataFrame(columns), {c: c for c in columns})


def ours(book: Book) -> dict[str, list[tuple[Any, ...]]]:
    """The four tables as xlcrm makes them, NaN as None."""
    tables = tables_of(book)
    run = deal_run(tables, settings=Settings(), today=TODAY, currency="EUR", rates=read_rates(tables["Rates"].frame))
    frames = {name: run.fed[name].astype(object) for name in ("Pipeline", "PipelineBy", "WinRates", "Forecast")}
    return {
        name: [tuple(row) for row in frame.where(frame.notna(), None).itertuples(index=False)]
        for name, frame in frames.items()
    }


def reckoned(book: Book) -> dict[str, list[tuple[Any, ...]]]:
    """The four tables from the rows of the book."""
    deals = [_weighed(row) for row in book["Opportunities"] if _is_filled(row)]
    ended = [deal for deal in deals if deal["stage"] in ("won", "lost") and _last_year(deal["closed_on"])]
    return {
        "Pipeline": _pipeline(book, deals, ended),
        "PipelineBy": _by_salesperson(deals),
        "WinRates": _win_rates(book, ended),
        "Forecast": _forecast(deals),
    }


def _is_filled(row: Row) -> bool:
    return any(row.get(name) not in (None, "") for name in ("opportunity", "client_id", "subject", "stage", "amount"))


def _last_year(day: dt.date | None) -> bool:
    return day is not None and TODAY.replace(year=TODAY.year - 1) < day <= TODAY


def _weighed(row: Row) -> Row:
    """The row with money (Decimal, in EUR) and weighted."""
    typed = Decimal(repr(row["amount"])) if row["amount"] is not None else Decimal(0)
    day = row["closed_on"] if row["stage"] not in OPEN and row["closed_on"] else TODAY
    rate = {"EUR": Decimal(1), "": Decimal(1), "USD": Decimal(0)}.get(row["currency"])
    if rate is None:
        rate = Decimal("0.0917") if day >= dt.date(2026, 6, 1) else Decimal("0.0871")
    money = (typed * rate).quantize(CENT, ROUND_HALF_UP)
    own = row["probability"]
    chance = Decimal({"new": 10, "qualified": 25, "offer": 50, "negotiation": 75}.get(row["stage"], 0)) / 100
    if own is not None and 0 <= own <= 100:
        chance = Decimal(repr(own)) / (100 if own > 1 else 1)
    return {**row, "money": money, "weighted": (money * chance).quantize(CENT, ROUND_HALF_UP)}


def _pipeline(book: Book, deals: list[Row], ended: list[Row]) -> list[tuple[Any, ...]]:
    spent = _days_at_stages(book, deals)
    rows: list[tuple[Any, ...]] = []
    for stage in OPEN:
        there = [deal for deal in deals if deal["stage"] == stage]
        days = list(spent[stage].values())
        rows.append((stage, len(there), _sum(there, "money"), _sum(there, "weighted"), *_spans(days)))
    there = [deal for deal in deals if deal["stage"] in OPEN]
    rows.append(("all open", len(there), _sum(there, "money"), _sum(there, "weighted"), None, None))
    for stage in ("won", "lost"):
        there = [deal for deal in ended if deal["stage"] == stage]
        rows.append((stage, len(there), _sum(there, "money"), None, *_spans(_lasted(there))))
    return rows


def _spans(days: list[int]) -> tuple[float | None, int | None]:
    return (median(days), max(days)) if days else (None, None)


def _lasted(deals: list[Row]) -> list[int]:
    known = [deal for deal in deals if deal["opened_on"] and deal["closed_on"] >= deal["opened_on"]]
    return [(deal["closed_on"] - deal["opened_on"]).days for deal in known]


def _days_at_stages(book: Book, deals: list[Row]) -> dict[str, dict[str, int]]:
    """stage -> opportunity -> days, of the history as a refresh leaves it."""
    spent: dict[str, dict[str, int]] = {stage: defaultdict(int) for stage in OPEN}
    for deal in deals:
        if not deal["stage"]:
            continue
        rows = [row for row in book["StageChanges"] if row["opportunity"] == deal["opportunity"]]
        latest = max((row["since"] for row in rows), default=None)
        if deal["stage"] not in [row["stage"] for row in rows if row["since"] == latest]:
            raise AssertionError("the books have their last stage in the history")
        rows = sorted(rows, key=lambda row: (row["since"], row["stage"] == deal["stage"]))
        ends = [row["since"] for row in rows[1:]] + [TODAY]
        for row, end in zip(rows, ends, strict=True):
            if row["stage"] in OPEN:
                spent[row["stage"]][deal["opportunity"]] += (end - row["since"]).days
    return spent


def _sum(deals: list[Row], name: str) -> float:
    return float(sum((deal[name] for deal in deals), Decimal(0)))


def _by_salesperson(deals: list[Row]) -> list[tuple[Any, ...]]:
    rows = [deal for deal in deals if deal["stage"] in OPEN]
    groups = _groups(rows, "salesperson", lambda deals: sum((d["weighted"] for d in deals), Decimal(0)), 9)
    return [
        (
            label,
            len(there),
            _sum(there, "money"),
            _sum(there, "weighted"),
            sum(deal["expected_on"] is not None and deal["expected_on"] < TODAY for deal in there),
        )
        for label, there in groups
    ]


def _groups(rows: list[Row], by: str, size: Any, most: int) -> list[tuple[str, list[Row]]]:
    """Label and rows of each group, the largest first, those beyond `most` in one; of equals the first seen."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[by].casefold(), []).append(row)
    order = sorted(found.values(), key=size, reverse=True)
    labelled = [(there[0][by] or "(none)", there) for there in order]
    if len(order) <= most:
        return labelled
    rest = order[most - 1 :]
    return [
        *labelled[: most - 1],
        (f"{len(rest)} {'other' if len(rest) == 1 else 'others'}", [row for there in rest for row in there]),
    ]


def _win_rates(book: Book, ended: list[Row]) -> list[tuple[Any, ...]]:
    if not ended:
        return []
    source = {client["client_id"]: client["source"] for client in book["Clients"]}
    rows = [{**deal, "source": source.get(deal["client_id"], "")} for deal in ended]
    found = [("All decided", "", *_rates(rows))]
    for by, header in (("source", "Source"), ("competitor", "Competitor"), ("salesperson", "Salesperson")):
        if any(row[by] for row in rows):
            found += [(header, label, *_rates(there)) for label, there in _groups(rows, by, len, 6)]
    return found


def _rates(rows: list[Row]) -> tuple[Any, ...]:
    won = [row for row in rows if row["stage"] == "won"]
    days = _lasted(rows)
    rate = round(len(won) / len(rows), 4)
    return len(won), len(rows) - len(won), rate, _sum(won, "money"), median(days) if days else None


def _forecast(deals: list[Row]) -> list[tuple[Any, ...]]:
    rows = [deal for deal in deals if deal["stage"] in OPEN]
    years = [(TODAY.year + (TODAY.month - 1 + n) // 12, (TODAY.month - 1 + n) % 12 + 1) for n in range(12)]
    months = [_month(year, month) for year, month in years]
    parts: dict[str, list[Row]] = {name: [] for name in (*months, "overdue", "later", "no date")}
    for row in rows:
        day = row["expected_on"]
        name = "no date" if day is None else "overdue" if day < TODAY else _month(day.year, day.month)
        parts[name if name in parts else "later"].append(row)
    return [(name, len(there), _sum(there, "money"), _sum(there, "weighted")) for name, there in parts.items()]


def _month(year: int, month: int) -> str:
    return f"{'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec'.split()[month - 1]} {year % 100:02}"


def differences(book: Book) -> list[str]:
    """What the two say differently, a line a row of a table."""
    found = []
    made = ours(book)
    for name, expected in reckoned(book).items():
        if len(made[name]) != len(expected):
            found.append(f"{name}: {len(made[name])} rows, reckoned {len(expected)}")
        found += [f"{name}: {a}, reckoned {b}" for a, b in zip(made[name], expected, strict=False) if a != b]
    return found
