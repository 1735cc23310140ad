"""The tables of a workbook whose purchases stand in a source: the seam at which they enter a run.

A source that fits into memory is read into the frame of the table Purchases, and everything works as with a sheet. In
a larger one the engine adds up what each client's figures are made of; what needs the lines themselves says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from xlcrm import words
from xlcrm.checks.view import CheckedBook
from xlcrm.errors import CrmError
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.sources import chosen_lines
from xlcrm.sources.engines import opened, reaching
from xlcrm.sources.fetched_frame import in_memory
from xlcrm.sources.line_checks import LineChecks
from xlcrm.sources.line_expressions import Asked, canonical
from xlcrm.sources.source_address import PurchaseSource, source_of
from xlcrm.sources.tables_beside import beside
from xlcrm.spend.client_figures import ClientSums
from xlcrm.spend.currencies import Rates
from xlcrm.spend.firm import FirmSums
from xlcrm.tables import THERE, Elsewhere, LineSource, Table, Tables
from xlcrm.values import as_text

Few = TypeVar("Few")
LIMIT = 1_000_000
"""Lines that are read into memory; Excel itself ends at 1,048,576 rows."""


@contextmanager
def with_source(tables: Tables, settings: Settings, folder: Path, wish: str) -> Iterator[Tables]:
    """The tables with the purchases of the source that Settings name, read when they are first asked for.

    Unchanged where Settings name none. `wish` says what is to be of a source with more than LIMIT lines: "sums" (the
    table has no rows, `Elsewhere` asks the engine) or "lines" (CrmError "sources.many" where something asks for it).
    CrmError as of `engines.opened`; "sources.many" for so many lines of SQL Server.
    """
    source = source_of(settings)
    if source is None or "Purchases" not in tables:
        yield tables
        return
    with told_as_of(tables), opened(source, folder) as table:
        found = Sourced(source, table, aliases(tables))
        few = LineSource(
            source.address, tables["Purchases"],
            lambda ids, most: _few(found, lambda lines: chosen_lines.newest(lines, ids, most, settings.country)),
            lambda ids: _few(found, lambda lines: chosen_lines.of_clients(lines, ids, settings.country, LIMIT)),
            lambda series: _few(found, lambda lines: chosen_lines.numbers(lines, series)),
        )  # fmt: skip
        yield Tables(tables.names, lambda name: _table(name, tables, found, settings, wish), tables.identity, few)


@contextmanager
def told_as_of(tables: Tables) -> Iterator[None]:
    """Refusals because a source is out of reach end with the sentence of when the workbook's figures are."""
    try:
        yield
    except CrmError as fault:
        if "as_of" not in fault.values:
            raise
        raise CrmError(fault.key, **{**fault.values, "as_of": _as_of(tables)}) from fault


def _as_of(tables: Tables) -> str:
    """What the dashboard says about the day of its figures."""
    if "AsOf" not in tables:
        return ""
    said = as_text(tables["AsOf"].frame.iloc[:, 0])
    return str(said.iloc[0]) if len(said) else ""


@dataclass(frozen=True, eq=False)
class Sourced:
    """A source that is open: its table, and the numbers that merged clients have now (old -> new)."""

    source: PurchaseSource
    table: Any
    now: dict[str, str]

    def lines(self, *, there: bool = False) -> Any:
        """The lines under the names of Purchases, each under the number that its client has now; with that in the
        source as well (`tables.THERE`) where asked for."""
        mapping = {name: own for name, own in self.source.columns.items() if own in self.table.columns}
        missing = [own for own in self.source.columns.values() if own not in self.table.columns]
        if missing:
            raise CrmError("sources.columns", source=self.source.address, names=", ".join(missing))
        lines = canonical(self.table, mapping)
        return renumbered(lines.mutate(**{THERE: lines.client_id}) if there else lines, self.now)

    def count(self) -> int:
        with reaching(self.source):
            return int(self.table.count().execute())

    def frame(self) -> pd.DataFrame:
        """All lines in memory, as the reader of a sheet would have them."""
        with reaching(self.source):
            return in_memory(self.lines().execute())

    def sums(self, *, payment_days: int, **asked: Any) -> tuple[ClientSums, FirmSums, str]:
        """The sums of every client and of the firm, and the currency that they are in; `asked` as `Asked` has it."""
        from xlcrm.sources.client_expressions import client_sums
        from xlcrm.sources.firm_expressions import firm_sums
        from xlcrm.sources.line_expressions import line_expression

        with reaching(self.source):
            read = line_expression(self.lines(), Asked(**asked))
            clients = client_sums(read, Asked(**asked), payment_days=payment_days)
            return clients, firm_sums(read, clients.bought, Asked(**asked)), read.currency

    def figure(self, *, today: dt.date, currency: str, rates: Rates, country: str, **wanted: Any) -> pd.Series[Any]:
        """A figure by client; `wanted` as `FigureAsked` has it."""
        from xlcrm.sources.figure_expressions import FigureAsked, figure_by_client

        with reaching(self.source):
            return figure_by_client(self.lines(), FigureAsked(**wanted), Asked(today, currency, rates, country))

    def distinct(self, name: str) -> list[str]:
        """The distinct texts of a column; none of one that the source lacks."""
        from xlcrm.sources.figure_expressions import distinct_values

        with reaching(self.source):
            lines = self.lines()
            return as_text(distinct_values(lines, name)).tolist() if name in lines.columns else []


def _few(found: Sourced, chosen: Callable[[Any], Few]) -> Few:
    """Something of a source's lines that is few; they have the client's number there, too (`tables.THERE`)."""
    with reaching(found.source):
        return chosen(found.lines(there=True))


def _table(name: str, tables: Tables, found: Sourced, settings: Settings, wish: str) -> Table:
    if name != "Purchases":
        return tables[name]
    many, sheet = found.count(), tables[name]
    if many > LIMIT and found.source.scheme == "mssql":  # it lacks functions that the sums are made with
        raise CrmError("sources.many", source=found.source.address, lines=many)
    headers = {column: words.header("Purchases", column, settings.language) for column in found.source.columns}
    frame = found.frame() if many <= LIMIT else pd.DataFrame(columns=[*headers])
    away = Elsewhere(found.source.address, many, filled(sheet))
    made = Table(name, sheet.sheet, frame, headers, elsewhere=away)
    if many > LIMIT:
        made = replace(made, elsewhere=_asking(found, made, away, settings))
    if wish == "lines":
        _ = made.whole
    return made


def _asking(found: Sourced, table: Table, away: Elsewhere, settings: Settings) -> Elsewhere:
    """What a table without rows has beside it: the engine is asked."""
    with reaching(found.source):
        checks = LineChecks(found.lines(), table, settings.country)

    def clients() -> pd.DataFrame:
        with reaching(found.source):
            return checks.clients()

    def problems(book: CheckedBook) -> list[Problem]:
        with reaching(found.source):
            return checks.problems(book)

    asked = replace(away, sums=found.sums, figure=found.figure, distinct=found.distinct)
    return replace(asked, clients=clients, problems=problems)


def filled(sheet: Table) -> int:
    """How many rows of a sheet hold something and are no view of a source."""
    return len(sheet.typed.frame.replace("", pd.NA).dropna(how="all"))


def aliases(tables: Tables) -> dict[str, str]:
    """Numbers of clients who were merged, as the table Merged has them: old -> the one that they have now."""
    if "Merged" not in tables or not {"old_id", "new_id"} <= set(tables["Merged"].frame.columns):
        return {}
    frame = tables["Merged"].frame
    pairs = dict(zip(as_text(frame["old_id"]).str.strip(), as_text(frame["new_id"]).str.strip(), strict=True))
    there = set(as_text(tables["Clients"].frame["client_id"]).str.strip()) if "Clients" in tables else set()
    return {old: _end_of(old, pairs, there) for old in pairs if old and old not in there}


def _end_of(old: str, pairs: dict[str, str], there: set[str]) -> str:
    """Where a chain of mergings ends: at a client who is there; a ring without one ends where it began."""
    seen = {old}
    now = pairs[old]
    while now in pairs and now not in seen | there:
        seen.add(now)
        now = pairs[now]
    return now


def renumbered(lines: Any, now: dict[str, str]) -> Any:
    """The lines with the numbers that merged clients have now."""
    if not now:
        return lines
    import ibis

    frame = pd.DataFrame({"old_number": list(now), "new_number": list(now.values())})
    known = beside(lines, frame, old_number="string", new_number="string")
    joined = lines.left_join(known, lines.client_id == known.old_number)
    number = ibis.coalesce(joined.new_number, joined.client_id)
    return joined.mutate(client_id=number).drop("old_number", "new_number")
