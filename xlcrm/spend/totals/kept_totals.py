"""Kept totals: `purchase_totals.totals_of` and lifetime values from an earlier run, for as long as they hold.

They are kept under all that they depend on (rows, currency, rates, country) and so change no figure. The day is no part
of it: on a new day nothing has to be added up anew.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlcrm.spend.currencies import Rates
from xlcrm.spend.kinds import Floats, day_number
from xlcrm.spend.lifetime_value import History, value_12m
from xlcrm.spend.lines import read_lines
from xlcrm.spend.refunds import Owed
from xlcrm.spend.rhythm import Days, Span
from xlcrm.spend.totals.market_basket import Owned
from xlcrm.spend.totals.purchase_totals import OddPurchases, PurchaseTotals, RecentLines, totals_of
from xlcrm.tables import KeptBeside, Table

_PARTS: dict[str, Any] = {
    "days": Days,
    "recent": RecentLines,
    "owed": Owed,
    "unreturned": Span,
    "owned": Owned,
    "odd": OddPurchases,
}


@dataclass(frozen=True, eq=False)
class KeptTotals:
    """What an earlier run made of a table of purchases, and what this one makes where there is nothing.

    `currency`, `rates` and `country` are those of `lines.read_lines`.
    """

    purchases: Table
    today: dt.date
    currency: str
    rates: Rates
    country: str

    def totals(self) -> PurchaseTotals:
        """The totals of the lines up to and with `today`."""
        day, beside = day_number(self.today), self.purchases.kept_beside
        if beside is None:
            return self._totals()

        def make() -> dict[str, Any]:
            return flattened(self._totals())

        found = beside.made("totals", self._given(beside), make, lambda kept: kept["since"] <= day < kept["before"])
        return unflattened(found)

    def value_12m(self, past: History, clients: int) -> tuple[Floats, str]:
        """`lifetime_value.value_12m` of the totals' clients; on one day it is searched for once."""

        def make() -> dict[str, Any]:
            value, reason = value_12m(past, clients)
            return {"value": value, "reason": reason}

        beside, day = self.purchases.kept_beside, self.today.isoformat()
        found = beside.made("value_12m", (*self._given(beside), day), make) if beside else make()
        return found["value"], found["reason"]

    def _given(self, beside: KeptBeside) -> tuple[object, ...]:
        """All that is depended on but the day."""
        return beside.rows, self.currency, self.country, sorted(self.rates.table.items())

    def _totals(self) -> PurchaseTotals:
        """The totals, made anew."""
        lines = read_lines(
            self.purchases.frame, today=self.today, currency=self.currency, rates=self.rates, country=self.country
        )
        return totals_of(lines)


def flattened(totals: PurchaseTotals) -> dict[str, Any]:
    """All that the totals and their parts hold, by name; what a part holds is named "part.name"."""
    flat: dict[str, Any] = {}
    for name, value in vars(totals).items():
        flat |= {f"{name}.{inner}": one for inner, one in vars(value).items()} if name in _PARTS else {name: value}
    flat["ids"] = totals.ids.to_numpy(dtype=object)
    flat["owned.both"] = totals.owned.both.ravel()
    return flat


def unflattened(flat: dict[str, Any]) -> PurchaseTotals:
    """What `flattened` was given."""
    made: dict[str, Any] = {
        field.name: _part(field.name, flat) if field.name in _PARTS else flat[field.name]
        for field in dataclasses.fields(PurchaseTotals)
    }
    made["ids"] = pd.Index(made["ids"], dtype="str")
    return PurchaseTotals(**made)


def _part(name: str, flat: dict[str, Any]) -> Any:
    made = _PARTS[name]
    values = {field.name: flat[f"{name}.{field.name}"] for field in dataclasses.fields(made)}
    if made is Owned:
        values["both"] = values["both"].reshape(len(values["products"]), len(values["products"]))
    if made is OddPurchases:
        values["kinds"] = {code: (lines, first) for code, (lines, first) in values["kinds"].items()}
    return made(**values)
