"""Searches as people write them, six languages: each finds whom its conditions in the documented form find."""

from __future__ import annotations

import csv
import datetime as dt
import io
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import words
from xlcrm.demo.generate import make
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Grid
from xlcrm.segments import found
from xlcrm.segments.condition import Condition, joined_by_or, parse_where
from xlcrm.segments.evaluate import Search
from xlcrm.segments.fields import Figure
from xlcrm.segments.figures import per_client
from xlcrm.segments.highest import highest
from xlcrm.segments.moments import next_anniversaries
from xlcrm.segments.search import plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 28)
WINE = {"en": "Wine", "it": "Vino", "es": "Vino", "nb": "Vin", "fr": "Vin", "de": "Wein"}
COUNTRIES = {"Norge": "NO", "España": "ES", "France": "FR", "Deutschland": "DE", "United Kingdom": "GB"}


def _cases(name: str) -> list[dict[str, str]]:
    with (CASES / "segments" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


NAMES = ("natural_searches.csv", "natural_searches_more.csv", "alternatives_and_best.csv")
SEARCHES = [case for name in NAMES for case in _cases(name)]


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


def documented(text: str, search: Search) -> Condition:
    """A condition in the documented form, or those that "or" joins; no sentence."""
    parts = [parse_where(part, search.names) for part in joined_by_or(text, search.names)]
    return Condition("", either=tuple(parts)) if len(parts) > 1 else parts[0]


@pytest.mark.parametrize("case", SEARCHES, ids=lambda case: case["search"][:60])
def test_a_sentence_finds_whom_it_means(case: dict[str, str]) -> None:
    search = searched(case["language"])
    forms = [documented(one, search) for one in case["means"].split(" | ")]
    meant = search.fits(forms)
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


@pytest.mark.parametrize("case", _cases("windows_shown.csv"), ids=lambda case: f"{case['language']} {case['shown']}")
def test_how_far_back_is_shown_as_people_write_it(case: dict[str, str]) -> None:
    search = searched(case["language"])
    fits = found.fits(search, case["search"])
    shown = search.understood[case["search"]]
    assert f" {case['shown']} >" in shown, case["why"]
    assert found.fits(search, shown).tolist() == fits.tolist()


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


def test_the_best_clients_are_shown_best_first() -> None:
    search = searched("en")
    made = plan(search.tables, settings=search.settings, today=TODAY, where=["top 5 women by revenue"])
    (file,) = made.files
    (grid,) = file.content
    assert isinstance(grid, Grid)
    ids = [row[grid.header.index(words.header("Clients", "client_id"))] for row in grid.rows]
    spend = per_client(Figure("Purchases", "sum", "spend"), None, search.books)
    women = spend[(search.clients["gender"] == "F").to_numpy()].sort_values(ascending=False, kind="stable")
    assert ids == search.clients["client_id"].loc[women.index[:5]].tolist()


def test_an_or_beside_an_and_is_asked_about() -> None:
    """Which of them belong together can't be told."""
    with pytest.raises(CrmError) as refused:
        found.fits(searched("en"), "in Rome or spent more than 500 and older than 50")
    assert (refused.value.key, str(refused.value.values["word"])) == ("segment.not_understood", "or")


@pytest.mark.parametrize(
    ("born", "today", "next_one"),
    [
        ("1980-11-28", "2026-11-28", "2026-11-28"),  # today is not over yet
        ("1980-11-27", "2026-11-28", "2027-11-27"),
        ("1980-02-29", "2026-11-28", "2027-02-28"),
        ("1980-02-29", "2027-12-01", "2028-02-29"),
        ("2030-01-01", "2026-11-28", None),  # a slip
    ],
)
def test_the_next_birthday(born: str, today: str, next_one: str | None) -> None:
    dates = pd.to_datetime(pd.Series([born, None]))
    after = next_anniversaries(dates, dt.date.fromisoformat(today))
    assert [None if day is pd.NaT else str(day.date()) for day in after] == [next_one, None]


def test_the_highest_are_all_that_equal_the_last() -> None:
    values = pd.Series([5.0, 3.0, None, 3.0, 0.0, 9.0])
    among = np.array([True, True, True, True, True, False])
    assert highest(values, 2, among).tolist() == [True, True, False, True, False, False]
    assert highest(values, 0, among).sum() == 0
