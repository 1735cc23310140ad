"""Two copies as files, and one open in a program: the base is found, nothing comes twice, undo takes it back."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.engines import memory, office
from tests.support.live_help import live
from xlcrm.actions import ACTIONS
from xlcrm.errors import CrmError
from xlcrm.files.durable import sha256_of
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, Plan, diff
from xlcrm.run import Outcome, run
from xlcrm.session import Call, Session, open_session
from xlcrm.xlsx import copy_stamp

START = dt.datetime(2026, 11, 28, 9)


class Clock:
    """A run an hour: backups are named by the second."""

    hour = 0

    @classmethod
    def call(cls, who: str) -> Call:
        cls.hour += 1
        return Call(START + dt.timedelta(hours=cls.hour), who)


def done(path: Path, action: str, who: str = "Ann", **options: Any) -> Outcome:
    return run(open_session(path, Clock.call(who)), ACTIONS[action], **options)


def typed(path: Path, column: str, place: int, value: object, table: str = "Clients") -> None:
    """A cell that somebody typed: no run, no line in Changes."""
    book = FileBook(path)
    tables = book.look()
    after = pd.DataFrame({column: pd.Series([value], index=[place], dtype=object)})
    book.apply(Plan("typed", changes=diff(tables[table], after)), tables)


def cell(path: Path, column: str, place: int) -> object:
    return FileBook(path).look()["Clients"].frame[column].iloc[place]


@pytest.fixture
def forked(book: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The workbook after its first run, and a copy of it elsewhere."""
    done(book, "check")
    (tmp_path / "mail").mkdir()
    return book, Path(shutil.copy(book, tmp_path / "mail" / "Bo.xlsm"))


def test_edits_come_over_once_and_undo_takes_them_back(forked: tuple[Path, Path]) -> None:
    book, copy = forked
    typed(book, "phone", 0, "+47 22 22 22 22")
    typed(copy, "email", 1, "mario@example.com")
    typed(copy, "phone", 0, "+47 33 33 33 33")
    before = FileBook(book).look()["Clients"].frame.copy()
    outcome = done(book, "combine", copy=copy)
    assert [(p.column, p.suggestion) for p in outcome.plan.problems] == [("phone", "+47 33 33 33 33")]
    assert (cell(book, "phone", 0), cell(book, "email", 1)) == ("+47 22 22 22 22", "mario@example.com")
    assert "Bo" in outcome.sentences()[0]
    again = done(book, "combine", copy=copy)
    assert not again.plan.touches_workbook
    done(book, "undo")
    assert FileBook(book).look()["Clients"].frame.equals(before)
    assert done(book, "combine", copy=copy).plan.counts()["cells"] == 1, "what was taken back comes again"


def test_an_older_copy_brings_no_old_value_back(forked: tuple[Path, Path]) -> None:
    book, copy = forked
    typed(book, "email", 1, "new@example.com")
    done(book, "refresh")
    outcome = done(book, "combine", copy=copy)
    assert not outcome.plan.touches_workbook
    assert cell(book, "email", 1) == "new@example.com"


def test_orders_that_both_imported_count_once(forked: tuple[Path, Path], tmp_path: Path) -> None:
    book, copy = forked
    orders = tmp_path / "orders.csv"
    orders.write_text("Invoice;Client ID;Date;Product;Amount\nI1;C1;2026-11-02;tea;10\nI2;C2;2026-11-03;tea;20\n")
    for path, who in ((book, "Ann"), (copy, "Bo")):
        done(path, "import", who, files=(orders,), table="Purchases")
    done(book, "combine", copy=copy)
    assert FileBook(book).look()["Purchases"].frame["amount"].sum() == 30
    typed(copy, "email", 1, "mario@example.com")
    done(book, "combine", copy=copy)
    lines = FileBook(book).look()["Changes"].frame
    assert lines["who"].tolist() == ["Ann", "Ann", "Bo", "Ann"], "the list of runs is joined by their ids"


def test_a_stamped_copy_knows_its_base(book: Path, tmp_path: Path) -> None:
    done(book, "backup")
    backup = open_session(book, Clock.call("Ann")).store.backups()[-1]
    copy = tmp_path / "Bo.xlsm"
    copy_stamp.write(backup.path, copy, copy_stamp.CopyStamp(backup.name, sha256_of(backup.path)))
    typed(copy, "email", 1, "mario@example.com")
    assert done(book, "combine", copy=copy).plan.counts()["cells"] == 1
    assert cell(book, "email", 1) == "mario@example.com"


def test_without_a_common_state_everything_is_asked(book: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(book, tmp_path / "Bo.xlsm"))
    typed(copy, "email", 1, "mario@example.com")
    outcome = done(book, "combine", copy=copy)
    assert [(p.column, p.suggestion) for p in outcome.plan.problems] == [("email", "mario@example.com")]
    assert cell(book, "email", 1) == ""
    named = done(book, "combine", copy=copy, base=open_session(book, Clock.call("Ann")).store.backups()[0].name)
    assert cell(book, "email", 1) == "mario@example.com", named.sentences()


def test_a_client_file_is_not_imported(forked: tuple[Path, Path]) -> None:
    book, copy = forked
    with pytest.raises(CrmError) as refused:
        done(book, "import", files=(copy,))
    assert refused.value.key == "import.client_file"
    with pytest.raises(CrmError) as refused:
        done(book, "combine", copy=book)
    assert refused.value.key == "combine.same_file"


def test_new_clients_and_their_lines_come_over(forked: tuple[Path, Path]) -> None:
    book, copy = forked
    for path, name in ((book, "Cleo Conti"), (copy, "Dina Dahl")):
        tables = FileBook(path).look()
        clients = pd.DataFrame([{"client_id": "C4", "full_name": name}])
        lines = pd.DataFrame([{"invoice": name[:1], "client_id": "C4", "amount": 5.0}])
        FileBook(path).apply(Plan("typed", added=(Added("Clients", clients), Added("Purchases", lines))), tables)
    done(book, "combine", copy=copy)
    tables = FileBook(book).look()
    assert tables["Clients"].frame["client_id"].tolist() == ["C1", "C2", "C3", "C4", "C5"]
    assert tables["Purchases"].frame["client_id"].tolist() == ["C4", "C5"]
    assert not done(book, "combine", copy=copy).plan.touches_workbook, "who got a new number is found again"
    typed(copy, "phone", 3, "+47 44 44 44 44")
    done(book, "combine", copy=copy)
    assert cell(book, "phone", 4) == "+47 44 44 44 44", "an edit of somebody who got a new number goes there"


@pytest.fixture(scope="module")
def running_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[office.Office]:
    running = office.Office.start(tmp_path_factory.mktemp("office"))
    yield running
    running.stop()


@pytest.mark.parametrize("engine", ["memory", "office"])
def test_a_copy_is_combined_into_an_open_workbook(
    engine: str, forked: tuple[Path, Path], request: pytest.FixtureRequest
) -> None:
    if engine == "office" and office.missing():
        pytest.skip(f"{office.missing()} is missing")
    book, copy = forked
    typed(book, "phone", 0, "+47 22 22 22 22")
    typed(copy, "phone", 0, "+47 33 33 33 33")
    typed(copy, "email", 1, "mario@example.com")
    made = memory.Engine() if engine == "memory" else office.Engine(request.getfixturevalue("running_office"))
    opened = live(made, book)
    outcome = run(Session.begin(opened, Clock.call("Ann")), ACTIONS["combine"], copy=copy)
    frame = opened.look()["Clients"].frame
    assert (frame["phone"][0], frame["email"][1]) == ("+47 22 22 22 22", "mario@example.com")
    assert [p.suggestion for p in outcome.plan.problems] == ["+47 33 33 33 33"]
    run(Session.begin(opened, Clock.call("Ann")), ACTIONS["undo"])
    assert opened.look()["Clients"].frame["email"][1] in ("", None)
    for workbook in list(made.app.books):
        workbook.close()
