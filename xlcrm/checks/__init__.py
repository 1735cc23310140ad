"""Every wrong cell is found, explained and, where that is safe, corrected; nothing right is called wrong."""

from __future__ import annotations

from xlcrm.checks.checking import plan
from xlcrm.checks.completeness import missing
from xlcrm.checks.correcting import correct_plan

__all__ = ["correct_plan", "missing", "plan"]
