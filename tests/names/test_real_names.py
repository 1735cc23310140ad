"""Names that others collected and labelled: how many come back as labelled, by country and by kind."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from xlcrm.names import split_names

LEAST = {"IT": 0.95, "ES": 0.97, "NO": 0.99, "FR": 0.98, "US": 0.975}


@pytest.fixture(scope="module")
def names(shared_data: Path) -> pd.DataFrame:
    path = shared_data / "names.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is missing from the shared data")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def persons(names: pd.DataFrame) -> pd.DataFrame:
    """Labelled persons with whether given and family name came back; a list is split as a list."""
    people = names[(names.kind == "person") & (names["first"] != "") & (names["last"] != "")].copy()
    right: dict[Hashable, bool] = {}
    for (_, country), part in people.groupby(["source", "country"], sort=False):
        code = str(country)
        found = split_names(part.raw, country=code if re.fullmatch("[A-Z]{2}", code) else "")
        pairs = zip(part.to_dict("records"), found.to_dict("records"), strict=True)
        right |= {place: is_right(row, got) for place, (row, got) in zip(part.index, pairs, strict=True)}
    return people.assign(right=pd.Series(right).reindex(people.index))


def is_right(row: Mapping[Hashable, str], got: Mapping[Hashable, str]) -> bool:
    extra = json.loads(row["extra"] or "{}")
    unknown = set(extra.get("_unasserted", []))
    first, middle = row["first"], row["middle"]
    wanted = {plain(first), plain(f"{first} {middle}")}
    given = {plain(got["first_name"]), plain(f"{got['first_name']} {got['middle_name']}")}
    family = "last" in unknown or plain(got["last_name"]) == plain(row["last"])
    return family and ("first" in unknown or bool(given & wanted))


def plain(text: str) -> str:
    return " ".join(re.sub(r"[.,;]", " ", text.casefold()).split())


@pytest.mark.parametrize("country", LEAST)
def test_persons_of_a_country(persons: pd.DataFrame, country: str) -> None:
    assert persons.right[persons.country == country].mean() >= LEAST[country]


def test_persons_of_all_countries(persons: pd.DataFrame) -> None:
    assert persons.right.mean() >= 0.96


@pytest.mark.parametrize("kind", ["company", "person"])
def test_companies_are_told_from_persons(names: pd.DataFrame, kind: str) -> None:
    mixed = names[names.kind.isin(["company", "person"])]
    found = split_names(mixed.raw).kind
    assert (found[mixed.kind == kind] == kind).mean() >= 0.95


def test_surname_first_and_surname_last_are_found_in_one_list(names: pd.DataFrame) -> None:
    """Rows of one list in both orders: the words of each row must decide, not the majority."""
    forms = names.extra.map(lambda text: json.loads(text or "{}").get("_form", ""))
    for form in ("family_first", "given_first"):
        part = names[(names.country == "IT") & names.source.str.startswith("ondata") & (forms == form)]
        mixed = names[(names.country == "IT") & names.source.str.startswith("ondata")]
        found = split_names(mixed.raw, country="IT").loc[part.index]
        assert (found.last_name.map(plain) == part["last"].map(plain)).mean() >= 0.95
