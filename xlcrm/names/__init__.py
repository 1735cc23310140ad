"""Names are split right in the languages people write them, one cell or a whole column."""

from __future__ import annotations

from xlcrm.names.column import split_name, split_names
from xlcrm.names.name import Name

__all__ = ["Name", "split_name", "split_names"]
