"""Invoices of purchases that come from a source: each line once, and the source is never written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.invoicing_help import call, frame, ok, quick_press, workbook
from xlcrm.files.durable import sha256_of
from xlcrm.issuing import issuing_actions

pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")
HEAD = "client_id;date;invoice;product;quantity;unit_price;invoiced_on\n"
OPEN = (
    "C1;10.11.2026;;Item 1;2;10,00;\n"
    "C1;11.11.2026;;Item 2;2;10,00;\n"
    "C2;12.11.2026;;Item 1;1;1.200,50;\n"
    "C1;12.10.2026;RE-2026-0041;Item 9;1;5,00;13.10.2026\n"
)  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing_actions, "document_press", quick_press)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    book = workbook(tmp_path_factory.mktemp("source") / "My.xlsm")
    sold(book, OPEN)
    ok("connect", book, "lines.csv")
    return book


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made.with_name("lines.csv"), tmp_path)
    return Path(shutil.copy(made, tmp_path / "My.xlsm"))


def sold(book: Path, lines: str) -> Path:
    place = book.with_name("lines.csv")
    place.write_text(HEAD + lines, encoding="utf-8")
    return place


def numbers(book: Path) -> dict[str, float]:
    documents = frame(book)
    return dict(zip(documents["number"].astype(str), documents["net"], strict=True))


def test_open_lines_become_invoices_once(book: Path) -> None:
    place = book.with_name("lines.csv")
    before = sha256_of(place)
    assert "RE-2026-0042" in ok("invoice", book, "--dry-run"), "after the highest number that the source has"
    ok("invoice", book)
    assert numbers(book) == {"RE-2026-0042": 40.0, "RE-2026-0043": 1200.5}
    assert call("invoice", book).exit_code == 1, "nothing is open any more"
    assert sha256_of(place) == before and not len(frame(book, "Purchases").dropna(how="all").query("client_id != ''"))


def test_the_lines_of_one_client_alone(book: Path) -> None:
    ok("invoice", book, "c2")
    assert numbers(book) == {"RE-2026-0042": 1200.5}


def test_a_line_that_the_source_marks_afterwards_is_the_invoiced_one(book: Path) -> None:
    """Two equal lines; one is invoiced and then gets its number in the source: the other one is still open."""
    sold(book, "C1;10.11.2026;;Item 1;2;10,00;\n")
    ok("invoice", book)
    sold(book, "C1;10.11.2026;;Item 1;2;10,00;\nC1;10.11.2026;RE-2026-0001;Item 1;2;10,00;20.11.2026\n")
    assert "RE-2026-0002" in ok("invoice", book)


def test_a_line_changed_in_the_source_is_asked(book: Path) -> None:
    sold(book, "C1;10.11.2026;;Item 1;2;10,00;\n")
    ok("invoice", book)
    sold(book, "C1;10.11.2026;;Item 1;3;10,00;\nC1;10.11.2026;;Item 7;1;3,00;\n")
    said = call("invoice", book)
    assert said.exit_code == 1 and "RE-2026-0001" in said.output
    assert numbers(book) == {"RE-2026-0001": 20.0, "RE-2026-0002": 3.0}, "the other line is not like it"


def test_what_a_merged_client_had_is_delivered_once(book: Path) -> None:
    more = book.with_name("more.csv")
    more.write_text("Client ID;Full name;Street;House number;Postal code;City;Country\n", encoding="utf-8")
    with more.open("a", encoding="utf-8") as file:
        file.write("C3;Anna Rossi;Via Po;2;10121;Torino;IT\n")
    call("import", book, more)
    sold(book, "C3;10.11.2026;;Item 1;2;10,00;\n")
    ok("deliver", book, "C3")
    ok("merge", book, "C1", "C3")
    assert frame(book, "Merged")["old_id"].tolist() == ["C3"]
    assert call("deliver", book).exit_code == 1 and len(numbers(book)) == 1


def test_selected_rows_of_the_view(book: Path) -> None:
    ok("search", book, "--where", "client_id = C1")
    rows = frame(book, "Purchases")
    place = rows.index[rows["product"] == "Item 1"][0] + 2
    ok("invoice", book, "--rows", place)
    assert numbers(book) == {"RE-2026-0042": 20.0}
    refused = call("invoice", book, "--rows", 99)
    assert refused.exit_code == 2 and "99" in refused.output


def test_typed_lines_and_credit_notes_are_not_written_there(book: Path) -> None:
    said = ok("invoice", book, "C1", "--line", "Advice; 1; h; 80")
    assert "lines.csv" in said and len(frame(book, "Purchases").query("client_id == 'C1'")) == 0
    assert "lines.csv" in ok("credit", book, "RE-2026-0042")


def test_a_credit_note_gives_lines_back(book: Path) -> None:
    ok("invoice", book, "C2")
    ok("credit", book, "RE-2026-0042", "--again")
    ok("invoice", book, "C2")
    assert list(numbers(book).values()) == [1200.5, -1200.5, 1200.5]


def test_paying_and_refreshing_write_no_mark(book: Path) -> None:
    ok("invoice", book, "C2")
    ok("pay", book, "RE-2026-0042")
    assert call("refresh", book).exit_code in (0, 1)
    assert frame(book)["status"].tolist() == ["paid"]


def test_without_a_column_of_marks_the_clients_are_asked(book: Path) -> None:
    place = book.with_name("plain.csv")
    place.write_text("client_id;date;product;amount\nC1;10.11.2026;Item 1;5,00\n", encoding="utf-8")
    ok("connect", book, "plain.csv")
    refused = call("invoice", book)
    assert refused.exit_code == 2 and numbers(book) == {}
    ok("invoice", book, "C1")
    assert list(numbers(book).values()) == [5.0]
