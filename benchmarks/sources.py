"""Purchases elsewhere: every figure of every client by an engine beside `xlcrm.spend`, with seconds and peak memory.

    python benchmarks/sources.py uci FOLDER [--engines duckdb,sqlite,postgres,mysql,spark]
    python benchmarks/sources.py half-cents [--engines ...]
    python benchmarks/sources.py lines 10000000 [--pandas] [--keep FOLDER]

`uci` takes UCI Online Retail (uci_online_retail.csv.gz in FOLDER) in Parquet, SQLite, a PostgreSQL and a MariaDB of
their own on loopback, and Spark on this machine, and names the sums that differ for any client, and the tables of the
firm. `half-cents` does so with 400,007 amounts that end in half a cent. `lines` makes a Parquet file of
so many invented lines and times DuckDB on a refresh, a search and a check of it, and with --pandas the same refresh in
memory; each is a process of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.support import mariadb_server, postgres_server
from tests.support.random_purchases import differing, firm_figures, firm_reference, reference
from xlcrm.checks.summary import summarised
from xlcrm.checks.view import CheckedBook
from xlcrm.settings import Settings
from xlcrm.sources.client_expressions import client_sums
from xlcrm.sources.engines import opened
from xlcrm.sources.figure_expressions import FigureAsked, figure_by_client
from xlcrm.sources.firm_expressions import firm_sums
from xlcrm.sources.line_checks import LineChecks
from xlcrm.sources.line_expressions import READ, Asked, canonical, line_expression
from xlcrm.sources.source_address import PurchaseSource
from xlcrm.spend import firm as memory
from xlcrm.spend.client_figures import ClientSums
from xlcrm.spend.client_figures import client_sums as reference_sums
from xlcrm.spend.lines import read_lines
from xlcrm.spend.totals.purchase_totals import totals_of
from xlcrm.tables import Elsewhere, Table, Tables

ENGINES = ("duckdb", "sqlite", "postgres", "mysql", "spark")
HALF_CENTS = 400_007


@contextmanager
def put(lines: pd.DataFrame, engine: str, folder: Path) -> Iterator[PurchaseSource]:
    """The lines in an engine's own form."""
    own = {"duckdb": _parquet, "sqlite": _sqlite, "spark": _spark}
    servers = {"postgres": postgres_server, "mysql": mariadb_server}
    if engine not in servers:
        yield own[engine](lines, folder)
        return
    server: Any = servers[engine]
    with server.server() as port:
        yield PurchaseSource(server.put(lines, port), "lines", {})


def _parquet(lines: pd.DataFrame, folder: Path) -> PurchaseSource:
    lines.to_parquet(folder / "lines.parquet", coerce_timestamps="us")
    return PurchaseSource("lines.parquet", "", {})


def _spark(lines: pd.DataFrame, folder: Path) -> PurchaseSource:
    _parquet(lines, folder)
    return PurchaseSource("spark://local", "./lines.parquet", {})


def _sqlite(lines: pd.DataFrame, folder: Path) -> PurchaseSource:
    with sqlite3.connect(folder / "lines.sqlite") as file:
        lines.to_sql("lines", file, index=False)
    file.close()
    return PurchaseSource("sqlite:///lines.sqlite", "lines", {})


def summed(source: PurchaseSource, folder: Path, asked: Asked) -> tuple[ClientSums, dict[str, pd.DataFrame]]:
    """The sums of clients, and the figures of the firm."""
    with opened(source, folder) as table:
        own = {name: name for name in READ if name in table.columns}
        read = line_expression(canonical(table, own), asked)
        sums = client_sums(read, asked)
        return sums, firm_figures(firm_sums(read, sums.bought, asked), sums.ids, asked.today)


def compare(lines: pd.DataFrame, engines: list[str], asked: Asked) -> None:
    """Seconds of every engine, and the sums in which some client differs from `xlcrm.spend`."""
    start = time.perf_counter()
    wanted, firm = reference(lines, asked), firm_reference(lines, asked)
    print(f"{len(lines):,} lines, {len(wanted.ids):,} clients; pandas {time.perf_counter() - start:.1f} s")
    for engine in engines:
        with tempfile.TemporaryDirectory() as name, put(lines, engine, Path(name)) as source:
            start, busy = time.perf_counter(), time.process_time()
            found, whole = summed(source, Path(name), asked)
            seconds, busy = time.perf_counter() - start, time.process_time() - busy
            told = f"{seconds:6.1f} s ({busy:.1f} s of this process)"
            tables = [name for name in firm if not whole[name].equals(firm[name])]
            print(f"{engine:<10} {told}  differing: {differing(found, wanted) or 0}, firm {tables or 0}", flush=True)


def uci(folder: Path) -> pd.DataFrame:
    """The lines of UCI Online Retail, equals of one day in the order of a source without rows."""
    frame = pd.read_csv(folder / "uci_online_retail.csv.gz", dtype=str, keep_default_na=False)
    frame.columns = [name.strip().lower().replace(" ", "").replace("_", "") for name in frame.columns]
    number = {name: pd.to_numeric(frame[name]) for name in ("quantity", "unitprice")}
    client = frame["customerid"].str.removesuffix(".0")
    day = pd.to_datetime(frame["invoicedate"]).dt.normalize().astype("datetime64[us]")
    lines = pd.DataFrame(
        {
            "client_id": client,
            "invoice": frame["invoiceno"],
            "date": day,
            "product": frame["description"].str.strip(),
            "amount": (number["quantity"] * number["unitprice"]).round(6),
        }
    )
    return lines.sort_values(["invoice", "product", "amount"], kind="stable", ignore_index=True)


def half_cents() -> pd.DataFrame:
    amounts = np.round(np.arange(1, HALF_CENTS + 1) / 100 + 0.005, 3)
    return pd.DataFrame({"client_id": np.arange(HALF_CENTS).astype(str), "product": "", "amount": amounts})


def invented(count: int, place: Path) -> None:
    """A Parquet file of invented lines, written a million at a time: 1 client in 125 lines, 2 % refunds."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance, writer = np.random.default_rng(7), None
    for start in range(0, count, 1_000_000):
        many = min(1_000_000, count - start)
        row = np.arange(start, start + many)
        amount = chance.integers(100, 500_00, many) / 100
        back = chance.random(many) < 0.02
        client = chance.integers(0, max(count // 125, 1), many)
        table = pa.table(
            {
                "client_id": np.char.add("C", client.astype(str)),
                "invoice": np.char.add("R", (row // 5).astype(str)),
                "date": pa.array((20_000 + chance.integers(0, 780, many)).astype("int32"), pa.date32()),
                "product": np.char.add("P", chance.integers(0, 500, many).astype(str)),
                "amount": np.where(back, -amount, amount),
            }
        )
        writer = writer or pq.ParquetWriter(place, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def measured(kind: str, place: Path) -> None:
    """One process: seconds and peak memory of the sums of all clients."""
    today, start, busy = dt.date(2026, 11, 22), time.perf_counter(), time.process_time()
    asked = Asked(today, "EUR")
    sums = MEASURED[kind](place, asked)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    counted = f"{len(sums):,} found, {int(sums.sum())} in all"
    print(f"{kind:<8} {seconds:7.1f} s ({busy:.1f} s of processor)  peak {peak:5.2f} GB  {counted}")


def _all(place: Path, asked: Asked) -> pd.Series[Any]:
    """The sums of clients and of the firm: what a refresh asks."""
    with opened(PurchaseSource(place.name, "", {}), place.parent) as table:
        read = line_expression(canonical(table, {name: name for name in READ if name in table.columns}), asked)
        sums = client_sums(read, asked)
        firm = firm_sums(read, sums.bought, asked)
    assert int(firm.cents.sum()) == int(sums.cents.sum())
    return pd.Series(sums.cents)


def _search(place: Path, asked: Asked) -> pd.Series[Any]:
    """A search: who spent how much on a product within a year."""
    with opened(PurchaseSource(place.name, "", {}), place.parent) as table:
        found = figure_by_client(canonical(table, {name: name for name in READ if name in table.columns}), WINE, asked)
    return (found * 100).round()


def _check(place: Path, asked: Asked) -> pd.Series[Any]:
    """A check of the lines: what it finds, in a workbook that knows every second client."""
    with opened(PurchaseSource(place.name, "", {}), place.parent) as table:
        lines = canonical(table, {name: name for name in READ if name in table.columns})
        checks = LineChecks(lines, Table("Purchases", "Purchases", pd.DataFrame(), {}, elsewhere=AWAY), "")
        clients = pd.DataFrame({"client_id": checks.clients().index[::2].astype("str")})
        book = CheckedBook.of(Tables.of(Table("Clients", "Clients", clients, {})), Settings(), asked.today)
        found = summarised(checks.problems(book))
    return pd.Series(Counter(problem.code for problem in found))


def _pandas(place: Path, asked: Asked) -> pd.Series[Any]:
    frame = pd.read_parquet(place)
    lines = read_lines(frame.assign(date=pd.to_datetime(frame["date"])), today=asked.today, currency=asked.currency)
    totals = totals_of(lines)
    memory.firm_sums(totals, today=asked.today)
    return pd.Series(reference_sums(totals, today=asked.today).cents)


WINE = FigureAsked("sum", "spend", filters=(("product", lambda cells: (cells == "P7").to_numpy()),), within_days=365)
AWAY = Elsewhere("lines", 0, 0)
MEASURED = {"duckdb": _all, "search": _search, "check": _check, "pandas": _pandas}


def main() -> None:
    words: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter}
    parser = argparse.ArgumentParser(description=__doc__, **words)
    parser.add_argument("what", choices=("uci", "half-cents", "lines", "one"))
    parser.add_argument("more", nargs="*")
    parser.add_argument("--engines", default=",".join(ENGINES[:3]))
    parser.add_argument("--pandas", action="store_true")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    engines = asked.engines.split(",")
    if asked.what == "uci":
        compare(uci(Path(asked.more[0])), engines, Asked(dt.date(2011, 12, 10), "GBP"))
    elif asked.what == "half-cents":
        compare(half_cents(), engines, Asked(dt.date(2026, 11, 22), "EUR"))
    elif asked.what == "one":
        measured(asked.more[0], Path(asked.more[1]))
    else:
        with tempfile.TemporaryDirectory() as name:
            place = (asked.keep or Path(name)) / "lines.parquet"
            invented(int(asked.more[0]), place)
            print(f"{int(asked.more[0]):,} lines, {place.stat().st_size / 1024**2:.0f} MB of Parquet", flush=True)
            for kind in ("duckdb", "search", "check", *(["pandas"] if asked.pandas else [])):
                subprocess.run([sys.executable, __file__, "one", kind, str(place)], check=True)


if __name__ == "__main__":
    main()
