"""Searches as people write them, six languages: each finds whom its conditions in the documented form find."""

from __future__ import annotations

import csv
import datetime as dt
import io
from functools import cache

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import words
from xlcrm.demo.generate import make
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.segments import found
from xlcrm.segments.condition import parse_where
from xlcrm.segments.evaluate import Search
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 28)
WINE = {"en": "Wine", "it": "Vino", "es": "Vino", "nb": "Vin", "fr": "Vin", "de": "Wein"}
COUNTRIES = {"Norge": "NO", "España": "ES", "France": "FR", "Deutschland": "DE", "United Kingdom": "GB"}


def _cases(name: str) -> list[dict[str, str]]:
    with (CASES / "segments" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SEARCHES = [*_cases("natural_searches.csv"), *_cases("natural_searches_more.csv")]


def _table(name: str, text: str) -> Table:
    """A list of the demo as a table of the workbook, under the schema's names."""
    frame = pd.read_csv(io.StringIO(text.lstrip("\ufeff")), sep=";", dtype=str).fillna("")
    frame.columns = ["full_name" if c == "Name" else words.column_of(name, c) or c for c in frame.columns]
    return Table(name, name, frame, {str(column): words.header(name, str(column)) for column in frame.columns})


@cache
def searched(language: str) -> Search:
    """The demo with towns and countries taken from its addresses, categories in the user's words."""
    demo = make(TODAY, seed=7)
    clients, lines = _table("Clients", demo.clients), _table("Purchases", demo.purchases)
    people = clients.frame
    people["city"] = people["address"].str.extract(r"\d{4,5} ([^\d,(]+)", expand=False).fillna("").str.strip()
    ends = people["address"].str.extract(r", ([^,]+)$", expand=False).fillna("")
    people["country"] = ends.map(lambda text: next((c for name, c in COUNTRIES.items() if name in text), "IT"))
    people["kind"] = people["gender"].map(lambda text: "person" if text else "company")
    for column, start in (("employees", 1), ("orders", 0), ("average_spend", 20), ("mobile", 0)):
        people[column] = "" if column == "mobile" else [str(start + at % 30 * 9) for at in range(len(people))]
    days = pd.Series([TODAY - dt.timedelta(days=at * 3) for at in range(len(people))])
    people["last_purchase"] = pd.to_datetime(days).astype("datetime64[us]").to_numpy()
    people["age"] = ""
    lines.frame["category"] = lines.frame["category"].replace("Wine", WINE[language])
    talks = pd.DataFrame({"client_id": ["C0002"], "date": ["2026-11-01"], "kind": ["visit"]})
    tables = Tables.of(clients, lines, Table("Interactions", "I", talks, {}))
    return Search(tables, Settings(country="IT", currency="EUR", language=language), TODAY)


@pytest.mark.parametrize("case", SEARCHES, ids=lambda case: case["search"][:60])
def test_a_sentence_finds_whom_it_means(case: dict[str, str]) -> None:
    search = searched(case["language"])
    meant = search.fits([parse_where(one, search.names) for one in case["means"].split(" | ")])
    assert found.fits(search, case["search"]).tolist() == meant.tolist(), case["why"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_understood_is_a_search_by_itself(language: str) -> None:
    """The form that a person is shown can be typed, and finds the same."""
    for case in SEARCHES[LANGUAGES.index(language) :: len(LANGUAGES)]:
        search = searched(case["language"])
        other = Search(search.tables, Settings(country="IT", currency="EUR", language=language), TODAY)
        fits = found.fits(other, case["search"])
        for form in list(other.understood.values()):
            assert found.fits(other, form).tolist() == fits.tolist(), form


def test_the_demo_tells_the_searches_apart() -> None:
    """Searches that everybody or nobody answers to would prove little."""
    told = [0 < found.fits(searched(c["language"]), c["search"]).sum() < 300 for c in SEARCHES]
    assert sum(told) >= 0.85 * len(told)


@pytest.mark.parametrize("case", _cases("not_understood.csv"), ids=lambda case: case["search"][:60])
def test_a_word_that_means_nothing_is_named(case: dict[str, str]) -> None:
    with pytest.raises(CrmError) as refused:
        found.fits(searched(case["language"]), case["search"])
    values = {key: str(value) for key, value in refused.value.values.items()}
    assert (values.get("word", ""), values.get("form", "")) == (case["word"], case["form"]), case["why"]
    assert len(str(values.get("near", "")).split(", ")) <= 3
