"""A check of lines that stay in the source finds what it finds with all of them in memory, and in a sheet."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.sources.conftest import DATABASES, Put
from tests.sources.test_figure_expressions import parquet, sqlite
from tests.support.random_purchases import TODAY, random_purchases
from xlcrm.checks.checking import findings
from xlcrm.checks.correcting import correct_plan
from xlcrm.checks.lines_there import THERE
from xlcrm.checks.summary import LISTED, summarised
from xlcrm.checks.view import CheckedBook
from xlcrm.doubles.named_clients import NamedClients
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.sources import sourced_tables
from xlcrm.sources.source_address import PurchaseSource
from xlcrm.sources.sourced_tables import with_source
from xlcrm.tables import Table, Tables

pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")

PLANTED = [
    # client_id, invoice, date, product, category, quantity, unit_price, amount, currency, due_on
    ("C1", "X1", "2027-05-05", "Barolo", "Wine", 2.0, 10.0, 20.0, "EUR", None),
    ("C1", "X2", "1899-12-30", "Barolo", "Wine", 2.0, 10.0, 20.0, "EUR", None),
    ("C1", "X3", "1949-12-31", "Barolo", "Wine", 2.0, 10.0, 20.0, "euro", "2020-01-01"),
    ("C1", "X4", "2026-05-05", "JosÃ©", "wine", 2.0, 10.0, 25.0, "Taler", None),
    ("C1", "X5", "2026-05-05", "Barolo  riserva", "Wime", 2.0, 10.0, None, "EUR", None),
    ("K00001", "X6", "2026-05-06", "#REF!", "Spirits", 1.0, 99_999.0, 99_999.0, "EUR", None),
    ("K00001", "X7", "2026-05-06", "Barolo", "Spirits", 1.0, 7.5, 7.5, "EUR", None),
    ("K00001", "X7", "2026-05-06", "Barolo", "Spirits", 1.0, 7.5, 7.5, "EUR", None),
    ("K00001", "X7", "2026-05-06", "Barolo", "Spirits", 1.0, 7.5, 7.5, "EUR", None),
    ("K00001", "X8", None, None, None, 1.0, 7.5, 7.5, None, None),
    ("K00001", "X8", None, None, None, 1.0, 7.5, 7.5, None, None),
]
CODES = {
    "link.blank", "link.unknown", "date.future", "date.empty", "date.old", "text.broken_letters", "text.spaces_there",
    "value.excel_error", "line.repeated_there", "amount.off", "amount.missing", "amount.outlier", "line.due_early",
    "currency.sign", "currency.unknown", "currency.mixed", "spelling.variant", "status.bought", "status.came_back",
    "status.never_bought",
}  # fmt: skip


def lines(count: int = 400) -> pd.DataFrame:
    """Random purchases whose amounts are quantity times price, and some odd ones."""
    frame = random_purchases(seed=5, count=count)
    frame["category"] = "Wine"
    frame["amount"] = (frame["quantity"] * frame["unit_price"]).round(2)
    names = ["client_id", "invoice", "date", "product", "category", "quantity", "unit_price", "amount", "currency"]
    odd = pd.DataFrame(PLANTED, columns=[*names, "due_on"]).assign(invoiced_on="2026-01-02")
    for name in ("date", "due_on", "invoiced_on"):
        odd[name] = pd.to_datetime(odd[name]).astype("datetime64[us]")
    return pd.concat([frame, odd], ignore_index=True)


def book(source: PurchaseSource) -> tuple[Tables, Settings]:
    """A workbook whose clients are some of those of the lines, in states that these contradict."""
    ids = ["C1", "c1", "17", "K00001", "K00002", "K00003", "K never", "000017"]
    states = ["lead", "client", "client", "prospect", "former", "former", "client", "client"]
    clients = pd.DataFrame({"client_id": ids, "status": states, "last_name": "Rossi"})
    tables = Tables.of(
        Table("Clients", "Clients", clients, {"client_id": "Client ID"}),
        Table("Purchases", "Purchases", pd.DataFrame({"client_id": []}, dtype="str"), {}),
        Table("Rates", "Rates", pd.DataFrame({"currency": ["USD"], "rate": [0.9]}), {}),
    )
    columns = "; ".join(f"{own}={name}" for name, own in source.columns.items())
    settings = Settings(country="IT", currency="EUR")
    return tables, replace(
        settings, purchases_source=source.address, purchases_table=source.table, purchases_columns=columns
    )


def found(source: PurchaseSource, folder: Path, today: dt.date = TODAY) -> list[Problem]:
    tables, settings = book(source)
    with with_source(tables, settings, folder, "sums") as known:
        return summarised(findings(CheckedBook.of(known, settings, today)))


def about_lines(problems: list[Problem]) -> Counter[Problem]:
    return Counter(one for one in problems if one.table == "Purchases" or one.code.startswith("status."))


def csv(frame: pd.DataFrame, folder: Path) -> PurchaseSource:
    shown = frame.assign(date=frame["date"].dt.strftime("%d.%m.%Y"), amount=frame["amount"].astype(object))
    shown.loc[3, "amount"] = "n/a"
    shown.loc[4, "date"] = "soon"
    shown.to_csv(folder / "lines.csv", index=False)
    return PurchaseSource("lines.csv", "", {str(name): str(name) for name in frame})


def judge(source: PurchaseSource, folder: Path, monkeypatch: pytest.MonkeyPatch, codes: set[str] = CODES) -> None:
    wanted = about_lines(found(source, folder))
    monkeypatch.setattr(sourced_tables, "LIMIT", 4)
    got = about_lines(found(source, folder))
    assert got == wanted
    assert {one.code for one in wanted} >= codes


@pytest.mark.parametrize("put", [parquet, sqlite])
def test_files_are_checked_as_in_memory(put: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge(put(lines(), tmp_path), tmp_path, monkeypatch)


def test_a_csv_is_checked_as_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge(csv(lines(), tmp_path), tmp_path, monkeypatch, CODES | {"value.placeholder", "date.no_date"})


@DATABASES
def test_databases_are_checked_as_in_memory(database: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = lines()
    judge(replace(database(frame), columns={str(name): str(name) for name in frame}), tmp_path, monkeypatch)


def test_amounts_of_another_habit_are_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = lines()
    frame["amount"] *= 1.22
    judge(parquet(frame, tmp_path), tmp_path, monkeypatch, {"amount.often_off", "amount.outlier"})


@pytest.mark.parametrize("kept", [["client_id"], ["client_id", "amount"], ["client_id", "invoice", "product"]])
def test_columns_may_be_missing(kept: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge(parquet(lines()[kept], tmp_path), tmp_path, monkeypatch, {"link.unknown"})


def test_many_of_one_kind_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = lines(3000)
    frame.loc[frame.index[: LISTED + 50], "date"] = pd.date_range("2027-01-01", periods=LISTED + 50).astype(
        "datetime64[us]"
    )
    wanted = about_lines(found(parquet(frame, tmp_path), tmp_path))
    monkeypatch.setattr(sourced_tables, "LIMIT", 4)
    got = about_lines(found(parquet(frame, tmp_path), tmp_path))
    for problems in (wanted, got):
        assert sum((one.code, one.column) == ("date.future", "date") for one in problems.elements()) == LISTED
    more = {one for one in wanted if one.code == "check.more"}
    assert more and {one for one in got if one.code == "check.more"} == more
    assert sum(one.code == "link.unknown" for one in got.elements()) == LISTED
    newest = max(one.value for one in got if one.code == "date.future" and one.column == "date")
    assert newest == frame["date"].max().date().isoformat()


def test_what_is_no_fault_in_a_source_is_not_said(tmp_path: Path) -> None:
    codes = {one.code for one in found(csv(lines(), tmp_path), tmp_path)}
    assert not codes & set(THERE)
    assert not any(one.safe for one in found(csv(lines(), tmp_path), tmp_path) if one.table == "Purchases")


def test_a_finding_names_its_line(tmp_path: Path) -> None:
    odd = next(one for one in found(parquet(lines(), tmp_path), tmp_path) if one.code == "amount.off")
    assert odd.row == 0 and odd.key == "C1" and odd.suggestion == "20.00"
    for language, words in {"en": "To be changed in the source", "de": "in der Quelle"}.items():
        assert words in odd.sentence(language) and "lines.parquet: X4, 2026-05-05, JosÃ©" in odd.sentence(language)


def test_doubles_weigh_the_lines_of_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, settings = book(parquet(lines(), tmp_path))
    counted = []
    for limit in (1_000_000, 4):
        monkeypatch.setattr(sourced_tables, "LIMIT", limit)
        with with_source(tables, settings, tmp_path, "sums") as known:
            counted.append(NamedClients.of(known).purchases)
    assert counted[0].sum() > 50
    pd.testing.assert_series_equal(counted[1], counted[0], check_names=False)


@pytest.mark.parametrize("limit", [1_000_000, 4])
def test_a_decision_about_a_source_is_kept_and_told(
    limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = parquet(lines(), tmp_path)
    tables, settings = book(source)
    odd = next(one for one in found(source, tmp_path) if one.code == "amount.off")
    row = {
        "code": odd.code, "sheet": "Purchases", "row": None, "client_id": odd.key, "column": "amount",
        "value": odd.value, "problem": "", "suggestion": odd.suggestion, "decision": "apply",
    }  # fmt: skip
    listed = Table("Problems", "Problems", pd.DataFrame([row]), {})
    tables = Tables.of(*tables.values(), listed)
    monkeypatch.setattr(sourced_tables, "LIMIT", limit)
    with with_source(tables, settings, tmp_path, "sums") as known:
        plan = correct_plan(known, settings=settings, today=TODAY)
    assert ("correct.in_source", {"count": 1, "rows": "2"}) in plan.notes
    assert not plan.removed and "Purchases" not in {change.table for change in plan.changes}
    assert "decision" not in {change.column for change in plan.changes}
