"""Lists to hand over (mailing, invoicing), made from the client file, a saved search and a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlcrm.lists.list_plan import plan as plan


def __getattr__(name: str) -> object:
    """Loads the operation when it is first asked for: who needs another part of the package doesn't wait for it."""
    if name == "plan":
        from xlcrm.lists.list_plan import plan

        return plan
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
