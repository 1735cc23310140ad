"""What the records of a journal tell of runs: numbers, what undoes what, which are lost, and what is next to undo."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from xlcrm.backups.journal_file import Journal
from xlcrm.errors import CrmError
from xlcrm.plan import Change, Plan, WholeFile
from xlcrm.tables import Tables
from xlcrm.undo import journal
from xlcrm.undo.journal import Runs

NOW = dt.datetime(2026, 11, 22, 14, 30)
TORN: dict[str, Any] = {"whole": False}  # a crash cut the line off
DAMAGED: dict[str, Any] = {"whole": True}


def planned(id_: str, number: int = 0) -> dict[str, Any]:
    return {"record": "plan", "id": id_, "number": number}


def begun(id_: str, number: int = 0, **more: Any) -> dict[str, Any]:
    head = {"record": "begun", "id": id_, "at": NOW.isoformat(), "who": "Ann", "action": "split", "undoes": ""}
    return {**head, "backup": f"before {id_}", "counts": {"cells": 1}, **({"number": number} if number else {}), **more}


def ended(id_: str, number: int = 0, record: str = "done", **more: Any) -> dict[str, Any]:
    return {"record": record, "id": id_, **({"number": number} if number else {}), **more}


STORIES: list[tuple[str, list[dict[str, Any]], dict[int, str], dict[int, str], int]] = [
    # why, records, number -> state of the runs that are known, number -> id of those lost, the highest number
    ("nothing", [], {}, {}, 0),
    ("one run", [planned("a", 1), begun("a", 1), ended("a", 1)], {1: "done"}, {}, 1),
    ("refused", [planned("a", 1), begun("a", 1), ended("a", 1, "failed")], {1: "failed"}, {}, 1),
    ("cut off", [planned("a", 1), begun("a", 1)], {1: "begun"}, {}, 1),
    ("journals without numbers", [planned("a"), begun("a"), begun("b")], {1: "begun", 2: "begun"}, {}, 2),
    ("only planned: the number is given", [planned("a", 4)], {}, {}, 4),
    ("begun is damaged", [planned("a", 1), DAMAGED, ended("a", 1)], {}, {1: "a"}, 1),
    ("begun is cut off", [planned("a", 1), TORN], {}, {}, 1),
    ("cut off, and the run begins again", [planned("a", 1), TORN, begun("a", 1)], {1: "begun"}, {}, 1),
    ("plan and begun are damaged", [DAMAGED, DAMAGED, ended("a", 3)], {}, {3: "a"}, 3),
    ("lost, and failed", [planned("a", 1), DAMAGED, ended("a", 1, "failed")], {}, {}, 1),
    ("lost in an old journal", [planned("a"), DAMAGED, begun("b")], {2: "begun"}, {1: "a"}, 2),
    ("a line of something else", [planned("a", 1), {"record": "place", "path": "x"}, DAMAGED], {}, {}, 1),
    ("damaged after the begun", [planned("a", 1), begun("a", 1), DAMAGED], {1: "begun"}, {}, 1),
    ("two of one number", [begun("a", 1), begun("b", 1)], {1: "begun"}, {1: "two runs"}, 1),
    ("the same line twice", [begun("a", 1), begun("a", 1)], {1: "begun"}, {}, 1),
    ("an undo tells that a lost run stood", [planned("a", 1), DAMAGED, begun("b", 2, undoes="a")], {2: "begun"}, {}, 2),
]  # fmt: skip


@pytest.mark.parametrize(("why", "records", "known", "lost", "highest"), STORIES, ids=[s[0] for s in STORIES])
def test_a_story(
    why: str, records: list[dict[str, Any]], known: dict[int, str], lost: dict[int, str], highest: int
) -> None:
    runs = Runs.of(records)
    assert {entry.number: entry.state for entry in runs.all()} == known
    assert (runs.lost, runs.highest) == (lost, highest)


def test_what_an_entry_knows() -> None:
    records = [begun("a", 1, put="old.xlsm"), ended("a", 1, left="f" * 64), begun("b", 2, undoes="a"), ended("b", 2)]
    one, two = Runs.of(records).all()
    assert (one.id, one.who, one.action, one.backup, one.counts) == ("a", "Ann", "split", "before a", {"cells": 1})
    assert (one.put, one.left, one.undoes, one.undone_by, one.at) == ("old.xlsm", "f" * 64, 0, 2, NOW)
    assert (two.put, two.left, two.undoes, two.undone_by) == ("", "", 1, 0)
    assert Runs.of([begun("c", 7, undoes="of another journal")]).all()[0].undoes == -1


def test_lines_and_what_is_left_of_them() -> None:
    whole = [journal.line(record) for record in (planned("abc", 1), begun("abc", 1), ended("abc", 1))]
    told = list(journal.story([*whole, b"", whole[1][:-5], whole[1].replace(b"Ann", b"Eve"), whole[2]]))
    assert told[0] == {"record": "plan", "id": "abc", "number": 1}
    assert told[1:3] == [begun("abc", 1), ended("abc", 1)]
    assert told[3:] == [TORN, DAMAGED, ended("abc", 1)], "a blank line is nothing; a cut one has no end"
    assert list(journal.story([whole[0].replace(b"abc", b"abd")])) == [], "a damaged plan tells nothing"


@pytest.mark.parametrize(
    ("records", "lost", "found", "why"),
    [
        ([begun("a", 1), ended("a", 1)], (), 1, "the latest"),
        ([begun("a", 1), ended("a", 1), begun("b", 2), ended("b", 2, "failed")], (), 1, "the latest that stands"),
        ([begun("a", 1), begun("b", 2, counts={})], (), 1, "a run that changed nothing is none"),
        ([begun("a", 1), begun("b", 2, counts={}, put="x")], (), 2, "but it put a whole file"),
        ([begun("a", 1), begun("b", 2, undoes="a"), ended("b", 2)], (), None, "taken back"),
        ([begun("a", 1), begun("b", 2, undoes="a"), ended("b", 2, "failed")], (), 1, "the undo was refused"),
        ([begun("a", 1)], (1,), ("lost", 1), "the latest is lost"),
        ([begun("a", 2)], (1,), 2, "an earlier one is lost"),
        ([], (5,), None, "only a lost one"),
    ],
)
def test_what_is_next_to_undo(records: list[dict[str, Any]], lost: tuple[int, ...], found: Any, why: str) -> None:
    entry = journal.next_to_undo(Runs.of(records).all(), lost)
    assert (("lost", entry) if isinstance(entry, int) else entry and entry.number) == found, why


def plan(before: str = "old") -> Plan:
    cells = [pd.Series([text], index=[3], dtype=object) for text in (before, "new", "C4")]
    return Plan("correct", changes=(Change("Clients", "city", *cells),))


def test_what_the_file_is_asked(tmp_path: Path) -> None:
    book = Journal(tmp_path / "deep" / "A journal.jsonl")
    first = book.begin(plan(), now=NOW, who="Ann", backup="b1", book="0123456789abcdef")
    book.done(first, plan(), now=NOW)
    whole = Plan("restore", whole=WholeFile("b0.xlsm", b"", Tables.of()))
    second = book.begin(whole, now=NOW, backup="b2", above=6)
    book.done(second, whole, now=NOW, left="e" * 64)
    book.keep_kind("b3", "search")
    book.keep_place("../A.xlsx")
    again = Journal(book.path)
    assert (first, second) == (1, 7)
    assert [(entry.put, entry.left) for entry in again.entries()] == [("", ""), ("b0.xlsm", "e" * 64)]
    assert again.kinds() == {"b1": "correct", "b2": "restore", "b3": "search"}
    assert (again.gave("0123456789abcdef"), again.gave("f" * 16), again.place()) == ("b1", None, "../A.xlsx")
    assert all(b'"number":' in text for text in book.path.read_bytes().split(b"\n")[:3]), "no number hangs on a place"
    assert [book.next_to_undo(before).number for before in (0, 7) if book.next_to_undo(before)] == [7, 1]  # type: ignore[union-attr]
    assert book.next_to_undo(1) is None
    with pytest.raises(CrmError) as unknown:
        book.entry(5)
    assert (unknown.value.key, unknown.value.values["highest"]) == ("undo.unknown", 7)


def test_befores_as_meant_are_not_written_twice(tmp_path: Path) -> None:
    """Also by a journal that did not write the plan itself: then it reads what was meant."""
    for fresh in (False, True):
        book = Journal(tmp_path / f"{fresh} journal.jsonl")
        number = book.begin(plan(), now=NOW)
        (Journal(book.path) if fresh else book).done(number, plan(), now=NOW)
        assert b'"befores"' not in book.path.read_bytes()
        number = book.begin(plan(), now=NOW)
        (Journal(book.path) if fresh else book).done(number, plan("as it was"), now=NOW)
        assert book.path.read_bytes().count(b'"record":"befores"') == 1
        assert Journal(book.path).plan(number).changes[0].before.tolist() == ["as it was"]


def test_a_lost_run_before_a_number_hinders_no_later_one(tmp_path: Path) -> None:
    book = Journal(tmp_path / "A journal.jsonl")
    for _ in range(3):
        book.done(book.begin(plan(), now=NOW), plan(), now=NOW)
    lines = book.path.read_bytes().split(b"\n")
    book.path.write_bytes(b"\n".join([*lines[:4], lines[4].replace(b"correct", b"corRect"), *lines[5:]]))
    assert Journal(book.path).next_to_undo().number == 3  # type: ignore[union-attr]
    assert Journal(book.path).next_to_undo(2).number == 1  # type: ignore[union-attr]
    with pytest.raises(CrmError) as damaged:
        Journal(book.path).next_to_undo(3)
    assert (damaged.value.key, damaged.value.values["number"]) == ("undo.damaged", 2)
