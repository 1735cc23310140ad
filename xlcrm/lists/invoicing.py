"""Invoicing lists: what was bought and not yet invoiced, to the cent, so that nothing is forgotten or billed twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from xlcrm.addresses.countries import country_code
from xlcrm.lists.recipients import ADDRESS, _lines, person, texts
from xlcrm.problems import Problem
from xlcrm.tables import Table
from xlcrm.values import as_date, as_number, as_text

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Invoicing:
    """One entry a client and currency: name, address lines, `lines` of purchases and their `total`, `due_on`."""

    invoices: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]
    positions: pd.Index[int]  # the purchase rows that are on the list


def open_purchases(
    purchases: Table, clients: Table, chosen: pd.Series[Any] | None, *, today: dt.date, country: str, language: str,
    currency: str, days: int,
) -> Invoicing:  # fmt: skip
    """Purchases with a blank `invoiced_on`, dated `today` or before, grouped by client and currency.

    The amount of a line is `amount`, or quantity x unit price where that is blank, rounded to cents (half up); credit
    notes count with their sign. `days` is added to `today` for the due date. Lines without an amount, of no client or
    of an unknown one are left out, each with a Problem. `chosen` (True per client row) narrows the clients.
    """
    lines = _lines_of(purchases, currency, country)
    lines = lines[(lines["invoiced_on"] == "") & ~(lines["when"] > pd.Timestamp(today)) & ~lines["blank"]]
    known = texts(clients)
    if chosen is not None:
        known = known[chosen.reindex(known.index, fill_value=False)]
    everyone = set(as_text(clients.frame["client_id"]).str.strip())
    people = {row["client_id"]: person({str(k): v for k, v in row.items()}) for row in known.to_dict("records")}
    no_amount = lines["cents"].isna()
    bad = lines[no_amount | ~lines["client_id"].isin(everyone - {""})]
    problems = [
        Problem(
            "lists.no_amount" if pd.isna(cents) else "lists.no_client",
            purchases.name,
            purchases.excel_row(position),
            invoice,
            "amount" if pd.isna(cents) else "client_id",
            client_id,
        )
        for position, invoice, client_id, cents in zip(
            bad.index, bad["invoice"], bad["client_id"], bad["cents"], strict=True
        )
    ]
    good = lines[lines["cents"].notna() & lines["client_id"].isin(set(people) - {""})]
    invoices = []
    for (client_id, money), group in good.groupby(["client_id", "currency"], sort=False):
        client = people[client_id]
        home = country_code(client["country"]) or country
        detail = [_line(row) for row in group.to_dict("records")]
        invoices.append(
            {
                **{column: client[column] for column in (*ADDRESS, "client_id", "name", "email", "tax_id", "company")},
                "address_lines": _lines(client, country, language) if client["city"] else [client["address"]],
                "home": home,
                "lines": detail,
                "currency": money,
                "total": sum((line["amount"] for line in detail), Decimal(0)),
                "due_on": today + dt.timedelta(days=days),
            }
        )
    invoices.sort(key=lambda invoice: (invoice["name"].casefold(), invoice["client_id"], invoice["currency"]))
    return Invoicing(tuple(invoices), tuple(problems), good.index)


def _lines_of(purchases: Table, currency: str, country: str) -> pd.DataFrame:
    frame = purchases.frame
    blank = pd.Series("", index=frame.index, dtype="str")
    text = {
        column: as_text(frame[column]).str.strip() if column in frame else blank
        for column in ("client_id", "invoice", "product", "currency", "invoiced_on")
    }
    nothing = pd.Series(float("nan"), index=frame.index)
    number = {
        column: as_number(frame[column], country)[0] if column in frame else nothing
        for column in ("amount", "quantity", "unit_price")
    }
    when = as_date(frame["date"], country)[0] if "date" in frame else pd.Series(pd.NaT, index=frame.index)
    amount = number["amount"].where(number["amount"].notna(), number["quantity"] * number["unit_price"])
    empty = (text["client_id"] == "") & (text["invoice"] == "") & (text["product"] == "") & amount.isna()
    made = pd.DataFrame({**text, **number, "when": when, "cents": amount, "blank": empty})
    made["currency"] = made["currency"].where(made["currency"] != "", currency)
    return made


def _line(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        "invoice": row["invoice"],
        "date": None if pd.isna(row["when"]) else row["when"].date(),
        "product": row["product"],
        "quantity": None if pd.isna(row["quantity"]) else Decimal(repr(row["quantity"])).normalize(),
        "unit_price": None if pd.isna(row["unit_price"]) else _cents(row["unit_price"]),
        "amount": _cents(row["cents"]),
    }


def _cents(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(CENT, rounding="ROUND_HALF_UP")
