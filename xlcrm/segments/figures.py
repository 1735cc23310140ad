"""Figures over purchases and contacts for conditions: sums and counts by client, with windows and filters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.segments.compare import ColumnReading, compare
from xlcrm.segments.fields import FieldColumn, Figure
from xlcrm.settings import Settings
from xlcrm.spend.currencies import read_rates
from xlcrm.spend.kinds import NO_DAY, Floats, Ints, Mask, day_number, total
from xlcrm.spend.lines import PurchaseLines, coded, read_lines
from xlcrm.tables import Tables
from xlcrm.values import as_date, as_number, as_text


@dataclass(frozen=True, eq=False)
class Ledger:
    """The lines of a table that count: each one's client (number into `Books.ids`), day and position."""

    client: Ints
    day: Ints
    row: Ints


@dataclass(frozen=True, eq=False)
class Books:
    """Purchases and Interactions of a workbook, read when a condition first asks for them."""

    tables: Tables
    settings: Settings
    reading: ColumnReading

    @cached_property
    def lines(self) -> PurchaseLines:
        """Purchases up to today in the firm's currency; lines of other currencies by the sheet Rates."""
        rates = read_rates(self.tables["Rates"].frame if "Rates" in self.tables else None, self.settings.country)
        return read_lines(
            self.tables["Purchases"].frame,
            today=self.reading.today,
            currency=self.settings.currency,
            rates=rates,
            country=self.settings.country,
        )

    @cached_property
    def ids(self) -> pd.Index[Any]:
        """The distinct client_ids of Clients; a blank one is nobody's."""
        ids = as_text(self.tables["Clients"].frame["client_id"]).str.strip()
        known: pd.Index[Any] = pd.Index(ids[ids != ""].unique())
        return known

    @cached_property
    def purchases(self) -> Ledger:
        """The lines of Purchases that count."""
        return Ledger(_known(self.lines.client, self.lines.ids, self.ids), self.lines.day, self.lines.row)

    @cached_property
    def interactions(self) -> Ledger:
        """The contacts up to today; planned ones and those without a date have not happened."""
        frame = self.tables["Interactions"].frame
        client, names = coded(frame["client_id"])
        dates = (
            as_date(frame["date"], self.settings.country)[0]
            if "date" in frame.columns
            else pd.Series(pd.NaT, frame.index)
        )
        day = dates.to_numpy().astype("datetime64[D]").astype("int64")
        row = np.flatnonzero(day <= day_number(self.reading.today))
        return Ledger(_known(client, names, self.ids)[row], day[row], row)


def per_client(figure: Figure, within_days: int | None, books: Books) -> pd.Series[Any]:
    """The figure for each row of Clients.

    Lines after today never count. With `within_days` only those in (today - within_days, today] do; lines without a
    date then don't. "purchase" counts lines that are no refunds, "order" distinct invoices, "spend" adds amounts less
    refunds in the firm's currency, exact in cents; "contact" counts interactions. A function of a column leaves out
    its blank and unreadable cells; without any, a sum or count is 0 and a mean, largest or smallest value blank.
    """
    ledger = books.purchases if figure.table == "Purchases" else books.interactions
    keep = ledger.client >= 0
    if within_days is not None:
        keep &= (ledger.day != NO_DAY) & (ledger.day > day_number(books.reading.today) - within_days)
    frame = books.tables[figure.table].frame
    for one in figure.filters:
        column, cells = one.column, frame[one.column.name]
        fits = compare(cells, column.kind, column.choices, one.operator, one.value, books.reading)
        keep &= fits[ledger.row]
    if figure.table == "Purchases" and figure.noun in ("purchase", "order"):
        keep &= ~books.lines.refund
    values = _values(figure, ledger, np.flatnonzero(keep), books)
    ids = as_text(books.tables["Clients"].frame["client_id"]).str.strip()
    position = books.ids.get_indexer(pd.Index(ids))
    nothing = 0 if figure.function in ("sum", "count") else np.nan
    found = np.where(position >= 0, np.append(values, nothing)[position], nothing)
    if figure.column is not None and figure.column.kind == "date" and figure.function in ("max", "min"):
        return pd.Series(pd.to_datetime(found, unit="D"), index=ids.index).astype("datetime64[us]")
    return pd.Series(found, index=ids.index)


def kind_of(figure: Figure) -> str:
    """The kind of value that a figure has: date or number."""
    is_date = figure.column is not None and figure.column.kind == "date" and figure.function in ("max", "min")
    return "date" if is_date else "number"


def _values(figure: Figure, ledger: Ledger, keep: Ints, books: Books) -> Floats:
    """The figure for each of the known clients."""
    clients, client = len(books.ids), ledger.client[keep]
    if figure.noun == "order":
        first = np.unique(books.lines.order[keep], return_index=True)[1]
        return np.bincount(client[first], minlength=clients).astype("float64")
    if figure.noun in ("purchase", "contact"):
        return np.bincount(client, minlength=clients).astype("float64")
    money = figure.noun == "spend" or (figure.column is not None and figure.column.name == "amount")
    if money and figure.function == "sum":
        return total(books.lines.cents[keep], client, clients) / 100
    cells, known = (books.lines.cents / 100, books.lines.priced) if money else _cells(figure.column, ledger, books)
    keep = keep[known[keep]]
    return _reduced(figure.function, ledger.client[keep], cells[keep], clients)


def _reduced(function: str, client: Ints, values: Floats, clients: int) -> Floats:
    """Sum, mean, count, max or min of the values of each client; sum and count are 0 without any, the others NaN."""
    count = np.bincount(client, minlength=clients).astype("float64")
    if function == "count":
        return count
    if function in ("sum", "mean"):
        sums = np.bincount(client, weights=values, minlength=clients)
        mean: Floats = np.where(count > 0, sums / np.maximum(count, 1), np.nan)
        return sums.astype("float64") if function == "sum" else mean
    best = np.full(clients, -np.inf if function == "max" else np.inf)
    (np.maximum if function == "max" else np.minimum).at(best, client, values)
    return np.where(count > 0, best, np.nan)


def _cells(column: FieldColumn | None, ledger: Ledger, books: Books) -> tuple[Floats, Mask]:
    """A column's cells as numbers for each line of the ledger, and which of them say something."""
    assert column is not None  # a figure without a noun has a column  # noqa: S101
    series = books.tables[column.table].frame[column.name]
    if column.kind == "date":
        days = as_date(series, books.settings.country)[0].to_numpy().astype("datetime64[D]")
        numbers = np.where(np.isnat(days), np.nan, days.astype("int64"))
    elif column.kind in schema.NUMBERS:
        numbers = as_number(series, books.settings.country)[0].to_numpy("float64", na_value=np.nan)
    else:
        numbers = np.where(as_text(series).str.strip() != "", 1.0, np.nan)
    return numbers[ledger.row], ~np.isnan(numbers[ledger.row])


def _known(client: Ints, names: Any, ids: pd.Index[Any]) -> Ints:
    """Client numbers into `names` as numbers into `ids`; -1 where Clients doesn't have the name."""
    found: Ints = np.append(ids.get_indexer(pd.Index(names)), -1)[client]
    return found
