"""Who lives together by the address, and what stands on the envelope and in the calculated columns."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.support.held_table import HeldTable
from xlcrm.salutations.households import letter_columns
from xlcrm.salutations.letter_language import letter_language

ANNA = {"first_name": "Anna", "last_name": "Rossi", "street": "Via Roma", "house_number": "1", "city": "Siena"}
MARCO = {**ANNA, "first_name": "Marco"}
NAMES = [
    (ANNA, MARCO, ["Anna e Marco Rossi", "Anna e Marco Rossi"], "one surname at one address"),
    (ANNA, {**MARCO, "last_name": "Bianchi"}, ["Anna Rossi e Marco Bianchi"] * 2, "two surnames: both names"),
    (ANNA, {**MARCO, "street": "VIA ROMA", "city": "siena"}, ["Anna e Marco Rossi"] * 2, "capitals don't count"),
    (ANNA, {**MARCO, "house_number": "2"}, ["Anna Rossi", "Marco Rossi"], "next door is another household"),
    (ANNA, {**MARCO, "country": "CH"}, ["Anna Rossi", "Marco Rossi"], "the same lines in another country"),
    (ANNA, {**MARCO, "country": "Italia"}, ["Anna e Marco Rossi"] * 2, "the sender's own country, written or not"),
    (ANNA, {**MARCO, "company": "Rossi S.r.l."}, ["Anna Rossi", "Marco Rossi"], "at a firm nobody lives together"),
    (ANNA, {**MARCO, "opt_out_post": "sì"}, ["Anna Rossi", "Marco Rossi"], "one who refused doesn't silence the other"),
    (ANNA, {**MARCO, "status": "ex cliente"}, ["Anna Rossi", "Marco Rossi"], "nor does a former client"),
    (ANNA, {"full_name": "Rossi S.r.l.", "kind": "azienda"}, ["Anna Rossi", "Rossi S.r.l."], "a firm has its own name"),
    ({**ANNA, "city": ""}, {**MARCO, "city": ""}, ["Anna Rossi", "Marco Rossi"], "half an address joins nobody"),
    (
        {**ANNA, "title": "Dott.ssa"},
        {},
        ["Dott.ssa Anna Rossi", ""],
        "a title is on the envelope; blank stays blank",
    ),
]


@pytest.mark.parametrize(("one", "other", "names", "why"), NAMES, ids=[case[-1] for case in NAMES])
def test_the_envelope_names_who_lives_there(
    one: dict[str, str], other: dict[str, str], names: list[str], why: str
) -> None:
    frame = pd.DataFrame([one, other]).fillna("")
    before = frame.copy()
    assert list(letter_columns(frame, country="IT", language="it")["letter_household"]) == names
    pd.testing.assert_frame_equal(frame, before)


def test_each_is_greeted_in_the_own_language() -> None:
    rows = [{**ANNA, "language": "de"}, {**MARCO, "gender": "M"}, {}, {**ANNA, "salutation": "Ciao Anna!"}]
    made = letter_columns(pd.DataFrame(rows).fillna(""), country="IT", language="it")
    assert list(made["letter_salutation"]) == ["Guten Tag Anna Rossi,", "Gentile Signor Rossi,", "", "Ciao Anna!"]


OTHERS: list[tuple[dict[str, str], dict[str, str], bool, str]] = [
    ({"opt_out_post": "no", "turnover": "7"}, {}, True, "what the columns don't hang on"),
    ({"last_name": "Bianchi"}, {}, False, "a name"),
    ({"opt_out_post": "yes"}, {}, False, "who wants no post"),
    ({"status": "former"}, {}, False, "a status"),
    ({"language": "de"}, {}, False, "the own language"),
    ({}, {"language": "fr"}, False, "that of the workbook"),
    ({}, {"country": "CH"}, False, "the country of the firm"),
]


@pytest.mark.parametrize(("cells", "asked", "taken", "why"), OTHERS, ids=[why for *_, why in OTHERS])
def test_what_was_kept_is_of_the_same_cells(
    cells: dict[str, str], asked: dict[str, str], taken: bool, why: str
) -> None:
    home: dict[str, Any] = {"country": "IT", "language": "it"}
    rows = [{**ANNA, "country": "IT"}, {**MARCO, "country": "IT"}, {**MARCO, "city": "Roma"}]
    held = HeldTable(pd.DataFrame(rows).fillna(""), "Clients")
    first, again = (letter_columns(held.table.frame, **home, beside=held.beside) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert held.puts == 1
    other = pd.DataFrame([{**rows[0], **cells}, *rows[1:]]).fillna("")
    found = letter_columns(other, **(home | asked), beside=held.beside)
    pd.testing.assert_frame_equal(found, letter_columns(other, **(home | asked)))
    assert (held.puts == 1) == taken, why


def test_a_table_without_these_columns_has_blanks() -> None:
    made = letter_columns(pd.DataFrame({"client_id": ["C1"]}), country="", language="en")
    assert made.to_dict("list") == {"letter_salutation": [""], "letter_household": [""]}


@pytest.mark.parametrize(
    ("typed", "language"),
    [("it", "it"), ("de-CH", "de"), ("no", "nb"), ("nynorsk", "es"), ("Deutsch", "de"), ("tedesco", "de"),
     ("Français", "fr"), ("norvegese", "nb"), ("español", "es"), ("Inglés", "en"), ("fi", "es"), ("", "es"),
     ("Dansk", "es"), ("allemand", "de"), ("NORWEGIAN", "nb")],
)  # fmt: skip
def test_a_language_is_understood_as_typed(typed: str, language: str) -> None:
    assert letter_language(typed, "es") == language
