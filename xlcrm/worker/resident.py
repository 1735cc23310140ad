"""The resident worker itself: a process of one user that takes one run after the other, as fresh for each as a new one.

Started by a click that found none (`switch.start`), and ends by itself: idle for a quarter of an hour, after a run that
took much memory or ended in a way that nobody foresaw, once the code on the disk is another, once it is switched off.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xlcrm.worker import meeting_place as at
from xlcrm.worker import worker_code

if TYPE_CHECKING:
    from xlcrm.worker.meeting_place import Wire

IDLE = 900.0  # seconds without a run after which the worker ends
LOOK = 30.0  # seconds between two looks at whether it is still wanted
MEMORY = 700 * 2**20  # bytes after a run; a worker that took more ends: the next click starts a small one
BEGIN = 10.0  # seconds that a new worker waits for the last one to be gone


class Offer(NamedTuple):
    """A run that a click has offered, and the wire to it."""

    wire: Wire
    request: dict[str, Any]


class Worker:
    """Listens in a thread, does the runs in the main thread: there interrupts are heard, and Windows wants Excel's
    objects to stay in the thread that found them.

    code  what was on the disk before any of it was loaded (`worker_code.code_now`)
    idle  seconds without a run after which it ends
    """

    def __init__(self, place: Path, code: list[object], idle: float = IDLE) -> None:
        self.place, self.code, self.idle = place, code, idle
        self.runs = 0
        self._offers: queue.SimpleQueue[Offer | None] = queue.SimpleQueue()
        self._taken = threading.Lock()  # held from an offer to the end of its run, and from leaving on
        self._leaving = False
        self._key = os.urandom(32)

    def work(self) -> None:
        """Take runs until there is a reason to leave."""
        address = _address(self.place)
        with Listener(address, backlog=16) as listener:
            at.write(self.place, at.Meeting(address, self._key, os.getpid()))
            threading.Thread(target=self._listen, args=(listener,), daemon=True).start()
            try:
                self._take_offers()
            finally:
                (self.place / at.ADDRESS).unlink(missing_ok=True)

    def _take_offers(self) -> None:
        last = time.monotonic()
        while not self._leaving:
            with suppress(queue.Empty):
                offer = self._offers.get(timeout=min(LOOK, self.idle / 2))
                if offer is not None:
                    self._do(offer)
                    last = time.monotonic()
                continue
            if not self._is_wanted(time.monotonic() - last) and self._taken.acquire(blocking=False):
                return

    def _is_wanted(self, idle: float = 0.0) -> bool:
        """Whether to stay: not idle for long, not switched off, and of the code that is on the disk."""
        with suppress(OSError, ValueError):
            return idle < self.idle and (self.place / at.ON).is_file() and worker_code.code_now() == self.code
        return False

    def _listen(self, listener: Listener) -> None:
        """The thread that answers whoever calls, also while a run is done; who is no click of ours is hung up on."""
        while True:
            try:
                wire: Wire = listener.accept()
            except OSError:  # somebody hung up at once
                time.sleep(0.05)
                continue
            try:
                self._answer(wire)
            except Exception:  # noqa: BLE001 (whatever a stranger says, the next one is listened to)
                wire.close()

    def _answer(self, wire: Wire) -> None:
        at.prove_as_worker(wire, self._key)
        request = json.loads(at.heard(wire))
        said = self._said_to(request)
        if said is None:
            self._offers.put(Offer(wire, request))
            return
        wire.send_bytes(said)
        wire.close()

    def _said_to(self, request: dict[str, Any]) -> bytes | None:
        """The answer to a request; None to a run that is taken on, whose own answer comes from the main thread."""
        if "door" not in request:
            if request.get("stop"):
                self._leave()
            return at.HERE + json.dumps({"runs": self.runs, "memory": memory_now()}).encode("ascii")
        if not self._taken.acquire(blocking=False):
            return at.BUSY
        if request["code"] == self.code[: len(request["code"])] and self._is_wanted():
            return None
        self._leave()
        return at.LEAVING

    def _leave(self) -> None:
        """Leave once the run that is being done is over."""
        self._leaving = True
        self._offers.put(None)

    def _do(self, offer: Offer) -> None:
        """Do one run, if the click says go; after what nobody foresaw the worker leaves."""
        from xlcrm.worker import far_run

        try:
            with offer.wire:
                usual = far_run.do(offer.wire, offer.request)
        except (OSError, EOFError, at.StrangerError):
            usual = True  # the click went away before its run began
        except BaseException:  # noqa: BLE001 (nobody knows what it has left behind)
            usual = False
        self.runs += 1
        self._leaving |= not usual or memory_now() > MEMORY
        if not self._leaving:
            self._taken.release()


def memory_now() -> int:
    """The bytes of memory that this process holds."""
    from xlcrm.files.limited_process import memory_of

    return memory_of(os.getpid())


def _address(place: Path) -> str:
    """A new address that nobody can guess and claim before; what a worker that was ended left there goes."""
    name = os.urandom(8).hex()
    if sys.platform == "win32":
        return rf"\\.\pipe\xlcrm-{name}"
    for old in place.glob("*.sock"):
        old.unlink(missing_ok=True)
    return str(place / f"{name}.sock")


def main(arguments: list[str] | None = None) -> None:
    """Be the worker of this user, unless another is, nobody wishes for one, or this is an administrator's process."""
    parser = argparse.ArgumentParser(prog="xlcrm.worker")
    parser.add_argument("--idle", type=float, default=IDLE)
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started this may have ignored it
    os.umask(0o077)
    place = at.own_folder()
    if place is None or worker_code.is_elevated():
        return
    from filelock import FileLock, Timeout

    with suppress(Timeout, KeyboardInterrupt), FileLock(place / at.LOCK, timeout=BEGIN):
        code = worker_code.code_now()
        _load()
        if code == worker_code.code_now():
            Worker(place, code, asked.idle).work()


def _load() -> None:
    """Load what clicks need, and the process that Python starts beside others, which keeps the environment of now."""
    import xlcrm.checks.checking
    import xlcrm.cli.commands
    import xlcrm.cli.output
    import xlcrm.cli.performing
    import xlcrm.importing.planning
    import xlcrm.ribbon.click
    import xlcrm.run
    import xlcrm.spend.refresh

    with suppress(ImportError):
        import xlcrm.excel.live_book  # noqa: F401
    if sys.platform != "win32":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
