"""What clients spend: every figure has one definition, in the docstring of the function that computes it.

from xlcrm.spend import metrics
metrics(purchases, today=date(2026, 11, 22))    # a row a client
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlcrm.spend.client_figures import metrics
from xlcrm.spend.funnel import funnel

if TYPE_CHECKING:
    from xlcrm.spend.refresh import plan

__all__ = ["funnel", "metrics", "plan"]


def __getattr__(name: str) -> object:
    """Loads the operation when it is first asked for: who needs another part of the package doesn't wait for it."""
    if name == "plan":
        from xlcrm.spend.refresh import plan

        return plan
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
