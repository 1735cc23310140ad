"""Lists of firms and the people there: firms once, nobody lost, and what is not clear is asked."""

from __future__ import annotations

import pytest

from tests.support.import_checks import Case, cases, failures, run
from tests.support.paths import CASES

FOLDER = CASES / "people_lists"
LISTS = cases(FOLDER / "index.csv")


@pytest.mark.parametrize("case", LISTS, ids=[case.id for case in LISTS])
def test_a_list_comes_in_right_or_is_asked_about(case: Case) -> None:
    assert not failures(case, run(case, FOLDER))
