"""Who a row of a list is where no exact key says so: surely somebody who is there, perhaps, or somebody new."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, applied, incoming, settings, workbook
from tests.support.paths import CASES
from xlcrm.importing import plan
from xlcrm.importing.same_client.by_evidence import weigh
from xlcrm.importing.same_client.exact_keys import match
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Plan
from xlcrm.tables import Tables

HEAD = "Name;Birth date;Phone;Address\n"
SHOWN = {"import.differs", "import.differs_in_list", "import.perhaps", "import.perhaps_in_list"}


def cases() -> list[dict[str, str]]:
    with (CASES / "import_by_evidence.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(tables: Tables, rows: str) -> Plan:
    return plan(tables, [incoming(HEAD + rows.replace("|", "\n"))], settings=settings(), today=TODAY)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_a_row_is_somebody_or_new_or_asked_about(case: dict[str, str]) -> None:
    tables = workbook()
    if case["there"]:
        tables = applied(tables, run(tables, case["there"]))
    done = run(tables, case["again"])
    assert sum(len(part.rows) for part in done.added) == int(case["added"])
    assert {problem.code for problem in done.problems} & SHOWN == set(filter(None, [case["codes"]]))
    again = run(applied(tables, done), case["again"])
    assert again.is_empty, "the same list again brings nobody"


def test_both_names_are_told_in_every_language() -> None:
    doubt = next(case for case in cases() if case["codes"] == "import.perhaps")
    tables = applied(workbook(), run(workbook(), doubt["there"]))
    problem = next(p for p in run(tables, doubt["again"]).problems if p.code == "import.perhaps")
    for language in LANGUAGES:
        assert "Nora Ashgrove" in problem.sentence(language)
        assert "Nora Ashgrave" in problem.sentence(language)
    assert problem.key == "C0001"


def test_rows_with_an_id_of_their_own_are_not_weighed() -> None:
    rows = pd.DataFrame({"client_id": ["A1", "A2"], "full_name": ["Nora Ashgrove"] * 2, "phone": ["02079460011"] * 2})
    exact = match(rows.iloc[:0], rows)
    weighed = weigh(rows.iloc[:0], rows, exact)
    assert not weighed.doubts
    assert weighed.match.earlier.tolist() == [-1, -1]
