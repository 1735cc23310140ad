"""Every sum of every client that an engine adds up is the one that `xlcrm.spend` has in memory."""

from __future__ import annotations

import shutil
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.sources.conftest import DATABASES, Put
from tests.support.missing import missing
from tests.support.random_purchases import (
    ASKED,
    RATES,
    TODAY,
    differing,
    firm_figures,
    firm_reference,
    random_purchases,
    reference,
)
from xlcrm.errors import CrmError
from xlcrm.sources.client_expressions import client_sums
from xlcrm.sources.engines import opened
from xlcrm.sources.firm_expressions import firm_sums, month_start
from xlcrm.sources.line_expressions import DATES, READ, Asked, canonical, line_expression
from xlcrm.sources.source_address import PurchaseSource
from xlcrm.spend.client_figures import ClientSums
from xlcrm.spend.lines import read_lines
from xlcrm.spend.refresh import findings, odd_lines
from xlcrm.spend.totals.purchase_totals import totals_of
from xlcrm.tables import Table

ibis = pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")


def summed(table: Any, asked: Asked = ASKED) -> ClientSums:
    own = {name: name for name in READ if name in table.columns}
    return client_sums(line_expression(canonical(table, own), asked), asked)


def from_parquet(lines: pd.DataFrame, folder: Path) -> Any:
    lines.to_parquet(folder / "lines.parquet")
    return ibis.duckdb.connect().read_parquet(folder / "lines.parquet")


def from_text(lines: pd.DataFrame, folder: Path) -> Any:
    """All cells text, amounts with a decimal comma, days first, as an Italian program exports them."""
    days = {name: lines[name].dt.strftime("%d/%m/%Y") for name in DATES}
    lines.assign(**days).to_csv(folder / "lines.csv", index=False, decimal=",", sep=";")
    return ibis.duckdb.connect().read_csv(folder / "lines.csv", all_varchar=True, sep=";")


def from_sqlite(lines: pd.DataFrame, folder: Path) -> Any:
    with sqlite3.connect(folder / "lines.sqlite") as file:
        lines.to_sql("lines", file, index=False)
    file.close()
    return ibis.sqlite.connect(folder / "lines.sqlite").table("lines")


def of_firm(table: Any, asked: Asked = ASKED) -> dict[str, pd.DataFrame]:
    own = {name: name for name in READ if name in table.columns}
    read = line_expression(canonical(table, own), asked)
    clients = client_sums(read, asked)
    return firm_figures(firm_sums(read, clients.bought, asked), clients.ids, asked.today)


@pytest.mark.parametrize("put", [from_parquet, from_text, from_sqlite])
def test_every_figure_of_the_firm_is_that_of_spend(put: Any, tmp_path: Path) -> None:
    lines = random_purchases(seed=5)
    lines["product"] = np.random.default_rng(5).choice(np.array([f"P{i}" for i in range(40)], dtype=object), len(lines))
    found, wanted = of_firm(put(lines, tmp_path)), firm_reference(lines)
    assert len(wanted["together"]) > 50 and wanted["months"]["orders"].sum() > 500
    for name, frame in wanted.items():
        pd.testing.assert_frame_equal(found[name], frame, obj=name)


@pytest.mark.parametrize("put", [from_parquet, from_sqlite])
def test_odd_lines_are_counted_as_they_are_found_in_memory(put: Any, tmp_path: Path) -> None:
    lines = random_purchases(seed=9)
    read = line_expression(canonical(put(lines, tmp_path), {str(name): str(name) for name in lines}), ASKED)
    clients = client_sums(read, ASKED)
    odd = firm_sums(read, clients.bought, ASKED).odd
    known = pd.Index([name for name in clients.ids if name.endswith("7")])
    told = dict(odd_lines(odd, clients.ids, known, read.currency)) if odd else {}
    table = Table("Purchases", "Purchases", lines, {})
    held = totals_of(read_lines(lines, today=TODAY, currency="EUR", rates=RATES, country="IT"))
    noted = findings(table, held.odd, held.ids, known, held.currency)
    wanted = {problem.code: dict(problem.values)["lines"] for problem in noted}
    assert wanted.keys() - {"spend.repeats"} == {code.replace("sources", "spend") for code in told}
    assert {code: str(fill["lines"]) for code, fill in told.items()} == {
        code: wanted[code.replace("sources", "spend")] for code in told
    }


@pytest.mark.parametrize("put", [from_parquet, from_sqlite])
def test_the_first_of_a_month_by_the_calendar_alone(put: Any, tmp_path: Path) -> None:
    days = np.concatenate([np.arange(-5_000, 25_000), np.array([-700_000, 80_000, 2_900_000])])
    table = put(pd.DataFrame({"day": days, **dict.fromkeys(DATES, pd.NaT)}), tmp_path)
    found = table.select("day", start=month_start(table.day)).execute().sort_values("day")
    months = np.sort(days).astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    assert found["start"].to_numpy("int64").tolist() == months.astype("int64").tolist()


@pytest.mark.parametrize("put", [from_parquet, from_text, from_sqlite])
def test_every_sum_of_every_client_is_that_of_spend(put: Any, tmp_path: Path) -> None:
    lines = random_purchases(seed=7)
    wanted = reference(lines)
    assert len(wanted.past.client) > 100 and len(wanted.ids) > 300
    assert differing(summed(put(lines, tmp_path)), wanted) == []


def test_half_cents_are_rounded_as_in_memory(tmp_path: Path) -> None:
    half = np.round((np.arange(4_001) - 2_000) * 10_007 / 1000 + 0.005, 3)
    lines = pd.DataFrame({"client_id": np.arange(len(half)).astype(str), "amount": half})
    assert differing(summed(from_parquet(lines, tmp_path)), reference(lines)) == []


def test_sums_beyond_a_float_are_exact(tmp_path: Path) -> None:
    lines = pd.DataFrame({"client_id": "00017", "amount": [9e11] * 200 + [0.01, 0.01]})
    found = summed(from_parquet(lines, tmp_path))
    assert found.cents.tolist() == [18_000_000_000_000_002] and found.ids.tolist() == ["00017"]


@DATABASES
def test_databases_add_up_the_same(database: Put, tmp_path: Path) -> None:
    lines = random_purchases(seed=11)
    source = database(lines)
    with opened(source, tmp_path) as table:
        assert differing(summed(table), reference(lines)) == []
        found = of_firm(table)
    for name, frame in firm_reference(lines).items():
        pd.testing.assert_frame_equal(found[name], frame, obj=name)
    gone = PurchaseSource(source.address[: source.address.rindex("/")] + "/nothing", "lines", {})
    with pytest.raises(CrmError, match="nothing"), opened(gone, tmp_path):
        pass


@DATABASES
def test_databases_of_texts_add_up_the_same(database: Put, tmp_path: Path) -> None:
    lines = random_purchases(seed=12, count=400)
    typed = lines.assign(**{name: lines[name].dt.strftime("%d/%m/%Y") for name in DATES})
    typed["amount"] = [None if pd.isna(cell) else f"{cell:.3f}".replace(".", ",") for cell in typed["amount"]]
    with opened(database(typed), tmp_path) as table:
        assert differing(summed(table), reference(lines)) == []


@pytest.mark.filterwarnings("ignore")  # PySpark 4 on pandas 3, and sockets that it leaves to the end
def test_spark_adds_up_the_same(tmp_path: Path) -> None:
    if find_spec("pyspark") is None or shutil.which("java") is None:
        missing("Spark (Java and the extra spark)")
    lines = random_purchases(seed=13, count=400)
    lines.to_parquet(tmp_path / "lines.parquet", coerce_timestamps="us")
    with opened(PurchaseSource("spark://local", "./lines.parquet", {}), tmp_path) as table:
        assert differing(summed(table), reference(lines)) == []
