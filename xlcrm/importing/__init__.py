"""Lists come from other programs in any shape, and importing one twice must change nothing; here they become a plan.

    incoming -> joining -> mapping -> batches -> clients / lines -> Plan

`plan` is the operation, `Incoming` what a reader hands it (see xlcrm.files.list_files).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlcrm.importing.incoming import Incoming

if TYPE_CHECKING:
    from xlcrm.importing.planning import plan

__all__ = ["Incoming", "plan"]


def __getattr__(name: str) -> object:
    """Loads the operation when it is first asked for: who needs another part of the package doesn't wait for it."""
    if name == "plan":
        from xlcrm.importing.planning import plan

        return plan
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
