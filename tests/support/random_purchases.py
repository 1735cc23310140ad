"""Random purchase lines that hold everything that figures stumble over, and what `xlcrm.spend` makes of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.sources.line_expressions import Asked
from xlcrm.spend import firm
from xlcrm.spend.client_figures import ClientSums, client_sums
from xlcrm.spend.currencies import read_rates
from xlcrm.spend.firm import FirmSums, firm_sums
from xlcrm.spend.lines import PurchaseLines, read_lines
from xlcrm.spend.seasons import bought_together, seasons
from xlcrm.spend.totals.purchase_totals import totals_of

TODAY = dt.date(2026, 11, 22)
ODD = ["00017", "17", "C1", " C1 ", "c1", "Ü/3", "a b", "x'y", "=A1", "", None]
RATES = read_rates(
    pd.DataFrame(
        {
            "currency": ["USD", "USD", "CHF"],
            "rate": [0.9, 0.95, 1.05],
            "from_date": pd.to_datetime(pd.Series([None, "2025-01-01", "2024-06-01"])),
        }
    )
)
ASKED = Asked(TODAY, "EUR", RATES, "IT")


def random_purchases(seed: int, count: int = 3000) -> pd.DataFrame:
    """Lines with half cents, blanks, refunds of some of them, several currencies and odd client numbers.

    Equals of one day stand in the order in which a source without an order of rows has them.
    """
    chance = np.random.default_rng(seed)

    def pick(values: list[Any], **more: Any) -> Any:
        return chance.choice(np.array(values, dtype=object), count, **more)

    lines = pd.DataFrame(
        {
            "client_id": pick([*ODD, *(f"K{i:05d}" for i in range(count // 10))]),
            "invoice": pick([*(f"R{i}" for i in range(count // 4)), "", None]),
            "date": pd.Series(chance.choice(pd.date_range("2023-01-01", "2026-12-20"), count)).astype("datetime64[us]"),
            "product": pick(["Barolo", "Grappa", "Öl", "x", "", None]),
            "category": pick(["Wine", "Spirits", None]),
            "quantity": chance.integers(1, 5, count).astype("float64"),
            "unit_price": np.round(chance.uniform(0, 50, count), 3),
            "amount": chance.integers(-3000, 30_000, count) / 1000,
            "currency": pick(["EUR", "€", "usd", "CHF", "", None], p=[0.5, 0.1, 0.15, 0.05, 0.1, 0.1]),
        }
    )
    lines.loc[chance.random(count) < 0.2, "amount"] = np.nan
    lines.loc[chance.random(count) < 0.05, "date"] = pd.NaT
    lines.loc[chance.random(count) < 0.03, "quantity"] *= -1
    taken = lines.sample(count // 10, random_state=seed)
    back = taken.assign(amount=-taken["amount"].abs(), date=taken["date"] + pd.Timedelta(days=9))
    lines = pd.concat([lines, back.assign(invoice="C" + back["invoice"].fillna("").str[1:])], ignore_index=True)
    return _ordered(_invoiced(lines, chance))


def _invoiced(lines: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    def some(share: float) -> Any:
        return chance.random(len(lines)) < share

    invoiced = (lines["date"] + pd.Timedelta(days=2)).where(some(0.5))
    due = (invoiced + pd.Timedelta(days=20)).where(some(0.5))
    return lines.assign(invoiced_on=invoiced, due_on=due, paid_on=(invoiced + pd.Timedelta(days=30)).where(some(0.4)))


def _ordered(lines: pd.DataFrame) -> pd.DataFrame:
    worth = lines["amount"].fillna(lines["quantity"] * lines["unit_price"])
    return (
        lines.assign(worth=worth).sort_values(["invoice", "product", "worth"], ignore_index=True).drop(columns="worth")
    )


def reference(lines: pd.DataFrame, asked: Asked = ASKED) -> ClientSums:
    """The sums of clients that `xlcrm.spend` has in memory."""
    return client_sums(totals_of(_read(lines, asked)), today=asked.today)


def firm_reference(lines: pd.DataFrame, asked: Asked = ASKED) -> dict[str, pd.DataFrame]:
    """The figures of the firm that `xlcrm.spend` has in memory; products as alike stand in their alphabet."""
    read = _read(lines.sort_values("product", kind="stable", ignore_index=True), asked)
    return firm_figures(firm_sums(totals_of(read), today=asked.today), read.ids, asked.today)


def _read(lines: pd.DataFrame, asked: Asked) -> PurchaseLines:
    return read_lines(lines, today=asked.today, currency=asked.currency, rates=asked.rates, country=asked.country)


def differing(sums: ClientSums, wanted: ClientSums) -> list[str]:
    """The names of the sums that differ for some client, whatever the order of the clients."""
    found, held = _frame(sums), _frame(wanted)
    names = [
        str(name) for name in held if not (found[name].eq(held[name]) | (found[name].isna() & held[name].isna())).all()
    ]
    return names if found.index.equals(held.index) else ["ids", *names]


def firm_figures(sums: FirmSums, ids: Any, today: dt.date = TODAY) -> dict[str, pd.DataFrame]:
    """All that is made of the sums of the firm, pairs of products and clients by name."""
    years = firm.client_years(ids, sums.visits, today=today)
    together = bought_together(sums.owned, count=1_000)
    return {
        "months": firm.months(sums, today=today),
        "seasons": seasons(sums, today=today),
        "cohorts": firm.cohorts(sums.visits, today=today),
        "buyers": pd.DataFrame([firm.buyers(sums.visits.bought)]),
        "years": pd.DataFrame([firm.year_figures(sums, today=today, years_ago=ago) for ago in (0, 1)]),
        "client_years": years.sort_values("client_id", ignore_index=True),
        "nobodys": pd.DataFrame([sums.nobodys]),
        "together": together.sort_values(["product", "other"], ignore_index=True),
    }


def _frame(sums: ClientSums) -> pd.DataFrame:
    columns = {name: value for name, value in vars(sums).items() if name not in ("ids", "bought", "past")}
    columns |= {
        f"bought_{name}": np.where(sums.bought.count > 0, value, 0) for name, value in vars(sums.bought).items()
    }
    frame = pd.DataFrame(columns, index=sums.ids)
    past = pd.DataFrame({name: value for name, value in vars(sums.past).items() if name != "client"})
    return frame.join(past.set_axis(sums.ids[sums.past.client])).sort_index()
