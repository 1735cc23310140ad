"""Streams that are far: what a run in the worker reads and prints is read and printed by the click that asked for it.

Each write waits for what became of it over there, so that a full disk or a closed pipe is met by the run itself, as if
it printed there.
"""

from __future__ import annotations

import errno
import io
import queue
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xlcrm.worker.meeting_place import DONE, INTERRUPT, READ

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

    from xlcrm.worker.meeting_place import Wire


class FarClick:
    """The click at the other end of the wire while its run is done here.

    interrupted  called where the person over there interrupts; in a thread of its own
    """

    def __init__(self, wire: Wire, interrupted: Callable[[], object]) -> None:
        self.wire, self._interrupted = wire, interrupted
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def ask(self, kind: bytes, content: bytes) -> bytes:
        """What the click answers; BrokenPipeError where it is gone, OSError with its number where it couldn't."""
        answer = None
        with suppress(OSError):
            self.wire.send_bytes(kind + content)
            answer = self._answers.get()
        if answer is None:
            self._answers.put(None)  # for whoever asks next
            raise BrokenPipeError(errno.EPIPE, "the click is gone")
        number, _, told = answer.partition(b" ")
        if int(number):
            raise OSError(int(number), "told by the click")
        return told

    def gone(self, seconds: float = 2.0) -> None:
        """Wait until the click has hung up: while somebody reads from a wire it must not be closed."""
        self._listener.join(seconds)

    def _listen(self) -> None:
        """Takes what comes until the click hangs up."""
        with suppress(EOFError, OSError):
            while True:
                told = self.wire.recv_bytes()
                if told == INTERRUPT:
                    self._interrupted()
                elif told.startswith(DONE):
                    self._answers.put(told[1:])
        self._answers.put(None)


class FarStream(io.RawIOBase):
    """One of the three streams of a click, by its letter."""

    def __init__(self, click: FarClick, kind: bytes, *, is_terminal: bool) -> None:
        super().__init__()
        self._click, self._kind, self._is_terminal = click, kind, is_terminal

    def readable(self) -> bool:
        return self._kind == READ

    def writable(self) -> bool:
        return self._kind != READ

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, content: ReadableBuffer, /) -> int:
        given = bytes(content)
        self._click.ask(self._kind, given)
        return len(given)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        got = self._click.ask(READ, str(len(view)).encode("ascii"))
        view[: len(got)] = got
        return len(got)


def stream_of(click: FarClick, kind: bytes, form: dict[str, Any] | None) -> io.TextIOWrapper | None:
    """A stream of the form that the click's own has (see `form_of`); None where it has none."""
    if form is None:
        return None
    raw = FarStream(click, kind, is_terminal=form["terminal"])
    buffer = io.BufferedReader(raw) if kind == READ else io.BufferedWriter(raw)
    newline = None if kind == READ or sys.platform == "win32" else "\n"
    told = {name: form[name] for name in ("encoding", "errors", "line_buffering", "write_through")}
    return io.TextIOWrapper(buffer, newline=newline, **told)


def let_go(stream: io.TextIOWrapper | None) -> None:
    """Hand over what is left in a stream and be done with it, also where nobody takes it any more."""
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.flush()
        with suppress(OSError, ValueError):
            stream.detach()
