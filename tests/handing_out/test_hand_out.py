"""A copy for somebody: what is in it and what is not, its stamp, and what combining makes of it."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from tests.support.session_help import take
from xlcrm.building import build
from xlcrm.errors import CrmError
from xlcrm.files import encryption, file_book
from xlcrm.handing_out.hand_out import HandOutAsked, name_typed
from xlcrm.handing_out.handed_rows import BOUND, SHARED, handed_out
from xlcrm.plan import Added, NewColumn, Plan
from xlcrm.session import Call
from xlcrm.tables import Tables
from xlcrm.values import as_text, same
from xlcrm.xlsx.copy_stamp import CopyStamp
from xlcrm.xlsx.copy_stamp import of_file as stamp_of
from xlcrm.xlsx.copy_stamp import write as write_stamp
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing.apply_plan import apply_plan

NOW = dt.datetime(2026, 11, 28, 9, 0)
ROWS: dict[str, list[dict[str, object]]] = {
    "Clients": [
        {"client_id": f"C{n}", "full_name": name, "email": f"{name[:4].lower()}@example.com", "salesperson": sales,
         "phone": f"+39 02 5550 00{n}",
         "postal_code": f"0{n}100", "address": f"Via {name.split()[1]} {n}, 0{n}100 Siena",
         "registered_on": pd.Timestamp(2026, 1, n), "Shoe size": n * 10, "notes": "=1+1" if n == 1 else ""}
        for n, (name, sales) in enumerate(
            [("Anna Alberti", "Berg"), ("Bruno Bianchi", "Conti"), ("Carla Corsini", "Berg"), ("Dario Donati", "")], 1
        )
    ],
    "People": [{"person_id": "P1", "client_id": "C1", "full_name": "Piero Peruzzi"},
               {"person_id": "P2", "client_id": "C2", "full_name": "Quirino Quaranta"}],
    "Purchases": [{"invoice": f"R{n}", "client_id": f"C{n}", "date": pd.Timestamp(2026, 5, n), "product": "Wine",
                   "amount": 10.5 * n} for n in (1, 2, 3)],
    "Interactions": [{"date": pd.Timestamp(2026, 11, 3), "client_id": "C2", "kind": "call", "subject": "Bianchi rang"}],
    "Opportunities": [{"opportunity": "O1", "client_id": "C3", "stage": "offer", "amount": 7.0},
                      {"opportunity": "O2", "client_id": "C2", "stage": "offer", "subject": "Bianchi again"}],
    "StageChanges": [{"opportunity": "O1", "stage": "offer"}, {"opportunity": "O2", "stage": "offer"}],
    "Segments": [{"segment": "Good", "field": "total spend", "operator": ">", "value": "5"},
                 {"segment": "Him", "field": "full name", "operator": "=", "value": "Bruno Bianchi"}],
    "Problems": [{"code": "x", "client_id": "C2", "value": "Bruno Bianchi"}],
    "Changes": [{"undo_number": 1, "what": "Bruno Bianchi came in"}],
}  # fmt: skip
OTHERS = ("Bruno", "Bianchi", "brun@example.com", "+39 02 5550 002", "Quirino", "Quaranta", "Dario", "Donati", "02100")


@cache
def content() -> bytes:
    """A client file of four clients, two of them Berg's, with a column of the team's own."""
    with TemporaryDirectory() as folder:
        empty, made = Path(folder) / "empty.xlsm", Path(folder) / "made.xlsm"
        build(empty, language="en", country="IT")
        held = read_tables.read(empty)
        added = tuple(Added(name, pd.DataFrame(rows)) for name, rows in ROWS.items())
        plan = Plan("x", new_columns=(NewColumn("Clients", "Shoe size"),), added=added, identity="4f1c22a09b7e55aa")
        apply_plan(empty, made, plan, held)
        return made.read_bytes()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "My.xlsm"
    path.write_bytes(content())
    return path


def handed(book: Path, *where: str, password: str = "", out: str = "") -> Path:
    call = Call(NOW, "Anna", password=password)
    outcome = take(file_book.at(book, password), "hand-out", call, name="Berg", where=where, out=out)
    (made,) = outcome.files
    return made


def texts(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            data = package.read(name)
            yield from (data.decode(code, "replace") for code in ("utf-8", "utf-16-le", "utf-16-be"))


def test_a_copy_of_some_clients_holds_nothing_of_others(book: Path) -> None:
    before = book.read_bytes()
    made = handed(book, "salesperson = Berg")
    assert book.read_bytes() == before, "the workbook stays as it is"
    found = list(texts(made))
    assert [other for other in OTHERS if any(other in text for text in found)] == []
    held = read_tables.read(made)
    assert held["Clients"].frame["client_id"].tolist() == ["C1", "C3"]
    assert held["People"].frame["client_id"].tolist() == ["C1"] and len(held["Purchases"].frame) == 2
    assert held["StageChanges"].frame["opportunity"].tolist() == ["O1"]
    assert held["Segments"].frame["segment"].tolist()[-1] == "Good"
    assert held["Clients"].frame["notes"].tolist()[0] == "=1+1" and held.identity == "4f1c22a09b7e55aa"


def test_its_cells_are_those_of_the_backup_it_names(book: Path) -> None:
    """What combining takes as base must be what was handed out: else each difference came back as an edit."""
    made = handed(book, "salesperson = Berg")
    stamp = stamp_of(made)
    assert stamp is not None and stamp.clients == ("C1", "C3")
    (backup,) = (p for p in (book.parent / "My backups").glob("*.xlsm") if p.name == stamp.backup)
    base, _ = handed_out(read_tables.read(backup), stamp.clients)
    held = read_tables.read(made)
    for name, table in base.items():
        other = held[name].frame
        for column in table.frame.columns:
            assert same(table.frame[column], other[column].set_axis(table.frame.index)).all(), (name, column)


def test_without_a_condition_it_is_the_whole_workbook(book: Path) -> None:
    made = handed(book)
    stamp = stamp_of(made)
    assert stamp is not None and stamp.clients == ()
    with zipfile.ZipFile(made) as copy, zipfile.ZipFile(book) as ours:
        assert copy.namelist() == ours.namelist()
        differ = [name for name in ours.namelist() if copy.read(name) != ours.read(name)]
    assert differ == ["xl/workbook.xml"]


def test_a_locked_workbook_gives_a_locked_copy(book: Path) -> None:
    book.write_bytes(encryption.encrypt(book.read_bytes(), "secret"))
    made = handed(book, "salesperson = Berg", password="secret")
    assert encryption.is_encrypted(made)
    with encryption.readable(made, "secret") as plain:
        assert read_tables.read(plain)["Clients"].frame["client_id"].tolist() == ["C1", "C3"]


def test_a_dry_run_and_nobody(book: Path, tmp_path: Path) -> None:
    held = file_book.at(book)
    shown = take(held, "hand-out", Call(NOW, dry_run=True), name="Berg", where=("salesperson = Berg",))
    assert shown.plan.files[0].name == "My Berg.xlsm" and not list(tmp_path.glob("My *"))
    nobody = take(held, "hand-out", Call(NOW), name="X", where=("salesperson = Nobody",))
    assert nobody.exit_code == 1 and not nobody.files
    with pytest.raises(CrmError):
        take(held, "hand-out", Call(NOW), name=" ")
    assert name_typed("Anna; salesperson = Anna") == HandOutAsked("Anna", ("salesperson = Anna",))
    assert name_typed("Anna") == HandOutAsked("Anna")


def edited(path: Path, table: str, column: str, value: str, client: str) -> None:
    held = read_tables.read(path)
    frame = held[table].frame
    at = frame.index[as_text(frame["client_id"]) == client]
    from xlcrm.plan import diff

    changes = diff(held[table], frame.loc[at, [column]].assign(**{column: value}))
    target = path.with_name("edited.xlsm")
    apply_plan(path, target, Plan("x", changes=changes), held)
    target.replace(path)


def test_what_is_changed_in_it_comes_back(book: Path, tmp_path: Path) -> None:
    made = handed(book, "salesperson = Berg", out=str(tmp_path / "Copy of Berg.xlsm"))
    edited(made, "Clients", "city", "Siena", "C3")
    edited(book, "Clients", "city", "Pisa", "C2")
    later = Call(NOW + dt.timedelta(hours=1), "Anna")
    take(file_book.at(book), "combine", later, copy=made)
    held = read_tables.read(book)
    found = dict(zip(held["Clients"].frame["client_id"], held["Clients"].frame["city"], strict=True))
    assert found == {"C1": "", "C2": "Pisa", "C3": "Siena", "C4": ""}, "nobody who was not handed out is deleted"
    assert len(held["Purchases"].frame) == 3 and len(held["People"].frame) == 2
    assert held["Segments"].frame["segment"].tolist()[-2:] == ["Good", "Him"], "what stayed here is not deleted"
    again = take(file_book.at(book), "combine", Call(NOW + dt.timedelta(hours=2)), copy=made)
    assert not again.plan.touches_workbook, [*again.sentences(), again.plan.counts()]


def test_a_client_deleted_in_it_is_deleted_here(book: Path, tmp_path: Path) -> None:
    from xlcrm.plan import Removed

    made = handed(book, "salesperson = Berg", out=str(tmp_path / "Copy of Berg.xlsm"))
    held = read_tables.read(made)
    frame, lines = held["Clients"].frame, held["Purchases"].frame
    gone = (
        Removed("Clients", frame[frame["client_id"] == "C1"]),
        Removed("Purchases", lines[lines["client_id"] == "C1"]),
    )
    apply_plan(made, tmp_path / "edited.xlsm", Plan("x", removed=gone), held)
    take(file_book.at(book), "combine", Call(NOW + dt.timedelta(hours=1)), copy=tmp_path / "edited.xlsm")
    left = read_tables.read(book)["Clients"].frame["client_id"].tolist()
    assert left == ["C2", "C3", "C4"]


def test_every_table_is_listed_or_stays() -> None:
    assert not set(BOUND) & set(SHARED)
    held, gone = handed_out(Tables.of(), ["C1"])
    assert len(held) == 0 and gone == 0


@pytest.mark.parametrize("ids", [("C1",), tuple(f"C{n:04d}" for n in range(400)), ('a "b" c', "é ü", "x%20y")])
def test_the_stamp_keeps_every_client(book: Path, tmp_path: Path, ids: tuple[str, ...]) -> None:
    stamp = CopyStamp("My 2026-11-28 090000 by hand.xlsm", "0" * 64, ids)
    write_stamp(book, tmp_path / "copy.xlsm", stamp)
    assert stamp_of(tmp_path / "copy.xlsm") == stamp
