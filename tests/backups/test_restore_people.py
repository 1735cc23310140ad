"""People come back with their clients: cells that changed, who is gone, who stands elsewhere; who came since stays."""

from __future__ import annotations

import pytest

from tests.support.checking_help import frame_of
from tests.support.merging_help import applied, book, merged
from xlcrm.backups.restore import restore_rows
from xlcrm.tables import Tables
from xlcrm.values import text_of

CLIENTS = "client_id=C1 full_name=Firm; client_id=C2 full_name=Other"
THEN = (
    "person_id=P1 client_id=C1 full_name=Anna_Prova role=decides;"
    "person_id=P2 client_id=C1 full_name=Bo_Probe;"
    "client_id=C1 full_name=No_Number;"
    "person_id=P3 client_id=C2 full_name=Carl_Else"
)
CASES = [
    (THEN, THEN, "nothing happened"),
    (THEN.replace("decides", "buys"), THEN, "a cell was changed"),
    (THEN.replace("person_id=P2 client_id=C1 full_name=Bo_Probe;", ""), THEN, "a person was deleted"),
    (THEN.replace("P2 client_id=C1", "P2 client_id=C2"), THEN, "a person was given to another client"),
    (THEN.replace("client_id=C1 full_name=No_Number;", ""), THEN, "a person without a number was deleted"),
    (
        THEN + "; person_id=P9 client_id=C1 full_name=New_One",
        THEN + "; person_id=P9 client_id=C1 full_name=New_One",
        "who came since stays",
    ),
    (THEN.replace("Carl", "Karl"), THEN.replace("Carl", "Karl"), "people of other clients are left alone"),
]


def people(tables: Tables) -> list[tuple[str, ...]]:
    frame = tables["People"].frame
    return sorted(tuple(text_of(v) for v in row) for row in frame.itertuples(index=False))


def with_people(text: str) -> Tables:
    return book(CLIENTS, People=frame_of("People", text))


@pytest.mark.parametrize(("now", "after", "why"), CASES, ids=[case[2] for case in CASES])
def test_people_are_as_in_the_backup(now: str, after: str, why: str) -> None:
    then, tables = with_people(THEN), with_people(now)
    made = restore_rows(then, tables, ["C1"])
    assert people(applied(tables, made)) == people(with_people(after)), why
    assert restore_rows(then, applied(tables, made), ["C1"]).is_empty, "a second time there is nothing to do"


def test_a_merge_is_taken_back_for_one_client() -> None:
    text = "person_id=P1 client_id=C1 full_name=Anna_Prova; person_id=P2 client_id=C2 full_name=Anna_Prova phone=06_555"
    then = with_people(text)
    after = applied(then, merged(then, ("C1", "C2")))
    assert len(after["People"].frame) == 1
    back = applied(after, restore_rows(then, after, ["C1", "C2"]))
    assert people(back) == people(then)


def test_a_workbook_without_people_is_restored_as_before() -> None:
    assert restore_rows(book(CLIENTS), book(CLIENTS), ["C1"]).is_empty
