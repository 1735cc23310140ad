"""Exports of a list (e-mails, contacts, calendar, lists for other CRMs): its recipients, handed to `xlcrm.exports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xlcrm.exports.calendar_file import calendar as calendar_plan
from xlcrm.exports.contact import Contact, contacts_of
from xlcrm.exports.crm_files import crm as crm_plan
from xlcrm.exports.email_files import EmailSender, email_recipients, email_template
from xlcrm.exports.email_files import emails as email_plan
from xlcrm.exports.export_order import ExportOrder, refused_addresses
from xlcrm.exports.vcard_writer import vcards
from xlcrm.lists.list_job import ListJob, MadeList, nobody, why
from xlcrm.lists.recipients import Recipient, Recipients
from xlcrm.plan import Plan


def emails(job: ListJob) -> MadeList:
    """A draft for each; those with a salutation of their own language."""
    found, order = _order(job)
    if not found.kept:
        return nobody(job, found.left_out)
    template = email_template(job.order.template, job.tools.templates)
    sender = EmailSender(job.settings.company, job.settings.seller_email)
    plan = email_plan(order, sender, template, render=job.tools.render, subject=job.order.subject)
    made = _done(job, found, plan)
    written = {id(contact) for contact in email_recipients(order)}
    pairs = zip(found.kept, order.contacts, strict=True)
    reached = [member for each, contact in pairs if id(contact) in written for member in each.members]
    return replace(made, reached=tuple(reached))


def contacts(job: ListJob) -> MadeList:
    """A file of cards for phones and mail programs."""
    found, order = _order(job)
    return (
        _done(job, found, vcards(order, each=job.order.files == "each")) if found.kept else nobody(job, found.left_out)
    )


def calendar(job: ListJob) -> MadeList:
    """Birthdays, follow-ups and next steps."""
    found, order = _order(job)
    return _done(job, found, calendar_plan(order, job.tables)) if found.kept else nobody(job, found.left_out)


def crm(job: ListJob) -> MadeList:
    """The file that another CRM imports; a test leaves no mark of what went out."""
    found, order = _order(job)
    if not found.kept:
        return nobody(job, found.left_out)
    plan = crm_plan(order, job.order.kind.partition(":")[2], job.tables)
    return _done(job, found, replace(plan, changes=(), added=()) if job.order.test else plan)


def _order(job: ListJob) -> tuple[Recipients, ExportOrder]:
    """The recipients, and the order for the engine, whose contacts have their salutation and language."""
    found = job.recipients()
    known = _Contacts(job)
    contacts = tuple(
        replace(known.of(each), salutation=str(each.row["salutation"]), language=str(each.row["language"]))
        for each in found.kept
    )
    order = ExportOrder(
        job.title, contacts, job.settings, job.today, job.tables.identity, refused_addresses(job.tables)
    )
    return found, order


class _Contacts:
    """The contacts of all clients and people, found by the row of a recipient."""

    def __init__(self, job: ListJob) -> None:
        self.clients = {each.excel_row: each for each in contacts_of(job.tables, settings=job.settings)}
        self.people: dict[int, Contact] = {}
        if "People" in job.tables and job.order.recipients != "client":
            every = contacts_of(job.tables, settings=job.settings, per="person")
            self.people = {each.excel_row: each for each in every if each is not self._same(each)}

    def _same(self, each: Contact) -> Contact | None:
        """The client itself, where a contact is it: one without people."""
        client = self.clients.get(each.excel_row)
        return each if client is not None and client == each else None

    def of(self, each: Recipient) -> Contact:
        """The contact of a recipient."""
        return self.people[each.person_row] if each.person_row else self.clients[each.excel_row]


def _done(job: ListJob, found: Recipients, plan: Plan) -> MadeList:
    """The plan with a sentence about those left out before, and whom its files are for."""
    notes: Sequence[Any] = plan.notes
    if found.left_out:
        told = {"list": job.title, "why": why(found.left_out, job.settings.language)}
        notes = (*notes, ("lists.also_left_out", told))
    bad = {problem.key for problem in plan.problems}
    reached = tuple(member for each in found.kept if each.key not in bad for member in each.members)
    return MadeList(replace(plan, notes=tuple(notes)), reached if plan.files else ())
