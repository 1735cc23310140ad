"""Which clients are due to be forgotten, by what was last heard of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm.checks.contact_dues import check_due, check_forgotten, due
from xlcrm.checks.view import CheckedBook
from xlcrm.forgetting.forgotten import forgotten_rows
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 28)
CASE = pd.read_csv(CASES / "contact_dues.csv", dtype=str, keep_default_na=False)


def table(name: str, **cells: object) -> Table:
    frame = pd.DataFrame({column: [value] for column, value in cells.items()})
    return Table(name, name, frame, {column: column for column in cells})


def day(text: str) -> Any:
    return pd.Timestamp(text) if text else pd.NaT


@pytest.mark.parametrize("case", list(CASE.itertuples()), ids=CASE["why"].tolist())
def test_who_is_due(case) -> None:  # type: ignore[no-untyped-def]
    client = {"client_id": "C1", "registered_on": day(case.registered_on), "consent_on": day(case.consent_on)}
    tables = Tables.of(
        table("Clients", **client, open_amount=float(case.owes or "nan")),
        table("Purchases", client_id="C1", date=day(case.bought_on)),
        table("Interactions", client_id="C1", date=day(case.talked_on)),
        table("Opportunities", client_id="C1" if case.stage else "", stage=case.stage),
    )
    settings = Settings(forget_months=int(case.months))
    found = check_due(CheckedBook.of(tables, settings, TODAY))
    assert (due(tables, settings, TODAY) == ("C1",)) == (case.due == "yes") == bool(found)


def test_who_was_typed_in_again_is_a_doubt() -> None:
    kari = {"client_id": "C1", "full_name": "Kari Olsen", "email": "kari@example.com"}
    rows = forgotten_rows([pd.DataFrame([kari])], "ab" * 16, TODAY)
    typed = Table("Clients", "Clients", pd.DataFrame([kari | {"client_id": "C9"}]), {})
    tables = Tables.of(typed, Table("Forgotten", "Forgotten", rows, {}))
    found = check_forgotten(CheckedBook.of(tables, Settings(), TODAY))
    assert [(problem.code, problem.key) for problem in found] == [("client.forgotten", "C9")]
