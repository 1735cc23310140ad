"""What a run makes is at most as open to others as the workbook: backups, journal, lists, temporary files, folders."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from xlcrm.cli.commands import main
from xlcrm.files import durable, replace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes; a file is as open as its folder")
COMMANDS = (
    ("split",),
    ("import", "{folder}/more.csv", "--map", "Whom=full_name"),
    ("check",),
    ("lists",),
    ("search", "--where", "kind = person", "--out", "{folder}/found.xlsx"),
    ("doubles",),
    ("merge", "C1", "C2"),
    ("backup",),
    ("undo",),
    ("restore", "2"),
)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def run_all(book: Path) -> None:
    (book.parent / "more.csv").write_text("Whom;Phone\nOla Li;+47 22 12 34 56\nEva Ek;+47 22 12 34 57\n")
    for command, *rest in COMMANDS:
        words = [word.format(folder=book.parent) for word in rest]
        result = CliRunner().invoke(main, [command, str(book), *words])
        assert result.exit_code in (0, 1), result.output


def too_open(folder: Path, book: Path, given: tuple[Path, ...]) -> list[str]:
    """What in `folder` others may read or write who may not so with the workbook, beside what was `given`."""
    mode = stat.S_IMODE(book.stat().st_mode)
    allowed = mode | (mode & 0o444) >> 2
    made = [path for path in folder.rglob("*") if path not in (*given, book)]
    assert len(made) > 6
    return [f"{path.name} {found.st_mode:o}" for path in made if (found := path.stat()).st_mode & ~allowed & 0o077]


@pytest.mark.parametrize(("mask", "mode"), [(0o000, 0o600), (0o022, 0o640), (0o077, 0o666), (0o000, 0o640)])
def test_nothing_is_more_open_than_the_workbook(
    made: Path, tmp_path: Path, umask: None, monkeypatch: pytest.MonkeyPatch, mask: int, mode: int
) -> None:
    book = Path(shutil.copy(made, tmp_path / "My.xlsm"))
    book.chmod(mode)
    temporary: set[int] = set()
    flush = durable.flush_file

    def note(path: Path) -> None:
        temporary.add(stat.S_IMODE(path.stat().st_mode))
        flush(path)

    monkeypatch.setattr(replace, "flush_file", note)
    os.umask(mask)
    run_all(book)
    assert too_open(tmp_path, book, (tmp_path / "more.csv",)) == []
    assert [f"{found:o}" for found in temporary if found & ~mode & 0o077] == []
    assert stat.S_IMODE(book.stat().st_mode) == mode, "the workbook stays as its team set it"


def test_whoever_may_write_the_workbook_may_lock_it(made: Path, tmp_path: Path, umask: None) -> None:
    book = Path(shutil.copy(made, tmp_path / "My.xlsm"))
    book.chmod(0o660)
    os.umask(0o022)
    CliRunner().invoke(main, ["split", str(book)])
    locks = list(tmp_path.glob("*/.*.lock"))
    assert len(locks) == 3, "the workbook's, its journal's, and the journal's from before it had an identity"
    assert {stat.S_IMODE(path.stat().st_mode) for path in locks} == {0o660}


def test_what_was_made_before_is_closed_with_the_workbook(made: Path, tmp_path: Path, umask: None) -> None:
    book = Path(shutil.copy(made, tmp_path / "My.xlsm"))
    book.chmod(0o666)
    CliRunner().invoke(main, ["split", str(book)])
    book.chmod(0o600)
    CliRunner().invoke(main, ["check", str(book)])
    assert too_open(tmp_path, book, ()) == []


def test_a_workbook_that_was_gone_comes_back_closed(made: Path, tmp_path: Path, umask: None) -> None:
    book = Path(shutil.copy(made, tmp_path / "My.xlsm"))
    book.chmod(0o600)
    CliRunner().invoke(main, ["split", str(book)])
    book.unlink()
    assert CliRunner().invoke(main, ["restore", str(book)]).exit_code == 0
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
