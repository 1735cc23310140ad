"""A limited process: work on what strangers wrote, done in a process of its own with limits of time and memory.

A sandbox keeps a template away from the disk, but not from the memory and the clock. Such a process is started by the
first job, serves one job after the other, and is ended by its owner, or as soon as it takes more than it may.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from xlcrm.errors import CrmError

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

START = 60.0  # seconds for a process to come up
_LOOK = 0.1  # seconds between two looks at its memory

Work = Callable[[Any], Any]
Line = Callable[[FrameType | None], object]


class OverLimitError(Exception):
    """A job took too long (`slow`) or too much memory, or its process died; `line` is where it was, "-" unknown."""

    def __init__(self, slow: bool, line: object = "-") -> None:
        super().__init__(slow, line)  # both again where it is sent from one process to another
        self.slow, self.line = slow, line


class LimitedProcess:
    """Does `work(job)` over there, one job at a time.

    work     a function of a module, told by its name to the new process; a CrmError that it returns is raised here
    seconds  for one job; memory is the bytes that the process may take on top of what it has once it is up
    line     finds the line of a template in the frames of a job that takes too long
    warm_up  is called in the process before its first job, outside of the limits: what it imports
    """

    def __init__(
        self,
        work: Work,
        *,
        seconds: float,
        memory: int,
        line: Line | None = None,
        warm_up: Callable[[], None] | None = None,
    ) -> None:
        self.seconds, self.memory = seconds, memory
        self._work, self._line, self._warm_up = work, line, warm_up
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._most = 0

    def ask(self, job: object, *, seconds: float = 0.0) -> Any:
        """What `work` makes of the job; OverLimitError where it takes too much, and the process is gone then.

        `seconds` are for this job, 0 those of the process.
        """
        try:
            pipe = self._started()
            pipe.send((job, seconds or self.seconds))
            found = self._answer(pipe, seconds or self.seconds)
        except (EOFError, OSError) as fault:
            self.end()
            raise OverLimitError(False) from fault
        if isinstance(found, OverLimitError):
            self.end()
            raise found
        if isinstance(found, CrmError):
            raise found
        return found

    def end(self) -> None:
        """End the process, whatever it is at."""
        if self._process is not None:
            self._process.kill()
            self._process.join(5)
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _started(self) -> Connection:
        """The pipe to the process, which is started where there is none."""
        if self._pipe is None:
            spawn = multiprocessing.get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            given = (theirs, self._work, self._line, self.memory, self._warm_up)
            self._process = spawn.Process(target=_serve, args=given, daemon=True)
            self._process.start()
            theirs.close()
            if not self._pipe.poll(START):
                raise EOFError
            self._pipe.recv()
            self._most = memory_of(self._process.pid or 0) + self.memory
        return self._pipe

    def _answer(self, pipe: Connection, seconds: float) -> Any:
        """What comes back; a process that takes too long or too much is ended."""
        late = time.monotonic() + seconds + 0.5
        while not pipe.poll(_LOOK):
            if time.monotonic() > late:
                return OverLimitError(True)
            if memory_of(self._process.pid if self._process and self._process.pid else 0) > self._most:
                raise EOFError
        return pipe.recv()


def _serve(pipe: Connection, work: Work, line: Line | None, memory: int, warm_up: Callable[[], None] | None) -> None:
    """Runs in the process: answers jobs until the other end is gone; what dies in it says nothing to the terminal."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if warm_up is not None:
        warm_up()
    _limit(memory)
    pipe.send("up")
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            job, seconds = pipe.recv()
            watch = threading.Timer(seconds, _too_slow, (pipe, line, threading.get_ident()))
            watch.daemon = True
            watch.start()
            answer = work(job)
            watch.cancel()
            pipe.send(answer)


def _too_slow(pipe: Connection, line: Line | None, thread: int) -> None:
    """Says where the job is, where Python still listens; the process is ended by the other side."""
    frame = sys._current_frames().get(thread)
    pipe.send(OverLimitError(True, line=line(frame) if line else "-"))


def _limit(memory: int) -> None:
    """No more address space than now and `memory`, where the system can hold a process to it (Linux)."""
    if sys.platform == "linux":
        import resource

        size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def memory_of(process: int) -> int:
    """The bytes of memory that a process holds; 0 where the system doesn't say."""
    with suppress(OSError, ValueError, IndexError, subprocess.SubprocessError):
        if sys.platform == "linux":
            import resource

            return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
        if sys.platform == "darwin":
            told = subprocess.run(  # noqa: S603 - a number of our own
                ["/bin/ps", "-o", "rss=", "-p", str(process)], capture_output=True, check=False
            )
            return int(told.stdout) * 1024
        if sys.platform == "win32":
            return _memory_on_windows(process)
    return 0


def _memory_on_windows(process: int) -> int:
    """The working set, as the task manager shows it."""
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        kernel, counters = ctypes.windll.kernel32, (ctypes.c_size_t * 9)()
        kernel.OpenProcess.restype = wintypes.HANDLE
        handle = kernel.OpenProcess(0x1000, False, process)
        if handle:
            kernel.K32GetProcessMemoryInfo(wintypes.HANDLE(handle), ctypes.byref(counters), ctypes.sizeof(counters))
            kernel.CloseHandle(wintypes.HANDLE(handle))
            return int(counters[2])  # cb and PageFaultCount share the first, then the peak, then the working set
    return 0
