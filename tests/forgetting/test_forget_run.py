"""Clients forgotten by a whole run: no trace in any file, figures that stay, and nothing that brings them back."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.support.kill_states import kill_states
from tests.support.live_help import NOW
from tests.support.session_help import plan_with, take
from tests.support.traces_left import left, sound_lines
from xlcrm.actions import ACTIONS
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.errors import CrmError
from xlcrm.files import encryption, file_book
from xlcrm.files.file_book import FileBook
from xlcrm.forgetting import forgotten_file
from xlcrm.plan import Added, Plan, diff
from xlcrm.run import run
from xlcrm.session import Call, open_session
from xlcrm.xlsx.reading import read_tables

CALL = Call(NOW)
TRACES = ("Mario Rossi", "C2", "mario.rossi@example.com", "Via dei Gigli 7", "+39 06 5555 0123")
LIST = "Client ID;Name;E-mail\nC2;Mario Rossi;mario.rossi@example.com\nC9;Per Hansen;per@example.com\n"


def filled(book: Path, password: str = "") -> Path:
    """The workbook with purchases, contacts and a note about Mario at somebody else, in three runs."""
    given = file_book.at(book, password)
    call = replace(CALL, password=password)
    sold = pd.DataFrame({"invoice": ["1", "2"], "client_id": ["C2", "C1"], "amount": [12.34, 5.0]})
    talked = pd.DataFrame({"client_id": ["C2"], "kind": ["call"], "subject": ["about his garden"]})
    plan_with(
        given, lambda t, s, d: Plan("import", added=(Added("Purchases", sold), Added("Interactions", talked))), call
    )
    given = file_book.at(book, password)
    told = {"email": ["", TRACES[2], ""], "street": ["", "Via dei Gigli", ""], "house_number": ["", "7", ""],
            "phone": ["", TRACES[4], "+49 30 23125 001"], "notes": ["sister of Mario Rossi", "", ""]}  # fmt: skip
    plan_with(given, lambda t, s, d: Plan("correct", changes=diff(t["Clients"], pd.DataFrame(told))), call)
    take(file_book.at(book, password), "refresh", call)
    return book


@pytest.fixture(scope="module")
def full(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    return filled(Path(shutil.copy(made, folder / "My.xlsm"))).parent


@pytest.fixture(scope="module")
def gone(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after Mario was forgotten everywhere."""
    folder = tmp_path_factory.mktemp("gone") / "f"
    shutil.copytree(full, folder)
    take(FileBook(folder / "My.xlsm"), "forget", CALL, clients=("C2",), everywhere=True)
    return folder


@pytest.fixture(scope="module")
def still_known(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after Mario was forgotten in the workbook alone: the backups still hold him."""
    folder = tmp_path_factory.mktemp("known") / "f"
    shutil.copytree(full, folder)
    take(FileBook(folder / "My.xlsm"), "forget", CALL, clients=("C2",))
    return folder


def there(folder: Path) -> list[str]:
    return list(read_tables.read(folder / "My.xlsm")["Clients"].frame["client_id"])


def copied(folder: Path, tmp_path: Path) -> FileBook:
    shutil.copytree(folder, tmp_path / "f")
    return FileBook(tmp_path / "f" / "My.xlsm")


def test_traces_are_found_before_so_that_the_search_can_fail(full: Path) -> None:
    found = {text for _, text in left(full, TRACES)}
    assert found == set(TRACES) - {"Via dei Gigli 7"}


def test_no_trace_is_left_in_any_file(gone: Path) -> None:
    assert left(gone, [text for text in TRACES if text != "C2"]) == []
    assert there(gone) == ["C1", "C3"]


def test_figures_notes_and_others_stay(gone: Path) -> None:
    tables = read_tables.read(gone / "My.xlsm")
    assert tables["Purchases"].frame["amount"].tolist() == [12.34, 5.0]
    assert tables["Purchases"].frame["client_id"].tolist() == ["", "C1"]
    assert tables["Clients"].frame["notes"].tolist()[0] == "sister of ***"
    assert not len(tables["Interactions"].frame)


def test_backups_and_journal_are_sound(gone: Path) -> None:
    store = Store(gone / "My.xlsm")
    assert verify(store) == []
    assert sound_lines(store.journal_path)
    assert [entry.number for entry in store.journal.entries()] == [1, 2, 3, 4]


def test_undo_of_forgetting_is_refused(gone: Path, tmp_path: Path) -> None:
    for number in (0, 4):
        with pytest.raises(CrmError) as fault:
            take(copied(gone, tmp_path / str(number)), "undo", CALL, number=number)
        assert fault.value.key == "undo.no_way_back"


def test_undo_of_an_older_run_is_right_for_the_rest(gone: Path, tmp_path: Path) -> None:
    book = copied(gone, tmp_path)
    take(book, "undo", CALL, number=3)
    take(FileBook(book.path), "undo", CALL, number=2)
    frame = read_tables.read(book.path)["Clients"].frame
    assert frame["client_id"].tolist() == ["C1", "C3"]
    assert frame["notes"].tolist() == ["", ""]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_no_older_backup_brings_anybody_back(still_known: Path, tmp_path: Path, place: int) -> None:
    book = copied(still_known, tmp_path)
    store = Store(book.path)
    name = store.backups()[place].name
    take(FileBook(book.path), "restore", CALL, which=name)
    assert "C2" not in there(book.path.parent)
    assert len(read_tables.read(book.path)["Forgotten"].frame)


@pytest.mark.parametrize("folder", ["still_known", "gone"])
def test_the_file_beside_the_backups_has_every_hash(folder: str, request: pytest.FixtureRequest) -> None:
    book = request.getfixturevalue(folder) / "My.xlsm"
    rows = read_tables.read(book)["Forgotten"].frame
    assert {"email", "name_postal", "number", "phone"} <= set(rows["kind"])
    assert set(forgotten_file.read(Store(book))["hash"]) == set(rows["hash"])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_workbook_that_is_lost_comes_back_without_them(still_known: Path, tmp_path: Path, place: int) -> None:
    """The file beside the backups is all that knows of them then."""
    book = copied(still_known, tmp_path)
    book.path.unlink()
    name = Store(book.path).backups()[place].name
    run(open_session(book.path, CALL, anyway=True), ACTIONS["restore"], which=name)
    assert "C2" not in there(book.path.parent)


def test_an_older_workbook_put_in_its_place_is_told(full: Path, tmp_path: Path) -> None:
    """By hand, or by a sync program: it has the client, and a sheet Forgotten that knows of nobody."""
    book = copied(full, tmp_path)
    older, warned = book.path.read_bytes(), list[str]()
    take(book, "forget", CALL, clients=("C2",), everywhere=True)
    book.path.write_bytes(older)
    found = take(FileBook(book.path), "check", replace(CALL, warn=warned.append))
    assert [problem.key for problem in found.plan.problems if problem.code == "client.forgotten"] == ["C2"]
    assert any("older than the last forgetting" in told for told in warned)
    assert len(read_tables.read(book.path)["Forgotten"].frame) > 3
    take(FileBook(book.path), "undo", CALL, number=5)
    assert len(read_tables.read(book.path)["Forgotten"].frame) > 3, "that is never set back"
    take(FileBook(book.path), "forget", CALL, clients=("C2",), everywhere=True)
    assert left(book.path.parent, [text for text in TRACES if text != "C2"]) == []


def test_a_single_client_is_not_brought_back(still_known: Path, tmp_path: Path) -> None:
    book = copied(still_known, tmp_path)
    oldest = Store(book.path).backups()[1].name
    with pytest.raises(CrmError) as fault:
        take(FileBook(book.path), "restore", CALL, which=oldest, rows=("C2",))
    assert fault.value.key == "restore.forgotten"


def test_an_import_leaves_out_who_is_forgotten(gone: Path, tmp_path: Path) -> None:
    book = copied(gone, tmp_path)
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    outcome = take(book, "import", CALL, files=(tmp_path / "list.csv",))
    assert there(book.path.parent) == ["C1", "C3", "C9"]
    assert "forget.left_out" in dict(outcome.plan.notes)
    assert left(book.path.parent, TRACES[2:] + TRACES[:1]) == [], "no example in what the run tells"


def test_a_run_of_another_copy_comes_without_them(full: Path, tmp_path: Path) -> None:
    """A sync program brings the journal of a colleague's copy, where somebody worked on the client meanwhile."""
    book = copied(full, tmp_path)
    away = Path(shutil.copytree(book.path.parent, tmp_path / "away"))
    phone = pd.DataFrame({"mobile": ["+49 30 23125 777", "+39 06 5555 0999", ""]})
    talked = pd.DataFrame({"client_id": ["C2", "C3"], "subject": ["a secret garden", "a public park"]})
    plan_with(
        FileBook(away / "My.xlsm"),
        lambda t, s, d: Plan("x", changes=diff(t["Clients"], phone), added=(Added("Interactions", talked),)),
        CALL,
    )
    take(book, "forget", CALL, clients=("C2",), everywhere=True)
    journal, theirs = Store(book.path).journal_path, Store(away / "My.xlsm").journal_path
    shutil.copy(theirs, journal.with_name(f"{journal.stem} (Anna's conflicted copy 2026-11-22).jsonl"))
    take(FileBook(book.path), "refresh", CALL)
    text = journal.read_text(encoding="utf-8")
    assert "a public park" in text and "23125 777" in text
    assert "secret" not in text and "5555 0999" not in text
    assert sound_lines(journal)


def test_a_merge_cannot_name_who_is_forgotten(gone: Path, tmp_path: Path) -> None:
    with pytest.raises(CrmError):
        take(copied(gone, tmp_path), "merge", CALL, clients=("C1", "C2"))


def test_forgetting_again_says_so(gone: Path, tmp_path: Path) -> None:
    outcome = take(copied(gone, tmp_path), "forget", CALL, clients=("C2",), everywhere=True)
    assert dict(outcome.plan.notes) == {"forget.already": {}}


def test_the_day_of_the_last_backup_is_told(full: Path, tmp_path: Path) -> None:
    outcome = take(copied(full, tmp_path), "forget", CALL, clients=("C2",))
    told = dict(outcome.plan.notes)["forget.backups_until"]
    assert told["n"] == 3
    assert str(told["day"]) > "2026-11-22"


def test_a_dry_run_writes_nothing(full: Path, tmp_path: Path) -> None:
    book = copied(full, tmp_path)
    before = {path: path.read_bytes() for path in book.path.parent.rglob("*") if path.is_file()}
    take(book, "forget", replace(CALL, dry_run=True), clients=("C2",), everywhere=True)
    assert before == {path: path.read_bytes() for path in book.path.parent.rglob("*") if path.is_file()}


def test_a_locked_workbook_stays_locked(made: Path, tmp_path: Path) -> None:
    book = Path(shutil.copy(made, tmp_path / "My.xlsm"))
    book.write_bytes(encryption.encrypt(book.read_bytes(), "secret"))
    filled(book, "secret")
    take(file_book.at(book, "secret"), "forget", replace(CALL, password="secret"), clients=("C2",), everywhere=True)
    store = Store(book, password="secret")
    assert all(encryption.is_encrypted(path) for path in (book, *(backup.path for backup in store.backups())))
    assert left(tmp_path, [text for text in TRACES if text != "C2"], "secret") == []
    assert verify(store) == []


def test_a_copy_that_was_written_in_brings_nobody_back(full: Path, tmp_path: Path) -> None:
    given = copied(full, tmp_path)
    copy = tmp_path / "Copy.xlsm"
    shutil.copy(given.path, copy)
    edited = pd.DataFrame({"phone": ["+49 30 23125 999", "+39 06 5555 0777", "+49 30 23125 001"]})
    sold = pd.DataFrame({"invoice": ["3", "4"], "client_id": ["C2", "C1"], "amount": [7.0, 8.0]})
    plan_with(
        FileBook(copy),
        lambda t, s, d: Plan("correct", changes=diff(t["Clients"], edited), added=(Added("Purchases", sold),)),
        CALL,
    )
    take(given, "forget", CALL, clients=("C2",), everywhere=True)
    take(FileBook(given.path), "combine", CALL, copy=copy)
    found = [text for text in (*TRACES, "+39 06 5555 0777") if text != "C2"]
    assert left(given.path.parent, found) == []
    assert there(given.path.parent) == ["C1", "C3"]
    tables = read_tables.read(given.path)
    assert tables["Clients"].frame["phone"].tolist()[0] == "+49 30 23125 999"
    assert tables["Clients"].frame["notes"].tolist()[0] == "sister of ***"
    assert tables["Purchases"].frame["invoice"].tolist() == ["1", "2", "3", "4"]
    assert tables["Purchases"].frame["client_id"].tolist() == ["", "C1", "", "C1"]


@pytest.mark.skipif(sys.platform != "linux", reason="states of writes are read from /proc")
def test_a_kill_leaves_the_client_whole_or_gone(full: Path, tmp_path: Path) -> None:
    """A few of the states that kills leave; `benchmarks/forgetting.py` tries those of every call to the disk."""
    run, keep = tmp_path / "run", tmp_path / "kept"
    shutil.copytree(full, run)
    keep.mkdir()

    def forgets() -> object:
        return take(FileBook(run / "My.xlsm"), "forget", CALL, clients=("C2",), everywhere=True)

    states, calls = kill_states(forgets, run, keep)
    assert calls > 100
    before = (full / "My.xlsm").read_bytes()
    gone = next(at for at, state in enumerate(states) if (state.folder / "My.xlsm").read_bytes() != before)
    for at in (gone, (gone + len(states)) // 2, len(states) - 1):
        shutil.rmtree(run)
        shutil.copytree(states[at].folder, run)
        assert there(run) == ["C1", "C3"], states[at].name
        forgets()
        assert left(run, [text for text in TRACES if text != "C2"]) == [], (at, states[at].name)
        assert verify(Store(run / "My.xlsm")) == []


def test_found_clients_and_copies_for_others_bring_nobody_back(full: Path, tmp_path: Path) -> None:
    """A copy that was handed out, and the sheet of the last search, from before the client was forgotten."""
    book = copied(full, tmp_path)
    handed = take(book, "hand-out", CALL, name="Anna").files[0]
    take(FileBook(book.path), "search", CALL, where=("client_id = C2",))
    assert "C2" in set(read_tables.read(book.path)["Found"].frame["client_id"])
    outcome = take(FileBook(book.path), "forget", CALL, clients=("C2",), everywhere=True)
    named = {Path(problem.value).name for problem in outcome.plan.problems if problem.code == "forget.file"}
    assert handed.name in named
    assert not len(read_tables.read(book.path)["Found"].frame.query("client_id == 'C2'"))
    take(FileBook(book.path), "combine", CALL, copy=handed)
    assert there(book.path.parent) == ["C1", "C3"]
    assert left(book.path.parent, [text for text in TRACES if text != "C2"], skip=named) == []


def test_every_older_run_is_taken_back_for_others_or_refused(gone: Path, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        book = copied(gone, tmp_path / str(number))
        try:
            take(book, "undo", CALL, number=number)
        except CrmError as fault:
            assert len(fault.text("en")) > 30
        assert there(book.path.parent) == ["C1", "C3"], number
        assert left(book.path.parent, [text for text in TRACES if text != "C2"]) == [], number


@pytest.mark.parametrize("keep", [False, True])
def test_issued_documents_stay_and_are_named(tmp_path: Path, keep: bool) -> None:
    from tests.support import invoicing_help

    book = invoicing_help.workbook(tmp_path / "My.xlsm", invoicing_help.purchases(1))
    call = replace(CALL, now=NOW + dt.timedelta(days=30))
    take(FileBook(book), "invoice", call, clients=("C1",))
    issued = [path for path in (tmp_path / "My documents").rglob("*") if path.is_file()]
    before = [path.read_bytes() for path in issued]
    assert {path.suffix for path in issued} == {".pdf", ".xml"}
    outcome = take(FileBook(book), "forget", call, clients=("C1",), everywhere=True, keep_invoices=keep)
    assert [path.read_bytes() for path in issued] == before
    told = dict(outcome.plan.notes)["forget.documents"]
    row = read_tables.read(book)["Documents"].frame.iloc[0]
    assert told["n"] == 1
    assert str(row["number"]) in str(told["names"])
    assert (row["buyer"] == "Anna Rossi") is keep
    skip = [path.name for path in issued]
    assert bool(left(tmp_path, ["Anna Rossi", "RSSNNA80A41L219D"], skip=skip)) is keep
    assert verify(Store(book)) == []
