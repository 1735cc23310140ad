"""Seeds of random tests: the same in every run, or new ones where XLCRM_FUZZ is set (`make fuzz`)."""

from __future__ import annotations

import os


def seeds(count: int) -> range:
    """`count` seeds from 0 on; with XLCRM_FUZZ=1764255600, from that number on, so that a find can be repeated."""
    first = int(os.environ.get("XLCRM_FUZZ") or 0)
    return range(first, first + count)
