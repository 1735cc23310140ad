"""Doubles that others labelled: groups of public lists, and pairs that are two people among pairs that are one."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from xlcrm.doubles import find_doubles

FEBRL = {
    "given_name": "first_name",
    "surname": "last_name",
    "street_number": "house_number",
    "address_1": "street",
    "address_2": "unit",
    "suburb": "city",
    "postcode": "postal_code",
    "state": "region",
    "date_of_birth": "birth_date",
}


def read(shared_data: Path, name: str) -> pd.DataFrame:
    path = shared_data / name
    if not path.exists():
        pytest.skip(f"{name} is missing from the shared data")
    return pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)


def joined(found: pd.DataFrame) -> set[tuple[object, object]]:
    """All pairs of rows of one group."""
    grouped = found[found.group >= 0]
    group = pd.concat([grouped.set_index("left").group, grouped.set_index("right").group])
    group = group[~group.index.duplicated()]
    return {
        pair for members in group.groupby(group).groups.values() for pair in itertools.combinations(sorted(members), 2)
    }


def f1(found: pd.DataFrame, label: pd.Series) -> float:
    have = joined(found)
    true = {pair for rows in label.groupby(label).groups.values() for pair in itertools.combinations(sorted(rows), 2)}
    return 2 * len(have & true) / (len(have) + len(true))


def test_australian_list_with_moves_and_slips(shared_data: Path) -> None:
    d = read(shared_data, "duplicates/febrl1.csv")
    clients = d.rename(columns=FEBRL)[list(FEBRL.values())]
    assert f1(find_doubles(clients, country="AU"), d.rec_id.str.extract(r"rec-(\d+)-")[0]) >= 0.997


def test_german_names_with_birth_dates(shared_data: Path) -> None:
    d = read(shared_data, "duplicates/RecordLinkage_RLdata500.csv").replace("NA", "")
    day = d.by + "-" + d.bm.str.zfill(2) + "-" + d.bd.str.zfill(2)
    clients = pd.DataFrame({"first_name": d.fname_c1, "last_name": d.lname_c1 + " " + d.lname_c2, "birth_date": day})
    assert f1(find_doubles(clients, country="DE"), d.identity) >= 0.97


def test_list_with_much_missing(shared_data: Path) -> None:
    d = read(shared_data, "duplicates/splink_fake_1000.csv")
    clients = d.rename(columns={"surname": "last_name", "dob": "birth_date"})
    clients = clients[["first_name", "last_name", "birth_date", "city", "email"]]
    assert f1(find_doubles(clients, country="GB"), d.cluster) >= 0.96


@pytest.fixture(scope="module")
def pairs(shared_data: Path) -> pd.DataFrame:
    return read(shared_data, "doubles_pairs.csv")


def clients_of(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.drop(columns=["person_id", "pair_id", "pair_kind"])


def test_households_and_namesakes_stay_apart(pairs: pd.DataFrame) -> None:
    found = find_doubles(clients_of(pairs))
    surely = joined(found) | set(zip(*(found[found.band == "surely"][side] for side in ("left", "right")), strict=True))
    person = pairs.person_id
    of = person.to_dict()
    assert sum(of[one] != of[other] for one, other in surely) <= 2
    twice = person[person.duplicated(keep=False)]
    true = {tuple(sorted(rows)) for rows in twice.groupby(twice).groups.values()}
    shown = surely | set(zip(found.left, found.right, strict=True))
    assert len(true & surely) >= 0.85 * len(true) and len(true & shown) >= 0.97 * len(true)


def test_a_list_without_doubles_has_none(pairs: pd.DataFrame) -> None:
    found = find_doubles(clients_of(pairs[pairs.pair_kind == ""]))
    assert (found.band == "surely").sum() == 0 and (found.group >= 0).sum() == 0
