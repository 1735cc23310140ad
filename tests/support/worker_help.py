"""What the tests of the resident worker share: a user of their own with a worker, and a click played in a thread."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT
from xlcrm.worker import far_run, switch, worker_code
from xlcrm.worker import meeting_place as at

COMMAND = [sys.executable, "-m", "xlcrm"]
PATIENCE = 120.0


class WorkerHome:
    """A home folder with fast clicks on; its path is short, for the address of a socket may not be long."""

    def __init__(self, folder: Path) -> None:
        homes = dict.fromkeys(("HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "XDG_CONFIG_HOME", "APPDATA"), str(folder))
        kept = {name: value for name, value in os.environ.items() if name != "XLCRM_PASSWORD"}
        self.environment = {**kept, **homes, "PYTHONPATH": str(ROOT), "XLCRM_LANGUAGE": "en", "LOGNAME": "anna"}
        place = at.folder(environment=self.environment)
        assert place is not None
        self.place = place
        self._started: list[subprocess.Popen[bytes]] = []
        self.turn_on()

    def turn_on(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self.place.chmod(0o700)
        (self.place / at.ON).touch(mode=0o600)

    def run(self, *arguments: str, cwd: Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
        """One command, as somebody types it."""
        environment = {**self.environment, **more.pop("environment", {})}
        given = {"capture_output": True, "check": False, "timeout": PATIENCE, **more}
        return subprocess.run([*COMMAND, *arguments], cwd=cwd, env=environment, **given)

    def start(self, *arguments: str) -> None:
        """A worker, once it takes clicks."""
        before = self.process
        program = [sys.executable, "-P", "-m", "xlcrm.worker.resident", *arguments]
        environment = switch.plain(self.environment)
        started = subprocess.Popen(program, env=environment, cwd=self.place, start_new_session=True)
        self._started.append(started)
        wait_for(lambda: self.process not in (0, before))

    @property
    def process(self) -> int:
        """The worker that says it is there, 0 for none."""
        meeting = at.read(self.place)
        return meeting.process if meeting else 0

    def state(self) -> dict[str, int]:
        """The runs and the memory of the worker, {} where none answers."""
        return switch._asked(self.place, {}) or {}

    def stop(self) -> None:
        """Send the worker away and wait for it."""
        (self.place / at.ON).unlink(missing_ok=True)
        switch._asked(self.place, {"stop": True})
        wait_for(lambda: not self.process)
        for started in self._started:
            started.wait(PATIENCE)


def wait_for(true: Any, seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


@contextmanager
def worker_home() -> Iterator[WorkerHome]:
    """A user with fast clicks, who has none and no worker any more after the block."""
    folder = Path(tempfile.mkdtemp(prefix="w"))
    home = WorkerHome(folder)
    try:
        yield home
    finally:
        home.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class FarEnd:
    """What a click at the other end of a wire was told: output, what it was asked for, and the exit code."""

    out: bytes = b""
    err: bytes = b""
    code: int | None = None
    words: list[bytes] = field(default_factory=list)


def request(*arguments: str, cwd: Path, door: str = "command", **more: Any) -> dict[str, Any]:
    """A run as a click of this process would offer it."""
    form = {"encoding": "utf-8", "errors": "strict", "line_buffering": False, "write_through": False, "terminal": False}
    asked = {
        "door": door,
        "arguments": list(arguments),
        "program": "xlcrm",
        "code": worker_code.identity(),
        "surroundings": worker_code.surroundings(),
        "folder": [str(cwd), worker_code.folder_identity(str(cwd))],
        "environment": {**os.environ, "XLCRM_LANGUAGE": "en"},
        "mask": 0o022,
        "streams": [form, form, form],
    }
    return {**json.loads(json.dumps(asked)), **more}


def done_here(asked: Mapping[str, Any], answers: Mapping[bytes, bytes] = {}, go: bytes = at.GO) -> FarEnd:
    """What a click is told whose run is done in this process, as the worker does it."""
    here, there = Pipe()
    end = FarEnd()
    thread = threading.Thread(target=_click, args=(there, end, answers, go))
    thread.start()
    try:
        with here:
            far_run.do(here, dict(asked))
    finally:
        thread.join(PATIENCE)
    return end


def _click(wire: Connection[Any, Any], end: FarEnd, answers: Mapping[bytes, bytes], go: bytes) -> None:
    with wire:
        end.words.append(wire.recv_bytes())
        if end.words[-1] == at.READY:
            wire.send_bytes(go)
        while go == at.GO and end.words[0] == at.READY and end.code is None:
            told = wire.recv_bytes()
            kind, content = told[:1], told[1:]
            end.out += content if kind == at.OUT else b""
            end.err += content if kind == at.ERR else b""
            if kind == at.CODE:
                end.code = int(content)
            else:
                wire.send_bytes(at.DONE + answers.get(kind, b"0 "))
