"""People of merged clients: they come along, who stood at both becomes one row, and an undo parts all of it."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest

from tests.support.checking_help import frame_of
from tests.support.merging_help import applied, book, merged
from xlcrm.tables import Tables
from xlcrm.undo import parting
from xlcrm.values import text_of

CASES = [
    ("person_id=P1 client_id=C1 full_name=Anna_Prova; person_id=P2 client_id=C2 full_name=Bo_Probe", 2, "two people"),
    (
        "person_id=P1 client_id=C1 full_name=Anna_Prova email=a@example.com;"
        "person_id=P2 client_id=C2 full_name=PROVA_Anna job_title=Buyer",
        1,
        "one person, whose job only the other row has",
    ),
    (
        "person_id=P1 client_id=C1 full_name=Anna_Prova job_title=Owner notes=golf;"
        "person_id=P2 client_id=C2 full_name=Anna_Prova job_title=Buyer notes=chess",
        1,
        "two jobs: one in the notes",
    ),
    (
        "person_id=P1 client_id=C1 full_name=Anna_Prova email=a@example.com;"
        "person_id=P2 client_id=C2 full_name=Anna_Prova email=b@example.com",
        2,
        "two addresses: perhaps two people",
    ),
    (
        "person_id=P1 client_id=C1 full_name=Anna_Prova until=2020-01-01;"
        "person_id=P2 client_id=C2 full_name=Anna_Prova",
        2,
        "who left the one is still at the other",
    ),
    (
        "person_id=P1 client_id=C1 full_name=Anna_Prova; person_id=P1 client_id=C2 full_name=Anna_Prova;"
        "person_id=P1 client_id=C9 full_name=Else_Who",
        3,
        "a number that a third person has as well",
    ),
    (
        "client_id=C1 full_name=Anna_Prova; person_id=P2 client_id=C2 full_name=Anna_Prova",
        1,
        "a row without a number takes the other's",
    ),
    (
        "person_id=P1 client_id=C1 full_name=Anna_Prova; person_id=P2 client_id=C1 full_name=Anna_Prova",
        2,
        "twice at one client before: not the merge's to tidy",
    ),
]


def with_people(people: str, clients: str = "client_id=C1 full_name=Firm; client_id=C2 full_name=Firm") -> Tables:
    deals = "opportunity=O1 client_id=C2 person_id=P2; opportunity=O2 client_id=C1 person_id=P1"
    return book(clients, People=frame_of("People", people), Opportunities=frame_of("Opportunities", deals))


def words_of(tables: Tables, name: str = "People") -> set[str]:
    """Every word that stands in any cell of a table but for the clients' numbers."""
    frame = tables[name].frame.drop(columns="client_id")
    return {word for column in frame for cell in frame[column] for word in text_of(cell).lower().split()}


@pytest.mark.parametrize(("people", "left", "why"), CASES, ids=[case[2] for case in CASES])
def test_people_come_along_and_nothing_is_lost(people: str, left: int, why: str) -> None:
    before = with_people(people)
    made = merged(before, ("C1", "C2"))
    after = applied(before, made)
    rows = after["People"].frame
    assert len(rows) == left, why
    assert "C2" not in set(rows["client_id"])
    assert {"".join(c for c in word if c.isalnum()) for word in words_of(before)} <= {
        "".join(c for c in word if c.isalnum()) for word in words_of(after)
    }
    known = before["Opportunities"].frame["person_id"].isin(before["People"].frame["person_id"])
    assert set(after["Opportunities"].frame["person_id"][known]) <= set(rows["person_id"])
    assert set(after["Opportunities"].frame["client_id"]) == {"C1"}


@pytest.mark.parametrize("people", [case[0] for case in CASES], ids=[case[2] for case in CASES])
def test_an_undo_parts_the_people_too(people: str) -> None:
    before = with_people(people)
    made = merged(before, ("C1", "C2"))
    after = applied(before, made)
    back = applied(after, parting.inverse(made, after))
    for name in ("People", "Opportunities"):
        assert rows_of(back, name) == rows_of(before, name)


def rows_of(tables: Tables, name: str) -> list[tuple[str, ...]]:
    return sorted(tuple(text_of(v) for v in row) for row in tables[name].frame.itertuples(index=False))


def test_the_merge_says_how_many_became_one() -> None:
    made = merged(with_people(CASES[1][0]), ("C1", "C2"))
    assert ("merge.people", {"count": 1}) in made.notes


def test_a_group_is_a_reference_to_a_client() -> None:
    before = book("client_id=C1 full_name=A; client_id=C2 full_name=A; client_id=C3 full_name=B parent_id=C2")
    after = applied(before, merged(before, ("C1", "C2")))
    parents = dict(zip(after["Clients"].frame["client_id"], after["Clients"].frame["parent_id"], strict=True))
    assert parents == {"C1": "", "C3": "C1"}


@pytest.mark.parametrize("clients", ["client_id=C1 full_name=A parent_id=C2; client_id=C2 full_name=A",
                                     "client_id=C1 full_name=A; client_id=C2 full_name=A parent_id=C1"])  # fmt: skip
def test_nobody_becomes_its_own_group(clients: str) -> None:
    before = book(clients)
    after = applied(before, merged(before, ("C1", "C2")))
    assert [text_of(cell) for cell in after["Clients"].frame["parent_id"]] == [""]


@pytest.mark.parametrize("seed", range(40))
def test_random_books_lose_no_person(seed: int) -> None:
    """Every value of every row is still in the survivor's people, and an undo gives the same rows back."""
    r = random.Random(seed)
    rows = [
        {
            "person_id": f"P{n}" if r.random() < 0.8 else "",
            "client_id": r.choice(["C1", "C2", "C3"]),
            "full_name": r.choice(["Anna Prova", "Prova Anna", "Bo Probe", ""]),
            "email": r.choice(["a@example.com", "b@example.com", ""]),
            "mobile": r.choice(["+393331234567", ""]),
            "job_title": r.choice(["Owner", "Buyer", ""]),
            "notes": r.choice(["golf", "chess", ""]),
        }
        for n in range(r.randint(2, 9))
    ]
    people = frame_of("People", "person_id=P").iloc[:0]
    people = pd.concat([people, pd.DataFrame(rows)]).reset_index(drop=True)[people.columns]
    texts: dict[Any, Any] = {c: "str" for c in people if people[c].dtype == object}
    before = book("client_id=C1 full_name=A; client_id=C2 full_name=A; client_id=C3 full_name=C",
                  People=people.fillna(dict.fromkeys(texts, "")).astype(texts))  # fmt: skip
    made = merged(before, ("C1", "C2"))
    after = applied(before, made)
    told = " ".join(text_of(cell) for column in after["People"].frame for cell in after["People"].frame[column])
    for row in rows:
        for column in ("email", "mobile", "job_title", "notes", "person_id"):
            assert row[column] in told
    back = applied(after, parting.inverse(made, after))
    assert rows_of(back, "People") == rows_of(before, "People")
