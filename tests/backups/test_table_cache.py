"""Files of kept tables: whole or not taken, nobody else's to read, none of a locked workbook, gone in time."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from tests.support.live_help import NOW
from tests.support.session_help import plan_with, take
from tests.support.traces_left import left
from xlcrm.backups import table_cache
from xlcrm.backups.table_cache import END, TableCache
from xlcrm.cli.commands import main
from xlcrm.files import encryption, file_book
from xlcrm.plan import Added, Plan
from xlcrm.privacy import lock_book
from xlcrm.session import Call, Session
from xlcrm.xlsx.reading import kept_tables, read_tables

CALL, KEY, OTHER = Call(NOW), "ab" * 32, "cd" * 32
PASSWORD = "a long password"


@pytest.fixture
def cache(tmp_path: Path) -> TableCache:
    return TableCache(tmp_path, "My.xlsm", tmp_path / "home" / "folders.txt")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every table is kept, and where is remembered in a home of the test's own."""
    monkeypatch.setattr(kept_tables, "WORTH", 0)
    remembered = tmp_path / "home" / "folders.txt"
    monkeypatch.setattr(table_cache, "memory", lambda: remembered)
    return remembered


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob(f".*{END}"))


def test_what_was_kept_comes_back_under_its_key_alone(cache: TableCache) -> None:
    cache.put("Clients", KEY, b"some rows")
    assert cache.get("Clients", KEY) == b"some rows"
    assert cache.get("Clients", OTHER) is None
    assert cache.get("Purchases", KEY) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_may_read_it(cache: TableCache) -> None:
    before = os.umask(0)
    try:
        cache.put("Clients", KEY, b"some rows")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in files(cache.folder)] == [0o600]


def test_the_newer_takes_the_place_of_the_older(cache: TableCache) -> None:
    cache.put("Clients", KEY, b"old")
    cache.put("Clients", OTHER, b"new")
    assert cache.get("Clients", KEY) is None
    assert cache.get("Clients", OTHER) == b"new"
    assert len(files(cache.folder)) == 1


def test_any_damage_is_as_good_as_nothing(cache: TableCache) -> None:
    cache.put("Clients", KEY, b"some rows")
    path = files(cache.folder)[0]
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.get("Clients", KEY) is None, at
        path.write_bytes(whole[:at])
        assert cache.get("Clients", KEY) is None, at
    path.write_bytes(whole + b"\0")
    assert cache.get("Clients", KEY) is None


@pytest.mark.parametrize("free", [0, 35])
def test_a_full_disk_keeps_its_room(cache: TableCache, monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": free}))
    cache.put("Clients", KEY, b"some rows")
    assert not files(cache.folder)


def test_a_write_that_fails_leaves_nothing(cache: TableCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    cache.put("Clients", KEY, b"some rows")
    assert not files(cache.folder)


def test_nothing_is_kept_where_it_could_not_go(cache: TableCache) -> None:
    for no in (
        replace(cache, remembered=None),
        replace(cache, writes=False),
        replace(cache, folder=cache.folder / "x"),
    ):
        no.put("Clients", KEY, b"some rows")
    (cache.folder / "home").write_bytes(b"a file where the folder of the memory should be")
    cache.put("Clients", KEY, b"some rows")
    assert not files(cache.folder)


def test_pruning_takes_what_no_run_used(cache: TableCache) -> None:
    for name in ("Clients", "Purchases"):
        cache.put(name, KEY, b"some rows")
    for path in files(cache.folder):
        os.utime(path, (0, 0))
    cache.get("Purchases", KEY)
    table_cache.prune(cache.folder)
    assert cache.get("Purchases", KEY) and len(files(cache.folder)) == 1


def test_all_go_with_uninstall(cache: TableCache, home: Path) -> None:
    assert cache.remembered == home
    for folder in (cache.folder / "a", cache.folder / "b"):
        folder.mkdir()
        for name in ("Clients", "Purchases"):
            replace(cache, folder=folder).put(name, KEY, b"some rows")
    assert len(home.read_bytes().splitlines()) == 2
    CliRunner().invoke(main, ["uninstall"])
    assert not files(cache.folder) and not home.exists()


def test_a_run_keeps_what_the_next_one_takes(book: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(file_book.at(book), "refresh", CALL)
    take(file_book.at(book), "refresh", CALL)
    kept = {path.name: path.read_bytes() for path in files(book.parent)}
    assert len(kept) > 2

    def refuse(*args: object) -> None:
        raise AssertionError("read a sheet that was kept")

    monkeypatch.setattr(read_tables, "_read", refuse)
    table = read_tables.read(book, keeper=TableCache(book.parent / "My backups", "My.xlsm", None))["Clients"]
    assert list(table.frame["client_id"]) == ["C1", "C2", "C3"]
    assert {path.name: path.read_bytes() for path in files(book.parent)} == kept


def test_a_run_keeps_what_it_has_just_written(book: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(file_book.at(book), "refresh", CALL)
    cold = read_tables.read(book)["Clients"].frame
    assert cold["total_spend"].notna().all(), "the refresh wrote"
    read = read_tables._read
    asked: list[str] = []

    def noted(*given: Any) -> Any:
        asked.append(given[1].canonical)
        return read(*given)

    monkeypatch.setattr(read_tables, "_read", noted)
    found = read_tables.read(book, keeper=TableCache(book.parent / "My backups", "My.xlsm", None))["Clients"].frame
    pd.testing.assert_frame_equal(cold, found)
    assert not asked


@pytest.mark.parametrize("days", [0, 1, 40], ids=["the same day", "the next day", "weeks later"])
def test_runs_are_the_same_without_what_was_kept(book: Path, home: Path, tmp_path: Path, days: int) -> None:
    bought = pd.DataFrame(
        {
            "client_id": ["C1", "C2", "C1", "C9"],
            "date": pd.to_datetime(["2026-11-20", "2026-10-28", "2025-11-28", "2026-12-01"]),
            "product": ["Barolo", "Grappa", "Barolo", "Barolo"],
            "amount": [120.0, 80.5, 99.0, 7.0],
        }
    )
    plan_with(file_book.at(book), lambda *given: Plan("import", added=(Added("Purchases", bought),)), CALL)
    for name in ("refresh", "check"):
        take(file_book.at(book), name, CALL)
    bare = Path(shutil.copytree(book.parent, tmp_path / "bare")) / book.name
    for path in files(bare.parent):
        path.unlink()
    later = replace(CALL, now=NOW + dt.timedelta(days=days, hours=1))
    for name in ("refresh", "check"):
        kept, made = (take(file_book.at(path), name, later) for path in (book, bare))
        assert kept.plan.counts() == made.plan.counts()
        assert kept.plan.problems == made.plan.problems and kept.plan.notes == made.plan.notes
        assert name == "check" or kept.plan.touches_workbook == (days > 0)
    found, wanted = read_tables.read(book), read_tables.read(bare)
    for name in [name for name in wanted if name != "Changes"]:
        pd.testing.assert_frame_equal(found[name].frame, wanted[name].frame, check_exact=True, obj=name)


def test_the_first_change_reads_the_clients_once(book: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = read_tables._load
    asked: list[str] = []

    def noted(*given: Any) -> Any:
        asked.append(given[1].canonical)
        return load(*given)

    monkeypatch.setattr(read_tables, "_load", noted)
    take(file_book.at(book), "refresh", CALL)
    assert asked.count("Clients") == 1


def test_a_dry_run_keeps_nothing(book: Path, home: Path) -> None:
    take(file_book.at(book), "refresh", CALL)
    for path in files(book.parent):
        path.unlink()
    take(file_book.at(book), "refresh", replace(CALL, dry_run=True))
    assert not files(book.parent)


def test_forgetting_a_client_takes_it_away(book: Path, home: Path) -> None:
    take(file_book.at(book), "refresh", CALL)
    assert {name for name, _ in left(book.parent, ["Mario Rossi"])} & {path.name for path in files(book.parent)}
    take(file_book.at(book), "forget", CALL, clients=("C2",), everywhere=True)
    assert left(book.parent, ["Mario Rossi"]) == []
    assert not files(book.parent)


def test_locking_takes_it_away_and_a_locked_one_has_none(book: Path, home: Path) -> None:
    take(file_book.at(book), "refresh", CALL)
    assert files(book.parent)
    call = replace(CALL, password=PASSWORD)
    lock_book.lock(Session.begin(file_book.at(book, PASSWORD), call))
    assert encryption.is_encrypted(book) and not files(book.parent)
    take(file_book.at(book, PASSWORD), "refresh", call)
    assert not files(book.parent)


def test_one_locked_elsewhere_loses_what_was_kept(book: Path, home: Path) -> None:
    take(file_book.at(book), "refresh", CALL)
    book.write_bytes(encryption.encrypt(book.read_bytes(), PASSWORD))
    take(file_book.at(book, PASSWORD), "refresh", replace(CALL, password=PASSWORD))
    assert not files(book.parent)
