"""Cards as phones take them, and read back by our own import without a difference."""

from __future__ import annotations

import re
from typing import Any

import pytest
import vobject

from tests.support.exports_help import FULL, HOSTILE, SETTINGS, TODAY, demo, order, tables
from tests.support.importing_help import applied, workbook
from xlcrm.exports.vcard_writer import vcards
from xlcrm.importing import Incoming, plan, vcard
from xlcrm.plan import Plan
from xlcrm.tables import Tables
from xlcrm.values import as_text

COMPARED = (
    "client_id full_name title first_name middle_name last_name suffix nickname company job_title birth_date email "
    "phone mobile address street house_number unit po_box postal_code city region country notes"
).split()


def text_of(done: Plan) -> str:
    content = done.files[0].content
    assert isinstance(content, bytes)
    return content.decode("utf-8")


def incoming(text: str) -> Incoming:
    """As `files.list_files` hands cards over."""
    import pandas as pd

    found = vcard.cards(text)
    names = list(dict.fromkeys(name for card in found for name in card))
    frame = pd.DataFrame({n: pd.Series([card.get(n, "") for card in found], dtype="str") for n in names})
    return Incoming("cards.vcf", "", frame, 1)


def read_back(text: str, into: Tables) -> Plan:
    return plan(into, [incoming(text)], settings=SETTINGS, today=TODAY)


def differences(before: Tables, after: Tables) -> list[tuple[Any, ...]]:
    old, new = before["Clients"].frame, after["Clients"].frame
    assert len(old) == len(new)
    return [
        (column, mine, theirs)
        for column in COMPARED
        for mine, theirs in zip(as_text(old[column]), as_text(new[column]), strict=True)
        if mine != theirs
    ]


def test_the_demo_comes_back_without_a_difference() -> None:
    whole = demo()
    text = text_of(vcards(order(whole)))
    assert len(whole["Clients"].frame) == 312
    assert differences(whole, applied(workbook(), read_back(text, workbook()))) == []
    again = read_back(text, whole)
    assert (again.changes, again.added, again.new_columns, again.problems) == ((), (), (), ())


CLIENTS = {
    "everything": FULL,
    "company": {"client_id": "C2", "kind": "company", "full_name": "Nordvik AS", "company": "Nordvik AS"},
    "never split": {"client_id": "C3", "full_name": "Rossi Anna", "address": "Via Roma 1, 20121 Milano"},
    "street alone": {"client_id": "C4", "full_name": "Bo Li", "street": "Storgata", "address": "Storgata"},
    "notes": {"client_id": "C5", "full_name": "Bo Li", "notes": "a;b,c:d\\n"},
    "odd id": {"client_id": "ä:b/ c;d", "full_name": "Bo Li", "company": "a\\", "job_title": "x;y,z"},
}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_a_client_comes_back_as_typed(client: dict[str, object]) -> None:
    whole = tables(client)
    text = text_of(vcards(order(whole)))
    assert differences(whole, applied(workbook(), read_back(text, workbook()))) == []


def test_a_hostile_client_stays_one_card() -> None:
    text = text_of(vcards(order(tables(HOSTILE, FULL))))
    found = vcard.cards(text)
    assert [card["client_id"] for card in found] == ["C0666", "C0001"]
    assert found[0]["notes"] == "END:VCARD\nBEGIN:VCARD\n\n\n=1+1"
    assert found[0]["last_name"] == 'O\'Brien; "Ñ", \\n\nX-Evil: 1 😀'
    assert not any("Evil" in name for name in found[0])


@pytest.mark.parametrize("client", [FULL, HOSTILE], ids=["full", "hostile"])
def test_another_reader_understands_the_cards(client: dict[str, object]) -> None:
    found = list(vobject.readComponents(text_of(vcards(order(tables(client))))))
    assert len(found) == 1
    assert found[0].n.value.given == str(client["first_name"])
    assert found[0].version.value == "3.0"
    assert found[0].adr.value.city == client["city"]
    assert found[0].email.value == client["email"]


def test_lines_are_folded_within_75_octets() -> None:
    content = vcards(order(tables({**FULL, "notes": "å😀" * 200}, HOSTILE))).files[0].content
    assert isinstance(content, bytes)
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode("utf-8")  # none ends within a character


def test_a_card_has_what_a_phone_shows() -> None:
    text = text_of(vcards(order(tables(FULL)))).replace("\r\n ", "")
    for line in (
        "FN:Dott.ssa Anna Rossi",
        "N:Rossi;Anna;Maria;Dott.ssa;PhD",
        r"ORG:Rossi\, Bianchi & Figli\; S.r.l.",
        "TITLE:Buyer",
        r"ADR;TYPE=WORK:CP 7;;Via Roma 12\, int. 4;Milano;MI;20121;Italy",
        "TEL;TYPE=WORK,VOICE:+39 02 5555 0064",
        "TEL;TYPE=CELL,VOICE:+39 347 555 0123",
        "EMAIL;TYPE=INTERNET:anna@example.com",
        "BDAY:1980-05-14",
        r"NOTE:two lines\nand a \\ backslash",
        "CATEGORIES:Spring",
        "UID:urn:xlcrm:wb1:client:C0001",
    ):
        assert f"\r\n{line}\r\n" in text, line


def test_what_was_changed_at_the_phone_wins() -> None:
    text = text_of(vcards(order(tables(FULL)))).replace("\r\n ", "")
    text = text.replace(r"Via Roma 12\, int. 4;Milano", "Via Torino 9;Milano").replace("N:Rossi;Anna", "N:Verdi;Anna")
    found = vcard.cards(text)[0]
    assert (found["street"], found["last_name"]) == ("Via Torino 9", "Verdi")
    assert not {"house_number", "address"} & set(found)
    assert found["full_name"] == "Dott.ssa Anna Rossi"  # FN, which the phone left


def test_a_file_each_for_outlook() -> None:
    done = vcards(order(tables(FULL, {"client_id": "C9"})), each=True)
    assert [file.name for file in done.files] == ["Spring/Dott.ssa Anna Rossi C0001.vcf"]
    assert "1 without a name" in str(done.notes[0][1]["why"])


def test_people_are_cards_of_their_own() -> None:
    people: list[dict[str, object]] = [{"person_id": "P1", "client_id": "C0001", "full_name": "Bo Li"}]
    text = text_of(vcards(order(tables(FULL, People=people), per="person"))).replace("\r\n ", "")
    assert re.findall(r"\r\n(FN|UID):(.*?)\r", text) == [("FN", "Bo Li"), ("UID", "urn:xlcrm:wb1:person:P1")]
    assert r"ORG:Rossi\, Bianchi" in text


def test_nobody_gives_no_file() -> None:
    done = vcards(order(tables()))
    assert (done.files, done.notes[0][0]) == ((), "lists.empty")
