"""The one run, step by step: who is warned or refused, what stands in the sheet Changes, which backup stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.table import Table

from tests.support import neighbours
from tests.support.live_help import three_clients
from xlcrm import messages
from xlcrm.actions import ACTIONS, Action
from xlcrm.errors import CrmError
from xlcrm.files import file_book
from xlcrm.plan import Added, OutFile, Plan, diff
from xlcrm.problems import Problem
from xlcrm.run import STEPS, Outcome, rules, run
from xlcrm.session import Call, Session, open_session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.xlsx import identity
from xlcrm.xlsx.reading import read_tables

NOW = dt.datetime(2026, 11, 22, 14, 30, 5, 999)
Operation = Callable[[Tables, Settings, dt.date], Plan]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return neighbours.make(tmp_path / "My.xlsm", "Acme")


def adds(tables: Tables, *_: object) -> Plan:
    row = pd.DataFrame({"client_id": ["C77"], "full_name": ["Acme new"]})
    return Plan("import", added=(Added("Clients", row),), notes=(("lists.none", {}),))


def renames(tables: Tables, *_: object) -> Plan:
    return Plan("split", changes=diff(tables["Clients"], pd.DataFrame({"city": ["Bergen"] * 6})))


def nothing(tables: Tables, *_: object) -> Plan:
    return Plan("check")


def done(book: Path, operation: Operation, call: Call | None = None, **more: Any) -> Outcome:
    return run(open_session(book, call or Call(NOW, "Ann")), Action("import", lambda session: operation, **more))


def changes(book: Path) -> list[dict[str, str]]:
    frame = read_tables.read(book)["Changes"].frame
    rows = [dict(zip(map(str, frame), map(text_of, row), strict=True)) for row in frame.itertuples(index=False)]
    return [row for row in rows if any(row.values())]


def test_the_steps_and_what_they_leave(book: Path) -> None:
    steps: list[str] = []
    outcome = done(book, adds, Call(NOW, "Ann", step=steps.append))
    assert tuple(steps) == STEPS
    assert outcome.backup and outcome.backup.name == "My 2026-11-22 143005 before import.xlsm"
    (row,) = changes(book)
    told = messages.text("lists.none", "en")
    want = {"undo_number": "1", "who": "Ann", "action": "Import", "cells": "0", "rows_added": "1", "rows_removed": "0"}
    assert {name: row[name] for name in want} == want and row["what"].startswith(f"{told} My.xlsm was made by")
    assert row["when"].startswith("2026-11-22") and row["when"].endswith("14:30:05"), row["when"]
    session = open_session(book, Call(NOW))
    (entry,) = session.journal.entries()
    assert (entry.number, entry.state, entry.who, entry.backup) == (1, "done", "Ann", outcome.backup.name)
    plan = session.journal.plan(1)
    assert [added.table for added in plan.added] == ["Clients"], "the line in Changes is history: undo leaves it"
    assert (outcome.undo_number, outcome.sentences()[0]) == (1, told)


def test_numbers_go_on_above_those_listed(book: Path) -> None:
    done(book, renames)
    assert [entry.number for entry in open_session(book, Call(NOW)).journal.entries()] == [1]
    typed = openpyxl.load_workbook(book, keep_vba=True)
    for listed, number in ((6, 7), (2e9, 8), ("text", 9)):
        sheet = typed["Changes"]
        sheet["A2"] = listed
        typed.save(book)
        assert done(book, adds if number % 2 else renames).undo_number == number, f"{listed} is listed"
        typed = openpyxl.load_workbook(book, keep_vba=True)
        for row in range(2, 7):
            typed["Clients"].cell(row, 3, f"Oslo {number}")


def test_a_run_that_writes_nothing_leaves_one_backup_of_a_state(book: Path) -> None:
    done(book, renames)
    outcomes = [done(book, nothing, Call(NOW + dt.timedelta(minutes=n), "Ann")) for n in (1, 2)]
    names = [outcome.backup.name for outcome in outcomes if outcome.backup]
    assert names == ["My 2026-11-22 143105 before import.xlsm"] * 2
    assert (outcomes[0].undo_number, outcomes[0].exit_code) == (0, 0)
    session = open_session(book, Call(NOW))
    assert session.journal.kinds()[names[0]] == "import"
    by_hand = done(book, nothing, Call(NOW + dt.timedelta(minutes=9)), by_hand=True)
    assert by_hand.backup and by_hand.backup.name != names[0], "who asks for a backup gets one"
    assert len(session.store.backups()) == 3


def test_a_dry_run_leaves_nothing(book: Path) -> None:
    before = {path.name: path.read_bytes() for path in book.parent.iterdir()}
    steps: list[str] = []
    outcome = done(book, adds, Call(NOW, dry_run=True, step=steps.append))
    assert {path.name: path.read_bytes() for path in book.parent.iterdir()} == before
    assert (outcome.backup, outcome.undo_number, outcome.files) == (None, 0, ())
    assert len(outcome.plan.added) == 1 and tuple(steps) == STEPS[:3]
    assert len(outcome.tables["Clients"].frame) == 6, "read before the copy is gone"


def problem(level: Any) -> Problem:
    return Problem("client.no_name", "Clients", 2, "full_name", "", level=level)


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (Plan("x"), 0),
        (Plan("x", problems=(problem("note"),)), 0),
        (Plan("x", problems=(problem("note"), problem("warning"))), 1),
        (Plan("x", problems=(problem("error"),)), 1),
        (Plan("x", nothing_to_do=True), 1),
    ],
)
def test_exit_codes(plan: Plan, code: int) -> None:
    assert Outcome(plan, Settings(), Tables.of()).exit_code == code


def test_files_go_with_a_run_that_is_refused(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_file(tables: Tables, *more: object) -> Plan:
        return Plan("lists", added=adds(tables).added, files=(OutFile("a.csv", b"x"),))

    made = done(book, with_file).files
    assert [path.name for path in made] == ["a.csv"] and made[0].read_bytes() == b"x"
    made[0].unlink()

    def refused(*_: object) -> None:
        raise CrmError("apply.moved", name="x", cells="y", count=1)

    monkeypatch.setattr(file_book.FileBook, "apply", refused)
    before = book.read_bytes()
    with pytest.raises(CrmError):
        done(book, with_file, Call(NOW + dt.timedelta(minutes=1)))
    assert book.read_bytes() == before and not made[0].exists()
    assert [entry.state for entry in open_session(book, Call(NOW)).journal.entries()] == ["done", "failed"]


EXCEL, OFFICE, COPY = "~$My.xlsm", ".~lock.My.xlsm#", "My (conflicted copy).xlsm"
OTHERS = [
    (EXCEL, b"\x03Eva" + b" " * 51, "book.open_elsewhere", "Eva"),
    (EXCEL, b"", "book.open_somewhere", "Excel"),
    (OFFICE, b",eva,pc,22.11.2026 14:00,file:///x;", "book.open_elsewhere", "LibreOffice"),
    (COPY, b"x", "book.conflict_copy", COPY),
]


@pytest.mark.parametrize(("name", "content", "key", "said"), OTHERS, ids=[f"{one[0]} {one[2]}" for one in OTHERS])
def test_somebody_else_has_it(book: Path, name: str, content: bytes, key: str, said: str) -> None:
    book.with_name(name).write_bytes(content)
    warned: list[str] = []
    done(book, renames, Call(NOW, warn=warned.append))
    assert len(warned) == 1 and said in warned[0]
    before = book.read_bytes()
    with pytest.raises(CrmError) as refused:
        done(book, adds, Call(NOW, unattended=True))
    assert refused.value.key == key and book.read_bytes() == before
    done(book, adds, Call(NOW, unattended=True, dry_run=True))
    done(book, nothing, Call(NOW, unattended=True), changes=False)


def test_somebody_opens_it_while_a_run_by_night_reads(book: Path) -> None:
    def opened(tables: Tables, *more: object) -> Plan:
        book.with_name(EXCEL).write_bytes(b"\x03Eva")
        return adds(tables)

    before = book.read_bytes()
    with pytest.raises(CrmError) as refused:
        done(book, opened, Call(NOW, unattended=True))
    assert refused.value.key == "book.open_elsewhere" and book.read_bytes() == before
    assert open_session(book, Call(NOW)).journal.entries() == []


def test_our_own_owner_file_hinders_no_click(book: Path) -> None:
    book.with_name(EXCEL).write_bytes(b"\x03Ann")
    session = Session.begin(file_book.FileBook(book, is_file=False), Call(NOW, unattended=True))
    assert run(session, Action("import", lambda session: renames)).undo_number == 1
    book.with_name(OFFICE).write_bytes(b",eva,pc,22.11.2026 14:00,file:///x;")
    with pytest.raises(CrmError):
        again = Session.begin(file_book.FileBook(book, is_file=False), Call(NOW, unattended=True))
        run(again, Action("import", lambda session: adds))


def test_a_workbook_without_clients_is_refused_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "Other.xlsx")
    with pytest.raises(CrmError) as refused:
        done(tmp_path / "Other.xlsx", nothing)
    assert (refused.value.key, refused.value.values["tables"]) == ("run.no_clients", "-")
    assert done(tmp_path / "Other.xlsx", nothing, needs_clients=False).exit_code == 0


def numbers(tables: Tables, *_: object) -> Plan:
    return Plan("check", notes=tuple((str(one), {}) for one in tables["Clients"].frame["client_id"]))


def test_clients_without_numbers_are_refused_by_name(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.create_sheet("People here")
    sheet.append(["Full name", "City"])
    sheet.append(["Ann Ravn", "Oslo"])
    sheet.add_table(Table(displayName="Clients", ref="A1:B2"))
    made.save(tmp_path / "My.xlsx")
    with pytest.raises(CrmError) as refused:
        done(tmp_path / "My.xlsx", numbers)
    assert (refused.value.key, refused.value.values["sheet"]) == ("refresh.no_client_id", "People here")
    assert done(tmp_path / "My.xlsx", nothing).exit_code == 0


@pytest.mark.parametrize(
    ("name", "options", "key"),
    [
        ("search", {"where": ("spend > 0",)}, "refresh.no_client_id"),
        ("card", {}, "refresh.no_client_id"),
        ("show", {"client": "C1"}, "log.no_client"),
        ("log", {"client": "C1", "kind": "call"}, "log.no_client"),
        ("lists", {"test_page": "L7160"}, ""),
        ("connect", {"sheet": True}, ""),
    ],
)
def test_only_what_needs_client_numbers_is_refused(
    tmp_path: Path, name: str, options: dict[str, Any], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = three_clients(tmp_path / "My.xlsm")
    monkeypatch.setattr(read_tables, "read", without_numbers(read_tables.read))
    session = open_session(book, Call(NOW, dry_run=True))
    try:
        told = run(session, ACTIONS[name], **options) and ""
    except CrmError as fault:
        told = fault.key
    assert told == key


def without_numbers(read: Callable[..., Tables]) -> Callable[..., Tables]:
    """A reader of workbooks whose Clients have lost the header of their numbers."""

    def reading(*given: Any, **more: Any) -> Tables:
        tables = read(*given, **more)

        def load(name: str) -> Any:
            table = tables[name]
            kept = table.frame.drop(columns="client_id", errors="ignore") if name == "Clients" else table.frame
            return replace(table, frame=kept)

        return replace(tables, load=load, look=None, _read={})

    return reading


def test_a_restore_keeps_the_lines_of_runs_since(book: Path) -> None:
    for minute, operation in enumerate((renames, adds), 1):
        done(book, operation, Call(NOW + dt.timedelta(minutes=minute), "Ann"))
    session = open_session(book, Call(NOW + dt.timedelta(minutes=5), "Ann"))
    outcome = run(session, ACTIONS["restore"], which="2", rows=())
    assert outcome.undo_number == 3
    assert {row["undo_number"]: row["action"] for row in changes(book)} == {
        str(number): messages.text(f"action.{name}", "en")
        for number, name in enumerate(("split", "import", "restore"), 1)
    }
    assert [row["cells"] for row in changes(book) if row["undo_number"] == "3"] == [""], "no cells are counted"
    entry = open_session(book, Call(NOW)).journal.entries()[-1]
    assert len(entry.left) == 64 and entry.put.endswith("before import.xlsm")


def test_the_rules_are_those_of_the_sheet() -> None:
    kept = rules(Settings(keep_last=1, keep_daily=2, keep_weekly=3, keep_monthly=4, keep_yearly=5))
    assert (kept.last, kept.daily, kept.weekly, kept.monthly, kept.yearly) == (1, 2, 3, 4, 5)


def test_every_run_is_of_one_workbook(book: Path) -> None:
    for operation in (renames, adds):
        done(book, operation)
    session = open_session(book, Call(NOW))
    assert identity.of_file(book) == session.store.identity != ""
    begun = [record for record in session.journal._records() if record.get("record") == "begun"]
    assert {record["book"] for record in begun} == {session.store.identity}
    assert {entry.left for entry in session.journal.entries()} == {""}, "only a whole file that was put is known by sum"


def test_a_workbook_that_is_gone_comes_back_without_backup(book: Path) -> None:
    done(book, renames)
    book.unlink()
    session = open_session(book, Call(NOW + dt.timedelta(minutes=1)), anyway=True)
    outcome = run(session, ACTIONS["restore"], which="", rows=())
    assert outcome.backup is None and book.exists()
    assert [entry.backup for entry in open_session(book, Call(NOW)).journal.entries()][1:] == [""]


def test_rows_right_under_a_table_are_told_by_their_sheet(book: Path) -> None:
    typed = openpyxl.load_workbook(book)
    typed["Clients"]["A8"], typed["Clients"]["B8"] = "C99", "Acme below"
    typed.save(book)
    notes = dict(done(book, renames).plan.notes)
    assert notes["table.rows_below"] == {"sheet": "Clients", "n": 1, "row": 8}


def test_old_backups_go_by_the_rules_of_the_sheet(book: Path) -> None:
    typed = openpyxl.load_workbook(book)
    for row, name in enumerate(("keep_last", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly"), 4):
        typed["Settings"].cell(row, 1, name)
        typed["Settings"].cell(row, 2, 1)
    typed["Settings"].tables["Settings"].ref = "A1:B8"
    typed.save(book)
    for minute, operation in enumerate((renames, adds, adds, renames), 1):
        done(book, operation, Call(NOW + dt.timedelta(minutes=minute)))
    assert len(open_session(book, Call(NOW)).store.backups()) == 1


def test_a_backup_is_of_a_whole_second(book: Path) -> None:
    store = open_session(book, Call(NOW)).store
    made = store.take(file_book.FileBook(book).snapshot, NOW, "by hand")
    assert made == store.backups()[-1], "as its name says it again"


def test_a_damaged_backup_is_not_put_back(book: Path) -> None:
    session = open_session(book, Call(NOW))
    made = session.store.take(session.book.snapshot, NOW, "by hand")
    assert session.store.content(made) == book.read_bytes()
    made.path.write_bytes(made.path.read_bytes() + b"\0")
    with pytest.raises(CrmError) as damaged:
        session.store.content(made)
    assert damaged.value.key == "backup.damaged"
