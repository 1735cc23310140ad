"""Answers of form services: each column of a person is found, the service's own columns are left out, and said so."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, workbook
from tests.support.paths import CASES
from xlcrm.files.list_files import read
from xlcrm.importing.planning import plan
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables


def rows() -> list[dict[str, str]]:
    with (CASES / "form_services.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def planned(content: str, folder: Path, tables: Tables) -> Plan:
    path = folder / "answers.csv"
    path.write_text(content.replace("|", "\n") + "\n", encoding="utf-8")
    return plan(tables, read(path), settings=Settings(language="en", country="GB"), today=TODAY)


def shown(value: object) -> str:
    if isinstance(value, dt.datetime):
        return "" if pd.isna(value) else f"{value:%Y-%m-%d}"
    return "" if value is None or value != value else str(value)


@pytest.mark.parametrize("case", rows(), ids=lambda case: f"{case['service'] or 'none'}: {case['why']}")
def test_answers_become_a_client(case: dict[str, str], tmp_path: Path) -> None:
    done = planned(case["list"], tmp_path, workbook())
    if case["asked"]:
        assert case["asked"] in [problem.code for problem in done.problems]
        return
    (added,) = [one for one in done.added if one.table == "Clients"]
    (client,) = added.rows.to_dict("records")
    wanted = dict(pair.split("=", 1) for pair in case["expected"].split(";"))
    assert {field: shown(client.get(field)) for field in wanted} == wanted
    own = {one.header for one in done.new_columns}
    assert set(filter(None, case["own"].split("|"))) <= own
    left = set(filter(None, case["left"].split("|")))
    assert not left & own
    told = {values["header"] for key, values in done.notes if key == "import.own_service"}
    assert left <= told | {values["header"] for key, values in done.notes if key == "import.own_empty"}
