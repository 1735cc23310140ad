"""Duplicate detection (record linkage, entity resolution) for client lists, unsupervised and explainable.

A list has a client twice when a name was typed in two ways, and two clients with one address when a couple buys there.
Telling the two apart without being taught is what this package does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlcrm.doubles.prepared import KINDS

if TYPE_CHECKING:
    from xlcrm.doubles.finding import explain, find_doubles, find_households, match_clients

FIELDS = tuple(KINDS)
__all__ = ["FIELDS", "explain", "find_doubles", "find_households", "match_clients"]


def __getattr__(name: str) -> object:
    """Loads what finds when it is first asked for: who needs another part of the package doesn't wait for it."""
    if name in __all__:
        from xlcrm.doubles import finding

        return getattr(finding, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
