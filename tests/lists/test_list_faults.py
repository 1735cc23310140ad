"""The nine faults that lists had once, each a row: what was asked, and what comes out now."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.list_help import SHIPPED, TODAY, Row, client, made, tables
from xlcrm.lists.list_plan import ListsAsked
from xlcrm.lists.rendering import RenderJob, render
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.undo.plan_json import decode, encode
from xlcrm.undo.undo import inverse

SETTINGS = Settings(country="IT", language="it", company="Verdi S.r.l.", seller_address="Via Olmo 3, 53100 Siena")


def bought(**fields: object) -> Row:
    return {"client_id": "C1", "date": "2026-11-01", "product": "Olio", "quantity": 1, "unit_price": 10.0, "amount": "",
            "invoice": "", "invoiced_on": "", "due_on": "", "paid_on": "", **fields}  # fmt: skip


def invoiced(*lines: Row, form: str = "csv-utf8", lists: int = 1, settings: Settings = SETTINGS) -> Plan:
    rows: list[Row] = [{"list": f"I{n}", "kind": "invoicing", "format": form} for n in range(lists)]
    given = tables(Clients=[client()], Lists=rows, Purchases=list(lines))
    return made(given, ListsAsked(mark_invoiced=True), settings=settings)


def rows_of(plan: Plan, at: int = 0) -> list[dict[str, str]]:
    content = plan.files[at].content
    assert isinstance(content, bytes)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def text_of(plan: Plan) -> str:
    content = plan.files[0].content
    assert isinstance(content, bytes)
    return content.decode("utf-8-sig")


def one_due_date() -> None:
    plan = invoiced(bought(due_on="2026-12-31"), bought(product="Miele"))
    assert {row["Prodotto"]: row["Scadenza"] for row in rows_of(plan)} == {"Olio": "2026-12-31", "Miele": "2026-12-22"}
    written = {change.column: change for change in plan.changes}["due_on"]
    assert [day.date() for day in written.after] == [TODAY + dt.timedelta(days=30)]


def long_prices() -> None:
    row = rows_of(invoiced(bought(quantity=3, unit_price=18.333)))[0]
    assert (row["Prezzo unitario"], row["Importo"]) == ("18.333", "55.00")
    assert rows_of(invoiced(bought(unit_price=1.123456789)))[0]["Prezzo unitario"] == "1.12345679"
    assert "18,333" in text_of(invoiced(bought(quantity=3, unit_price=18.333), form="html"))


def only_open_ones() -> None:
    plan = invoiced(bought(invoice="F1"), bought(paid_on="2026-11-02"), bought(product="Miele"))
    assert [row["Prodotto"] for row in rows_of(plan)] == ["Miele"]
    why = str(plan.notes[0][1]["why"])
    assert "1 acquisto con un numero di fattura" in why
    assert "1 acquisto già pagato" in why
    nothing = invoiced(bought(invoice="F1"))
    assert (nothing.files, nothing.changes, nothing.notes[0][0]) == ((), (), "lists.empty")


def no_purchase_twice() -> None:
    plan = invoiced(bought(), lists=2)
    assert [file.name for file in plan.files] == ["I0.csv"]
    assert "1 acquisto in un'altra lista" in str(plan.notes[1][1]["why"])
    given = tables(Clients=[client()], Purchases=[bought(invoiced_on=TODAY)])
    back = inverse(replace(decode(encode(plan)), changes=()), given)
    assert ("undo.files_stay", {"names": "I0.csv"}) in back.notes


def credit_notes() -> None:
    plan = invoiced(bought(amount=-20.0))
    row = rows_of(plan)[0]
    assert (row["Scadenza"], row["Tipo"], row["Totale cliente"]) == ("", "Nota di credito", "-20.00")
    assert [key for key, _ in plan.notes] == ["lists.invoicing_done", "lists.credit_notes", "lists.marked"]
    assert plan.notes[0][1]["n"] == 0
    assert not any(change.column == "due_on" for change in plan.changes)


def numbers_as_written_here() -> None:
    plan = invoiced(bought(quantity=10), bought(quantity=0.5, product="Miele"), form="txt")
    assert "1 nov 2026  Olio  10  100,00 EUR" in text_of(plan)
    assert "1 nov 2026  Miele  0,5  5,00 EUR" in text_of(plan)
    assert [row["Quantità"] for row in rows_of(invoiced(bought(quantity=10)))] == ["10"]
    own = RenderJob("mine.txt", "{{ when }} {{ n }}", "txt", "de", [], {"when": dt.date(2025, 6, 18), "n": 0.5})
    assert render(own) == "18.06.2025 0,5"


def a_seller_and_real_labels() -> None:
    assert "Verdi S.r.l. · Via Olmo 3, 53100 Siena" in text_of(invoiced(bought(), form="html"))
    rows: list[Row] = [{"list": "L", "kind": "labels"}]
    assert [file.name for file in made(tables(Clients=[client()], Lists=rows)).files] == ["L.pdf"]


def html_by_what_comes_out() -> None:
    script = "<script>alert(1)</script>"
    for name, form in (("mailing.txt", "html"), ("Brief.HTML", "html"), ("page.htm", "txt")):
        told = render(RenderJob(name, "{{ note }}", form, "en", [], {"note": script}))
        assert told == "&lt;script&gt;alert(1)&lt;/script&gt;", name
    rows: list[Row] = [{"list": "L", "kind": "mailing", "format": "html", "template": "mailing.txt"}]
    plan = made(tables(Clients=[client(first_name=script)], Lists=rows))
    assert "<script>" not in text_of(plan)


def csv_for_other_programs() -> None:
    rows: list[Row] = [{"list": "L", "kind": "mailing", "format": "csv-utf8"}]
    plan = made(tables(Clients=[client(first_name="Łucja"), client(client_id="=1+1")], Lists=rows))
    assert plan.files[0].name == "L.csv"
    content = plan.files[0].content
    assert isinstance(content, bytes)
    assert content.startswith(b"Client ID,Name,")
    assert "Łucja Rossi" in content.decode("utf-8")
    assert "'=1+1" in content.decode("utf-8")


FAULTS: list[tuple[int, Callable[[], None], str]] = [
    (1, one_due_date, "the list and the workbook have one due date"),
    (2, long_prices, "a unit price keeps up to eight decimals"),
    (3, only_open_ones, "what has an invoice number or is paid is not offered"),
    (4, no_purchase_twice, "a purchase is on one list; undo names the file that stays"),
    (5, credit_notes, "a negative sum is a credit note without a due date"),
    (6, numbers_as_written_here, "no exponent, no foreign point, no ISO day"),
    (7, a_seller_and_real_labels, "the seller is named, labels are labels"),
    (8, html_by_what_comes_out, "HTML is escaped whatever the template is called"),
    (9, csv_for_other_programs, "CSV for other programs is UTF-8 with commas"),
]


@pytest.mark.parametrize(("number", "check", "why"), FAULTS, ids=[f"{case[0]} {case[2]}" for case in FAULTS])
def test_a_fault_of_lists_is_mended(number: int, check: Callable[[], None], why: str) -> None:
    check()


def test_the_faults_are_all_there() -> None:
    assert [number for number, _, _ in FAULTS] == list(range(1, 10))
    assert "invoicing.columns.txt" in SHIPPED
