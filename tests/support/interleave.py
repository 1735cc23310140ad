"""Interleaving: two runs in processes of their own, each stopped at every call that touches a file, in any order.

A run waits before each such call below its folder (open, stat, rename, link, unlink, mkdir, list, lock, fsync, read,
write, close) until it is told to go on, so a schedule is a list of who goes on next. Linux and macOS only: it forks.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import filelock

_ASKED = ("open", "fcntl.flock", "os.", "shutil.")
_CALLS = ("stat", "lstat", "fsync", "read", "write", "close")
_STUCK = 60.0


class Runner:
    """A run that goes on step by step. `wait` is how many seconds it waits for a lock at most."""

    def __init__(self, work: Callable[[], None], under: str, *, wait: float) -> None:
        here, there = os.pipe()
        told, tell = os.pipe()
        self.running = True
        self.steps = 0
        self.number = os.fork()
        if self.number == 0:
            os.close(here)
            os.close(tell)
            _child(work, under, told, there, wait)
        os.close(there)
        os.close(told)
        self._here, self._tell = here, tell
        self._reach()

    def step(self, times: int = 1) -> None:
        """Let it make that many calls, or all that it has left."""
        for _ in range(times):
            if not self.running:
                return
            os.write(self._tell, b"g")
            self.steps += 1
            self._reach()

    def finish(self) -> None:
        """Let it run to its end."""
        while self.running:
            self.step()

    def _reach(self) -> None:
        """Wait until it stands before its next call, or has ended."""
        if os.read(self._here, 1) == b"":
            self.running = False
            os.waitpid(self.number, 0)
            os.close(self._here)
            os.close(self._tell)


def _child(work: Callable[[], None], under: str, told: int, there: int, wait: float) -> None:
    signal.alarm(int(_STUCK))
    read, write = os.read, os.write
    main = threading.get_ident()
    busy = [False]

    def pause() -> None:
        if busy[0] or threading.get_ident() != main:
            return
        busy[0] = True
        write(there, b"p")
        read(told, 1)
        busy[0] = False

    _watch(under, pause)
    _hurry(wait)
    try:
        work()
    finally:
        os._exit(0)


def _watch(under: str, pause: Callable[[], None]) -> None:
    """Have `pause` called before every call below the folder `under`."""

    def meant(where: Any) -> bool:
        if isinstance(where, int):
            try:
                where = readlink(f"/proc/self/fd/{where}")
            except OSError:
                return False
        return isinstance(where, (str, os.PathLike)) and str(where).startswith(under)

    readlink = os.readlink

    def audited(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_ASKED) and arguments and meant(arguments[0]):
            pause()

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any, **options: Any) -> Any:
            if arguments and meant(arguments[0]):
                pause()
            return call(*arguments, **options)

        return asked

    for name in _CALLS:
        setattr(os, name, watched(getattr(os, name)))
    sys.addaudithook(audited)


def _hurry(wait: float) -> None:
    """Sleep hardly at all, and wait for a lock no longer than `wait` seconds."""
    sleep, acquire = time.sleep, filelock.BaseFileLock.acquire

    def patient(lock: filelock.BaseFileLock, timeout: float | None = None, **options: Any) -> Any:
        asked: Any = lock.timeout if timeout is None else timeout
        return acquire(lock, timeout=wait if asked > wait else asked, **options)

    time.sleep = lambda seconds: sleep(min(float(seconds), 0.002))
    filelock.BaseFileLock.acquire = patient  # type: ignore[method-assign, assignment]
