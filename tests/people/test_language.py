"""Languages as people write them, each a row of cases/languages.csv."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import CASES
from xlcrm.fields.field_errors import FieldError
from xlcrm.messages import LANGUAGES
from xlcrm.people import language

with (CASES / "languages.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["why"])
def test_a_language_is_known_however_it_is_written(case: dict[str, str]) -> None:
    if case["expected"].startswith("!"):
        with pytest.raises(FieldError) as refused:
            language.validate(case["input"])
        assert refused.value.key == case["expected"][1:]
        assert language.format(case["input"]) == case["input"]
    else:
        assert language.validate(case["input"]) == language.format(case["input"]) == case["expected"]


def test_every_word_that_the_drop_down_offers_is_one() -> None:
    assert all(language.validate(code) == code for code in LANGUAGES)


@pytest.mark.parametrize("junk", [None, 1, "", " ", "x" * 100_000, b"it", "\x00"])
def test_junk_is_no_language(junk: object) -> None:
    assert not language.is_valid(junk)
    assert isinstance(language.format(junk), str)
