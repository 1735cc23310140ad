"""Opportunities: what may come of a prospect, how far it is, and where sales get stuck; every figure defined once."""

from __future__ import annotations

import xlcrm.spend  # noqa: F401  refresh imports this package, which builds on the arithmetic there: that one is first
