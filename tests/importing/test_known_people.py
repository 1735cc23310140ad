"""Lists that name people of the table People meet them there: no new client, and a no is theirs."""

from __future__ import annotations

from tests.support.import_checks import Case, run
from tests.support.importing_help import TODAY, applied, incoming, settings, workbook
from tests.support.paths import CASES
from xlcrm.importing import plan
from xlcrm.merging import merge_plan
from xlcrm.tables import Tables
from xlcrm.values import as_flag, text_of

FIRM = {"client_id": "C0001", "kind": "company", "company": "Sala Srl", "email": "info@sala.example.com"}
ANNA = {
    "person_id": "P0001", "client_id": "C0001", "full_name": "Anna Rossi", "email": "anna@sala.example.com",
    "mobile": "333 555 0101",
}  # fmt: skip


def book() -> Tables:
    return workbook(Clients=[FIRM], People=[ANNA])


def imported(text: str, table: str = "Clients", people: str = "") -> Tables:
    tables = book()
    return applied(tables, plan(tables, [incoming(text)], settings=settings(), today=TODAY, table=table, people=people))


def sizes(tables: Tables) -> tuple[int, int]:
    return len(tables["Clients"].frame), len(tables["People"].frame)


def test_a_subscriber_who_is_known_at_a_firm_is_no_new_client() -> None:
    after = imported("Name;Email;Unsubscribed\nAnna Rossi;ANNA@sala.example.com;yes\nUgo Po;ugo@example.com;no")
    assert sizes(after) == (2, 1)
    assert as_flag(after["People"].frame["opt_out_email"]).tolist() == [True]


def test_a_list_of_addresses_alone() -> None:
    after = imported("Email;Phone\nanna@sala.example.com;02 5555 0199\nugo@example.com;02 5555 0198")
    assert sizes(after) == (2, 1)
    assert text_of(after["People"].frame["phone"].iloc[0]) == "02 5555 0199"


def test_another_name_with_the_same_address_is_somebody_else() -> None:
    assert sizes(imported("Name;Email\nUgo Po;anna@sala.example.com\nEva Bo;eva@example.com")) == (3, 1)


def test_a_further_person_of_a_firm_with_people() -> None:
    after = imported("Company;First name;Last name;Email\nSALA S.R.L.;Luca;Neri;luca@sala.example.com")
    assert sizes(after) == (1, 2)
    assert text_of(after["People"].frame["client_id"].iloc[1]) == "C0001"


def test_without_people_each_row_is_a_client() -> None:
    text = "Company;First name;Last name;Email\nSala Srl;Luca;Neri;luca@sala.example.com"
    assert sizes(imported(text, people="no")) == (2, 1)


def test_who_wants_no_mail_is_stopped_at_the_firm() -> None:
    after = imported("Email\nanna@sala.example.com\nnobody@example.com", "Suppression")
    assert as_flag(after["People"].frame["opt_out_email"]).tolist() == [True]
    assert not as_flag(after["Clients"].frame["opt_out_email"]).any()


def test_a_number_stops_calls() -> None:
    after = imported("Phone\n333 5550101\n333 555 9999", "Suppression")
    assert as_flag(after["People"].frame["opt_out_phone"]).tolist() == [True]


def test_the_old_list_adds_nobody_after_the_move() -> None:
    case = Case("", "", "a06_outlook_de.csv", "Clients", "DE", "de", "", "", "")
    before = run(case, CASES / "people_lists").tables
    ids = [text_of(one) for one in before["Clients"].frame["client_id"].iloc[:2]]
    tables = with_decisions(before)
    moved = applied(tables, merge_plan.plan(tables, settings=settings(), today=TODAY, pairs=[ids], firm=True))
    assert sizes(moved)[1] == 2
    second = run(case, CASES / "people_lists", moved)
    again = second.tables
    assert "import.people_asked" not in {problem.code for problem in second.problems}
    assert sizes(again)[1] == 2
    assert len(again["Clients"].frame) == len(moved["Clients"].frame)


def with_decisions(tables: Tables) -> Tables:
    from tests.support.importing_help import blank
    from xlcrm.tables import Table

    more = [Table(name, name, blank(name), {str(c): str(c) for c in blank(name)}) for name in ("Merged", "Decisions")]
    return Tables.of(*(tables[name] for name in tables), *more)
