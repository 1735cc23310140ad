"""Lines of the journal: JSON as everybody reads it; a run with a damaged line is not taken back by what is left."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from xlcrm.backups.journal_file import Journal
from xlcrm.errors import CrmError
from xlcrm.plan import Change, Plan
from xlcrm.undo import journal

NOW = dt.datetime(2026, 11, 22, 14, 30)


def plan(before: str) -> Plan:
    cells = [pd.Series([text], index=[3], dtype=object) for text in (before, "new", "C4")]
    return Plan("correct", changes=(Change("Clients", "city", *cells),))


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks_are_no_line(odd: float) -> None:
    with pytest.raises(ValueError):
        journal.line({"record": "plan", "plan": {"cells": [odd]}})


def test_damaged_befores_are_not_replaced_by_those_meant(tmp_path: Path) -> None:
    book = Journal(tmp_path / "A journal.jsonl")
    number = book.begin(plan("as planned"), now=NOW)
    book.done(number, plan("as it really was"), now=NOW)
    assert Journal(book.path).plan(number).changes[0].before.tolist() == ["as it really was"]
    book.path.write_bytes(book.path.read_bytes().replace(b"really", b"reallY"))
    with pytest.raises(CrmError) as refused:
        Journal(book.path).plan(number)
    assert refused.value.key == "undo.damaged"
