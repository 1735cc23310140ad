"""The 42 salutations, each as a native writes it, and the special cases beside them."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import CASES
from xlcrm.messages import LANGUAGES
from xlcrm.salutations import Addressee, salute


def cases(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TABLE, MORE = cases("salutations.csv"), cases("salutations_more.csv")
WHO = ("woman", "man", "unknown", "title", "company", "couple", "household")


def people_of(case: dict[str, str]) -> list[Addressee]:
    first = Addressee.of({**case, "salutation": case.get("typed", "")})
    others = [item.split("|") for item in case["beside"].split(";") if item]
    return [first, *(Addressee(first_name=f, last_name=last, gender=g, kind="person") for f, last, g in others)]


@pytest.mark.parametrize("case", [*TABLE, *MORE], ids=lambda case: f"{case['language']} {case['why']}")
def test_a_letter_begins_as_a_native_begins_it(case: dict[str, str]) -> None:
    people = people_of(case)
    assert salute(people, case["language"]) == case["formal"]
    assert salute(people, case["language"], manner="friendly") == case["friendly"]


def test_the_table_has_seven_kinds_in_six_languages() -> None:
    assert {(case["language"], case["who"]) for case in TABLE} == {(lang, who) for lang in LANGUAGES for who in WHO}
    assert len(TABLE) == 42


def test_another_language_is_greeted_in_english() -> None:
    assert salute(Addressee(first_name="Mia", last_name="Virtanen"), "fi") == "Dear Mia Virtanen,"
    assert salute([], "de") == "Sehr geehrte Damen und Herren,"
