"""Word lists of the fields: a column a language, none of them empty in a row that needs words, none twice in a cell."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from xlcrm.fields import choices
from xlcrm.fields.typed_words import typed_words
from xlcrm.messages import LANGUAGES

DATA = Path(choices.__file__).resolve().parents[1] / "data" / "fields"
LISTS = ("typed_words.csv", "choice_words.csv")


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", LISTS)
def test_word_lists_have_a_column_for_each_language(name: str) -> None:
    assert set(LANGUAGES) | {"any", "group"} <= set(_rows(name)[0])


@pytest.mark.parametrize("name", LISTS)
def test_no_cell_of_a_word_list_has_a_word_twice(name: str) -> None:
    cells = [cell.split("|") for row in _rows(name) for cell in row.values()]
    assert [cell for cell in cells if len(set(cell)) < len(cell)] == []


@pytest.mark.parametrize("group", ["yes", "no", "and", "or", "placeholder", "mail_role"])
def test_every_language_has_words_for_what_people_type(group: str) -> None:
    rows = [row for row in _rows("typed_words.csv") if row["group"] == group]
    assert [language for language in LANGUAGES if not any(row[language] for row in rows)] == []


def test_a_group_of_several_rows_is_read_whole() -> None:
    assert {"x", "unbekannt", "#n/d"} <= typed_words("placeholder")
    assert typed_words("or") == {"o", "eller", "or", "ou", "oder"}


@pytest.mark.parametrize("row", _rows("choice_words.csv"), ids=lambda row: f"{row['group']} {row['name']}")
def test_every_word_of_a_choice_means_it(row: dict[str, str]) -> None:
    words = [w for column, cell in row.items() if column not in ("group", "name") for w in cell.split("|") if w]
    assert {word: choices.canonical(row["group"], word) for word in words} == dict.fromkeys(words, row["name"])
