"""Interrupts (Ctrl-C) held back once a workbook is replaced: a run that wrote is put on record and told, not cut off.

Until then an interrupt ends a run as ever, and nothing is changed. Python hears of interrupts in the main thread alone;
elsewhere there is nothing to hold.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# the handlers that stood before, for each block that is open
_blocks: list[list[Any]] = []


@contextmanager
def held_once_written() -> Iterator[None]:
    """Lets interrupts through until `hold` is called in the block, and again after it."""
    _blocks.append([])
    try:
        yield
    finally:
        for handler in _blocks.pop():
            signal.signal(signal.SIGINT, handler)


def hold() -> None:
    """From now on interrupts are passed over, to the end of the block; outside of one nothing changes."""
    if _blocks and not _blocks[-1] and threading.current_thread() is threading.main_thread():
        _blocks[-1].append(signal.signal(signal.SIGINT, signal.SIG_IGN))
