"""Logging a contact: the line that comes in, what is said of it, and what is refused."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.list_help import Row, client, tables
from xlcrm.errors import CrmError
from xlcrm.interactions.log_contact import ContactSaid, contact_typed, log_contact
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables

TODAY = dt.date(2026, 11, 28)
COLUMNS = "date client_id kind by subject outcome follow_up_on done person_id replies_to".split()
SETTINGS = Settings(country="IT", language="it")


def book(*contacts: Row, columns: list[str] = COLUMNS) -> Tables:
    rows = [{**dict.fromkeys(columns, ""), **row} for row in contacts] or [dict.fromkeys(columns, "")]
    people: list[Row] = [{"person_id": "P1", "client_id": "C1", "full_name": "Bea"}]
    return tables(Clients=[client(), client(client_id="C2")], People=people, Interactions=rows)


def logged(held: Tables, *said: str, **more: str) -> Plan:
    return log_contact(held, ContactSaid(*said, **more), settings=SETTINGS, today=TODAY)


def row_of(plan: Plan) -> dict[str, object]:
    (part,) = plan.added
    return {str(name): value for name, value in part.rows.to_dict("records")[0].items()}


def test_a_call_with_a_follow_up() -> None:
    row = row_of(logged(book(), "c1", "call", "asked for an offer", follow_up="4/12/2026", by="Anna", person="p1"))
    assert row["client_id"] == "C1" and row["kind"] == "chiamata" and row["person_id"] == "P1"
    assert row["date"] == pd.Timestamp(TODAY) and row["follow_up_on"] == pd.Timestamp(2026, 12, 4)
    assert row["by"] == "Anna" and row["subject"] == "asked for an offer"


def test_the_same_line_twice_is_there_already() -> None:
    there: Row = {"client_id": "C1", "kind": "call", "date": "2026-11-28", "subject": "Offer", "by": "Anna"}
    plan = logged(book(there), "C1", "chiamata", "offer", by="anna")
    assert plan.nothing_to_do and not plan.added
    assert logged(book(there), "C1", "chiamata", "offer", by="Bo").added, "by somebody else is another contact"


def test_that_somebody_else_called_is_said() -> None:
    there: Row = {"client_id": "C1", "kind": "call", "date": "2026-11-24", "by": "Bo"}
    assert "log.by_other" in dict(logged(book(there), "C1", "call", by="Anna").notes)
    assert "log.by_other" not in dict(logged(book(there), "C2", "call", by="Anna").notes)
    assert "log.by_other" not in dict(logged(book({**there, "date": "2026-11-01"}), "C1", "call", by="Anna").notes)


COMPLAINT: Row = {"client_id": "C1", "kind": "complaint", "date": "2026-11-20", "subject": "Late"}


def test_a_reply_names_the_complaint() -> None:
    plan = logged(book(COMPLAINT), "C1", "reply", "sorry", replies_to="2026-11-20")
    assert row_of(plan)["replies_to"] == "Late" and "log.closes" in dict(plan.notes)
    assert "log.still_open" in dict(logged(book(COMPLAINT), "C1", "reply", "sorry").notes)
    older = [column for column in COLUMNS if column != "replies_to"]
    row = row_of(logged(book(COMPLAINT, columns=older), "C1", "reply", "sorry", replies_to="late"))
    assert row["subject"] == "Late sorry" and "replies_to" not in row, "an older file has no such column"


REFUSED = [
    (("C9", "call"), {}, "log.no_client"),
    (("", "call"), {}, "log.no_client"),
    (("C1", "chat"), {}, "log.no_kind"),
    (("C1", "call"), {"person": "P9"}, "log.no_person"),
    (("C2", "call"), {"person": "P1"}, "log.no_person"),
    (("C1", "call"), {"follow_up": "someday"}, "log.bad_day"),
    (("C1", "call"), {"date": "31/2/2026"}, "log.bad_day"),
    (("C1", "reply"), {"replies_to": "Early"}, "log.no_complaint"),
]


@pytest.mark.parametrize(("said", "more", "key"), REFUSED, ids=[f"{key} {more}" for _, more, key in REFUSED])
def test_what_is_not_known_is_refused(said: tuple[str, ...], more: dict[str, str], key: str) -> None:
    with pytest.raises(CrmError) as refused:
        logged(book(COMPLAINT), *said, **more)
    assert refused.value.key == key


def test_a_workbook_without_the_sheet_is_refused() -> None:
    with pytest.raises(CrmError) as refused:
        log_contact(tables(Clients=[client()]), ContactSaid("C1", "call"), settings=SETTINGS, today=TODAY)
    assert refused.value.key == "log.no_table"


TYPED = [
    ("call asked for an offer; 4.12.2026", "call", "asked for an offer", "4.12.2026"),
    ("correo electrónico precio; mañana", "correo electrónico", "precio", "mañana"),
    ("Anruf Angebot; Preis", "Anruf", "Angebot; Preis", ""),
    ("visita", "visita", "", ""),
    ("something else", "something", "else", ""),
]


@pytest.mark.parametrize(("text", "kind", "subject", "follow_up"), TYPED, ids=[text for text, *_ in TYPED])
def test_what_the_button_asks_for(text: str, kind: str, subject: str, follow_up: str) -> None:
    said = contact_typed(text, "C1", "Anna", today=TODAY, country="DE")
    assert (said.kind, said.subject, said.follow_up, said.by) == (kind, subject, follow_up, "Anna")
