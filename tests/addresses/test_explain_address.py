"""An explanation shows what decided: its winners are the fields, and every reason has its sentence in six languages."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from tests.support.paths import CASES
from xlcrm import messages
from xlcrm.addresses import find_country, house_number, locality, postal_codes, split_address, street
from xlcrm.addresses.explain_address import AddressExplanation, as_values, explain_address, told
from xlcrm.cli.commands import main

PREFIX = "explain_address."


def cases() -> list[dict[str, str]]:
    found = []
    for name in ("addresses.csv", "addresses_in_lists.csv"):
        with (CASES / name).open(encoding="utf-8", newline="") as file:
            found += [{**row, "raw": row["raw"].replace("\\n", "\n")} for row in csv.DictReader(file)]
    return found


def winners(explanation: AddressExplanation, part: str) -> list[str]:
    readings = [reading for found in explanation.parts if found.part == part for reading in found.readings]
    return [reading.text for reading in readings if reading.won]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_what_won_is_what_was_split(case: dict[str, str]) -> None:
    explained = explain_address(case["raw"], country=case["country"])
    assert explained.address == split_address(case["raw"], country=case["country"])
    assert winners(explained, "country") == [explained.address.country]
    assert len(winners(explained, "code")) <= 1
    for code in winners(explained, "code"):
        assert code.strip("().:") in explained.address.postal_code
    assert [town.casefold() for town in winners(explained, "place")] in ([], [explained.address.city.casefold()])


def test_every_reason_that_a_table_gives_has_its_sentence() -> None:
    keys = {f"country.{evidence.why}" for evidence in find_country.EVIDENCE}
    keys |= {f"code.{rule.why}" for rule in postal_codes.RULES}
    keys |= {f"place.{order.why}" for order in locality.ARRANGEMENTS}
    keys |= {f"line.{sign.why}" for sign in street.SIGNS}
    keys |= {f"number.{way.why}" for way in house_number.NUMBER_FIRST}
    keys |= {f"number.{part.why}" for part in house_number.NAME_PARTS}
    assert {PREFIX + key for key in keys} - set(messages.catalogue()) == set()


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_case_is_told_in_sentences(language: str) -> None:
    for case in cases():
        lines = told(explain_address(case["raw"], country=case["country"]), language)
        assert not [line for line in lines if PREFIX in line or "address." in line]


def test_the_line_of_the_street_has_the_highest_total() -> None:
    explained = explain_address("Rose Cottage, Flat 3, 12 Mill Lane, Bath BA1 1AA")
    (line,) = (part for part in explained.parts if part.part == "line")
    totals = {reading.text: sum(reading.weights) for reading in line.readings}
    assert totals == {"Rose Cottage": 0, "Flat 3": -4, "12 Mill Lane": 8}
    assert [reading.text for reading in line.readings if reading.won] == ["12 Mill Lane"]


def test_a_number_that_is_no_house_number_says_why() -> None:
    explained = explain_address("Via 4 Novembre 50, 20121 Milano", country="IT")
    (number,) = (part for part in explained.parts if part.part == "number")
    assert [(reading.text, reading.reasons) for reading in number.readings] == [
        ("50", ("number.last",)),
        ("4", ("number.day",)),
    ]


@pytest.mark.parametrize("blank", ["", None, " , "])
def test_blanks_have_nothing_to_explain(blank: object) -> None:
    assert explain_address(blank, country="IT").parts == ()


def test_what_is_too_long_is_explained_by_its_doubt() -> None:
    explained = explain_address("Elm " * 300)
    assert explained.parts == ()
    assert messages.text("address.too_long", "en") in told(explained, "en")


def test_the_command_tells_and_prints_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLCRM_LANGUAGE", "it")
    text = "Via dei Tigli 12, 99999 Borgofinto"
    run = CliRunner().invoke(main, ["explain", "address", text, "--country", "IT"])
    assert (run.exit_code, run.output.rstrip("\n")) == (0, "\n".join(told(explain_address(text, country="IT"), "it")))
    run = CliRunner().invoke(main, ["explain", "address", text, "--country", "IT", "--json"])
    assert json.loads(run.output) == json.loads(json.dumps(as_values(explain_address(text, country="IT"), "it")))
