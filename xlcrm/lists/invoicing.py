"""Invoicing lists: what was bought and not yet invoiced, to the cent, so that nothing is forgotten or billed twice."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.addresses.countries import country_code
from xlcrm.lists.recipients import ADDRESS, _lines, person, records, texts
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table
from xlcrm.values import as_date, as_number, as_text, exact

CENT = Decimal("0.01")
PRICE_DIGITS = 8  # after the point, as the exchanges for e-invoices take them


@dataclass(frozen=True)
class Invoicing:
    """One entry a client, currency and due date: name, address lines, `lines` of purchases and their `total`, `due_on`.

    `credit` is True where the total is negative: a credit note, which is due on no day.

    left_out   reason (message key) -> how many lines were passed over
    positions  the purchase rows that are on the list; due the day each falls due, NaT on a credit note
    """

    invoices: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]
    positions: pd.Index[int]
    due: pd.Series[Any]
    left_out: Counter[str]


def open_purchases(
    purchases: Table, clients: Table, chosen: pd.Series[Any] | None, *, settings: Settings, today: dt.date,
    billed: pd.Index[Any] | None = None,
) -> Invoicing:  # fmt: skip
    """Purchases that are still to be invoiced, dated `today` or before, grouped by client, currency and due date.

    To be invoiced is what has no invoice number, no `invoiced_on` and no `paid_on`; rows at the positions `billed` are
    on another list of this run. The amount of a line is `amount`, or quantity x unit price where that is blank, rounded
    to cents (half up); credit notes count with their sign. A line falls due on the day typed in `due_on`, else as many
    days after `today` as the settings say. Lines without an amount, of no client or of an unknown one are left out,
    each with a Problem. `chosen` (True per client row) narrows the clients.
    """
    lines = _lines_of(purchases, settings.currency, settings.country)
    lines = lines[(lines["invoiced_on"] == "") & ~(lines["when"] > pd.Timestamp(today)) & ~lines["blank"]]
    ids = as_text(clients.frame["client_id"]).str.strip()
    known = ids if chosen is None else ids[chosen.reindex(ids.index, fill_value=False)]
    lines, left_out = _still_open(lines, set(known) - {""}, billed)
    bad = lines[lines["cents"].isna() | ~_among(lines["client_id"], set(ids) - {""})]
    good = lines[lines["cents"].notna() & _among(lines["client_id"], set(known) - {""})]
    billed_to = clients.frame.loc[known.index[_among(known, set(good["client_id"]))]]
    people = {row["client_id"]: person(row) for row in records(texts(replace(clients, frame=billed_to)))}
    due = good["due"].fillna(pd.Timestamp(today) + pd.Timedelta(days=settings.payment_days))
    invoices = []
    for (client_id, money, _), group in good.assign(due=due).groupby(["client_id", "currency", "due"], sort=False):
        made = _invoice(people[client_id], group, settings)
        day = due[group.index[0]].date()
        invoices.append({**made, "currency": money, "due_on": None if made["credit"] else day})
        if made["credit"]:
            due[group.index] = pd.NaT
    invoices.sort(key=lambda invoice: (invoice["name"].casefold(), invoice["client_id"], invoice["currency"]))
    problems = tuple(_left_out(purchases, bad))
    if problems:
        left_out["lists.lines_left_out"] += len(problems)
    return Invoicing(tuple(invoices), problems, good.index, due, left_out)


def _still_open(
    lines: pd.DataFrame, clients: set[str], billed: pd.Index[Any] | None
) -> tuple[pd.DataFrame, Counter[str]]:
    """The lines that nobody invoiced yet, and how many of these clients' were passed over for which reason."""
    passed = {
        "lists.has_number": lines["invoice"] != "",
        "lists.is_paid": lines["paid_on"] != "",
        "lists.on_another": pd.Series(lines.index.isin([] if billed is None else billed), index=lines.index),
    }
    left_out: Counter[str] = Counter()
    theirs = _among(lines["client_id"], clients)
    for reason, fits in passed.items():
        out = fits.reindex(lines.index)
        left_out[reason] += int((out & theirs.reindex(lines.index)).sum())
        lines = lines[~out]
    return lines, +left_out


def _among(ids: pd.Series[Any], known: set[str]) -> pd.Series[bool]:
    """Which of many ids are known; pandas' own `isin` makes a list of all that are known each time."""
    codes, distinct = pd.factorize(ids)
    there = np.array([one in known for one in distinct.tolist()], dtype=bool)
    return pd.Series(there[codes] if len(codes) else there, index=ids.index)


def _left_out(purchases: Table, bad: pd.DataFrame) -> Iterator[Problem]:
    """A problem for each line that can't be billed: it has no amount, or no client whom the list knows."""
    for position, row in zip(bad.index, bad.to_dict("records"), strict=True):
        code, column = ("lists.no_client", "client_id")
        if pd.isna(row["cents"]):
            code, column = ("lists.no_amount", "amount")
        yield Problem(code, purchases.name, purchases.excel_row(position), row["invoice"], column, row["client_id"])


def _invoice(client: dict[str, Any], lines: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """What templates see of one invoice; an address that was never split stands in one line."""
    detail = [_line(row) for row in lines.to_dict("records")]
    total = sum((line["amount"] for line in detail), Decimal(0))
    split = _lines(client, settings.country, settings.language)
    return {
        **{column: client[column] for column in (*ADDRESS, "client_id", "name", "email", "tax_id", "company")},
        "address_lines": split if client["city"] else [client["address"]],
        "home": country_code(client["country"]) or settings.country,
        "lines": detail,
        "total": total,
        "credit": total < 0,
    }


def _lines_of(purchases: Table, currency: str, country: str) -> pd.DataFrame:
    """All lines with text, numbers, `when` and `due` (NaT without), `cents` (the amount, NaN for none) and `blank`."""
    frame = purchases.frame
    blank = pd.Series("", index=frame.index, dtype="str")
    text = {
        column: as_text(frame[column]).str.strip() if column in frame else blank
        for column in ("client_id", "invoice", "product", "currency", "invoiced_on", "paid_on")
    }
    nothing = pd.Series(float("nan"), index=frame.index)
    number = {
        column: as_number(frame[column], country)[0] if column in frame else nothing
        for column in ("amount", "quantity", "unit_price")
    }
    days = {
        name: as_date(frame[column], country)[0] if column in frame else pd.Series(pd.NaT, index=frame.index)
        for name, column in (("when", "date"), ("due", "due_on"))
    }
    amount = number["amount"].where(number["amount"].notna(), number["quantity"] * number["unit_price"])
    empty = (text["client_id"] == "") & (text["invoice"] == "") & (text["product"] == "") & amount.isna()
    made = pd.DataFrame({**text, **number, **days, "cents": amount, "blank": empty})
    made["currency"] = made["currency"].where(made["currency"] != "", currency)
    return made


def _line(row: dict[Any, Any]) -> dict[str, Any]:
    """One line as templates see it, with exact decimals; what is blank is None."""
    return {
        "invoice": row["invoice"],
        "date": None if pd.isna(row["when"]) else row["when"].date(),
        "product": row["product"],
        "quantity": None if pd.isna(row["quantity"]) else _exact(row["quantity"], 0),
        "unit_price": None if pd.isna(row["unit_price"]) else _exact(row["unit_price"], 2),
        "amount": _cents(row["cents"]),
    }


def _exact(value: float, least: int) -> Decimal:
    """A number with the digits that it was typed with, `least` after the point, and `PRICE_DIGITS` at most."""
    number = exact(value)
    exponent = number.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    return number.quantize(Decimal(1).scaleb(-min(max(digits, least), PRICE_DIGITS)), rounding="ROUND_HALF_UP")


def _cents(value: float) -> Decimal:
    """An amount to the cent, half up by its shortest decimal form (1.005 is 1.01)."""
    return exact(value).quantize(CENT, rounding="ROUND_HALF_UP")
