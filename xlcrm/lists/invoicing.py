"""Invoicing lists: what was bought and not yet invoiced, to the cent, so that nothing is forgotten or billed twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
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
    bad = lines[lines["cents"].isna() | ~lines["client_id"].isin(everyone - {""})]
    people = {row["client_id"]: person({str(k): v for k, v in row.items()}) for row in known.to_dict("records")}
    good = lines[lines["cents"].notna() & lines["client_id"].isin(set(people) - {""})]
    due_on = today + dt.timedelta(days=days)
    invoices = [
        {**_invoice(people[client_id], group, country, language), "currency": money, "due_on": due_on}
        for (client_id, money), group in good.groupby(["client_id", "currency"], sort=False)
    ]
    invoices.sort(key=lambda invoice: (invoice["name"].casefold(), invoice["client_id"], invoice["currency"]))
    return Invoicing(tuple(invoices), tuple(_left_out(purchases, bad)), good.index)


def _left_out(purchases: Table, bad: pd.DataFrame) -> Iterator[Problem]:
    """A problem for each line that can't be billed: it has no amount, or no client whom the list knows."""
    for position, row in zip(bad.index, bad.to_dict("records"), strict=True):
        code, column = ("lists.no_client", "client_id")
        if pd.isna(row["cents"]):
            code, column = ("lists.no_amount", "amount")
        yield Problem(code, purchases.name, purchases.excel_row(position), row["invoice"], column, row["client_id"])


def _invoice(client: dict[str, Any], lines: pd.DataFrame, country: str, language: str) -> dict[str, Any]:
    """What templates see of one invoice; an address that was never split stands in one line."""
    detail = [_line(row) for row in lines.to_dict("records")]
    return {
        **{column: client[column] for column in (*ADDRESS, "client_id", "name", "email", "tax_id", "company")},
        "address_lines": _lines(client, country, language) if client["city"] else [client["address"]],
        "home": country_code(client["country"]) or country,
        "lines": detail,
        "total": sum((line["amount"] for line in detail), Decimal(0)),
    }


def _lines_of(purchases: Table, currency: str, country: str) -> pd.DataFrame:
    """All lines with text, numbers, `when` (NaT without a date), `cents` (the amount, NaN for none) and `blank`."""
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
    """One line as templates see it, with exact decimals; what is blank is None."""
    return {
        "invoice": row["invoice"],
        "date": None if pd.isna(row["when"]) else row["when"].date(),
        "product": row["product"],
        "quantity": None if pd.isna(row["quantity"]) else Decimal(repr(row["quantity"])).normalize(),
        "unit_price": None if pd.isna(row["unit_price"]) else _cents(row["unit_price"]),
        "amount": _cents(row["cents"]),
    }


def _cents(value: float) -> Decimal:
    """An amount to the cent, half up by its shortest decimal form (1.005 is 1.01)."""
    return Decimal(repr(float(value))).quantize(CENT, rounding="ROUND_HALF_UP")
