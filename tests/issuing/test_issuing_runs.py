"""Issues as runs on a workbook: numbers survive kills, restores and undo; what is refused leaves every byte."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.faults import injected
from tests.support.invoicing_help import call, frame, ok, purchases, quick_press, workbook
from xlcrm.files.durable import sha256_of
from xlcrm.issuing import issuing_actions
from xlcrm.messages import LANGUAGES

BOUGHT = [*purchases(2), *purchases(1, "C2")]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing_actions, "document_press", quick_press)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("issuing") / "My.xlsm", BOUGHT)


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "My.xlsm"))


def numbers(book: Path) -> list[str]:
    return list(frame(book)["number"])


def test_an_invoice_for_each_client_and_its_file(book: Path) -> None:
    said = ok("invoice", book)
    documents = frame(book)
    assert list(documents["number"]) == ["RE-2026-0001", "RE-2026-0002"]
    assert list(documents["gross"]) == [48.8, 24.4]
    for file, mark in zip(documents["file"], documents["hash"], strict=True):
        assert sha256_of(book.parent / file) == mark
        assert str(book.parent / file) in said
    assert "undo number" not in said
    bought = frame(book, "Purchases")
    assert list(bought["document"]) == ["RE-2026-0001", "RE-2026-0001", "RE-2026-0002"]
    assert call("invoice", book).exit_code == 1, "nothing is open any more"
    assert numbers(book) == ["RE-2026-0001", "RE-2026-0002"]


def test_a_dry_run_shows_and_takes_no_number(book: Path) -> None:
    before = sha256_of(book)
    said = ok("invoice", book, "--dry-run")
    assert "RE-2026-0001" in said
    assert "48.80" in said
    assert sha256_of(book) == before
    assert sorted(path.name for path in book.parent.iterdir()) == ["My.xlsm"]


@pytest.mark.parametrize("later", [(), ("pay", "RE-2026-0001")])
def test_undo_of_an_issue_is_refused_with_every_byte(book: Path, later: tuple[str, ...]) -> None:
    ok("invoice", book)
    number = 1
    if later:
        ok(later[0], book, *later[1:])
    before = sha256_of(book)
    result = call("undo", book, number)
    assert result.exit_code == 2
    assert "xlcrm credit" in result.output
    assert sha256_of(book) == before


def test_a_payment_can_be_taken_back(book: Path) -> None:
    ok("invoice", book)
    ok("pay", book, "RE-2026-0001", "--amount", "20")
    assert list(frame(book)["open"]) == [28.8, 24.4]
    ok("undo", book)
    assert frame(book, "Payments").empty
    assert list(frame(book)["open"]) == [48.8, 24.4]


def test_from_an_offer_to_a_credit_note(book: Path) -> None:
    ok("offer", book, "C1", "--line", "Idea; 2; h; 80")
    ok("order", book, "--from", "OF-2026-0001")
    ok("deliver", book, "--from", "OR-2026-0001")
    ok("invoice", book, "--from", "DN-2026-0001")
    ok("credit", book, "RE-2026-0001")
    documents = frame(book)
    assert list(documents["from_number"])[1:] == ["OF-2026-0001", "OR-2026-0001", "DN-2026-0001", "RE-2026-0001"]
    assert list(documents["status"])[::3] == ["accepted", "credited"]
    assert documents["gross"].sum() == pytest.approx(195.2 * 3), "invoice and credit note come to nothing"
    bought = frame(book, "Purchases")
    assert list(bought["quantity"])[3:] == [2.0, -2.0]
    assert call("order", book, "--from", "OF-2026-0001").exit_code == 2
    assert call("credit", book, "RE-2026-0001").exit_code == 2


def test_credited_purchases_can_be_invoiced_again(book: Path) -> None:
    ok("invoice", book, "C2")
    ok("credit", book, "RE-2026-0001", "--again")
    bought = frame(book, "Purchases")
    assert len(bought) == 3
    ok("invoice", book, "C2")
    assert numbers(book) == ["RE-2026-0001", "GU-2026-0001", "RE-2026-0002"]


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_older_backup_frees_no_number(book: Path, *, by_hand: bool) -> None:
    older = Path(shutil.copy(book, book.parent / "older.xlsm"))
    ok("invoice", book, "C1")
    ok("check", book)
    if by_hand:
        shutil.copy(older, book)
        ok("check", book)
    else:
        ok("restore", book, "2")
    assert numbers(book) == ["RE-2026-0001"], "what was issued is there again"
    ok("invoice", book)
    assert numbers(book) == ["RE-2026-0001", "RE-2026-0002"]
    assert list(frame(book, "Purchases")["document"]) == ["RE-2026-0001", "RE-2026-0001", "RE-2026-0002"]


def test_what_is_missing_of_the_seller_is_said_first(tmp_path: Path) -> None:
    from xlcrm.building import build

    book = tmp_path / "My.xlsm"
    build(book, language="de", parts=("invoicing",))
    before = sha256_of(book)
    result = call("invoice", book)
    assert result.exit_code == 2
    assert "Eigene Firma" in result.output
    assert sha256_of(book) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_the_sheets_it_says_how_to_get_them(language: str, tmp_path: Path) -> None:
    book = workbook(tmp_path / "My.xlsm", language=language, parts=())
    result = call("invoice", book)
    assert result.exit_code == 2
    assert "--invoicing" in result.output


def test_an_issue_waits_for_nobody_who_has_it_open(book: Path) -> None:
    (book.parent / "~$My.xlsm").write_bytes(b"\x05Karin" + b"\x00" * 159)
    before = sha256_of(book)
    result = call("invoice", book)
    assert result.exit_code == 2
    assert sha256_of(book) == before
    assert call("check", book).exit_code == 0, "other runs only warn"


def test_a_file_that_is_there_is_not_written_over(book: Path) -> None:
    place = book.parent / "My documents" / "2026" / "RE-2026-0001.txt"
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    assert call("invoice", book).exit_code == 2
    assert place.read_text() == "mine"
    assert numbers(book) == []


def killed() -> OSError:
    os.kill(os.getpid(), 9)
    return OSError()


def _killed_at(at: int, book: Path) -> None:
    child = os.fork()
    if child == 0:
        with injected(at, under=str(book.parent)) as faults:
            faults.failure = killed  # type: ignore[method-assign]
            call("invoice", book, "C1")
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99])
def test_a_killed_issue_is_finished_under_its_number(
    book: Path, share: float, count_calls: Callable[[Path], int]
) -> None:
    _killed_at(round(share * count_calls(book)), book)
    call("invoice", book, "C1")
    call("invoice", book, "C2")
    assert numbers(book) == ["RE-2026-0001", "RE-2026-0002"]
    documents = frame(book)
    assert [sha256_of(book.parent / file) for file in documents["file"]] == list(documents["hash"])
    assert [sha256_of(book.parent / file) for file in documents["einvoice"]] == list(documents["einvoice_hash"])
    assert [Path(file).name[-9:] for file in documents["einvoice"]] == ["X0001.xml", "X0002.xml"]
    assert list(frame(book, "Purchases")["document"]) == ["RE-2026-0001", "RE-2026-0001", "RE-2026-0002"]
    assert not list(book.parent.rglob("*.issuing"))


@pytest.fixture(scope="session")
def count_calls(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], int]:
    """How many calls an issue makes to the disk."""
    folder = tmp_path_factory.mktemp("calls")
    copy = Path(shutil.copy(made, folder / "My.xlsm"))
    kept = issuing_actions.document_press
    issuing_actions.document_press = quick_press  # type: ignore[assignment]
    try:
        with injected(under=str(folder)) as counted:
            call("invoice", copy, "C1")
    finally:
        issuing_actions.document_press = kept
    return lambda book: len(counted.calls)
