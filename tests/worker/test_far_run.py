"""A run in the worker's process has its click's folder, environment and streams, and leaves nothing to the next one."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest

from tests.support.engines import memory
from tests.support.worker_help import FarEnd, done_here, request
from xlcrm.cli import commands
from xlcrm.excel import live_book
from xlcrm.files import encryption
from xlcrm.worker import far_run
from xlcrm.worker import meeting_place as at


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a run sees of the process it is in; the run itself is a command of the tests'."""
    found: dict[str, Any] = {}

    def look(args: list[str], prog_name: str) -> int:
        mask = os.umask(0)
        os.umask(mask)
        found.update(folder=str(Path.cwd()), environment=dict(os.environ), mask=mask, arguments=args, name=prog_name)
        found.update(out=sys.stdout, line=sys.stdin.readline() if args == ["read"] else "")
        print("Ærlig talt", end="")
        return 3

    monkeypatch.setattr(commands.main, "main", look)
    return found


def test_a_run_sees_its_clicks_process_and_no_other(seen: dict[str, Any], tmp_path: Path) -> None:
    before = dict(os.environ), Path.cwd(), sys.stdout
    asked = request("look", cwd=tmp_path, mask=0o027, environment={"PATH": "x", "XLCRM_PASSWORD": "geheim"})
    end = done_here(asked)
    assert (end.code, end.out.decode(), end.err) == (3, "Ærlig talt", b"")
    assert seen["environment"] == {"PATH": "x", "XLCRM_PASSWORD": "geheim"}
    assert (seen["folder"], seen["mask"], seen["name"]) == (str(tmp_path), 0o027, "xlcrm")
    assert (dict(os.environ), Path.cwd(), sys.stdout) == before
    done_here(request("look", cwd=tmp_path))
    assert "XLCRM_PASSWORD" not in seen["environment"]


def test_streams_have_the_form_of_the_clicks_own(seen: dict[str, Any], tmp_path: Path) -> None:
    asked = request("read", cwd=tmp_path)
    asked["streams"][1] = {**asked["streams"][1], "encoding": "latin-1", "terminal": True}
    end = done_here(asked, {at.READ: "0 sì\n".encode()})
    assert end.out == "Ærlig talt".encode("latin-1")
    assert seen["line"] == "sì\n"
    silent = done_here({**asked, "arguments": ["look"], "streams": [None, None, None]})
    assert (silent.code, silent.out, seen["out"]) == (3, b"", None)


def test_a_refused_write_is_met_by_the_run_itself(tmp_path: Path, book: Path) -> None:
    """A full disk over there is said on the other stream, as in a process of its own."""
    end = done_here(request("check", str(book), cwd=tmp_path), {at.OUT: b"28"})
    assert b"To take this back" in end.err


@pytest.mark.parametrize("change", ["surroundings", "folder", "nowhere"])
def test_a_click_from_elsewhere_is_sent_away(seen: dict[str, Any], tmp_path: Path, change: str) -> None:
    changed: dict[str, dict[str, Any]] = {
        "surroundings": {"surroundings": {"user": [0]}},
        "folder": {"folder": [str(tmp_path), [1, 2]]},
        "nowhere": {"folder": [str(tmp_path / "gone"), []]},
    }
    assert done_here(request("look", cwd=tmp_path, **changed[change])).words == [at.UNFIT]
    assert not seen


def test_without_the_word_go_nothing_is_done(seen: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises((at.StrangerError, EOFError)):
        done_here(request("look", cwd=tmp_path), go=b"no")
    assert not seen


@pytest.mark.parametrize(
    ("left", "code", "usual"),
    [(SystemExit(2), 2, True), (SystemExit(None), 0, True), (SystemExit("no"), 1, False), (ValueError("x"), 1, False),
     (KeyboardInterrupt(), 130, False)],
)  # fmt: skip
def test_every_end_of_a_run_is_a_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: BaseException, code: int, usual: bool
) -> None:
    def leave(**given: Any) -> None:
        raise left

    monkeypatch.setattr(commands.main, "main", leave)
    assert far_run._ended(request(cwd=tmp_path)) == (code, usual)


def test_what_a_password_opened_is_forgotten(book: Path) -> None:
    locked = encryption.encrypt(book.read_bytes(), "geheim")
    assert encryption._opened(locked, "geheim") == book.read_bytes()
    assert encryption._opened.cache_info().currsize
    far_run._forget()
    assert encryption._opened.cache_info().currsize == 0


def test_no_object_of_excel_outlives_its_click(monkeypatch: pytest.MonkeyPatch, book: Path, tmp_path: Path) -> None:
    """Not even the engine's books that a click has met: an Excel that was quit could not end before they are gone."""
    engine = memory.Engine()
    memory.front(engine)
    engine.app.books.open(str(book))
    attached: list[weakref.ref[Any]] = []
    attach = live_book.attach

    def attaching(name: str, hwnd: int = 0) -> live_book.LiveBook:
        found = attach(name, hwnd)
        attached.extend([weakref.ref(found), weakref.ref(found.book)])
        return found

    monkeypatch.setattr(live_book, "attach", attaching)
    asked = request("check", "--book", book.name, "--hwnd", "4711", cwd=tmp_path, door="click")
    codes = [done_here(asked).code for _ in range(2)]
    assert set(codes) <= {0, 1}
    gc.collect()
    assert len(attached) == 4 and [ref() for ref in attached] == [None] * 4


def test_a_click_writes_what_it_writes_in_its_own_process(book: Path, tmp_path: Path) -> None:
    """Sentences, codes and the workbook's tables, byte for byte but for times and numbers of the run."""
    command = [sys.executable, "-m", "xlcrm", "backups", str(book)]
    environment = {**os.environ, "XLCRM_LANGUAGE": "en"}
    cold = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    warm: FarEnd = done_here(request("backups", str(book), cwd=tmp_path))
    assert (warm.code, warm.out, warm.err) == (cold.returncode, cold.stdout, cold.stderr)
