"""`xlcrm explain name`: the reasons add up to what decides, in six languages, as text and as JSON."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from tests.support.paths import CASES
from xlcrm import messages
from xlcrm.cli.commands import main
from xlcrm.cli.explain_commands import name_lines
from xlcrm.names import company, split_name
from xlcrm.names.cell import cleaned, dissect
from xlcrm.names.explain_name import explain_name
from xlcrm.names.learnt import Learnt
from xlcrm.names.name_words import NameWords
from xlcrm.names.order import best, weigh
from xlcrm.names.profiles import profile_of


def cases() -> list[tuple[str, str]]:
    rows = []
    for name in ("names.csv", "names_in_lists.csv"):
        with (CASES / name).open(encoding="utf-8", newline="") as file:
            rows += [(row["raw"], row["country"]) for row in csv.DictReader(file)]
    return rows


@pytest.mark.parametrize(("raw", "country"), cases())
def test_reasons_add_up_to_what_decides(raw: str, country: str) -> None:
    found = explain_name(raw, country=country)
    learnt = Learnt(profile_of(country))
    cell = dissect(raw, NameWords(learnt.profile.letters))
    for reading in found.readings:
        assert reading.weight == pytest.approx(sum(reason.weight for reason in reading.reasons))
    if isinstance(cell, list):
        decided = best(weigh(cell, [unit.odds for unit in cell], learnt), learnt.given_first)
        assert found.margin == pytest.approx(decided.margin)
        given, family = decided.split(cell)
        assert found.readings[0].first_name == " ".join(unit.text for unit in given)
        assert found.readings[0].last_name == " ".join(unit.text for unit in family)
    assert found.name == split_name(raw, country=country)


@pytest.mark.parametrize("raw", ["Farmacia San Rocco", "Holm, Berg & Dahl", "Jerry's", "N. W. I.", "Dr. Anna Neri 4"])
def test_clues_add_up_to_the_odds_of_a_company(raw: str) -> None:
    words = NameWords("uo").of(cleaned(raw))
    assert explain_name(raw).company_odds == pytest.approx(company.odds(words, cleaned(raw)))


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_reason_has_its_sentence(language: str) -> None:
    for raw, country in cases():
        found = explain_name(raw, country=country)
        reasons = [*found.company_reasons, *(reason for reading in found.readings for reason in reading.reasons)]
        assert {reason.key for reason in reasons} <= set(messages.catalogue()), raw
        assert not [line for line in name_lines(found, language) if "{" in line or "name.explain" in line], raw


def test_an_american_double_surname_is_said() -> None:
    assert explain_name("Mary Smith Jones", country="US").verdict == "name.explain.double"


def test_a_blank_cell_has_no_readings() -> None:
    found = explain_name("  ")
    assert found.readings == () and found.margin is None and found.name.kind == ""


def test_a_close_decision_is_said() -> None:
    close, clear = explain_name("Bruno Martino", country="IT"), explain_name("Anna Bianchi", country="IT")
    assert close.is_close and not clear.is_close
    assert messages.text("name.explain.close", "en", margin=f"{close.margin:.1f}") in name_lines(close, "en")


def test_the_command_speaks_the_language_asked_for() -> None:
    found = CliRunner().invoke(main, ["explain", "name", "Rossi Mario", "--country", "IT", "--language", "it"])
    assert found.exit_code == 0
    assert "Lettura 1: nome «Mario», cognome «Rossi»: +4,3" in found.output


def test_the_command_prints_json() -> None:
    found = CliRunner().invoke(main, ["explain", "name", "Rossi Mario", "--country", "IT", "--json"])
    told = json.loads(found.output)
    assert told["name"]["last_name"] == "Rossi"
    assert told["readings"][0]["reasons"][0]["key"] == "name.why.listed"
    assert told["margin"] == pytest.approx(told["readings"][0]["weight"] - told["readings"][1]["weight"], abs=0.01)
