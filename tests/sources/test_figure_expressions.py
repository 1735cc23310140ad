"""A figure that a search asks of a large source is the one that it has in memory."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.sources.conftest import DATABASES, Put
from tests.support.random_purchases import RATES, TODAY, random_purchases
from xlcrm.errors import CrmError
from xlcrm.segments.compare import ColumnReading
from xlcrm.segments.fields import FieldColumn, Figure, Filter
from xlcrm.segments.figures import Books, per_client
from xlcrm.settings import Settings
from xlcrm.sources import sourced_tables
from xlcrm.sources.engines import opened
from xlcrm.sources.fetched_frame import in_memory
from xlcrm.sources.source_address import PurchaseSource
from xlcrm.sources.sourced_tables import Sourced
from xlcrm.tables import Elsewhere, Table, Tables

pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")

LINES = random_purchases(seed=3, count=800)
KINDS = {
    "date": "date", "invoiced_on": "date", "paid_on": "date", "quantity": "number", "unit_price": "money",
    "amount": "money", "product": "text", "category": "text", "invoice": "text", "currency": "text",
}  # fmt: skip


def column(name: str) -> FieldColumn:
    return FieldColumn("Purchases", name, KINDS[name])


def passes(name: str, operator: str, value: str) -> Filter:
    return Filter(column(name), operator, value)


WINE = passes("product", "contains", "BAR")
ASKED = [
    (Figure("Purchases", "sum", "spend"), None, "all that was spent"),
    (Figure("Purchases", "sum", "spend"), 30, "a month"),
    (Figure("Purchases", "sum", "spend"), 900_000, "a window that begins before all calendars"),
    (Figure("Purchases", "count", "order"), 700, "invoices, and days of lines without one"),
    (Figure("Purchases", "count", "purchase"), None, "lines that are no refunds"),
    (Figure("Purchases", "count", "purchase", filters=(WINE,)), 400, "of a product, whatever its letters"),
    (Figure("Purchases", "sum", "spend", filters=(passes("product", "is_not", "Barolo"),)), None, "blanks are not it"),
    (Figure("Purchases", "sum", "spend", filters=(passes("product", "empty", ""),)), None, "no product"),
    (Figure("Purchases", "count", "order", filters=(passes("category", "one_of", "Wine; Oil"),)), None, "either"),
    (Figure("Purchases", "count", "purchase", filters=(passes("amount", "at_least", "12.5"),)), None, "of an amount"),
    (Figure("Purchases", "count", "purchase", filters=(passes("date", "at_least", "2026-01-01"),)), None, "since"),
    (Figure("Purchases", "count", "purchase", filters=(passes("paid_on", "empty", ""),)), None, "not paid"),
    (Figure("Purchases", "mean", column=column("amount")), None, "the mean amount"),
    (Figure("Purchases", "max", column=column("amount")), 365, "the largest"),
    (Figure("Purchases", "min", column=column("unit_price")), None, "the lowest price"),
    (Figure("Purchases", "sum", column=column("quantity")), None, "pieces"),
    (Figure("Purchases", "max", column=column("date")), None, "the last day"),
    (Figure("Purchases", "count", column=column("product")), None, "lines that name one"),
    (Figure("Purchases", "count", column=column("currency"), filters=(WINE,)), 800, "lines that name a currency"),
]  # fmt: skip


def parquet(lines: pd.DataFrame, folder: Path) -> PurchaseSource:
    lines.to_parquet(folder / "lines.parquet")
    return PurchaseSource("lines.parquet", "", {str(name): str(name) for name in lines})


def sqlite(lines: pd.DataFrame, folder: Path) -> PurchaseSource:
    with sqlite3.connect(folder / "lines.sqlite") as file:
        lines.to_sql("lines", file, index=False)
    file.close()
    return PurchaseSource("sqlite:///lines.sqlite", "lines", {str(name): str(name) for name in lines})


def books(lines: pd.DataFrame, away: Elsewhere | None) -> Books:
    ids = [*dict.fromkeys(str(one).strip() for one in lines["client_id"] if one and str(one).strip()), "K never", ""]
    clients = Table("Clients", "Clients", pd.DataFrame({"client_id": ids}), {})
    frame = lines if away is None else lines.iloc[:0]
    rates = pd.DataFrame(
        [(code, rate, start) for code, steps in RATES.table.items() for start, rate in steps],
        columns=["currency", "from_date", "rate"],
    )
    first = np.iinfo(np.int64).min
    rates["from_date"] = pd.to_datetime(rates["from_date"].where(rates["from_date"] != first), unit="D")
    tables = Tables.of(
        clients, Table("Purchases", "Purchases", frame, {}, elsewhere=away), Table("Rates", "Rates", rates, {})
    )
    return Books(tables, Settings(currency="EUR", country="IT"), ColumnReading(TODAY, "IT"))


@pytest.mark.parametrize("put", [parquet, sqlite])
def test_figures_of_a_search_are_those_in_memory(put: Any, tmp_path: Path) -> None:
    judge_figures(put(LINES, tmp_path), tmp_path)


@DATABASES
def test_figures_of_databases_are_those_in_memory(database: Put, tmp_path: Path) -> None:
    judge_figures(replace(database(LINES), columns={str(name): str(name) for name in LINES}), tmp_path)


def judge_figures(source: PurchaseSource, folder: Path) -> None:
    lines = LINES
    with opened(source, folder) as table:
        found = Sourced(source, table, {})
        away = Elsewhere(source.address, len(lines), 0, found.sums, found.figure, found.distinct)
        held, asked = books(in_memory(lines), None), books(in_memory(lines), away)
        for figure, days, why in ASKED:
            wanted, got = per_client(figure, days, held), per_client(figure, days, asked)
            assert wanted.notna().sum() > 50, why
            pd.testing.assert_series_equal(got, wanted, check_exact=figure.function != "mean", obj=why)
        assert sorted(found.distinct("category")) == ["Spirits", "Wine"]


def test_amounts_are_read_by_all_of_their_column(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(
        'client_id,date,product,amount\nK1,2026-11-01,Wine,"1.234"\nK2,2026-11-02,Oil,"2.000,50"\nK2,2026-01-02,Oil,"9,5"\n'
    )
    source = PurchaseSource("lines.csv", "", {name: name for name in ("client_id", "date", "product", "amount")})
    with opened(source, tmp_path) as table:
        values = Sourced(source, table, {}).figure(
            today=TODAY, currency="EUR", rates=RATES, country="", function="sum", noun="spend", within_days=30,
            filters=(("product", lambda cells: (cells == "Wine").to_numpy()),),
        )  # fmt: skip
    assert values.to_dict() == {"K1": 1234.0}, "the others say that the comma is the decimal sign"


def test_a_figure_leaves_lines_after_today_out(tmp_path: Path) -> None:
    day = pd.Timestamp(TODAY)
    lines = pd.DataFrame({"client_id": ["K1", "K1"], "amount": [1.0, 2.0], "date": [day, day + pd.Timedelta(days=1)]})
    with opened(parquet(lines, tmp_path), tmp_path) as table:
        found = Sourced(parquet(lines, tmp_path), table, {})
        values = found.figure(
            today=TODAY, currency="EUR", rates=RATES, country="", function="sum", noun="spend", within_days=30
        )
    assert values.to_dict() == {"K1": 1.0} and dt.date(2026, 11, 22) == TODAY


def test_lines_of_another_currency_dont_choose_it(tmp_path: Path) -> None:
    """Lines in one without a rate are worth nothing known, also where they are all that a search asks about."""
    lines = pd.DataFrame(
        {
            "client_id": ["K1", "K1", "K2"],
            "product": ["Oil", "Wine", "Wine"],
            "currency": ["EUR", "XXX", "XXX"],
            "amount": [5.0, 7.0, 8.0],
        }
    )
    wine = Figure("Purchases", "sum", "spend", filters=(passes("product", "is", "Wine"),))
    source = parquet(lines, tmp_path)
    with opened(source, tmp_path) as table:
        found = Sourced(source, table, {})
        away = Elsewhere(source.address, len(lines), 0, found.sums, found.figure, found.distinct)
        wanted, got = (per_client(wine, None, books(in_memory(lines), one)) for one in (None, away))
    pd.testing.assert_series_equal(got, wanted)
    assert got.dropna().sum() == 0, "nothing is known of what such a line is worth"


def test_a_file_that_cant_be_read_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "lines.parquet").write_bytes(b"no parquet")
    with pytest.raises(CrmError) as refused, opened(PurchaseSource("lines.parquet", "", {}), tmp_path):
        pass
    assert refused.value.key == "sources.unreachable"
    assert [path.name for path in tmp_path.iterdir()] == ["lines.parquet"]


def test_many_lines_of_sql_server_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sourced_tables, "LIMIT", 10)
    with opened(parquet(LINES, tmp_path), tmp_path) as table:
        found = Sourced(PurchaseSource("mssql://db.example.com/shop", "lines", {}), table, {})
        sheet = Tables.of(Table("Purchases", "Purchases", pd.DataFrame(), {}))
        with pytest.raises(CrmError) as refused:
            sourced_tables._table("Purchases", sheet, found, Settings(), "sums")
    assert refused.value.key == "sources.many"
