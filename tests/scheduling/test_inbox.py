"""The inbox: what is taken in, what is set aside with its reason, and that no list counts twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from tests.scheduling.test_timetable import rows
from xlcrm.building import build
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.files import file_book
from xlcrm.plan import Plan, diff
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
    if case["taken"] in ("yes", "asked"):
        key = {"yes": "inbox.taken", "asked": "inbox.taken_asked"}[case["taken"]]
        assert [one.key for one in found] == [key]
        lines = read_tables.read(book)["Problems"].frame
        assert case["says"] in " ".join([*lines["value"].astype(str), *lines["suggestion"].astype(str)])
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


FORM = "Timestamp,First name,Last name,E-mail,Postal code,City,Occupation|"
HILL = "2026-11-20 15:43:22,Ann,Hill,ann.hill@example.com,{},{},{}|"
BROOK = "2026-11-22 10:00:00,Ben,Brook,ben.brook@example.com,LS2,Leeds,Baker|"
MOSS = "2026-11-24 11:00:00,Ida,Moss,ida.moss@example.com,YO1,York,Painter|"


def asked(book: Path) -> list[tuple[str, str, str, str]]:
    frame = read_tables.read(book)["Problems"].frame.astype(str)
    lines = frame[frame["code"].str.startswith("inbox.")]
    return list(zip(lines["code"], lines["column"], lines["value"], lines["suggestion"], strict=True))


def client(book: Path, name: str) -> dict[Hashable, str]:
    frame = read_tables.read(book)["Clients"].frame.astype(str)
    return dict(frame[frame["last_name"] == name].to_dict("records")[0])


def command(*words: str) -> None:
    assert CliRunner().invoke(main, [*words], catch_exceptions=False).exit_code in (0, 1)


def test_one_corrected_client_keeps_no_answer_out(book: Path, folder: InboxFolder) -> None:
    """The export of a form holds all its answers each time; a person has put one of them right since the first."""
    put(folder, FORM + HILL.format("LS1", "Leeds", ""))
    taken(book)
    put(folder, FORM + HILL.format("LS9", "Leeds", "Cook") + BROOK, "again.csv")
    assert [one.key for one in taken(book)] == ["inbox.taken_asked"]
    assert asked(book) == [
        ("inbox.differs", "Postal code", "LS1", "LS9"),
        ("inbox.differs", "Occupation", "", "Cook"),
    ]
    assert client(book, "Brook")["city"] == "Leeds", "the rest is taken"
    assert (client(book, "Hill")["postal_code"], client(book, "Hill")["occupation"]) == ("LS1", ""), (
        "of the row nothing"
    )
    put(folder, FORM + HILL.format("LS9", "Leeds", "Cook") + BROOK + MOSS, "third.csv")
    assert [one.key for one in taken(book)] == ["inbox.taken"] and len(asked(book)) == 2, "asked once"


def test_what_was_decided_of_a_list_is_written_by_correct(book: Path, folder: InboxFolder) -> None:
    put(folder, FORM + HILL.format("LS1", "Leeds", ""))
    taken(book)
    put(folder, FORM + HILL.format("LS9", "Leeds", "Cook"), "again.csv")
    taken(book)
    decide(book, "apply")
    command("check", str(book))
    assert len(asked(book)) == 2, "a check leaves them"
    command("correct", str(book))
    assert (client(book, "Hill")["postal_code"], client(book, "Hill")["occupation"]) == ("LS9", "Cook")
    assert not asked(book)


def test_what_is_asked_goes_with_the_list(book: Path, folder: InboxFolder) -> None:
    put(folder, FORM + HILL.format("LS1", "Leeds", ""))
    taken(book)
    put(folder, FORM + HILL.format("LS9", "Leeds", "Cook"), "again.csv")
    taken(book)
    command("undo", str(book))
    assert not asked(book) and client(book, "Hill")["postal_code"] == "LS1"


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("E-mail consent on", "2026-11-27", "inbox.agreed_again"),
        ("Would you like our newsletter?", "Yes", "inbox.agreed_again"),
        ("No e-mail", "no", "inbox.refused"),
    ],
)
def test_who_refused_and_agrees_is_told_not_opted_in(
    header: str, cell: str, code: str, book: Path, folder: InboxFolder
) -> None:
    head = f"First name,Last name,E-mail,{header}"
    by_hand = folder.path.parent / "first.csv"
    by_hand.write_text(f"{head}\nAnn,Hill,ann.hill@example.com,\nIda,Moss,ida.moss@example.com,{cell}\n", "utf-8")
    command("import", str(book), str(by_hand))
    put(folder, "First name,Last name,E-mail,No e-mail|Ann,Hill,ann.hill@example.com,yes")
    taken(book)
    put(folder, f"{head}|Ann,Hill,ann.hill@example.com,{cell}", "b.csv")
    assert [one.key for one in taken(book)] == ["inbox.taken_asked"]
    assert [(one[0], one[2], one[3]) for one in asked(book)] == [(code, "yes", "")]
    assert client(book, "Hill")["opt_out_email"] == "yes"
    decide(book, "apply")
    command("correct", str(book))
    assert client(book, "Hill")["opt_out_email"] == "yes", "nobody is opted in by a line"


def decide(book: Path, what: str) -> None:
    """Somebody decides all that the inbox asked."""
    there = file_book.at(book, "").look()
    lines = there["Problems"].frame
    rows = lines.index[lines["code"].astype(str).str.startswith("inbox.")]
    after = pd.DataFrame({"decision": pd.Series(what, index=rows, dtype=object)})
    file_book.at(book, "").apply(Plan("x", changes=diff(there["Problems"], after)), there)
