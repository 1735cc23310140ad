"""A resident worker and its clicks as processes: answers as cold ones, and nothing done twice, whoever is ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.worker_help import COMMAND, WorkerHome, wait_for, worker_home
from xlcrm.backups.store import Store
from xlcrm.files import encryption
from xlcrm.files.file_book import FileBook
from xlcrm.worker.thin_client import BROKEN_OFF

fcntl = pytest.importorskip("fcntl")  # not for Windows
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals, and looks at their pipes")

SAME = (  # a command that changes nothing, and its exit code
    (("check", "My.xlsm", "--dry-run", "--json"), 1),
    (("log", "My.xlsm", "C1", "call", "hello", "--dry-run"), 0),
    (("history", "My.xlsm"), 1),
    (("search", "My.xlsm", "--where", "nonsense = 1", "--dry-run"), 2),
    (("check", "Gone.xlsm"), 2),
    (("chekc", "My.xlsm"), 2),
    (("check", "My.xlsm", "--today", "soon"), 2),
)


@pytest.fixture(scope="module")
def home() -> Iterator[WorkerHome]:
    with worker_home() as made:
        made.start()
        yield made


@pytest.fixture
def served(home: WorkerHome) -> WorkerHome:
    """The user's worker, started anew where a test has ended it."""
    home.turn_on()
    if not home.state():
        home.start()
    return home


def log(home: WorkerHome, book: Path, subject: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return home.run("log", book.name, "C1", "call", subject, cwd=book.parent, **more)


def subjects(book: Path) -> list[str]:
    return FileBook(book).look()["Interactions"].frame["subject"].tolist()


@pytest.mark.parametrize(("arguments", "code"), SAME, ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_a_worker_answers_as_a_cold_start_does(
    served: WorkerHome, book: Path, arguments: tuple[str, ...], code: int
) -> None:
    runs = served.state()["runs"]
    warm = served.run(*arguments, cwd=book.parent)
    assert served.state()["runs"] == runs + 1
    cold = served.run(*arguments, cwd=book.parent, environment=dict.fromkeys(("HOME", "XDG_STATE_HOME"), "/nowhere"))
    assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    assert warm.returncode == code and warm.stdout + warm.stderr


def test_twenty_clicks_do_twenty_things_and_memory_stays(served: WorkerHome, book: Path) -> None:
    """The short form of benchmarks/clicks.py; on a busy machine a click may find no answer in time and start cold."""
    before = served.state()
    sizes = []
    for number in range(20):
        assert log(served, book, f"call {number}").returncode == 0
        sizes.append(served.state()["memory"])
    assert 15 <= served.state()["runs"] - before["runs"] <= 20
    assert subjects(book) == [f"call {number}" for number in range(20)]
    assert sizes[-1] - sizes[5] < 30 * 2**20


def test_a_password_of_one_run_is_no_runs_after_it(served: WorkerHome, book: Path) -> None:
    secret = "sette-colli-di-Roma"
    book.write_bytes(encryption.encrypt(book.read_bytes(), secret))
    given = (secret, "", "another", secret)
    codes = [
        served.run("backups", book.name, cwd=book.parent, environment={"XLCRM_PASSWORD": one}).returncode
        for one in given
    ]
    assert codes == [1, 2, 2, 1]  # there are none yet, and twice: it is locked
    assert secret.encode() not in Path(f"/proc/{served.process}/environ").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="makes a pipe small")
def test_a_worker_killed_within_a_run_is_told_of_once(served: WorkerHome, book: Path) -> None:
    """The run has written the workbook and is about to say so; nobody starts it again, and undo takes it back."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writing, b"x" * 4096)
    command = [*COMMAND, "log", book.name, "C1", "call", "once"]
    click = subprocess.Popen(
        command, cwd=book.parent, env=served.environment, stdout=writing, stderr=subprocess.PIPE, start_new_session=True
    )
    wait_for(lambda: b'"done"' in journal(book))
    killed = served.process
    os.kill(killed, signal.SIGKILL)
    os.close(writing)
    os.close(reading)
    said = click.communicate(timeout=60)[1].decode()
    assert click.returncode == BROKEN_OFF
    assert "undo" in said and "Traceback" not in said
    assert subjects(book) == ["once"]
    assert served.run("undo", book.name, cwd=book.parent).returncode == 0  # cold, and it starts a worker
    wait_for(lambda: served.process not in (0, killed))
    assert log(served, book, "warm").returncode == 0
    assert served.state()["runs"] == 1
    assert subjects(book) == ["warm"]


def journal(book: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (book.parent / "My backups").glob("* journal.jsonl"))


def test_an_interrupt_here_is_one_there(served: WorkerHome, book: Path) -> None:
    """The run waits for the workbook's lock, as for another person's run; Ctrl-C ends it, and nothing was changed."""
    runs = served.state()["runs"]
    command = [*COMMAND, "log", book.name, "C1", "call", "never"]
    with Store(book).lock():
        click = subprocess.Popen(command, cwd=book.parent, env=served.environment, stderr=subprocess.PIPE)
        assert click.stderr is not None and click.stderr.readline()
        click.send_signal(signal.SIGINT)
        assert click.wait(timeout=60) == 2
        click.stderr.close()
    assert subjects(book) == []
    assert served.state()["runs"] == runs + 1


def test_an_idle_worker_goes_by_itself() -> None:
    with worker_home() as home:
        home.start("--idle", "0.5")
        wait_for(lambda: not home.process)
        assert [path.name for path in home.place.iterdir() if path.suffix == ".sock"] == []


def test_nobody_else_reads_the_key(served: WorkerHome) -> None:
    assert served.place.stat().st_mode & 0o777 == 0o700
    for path in served.place.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert len(json.loads((served.place / "worker.json").read_text())["key"]) == 64


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_gets_no_key_and_no_line(served: WorkerHome) -> None:
    address = json.loads((served.place / "worker.json").read_text())["address"]
    call = f"import socket; socket.socket(socket.AF_UNIX).connect({address!r})"
    tried = (["cat", str(served.place / "worker.json")], ["python3", "-I", "-c", call])
    for command in tried:
        done = subprocess.run(
            command, user=65534, capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"}, cwd="/"
        )
        assert done.returncode and b"ermission denied" in done.stderr
