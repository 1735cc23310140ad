"""The inbox: what is taken in, what is set aside with its reason, and that no list counts twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.scheduling.test_timetable import rows
from xlcrm.building import build
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.scheduling import night_state
from xlcrm.scheduling.inbox import Taken, take_in
from xlcrm.scheduling.inbox_folder import InboxFolder, inbox_of
from xlcrm.session import Call, open_session
from xlcrm.xlsx.reading import read_tables

CALL = Call(dt.datetime(2026, 11, 28, 2, 30), "night")


@pytest.fixture
def folder(book: Path) -> InboxFolder:
    found = inbox_of(book, "en")
    found.make()
    return found


def put(folder: InboxFolder, content: str, name: str = "form.csv") -> Path:
    path = folder.path / name
    path.write_text(content.replace("|", "\n") + "\n", encoding="utf-8")
    return path


def taken(book: Path, call: Call = CALL) -> list[Taken]:
    return take_in(book, call, pause=0)[1]


def height(book: Path, table: str) -> int:
    return len(read_tables.read(book)[table].frame)


@pytest.mark.parametrize("case", rows("inbox.csv"), ids=lambda case: case["why"])
def test_only_what_is_sure_is_taken_in(case: dict[str, str], book: Path, folder: InboxFolder) -> None:
    put(folder, case["content"])
    before = book.read_bytes()
    found = taken(book)
    if case["taken"] == "yes":
        assert [one.key for one in found] == ["inbox.taken"]
        assert [path.name for path in folder.done.iterdir()] == ["form.csv"]
        assert book.read_bytes() != before
        return
    assert [one.key for one in found] == ["inbox.set_aside"]
    assert book.read_bytes() == before
    assert sorted(path.name for path in folder.to_look_at.iterdir()) == ["form.csv", "form.csv.txt"]
    assert case["says"] in (folder.to_look_at / "form.csv.txt").read_text("utf-8-sig")


def test_the_same_list_counts_once(book: Path, folder: InboxFolder) -> None:
    content = "Client ID,Date,Product,Amount|C1,2026-04-03,Tea,12.50"
    put(folder, content, "orders.csv")
    taken(book)
    after = height(book, "Purchases")
    put(folder, content, "orders again.csv")
    assert [one.key for one in taken(book)] == ["inbox.known"]
    assert height(book, "Purchases") == after
    assert {path.name for path in folder.done.iterdir()} == {"orders.csv", "orders again.csv"}


def test_a_list_whose_run_was_cut_off_after_it_counts_once(book: Path, folder: InboxFolder) -> None:
    content = "First name,Last name,E-mail|Ann,Hill,ann.hill@example.com"
    put(folder, content)
    taken(book)
    store = open_session(book, CALL).store
    state = night_state.load(store)
    night_state.save(store, replace(state, taken=dict.fromkeys(state.taken, 1)))
    (folder.done / "form.csv").rename(folder.path / "form.csv")
    after = book.read_bytes()
    assert [one.key for one in taken(book)] == ["inbox.known"]
    assert book.read_bytes() == after


def test_a_column_that_a_person_let_in_stops_nothing(book: Path, folder: InboxFolder) -> None:
    content = "Timestamp,Last name,E-mail,Which colour?|2026-11-20 15:43:22,{0},{0}@example.com,Green"
    by_hand = folder.path.parent / "first.csv"
    by_hand.write_text(content.format("Hill").replace("|", "\n"), encoding="utf-8")
    CliRunner().invoke(main, ["import", str(book), str(by_hand)], catch_exceptions=False)
    put(folder, content.format("Brook"))
    assert [one.key for one in taken(book)] == ["inbox.taken"]
    frame = read_tables.read(book)["Clients"].frame
    assert frame.set_index("last_name").loc[["Hill", "Brook"], "Which colour?"].tolist() == ["Green", "Green"]


def test_who_answers_twice_is_one_client_since_the_first(book: Path, folder: InboxFolder) -> None:
    rows = "2026-11-21 09:00:00,Hill,hill@example.com,|2026-11-20 15:43:22,Hill,hill@example.com,Leeds"
    put(folder, f"Timestamp,Last name,E-mail,City|{rows}")
    assert [one.key for one in taken(book)] == ["inbox.taken"]
    client = read_tables.read(book)["Clients"].frame.set_index("last_name").loc["Hill"]
    assert f"{client['registered_on']:%Y-%m-%d}" == "2026-11-20" and client["city"] == "Leeds"


def test_a_list_that_was_taken_back_can_come_in_again(book: Path, folder: InboxFolder) -> None:
    put(folder, "First name,Last name,E-mail|Ann,Hill,ann.hill@example.com")
    taken(book)
    assert CliRunner().invoke(main, ["undo", str(book)]).exit_code == 0
    before = height(book, "Clients")
    (folder.done / "form.csv").rename(folder.path / "form.csv")
    assert [one.key for one in taken(book)] == ["inbox.taken"]
    assert height(book, "Clients") == before + 1


def test_a_dry_run_moves_nothing(book: Path, folder: InboxFolder) -> None:
    put(folder, "First name,Last name|Ann,Hill")
    before = book.read_bytes()
    assert [one.key for one in taken(book, replace(CALL, dry_run=True))] == ["inbox.taken"]
    assert book.read_bytes() == before and (folder.path / "form.csv").is_file()


def test_somebody_has_it_open_and_all_waits(book: Path, folder: InboxFolder) -> None:
    put(folder, "First name,Last name|Ann,Hill")
    book.with_name(f"~${book.name}").write_bytes(b"\x03Ann")
    with pytest.raises(CrmError):
        taken(book, replace(CALL, unattended=True))
    assert (folder.path / "form.csv").is_file() and not [*folder.to_look_at.iterdir()]


def test_a_file_that_grows_waits(folder: InboxFolder) -> None:
    path = put(folder, "First name,Last name|Ann,Hill")

    def grow(_: float) -> None:
        path.write_text(path.read_text("utf-8") + "Bob,Hill\n", encoding="utf-8")

    assert folder.waiting(0, grow) == []
    assert folder.waiting(0) == [path]


@pytest.mark.parametrize("name", [".hidden.csv", "~$orders.xlsx", "orders.csv.part", "x.crdownload", "desktop.ini"])
def test_what_is_no_list_of_a_person_is_left(name: str, folder: InboxFolder) -> None:
    put(folder, "a,b|1,2", name)
    assert folder.waiting(0) == []


def test_links_are_not_followed(folder: InboxFolder, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("First name\nAnn\n", encoding="utf-8")
    (folder.path / "link.csv").symlink_to(tmp_path / "secret.csv")
    assert folder.waiting(0) == []


def test_a_folder_named_in_another_language_is_used(book: Path) -> None:
    inbox_of(book, "it").make()
    assert inbox_of(book, "de").path == inbox_of(book, "it").path


@pytest.mark.parametrize("content", ["", "First name,Shoe size|Ann,38"], ids=["nothing waits", "one is set aside"])
def test_the_command_speaks_the_workbooks_language(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLCRM_LANGUAGE", "en")
    book = tmp_path / "My.xlsm"
    build(book, language="it")
    if content:
        inbox_of(book, "it").make()
        put(inbox_of(book, "it"), content)
    told = CliRunner().invoke(main, ["inbox", str(book)])
    assert told.exit_code == 1
    assert "non è stato importato" in told.output if content else "non c'è nulla in attesa" in told.output
