"""A corrected word must not turn the column of an older workbook into somebody's own."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import ROOT
from xlcrm import words
from xlcrm.messages import LANGUAGES

with (ROOT / "xlcrm" / "data" / "schema_words.csv").open(encoding="utf-8", newline="") as _file:
    FORMER = [row for row in csv.DictReader(_file) if row["what"].startswith("former ")]


@pytest.mark.parametrize("row", FORMER, ids=lambda row: row["name"])
def test_a_former_header_is_understood_and_never_shown(row: dict[str, str]) -> None:
    for language in LANGUAGES:
        if former := row[language]:
            assert words.column_of(row["table"], former) == row["name"]
            assert words.header(row["table"], row["name"], language) != former


def test_there_is_a_former_header() -> None:
    assert words.column_of("Clients", "Samtykke dato") == "consent_on"
    assert words.header("Clients", "consent_on", "nb") == "Samtykkedato"
