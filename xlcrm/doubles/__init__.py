"""Duplicate detection (record linkage, entity resolution) for client lists, unsupervised and explainable.

A list has a client twice when a name was typed in two ways, and two clients with one address when a couple buys there.
Telling the two apart without being taught is what this package does.
"""

from __future__ import annotations

from xlcrm.doubles.finding import explain, find_doubles, find_households, match_clients
from xlcrm.doubles.prepared import KINDS

FIELDS = tuple(KINDS)
__all__ = ["FIELDS", "explain", "find_doubles", "find_households", "match_clients"]
