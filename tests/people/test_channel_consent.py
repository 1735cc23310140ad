"""Consent by channel: which days count for which channel, and the lists that ask for it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.support.list_help import SETTINGS, TODAY, client, made, tables
from xlcrm.exports.contact import contacts_of
from xlcrm.people.channel_consent import CHANNELS, agreed
from xlcrm.settings import Settings
from xlcrm.spend.call_list import call_list

DAY = "2025-03-01"
CASES = [
    ({}, "", "nobody said anything"),
    ({"consent_on": DAY}, "email post phone", "from before there were channels"),
    ({"consent_email_on": DAY}, "email", "to e-mail alone"),
    ({"consent_on": DAY, "consent_email_on": DAY}, "email", "a day of a channel narrows the general one"),
    ({"consent_post_on": DAY, "consent_phone_on": DAY}, "post phone", "two of three"),
    ({"consent_phone_source": "fair"}, "", "a source without a day is no evidence"),
    ({"consent_on": " ", "consent_post_on": ""}, "", "blank cells"),
]


@pytest.mark.parametrize(("cells", "channels", "why"), CASES, ids=[case[-1] for case in CASES])
def test_days_count_for_their_channel(cells: dict[str, str], channels: str, why: str) -> None:
    frame = pd.DataFrame([{"client_id": "C1", **cells}])
    before = frame.copy()
    assert " ".join(c for c in CHANNELS if agreed(frame, c).tolist() == [True]) == channels, why
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("setting", ["", "yes"])
def test_labels_ask_for_consent_where_settings_do(setting: str) -> None:
    clients = [
        client(client_id="C1", consent_post_on=DAY),
        client(client_id="C2", consent_email_on=DAY, street="Ulica"),
    ]
    given = tables(Clients=clients, Lists=[{"list": "L", "kind": "labels"}])
    plan = made(given, settings=replace(SETTINGS, post_consent=setting))
    told = str(plan.notes[0][1]["why"])
    assert ("consent" in told) == bool(setting)
    assert plan.notes[0][1]["n"] == (1 if setting else 2)


@pytest.mark.parametrize("consent", [False, True])
def test_the_call_list_asks_for_consent(consent: bool) -> None:
    clients = pd.DataFrame({"client_id": ["A", "B"], "full_name": ["A", "B"], "consent_phone_on": [DAY, ""]})
    figures = pd.DataFrame({"days_late": [9.0] * 2, "spend_12m": [60.0, 50], "days_between": [30.0] * 2})
    found = call_list(clients, figures, None, today=TODAY, consent=consent)
    assert found["client_id"].tolist() == (["A"] if consent else ["A", "B"])


def test_a_contact_knows_whether_it_agreed_to_e_mail() -> None:
    given = tables(Clients=[client(client_id="C1", consent_email_on=DAY), client(client_id="C2", consent_phone_on=DAY)])
    assert [contact.agreed_email for contact in contacts_of(given, settings=SETTINGS)] == [True, False]


def test_settings_name_the_channels() -> None:
    assert [Settings(phone_consent="Ja").needs_consent(channel) for channel in CHANNELS] == [False, False, True]
