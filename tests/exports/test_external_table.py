"""The ids that other programs give come back by import, and find the clients who were exported there."""

from __future__ import annotations

import pytest

from tests.support.exports_help import FULL, SETTINGS, TODAY, tables
from tests.support.importing_help import incoming
from xlcrm.exports.external_table import ExternalKey, known
from xlcrm.importing import plan
from xlcrm.plan import Plan

OWN = {**FULL, "client_id": "K17"}  # an id that nobody proposed: another id would be somebody else
HEADER = "Record ID;First Name;Last Name;Email;Phone Number;Lifecycle Stage;Contact owner;Marketing contact status"
HEADER += ";Original Source;Became a Customer Date"
ROW = "501;Anna;Rossi;anna@example.com;+39 02 5555 0064;customer;;;;"


def ids(done: Plan) -> list[tuple[str, str, str]]:
    return [
        (row["client_id"], row["system"], row["external_id"])
        for added in done.added
        if added.table == "External"
        for row in added.rows.to_dict("records")
    ]


def test_their_id_is_remembered_for_the_client_it_is() -> None:
    whole = tables(OWN, External=[])
    done = plan(whole, [incoming(f"{HEADER}\n{ROW}")], settings=SETTINGS, today=TODAY)
    assert [added.table for added in done.added] == ["External"]
    assert ids(done) == [("K17", "hubspot", "501")]
    assert done.changes == ()


def test_a_known_id_finds_the_client_whatever_else_changed() -> None:
    external = [{"client_id": "K17", "person_id": "", "system": "hubspot", "external_id": "501", "hash": "x"}]
    whole = tables({**OWN, "email": "", "phone": ""}, External=external)
    moved = "501;Anna;Rossi;new@example.com;+39 02 5555 0099;customer;;;;"
    done = plan(whole, [incoming(f"{HEADER}\n{moved}")], settings=SETTINGS, today=TODAY)
    assert done.added == ()
    assert {change.column: list(change.keys) for change in done.changes} == {"email": ["K17"], "phone": ["K17"]}


def test_a_new_client_keeps_their_id_as_its_own() -> None:
    whole = tables(OWN, External=[])
    other = "502;Bo;Li;bo@example.com;+39 02 5555 0077;lead;;;;"
    done = plan(whole, [incoming(f"{HEADER}\n{other}")], settings=SETTINGS, today=TODAY)
    assert [list(a.rows["client_id"]) for a in done.added if a.table == "Clients"] == [["502"]]
    assert ids(done) == [("502", "hubspot", "502")]


def test_without_the_table_nothing_is_new() -> None:
    done = plan(tables(OWN), [incoming(f"{HEADER}\n{ROW}")], settings=SETTINGS, today=TODAY)
    assert all(added.table == "Clients" for added in done.added)


@pytest.mark.parametrize("text", ["xlcrm:client:K17", " xlcrm:client:K17 "])
def test_a_mark_in_any_column_is_our_id(text: str) -> None:
    whole = tables({**OWN, "email": "old@example.com"}, {**FULL, "client_id": "K18", "email": "anna@example.com"})
    given = f"Given;E-mail;Any field;Labels\nAnna;anna@example.com;{text};* myContacts"
    done = plan(whole, [incoming(given)], settings=SETTINGS, today=TODAY)
    assert {key for change in done.changes for key in change.keys} <= {"K17"}
    assert done.added == ()
    assert [c.header for c in done.new_columns] == ["Given"] or done.new_columns == ()


def test_of_two_rows_of_one_key_the_last_counts() -> None:
    rows: list[dict[str, object]] = [
        {"client_id": "K17", "person_id": "", "system": "HubSpot", "external_id": ident} for ident in ("1", "2")
    ]
    found = known(tables(OWN, External=rows))
    assert [(key, one.external_id, one.position) for key, one in found.items()] == [
        (ExternalKey("K17", "", "hubspot"), "2", 1)
    ]
