"""Calendar file (.ics): birthdays, follow-ups and next steps as whole days."""

from __future__ import annotations

from xlcrm.exports.order import ExportOrder
from xlcrm.plan import Plan
from xlcrm.tables import Tables


def calendar(order: ExportOrder, tables: Tables) -> Plan:
    raise NotImplementedError
