"""What a copy brings beside edits: documents with their files, contacts, older workbooks; and nothing a second time."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.combining.test_combine_files import cell, done, typed
from tests.support.handed_week import handed_week
from tests.support.paths import CASES
from tests.support.shipped import shipped
from tests.support.two_copies import TODAY, make_table
from tests.undo.test_undo import applied
from xlcrm.backups.issued_again import taken
from xlcrm.combining.combine_plan import combine_plan
from xlcrm.combining.earlier_combinings import EarlierCombinings
from xlcrm.errors import CrmError
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, Plan, diff
from xlcrm.session import Call, open_session
from xlcrm.settings import Settings
from xlcrm.tables import Tables

LINES = "code sheet row client_id column value problem suggestion decision found_on"
PAPER = b"%PDF-1.7 paper"
DOCUMENT = {
    "number": "2026-7", "kind": "invoice", "series": "", "year": 2026.0, "sequence": 7.0, "client_id": "C2",
    "date": pd.Timestamp(2026, 11, 27), "gross": 50.0, "file": "Documents/2026-7.pdf",
    "hash": hashlib.sha256(PAPER).hexdigest()[:16],
}  # fmt: skip


@pytest.fixture
def forked(book: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The workbook after its first run, and a copy of it elsewhere."""
    done(book, "check")
    (tmp_path / "mail").mkdir()
    return book, Path(shutil.copy(book, tmp_path / "mail" / "Bo.xlsm"))


@pytest.fixture(scope="module")
def invoicing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with the sheets for documents, after its first run."""
    path = tmp_path_factory.mktemp("invoicing") / "My.xlsm"
    shipped(path, language="en", parts=("invoicing",))
    for number in ("C1", "C2"):
        add(path, "Clients", client_id=number, full_name=f"Client {number}")
    done(path, "check")
    return path


@pytest.fixture
def issuing(invoicing: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Such a workbook and a copy of it elsewhere."""
    book, copy = tmp_path / "My.xlsm", tmp_path / "mail" / "Bo.xlsm"
    shutil.copytree(invoicing.parent, tmp_path, dirs_exist_ok=True)
    copy.parent.mkdir()
    return book, Path(shutil.copy(book, copy))


def add(path: Path, table: str, **row: object) -> None:
    tables = FileBook(path).look()
    FileBook(path).apply(Plan("typed", added=(Added(table, pd.DataFrame([row])),)), tables)


@pytest.mark.parametrize("has_file", [True, False])
def test_a_document_comes_over_with_its_paper(issuing: tuple[Path, Path], has_file: bool) -> None:
    """The user finds the rows in the sheets, the paper where the sheet says, and the number taken."""
    book, copy = issuing
    add(copy, "Documents", **DOCUMENT)
    add(copy, "DocumentLines", number="2026-7", line=1.0, product="Tea", quantity=1.0)
    add(copy, "Payments", date=pd.Timestamp(2026, 11, 28), number="2026-7", amount=50.0)
    paper = copy.parent / "Documents" / "2026-7.pdf"
    if has_file:
        paper.parent.mkdir()
        paper.write_bytes(PAPER)
    outcome = done(book, "combine", copy=copy)
    tables = FileBook(book).look()
    assert [len(tables[name].frame) for name in ("Documents", "DocumentLines", "Payments")] == [1, 1, 1]
    there = book.parent / "Documents" / "2026-7.pdf"
    assert (there.read_bytes() == PAPER) if has_file else not there.exists()
    keys = [key for key, _ in outcome.plan.notes]
    assert "combine.documents" in keys and ("combine.files_missing" in keys) != has_file
    session = open_session(book, Call(dt.datetime(2026, 11, 29)))
    assert [(number.year, number.sequence) for number in taken(session)] == [(2026, 7)], "nobody issues it again"
    with pytest.raises(CrmError) as refused:
        done(book, "undo")
    assert refused.value.key == "issuing.no_undo"
    assert not done(book, "combine", copy=copy).plan.touches_workbook


def test_one_number_issued_twice_is_refused(issuing: tuple[Path, Path]) -> None:
    book, copy = issuing
    for path, client in ((book, "C1"), (copy, "C2")):
        add(path, "Documents", **{**DOCUMENT, "client_id": client, "hash": client})
    before = book.read_bytes()
    with pytest.raises(CrmError) as refused:
        done(book, "combine", copy=copy)
    assert refused.value.key == "combine.same_document" and book.read_bytes() == before


def test_who_was_contacted_by_two_people_is_named(forked: tuple[Path, Path]) -> None:
    book, copy = forked
    for path, who, client, day in ((book, "Ann", "C1", 20), (copy, "Bo", "C1", 26), (book, "Ann", "C2", 2),
                                   (copy, "Bo", "C2", 26)):  # fmt: skip
        add(path, "Interactions", date=pd.Timestamp(2026, 11, day), client_id=client, kind="call", by=who)
    outcome = done(book, "combine", copy=copy)
    told = [values["clients"] for key, values in outcome.plan.notes if key == "combine.contacted_by_both"]
    assert told == ["C1 (Ann 2026-11-20, Bo 2026-11-26)"]


def test_a_handed_out_copy_of_an_older_workbook_comes_back(tmp_path: Path) -> None:
    book = Path(shutil.copy(CASES / "upgrade" / "ClientFile-7f6b9ec.xlsm", tmp_path / "My.xlsm"))
    for number, who in (("C1", "Bo"), ("C2", "Ann")):
        add(book, "Clients", client_id=number, full_name=f"Client {number}", salesperson=who)
    copy = tmp_path / "Bo.xlsm"
    done(book, "hand-out", name="Bo", where=("salesperson = Bo",), out=str(copy))
    typed(copy, "phone", 0, "+47 22 22 22 22")
    add(copy, "Purchases", invoice="I1", client_id="C1", product="tea", amount=5.0)
    typed(book, "phone", 1, "+47 33 33 33 33")
    done(book, "combine", copy=copy)
    assert [cell(book, "phone", at) for at in (0, 1)] == ["+47 22 22 22 22", "+47 33 33 33 33"]
    assert FileBook(book).look()["Purchases"].frame["client_id"].tolist() == ["C1"]
    assert not done(book, "combine", copy=copy).plan.touches_workbook


def test_forked_with_forty_edits_a_side_and_undone(forked: tuple[Path, Path]) -> None:
    """The short form of `benchmarks/combining.py --demo 40`."""
    book, copy = forked
    tables = FileBook(book).look()
    more = pd.DataFrame([{"client_id": f"C{n}", "full_name": f"Client {n}"} for n in range(4, 34)])
    for path in forked:
        FileBook(path).apply(Plan("typed", added=(Added("Clients", more),)), tables)
    places = random.Random(7).sample([(at, c) for at in range(33) for c in ("email", "phone", "salesperson")], 80)
    for path, mine in ((book, places[:40]), (copy, places[40:])):
        many(path, {place: f"{path.stem}-{n}" for n, place in enumerate(mine)})
    before, theirs = (FileBook(path).look()["Clients"].frame for path in (book, copy))
    want = before.copy()
    for name in ("email", "phone", "salesperson"):
        want[name] = before[name].mask(before.index.isin([at for at, c in places[40:] if c == name]), theirs[name])
    done(book, "combine", copy=copy)
    assert FileBook(book).look()["Clients"].frame.equals(want)
    done(book, "undo")
    assert FileBook(book).look()["Clients"].frame.equals(before)


def many(path: Path, cells: dict[tuple[int, str], str]) -> None:
    """Cells that somebody typed."""
    tables = FileBook(path).look()
    after = tables["Clients"].frame.copy()
    for (at, column), value in cells.items():
        after.loc[at, column] = value
    changes = diff(tables["Clients"], after[sorted({column for _, column in cells})], key="client_id")
    FileBook(path).apply(Plan("typed", changes=changes), tables)


def held(rows: list[list[str]], columns: str, purchases: list[list[str]] | None = None) -> Tables:
    return Tables.of(
        make_table(rows, columns, "Clients"),
        make_table(purchases or [], "invoice client_id product category", "Purchases"),
        make_table([], LINES, "Problems"),
    )


def again(base: Tables, ours: Tables, theirs: Tables) -> tuple[Plan, Plan]:
    """The plan of combining, and that of combining the same copy once more."""
    plan = combine_plan(ours, theirs, base, settings=Settings(), today=TODAY, fallback="Bo")
    earlier = EarlierCombinings.of([plan])
    after = applied(ours, plan)
    return plan, combine_plan(after, theirs, base, settings=Settings(), today=TODAY, fallback="Bo", earlier=earlier)


def test_a_number_edited_there_and_the_row_here_come_once() -> None:
    columns = "client_id full_name email phone city"
    row = ["C1", "Ann Alm", "a@example.com", "1", "Oslo"]
    edited = ["C1", "Ann Alm", "new@example.com", "1", "Roma"]
    plan, second = again(held([row], columns), held([edited], columns), held([["C77", *row[1:]]], columns))
    assert plan.counts()["cells"] == 1 and not plan.problems
    assert not second.touches_workbook, "the edited number came from there, however much was changed here"


def test_a_column_that_came_back_is_not_emptied_by_anybody() -> None:
    ann, bo = ["C1", "Ann Alm", "38"], ["C2", "Bo Berg", "44"]
    base = held([ann, bo], "client_id full_name Shoe", [["I1", "C2", "tea", ""]])
    ours = held([ann[:2], bo[:2]], "client_id full_name", [["I1", "C2", "tea", "drinks"]])
    theirs = held([["C1", "Ann Alm", "39"]], "client_id full_name Shoe")
    plan, second = again(base, ours, theirs)
    assert [p.table for p in plan.problems] == ["Purchases"], "the line was changed here, so its client stays"
    assert not second.touches_workbook, [p.code for p in second.problems]


def test_a_week_with_real_hand_outs_loses_nothing() -> None:
    """The short form of `benchmarks/combining.py --handed 200`."""
    assert handed_week(1, steps=2) == []
