"""Folding and comparing text: what each caller takes for one word and what for two, as a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcrm import text
from xlcrm.addresses.address_text import town_key
from xlcrm.addresses.countries import country_code
from xlcrm.addresses.regions import names as regions
from xlcrm.checks.judge import placeholder
from xlcrm.checks.people import surname_letters
from xlcrm.fields import date, email, postal_code
from xlcrm.fields.field_errors import FieldError
from xlcrm.importing import header_words
from xlcrm.importing.same_client.exact_keys import match
from xlcrm.names.vocabulary import key_of
from xlcrm.segments.compare import ColumnReading, compare
from xlcrm.spend.funnel import same_group

ROOT = Path(__file__).parent.parent
with (ROOT / "tests" / "cases" / "text.csv").open(encoding="utf-8", newline="") as _file:
    CASES = list(csv.DictReader(_file))
READING = ColumnReading(pd.Timestamp("2026-11-22").date())
Caller = Callable[[str, str], bool]


def by(key: Callable[[str], object]) -> Caller:
    return lambda one, other: key(one) == key(other)


def _known(key: Callable[[str], object]) -> Caller:
    return lambda one, other: bool(key(one)) and key(one) == key(other)


def _found(one: str, other: str) -> bool:
    """Whether a search for one finds the other."""
    return bool(compare(pd.Series([one], dtype="str"), "text", "", "is", other, READING)[0])


def _imported(one: str, other: str) -> bool:
    """Whether the same person of this town is nobody new."""
    there, listed = ({"full_name": ["Nora Ashgrove"], "city": [city]} for city in (one, other))
    return int(match(pd.DataFrame(there), pd.DataFrame(listed)).at[0]) == 0


def _mended(value: str) -> str:
    try:
        return email.validate(value)
    except FieldError as fault:
        return fault.suggestion


def _day(value: str) -> object:
    return date.validate(value) if date.is_valid(value) else ""


CALLERS: dict[str, Caller] = {
    "fold": text.same,
    "letters": by(text.fold_letters),
    "name": by(key_of),
    "double": by(text.any_order),
    "town": by(town_key),
    "header": by(header_words.key),
    "search": _found,
    "group": lambda one, other: same_group(pd.Series([one, other])).nunique() == 1,
    "import": _imported,
    "label": by(text.fold),
    "sheet": by(text.fold),
    "setting": by(text.fold),
    "caseless": by(text.caseless),
    "region": lambda one, other: len({regions("IT").get(text.fold_letters(t), t) for t in (one, other)}) == 1,
    "country": _known(country_code),
    "placeholder": by(placeholder),
    "date": _known(_day),
    "tax": by(surname_letters),
    "postcode": by(postal_code.compact),
    "email": by(_mended),
}
ALL = ("fold", "letters", "name", "double", "town", "header", "search", "group", "import")


def shown(cell: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), cell).replace("\\t", "\t").replace("\\n", "\n")


def rows() -> list[tuple[str, dict[str, str]]]:
    return [
        (caller, case)
        for case in CASES
        for name in case["callers"].split("|")
        for caller in (ALL if name == "all" else (name,))
    ]


@pytest.mark.parametrize(
    ("caller", "case"), rows(), ids=lambda v: v if isinstance(v, str) else v["one"] + "=" + v["other"]
)
def test_what_is_one_word(caller: str, case: dict[str, str]) -> None:
    found = CALLERS[caller](shown(case["one"]), shown(case["other"]))
    assert found is (case["alike"] == "yes"), case["why"]


def test_every_caller_stands_in_the_table() -> None:
    assert {caller for caller, _ in rows()} == set(CALLERS)
    assert all(case["why"] for case in CASES)


@given(st.text(), st.text())
def test_folding_is_the_same_piece_by_piece(one: str, other: str) -> None:
    for fold in (text.fold, text.fold_letters, text.any_order):
        assert fold(fold(one)) == fold(one)
    assert text.tokens(f"{one} {other}") == [*text.tokens(one), *text.tokens(other)]
    assert text.fold(text.fold_letters(one)) == text.fold(one)


def test_nobody_else_folds_text() -> None:
    """A private fold would soon disagree; money, formulas, file names, digits, letters of an exchange are none."""
    users = {path.name for path in (ROOT / "xlcrm").rglob("*.py") if "unicodedata" in path.read_text(encoding="utf-8")}
    assert users == {"text.py", "money.py", "postal_codes.py", "csv_text.py", "file_names.py", "latin_letters.py"}
