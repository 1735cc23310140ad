"""A corrected word must not turn the column of an older workbook into somebody's own."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from tests.support.paths import ROOT
from xlcrm import words
from xlcrm.messages import LANGUAGES

with (ROOT / "xlcrm" / "data" / "schema_words.csv").open(encoding="utf-8", newline="") as _file:
    FORMER = [row for row in csv.DictReader(_file) if row["what"].startswith("former ")]


READ: dict[str, Callable[[str, str], str]] = {
    "former column": words.column_of,
    "former setting": lambda table, word: words.setting_of(word),
    "former table": lambda table, word: words.table_of(word),
    "former choice": words.choice,
}
SHOWN: dict[str, Callable[[str, str, str], str]] = {
    "former column": words.header,
    "former setting": lambda table, name, language: words.setting(name, language),
    "former table": lambda table, name, language: words.title(name, language),
    "former choice": words.choice_word,
}


@pytest.mark.parametrize("row", FORMER, ids=lambda row: f"{row['what']} {row['name']}")
def test_a_former_word_is_understood_and_never_shown(row: dict[str, str]) -> None:
    for language in LANGUAGES:
        if former := row[language]:
            assert READ[row["what"]](row["table"], former) == row["name"]
            assert SHOWN[row["what"]](row["table"], row["name"], language) != former


def test_there_is_a_former_header() -> None:
    assert words.column_of("Clients", "Samtykke dato") == "consent_on"
    assert words.header("Clients", "consent_on", "nb") == "Samtykkedato"
