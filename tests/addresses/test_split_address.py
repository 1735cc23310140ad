"""Addresses are split as each country writes them; `doubt` in a case is the reason why the reading is not sure."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from tests.support.paths import CASES, ROOT
from xlcrm import messages
from xlcrm.addresses import Address, countries, split_address
from xlcrm.addresses.countries import rows
from xlcrm.text import fold_letters

TABLES = [CASES / name for name in ("addresses.csv", "addresses_in_lists.csv")]
NOT_TYPED = ("country", "sure", "reason", "other")


def cases() -> list[dict[str, str]]:
    found = []
    for path in TABLES:
        with path.open(encoding="utf-8", newline="") as file:
            found += [{**row, "raw": row["raw"].replace("\\n", "\n")} for row in csv.DictReader(file)]
    return found


def fields(text: str) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in text.split("; "))


def typed(address: Address) -> str:
    return " ".join(value for name, value in address._asdict().items() if name not in NOT_TYPED)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_an_address_is_split(case: dict[str, str]) -> None:
    found = split_address(case["raw"], country=case["country"])._asdict()
    sure, reason, _ = found.pop("sure"), found.pop("reason"), found.pop("other")
    expected = fields(case["expected"])
    assert reason == expected.pop("doubt", "")
    assert sure is (reason == "")
    assert {name: value for name, value in found.items() if value} == expected


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_no_letter_of_an_address_is_lost_or_added(case: dict[str, str]) -> None:
    found = split_address(case["raw"], country=case["country"])
    before, after = (Counter(filter(str.isalnum, fold_letters(t))) for t in (case["raw"], typed(found)))
    assert not after - before
    announcing = {w for row in rows("words.csv") if row["kind"] == "number" for w in fold_letters(row["words"]).split()}
    names = {name for name, code in countries.names().items() if code == found.country} | {"uk"}
    lost = before - after
    droppable = {"".join(sorted(filter(str.isalnum, a + b))) for a in {*names, ""} for b in {*announcing, ""}}
    assert "".join(sorted(lost.elements())) in droppable


def test_every_reason_has_its_sentence() -> None:
    package = ROOT / "xlcrm" / "addresses"
    text = "".join(path.read_text(encoding="utf-8") for path in package.glob("*.py"))
    used = {part.split('"')[0] for part in text.split('"address.')[1:]}
    assert {f"address.{key}" for key in used} == {k for k in messages.catalogue() if k.startswith("address.")}


def test_both_readings_of_where_a_town_begins_are_shown() -> None:
    found = split_address("12 Rue Jean Paris 75001", country="FR")
    assert (found.street, found.city, found.sure) == ("Rue Jean Paris", "", False)
    assert found.other == "12 Rue Jean | Paris"


@pytest.mark.parametrize("blank", [None, float("nan"), "", "  \n\t ", ",;,", " - "])
def test_blanks_give_an_empty_address(blank: object) -> None:
    assert split_address(blank, country="IT") == Address()


def test_numbers_are_read_as_their_digits() -> None:
    assert (
        split_address(20121.0, country="IT")
        == split_address("20121", country="IT")
        == split_address(20121, country="IT")
    )


def test_a_country_named_twice_is_taken_off_twice() -> None:
    found = split_address("12 Elm Drive Springfield NY 11799 UNITED STATES US", country="US")
    assert found[:9] == ("Elm Drive", "12", "", "", "11799", "Springfield", "NY", "US", True)
    assert not any(found[9:])


def test_a_name_in_front_may_also_be_part_of_the_street() -> None:
    found = split_address("Hotel Bella Vista Via dei Tigli 5, 00199 Roma", country="IT")
    assert (found.name, found.street, found.other) == (
        "Hotel Bella Vista",
        "Via dei Tigli",
        "Hotel Bella Vista Via dei Tigli 5",
    )
