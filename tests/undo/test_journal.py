"""The journal: what is written comes back with its types, whatever a crash or a second writer did to the file."""

from __future__ import annotations

import datetime as dt
import errno
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from tests.support.faults import injected
from xlcrm.backups.journal_file import Journal
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, NewColumn, OutFile, Plan, Removed
from xlcrm.undo import journal
from xlcrm.undo.plan_json import decode, decode_column, encode, encode_column

NOW = dt.datetime(2026, 11, 22, 14, 30)
STAMPS = pd.Series(["2026-11-22", None, "2024-02-29"], dtype="datetime64[us]")
COLUMNS: dict[str, pd.Series[Any]] = {
    "numbers": pd.Series([1.5, np.nan, 1e300]),
    "exact decimals": pd.Series([0.1 + 0.2, 1 / 3, -0.0]),
    "infinite": pd.Series([np.inf, -np.inf, 1.0]),
    "integers": pd.Series([1, -5, 2**60]),
    "flags": pd.Series([True, False, True]),
    "text": pd.Series(["007", "", 'a\nb\u2028c\t"\\ 😀'], dtype="str"),
    "text with blanks": pd.Series(["x", None, "y"], dtype="str"),
    "all alike": pd.Series(["same"] * 50, dtype="str"),
    "all blank": pd.Series([np.nan] * 50),
    "days": STAMPS,
    "moments": STAMPS + pd.Timedelta(microseconds=86399999999),
    "no days": pd.Series([None, None], dtype="datetime64[us]"),
    "text and numbers": pd.Series(["007", 7, 7.0, None, True, False], dtype=object),
    "everything": pd.Series(
        [
            "x",
            2**70,
            0.1,
            True,
            None,
            dt.datetime(2026, 1, 2, 3, 4, 5, 678),
            dt.date(2026, 1, 2),
            dt.time(3, 4, 5),
            dt.timedelta(hours=30),
            float("inf"),
        ],
        dtype=object,
    ),
    "lone surrogate": pd.Series(["\ud800", "b"], dtype=object),
    "empty": pd.Series([], dtype="float64"),
}


def plan() -> Plan:
    index = pd.Index([3, 7])
    keys = pd.Series(["C4", "C8"], index=index, dtype="str")
    return Plan(
        "import",
        changes=(
            Change("Clients", "email", pd.Series(["a@", None], index=index, dtype=object), keys + "@example.com", keys),
            Change("Clients", "total_spend", pd.Series([np.nan, 5.0], index), pd.Series([1.5, 2.5], index), keys),
        ),
        added=(Added("Clients", pd.DataFrame({"client_id": ["C9"], "registered_on": [pd.Timestamp(2026, 1, 1)]})),),
        removed=(Removed("Purchases", pd.DataFrame({"invoice": ["007"], "amount": [9.5]}, index=[12])),),
        new_columns=(NewColumn("Clients", "Shoe size"),),
        files=(OutFile("lists/a.csv", b"x"),),
        notes=(("import.done", {"rows": 3, "file": "a.csv", "day": dt.date(2026, 1, 2)}),),
    )


def same_plan(a: Plan, b: Plan) -> None:
    assert (a.action, a.new_columns, a.notes) == (b.action, b.new_columns, b.notes)
    for one, other in zip(a.changes, b.changes, strict=True):
        assert (one.table, one.column) == (other.table, other.column)
        for name in ("before", "after", "keys"):
            assert_series_equal(getattr(one, name), getattr(other, name), check_index_type=False)
    assert (len(a.added), len(a.removed)) == (len(b.added), len(b.removed))
    for part, same in zip([*a.added, *a.removed], [*b.added, *b.removed], strict=True):
        assert isinstance(part, Added | Removed) and isinstance(same, Added | Removed)
        assert part.table == same.table
        assert_frame_equal(part.rows, same.rows, check_index_type=False)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_with_its_values_and_types(name: str) -> None:
    column = COLUMNS[name]
    text = journal.line({"column": encode_column(column)})
    record = journal.read(text)
    assert record is not None
    back = decode_column(record["column"], column.index)
    if name == "infinite":
        column = column.astype(object)
    assert_series_equal(back, column)
    assert [type(value) for value in back] == [type(value) for value in column]


def test_a_plan_comes_back() -> None:
    whole = plan()
    record = journal.read(journal.line({"plan": encode(whole)}))
    assert record is not None
    same_plan(decode(record["plan"]), whole)


def test_rows_shared_by_columns_are_written_once() -> None:
    assert len(encode(plan())["rows"]) == 1


def test_a_run_from_begin_to_done(tmp_path: Path) -> None:
    book = Journal(tmp_path / "backups" / "A journal.jsonl")
    number = book.begin(plan(), now=NOW, who="Anna", backup="A 2026.xlsx")
    assert book.entries()[0].state == "begun"
    book.done(number, plan(), now=NOW)
    (entry,) = Journal(book.path).entries()
    assert (entry.number, entry.state, entry.who, entry.action, entry.at) == (1, "done", "Anna", "import", NOW)
    assert (entry.backup, entry.counts["cells"], entry.counts["added"]) == ("A 2026.xlsx", 4, 1)
    same_plan(Journal(book.path).plan(1), plan())


def test_the_cells_as_they_really_were_are_what_counts(tmp_path: Path) -> None:
    book = Journal(tmp_path / "j.jsonl")
    meant = plan()
    first = meant.changes[0]
    exact = pd.Series([20121, True], index=first.before.index, dtype=object)
    was = Plan(
        "import",
        changes=(Change("Clients", "email", exact, first.after, first.keys), meant.changes[1]),
        added=meant.added,
        removed=meant.removed,
        new_columns=meant.new_columns,
        notes=meant.notes,
    )
    for journal_ in (book, Journal(book.path)):  # in one go, and by a process that did not begin it
        number = book.begin(meant, now=NOW)
        journal_.done(number, was, now=NOW)
        same_plan(Journal(book.path).plan(number), was)


def test_a_failed_run_is_not_the_one_to_take_back(tmp_path: Path) -> None:
    book = Journal(tmp_path / "j.jsonl")
    first, second = book.begin(plan(), now=NOW), book.begin(plan(), now=NOW)
    book.done(first, plan(), now=NOW)
    book.failed(second, now=NOW)
    assert [entry.state for entry in book.entries()] == ["done", "failed"]
    found = book.next_to_undo()
    assert found is not None
    assert found.number == 1


def test_undo_walks_back_and_an_undone_undo_stands_again(tmp_path: Path) -> None:
    book = Journal(tmp_path / "j.jsonl")

    def one(undoes: int = 0) -> int:
        number = book.begin(plan(), now=NOW, undoes=undoes)
        book.done(number, plan(), now=NOW)
        return number

    def next_one() -> int:
        found = book.next_to_undo()
        return found.number if found else 0

    one(), one()
    assert next_one() == 2
    third = one(undoes=2)
    assert next_one() == 1
    assert [entry.undone_by for entry in book.entries()] == [0, 3, 0]
    one(undoes=third)
    assert [entry.undone_by for entry in book.entries()] == [0, 0, 4, 0]
    assert next_one() == 2


def test_no_such_run(tmp_path: Path) -> None:
    book = Journal(tmp_path / "j.jsonl")
    assert book.entries() == []
    for number in (0, 1, -1):
        with pytest.raises(CrmError) as refused:
            book.plan(number)
        assert refused.value.key == "undo.unknown"


def test_a_cut_journal_keeps_earlier_runs_and_takes_new_ones(tmp_path: Path) -> None:
    book = Journal(tmp_path / "j.jsonl")
    book.done(book.begin(plan(), now=NOW), plan(), now=NOW)
    whole = book.path.read_bytes()
    book.done(book.begin(plan(), now=NOW), plan(), now=NOW)
    longer = book.path.read_bytes()
    chance = random.Random(1)
    for cut in {len(whole), len(longer) - 1, *(chance.randrange(len(whole), len(longer)) for _ in range(60))}:
        book.path.write_bytes(longer[:cut])
        fresh = Journal(book.path)
        assert fresh.entries()[0].state == "done"
        same_plan(fresh.plan(1), plan())
        number = fresh.begin(plan(), now=NOW)
        fresh.done(number, plan(), now=NOW)
        same_plan(fresh.plan(number), plan())
        numbers = [entry.number for entry in fresh.entries()]
        assert numbers == sorted(set(numbers)), "no number is given twice"
        assert (numbers[0], numbers[-1]) == (1, number)


def test_no_flipped_byte_is_ever_taken_for_a_cell(tmp_path: Path) -> None:
    book = Journal(tmp_path / "j.jsonl")
    book.done(book.begin(plan(), now=NOW), plan(), now=NOW)
    whole = book.path.read_bytes()
    chance = random.Random(2)
    refused = 0
    for _ in range(300):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        book.path.write_bytes(flipped)
        try:
            same_plan(Journal(book.path).plan(1), plan())
        except CrmError as fault:
            assert fault.key in {"undo.damaged", "undo.unknown"}
            refused += 1
    assert refused > 200


@pytest.mark.parametrize(
    "junk", [b"", b"\n\n\n", b"not json\n", b'{"crc":"00000000","record":"begun"}\n', b"\xff\xfe\n"]
)
def test_lines_that_are_none_of_ours(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(junk)
    assert Journal(path).entries() == []
    assert Journal(path).begin(plan(), now=NOW) == 1


def test_the_journal_is_text_that_any_program_reads(tmp_path: Path) -> None:
    book = Journal(tmp_path / "j.jsonl")
    book.done(book.begin(plan(), now=NOW, who="Bjørn"), plan(), now=NOW)
    records = [json.loads(text) for text in book.path.read_text(encoding="utf-8").splitlines()]
    assert [record["record"] for record in records] == ["plan", "begun", "done"]
    assert records[1]["who"] == "Bjørn"


WRITING = """
import datetime as dt, sys
from pathlib import Path
import pandas as pd
from xlcrm.backups.journal_file import Journal
from xlcrm.plan import Added, Plan
book = Journal(Path(sys.argv[1]))
for turn in range(10):
    rows = pd.DataFrame({"client_id": [sys.argv[2] + str(turn)] * 5000})
    plan = Plan("import", added=(Added("Clients", rows),))
    book.done(book.begin(plan, now=dt.datetime(2026, 11, 22)), plan, now=dt.datetime(2026, 11, 22))
"""


def test_two_writers_at_once(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    both = [subprocess.Popen([sys.executable, "-c", WRITING, str(path), name]) for name in ("anna", "bjorn")]
    assert [process.wait() for process in both] == [0, 0]
    book = Journal(path)
    assert [entry.state for entry in book.entries()] == ["done"] * 20
    found = {book.plan(entry.number).added[0].rows["client_id"].iloc[0] for entry in book.entries()}
    assert found == {f"{name}{turn}" for name in ("anna", "bjorn") for turn in range(10)}


@pytest.mark.skipif(sys.platform == "win32", reason="counts the calls of POSIX")
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_costs_no_earlier_run_of_the_journal(tmp_path: Path, error: int) -> None:
    with injected(under=str(tmp_path)) as counted:
        first = Journal(tmp_path / "count" / "j.jsonl")
        first.done(first.begin(plan(), now=NOW), plan(), now=NOW)
    for at in range(1, len(counted.calls) + 1):
        book = Journal(tmp_path / str(at) / "j.jsonl")
        book.done(book.begin(plan(), now=NOW), plan(), now=NOW)
        with injected(at, error, under=str(book.path)):
            try:
                number = book.begin(plan(), now=NOW)
            except CrmError as refused:
                assert refused.key.startswith("file.")
            else:
                book.done(number, plan(), now=NOW)  # the workbook is written by now: nothing to refuse
                found = book.next_to_undo()
                assert found is not None
                assert found.number == number
        same_plan(Journal(book.path).plan(1), plan())
        number = book.begin(plan(), now=NOW)
        same_plan(Journal(book.path).plan(number), plan())


# One byte of the journal is another one: no number ever means another run, and what is undone is what was done last.

ACTIONS = ("import", "split", "merge", "search")


def small(action: str) -> Plan:
    rows = pd.DataFrame({"client_id": [action]})
    return Plan(action, added=(Added("Clients", rows),))


def journal_of(path: Path, *, numbered: bool) -> bytes:
    """Four runs, the third failed, and an undo of the fourth; without numbers as earlier versions wrote them."""
    book = Journal(path)
    for action in ACTIONS:
        number = book.begin(small(action), now=NOW, who="Anna", backup=f"A {action}.xlsx")
        if action == "merge":
            book.failed(number, now=NOW)
        else:
            book.done(number, small(action), now=NOW)
    book.done(book.begin(small("undo"), now=NOW, undoes=4), small("undo"), now=NOW)
    if numbered:
        return path.read_bytes()
    records = [journal.read(text) for text in path.read_bytes().splitlines()]
    lines = [journal.line({k: v for k, v in record.items() if k != "number"}) for record in records if record]
    return b"\n".join(lines) + b"\n"


def told(content: bytes) -> journal.Runs:
    return journal.Runs.of(journal.story(content.split(b"\n")))


def wrong(content: bytes) -> str:
    """What a damaged journal tells that never was; "" where it tells the truth or less."""
    runs, true = told(content), dict(enumerate((*ACTIONS, "undo"), 1))
    for entry in runs.all():
        if true.get(entry.number) != entry.action or entry.backup not in ("", f"A {entry.action}.xlsx"):
            return f"{entry.number} is {entry.action}"
    found = journal.next_to_undo(runs.all(), runs.lost)
    last = {"split"} if any(entry.number == 5 and entry.state == "done" for entry in runs.all()) else {"search"}
    if isinstance(found, journal.Entry) and found.state == "done" and found.action not in last:
        return f"undo would take back {found.action}"
    return "" if runs.highest in (4, 5) else f"highest is {runs.highest}"


@pytest.mark.parametrize("numbered", [True, False], ids=["journal", "journal of an earlier version"])
@pytest.mark.parametrize("bit", [1, 32], ids=["flipped", "case"])
def test_no_flipped_byte_makes_a_number_mean_another_run(tmp_path: Path, numbered: bool, bit: int) -> None:
    whole = journal_of(tmp_path / "j.jsonl", numbered=numbered)
    assert wrong(whole) == ""
    assert [entry.number for entry in told(whole).all()] == [1, 2, 3, 4, 5]
    bad = {}
    for at in range(len(whole)):
        flipped = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
        if fault := wrong(flipped):
            bad[at] = fault
    assert bad == {}


@pytest.mark.parametrize("numbered", [True, False], ids=["journal", "journal of an earlier version"])
def test_no_lost_line_makes_a_number_mean_another_run(tmp_path: Path, numbered: bool) -> None:
    lines = journal_of(tmp_path / "j.jsonl", numbered=numbered).splitlines(keepends=True)
    for at in range(len(lines)):
        for kept in (lines[at][: len(lines[at]) // 2] + b"\n", lines[at].replace(b"{", b"[", 1), lines[at][:-1]):
            assert wrong(b"".join([*lines[:at], kept, *lines[at + 1 :]])) == "", (at, kept)


def test_a_run_whose_line_is_lost_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    lines = journal_of(path, numbered=True).splitlines(keepends=True)
    at = next(i for i, text in enumerate(lines) if b'"record":"begun"' in text and b'"split"' in text)
    lines[at] = lines[at].replace(b"Anna", b"Anne")
    path.write_bytes(b"".join(lines))
    for number, key in ((2, "undo.damaged"), (6, "undo.unknown")):
        with pytest.raises(CrmError) as refused:
            Journal(path).entry(number)
        assert refused.value.key == key
    assert Journal(path).entry(3).action == "merge"
    with pytest.raises(CrmError, match="run 2"):
        Journal(path).next_to_undo()
    assert Journal(path).begin(small("check"), now=NOW) == 6
    assert Journal(path).begin(small("check"), now=NOW, above=40) == 41


def test_a_number_that_two_runs_have_is_nobodys(tmp_path: Path) -> None:
    """A sync program put the lines of another workbook's journal into this one."""
    path = tmp_path / "j.jsonl"
    path.write_bytes(journal_of(path, numbered=True) + journal_of(tmp_path / "other.jsonl", numbered=True))
    for number in (1, 2, 5):
        with pytest.raises(CrmError) as refused:
            Journal(path).entry(number)
        assert refused.value.key == "undo.damaged"
    with pytest.raises(CrmError):
        Journal(path).next_to_undo()
