"""The few lines of a source that a run wants: the newest of some clients, or all of some, alike in every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.sources.conftest import DATABASES, Put
from tests.sources.test_client_expressions import from_parquet, from_sqlite, from_text
from tests.support.random_purchases import random_purchases
from xlcrm.errors import CrmError
from xlcrm.sources import chosen_lines
from xlcrm.sources.engines import opened
from xlcrm.sources.line_expressions import READ, canonical
from xlcrm.values import as_text

pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")
LINES = random_purchases(seed=5, count=900)
IDS = sorted(set(as_text(LINES["client_id"]).str.strip()) - {""})[:40]


def lines_of(table: Any) -> Any:
    return canonical(table, {name: name for name in READ if name in table.columns})


def told(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rows as texts, in no order."""
    rows = frame[["client_id", "date", "invoice", "product", "amount"]]
    texts = [as_text(rows[column]).str.strip() for column in rows]
    return sorted(zip(*texts, strict=True))


def judge(lines: Any) -> None:
    theirs = LINES[as_text(LINES["client_id"]).str.strip().isin(IDS)]
    every = chosen_lines.of_clients(lines, IDS, "IT", 10_000)
    assert told(every) == told(theirs)
    shown = chosen_lines.newest(lines, IDS, 25, "IT")
    days = theirs["date"].sort_values(ascending=False, na_position="last")
    assert as_text(shown["date"]).tolist() == as_text(days.iloc[:25]).tolist()
    assert len(chosen_lines.newest(lines, IDS, 10_000, "IT")) == len(theirs), "those without a date, too"
    assert not len(chosen_lines.newest(lines, [], 25, "IT"))
    assert chosen_lines.numbers(lines, "no series") == []
    with pytest.raises(CrmError, match=str(len(theirs))):
        chosen_lines.of_clients(lines, IDS, "IT", 3)


@pytest.mark.parametrize("put", [from_parquet, from_text, from_sqlite])
def test_engines_choose_the_same_lines(put: Any, tmp_path: Path) -> None:
    judge(lines_of(put(LINES, tmp_path)))


def test_many_clients_stand_beside_the_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen_lines, "SPELT", 2)
    judge(lines_of(from_parquet(LINES, tmp_path)))


@DATABASES
def test_databases_choose_the_same_lines(database: Put, tmp_path: Path) -> None:
    with opened(database(LINES), tmp_path) as table:
        judge(lines_of(table))


def test_an_ambiguous_amount_goes_by_all_of_its_column(tmp_path: Path) -> None:
    """ "1,125" alone might be a thousand; another client's "2,50" says that the comma is a decimal one."""
    lines = pd.DataFrame({"client_id": ["A", "B"], "amount": ["1,125", "2,50"]})
    found = chosen_lines.of_clients(lines_of(from_parquet(lines, tmp_path)), ["A"], "GB", 10)
    assert found["amount"].tolist() == [1.125]
