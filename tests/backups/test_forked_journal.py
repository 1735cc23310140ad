"""Journals that a sync program forked: one again by the ids of runs, and undo takes back what was done to this copy."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.combining.test_combine_files import cell, typed
from tests.support.paths import CASES
from xlcrm.actions import ACTIONS
from xlcrm.backups import belonging, conflict_copies
from xlcrm.backups.history import runs_told
from xlcrm.backups.put_back import made_elsewhere
from xlcrm.backups.verify import verify
from xlcrm.errors import CrmError
from xlcrm.run import Outcome, join_versions, run
from xlcrm.session import Call, open_session
from xlcrm.tables import Table
from xlcrm.undo import journal
from xlcrm.undo.forked_journal import OwnRuns, joined
from xlcrm.undo.journal import Runs

START = dt.datetime(2026, 11, 28, 9)
FOLDER, FILE = "My backups", "My.xlsm"
FORMS = sorted(
    case["file"].removeprefix("ClientFile").removesuffix(".xlsm")
    for case in csv.DictReader((CASES / "conflict_copies.csv").read_text("utf-8").splitlines())
    if case["why"] in ("Dropbox in English", "OneDrive adds the computer's name", "Google Drive and browsers", "iCloud",
                       "Syncthing", "Nextcloud")
)  # fmt: skip


def lines(story: str, number: int = 1, *, more: str = "") -> list[bytes]:
    """The lines of runs: "a b" are two that are done, numbered from `number`."""
    found: list[bytes] = []
    for place, id_ in enumerate(story.split()):
        head: dict[str, Any] = {"id": id_, "number": number + place}
        begun = {
            "at": START.isoformat(),
            "who": "A",
            "action": "check",
            "backup": f"{id_}.xlsm",
            "counts": {"cells": 1},
        }
        found.append(journal.line({"record": "plan", **head, "plan": {}}))
        found.append(journal.line({"record": "begun", **head, **begun, "undoes": more}))
        found.append(journal.line({"record": "done", **head, "at": START.isoformat()}))
    return found


def changes(**numbers: int) -> Table:
    rows = {"undo_number": [float(n) for n in numbers.values()], "run": list(numbers), "when": [""] * len(numbers)}
    return Table("Changes", "Changes", pd.DataFrame(rows), {c: c for c in rows})


SHARED = lines("s")
# what, main, other, the sheet Changes, number -> run, runs of another copy
STORIES: list[tuple[str, list[bytes], list[bytes], Table, dict[int, str], set[str]]] = [
    ("both went on, the workbook is ours", SHARED + lines("a", 2), SHARED + lines("b", 2), changes(s=1, a=2),
     {1: "s", 2: "a", 3: "b"}, {"b"}),
    ("both went on, the workbook is theirs", SHARED + lines("a", 2), SHARED + lines("b", 2), changes(s=1, b=2),
     {1: "s", 2: "b", 3: "a"}, {"a"}),
    ("one went further", SHARED + lines("a", 2), SHARED + lines("b c", 2), changes(s=1, a=2),
     {1: "s", 2: "a", 4: "b", 5: "c"}, {"b", "c"}),
    ("the other is only older", SHARED + lines("a", 2), SHARED, changes(s=1, a=2), {1: "s", 2: "a"}, set()),
    ("the other is only newer", SHARED, SHARED + lines("b", 2), changes(s=1), {1: "s", 2: "b"}, set()),
    ("the very same", SHARED, SHARED, changes(s=1), {1: "s"}, set()),
    ("combined since: no number is no own run", SHARED + lines("a", 2), SHARED + lines("b", 2),
     changes(s=1, a=2, b=0), {1: "s", 2: "a", 3: "b"}, {"b"}),
    ("no sheet Changes: nobody can say, nothing is taken back", SHARED + lines("a", 2), SHARED + lines("b", 2),
     changes(), {1: "s", 2: "a", 3: "b"}, {"a", "b"}),
    ("a torn end stays apart", [*SHARED, *lines("a", 2)], [*SHARED, *lines("b", 2), b'{"crc":"0'], changes(s=1, a=2),
     {1: "s", 2: "a", 3: "b"}, {"b"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "main", "other", "sheet", "numbers", "away"), STORIES, ids=[s[0] for s in STORIES])
def test_two_versions_are_one(
    what: str, main: list[bytes], other: list[bytes], sheet: Table, numbers: dict[int, str], away: set[str]
) -> None:
    if what.startswith("combined since"):
        sheet.frame["undo_number"] = sheet.frame["undo_number"].replace(0.0, float("nan"))
    own = OwnRuns.of(sheet)
    found = joined(main, other, own)
    runs = Runs.of(journal.story(found))
    assert {entry.number: entry.id for entry in runs.all()} == numbers and not runs.lost, what
    assert {entry.id for entry in runs.all() if own.elsewhere(entry)} == away, what
    assert all(entry.state == "done" for entry in runs.all())
    assert joined(found, other, own) == found, "the same again adds nothing"


def test_what_ended_a_shared_run_comes_over() -> None:
    begun, done = lines("a", 2)[:2], lines("a", 2)[2:]
    for main, other in (([*SHARED, *begun], [*SHARED, *begun, *done]), ([*SHARED, *begun, *done], [*SHARED, *begun])):
        assert [e.state for e in Runs.of(journal.story(joined(main, other, OwnRuns({})))).all()] == ["done", "done"]


def test_a_run_of_a_workbook_without_ids_is_known_by_its_time() -> None:
    rows = {"undo_number": [2.0], "when": [pd.Timestamp(START)]}
    own = OwnRuns.of(Table("Changes", "Changes", pd.DataFrame(rows), {c: c for c in rows}))
    runs = Runs.of(journal.story(joined(SHARED + lines("a", 2), SHARED + lines("b", 2), own))).all()
    assert [own.elsewhere(entry) for entry in runs] == [False, False, True]


def done(path: Path, minute: int, who: str, action: str, said: list[str] | None = None, **options: Any) -> Outcome:
    call = Call(START + dt.timedelta(minutes=minute), who, warn=(said if said is not None else []).append)
    return run(open_session(path, call), ACTIONS[action], **options)


def synchronised(folder: Path, book: Path, form: str, *, theirs_win: bool = False) -> tuple[Path, Path]:
    """Two machines with one folder, each with a run of its own, and what a sync program makes of it here."""
    here, there = folder / "here", folder / "there"
    here.mkdir()
    shutil.copy(book, here / FILE)
    done(here / FILE, 0, "Ann", "check")
    shutil.copytree(here, there)
    for path, place, who in ((here / FILE, 0, "Ann"), (there / FILE, 1, "Bo")):
        typed(path, "phone", place, "22225555")
        done(path, 1 + place, who, "check")
        done(path, 3 + place, who, "split")
    for path in sorted((there / FOLDER).iterdir()):
        mine = here / FOLDER / path.name
        if mine.exists() and mine.read_bytes() != path.read_bytes() and not path.name.startswith("."):
            first, second = (path, mine) if theirs_win else (mine, path)
            held, other = first.read_bytes(), second.read_bytes()
            mine.write_bytes(held)
            mine.with_name(f"{path.stem}{form}{path.suffix}").write_bytes(other)
        elif not mine.exists():
            shutil.copy(path, mine)
    copy = here / f"My{form}.xlsm"
    shutil.copy(there / FILE, copy)
    return here / FILE, copy


# kind of file, this version, the other, what is there after both are one (None: the other stays, for it is damaged)
BESIDE: list[tuple[str, str, str, str | None]] = [
    ("forgotten", "day,hash\na,1\n", "day,hash\nb,2\na,1\n", "day,hash\na,1\nb,2\n"),
    ("forgotten", "", "day,hash\nb,2\n", "day,hash\nb,2\n"),
    ("memory", '{"x": {"dates": "mdy"}}', '{"x": {"dates": "dmy"}, "y": {}}', '{"x": {"dates": "mdy"}, "y": {}}'),
    ("nights", '{"good": "b", "taken": {"1": 0}}', '{"good": "a", "taken": {"2": 3}}',
     '{"good": "b", "taken": {"2": 3, "1": 0}}'),
    ("memory", "{}", "{torn", None),
    ("memory", "{}", "[1]", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "mine", "theirs", "whole"), BESIDE)
def test_files_beside_a_forked_journal_are_one(
    book: Path, kind: str, mine: str, theirs: str, whole: str | None
) -> None:
    done(book, 0, "Ann", "check")
    session = open_session(book, Call(START, "Ann"))
    file: Path = getattr(session.store.label, kind)
    if mine:
        file.write_text(mine, "utf-8")
    other = file.with_name(f"{file.stem} (Ann's conflicted copy 2026-11-27){file.suffix}")
    other.write_text(theirs, "utf-8")
    own = OwnRuns({})
    for joined_now in ([other.name] if whole else [], []):
        assert session.store.join_versions(lambda: own) == joined_now
    held = file.read_text("utf-8")
    assert json.loads(held) == json.loads(whole) if whole and whole[0] == "{" else held == (whole or mine)
    assert other.exists() == (whole is None)


def names(path: Path) -> Sequence[str]:
    return sorted(p.name for p in (path.parent / FOLDER).iterdir() if "journal" in p.name or "checksums" in p.name)


@pytest.mark.parametrize("form", FORMS)
def test_second_versions_are_known_by_their_names(tmp_path: Path, form: str) -> None:
    path, other = tmp_path / "My 4f1c22a09b7e55aa journal.jsonl", tmp_path / "My 0123456789abcdef journal.jsonl"
    made = path.with_name(f"{path.stem}{form}.jsonl")
    for one in (path, other, made, made.with_suffix(".txt"), other.with_name(f"{other.stem}{form}.jsonl")):
        one.write_bytes(b"")
    assert conflict_copies.versions(path) == [made]


@pytest.mark.parametrize(("form", "theirs_win"), [(FORMS[0], False), (FORMS[-1], True)])
def test_a_forked_folder_is_one_again(tmp_path: Path, book: Path, form: str, theirs_win: bool) -> None:
    path, copy = synchronised(tmp_path, book, form, theirs_win=theirs_win)
    assert len(names(path)) > 3, names(path)
    said: list[str] = []
    session = open_session(path, Call(START + dt.timedelta(minutes=9), "Ann", warn=said.append))
    join_versions(session)
    assert len(said) == 1 and form in said[0]
    assert len([name for name in names(path) if not name.startswith(".")]) == 2
    entries = session.journal.entries()
    assert sorted((e.number, e.who) for e in entries) == [(1, "Ann"), (2, "Ann"), (3, "Ann"), (4, "Bo"), (5, "Bo")]
    assert made_elsewhere(session) == {4, 5}
    told = runs_told(entries, "en", elsewhere=made_elsewhere(session))
    assert [line.endswith("in another copy of the workbook") for line in told].count(True) == 2
    backups = session.store.backups()
    assert [b.moment for b in backups] == sorted(b.moment for b in backups) and len(backups) == 5
    assert not verify(session.store) and all(session.store.content(backup) for backup in backups)
    with pytest.raises(CrmError) as refused:
        done(path, 10, "Ann", "undo", number=4)
    assert refused.value.key == "undo.elsewhere"
    assert done(path, 11, "Ann", "undo").plan.undoes == 3
    combined = done(path, 12, "Ann", "combine", copy=copy)
    assert cell(path, "phone", 1) == "22225555", combined.sentences()
    assert combined.undo_number == 7


def test_a_copied_journal_is_no_store_of_its_own(tmp_path: Path) -> None:
    label = belonging.label(tmp_path, "My", "4f1c22a09b7e55aa")
    for kind in (label.journal, label.list):
        for path in (kind, kind.with_name(f"Copy of {kind.name}")):
            path.write_bytes(b"")
    assert belonging.labels(tmp_path) == [label]
