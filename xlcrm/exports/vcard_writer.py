"""vCard writer: contacts as .vcf, for phones and mail programs."""

from __future__ import annotations

from xlcrm.exports.order import ExportOrder
from xlcrm.plan import Plan


def vcards(order: ExportOrder, *, each: bool = False) -> Plan:
    raise NotImplementedError
