"""Lists come from other programs in any shape, and importing one twice must change nothing; here they become a plan.

    incoming -> joining -> mapping -> batches -> clients / lines -> Plan

`plan` is the operation, `Incoming` what a reader hands it (see xlcrm.files.list_files).
"""

from __future__ import annotations

from xlcrm.importing.incoming import Incoming
from xlcrm.importing.planning import plan

__all__ = ["Incoming", "plan"]
