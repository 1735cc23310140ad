"""Ten thousand hostile strings never make the splitter fail, and nothing of them disappears."""

from __future__ import annotations

import random
from collections import Counter

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlcrm.addresses import compose_address, country_code, postal_code_fits, split_address
from xlcrm.addresses.address_text import LONGEST
from xlcrm.addresses.countries import languages, rows
from xlcrm.addresses.postal_codes import LABELS

COUNTRIES = ["", "IT", "ES", "NO", "FR", "DE", "GB", "US", "NL", "JP", "XX", "EG"]
WORDS = sorted({word for row in rows("words.csv") for word in row["words"].split()})
ANNOUNCING = {word.strip(".") for row in rows("words.csv") if row["kind"] == "number" for word in row["words"].split()}
ANNOUNCING |= LABELS  # "n.", "nr", "CAP": they say what follows and are no part of it
PIECES = ["12", "12/A", "3º", "#", "-", "/", "(", ")", "20121", "SW1A 2AA", "Milano", "MI", "Italia", "km 7,5", "H0201"]
HOSTILE = ["\x00", "\u202e", "\ufeff", "٣", "½", "²", "😀", "مكة", "’", '"', "\n", ",", "\t", "=1+1", "ﬁ", "İ", "ẞ"]


def parts(address: object) -> Counter[str]:
    fields = (
        "street",
        "house_number",
        "unit",
        "po_box",
        "postal_code",
        "city",
        "region",
        "name",
        "district",
        "remainder",
    )
    text = " ".join(getattr(address, field) for field in fields)
    return Counter(c for c in text.casefold() if c.isalnum())


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=80), st.sampled_from(COUNTRIES))
def test_any_text_is_taken(text: str, country: str) -> None:
    address = split_address(text, country=country)
    assert all(isinstance(value, (str, bool)) for value in address)
    assert all(line for line in compose_address(address._asdict()))


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(WORDS + PIECES * 8 + HOSTILE * 4), max_size=12), st.sampled_from(COUNTRIES))
def test_words_of_addresses_in_any_order_are_taken(words: list[str], country: str) -> None:
    text = " ".join(words)
    address = split_address(text, country=country)
    if not any(map(country_code, words)):  # the name of a country is taken off and becomes a code
        before = Counter(c for c in text.casefold() if c.isalnum())
        announcing = Counter(
            c for word in text.split() if word.casefold().strip(".,:()") in ANNOUNCING for c in word.casefold()
        )
        assert not (before - parts(address)) - announcing
    assert address.sure is (address.reason == "")


def test_ten_thousand_hostile_strings_are_taken() -> None:
    draw = random.Random(20)
    for _ in range(10_000):
        text = draw.choice(" \n,").join(draw.choices(WORDS + PIECES * 8 + HOSTILE * 4, k=draw.randint(0, 14)))
        address = split_address(text, country=draw.choice(COUNTRIES))
        assert "".join(value for value in address if isinstance(value, str)) or not any(map(str.isalnum, text))


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "Via Roma 1, " * 9_000, "\x00\u202e" * 50_000, "1 " * 50_000, "-" * 100_000]
)
def test_very_long_text_is_handed_back_whole(text: str) -> None:
    address = split_address(text, country="IT")
    assert address.reason == "address.too_long"
    assert address.remainder == " ".join(address.remainder.split())
    assert Counter(filter(str.isalnum, address.remainder)) == Counter(filter(str.isalnum, text))


def test_the_longest_text_that_is_split_loses_nothing() -> None:
    text = ("12/A bis, " * 100)[:LONGEST]
    assert parts(split_address(text, country="IT")) == Counter(filter(str.isalnum, text.casefold()))


@pytest.mark.parametrize("value", [None, 0, 3.5, float("nan"), pd.NaT, pd.NA, b"Via", ["a"], {"a": 1}, object, True])
def test_no_kind_of_value_is_refused(value: object) -> None:
    assert split_address(value).country in {"", *languages()}
    assert isinstance(country_code(value), str)


def test_every_country_can_be_split_and_composed() -> None:
    for country in [*languages(), "ZZ"]:
        address = split_address("12 Elm, 99999 Fakeham", country=country)
        assert address.country == (country if country in languages() else "")
        assert compose_address(address._asdict())
        assert postal_code_fits("99999", country, "") is None
