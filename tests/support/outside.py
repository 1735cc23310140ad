"""The hostile outside: environments that a command may be started in, and what must be true of it in each.

A command runs in a process of its own. Exit code 2 must mean that the workbook's bytes are what they were, any other
change of them exit code 0 or 1; whatever happened must be told on a stream or in a file beside the workbook, and never
as a traceback.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT
from xlcrm.files.durable import sha256_of

TIME = 900  # seconds, on a busy computer; a run that takes longer is ended, and its code says so
NOBODY = 54_321  # a number without an account
TRACEBACK = b"Traceback (most recent call last)"


@dataclass(frozen=True)
class Outside:
    """An environment of a command; `why` says where it is met.

    env       added to the environment; None takes a variable away
    out, err  where the streams go: "pipe", "full" (a full disk), "closed", "gone" (a pipe that nobody reads)
    limits    resource -> soft limit
    prepare   called in the new process before the command
    user      runs under this number, where the system lets a process change it
    """

    name: str
    why: str
    env: Mapping[str, str | None] = field(default_factory=dict)
    out: str = "pipe"
    err: str = "pipe"
    limits: Mapping[str, int] = field(default_factory=dict)
    prepare: Callable[[], object] = lambda: None
    user: int | None = None
    extra: tuple[str, ...] = ()


def _leave_a_folder_that_goes() -> None:
    gone = Path(f"/tmp/xlcrm-gone-{os.getpid()}")
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()


OUTSIDES = (
    Outside("cp1252", "a redirected Windows console", {"PYTHONIOENCODING": "cp1252", "XLCRM_LANGUAGE": "de"}),
    Outside("ascii", "a server without a locale", {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}),
    Outside("full", "output on a full disk", out="full"),
    Outside("all full", "output and errors on a full disk", out="full", err="full"),
    Outside("closed", "output closed", out="closed"),
    Outside("all closed", "started by a scheduler without any stream", out="closed", err="closed"),
    Outside("gone", "a pager that was left", out="gone"),
    Outside("no account", "a container: no HOME, no user", {"HOME": None, "USER": None, "LOGNAME": None}, user=NOBODY),
    Outside("odd locale", "a locale nobody has", {"LC_ALL": "xx_YY.KOI8-Q", "LANG": "", "TZ": ":nowhere/at all"}),
    Outside("umask 0", "everything open", prepare=lambda: os.umask(0)),
    Outside("umask 777", "everything closed", prepare=lambda: os.umask(0o777)),
    Outside("folder gone", "the folder it was started in is deleted", prepare=_leave_a_folder_that_goes),
    Outside("small disk", "no file may be over 30 KB", limits={"RLIMIT_FSIZE": 30_000}),
    Outside("few files", "a limit of open files", limits={"RLIMIT_NOFILE": 12}),
    Outside("low memory", "1 GB of addresses", {"OPENBLAS_NUM_THREADS": "1"}, limits={"RLIMIT_AS": 1_000_000_000}),
    Outside("clock back", "a battery is empty: 1990", extra=("--today", "1990-01-01")),
    Outside("clock change", "the hour that comes twice", {"TZ": "Europe/Rome"}, extra=("--today", "2026-10-25")),
)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its code, what its streams took, whether the workbook's bytes changed, files beside it."""

    code: int
    said: bytes
    changed: bool
    beside: tuple[Path, ...]

    def faults(self) -> list[str]:
        """What is not true about it."""
        found = []
        if self.changed and self.code not in (0, 1):
            found.append(f"exit code {self.code}, and the workbook changed")
        if self.code not in (0, 1, 2):
            found.append(f"exit code {self.code}")
        if TRACEBACK in self.said:
            found.append("a traceback")
        if not self.said.strip() and not self.beside:
            found.append("nothing was said")
        return found


def run_in(outside: Outside, words: list[str], book: Path, *, interrupt_after: float = 0) -> Ended:
    """Run `xlcrm` with `words` on `book` in an environment."""
    before, there = sha256_of(book), set(book.parent.iterdir())
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **outside.env}
    env = {name: value for name, value in environment.items() if value is not None}
    streams = {name: _stream(getattr(outside, name)) for name in ("out", "err")}

    def prepare() -> None:
        import resource

        for name, limit in outside.limits.items():
            resource.setrlimit(getattr(resource, name), (limit, limit))
        for descriptor, kind in ((1, outside.out), (2, outside.err)):
            if kind == "closed":
                os.close(descriptor)
        outside.prepare()

    process = subprocess.Popen(
        [*_as_user(outside.user), sys.executable, "-m", "xlcrm", *words], env=env, stdin=subprocess.DEVNULL,
        stdout=streams["out"], stderr=streams["err"], preexec_fn=prepare, cwd=book.parent,
    )  # fmt: skip
    for name, stream in streams.items():
        if isinstance(stream, int) and stream >= 0 and getattr(outside, name) != "pipe":
            os.close(stream)
    if interrupt_after:
        time.sleep(interrupt_after)
        process.send_signal(signal.SIGINT)
    try:
        said = b"".join(part or b"" for part in process.communicate(timeout=TIME))
    except subprocess.TimeoutExpired:
        process.kill()
        said = b"".join(part or b"" for part in process.communicate())
    beside = tuple(path for path in set(book.parent.iterdir()) - there if path.suffix == ".txt")
    return Ended(process.returncode, said, sha256_of(book) != before, beside)


@cache
def _as_user(user: int | None) -> tuple[str, ...]:
    """What in front of a command gives its process another number; nothing where the system has or allows no such."""
    words = ("unshare", "-U", f"--map-user={user}", f"--map-group={user}")
    if user is None or not shutil.which("unshare") or subprocess.run([*words, "true"], check=False).returncode:
        return ()
    return words


def _stream(kind: str) -> int:
    if kind == "full":
        return os.open("/dev/full", os.O_WRONLY)
    if kind == "gone":
        reading, writing = os.pipe()
        os.close(reading)
        return writing
    return subprocess.DEVNULL if kind == "closed" else subprocess.PIPE
