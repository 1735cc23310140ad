"""Panics of the readers written in Rust (calamine, fastexcel): what a damaged file makes of them becomes an error.

A panic is no Exception, so without this it would pass by every handler and end a run with a traceback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def caught(instead: type[Exception]) -> Iterator[None]:
    """Raises `instead` where the block panics; everything else comes through as it is."""
    try:
        yield
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":
            raise
        raise instead(str(fault)) from fault
