"""The parts a name is read with: particles, titles, suffixes, companies, case, order."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcrm.names import company, knowledge, split_names
from xlcrm.names.affixes import take_suffixes, take_titles
from xlcrm.names.case import is_one_case, repair
from xlcrm.names.name_parts import units_of
from xlcrm.names.name_words import NameWords, is_initials
from xlcrm.names.order import order_of_list
from xlcrm.names.profiles import profile_of
from xlcrm.names.vocabulary import vocabulary
from xlcrm.text import fold_letters, squeeze


@pytest.mark.parametrize(
    ("text", "letters", "units"),
    [
        ("Pedro Ruiz de la Vega", "e", ["Pedro", "Ruiz", "de la Vega"]),
        ("Karl von und zu Berg", "d", ["Karl", "von und zu Berg"]),
        ("Ana García y López", "e", ["Ana", "García y López"]),
        ("María de los Ángeles Soto", "e", ["María", "de los Ángeles", "Soto"]),
        ("Amy Y Harper", "u", ["Amy", "Y", "Harper"]),
        ("Van Harper", "u", ["Van", "Harper"]),
        ("Anna Van", "u", ["Anna", "Van"]),
        ("Anna De Luca", "i", ["Anna", "De Luca"]),
    ],
)
def test_units(text: str, letters: str, units: list[str]) -> None:
    assert [unit.text for unit in units_of(NameWords(letters).of(text), letters)] == units


@pytest.mark.parametrize(
    ("text", "titles", "names", "suffixes"),
    [
        ("Prof. Dr. Anna Berg MSc", ["Prof.", "Dr."], ["Anna", "Berg"], ["MSc"]),
        ("Dean Martin", [], ["Dean", "Martin"], []),
        ("Jack Ma", [], ["Jack", "Ma"], []),
        ("JACK HARPER MA", [], ["JACK", "HARPER"], ["MA"]),
        ("Di Maio Luigi", [], ["Di", "Maio", "Luigi"], []),
        ("Mr and Mrs Harper", ["Mr", "and", "Mrs"], ["Harper"], []),
        ("John Harper Ph. D.", [], ["John", "Harper"], ["Ph.", "D."]),
    ],
)
def test_affixes(text: str, titles: list[str], names: list[str], suffixes: list[str]) -> None:
    front, rest = take_titles(NameWords("uo").of(text))
    middle, behind = take_suffixes(rest)
    assert [[w.text for w in part] for part in (front, middle, behind)] == [titles, names, suffixes]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Alfa S. r. l.", "S. r. l."),
        ("Alfa srl", "srl"),
        ("Alfa GmbH & Co. KG", "GmbH & Co. KG"),
        ("Alfa, S.A. de C.V.", "S.A. de C.V."),
        ("AS Alfa Beta", "AS"),
        ("ALFA AS", "AS"),
        ("Vasco Da", ""),
        ("AS", ""),
        ("Company of Heroes", ""),
        ("Alfa Ltd.", "Ltd."),
        ("Alfa Pte. Ltd.", "Pte. Ltd."),
    ],
)
def test_legal_form(text: str, form: str) -> None:
    assert company.legal_form(NameWords("uo").of(text)) == form


@pytest.mark.parametrize(
    ("text", "letters", "right"),
    [
        ("DE LUCA", "i", "De Luca"),
        ("VAN DER BERG", "l", "van der Berg"),
        ("VON BERG", "d", "von Berg"),
        ("DE LA VEGA", "e", "de la Vega"),
        ("MCALLISTER", "u", "McAllister"),
        ("MAC", "u", "Mac"),
        ("D'ANGELO", "i", "D'Angelo"),
        ("D'AUBIGNE", "f", "d'Aubigne"),
        ("O'NEILL-SMITH", "u", "O'Neill-Smith"),
        ("øverland", "n", "Øverland"),
        ("J.R.", "u", "J.R."),
    ],
)
def test_repair(text: str, letters: str, right: str) -> None:
    assert repair(text, letters) == right


def test_one_case() -> None:
    assert is_one_case("DE LUCA") and is_one_case("anna rossi")
    assert not is_one_case("De Luca") and not is_one_case("J.R.") and not is_one_case("王小明")


def test_fold_and_squeeze() -> None:
    assert [fold_letters(t) for t in ("BJØRN", "D’Angelò", "Müller", "Straße", "Ægir")] == [
        "bjorn",
        "d'angelo",
        "muller",
        "strasse",
        "aegir",
    ]
    assert squeeze(" Anna\u00a0 \u202eBianchi\x00 ") == "Anna Bianchi"


@pytest.mark.parametrize(
    ("text", "yes"),
    [("J.", True), ("J.B.", True), ("P-H.", True), ("J", True), ("Jo", False), ("D.ª", False), ("JB", False)],
)
def test_initials(text: str, yes: bool) -> None:
    assert is_initials(text) is yes


def test_lists_know_names_of_six_languages() -> None:
    for letter, given_name, family_name in (
        ("i", "giuseppe", "esposito"), ("e", "carmen", "garcia"), ("n", "ingrid", "olsen"),
        ("f", "monique", "lefebvre"), ("d", "wolfgang", "schmidt"), ("u", "jennifer", "smith"),
    ):  # fmt: skip
        assert knowledge.given_odds(given_name, letter) > 2 > -2 > knowledge.given_odds(family_name, letter)


def test_order_of_a_list_follows_its_rows() -> None:
    assert order_of_list([4.0] * 50, prior=0.0, rows=4) > 3
    assert order_of_list([-4.0] * 200, prior=3.0, rows=8) < -2
    assert abs(order_of_list([4.0] * 50 + [-4.0] * 50, prior=0.0, rows=4)) < 0.5
    assert order_of_list([0.0] * 50, prior=2.0, rows=8) == pytest.approx(2.0, abs=0.1)


def test_unknown_country_has_an_average_profile() -> None:
    assert profile_of("ZZ") == profile_of("")
    assert profile_of(" it ") == profile_of("IT")


def test_every_kind_of_word_is_in_the_table_once() -> None:
    book = vocabulary()
    assert {"title", "suffix", "particle", "legal", "company", "care_of"} <= set(book.words)
    assert all(book.words[kind] or book.phrases[kind] for kind in book.words)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(max_size=40), max_size=30), st.sampled_from(["", "IT", "ES", "NO", "FR", "DE", "US", "CN", "??"])
)
def test_a_column_of_anything_is_split(texts: list[str], country: str) -> None:
    frame = split_names(pd.Series(texts, dtype=object), country=country)
    assert len(frame) == len(texts)
    assert set(frame.kind) <= {"", "person", "company", "household"}


def test_time_grows_with_the_list_alone() -> None:
    """No row is weighed against every other: what a list teaches is kept by word."""
    rows = ["Anna Zanvelli", "Zanvelli Anna", "Dott. Luca Morvandi", "Morvandi & Figli snc"]
    small, large = split_names(pd.Series(rows * 10), country="IT"), split_names(pd.Series(rows * 1000), country="IT")
    assert small.last_name.tolist()[:4] == large.last_name.tolist()[:4]
