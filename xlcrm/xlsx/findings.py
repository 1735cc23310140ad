"""One thing that Excel would offer to repair."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """`rule` is the rule's short name, `part` where it was broken."""

    rule: str
    part: str
    detail: str
