"""A field that isn't there is answered with the one that was probably meant."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import CASES
from xlcrm.segments.fields import FieldNames, near

with (CASES / "near_fields.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["typed"])
def test_the_field_that_was_meant_comes_first(case: dict[str, str]) -> None:
    found = near(case["typed"], FieldNames.of(), case["language"])
    assert next(iter(found), "") == case["near"], case["why"]
