"""What find_doubles, match_clients, find_households and explain answer, on lists made here."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xlcrm.doubles import explain, find_doubles, find_households, match_clients

CASES = Path(__file__).resolve().parents[1] / "cases" / "doubles_pairs.csv"
COLUMNS = ["first_name", "last_name", "birth_date", "email", "phone", "street", "house_number"]
BANDS = ["", "perhaps", "surely"]
FIRST = "Anna Elena Karin Pedro Nils Olga Tomas Greta Aldo Renata Marco Siv Hugo Clara Rosa Emil Vera Luca".split()
LAST = "Bassi Conti Dahl Esteve Fuchs Gallo Holm Iversen Jansen Koch Lund Martel Neri Orsini Prat Quist".split()


def filler(rows: int = 400) -> pd.DataFrame:
    chance = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "first_name": chance.choice(FIRST, rows),
            "last_name": [
                f"{a}{b.lower()}" for a, b in zip(chance.choice(LAST, rows), chance.choice(LAST, rows), strict=True)
            ],
            "birth_date": pd.to_datetime(chance.integers(-10000, 10000, rows), unit="D").strftime("%Y-%m-%d"),
            "email": [f"user{n}@example.net" for n in chance.permutation(10 * rows)[:rows]],
            "phone": [f"0{n}" for n in chance.integers(10**8, 10**9, rows)],
            "street": [f"Via {word}" for word in chance.choice(LAST, rows)],
            "house_number": chance.integers(1, 120, rows).astype(str),
            "postal_code": [f"{n}" for n in 20100 + chance.integers(0, 60, rows)],
        }
    )


def pair_cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def with_pairs() -> pd.DataFrame:
    """Filler and the pairs of the table: pair n has the labels 10000 + 2n and the next."""
    rows = [
        dict(zip(COLUMNS, case[side].split("|"), strict=True)) for case in pair_cases() for side in ("left", "right")
    ]
    pairs = pd.DataFrame(rows, index=10000 + np.arange(len(rows))).assign(postal_code="20112")
    return pd.concat([filler(), pairs])


@pytest.fixture(scope="module")
def found(with_pairs: pd.DataFrame) -> pd.DataFrame:
    return find_doubles(with_pairs, country="IT")


@pytest.mark.parametrize("n", range(len(pair_cases())), ids=lambda n: pair_cases()[n]["why"][:50])
def test_a_pair_is_in_its_band(n: int, found: pd.DataFrame) -> None:
    case = pair_cases()[n]
    row = found[(found.left == 10000 + 2 * n) & (found.right == 10001 + 2 * n)]
    band = row.band.iloc[0] if len(row) else ""
    assert BANDS.index(case["least"]) <= BANDS.index(band) <= BANDS.index(case["most"]), row.reasons.tolist()
    grouped = bool(len(row)) and bool((row.group >= 0).iloc[0])
    assert case["group"] == "" or grouped == (case["group"] == "1")


def test_strangers_are_not_joined(found: pd.DataFrame) -> None:
    beyond = found[(found.left < 10000) | (found.right // 2 != found.left // 2)]
    assert not (beyond.band == "surely").any() and not (beyond.group >= 0).any()


def test_the_order_of_rows_makes_no_difference(with_pairs: pd.DataFrame, found: pd.DataFrame) -> None:
    again = find_doubles(with_pairs.sample(frac=1, random_state=3), country="IT")

    def plain(frame: pd.DataFrame) -> set[tuple[object, ...]]:
        return {
            (frozenset((left, right)), score, band, grouped)
            for left, right, score, band, grouped in zip(
                frame.left, frame.right, frame.score, frame.band, frame.group >= 0, strict=True
            )
        }

    assert plain(again) == plain(found)


def test_the_result_has_its_columns_and_the_input_stays() -> None:
    clients = filler(40)
    before = clients.copy()
    found = find_doubles(pd.concat([clients, clients.tail(3).set_axis([900, 901, 902])]))
    assert list(found.columns) == ["left", "right", "score", "band", "group", "reasons", "codes"]
    assert (found.band == "surely").sum() == 3 and found.group.tolist() == [0, 1, 2]
    pd.testing.assert_frame_equal(clients, before)


def test_reasons_are_values_and_words(found: pd.DataFrame) -> None:
    row = found[found.left == 10002].iloc[0]
    fields = {field: code for field, code, _ in row.codes}
    assert fields["first_name"] == "variant" and fields["phone"] == "equal"
    assert "first name: a short form or a slip" in row.reasons


@pytest.mark.parametrize("column", ["first_name", "last_name", "birth_date", "email", "phone", "street", "postal_code"])
def test_any_column_may_be_missing(column: str, with_pairs: pd.DataFrame) -> None:
    assert set(find_doubles(with_pairs.drop(columns=column)).band) <= {"surely", "perhaps"}


@pytest.mark.parametrize(
    "clients", [pd.DataFrame(), pd.DataFrame({"first_name": ["Anna"]}), pd.DataFrame({"x": [1, 2]})]
)
def test_lists_of_nothing_have_no_doubles(clients: pd.DataFrame) -> None:
    assert len(find_doubles(clients)) == 0 and (find_households(clients) == -1).all()
    assert len(match_clients(clients, clients.head(0))) == 0


def test_blank_and_odd_cells_are_taken() -> None:
    odd = pd.DataFrame(
        {"last_name": [None, "Rossi", 12.0, np.nan, "山田"], "birth_date": [pd.NaT, "x", "", 1980, "1980-02-30"]}
    )
    assert len(find_doubles(pd.concat([odd, odd], ignore_index=True))) >= 0


def test_dates_may_be_dates() -> None:
    clients = filler(60)
    clients["birth_date"] = pd.to_datetime(clients.birth_date)
    twice = pd.concat([clients, clients.head(2).set_axis([70, 71])])
    assert (find_doubles(twice).band == "surely").sum() == 2


def test_two_rows_with_one_label_are_refused() -> None:
    with pytest.raises(ValueError, match="label"):
        find_doubles(filler(4).set_axis([1, 1, 2, 3]))


def test_matching_is_one_to_one_across_lists() -> None:
    known = filler(300)
    new = pd.concat([known.head(40), known.head(5)]).reset_index(drop=True).assign(phone="")
    found = match_clients(new, known, country="IT")
    assert not found.left.duplicated().any() and not found.right.duplicated().any()
    sure = found[found.band == "surely"]
    assert len(sure) >= 40 and (known.email[sure.right].to_numpy() == new.email[sure.left].to_numpy()).all()


def test_full_names_and_addresses_are_split() -> None:
    clients = filler(200)
    whole = clients.head(3).assign(full_name=clients.first_name + " " + clients.last_name, first_name="", last_name="")
    whole["address"], whole["street"], whole["house_number"] = whole.street + " " + whole.house_number, "", ""
    found = find_doubles(pd.concat([clients, whole.set_axis([500, 501, 502])]), country="IT")
    assert found[found.band == "surely"].right.tolist() == [500, 501, 502]


FIRM = {"kind": "company", "company": "Odoli Tessuti S.r.l.", "email": "info@odoli.example", "phone": "0112702076"}
HERE = {"street": "Via Galilei", "house_number": "29", "postal_code": "00136", "city": "Roma"}
THERE = {"street": "Via Fossano", "house_number": "57", "postal_code": "84011", "city": "Amalfi"}


@pytest.mark.parametrize(
    ("one", "other", "surely"),
    [
        ({**FIRM, **HERE}, {**FIRM, **HERE, "company": "ODOLI TESSUTI"}, True),
        (
            {**FIRM, **HERE},
            {**FIRM, **HERE, "kind": "person", "company": "", "first_name": "Ugo", "last_name": "Odoli"},
            False,
        ),
        ({**FIRM, **HERE}, {**FIRM, **THERE}, False),
        ({**FIRM, **HERE}, {**FIRM, **THERE, "company": "Odoli Tessuti filiale di Amalfi"}, False),
        ({**FIRM, **HERE, "tax_id": "07643520567"}, {**FIRM, **HERE, "tax_id": "80099210975"}, False),
    ],
    ids=["legal form", "owner", "branch", "named branch", "two tax numbers"],
)
def test_firms_their_people_and_branches(one: dict[str, str], other: dict[str, str], surely: bool) -> None:
    clients = pd.concat([filler(300), pd.DataFrame([one, other], index=[900, 901])])
    found = find_doubles(clients, country="IT")
    pair = found[(found.left == 900) & (found.right == 901)]
    assert bool((pair.band == "surely").any()) == surely and bool((pair.group >= 0).any()) == surely
    households = find_households(clients, country="IT")
    assert households[900] == households[901] >= 0


def test_a_household_is_one_and_strangers_are_none(with_pairs: pd.DataFrame) -> None:
    households = find_households(with_pairs, country="IT")
    couple, namesakes = 10000 + 2 * 7, 10000 + 2 * 11
    assert households[couple] == households[couple + 1] >= 0
    assert households[namesakes] == -1 or households[namesakes] != households[namesakes + 1]
    assert (households[households.index < 10000] >= 0).mean() < 0.05


def test_explain_tells_field_by_field(with_pairs: pd.DataFrame) -> None:
    table = explain(with_pairs, 10000 + 20, 10001 + 20, country="IT")
    assert list(table.columns) == ["field", "left", "right", "level", "bits", "why"]
    day = table.set_index("field").loc["birth_date"]
    assert day.level == "generation" and day.bits < 0 and table.field.iloc[-1] == "score"
    with pytest.raises(KeyError):
        explain(with_pairs, 10000, "nobody")
