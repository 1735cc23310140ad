"""A list from before a merge brings nobody back, overwrites nothing and opts nobody in, whatever it holds."""

from __future__ import annotations

import csv

import pytest

from tests.support.importing_help import incoming
from tests.support.merging_help import ITALY, TODAY, applied, book, cells, merged
from tests.support.paths import CASES
from xlcrm.importing.planning import plan as import_plan
from xlcrm.merging import alias_table
from xlcrm.plan import Plan
from xlcrm.tables import Tables

CLIENTS = (
    "client_id=C1 full_name=Giuseppe_Conti email=a@example.com street=Via_Roma; "
    "client_id=C2 full_name=Beppe_Conti email=b@example.com phone=+390255550102 opt_out_email=x"
)
LINES = "invoice=F1 client_id=C1 amount=10; invoice=F2 client_id=C2 date=2026-01-02 product=Pen quantity=1 amount=20"


def since() -> Tables:
    tables = book(CLIENTS + "; client_id=C3 full_name=Rita_Galli email=rita@example.com", LINES)
    return applied(tables, merged(tables, ("C1", "C2")))


def imported(tables: Tables, text: str, table: str = "Clients", *, update: bool = False) -> Plan:
    lines = "\n".join(text.split("|"))
    return import_plan(tables, [incoming(lines)], settings=ITALY, today=TODAY, table=table, update=update)


def old_lists() -> list[dict[str, str]]:
    with (CASES / "old_lists.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("update", [False, True], ids=["", "update"])
@pytest.mark.parametrize("case", old_lists(), ids=lambda case: case["why"][:50])
def test_an_old_list_adds_nobody(case: dict[str, str], *, update: bool) -> None:
    tables = since()
    plan = imported(tables, case["list"], update=update)
    after = applied(tables, plan)
    assert sum(len(part.rows) for part in plan.added) == int(case["added"]), case["why"]
    assert cells(after, "C1") == cells(tables, "C1"), case["why"]
    assert cells(after, "C1")["opt_out_email"] == "x"


def test_lines_of_a_former_number_are_known_and_new_ones_follow() -> None:
    tables = since()
    old = "Invoice;Client ID;Date;Product;Quantity;Amount|F2;C2;2026-01-02;Pen;1;20|F7;C2;2026-03-04;Ink;1;30"
    after = applied(tables, imported(tables, old, "Purchases"))
    assert sorted(after["Purchases"].frame["client_id"]) == ["C1", "C1", "C1"]
    assert list(after["Clients"].frame["client_id"]) == ["C1", "C3"]


@pytest.mark.parametrize(
    ("text", "out", "why"),
    [
        ("E-mail|b@example.com", "opt_out_email", "an e-mail of before"),
        ("Phone|+39 02 5555 0102", "opt_out_phone", "a phone of before, which is the client's mobile now"),
        ("Client ID|C2", "opt_out_post", "a number of before"),
    ],
)
def test_who_wants_no_mail_is_stopped_under_the_new_number(text: str, out: str, why: str) -> None:
    tables = book(CLIENTS.replace("opt_out_email=x", "notes=-"))
    tables = applied(tables, merged(tables, ("C1", "C2")))
    assert out not in cells(tables, "C1")
    after = applied(tables, imported(tables, text, "Suppression"))
    assert cells(after, "C1")[out] == "yes", why


def test_a_number_of_before_is_not_given_again() -> None:
    tables = book("client_id=C0001 full_name=Anna_Conti; client_id=C0002 full_name=Anna_Conti")
    tables = applied(tables, merged(tables, ("C0001", "C0002")))
    plan = imported(tables, "Full name;E-mail|Zoe Zanetti;zoe@example.com")
    assert list(plan.added[0].rows["client_id"]) == ["C0003"]


def test_a_client_who_was_parted_again_is_no_alias() -> None:
    tables = since()
    frame = book(CLIENTS)["Clients"]
    both = Tables.of(*{**dict(tables), "Clients": frame}.values())
    assert list(alias_table.known_as(both, frame.frame)) == ["", ""]
