"""A figure of each client over some lines of a source, as Ibis expression: what `segments.figures` has in memory.

Which lines a filter lets pass is decided by the functions that compare cells of the sheet, from the distinct values of
the column; which day is in a window, and what is added up, by the engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.sources.fetched_frame import literals
from xlcrm.sources.line_expressions import DATES, NUMBERS, Asked, alone, home_of, line_expression, read_as_text
from xlcrm.sources.tables_beside import beside
from xlcrm.spend.kinds import Mask, day_number

_LISTED = 1_000  # values up to here stand in the question itself; more are a table beside it
_MONEY = "amount"


@dataclass(frozen=True)
class FigureAsked:
    """What is asked of the lines: `Figure`, a window in days, and which values of a column pass (`passing`)."""

    function: str
    noun: str = ""
    column: str = ""
    filters: tuple[tuple[str, Callable[[pd.Series[Any]], Mask]], ...] = ()
    within_days: int | None = None


def figure_by_client(table: Any, wanted: FigureAsked, asked: Asked) -> pd.Series[Any]:
    """The figure of each client whose lines have one, by the client's number; `table` is a `canonical` one.

    Money in currency units, days since 1970 for dates. Clients without such lines are left out.
    """
    import ibis

    home = home_of(table, asked)
    table = table.mutate(said=_said(table, wanted.column), passes=ibis.literal(True))
    for name, fits in wanted.filters:
        table = _passing(table, name, fits)
    if not read_as_text(table):  # texts are read by all of their column: which decimal sign it has
        table = _since(table.filter(table.passes), wanted, asked.today)
    read = line_expression(table, asked, home=home, once=True)
    own = read.lines.filter(read.lines.client.notnull() & read.lines.passes)
    if wanted.within_days is not None:
        today = day_number(asked.today)
        own = own.filter((own.day > today - wanted.within_days) & (own.day <= today))
    if wanted.noun in ("purchase", "order"):
        own = own.filter(~own.refund)
    found = _value(own, wanted).execute()
    values = pd.Series(found["value"].to_numpy("float64", na_value=np.nan), index=pd.Index(found["client"].astype(str)))
    return values.dropna()


def distinct_values(table: Any, name: str) -> pd.Series[Any]:
    """The distinct values of a column, blanks left out."""
    values: pd.Series[Any] = table.select(value=table[name]).distinct().execute()["value"].dropna()
    return values.reset_index(drop=True)


def _passing(table: Any, name: str, fits: Callable[[pd.Series[Any]], Mask]) -> Any:
    """The lines, `passes` false where the cell of a column doesn't fit; a blank one is "" or no date, as in a frame."""

    values = distinct_values(table, name)
    kept = values[fits(values)]
    blank = table[name].isnull() & _blanks_fit(values, name, fits)
    if len(kept) <= _LISTED:
        return table.mutate(passes=table.passes & (blank | table[name].isin(literals(kept)).fill_null(False)))
    known = beside(table, pd.DataFrame({"fitting_value": kept}), fitting_value=table[name].type())
    joined = table.mutate(blank_fits=blank).left_join(known, table[name] == known.fitting_value)
    passes = joined.passes & (joined.blank_fits | joined.fitting_value.notnull())
    return joined.mutate(passes=passes).drop("fitting_value", "blank_fits")


def _blanks_fit(values: pd.Series[Any], name: str, fits: Callable[[pd.Series[Any]], Mask]) -> bool:
    """Whether a blank cell fits."""
    text = name not in (*DATES, *NUMBERS) or isinstance(values.dtype, pd.StringDtype)
    blank = (
        pd.Series([""], dtype="str") if text else pd.Series([None]).astype(values.dtype if len(values) else "float64")
    )
    return bool(fits(blank)[0])


def _since(table: Any, wanted: FigureAsked, today: dt.date) -> Any:
    """The lines of the window and after, where days are days: then the others needn't be looked at at all."""
    if wanted.within_days is None or "date" not in table.columns or table.date.type().is_string():
        return table
    return table.filter(table.date > today - dt.timedelta(days=min(wanted.within_days, today.toordinal() - 1)))


def _said(table: Any, column: str) -> Any:
    """Whether a cell of the column says something; true where no column is asked about."""
    import ibis

    return table[column].notnull() if column in table.columns else ibis.literal(column == "")


def _value(own: Any, wanted: FigureAsked) -> Any:
    """client, value: the figure of each client."""
    if wanted.noun == "order":
        orders = own.mutate(alone=alone(own)).select("client", "invoice", "alone").distinct()
        return orders.group_by("client").aggregate(value=orders.count())
    if wanted.noun in ("purchase", "contact"):
        return own.group_by("client").aggregate(value=own.count())
    if wanted.column in ("", _MONEY):
        return _money(own, wanted.function)
    return _reduced(_cells(own, wanted.column), wanted.function)


def _money(own: Any, function: str) -> Any:
    """Of the amounts in the firm's currency; a sum is exact in cents."""
    known = own if function == "sum" else own.filter(own.priced)
    cents = known.cents.sum().cast("int64")
    made = {"sum": cents, "mean": cents / known.count(), "max": known.cents.max(), "min": known.cents.min()}
    if function == "count":
        return known.group_by("client").aggregate(value=known.count())
    found = known.group_by("client").aggregate(value=made[function])
    return found.mutate(value=found.value / 100)


def _cells(own: Any, column: str) -> Any:
    """The lines in which a column says something, with it as number (`cell`)."""
    import ibis

    names = {"date": "day", "invoiced_on": "invoiced", "due_on": "due", "paid_on": "paid"}
    if column in names or column in NUMBERS:
        own = own.mutate(cell=own[names.get(column, column)].cast("float64"))
        return own.filter(own.cell.notnull())
    return own.filter(own.said).mutate(cell=ibis.literal(1.0))


def _reduced(lines: Any, function: str) -> Any:
    cell = lines.cell
    made = {"sum": cell.sum, "mean": cell.mean, "max": cell.max, "min": cell.min, "count": lines.count}
    return lines.group_by("client").aggregate(value=made[function]())
