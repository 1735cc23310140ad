"""Lists in the shapes of other programs and people come in right, or what is doubtful about them is asked."""

from __future__ import annotations

import pytest

from tests.support.import_checks import Case, cases, failures, run
from tests.support.paths import CASES

FOLDER = CASES / "imports"
LISTS = cases(FOLDER / "index.csv")


@pytest.mark.no_cover  # whole imports; the tests of each step count most of what they go through
@pytest.mark.parametrize("case", LISTS, ids=[case.id for case in LISTS])
def test_a_list_comes_in_right_or_is_asked_about(case: Case) -> None:
    assert not failures(case, run(case, FOLDER))


def test_every_list_among_the_cases_is_used() -> None:
    named = {name for case in LISTS for name in case.file.split(";")}
    assert {path.name for path in FOLDER.iterdir()} - {"index.csv"} <= named
