"""CRM files: a list as the import of HubSpot, Pipedrive, Salesforce, Mailchimp, Brevo and others wants it."""

from __future__ import annotations

from xlcrm.exports.order import ExportOrder
from xlcrm.plan import Plan
from xlcrm.tables import Tables

SYSTEMS = ("hubspot", "pipedrive", "salesforce", "mailchimp", "brevo", "google", "outlook", "moovago")


def crm(order: ExportOrder, system: str, tables: Tables) -> Plan:
    raise NotImplementedError
