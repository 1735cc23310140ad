"""Names: a table of invented cases in six languages, what must hold for any text, and the figures on data by others."""

from __future__ import annotations

import csv
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.paths import CASES
from xlcrm import messages
from xlcrm.names import Name, split_name, split_names
from xlcrm.names.vocabulary import key_of, vocabulary

TEXT_FIELDS = [field for field in Name._fields if field not in ("sure", "reason", "other_first", "other_last")]


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", [*rows("names.csv"), *rows("names_in_lists.csv")], ids=lambda case: case["raw"])
def test_case(case: dict[str, str]) -> None:
    found = split_name(case["raw"], country=case["country"])
    wanted = {field: case[field] for field in TEXT_FIELDS}
    assert {field: getattr(found, field) for field in TEXT_FIELDS} == wanted, case["why"]
    assert found.sure == (case["sure"] == "yes"), case["why"]


def test_doubt_has_a_sentence_in_every_language() -> None:
    for case in rows("names.csv"):
        found = split_name(case["raw"], country=case["country"])
        assert bool(found.reason) != found.sure
        if found.reason:
            assert len({messages.text(found.reason, lang, value="x", other="y") for lang in messages.LANGUAGES}) == 6


def test_other_reading_is_shown_where_order_is_open() -> None:
    found = split_name("Bruno Martino", country="IT")
    assert (found.reason, found.other_first, found.other_last) == ("name.order", "Martino", "Bruno")


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pd.NaT, pd.NA, "", "   ", "\u00a0", "\t\n"])
def test_blank(value: object) -> None:
    assert split_name(value) == Name()
    assert split_names(pd.Series([value], dtype=object)).kind.tolist() == [""]


@pytest.mark.parametrize(
    "value", [7, 3.5, True, b"Anna Bianchi", b"\xff\xfe", object(), ["a"], pd.Timestamp("2024-01-02")]
)
def test_other_values_never_raise(value: object) -> None:
    assert isinstance(split_name(value), Name)
    assert len(split_names(pd.Series([value], dtype=object))) == 1


def test_series_is_not_changed_and_index_is_kept() -> None:
    series = pd.Series(["Anna Bianchi", None, "Rossi Mario"], index=[7, 3, 3], name="x")
    before = series.copy()
    frame = split_names(series, country="IT")
    pd.testing.assert_series_equal(series, before)
    assert frame.index.tolist() == [7, 3, 3]
    assert list(frame.columns) == list(Name._fields)
    assert frame.sure.dtype == bool
    assert all(isinstance(frame[c].dtype, pd.StringDtype) for c in frame.columns if c != "sure")


def test_empty_series() -> None:
    frame = split_names(pd.Series([], dtype="str"))
    assert len(frame) == 0 and list(frame.columns) == list(Name._fields)


def test_country_per_row() -> None:
    frame = split_names(pd.Series(["M. Jean Roux", "Dott. Luca Neri"]), country=pd.Series(["FR", "IT"]))
    assert frame.title.tolist() == ["M.", "Dott."]
    with pytest.raises(ValueError, match="as many codes"):
        split_names(pd.Series(["a", "b"]), country=pd.Series(["FR"]))


GIVEN = ["Luca", "Anna", "Marco", "Giulia", "Paolo", "Chiara", "Davide", "Elena", "Stefano", "Sara"]
FAMILY = [
    "Zanvelli",
    "Brustonio",
    "Carpegoni",
    "Dalvezzi",
    "Fostarini",
    "Gremolti",
    "Lovaschi",
    "Morvandi",
    "Pestrelli",
    "Quaranti",
]
OPEN = ["Marino Fabiano", "Bruno Martino", "Vito Rocco"]


@pytest.mark.parametrize("surname_first", [False, True])
def test_order_is_learnt_from_the_list(surname_first: bool) -> None:
    clear = [f"{f} {g}" if surname_first else f"{g} {f}" for g in GIVEN for f in FAMILY]
    frame = split_names(pd.Series(clear + OPEN), country="IT")
    column = "last_name" if surname_first else "first_name"
    assert frame[column].tolist()[-3:] == [name.split()[0] for name in OPEN]


def test_words_are_learnt_from_rows_with_a_comma() -> None:
    sure = [f"Orvandel, {name}" for name in ("Miquelo", "Anna", "Paolo")]
    alone = split_names(pd.Series(["Orvandel Miquelo"]), country="IT")
    among = split_names(pd.Series([*sure, "Orvandel Miquelo"]), country="IT")
    assert not alone.sure.iloc[0] or alone.last_name.iloc[0] != "Orvandel"
    assert (among.first_name.iloc[-1], among.last_name.iloc[-1]) == ("Miquelo", "Orvandel")


HOSTILE = [
    *("Mr", "&", "e", "y", "van", "de la", "Jr.", ",", ";", " - ", "(", ")", '"', "S.r.l.", "MARIA", "Rossi", "née"),
    *(
        "D.ª",
        "\u202e",
        "😀",
        "M.",
        "&amp;",
        "\x00",
        "O'",
        "-",
        "/",
        "Ph. D.",
        "Dott.",
        "Familie",
        "A.B.C.",
        "王小明",
        "ﬁ",
    ),
]
CELLS = st.lists(st.one_of(st.text(max_size=12), st.sampled_from(HOSTILE)), max_size=9).map(" ".join)


@settings(max_examples=500, deadline=None)
@given(st.lists(CELLS, min_size=20, max_size=20))
def test_any_text_keeps_all_its_letters(cells: list[str]) -> None:
    """Ten thousand cells: never an exception, and every letter typed is in one of the fields."""
    for text in cells:
        found = split_name(text)
        kept = " ".join(getattr(found, field) for field in TEXT_FIELDS if field not in ("kind", "legal_form"))
        markers = [word for word in text.split() if key_of(word) in vocabulary().words["care_of"]]  # between two fields
        missing = letters(text) - letters(kept) - letters("".join(markers))
        assert not missing, (text, missing)


def letters(text: str) -> set[str]:
    return {c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalnum()}


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "a " * 50_000,
        "(" * 100_000,
        "a,b" * 33_000,
        "\u202e" * 100_000,
        "😀" * 100_000,
        '"' * 100_000,
        "Anna - " * 15_000,
        "e " * 50_000,
    ],
)
def test_very_long_text(text: str) -> None:
    found = split_name(text)
    assert found.remainder or not text.strip() or found.kind == ""


def test_same_list_twice_gives_the_same() -> None:
    names = pd.Series([case["raw"] for case in rows("names.csv")])
    pd.testing.assert_frame_equal(split_names(names), split_names(names))
