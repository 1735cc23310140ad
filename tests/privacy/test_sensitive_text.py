"""Sensitive text: what must be found in six languages, what must be left alone, and what a Problem shows of it."""

from __future__ import annotations

import csv
import re

import numpy as np
import pandas as pd
import pytest

from tests.support.checking_help import apply, check, tables_of
from tests.support.dirty_list import as_tables
from tests.support.paths import CASES
from tests.support.planted_secrets import KINDS, MANY, planted
from xlcrm.checks.sensitive_check import check as check_text
from xlcrm.messages import LANGUAGES
from xlcrm.privacy.sensitive_text import NUMBERS, SPECIAL, _stems, finds_in
from xlcrm.tables import Tables


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / "privacy" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SECRETS, INNOCENT = rows("secrets.csv") + rows("secrets_more.csv"), rows("innocent_texts.csv")


def with_notes(notes: list[str], column: str = "notes") -> Tables:
    clients = pd.DataFrame({"client_id": [f"C{n:04}" for n in range(1, len(notes) + 1)], column: notes})
    empty = tables_of("client_id=1")
    frames = {"Clients": clients, "Problems": empty["Problems"].frame, "Duplicates": empty["Duplicates"].frame}
    return as_tables(frames)


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: f"{case['language']}-{case['text'][:24]}")
def test_a_planted_secret_is_found(case: dict[str, str]) -> None:
    kinds = {find.kind for find in finds_in([case["text"]]).get(0, [])}
    assert kinds & KINDS[case["kind"]], case["why"]


def test_most_of_what_is_planted_is_found() -> None:
    """Sentences by somebody who had not seen the words; `benchmarks/planted_secrets.py` tells of each."""
    secrets = planted(2)
    found = finds_in([secret.text for secret in secrets])
    met = [bool(KINDS[s.kind] & {find.kind for find in found.get(at, [])}) for at, s in enumerate(secrets)]
    assert len(met) == MANY
    assert sum(met) >= 0.95 * MANY


@pytest.mark.parametrize("case", INNOCENT, ids=lambda case: f"{case['language']}-{case['text'][:24]}")
def test_an_innocent_text_is_left_alone(case: dict[str, str]) -> None:
    found = [p for p in check(with_notes([case["text"]], case["column"])).problems if p.code.startswith("sensitive.")]
    assert found == [], case["why"]


def test_notes_as_people_scribble_them() -> None:
    cases = rows("scribbled_notes.csv")  # written before the words that they taught
    finds = finds_in([case["text"] for case in cases])
    missed = [
        case["text"]
        for n, case in enumerate(cases)
        if case["kind"] and not KINDS[case["kind"]] & {find.kind for find in finds.get(n, [])}
    ]
    alarms = [case["text"] for n, case in enumerate(cases) if not case["kind"] and n in finds]
    assert len(missed) <= 0.05 * sum(bool(case["kind"]) for case in cases), missed
    assert not alarms


def test_a_problem_never_shows_the_whole_secret() -> None:
    texts = [case["text"] for case in SECRETS]
    found = [p for p in check(with_notes(texts)).problems if p.code.startswith("sensitive.")]
    assert len({p.row for p in found}) == len(texts)
    for problem in found:
        typed = texts[problem.row - 2]
        shown = re.sub(r"\W", "", problem.value)
        assert "•••" in problem.value
        assert len(shown) <= 5
        for word in (w for w in re.findall(r"[\w#!.]*\d[\w#!.]*", typed) if len(w) > 5):
            assert word not in "".join(map(str, problem[4:]))


def test_nothing_else_repeats_a_cell_with_a_secret() -> None:
    plan = check(with_notes(["password: JosÃ©77 "]))
    assert [p.code for p in plan.problems if p.row == 2 and p.column == "notes"] == ["sensitive.password"]
    written = " ".join(str(cell) for part in plan.added for cell in np.ravel(part.rows.to_numpy(dtype=object)))
    assert "77" not in written


def test_the_header_of_an_own_column_is_read_with_it() -> None:
    plan = check(with_notes(["igel", "hund", ""], "Passwort"))
    assert [(p.code, p.column) for p in plan.problems if p.code.startswith("sens")] == [
        ("sensitive.password", "Passwort")
    ] * 2


def test_a_second_check_changes_nothing() -> None:
    tables = with_notes(["password: Rex2020", "is diabetic", "card 4242 4242 4242 4242"])
    first = check(tables)
    assert check(apply(tables, first)).touches_workbook is False


def test_every_kind_has_a_sentence_that_shows_its_value() -> None:
    problems = {p.code: p for p in check(with_notes([case["text"] for case in SECRETS])).problems}
    for kind in (*NUMBERS, *SPECIAL):
        problem = problems[f"sensitive.{kind}"]
        for language in LANGUAGES:
            told = problem.sentence(language)
            assert len(told) > 80
            assert kind == "password" or problem.value in told


def test_every_word_begins_with_letters() -> None:
    """What a text must hold for a word to be looked for; without any, every place would be one."""
    assert all(_stems())


def test_a_book_without_text_columns_has_no_finds() -> None:
    from tests.support.checking_help import SETTINGS
    from tests.support.dirty_list import TODAY
    from xlcrm.checks.view import CheckedBook

    assert check_text(CheckedBook.of(Tables.of(), SETTINGS, TODAY)) == []
