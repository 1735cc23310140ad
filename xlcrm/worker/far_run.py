"""A far run: a click's run in the worker's process, with that click's folder, environment, streams and nothing older.

Everything that a new process would begin with is put in place before, and taken away after: a password of one run is
no run's after it, and no object of Excel's is held between two clicks.
"""

from __future__ import annotations

import _thread
import gc
import locale
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import _lru_cache_wrapper
from typing import TYPE_CHECKING, Any

from xlcrm.worker import meeting_place as at
from xlcrm.worker import worker_code
from xlcrm.worker.far_streams import FarClick, let_go, stream_of
from xlcrm.worker.thin_client import CLICK

if TYPE_CHECKING:
    from xlcrm.worker.meeting_place import Wire

MANY = 1000  # entries that a cache without a limit may keep from run to run
INTERRUPTED = 130  # the exit code of what was interrupted, as shells have it
_STREAMS = (("stdin", at.READ), ("stdout", at.OUT), ("stderr", at.ERR))


def do(wire: Wire, request: dict[str, Any]) -> bool:
    """Do a run and tell the click its exit code; whether it ended as runs do.

    A click whose surroundings are not this process's is told so, and does its run itself. StrangerError where it does
    not say go: then nothing was done.
    """
    if not _fits(request):
        wire.send_bytes(at.UNFIT)
        return True
    with ExitStack() as kept:
        kept.callback(_forget)
        kept.enter_context(_in_place_of(request))
        wire.send_bytes(at.READY)
        if at.heard(wire) != at.GO:
            raise at.StrangerError
        click = FarClick(wire, _thread.interrupt_main)
        code, usual = _run(click, request)
    with suppress(OSError):
        wire.send_bytes(at.CODE + str(code).encode("ascii"))
    click.gone()
    return usual


def _fits(request: dict[str, Any]) -> bool:
    """Whether this process can stand for the click's: the same rights, Python and root, and the same folder there."""
    place, known = request["folder"]
    there = worker_code.folder_identity(place)
    return bool(there) and there == known and request["surroundings"] == worker_code.surroundings()


@contextmanager
def _in_place_of(request: dict[str, Any]) -> Iterator[None]:
    """Folder, environment, mode of new files and language are the click's for the block, and this process's after."""
    own = {"folder": [os.getcwd()], "environment": dict(os.environ), "mask": os.umask(0o077)}  # noqa: PTH109
    arguments = sys.argv
    try:
        _settle(request)
        sys.argv = [request["program"], *request["arguments"]]
        with warnings.catch_warnings():  # what was warned of once is warned of again
            yield
    finally:
        sys.argv = arguments
        _settle(own)


def _settle(like: dict[str, Any]) -> None:
    os.chdir(like["folder"][0])
    os.umask(like["mask"])
    os.environ.clear()
    os.environ.update(like["environment"])
    tempfile.tempdir = None
    if sys.platform != "win32":
        time.tzset()
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:  # one that this computer hasn't
        locale.setlocale(locale.LC_CTYPE, "C")


def _run(click: FarClick, request: dict[str, Any]) -> tuple[int, bool]:
    """The exit code of the run with the click's streams, and whether it ended as runs do."""
    own = [getattr(sys, name) for name, _ in _STREAMS]
    far = [stream_of(click, kind, form) for (_, kind), form in zip(_STREAMS, request["streams"], strict=True)]
    _put(far)
    try:
        return _ended(request)
    finally:
        for stream in far:
            let_go(stream)
        _put(own)


def _put(streams: list[Any]) -> None:
    for (name, _), stream in zip(_STREAMS, streams, strict=True):
        setattr(sys, name, stream)


def _ended(request: dict[str, Any]) -> tuple[int, bool]:
    """How the run ended: its exit code, and whether that is one of those that runs end with."""
    try:
        left = _entered(request)
    except SystemExit as fault:
        left = fault.code
    except KeyboardInterrupt:
        return INTERRUPTED, False
    except BaseException:  # noqa: BLE001 (as a process of its own would end)
        traceback.print_exc()
        return 1, False
    if left is None or isinstance(left, int):
        return left or 0, True
    print(left, file=sys.stderr)  # noqa: T201 (as Python does)
    return 1, False


def _entered(request: dict[str, Any]) -> Any:
    """Go in by the door that the click names; what comes back is what Python would exit with."""
    if request["door"] == CLICK:
        from xlcrm.ribbon.click import answer

        return answer(request["arguments"])
    from xlcrm.cli.commands import main

    return main.main(args=request["arguments"], prog_name=request["program"])


def _forget() -> None:
    """Let go of what the run has remembered of its workbook, and of every object that it left to be collected."""
    from xlcrm.xlsx import sheet_scan

    sheet_scan.forget()
    for cache in _caches():
        if cache.cache_parameters()["maxsize"] or cache.cache_info().currsize > MANY:
            cache.cache_clear()
    gc.collect()


def _caches() -> Iterator[_lru_cache_wrapper[Any]]:
    """The caches of xlcrm: those with a limit are of what was typed, the others of what comes along with xlcrm."""
    ours = [module for name, module in list(sys.modules.items()) if name.startswith("xlcrm.")]
    for module in ours:
        yield from (found for found in list(vars(module).values()) if isinstance(found, _lru_cache_wrapper))
