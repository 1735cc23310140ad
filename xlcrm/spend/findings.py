"""What was odd about the purchases, counted and named once each, so that a figure never hides what it left out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xlcrm.problems import Problem
from xlcrm.spend.kinds import Ints, Names
from xlcrm.spend.lines import Lines
from xlcrm.tables import Table

NAMED = 5


def findings(table: Table, lines: Lines, known: pd.Index[str]) -> tuple[Problem, ...]:
    """One note for each kind of odd line: how many, and the Excel row of the first one.

    spend.no_client        no client: counted in the firm's figures, in no client's
    spend.unknown_client   a client_id that Clients doesn't have (`known` are those it has)
    spend.bad_date         a date that can't be read: counted in totals, in no window of time
    spend.bad_amount       an amount that can't be read: an order, but no money
    spend.no_amount        neither an amount nor quantity and unit price
    spend.future           dated after today: not counted yet
    spend.no_rate          a currency without a rate: an order, but no money
    spend.repeats          same invoice, client, product and amount as another line: counted, as people buy things twice
    """
    strange = np.flatnonzero(known.get_indexer(lines.ids) < 0)
    unknown = np.isin(lines.client, strange)
    unpriced = ~lines.priced & ~np.isin(lines.row, lines.bad_amount)
    foreign = unpriced & np.isin(lines.currencies, _foreign(lines))
    names = lines.ids[pd.unique(lines.client[unknown])]
    currencies = lines.currency_names[np.unique(lines.currencies[foreign])]
    found = [
        _note("spend.no_client", table, "client_id", lines.row[lines.client < 0]),
        _note("spend.unknown_client", table, "client_id", lines.row[unknown], clients=len(names), names=_list(names)),
        _note("spend.bad_date", table, "date", lines.bad_date),
        _note("spend.bad_amount", table, "amount", lines.bad_amount),
        _note("spend.no_amount", table, "amount", lines.row[unpriced & ~foreign]),
        _note("spend.future", table, "date", lines.future),
        _note("spend.no_rate", table, "currency", lines.row[foreign], names=_list(currencies), home=lines.currency),
        _note("spend.repeats", table, "", lines.row[repeats(lines)]),
    ]
    return tuple(problem for problem in found if problem is not None)


def repeats(lines: Lines) -> Ints:
    """Indices of lines with the invoice, client, product and amount of an earlier line."""
    named = np.flatnonzero((lines.invoice >= 0) & (lines.product >= 0) & lines.priced)
    item = lines.order[named] * (len(lines.products) + 1) + lines.product[named]
    several = pd.Series(item).duplicated(keep=False).to_numpy()
    amount = lines.cents[named[several]]
    again = pd.DataFrame({"item": item[several], "amount": amount}).duplicated().to_numpy()
    found: Ints = named[several][again]
    return found


def _foreign(lines: Lines) -> Ints:
    return np.flatnonzero(lines.currency_names != lines.currency)


def _note(code: str, table: Table, column: str, rows: Ints, **values: object) -> Problem | None:
    if len(rows) == 0:
        return None
    first = table.excel_row(int(rows.min()))
    fill = {"lines": len(rows), "row": first, **values}
    texts = tuple((name, str(value)) for name, value in fill.items())
    return Problem(code, table.name, first, "", column, level="note", values=texts)


def _list(names: Names) -> str:
    shown = ", ".join(str(name) for name in names[:NAMED])
    return f"{shown}, …" if len(names) > NAMED else shown
