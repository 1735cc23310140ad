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

    def _asked(self, beside: KeptBeside, *more: str) -> str:
        """All that is depended on."""
        return beside.depends(beside.rows, self.currency, self.country, sorted(self.rates.table.items()), *more)

    def totals(self) -> PurchaseTotals:
        """The totals of the lines up to and with `today`."""
        beside = self.purchases.kept_beside
        found = beside.get("totals", self._asked(beside)) if beside else None
        kept = None if found is None else unflattened(found)
        if kept is not None and kept.hold(day_number(self.today)):
            return kept
        lines = read_lines(
            self.purchases.frame, today=self.today, currency=self.currency, rates=self.rates, country=self.country
        )
        totals = totals_of(lines)
        if beside:
            beside.put("totals", self._asked(beside), flattened(totals))
        return totals

    def value_12m(self, past: History, clients: int) -> tuple[Floats, str]:
        """`lifetime_value.value_12m` of the totals' clients; on one day it is searched for once."""
        beside, day = self.purchases.kept_beside, self.today.isoformat()
        found = beside.get("value_12m", self._asked(beside, day)) if beside else None
        if found is not None:
            return found["value"], found["reason"]
        value, reason = value_12m(past, clients)
        if beside:
            beside.put("value_12m", self._asked(beside, day), {"value": value, "reason": reason})
        return value, reason


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
