"""Two rows of one client become one, cell by cell as tests/cases/merged_cells.csv says, and nothing typed is lost."""

from __future__ import annotations

import csv

import pytest

from tests.support.merging_help import applied, book, cells, content, merged, refused
from tests.support.paths import CASES
from xlcrm.messages import LANGUAGES
from xlcrm.tables import Tables
from xlcrm.undo import parting


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def group(tables: Tables) -> list[tuple[str, str]]:
    ids = list(dict.fromkeys(tables["Clients"].frame["client_id"]))
    return [(ids[0], other) for other in ids[1:]]


@pytest.mark.parametrize("case", rows("merged_cells.csv"), ids=lambda case: case["why"][:50])
def test_the_survivors_cells(case: dict[str, str]) -> None:
    tables = book(case["clients"])
    plan = merged(tables, *group(tables))
    survivor, *wanted = case["after"].split(" ")
    found = cells(applied(tables, plan), survivor)
    told = {name: text.replace("_", " ").replace("|", "\n") for name, text in (each.split("=") for each in wanted)}
    assert {name: text for name, text in found.items() if name != "client_id"} == told, case["why"]
    assert {problem.code for problem in plan.problems} == {code for code in [case["problems"]] if code}
    assert len(plan.removed[0].rows) == len(tables["Clients"].frame) - 1


@pytest.mark.parametrize("case", rows("merged_cells.csv"), ids=lambda case: case["why"][:50])
def test_undo_gives_every_cell_back(case: dict[str, str]) -> None:
    tables = book(case["clients"])
    plan = merged(tables, *group(tables))
    after = applied(tables, plan)
    back = parting.inverse(plan, after)
    assert back.problems == ()
    assert content(applied(after, back)) == content(tables)


@pytest.mark.parametrize("case", rows("merges_refused.csv"), ids=lambda case: case["why"])
def test_who_can_not_be_one(case: dict[str, str]) -> None:
    tables = book(case["clients"])
    plan = merged(tables, *group(tables))
    assert refused(plan) == [code for code in [case["problem"]] if code], case["why"]
    assert bool(plan.removed) != bool(case["problem"])
    for problem in plan.problems:
        assert all(len(problem.sentence(language)) > 20 for language in LANGUAGES)
