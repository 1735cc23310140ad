"""Header styles of six languages and ten programs: what is mapped is right, what is unsure stays the user's own."""

from __future__ import annotations

import csv
from collections import defaultdict

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import schema
from xlcrm.errors import CrmError
from xlcrm.importing import header_words
from xlcrm.importing.mapping import HELPERS, map_columns

TABLE = CASES / "import_headers.csv"


def styles() -> dict[tuple[str, str], list[dict[str, str]]]:
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["style"], row["table"]].append(row)
    return found


def frame_of(rows: list[dict[str, str]]) -> pd.DataFrame:
    height = max(len(row["values"].split("|")) for row in rows)
    columns = {}
    for row in rows:
        values = row["values"].split("|")
        columns[row["header"]] = pd.Series(values + [""] * (height - len(values)), dtype="str")
    return pd.DataFrame(columns)


@pytest.mark.parametrize("style", styles(), ids=lambda style: style[0])
def test_a_style_of_headers(style: tuple[str, str]) -> None:
    rows = styles()[style]
    frame = frame_of(rows)
    before = frame.copy()
    got = {m.header: m.field for m in map_columns(frame, style[1])}
    assert got == {row["header"]: row["expected"] for row in rows}
    pd.testing.assert_frame_equal(frame, before)


def test_the_styles_are_many() -> None:
    assert len(styles()) >= 20


def test_no_synonym_names_a_column_that_does_not_exist() -> None:
    for (table, _), entries in header_words._synonyms().items():
        if table in {"ambiguous", "choice"}:
            continue
        for field, *_ in entries:
            column = schema.table(table).column(field)
            assert field in HELPERS or (column is not None and not column.calculated), (table, field)


def test_what_the_user_says_goes_before_everything() -> None:
    frame = pd.DataFrame(
        {"E-mail": ["a@example.com"], "Sonstiges": ["b@example.com"], "Ort": ["Birkenau"]}, dtype="str"
    )
    got = map_columns(frame, "Clients", {"sonstiges": "E-Mail", "Ort": "-"})
    assert [(m.field, m.how) for m in got] == [("", "spare"), ("email", "given"), ("", "given")]


@pytest.mark.parametrize("field", ["Schuhgröße", "total_spend"])
def test_a_field_that_cannot_be_filled_is_refused(field: str) -> None:
    frame = pd.DataFrame({"A": ["1"]}, dtype="str")
    with pytest.raises(CrmError) as refused:
        map_columns(frame, "Clients", {"A": field})
    assert refused.value.key == "import.map_field"
    assert field in refused.value.text("de")
