"""Rendering of a team's own templates in a process of its own, with limits of time and memory.

Jinja's sandbox keeps a template away from Python and from the disk, but not from the memory and the clock: a filter or
a loop takes all of both in one line. One such process serves a run; it is started by the first template that is not
one of ours, so that lists without own templates wait for nothing, and ended with the run.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcrm.errors import CrmError
from xlcrm.files import template_files
from xlcrm.lists import rendering
from xlcrm.lists.rendering import RenderJob
from xlcrm.plan import Grid

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

SECONDS, START = 30.0, 60.0
MEMORY = 768 << 20  # bytes on top of what the process has once it is up
_LOOK = 0.1  # seconds between two looks at its memory


class RenderingProcess:
    """Renders jobs as `rendering.render` does; CrmError "lists.template_slow", "template_big" or "template_fault"."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._ours = template_files.of_ours()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._most = 0

    def render(self, job: RenderJob) -> str | Grid:
        """The content of a list: here for a template of ours, which is known not to take too much, else over there."""
        if job.source in self._ours:
            return rendering.render(job)
        pipe = self._started()
        try:
            pipe.send((job, self.seconds))
            found = self._answer(pipe, job.name)
        except (EOFError, OSError) as fault:
            self.end()
            raise CrmError("lists.template_big", template=job.name, line="-") from fault
        if isinstance(found, CrmError):
            if found.key == "lists.template_slow":
                self.end()
            raise found
        content: str | Grid = found
        return content

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
            self._process = spawn.Process(target=_serve, args=(theirs, self.memory), daemon=True)
            self._process.start()
            theirs.close()
            if not self._pipe.poll(START):
                raise EOFError
            self._pipe.recv()
            self._most = _memory_of(self._process.pid or 0) + self.memory
        return self._pipe

    def _answer(self, pipe: Connection, name: str) -> Any:
        """What comes back; a process that takes too long or too much is ended."""
        late = time.monotonic() + self.seconds + 1
        while not pipe.poll(_LOOK):
            if time.monotonic() > late:
                self.end()
                raise CrmError("lists.template_slow", template=name, line="-", seconds=round(self.seconds))
            if _memory_of(self._process.pid if self._process and self._process.pid else 0) > self._most:
                raise EOFError
        return pipe.recv()


@contextmanager
def rendering_process() -> Iterator[RenderingProcess]:
    """A rendering process for the block; nothing is started until a template of a team's own is rendered."""
    process = RenderingProcess()
    try:
        yield process
    finally:
        process.end()


def _serve(pipe: Connection, memory: int) -> None:
    """Runs in the process: answers jobs until the other end is gone."""
    _limit(memory)
    pipe.send("up")
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            job, seconds = pipe.recv()
            watch = threading.Timer(seconds, _too_slow, (pipe, job.name, seconds, threading.get_ident()))
            watch.daemon = True
            watch.start()
            answer = _rendered(job)
            watch.cancel()
            pipe.send(answer)


def _rendered(job: RenderJob) -> str | Grid | CrmError:
    try:
        return rendering.render(job)
    except CrmError as fault:
        return CrmError(fault.key, **{name: str(value)[:400] for name, value in fault.values.items()})
    except Exception as fault:  # noqa: BLE001 - whatever a template does to Jinja is the template's fault
        return CrmError("lists.template_fault", template=job.name, line="-", fault=str(fault)[:300])


def _too_slow(pipe: Connection, name: str, seconds: float, thread: int) -> None:
    """Says in which line the template is, where Python still listens; the process is ended by the other side."""
    line: object = "-"
    frame = sys._current_frames().get(thread)
    while frame is not None:
        if frame.f_code.co_filename == rendering.TEMPLATE:
            line = frame.f_globals["__jinja_template__"].get_corresponding_lineno(frame.f_lineno)
            break
        frame = frame.f_back
    pipe.send(CrmError("lists.template_slow", template=name, line=line, seconds=round(seconds)))


def _limit(memory: int) -> None:
    """No more address space than now and `memory`, where the system can hold a process to it (Linux)."""
    if sys.platform == "linux":
        import resource

        size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _memory_of(process: int) -> int:
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
