"""Figures over purchases, contacts, people and deals for conditions: sums and counts by client, windows, filters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.errors import CrmError
from xlcrm.people.still_there import clients_of, is_person, still_there
from xlcrm.segments.compare import ColumnReading, compare
from xlcrm.segments.fields import FieldColumn, Figure, Filter
from xlcrm.settings import Settings
from xlcrm.spend.currencies import Rates, codes_of, read_rates
from xlcrm.spend.kinds import NO_DAY, Floats, Ints, Mask, day_number, to_cents, total
from xlcrm.spend.lines import PurchaseLines, coded, read_lines
from xlcrm.tables import Tables
from xlcrm.values import as_date, as_number, as_text


@dataclass(frozen=True, eq=False)
class Ledger:
    """The lines of a table that count: each one's client (number into `Books.ids`), day and position.

    `money` are the amounts in cents of the firm's currency, and which lines have one; None for a table without money.
    """

    client: Ints
    day: Ints
    row: Ints
    money: tuple[Ints, Mask] | None = None


@dataclass(frozen=True, eq=False)
class Books:
    """Purchases, Interactions, People and Opportunities of a workbook, read when a condition first asks for them."""

    tables: Tables
    settings: Settings
    reading: ColumnReading

    @cached_property
    def lines(self) -> PurchaseLines:
        """Purchases up to today in the firm's currency; lines of other currencies by the sheet Rates."""
        return read_lines(
            self.tables["Purchases"].whole,
            today=self.reading.today,
            currency=self.settings.currency,
            rates=self.rates,
            country=self.settings.country,
        )

    @cached_property
    def rates(self) -> Rates:
        """The sheet Rates; none where the workbook has no such table."""
        return read_rates(self.tables["Rates"].frame if "Rates" in self.tables else None, self.settings.country)

    @cached_property
    def ids(self) -> pd.Index[Any]:
        """The distinct client_ids of Clients; a blank one is nobody's."""
        ids = as_text(self.tables["Clients"].frame["client_id"]).str.strip()
        known: pd.Index[Any] = pd.Index(ids[ids != ""].unique())
        return known

    @cached_property
    def purchases(self) -> Ledger:
        """The lines of Purchases that count."""
        client = _known(self.lines.client, self.lines.ids, self.ids)
        return Ledger(client, self.lines.day, self.lines.row, (self.lines.cents, self.lines.priced))

    @cached_property
    def interactions(self) -> Ledger:
        """The contacts up to today; planned ones and those without a date have not happened."""
        frame = self._of_clients("Interactions")
        client, names = coded(frame["client_id"])
        day = self._days(frame, "date")
        row = np.flatnonzero((day != NO_DAY) & (day <= day_number(self.reading.today)))
        return Ledger(_known(client, names, self.ids)[row], day[row], row)

    @cached_property
    def people(self) -> Ledger:
        """The people who are still there; the day is the one since when."""
        frame = self.tables["People"].frame
        return self._people(still_there(frame, self.reading.today, self.settings.country))

    @cached_property
    def everybody(self) -> Ledger:
        """As `people`, with those who left."""
        return self._people(is_person(self.tables["People"].frame))

    def _people(self, who: Mask) -> Ledger:
        """These rows of People."""
        frame, row = self._of_clients("People"), np.flatnonzero(who)
        return Ledger(self._clients(frame)[row], self._days(frame, "since")[row], row)

    @cached_property
    def opportunities(self) -> Ledger:
        """All opportunities, whatever their stage; the day is the one they were opened on.

        Amounts in other currencies are converted by the latest rate, for most are still to come.
        """
        frame = self._of_clients("Opportunities")
        amount = np.full(len(frame), np.nan)
        if "amount" in frame.columns:
            amount = as_number(frame["amount"], self.settings.country)[0].to_numpy("float64", na_value=np.nan)
        currency = frame["currency"] if "currency" in frame.columns else pd.Series("", index=frame.index, dtype="str")
        typed, names = coded(currency)
        codes, home = codes_of(names), codes_of([self.settings.currency])[0]
        money, _, _ = self.rates.converted(amount, typed, codes, np.full(len(frame), NO_DAY), home)
        row, day = np.arange(len(frame)), self._days(frame, "opened_on")
        return Ledger(self._clients(frame), day, row, (to_cents(money), ~np.isnan(money)))

    def _of_clients(self, name: str) -> pd.DataFrame:
        """The rows of a table that names clients; CrmError "refresh.no_client_id" where it has no column for that."""
        table = self.tables[name]
        if "client_id" not in table.frame.columns:
            raise CrmError("refresh.no_client_id", sheet=table.sheet)
        return table.frame

    def _clients(self, frame: pd.DataFrame) -> Ints:
        """Each row's client as a number into `ids`, -1 where it is nobody's."""
        found: Ints = self.ids.get_indexer(pd.Index(clients_of(frame)))
        return found

    def _days(self, frame: pd.DataFrame, column: str) -> Ints:
        """A column of dates as days since 1970, NO_DAY where there is none."""
        if column not in frame.columns:
            return np.full(len(frame), NO_DAY)
        dates = as_date(frame[column], self.settings.country)[0]
        return dates.to_numpy().astype("datetime64[D]").astype("int64")

    def ledger(self, figure: Figure) -> Ledger:
        """The lines of a figure's table that count: of people those who left as well, where a filter asks about it."""
        asks = {one.column.name for one in figure.filters} | ({figure.column.name} if figure.column else set())
        left = figure.table == "People" and "until" in asks
        found: Ledger = getattr(self, "everybody" if left else figure.table.lower())
        return found


def per_client(figure: Figure, within_days: int | None, books: Books) -> pd.Series[Any]:
    """The figure for each row of Clients.

    Lines after today never count. With `within_days` only those in (today - within_days, today] do; lines without a
    date then don't. "purchase" counts lines that are no refunds, "order" distinct invoices, "spend" adds amounts less
    refunds in the firm's currency, exact in cents; "contact" counts interactions. "person" counts people who are still
    there (the window is that of `since`), "opportunity" opportunities of any stage (the window is that of `opened_on`),
    and "pipeline" adds their amounts in the firm's currency. A function of a column leaves out its blank and unreadable
    cells; without any, a sum or count is 0 and a mean, largest or smallest value blank.
    """
    away = books.tables[figure.table].elsewhere
    if away is not None and away.figure is not None:
        return _of_source(figure, within_days, books, away.figure)
    ledger = books.ledger(figure)
    keep = ledger.client >= 0
    if within_days is not None:
        today = day_number(books.reading.today)
        keep &= (ledger.day != NO_DAY) & (ledger.day > today - within_days) & (ledger.day <= today)
    frame = books.tables[figure.table].frame
    for one in figure.filters:
        keep &= _fits(one, books.reading, frame[one.column.name])[ledger.row]
    if figure.table == "Purchases" and figure.noun in ("purchase", "order"):
        keep &= ~books.lines.refund
    values = _values(figure, ledger, np.flatnonzero(keep), books)
    return _by_row(figure, values, books)


def _of_source(figure: Figure, within_days: int | None, books: Books, asked: Any) -> pd.Series[Any]:
    """The figure as a source has it that is too large for memory: a figure by the number of each client.

    It is called with function, noun, column, filters (a column's name, and which of some cells of it fit), within_days,
    today, currency, rates and country; clients without such lines are not in what it gives.
    """
    filters = tuple((one.column.name, partial(_fits, one, books.reading)) for one in figure.filters)
    column = figure.column.name if figure.column else ""
    found = asked(
        function=figure.function, noun=figure.noun, column=column, filters=filters, within_days=within_days,
        today=books.reading.today, currency=books.settings.currency, rates=books.rates, country=books.settings.country,
    )  # fmt: skip
    nothing = 0 if figure.function in ("sum", "count") else np.nan
    return _by_row(figure, found.reindex(books.ids).fillna(nothing).to_numpy("float64"), books)


def _fits(one: Filter, reading: ColumnReading, cells: pd.Series[Any]) -> Mask:
    return compare(cells, one.column.kind, one.column.choices, one.operator, one.value, reading)


def _by_row(figure: Figure, values: Floats, books: Books) -> pd.Series[Any]:
    """The figures of the known clients for each row of Clients."""
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
    if figure.noun in ("purchase", "contact", "person", "opportunity"):
        return np.bincount(client, minlength=clients).astype("float64")
    if ledger.money is not None and (figure.column is None or figure.column.name == "amount"):
        cents, known = ledger.money
        if figure.function == "sum":
            return total(cents[keep], client, clients) / 100
        cells = cents / 100
    else:
        cells, known = _cells(figure.column, ledger, books)
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
