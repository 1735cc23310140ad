"""Retry of calls that Excel refuses while somebody edits a cell or a dialog is open, within limits.

xlwings' own retry was seen to give up silently on some of these codes and to spin for ever on others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from xlcrm.errors import CrmError

T = TypeVar("T")
BUSY = frozenset(
    {
        0x800AC472,  # VBA_E_IGNORE: a cell is being edited
        0x80010001,  # RPC_E_CALL_REJECTED
        0x8001010A,  # RPC_E_SERVERCALL_RETRYLATER
    }
)
LOST = frozenset(
    {
        0x800706BA,  # RPC_S_SERVER_UNAVAILABLE: Excel was closed
        0x800706BE,  # RPC_S_CALL_FAILED
        0x80010108,  # RPC_E_DISCONNECTED
        0x800401FD,  # CO_E_OBJNOTCONNECTED
        -600 & 0xFFFFFFFF,  # procNotFound, on a Mac
        -609 & 0xFFFFFFFF,  # connectionInvalid
    }
)
FIRST, LONGEST, PATIENCE = 0.05, 1.0, 20.0


class UnfinishedError(CrmError):
    """Something stopped the writing midway: part of it may be in the workbook, and undo finds out which."""


class ExcelLostError(UnfinishedError):
    """Excel went away in the middle."""


def patient(call: Callable[[], T], *, patience: float = PATIENCE, sleep: Callable[[float], None] = time.sleep) -> T:
    """What `call` returns; busy answers are tried again with growing pauses (50 ms to 1 s) for `patience` seconds.

    CrmError "live.busy" where Excel stays busy, ExcelLostError ("live.lost") where it is gone; others come through.
    """
    waited, pause, begun = 0.0, FIRST, time.monotonic()
    while True:
        try:
            return call()
        except Exception as error:
            codes = _codes(error)
            if codes & LOST:
                raise ExcelLostError("live.lost") from error
            if not (codes & BUSY or _is_busy_in_disguise(error)):
                raise
            if max(waited, time.monotonic() - begun) >= patience:
                raise CrmError("live.busy", seconds=round(patience)) from error
        sleep(pause)
        waited += pause
        pause = min(pause * 2, LONGEST)


@contextmanager
def unfinished() -> Iterator[None]:
    """For a block that writes: whatever stops it becomes an UnfinishedError, so that the run stays on record."""
    try:
        yield
    except UnfinishedError:
        raise
    except CrmError as fault:
        if fault.key != "live.busy":
            raise UnfinishedError(fault.key, **fault.values) from fault
        raise UnfinishedError("live.busy_midway", **fault.values) from fault
    except Exception as fault:
        raise UnfinishedError("live.stopped", fault=f"{type(fault).__name__}: {fault}"[:120]) from fault


def _is_busy_in_disguise(error: Exception) -> bool:
    """A busy Excel as pywin32 and xlwings show it: an attribute that seems not to be there, in words of their own."""
    if isinstance(error, AttributeError):
        return " has no attribute " not in str(error)
    return type(error).__name__ == "ExcelBusyError"


def _codes(error: BaseException) -> set[int]:
    """The codes of an error as unsigned numbers: a COM error's own and the one Excel wrapped in it, or a Mac's."""
    found = [getattr(error, "hresult", None), getattr(error, "errornumber", None), *getattr(error, "args", ())[:1]]
    for info in (getattr(error, "excepinfo", None), *getattr(error, "args", ())[2:3]):
        if isinstance(info, tuple) and len(info) > 5:
            found.append(info[5])
    return {code & 0xFFFFFFFF for code in found if isinstance(code, int) and not isinstance(code, bool)}
