"""Excel refuses calls while somebody edits a cell or a dialog is open; here a call waits for it, within limits.

xlwings' own retry was seen to give up silently on some of these codes and to spin for ever on others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
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
    }
)
FIRST, LONGEST, PATIENCE = 0.05, 1.0, 20.0


class ExcelLostError(CrmError):
    """Excel went away in the middle; what was written so far is in the journal."""


def patient(call: Callable[[], T], *, patience: float = PATIENCE, sleep: Callable[[float], None] = time.sleep) -> T:
    """What `call` returns; busy answers are tried again with growing pauses (50 ms to 1 s) for `patience` seconds.

    CrmError "live.busy" where Excel stays busy, ExcelLostError ("live.lost") where it is gone; others come through.
    """
    waited, pause = 0.0, FIRST
    while True:
        try:
            return call()
        except Exception as error:
            codes = _codes(error)
            if codes & LOST:
                raise ExcelLostError("live.lost") from error
            if not codes & BUSY:
                raise
            if waited >= patience:
                raise CrmError("live.busy", seconds=round(patience)) from error
        sleep(pause)
        waited += pause
        pause = min(pause * 2, LONGEST)


def _codes(error: BaseException) -> set[int]:
    """The codes of a COM error as unsigned numbers: its own, and the one Excel wrapped in it."""
    found = [getattr(error, "hresult", None), *getattr(error, "args", ())[:1]]
    for info in (getattr(error, "excepinfo", None), *getattr(error, "args", ())[2:3]):
        if isinstance(info, tuple) and len(info) > 5:
            found.append(info[5])
    return {code & 0xFFFFFFFF for code in found if isinstance(code, int) and not isinstance(code, bool)}
