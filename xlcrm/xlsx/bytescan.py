"""Counts short marks in blocks of XML as whole arrays of bytes: Python's own search stops at each of a million `<`."""

from __future__ import annotations

import numpy as np


def count(block: bytes, mark: bytes) -> int:
    """How often a mark stands in a block; the mark must be one that cannot overlap itself."""
    data = np.frombuffer(block, dtype=np.uint8)
    size = len(data) - len(mark) + 1
    if size <= 0:
        return 0
    found = data[:size] == mark[0]
    for place in range(1, len(mark)):
        found &= data[place : place + size] == mark[place]
    return int(np.count_nonzero(found))
