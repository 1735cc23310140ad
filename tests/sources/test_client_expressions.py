"""Every sum of every client that an engine adds up is the one that `xlcrm.spend` has in memory."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pytest

from tests.support import postgres_server
from tests.support.random_purchases import ASKED, differing, random_purchases, reference
from xlcrm.errors import CrmError
from xlcrm.sources.client_expressions import client_sums
from xlcrm.sources.engines import opened
from xlcrm.sources.line_expressions import DATES, READ, Asked, canonical, line_expression
from xlcrm.sources.source_address import PurchaseSource
from xlcrm.spend.client_figures import ClientSums

ibis = pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")


def missing(what: str) -> NoReturn:
    """Skips a test for want of a program, never where CI says that it installs them all."""
    assert "XLCRM_CI" not in os.environ, f"{what} is missing"
    pytest.skip(f"{what} is missing")


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


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A PostgreSQL of its own on loopback."""
    if postgres_server.programs() is None or find_spec("psycopg") is None:
        missing("PostgreSQL (Debian's postgresql and the extra postgres)")
    with postgres_server.server() as found:
        yield found


def test_postgresql_adds_up_the_same(port: int, tmp_path: Path) -> None:
    lines = random_purchases(seed=11)
    source = PurchaseSource(postgres_server.put(lines, port), "lines", {})
    with opened(source, tmp_path) as table:
        assert differing(summed(table), reference(lines)) == []
    gone = PurchaseSource(source.address.replace("/postgres", "/nothing"), "lines", {})
    with pytest.raises(CrmError, match="nothing"), opened(gone, tmp_path):
        pass


@pytest.mark.filterwarnings("ignore")  # PySpark 4 on pandas 3, and sockets that it leaves to the end
def test_spark_adds_up_the_same(tmp_path: Path) -> None:
    if find_spec("pyspark") is None or shutil.which("java") is None:
        missing("Spark (Java and the extra spark)")
    lines = random_purchases(seed=13, count=400)
    lines.to_parquet(tmp_path / "lines.parquet", coerce_timestamps="us")
    with opened(PurchaseSource("spark://local", "./lines.parquet", {}), tmp_path) as table:
        assert differing(summed(table), reference(lines)) == []
