"""Chosen lines of a source: the newest of some clients, or all of some, as a frame with the columns of Purchases.

Only these lines leave the engine, however many there are. Dates and numbers that are text there become dates and
numbers where they can be read: what has two readings goes by all texts of its column, as where all lines are read.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.fields import money
from xlcrm.sources.fetched_frame import literals
from xlcrm.sources.line_expressions import DATES, NUMBERS
from xlcrm.sources.tables_beside import beside
from xlcrm.values import as_date, as_number, as_text

SPELT = 500  # clients whose numbers stand in the question itself; more are put beside it as a table
MARKS = ("invoice", "invoiced_on", "paid_on")


def newest(lines: Any, ids: Collection[str], most: int, country: str) -> pd.DataFrame:
    """The newest lines of clients, at most `most`, newest first; of one day in the source's order, dateless ones last.

    lines  a `canonical` table; its columns are those of the result
    """
    theirs = _of(lines, ids)
    if "date" not in theirs.columns:
        return typed(theirs.limit(most).execute(), lines, country)
    days = theirs.group_by("date").aggregate(lines=theirs.count()).execute()
    read, _ = as_date(days["date"].astype(object), country)
    days = days.assign(read=read).sort_values("read", ascending=False, na_position="last", kind="stable")
    before = days["lines"].cumsum() - days["lines"]
    wanted = days.loc[before < most, "date"]
    found = typed(_on(theirs, wanted).execute(), lines, country)
    order = as_date(found["date"], country)[0].sort_values(ascending=False, na_position="last", kind="stable")
    return found.loc[order.index[:most]].reset_index(drop=True)


def of_clients(lines: Any, ids: Collection[str] | None, country: str, most: int) -> pd.DataFrame:
    """All lines of clients; with None of every client who has a line that nothing marks as invoiced.

    CrmError "sources.many_open" for more than `most`.
    """
    theirs = _of(lines, _unmarked(lines) if ids is None else ids)
    many = int(theirs.count().execute())
    if many > most:
        raise CrmError("sources.many_open", lines=many)
    return typed(theirs.execute(), lines, country)


def numbers(lines: Any, series: str) -> list[str]:
    """The invoice numbers that begin with a series and a hyphen, each once; capitals don't count."""
    if "invoice" not in lines.columns:
        return []
    of_series = lines.invoice.lower().startswith(f"{series.lower()}-")
    return [str(one) for one in lines.filter(of_series).select("invoice").distinct().execute()["invoice"]]


def typed(frame: pd.DataFrame, lines: Any, country: str) -> pd.DataFrame:
    """A frame that an engine gave, with dates and numbers for the texts that are such; other texts stay as they are."""
    made = {str(name): _typed(str(name), frame[name], lines, country) for name in frame.columns}
    return pd.DataFrame(made, index=pd.RangeIndex(len(frame)))


def _typed(name: str, column: pd.Series[Any], lines: Any, country: str) -> pd.Series[Any]:
    if name in DATES:
        return _kept(as_date(column.astype(object), country), column, "datetime64[us]")
    if name not in NUMBERS:
        return as_text(column)
    if not lines[name].type().is_string():
        return column.astype("float64")
    if not any(money.ambiguous(str(text)) for text in column.dropna().unique()):
        return _kept(as_number(column.astype(object), country), column, "float64")
    return _by_whole_column(name, column, lines, country)


def _by_whole_column(name: str, column: pd.Series[Any], lines: Any, country: str) -> pd.Series[Any]:
    """Numbers of which some have two readings: every text of the source's column tells which decimal sign it has."""
    texts = lines.select(name).distinct().execute()[name].dropna().astype("str").reset_index(drop=True)
    numbers, bad = as_number(texts.astype(object), country)
    known = dict(zip(texts, zip(numbers, bad, strict=True), strict=True))
    pairs = [known.get(str(text), (float("nan"), False)) for text in column]
    found = pd.DataFrame(pairs, columns=["number", "bad"], index=column.index)
    return _kept((found["number"].astype("float64"), found["bad"].astype(bool)), column, "float64")


def _kept(read: tuple[pd.Series[Any], pd.Series[Any]], column: pd.Series[Any], kind: str) -> pd.Series[Any]:
    """What was read, in cells of its kind; with the text of those that can't be read, where there are such."""
    values, bad = read
    return values.astype(object).where(~bad, as_text(column)) if bad.any() else values.astype(np.dtype(kind))


def _of(lines: Any, ids: Collection[str]) -> Any:
    """The lines of these clients."""
    import ibis

    wanted = sorted(set(ids))
    if len(wanted) <= SPELT:
        return lines.filter(lines.client_id.isin(wanted)) if wanted else lines.filter(ibis.literal(False))
    known = beside(lines, pd.DataFrame({"wanted_number": wanted}), wanted_number="string")
    return lines.semi_join(known, lines.client_id == known.wanted_number)


def _on(lines: Any, days: pd.Series[Any]) -> Any:
    """The lines of these dates, as they stand in the source; a missing one is that of lines without a date."""
    some = literals(days.dropna())
    held = lines.date.isin(some) if some else lines.date != lines.date
    return lines.filter(held | lines.date.isnull()) if len(some) < len(days) else lines.filter(held)


def _unmarked(lines: Any) -> list[str]:
    """The clients with a line without invoice number and day of invoice or payment.

    CrmError "sources.no_marks" where the source has no such column: then every line that there ever was is one.
    """
    there = [name for name in MARKS if name in lines.columns]
    if not there:
        raise CrmError("sources.no_marks")
    free = lines.client_id.notnull()
    for name in there:
        free &= lines[name].isnull()
    found = lines.filter(free).select("client_id").distinct().execute()["client_id"]
    return [str(one) for one in found]
