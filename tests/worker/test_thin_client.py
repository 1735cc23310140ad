"""The thin client: when a run is handed over, when it is done here, and that it is never done twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tests.support.worker_help import request
from xlcrm.cli.commands import main as commands
from xlcrm.install import installing
from xlcrm.worker import meeting_place as at
from xlcrm.worker import resident, switch, thin_client, worker_code

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="listens at Unix sockets")
KEY = b"k" * 32
HEAVY = {
    "pandas",
    "numpy",
    "click",
    "xlwings",
    "openpyxl",
    "argparse",
    "subprocess",
    "asyncio",
    "email",
    "typing_extensions",
}


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a user with fast clicks."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="w"))
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    made = switch.turn_on()
    assert made is not None
    yield made
    shutil.rmtree(folder)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the client did itself, and the workers that it started."""
    found: list[str] = []
    monkeypatch.setattr(thin_client, "_do", lambda door, arguments: found.append("run"))
    monkeypatch.setattr(thin_client, "_start", lambda place: found.append("start"))
    return found


def listening(place: Path, talk: Callable[[Connection[Any, Any]], object], key: bytes = KEY) -> None:
    """Somebody who listens where the worker would, and says one thing after the other."""
    listener = Listener(str(place / "x.sock"))
    at.write(place, at.Meeting(str(place / "x.sock"), key, os.getpid()))

    def answer() -> None:
        with suppress(EOFError, OSError, at.StrangerError), listener, listener.accept() as wire:
            talk(wire)

    threading.Thread(target=answer, daemon=True).start()


def proved(wire: Connection[Any, Any], *words: bytes) -> None:
    """A worker up to its word about a run, and on to what it says after "go"."""
    at.prove_as_worker(wire, KEY)
    wire.recv_bytes()
    for word in words:
        wire.send_bytes(word)
        if word == at.READY:
            assert wire.recv_bytes() == at.GO


ODD: tuple[tuple[str, Callable[[Connection[Any, Any]], object], bytes, list[str]], ...] = (
    ("at another run", lambda wire: proved(wire, at.BUSY), KEY, ["run"]),
    ("elsewhere", lambda wire: proved(wire, at.UNFIT), KEY, ["run"]),
    ("of another version", lambda wire: proved(wire, at.LEAVING), KEY, ["run", "start"]),
    ("gone before its word", lambda wire: proved(wire), KEY, ["run"]),
    ("gone at once", lambda wire: wire.close(), KEY, ["run"]),
    ("silent", lambda wire: wire.poll(5), KEY, ["run"]),
    ("not ours", lambda wire: proved(wire, at.READY), b"another key", ["run"]),
    ("odd", lambda wire: proved(wire, b"?"), KEY, ["run"]),
)


@pytest.mark.parametrize(("talk", "key", "expected"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_whatever_is_odd_before_the_run_it_is_done_here(
    place: Path, done: list[str], talk: Callable[[Connection[Any, Any]], object], key: bytes, expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(at, "PATIENCE", 0.3)
    monkeypatch.setattr(at.heard, "__defaults__", (0.3, None))
    monkeypatch.setattr(thin_client, "form_of", lambda stream: None)
    listening(place, talk, key)
    thin_client._serve("command", ["check", "My.xlsm"])
    assert done == expected


def test_who_does_not_know_the_key_is_told_nothing(place: Path, done: list[str]) -> None:
    heard: list[bytes] = []

    def impostor(wire: Connection[Any, Any]) -> None:
        wire.send_bytes(b"n" * 32)
        heard.append(wire.recv_bytes())
        wire.send_bytes(b"p" * 32)
        heard.append(wire.recv_bytes())

    listening(place, impostor)
    thin_client._serve("command", ["check", "My.xlsm"])
    assert done == ["run"] and [len(told) for told in heard] == [64]


@pytest.mark.parametrize("words", [(at.READY,), (at.READY, at.OUT + b"half")], ids=["at once", "midway"])
def test_a_worker_lost_within_a_run_is_told_and_not_replaced(
    place: Path,
    done: list[str],
    words: tuple[bytes, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thin_client, "form_of", lambda stream: None)
    listening(place, lambda wire: proved(wire, *words))
    with pytest.raises(SystemExit) as left:
        thin_client._serve("command", ["check", "My.xlsm"])
    assert left.value.code == thin_client.BROKEN_OFF
    assert done == []
    assert "undo" in capsys.readouterr().err


def test_a_click_broken_off_is_told_in_excel(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from xlcrm.excel import live_book

    told: list[object] = []

    class Book:
        def tell(self, *what: object) -> None:
            told.extend(what)

    def attach(*names: object) -> Book:
        told.extend(names)
        return Book()

    monkeypatch.setattr(live_book, "attach", attach)
    thin_client._tell_broken_off("click", ["check", "--book", "My+0020Book.xlsm", "--hwnd", "7"])
    assert told[:2] == ["My Book.xlsm", 7] and told[3] == thin_client.BROKEN_OFF
    assert "undo" in str(told[2])


def test_a_stream_that_is_no_files_is_printed_to_here(
    place: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", object())
    listening(place, lambda wire: proved(wire, at.READY))
    thin_client._serve("command", ["check", "My.xlsm"])
    assert done == ["run"]


def test_without_a_worker_the_run_is_done_and_one_started(place: Path, done: list[str]) -> None:
    thin_client._serve("command", ["check", "My.xlsm"])
    assert done == ["run", "start"]


NOT_HANDED_OVER = [
    [],
    ["install"],
    ["check", "x.xlsm", "--unattended"],
    ["import", "x.xlsm", "/dev/stdin"],
    ["--version"],
]


@pytest.mark.parametrize("arguments", NOT_HANDED_OVER, ids=str)
def test_some_runs_are_never_handed_over(place: Path, done: list[str], arguments: list[str]) -> None:
    thin_client._serve("command", arguments)
    assert done == ["run"]


def test_switched_off_nobody_is_asked(place: Path, done: list[str]) -> None:
    switch.turn_off()
    thin_client._serve("command", ["check", "My.xlsm"])
    assert done == ["run"]


def test_what_is_never_handed_over_is_a_command_or_option() -> None:
    assert [name for name in thin_client.NEVER if not name.startswith("-") and name not in commands.commands] == []


@pytest.mark.parametrize("mode", [0o750, 0o755, 0o777])
def test_a_folder_that_others_get_into_is_not_used(place: Path, mode: int) -> None:
    assert at.own_folder() == place
    place.chmod(mode)
    assert at.own_folder() is None
    assert switch.state().name == switch.OFF


def test_another_users_folder_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    assert at.own_folder() is None


def test_a_link_to_a_folder_is_not_used(place: Path) -> None:
    moved = place.rename(place.with_name("moved"))
    place.symlink_to(moved)
    assert at.own_folder() is None


# the worker's word about a run


def said(place: Path, own: list[object], /, **changed: Any) -> bytes | None:
    worker = resident.Worker(place, own)
    return worker._said_to(request("check", cwd=place, **changed))


def test_a_worker_of_another_version_leaves(place: Path) -> None:
    code = worker_code.code_now()
    assert said(place, code) is None
    assert said(place, code, code=["0.0.9", *worker_code.identity()[1:]]) == at.LEAVING
    assert said(place, [*code[:-1], "other packages"]) == at.LEAVING


def test_a_worker_whose_code_changed_leaves(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "xlcrm" / "worker"
    package.mkdir(parents=True)
    module = package / "worker_code.py"
    module.write_text("x = 1")
    monkeypatch.setattr(worker_code, "__file__", str(module))
    code = worker_code.code_now()
    assert said(place, code) is None
    module.write_text("x = 22")
    assert said(place, code) == at.LEAVING


def test_a_worker_that_is_switched_off_leaves(place: Path) -> None:
    switch.turn_off()
    assert said(place, worker_code.code_now()) == at.LEAVING


def test_a_worker_takes_one_run_at_a_time(place: Path) -> None:
    worker = resident.Worker(place, worker_code.code_now())
    assert [worker._said_to(request("check", cwd=place)) for _ in range(2)] == [None, at.BUSY]


def test_a_worker_that_grew_leaves(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlcrm.worker import far_run

    monkeypatch.setattr(far_run, "do", lambda wire, asked: True)
    monkeypatch.setattr(resident, "memory_now", lambda: resident.MEMORY - 1)
    worker = resident.Worker(place, [])
    worker._taken.acquire()
    worker._do(resident.Offer(_Wire(), {}))  # type: ignore[arg-type]
    assert not worker._leaving and not worker._taken.locked()
    monkeypatch.setattr(resident, "memory_now", lambda: resident.MEMORY + 1)
    worker._taken.acquire()
    worker._do(resident.Offer(_Wire(), {}))  # type: ignore[arg-type]
    assert worker._leaving and worker._taken.locked()


class _Wire:
    def __enter__(self) -> None: ...

    def __exit__(self, *fault: object) -> None: ...


# switching


def test_install_switches_and_doctor_sees_it(place: Path) -> None:
    keys = [finding.key for wanted in (True, False) for finding in installing.fast_clicks(wanted=wanted)]
    assert keys == ["install.fast_on", "install.fast_off"]
    assert switch.state().name == switch.OFF
    installing.fast_clicks(wanted=True)
    assert switch.state() == switch.WorkerState(switch.WAITING)
    listening(place, lambda wire: proved(wire, _HERE))
    assert switch.state() == switch.WorkerState(switch.RUNNING, 7, 2**20)


_HERE = at.HERE + b'{"runs": 7, "memory": 1048576}'


def test_a_user_without_a_home_has_no_fast_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert [finding.key for finding in installing.fast_clicks(wanted=True)] == ["install.fast_nowhere"]


def test_a_worker_starts_without_any_secret() -> None:
    given = {"PATH": "x", "XLCRM_PASSWORD": "y", "PYTHONPATH": "z", "MY_PASSWORD": "y", "LC_ALL": "C", "Path": "p"}
    assert set(switch.plain(given)) == {"PATH", "PYTHONPATH", "LC_ALL", "Path"}


# what a click waits for


def loaded(program: str) -> set[str]:
    """The modules that a Python has after a line of program, beyond those it begins with."""
    line = f"import sys; before = set(sys.modules); {program}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", line], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    return set(done.stdout.decode().split())


def test_the_client_of_a_warm_click_loads_little() -> None:
    used = "json, hmac, signal, xlcrm.worker.socket_wire"
    found = loaded(f"from xlcrm.worker import thin_client; import {used}; thin_client.request('click', [])")
    assert not HEAVY & found
    ours = {name.removeprefix("xlcrm.worker.") for name in found if name.startswith("xlcrm")}
    assert ours == {"xlcrm", "xlcrm.worker", "thin_client", "meeting_place", "worker_code", "socket_wire"}
    assert len(found) < 90


def test_without_fast_clicks_a_start_costs_nothing_more() -> None:
    found = loaded("from xlcrm.worker import thin_client, meeting_place; meeting_place.own_folder()")
    assert not {"hmac", "json", "socket", "multiprocessing"} & found


COLD = (  # what a cold run of a command loads first, what it must not, and how many modules of ours at most
    ("xlcrm.run, xlcrm.cli.performing, xlcrm.checks.checking", {"scipy.optimize", "jinja2", "openpyxl"}, 260),
    ("xlcrm.run, xlcrm.cli.performing", {"scipy", "jinja2", "openpyxl", "babel", "phonenumbers"}, 140),
    ("xlcrm.ribbon.click, xlcrm.session", {"scipy", "jinja2", "openpyxl", "phonenumbers"}, 110),
)


@pytest.mark.parametrize(("modules", "too_much", "most"), COLD, ids=["check", "any command", "any click"])
def test_a_cold_start_loads_what_it_needs(modules: str, too_much: set[str], most: int) -> None:
    found = loaded(f"import {modules}")
    assert not too_much & found
    assert sum(name.startswith("xlcrm") for name in found) <= most
