"""Merging of clients that are one (deduplication's second half), and what is remembered of it afterwards.

`plan` is the operation of `xlcrm merge`. `resolve`, `former_clients` and `known_as` say which client a former number,
or an e-mail and name of before, belongs to now; `decided` which clients somebody said are two.
"""

from __future__ import annotations

from xlcrm.merging.alias_table import former_clients, known_as, resolve
from xlcrm.merging.decisions import decided
from xlcrm.merging.merge_plan import plan

__all__ = ["decided", "former_clients", "known_as", "plan", "resolve"]
