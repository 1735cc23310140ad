"""What clients spend: every figure has one definition, in the docstring of the function that computes it.

from xlcrm.spend import metrics
metrics(purchases, today=date(2026, 11, 22))    # a row a client
"""

from __future__ import annotations

from xlcrm.spend.client_figures import metrics
from xlcrm.spend.funnel import funnel
from xlcrm.spend.refresh import plan

__all__ = ["funnel", "metrics", "plan"]
