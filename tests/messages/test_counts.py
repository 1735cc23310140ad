"""A sentence that counts is read aloud with none, one and many: «1 rows» costs more trust than it saves work."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import CASES
from xlcrm import messages

with (CASES / "messages.csv").open(encoding="utf-8") as _file:
    ROWS = list(csv.DictReader(_file))


@pytest.mark.parametrize("case", ROWS, ids=lambda case: f"{case['key']} {case['language']} {case['values']}")
def test_words_go_with_their_number(case: dict[str, str]) -> None:
    values = dict(pair.split("=") for pair in case["values"].split(";"))
    assert messages.text(case["key"], case["language"], **values) == case["sentence"], case["why"]
