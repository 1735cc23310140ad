"""Names of people are split as those of clients; the legal form by the tax number."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.checking_help import apply, frame_of
from tests.support.dirty_list import as_tables, empty
from xlcrm.settings import Settings
from xlcrm.splitting.splitting import legal_form, plan
from xlcrm.tables import Tables

TODAY = dt.date(2026, 11, 22)


def book(clients: str, people: str) -> Tables:
    frames = {"Clients": frame_of("Clients", clients), "People": frame_of("People", people)}
    return as_tables({**frames, "Problems": empty("Problems")}, "en")


def test_a_person_is_split_by_the_country_of_its_client() -> None:
    people = (
        "person_id=P1 client_id=C1 full_name=María_García_López; person_id=P2 client_id=C2 full_name=Dott._Mario_Rossi"
    )
    tables = book("client_id=C1 country=ES; client_id=C2 country=IT", people)
    before = tables["People"].frame.copy(deep=True)
    made = plan(tables, settings=Settings(), today=TODAY)
    after = apply(tables, made)["People"].frame
    assert after["first_name"].tolist() == ["María", "Mario"]
    assert after["last_name"].tolist() == ["García López", "Rossi"]
    assert after["title"].tolist() == ["", "Dott."]
    assert after["full_name"].tolist() == before["full_name"].tolist()
    pd.testing.assert_frame_equal(tables["People"].frame, before)


def test_what_somebody_typed_stays_and_a_doubt_is_listed_and_decided() -> None:
    tables = book("client_id=C1", "person_id=P1 client_id=C1 full_name=Anna_Prova first_name=Nina;"
                                  "person_id=P2 client_id=C1 full_name=Kim_Lee_Park_X")  # fmt: skip
    made = plan(tables, settings=Settings(), today=TODAY)
    assert {p.code for p in made.problems if p.table == "People"} >= {"split.name_differs"}
    after = apply(tables, made)
    assert after["People"].frame["first_name"].iloc[0] == "Nina"
    lines = after["Problems"].frame
    doubts = lines["code"].isin(["split.name_doubt", "split.name_unsure"])
    if doubts.any():
        decided = lines.assign(decision=lines["decision"].astype(object).mask(doubts, "apply"))
        frames = {name: after[name].frame for name in after}
        again = plan(
            as_tables({**frames, "Problems": decided}, "en"), settings=Settings(), today=TODAY, decided_only=True
        )
        assert {c.table for c in again.changes} & {"People"}


def test_only_addresses_leaves_people_alone() -> None:
    tables = book("client_id=C1", "person_id=P1 client_id=C1 full_name=Anna_Prova")
    made = plan(tables, settings=Settings(), today=TODAY, what="address")
    assert not [c for c in made.changes if c.table == "People"]


FORMS = [
    ("B12345674", "ES", "S.L.", "limitada"),
    ("ESB12345674", "ES", "S.L.", "with the prefix of its country"),
    ("A58818501", "ES", "S.A.", "anónima"),
    ("B12345670", "ES", "", "a wrong check digit tells nothing"),
    ("12345678Z", "ES", "", "a person's number"),
    ("G28029643", "ES", "", "an association or a foundation: not told"),
    ("SE556703748501", "SE", "AB", "a Swedish VAT number"),
    ("556703-7485", "SE", "AB", "an organisation number"),
    ("B12345674", "IT", "", "another country"),
]


@pytest.mark.parametrize(("number", "country", "form", "why"), FORMS, ids=[f[3] for f in FORMS])
def test_a_number_tells_the_legal_form(number: str, country: str, form: str, why: str) -> None:
    assert legal_form(number, country) == form


def test_forms_are_filled_into_blank_cells_only() -> None:
    tables = book(
        "client_id=C1 country=ES company=Uno tax_id=B12345674;"
        "client_id=C2 country=ES tax_id=A58818501 legal_form=SAU;"
        "client_id=C3 country=ES kind=person tax_id=B12345674;"
        "client_id=C4 country=ES full_name=Bodega_Dos_S.L.U. tax_id=B12345674",
        "",
    )
    after = apply(tables, plan(tables, settings=Settings(), today=TODAY))
    forms = after["Clients"].frame["legal_form"].tolist()
    assert forms[:3] == ["S.L.", "SAU", ""]
    assert forms[3] not in ("", "S.L."), "the name goes first"
