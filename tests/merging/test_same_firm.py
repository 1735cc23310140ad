"""Clients who are one firm for several people become one firm and its people; an undo parts them again."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.merging_help import ITALY, TODAY, applied, book, cells, content
from xlcrm import schema, words
from xlcrm.doubles import duplicates_sheet
from xlcrm.errors import CrmError
from xlcrm.merging import merge_plan
from xlcrm.merging.decisions import FIRM
from xlcrm.messages import LANGUAGES
from xlcrm.people.same_firm import colleagues
from xlcrm.tables import Tables
from xlcrm.undo import parting
from xlcrm.values import text_of

FIRM_OF_TWO = (
    "client_id=C1 company=Sala_Srl full_name=Anna_Rossi email=anna.rossi@sala.example.com phone=02_5555_0101 "
    "mobile=333_555_0101 job_title=Responsabile_acquisti birth_date=1980-04-03 opt_out_email=yes "
    "city=Milano notes=prima; "
    "client_id=C2 company=SALA_S.R.L. full_name=Luca_Neri email=luca.neri@sala.example.com phone=02_5555_0101 "
    "mobile=333_555_0102 job_title=Amministratore opt_out_phone=yes city=Milano consent_on=2025-03-01; "
    "client_id=C3 company=Riva_Spa full_name=Pia_Riva city=Lecco"
)
LINES = "invoice=F1 client_id=C1 date=2026-01-02 amount=10; invoice=F2 client_id=C2 date=2026-02-02 amount=30"
DECIDED = "group=1 client_id=C1 decision=same_firm; group=1 client_id=C2"


def people() -> pd.DataFrame:
    return pd.DataFrame(columns=[column.name for column in schema.table("People").columns], dtype=object)


def firm_book(duplicates: str = DECIDED, clients: str = FIRM_OF_TWO, language: str = "en") -> Tables:
    return book(clients, LINES, duplicates, language, People=people())


def persons(tables: Tables) -> list[dict[str, str]]:
    rows = tables["People"].frame.to_dict("records")
    return [{str(c): text_of(v) for c, v in row.items() if text_of(v)} for row in rows]


def test_one_firm_stays_and_both_names_become_people() -> None:
    tables = firm_book()
    plan = merge_plan.plan(tables, settings=ITALY, today=TODAY)
    after = applied(tables, plan)
    firm = cells(after, "C1")
    assert (firm["company"], firm["kind"], firm["phone"], firm["city"]) == (
        "Sala Srl",
        "company",
        "02 5555 0101",
        "Milano",
    )
    assert not {"full_name", "email", "mobile", "job_title", "birth_date", "opt_out_email"} & set(firm)
    anna, luca = persons(after)
    assert (anna["client_id"], anna["full_name"], anna["email"]) == ("C1", "Anna Rossi", "anna.rossi@sala.example.com")
    assert (anna["role"], anna["mobile"], anna["opt_out_email"]) == ("buys", "333 555 0101", "yes")
    assert anna["birth_date"].startswith("1980-04-03")
    assert (luca["role"], luca["opt_out_phone"]) == ("management", "yes")
    assert "2025-03-01" in luca["notes"]
    assert firm["opt_out_phone"] == "yes", "nobody is called again at a number that they share"
    assert "opt_out_email" not in luca
    assert cells(after, "C2") == {}
    assert {text_of(one) for one in after["Purchases"].frame["client_id"]} == {"C1"}
    assert [text_of(one) for one in after["Merged"].frame["old_id"]] == ["C2"]
    assert after["Duplicates"].frame.empty
    assert {key for key, _ in plan.notes} >= {"merge.done", "merge.firm_people"}


def test_nothing_typed_is_lost() -> None:
    tables = firm_book()
    after = applied(tables, merge_plan.plan(tables, settings=ITALY, today=TODAY))
    there = " ".join(text for name in ("Clients", "People", "Merged") for row in content(after)[name] for text in row)
    for row in content(tables)["Clients"]:
        assert [text for text in row if text and text not in there] == []


def test_named_on_the_command_line() -> None:
    tables = firm_book("")
    after = applied(tables, merge_plan.plan(tables, settings=ITALY, today=TODAY, pairs=[("C1", "C2")], firm=True))
    assert len(persons(after)) == 2
    assert len(after["Clients"].frame) == 2


def test_a_firm_and_its_person_are_no_contradiction() -> None:
    clients = (
        "client_id=C1 kind=company company=Sala_Srl email=info@sala.example.com; "
        "client_id=C2 kind=person company=Sala_Srl full_name=Anna_Rossi email=anna@sala.example.com"
    )
    tables = firm_book(clients=clients)
    after = applied(tables, merge_plan.plan(tables, settings=ITALY, today=TODAY))
    assert cells(after, "C1")["email"] == "info@sala.example.com"
    assert [one["full_name"] for one in persons(after)] == ["Anna Rossi"]


def test_who_is_in_people_already_is_completed_there() -> None:
    known = people()
    known.loc[0, ["person_id", "client_id", "full_name"]] = ["P0007", "C2", "Neri Luca"]
    tables = book(FIRM_OF_TWO, LINES, DECIDED, People=known)
    after = applied(tables, plan := merge_plan.plan(tables, settings=ITALY, today=TODAY))
    luca, anna = persons(after)
    assert (luca["person_id"], luca["client_id"], luca["opt_out_phone"]) == ("P0007", "C1", "yes")
    assert (luca["full_name"], luca["mobile"]) == ("Neri Luca", "333 555 0102")
    assert (anna["person_id"], anna["full_name"]) == ("P0008", "Anna Rossi")
    assert content(applied(after, parting.inverse(plan, after))) == content(tables)


def test_two_tax_numbers_are_two_firms() -> None:
    clients = (
        "client_id=C1 company=Sala_Srl full_name=Anna_Rossi tax_id=01999990128; "
        "client_id=C2 company=Sala_Srl full_name=Luca_Neri tax_id=02099990018"
    )
    plan = merge_plan.plan(firm_book(clients=clients), settings=ITALY, today=TODAY)
    assert [problem.code for problem in plan.problems] == ["merge.two_tax_ids"]
    assert not plan.added


def test_two_people_without_a_firm_are_refused() -> None:
    clients = "client_id=C1 full_name=Anna_Rossi; client_id=C2 full_name=Luca_Neri"
    plan = merge_plan.plan(firm_book(clients=clients), settings=ITALY, today=TODAY)
    assert [problem.code for problem in plan.problems] == ["merge.no_firm"]
    assert not plan.changes and not plan.removed


def test_a_double_among_them_is_one_person() -> None:
    clients = FIRM_OF_TWO.replace("client_id=C3 company=Riva_Spa full_name=Pia_Riva city=Lecco",
                                  "client_id=C3 company=Sala_Srl full_name=Rossi_Anna city=Milano")  # fmt: skip
    duplicates = DECIDED + "; group=2 client_id=C1 decision=same; group=2 client_id=C3"
    after = applied(tables := firm_book(duplicates, clients), merge_plan.plan(tables, settings=ITALY, today=TODAY))
    assert len(after["Clients"].frame) == 1
    assert len(persons(after)) == 2


def test_without_a_place_for_people_nothing_is_done() -> None:
    tables = book(FIRM_OF_TWO, LINES, DECIDED)
    with pytest.raises(CrmError) as refusal:
        merge_plan.plan(tables, settings=ITALY, today=TODAY)
    assert refusal.value.key == "merge.no_table"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_decision_is_a_word_of_each_language(language: str) -> None:
    word = words.choice_word("same", FIRM, language)
    tables = firm_book(DECIDED.replace("same_firm", word.replace(" ", "_")), language=language)
    after = applied(tables, merge_plan.plan(tables, settings=ITALY, today=TODAY))
    assert len(persons(after)) == 2


def test_the_sheet_offers_it() -> None:
    columns = [column.name for column in schema.table("Duplicates").columns]
    tables = book(FIRM_OF_TWO, LINES, "", People=people(), Duplicates=pd.DataFrame(columns=columns, dtype=object))
    plan = duplicates_sheet.plan(tables, settings=ITALY, today=TODAY)
    rows = pd.concat([added.rows for added in plan.added if added.table == "Duplicates"])
    assert list(zip(rows["client_id"], rows["band"], strict=True)) == [("C1", "same firm"), ("C2", "same firm")]
    assert "doubles.firms" in {key for key, _ in plan.notes}


def test_who_are_colleagues() -> None:
    frame = pd.DataFrame(
        {
            "company": ["Sala Srl", "SALA S.R.L.", "Riva", "Riva", "Adda", "Adda", "Po", "", "Uno", "Uno"],
            "full_name": ["Anna Rossi", "", "Pia Riva", "Riva Pia", "A B", "C D", "E F", "G H", "I L", "M N"],
            "tax_id": ["", "", "", "", "01533920163", "00743110157", "", "", "", ""],
            "city": ["", "", "", "", "", "", "", "", "Roma", "Bari"],
        },
        index=list("abcdefghij"),
    )
    assert colleagues(frame) == [("a", "b")]


def test_an_undo_parts_them_again() -> None:
    tables = firm_book()
    plan = merge_plan.plan(tables, settings=ITALY, today=TODAY)
    after = applied(tables, plan)
    assert content(applied(after, parting.inverse(plan, after))) == content(tables)
