"""Saved searches: which clients fit conditions over any field, their purchases and the contacts with them.

from xlcrm.segments import members, parse_where
members(tables, "Good clients", today=date(2026, 11, 22))                                  # by name
members(tables, [parse_where("spend within 30 days > 500")], today=date(2026, 11, 22))
"""

from __future__ import annotations

from xlcrm.segments.condition import Condition, parse_where
from xlcrm.segments.evaluate import members
from xlcrm.segments.search import plan

__all__ = ["Condition", "members", "parse_where", "plan"]
