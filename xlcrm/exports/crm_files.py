"""CRM files: a list as the import of HubSpot, Pipedrive, Salesforce, Mailchimp, Brevo and others wants it (CSV).

UTF-8 with commas, as these programs read it; text that a spreadsheet would take for a formula gets an apostrophe.
What each program wants stands in `data/exports/`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xlcrm import messages
from xlcrm.exports import external_table
from xlcrm.exports.contact import Contact
from xlcrm.exports.crm_cells import CellContext, cell, company_name
from xlcrm.exports.crm_programs import CrmProgram, programs
from xlcrm.exports.export_order import ExportOrder
from xlcrm.exports.external_table import ExternalKey
from xlcrm.exports.file_names import file_stem
from xlcrm.exports.list_notes import Told, done, left_out_of
from xlcrm.exports.mail_parts import ascii_address
from xlcrm.lists.csv_text import harmless
from xlcrm.plan import OutFile, Plan
from xlcrm.problems import Problem
from xlcrm.tables import Tables
from xlcrm.text import caseless, squeeze

SYSTEMS = ("hubspot", "pipedrive", "salesforce", "mailchimp", "brevo", "google", "outlook", "moovago")
_EXTENSION = re.compile(r"\+\d[\d\s]{4,18} ?(?:ext|int|x)\.? ?\d{1,6}")
SEVERAL_LINES = frozenset(("notes",))  # values that may have line ends; all others are one line
# what says nothing of the client: the program's id, and the list's name, which a second list of the same may not have
NOT_OURS = frozenset(("external_id", "labels", "categories"))
WORDS = {"contacts": "exports.file_contacts", "companies": "exports.file_companies"}


@dataclass
class _Made:
    """The rows of each file as they come, what they are remembered by, and what was left out."""

    rows: dict[str, list[list[str]]]
    marks: dict[ExternalKey, str] = field(default_factory=dict)
    out: int = 0
    same: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


def crm(order: ExportOrder, system: str, tables: Tables) -> Plan:
    """The files for one of SYSTEMS: contacts, companies where that program wants them apart, and who wants no e-mail.

    With the table External, only contacts whose row is new or differs from what went there last; the plan remembers
    them. The suppression list always holds everybody of the workbook who wants no e-mail, since a missed one would be
    written to. Left out and counted: who lacks what the program needs, and, for programs that send, who wants no
    e-mail. An address that is no address is blank and a Problem "exports.bad_email"; a cell over the program's limit
    is blank and a Problem "exports.too_long": nothing is cut. KeyError for another system.
    """
    program = programs()[system]
    made = _Made({name: [] for name in program.files})
    known = external_table.known(tables)
    for contact in order.contacts:
        _take(contact, order, program, known, made)
    files = [*_files(order, program, made), *_suppression(order, program)]
    notes = (_told(order, program, made), *_told_of_refused(order, program))
    plan = Plan("lists", files=tuple(files), problems=tuple(made.problems), notes=notes)
    return plan.join(external_table.exported(tables, made.marks, order.today))


def _take(
    contact: Contact, order: ExportOrder, program: CrmProgram, known: Mapping[ExternalKey, external_table.External],
    made: _Made,
) -> None:  # fmt: skip
    """One contact into the files where it belongs, unless the program has it so already."""
    reason = _why_not(contact, order, program)
    if reason:
        made.left_out[reason] += 1
        return
    key = ExternalKey(contact.client_id, contact.person_id, program.system)
    rows: dict[str, list[str]] = {}
    for name in _places(contact, program):
        theirs = known.get(external_table.key_in(key, name), external_table.UNKNOWN)
        rows[name] = _row(contact, _context(order, theirs.external_id), program, name, made.problems)
    mark = _mark(rows, program, contact)
    if known.get(key, external_table.UNKNOWN).hash == mark:
        made.same += 1
        return
    made.out += 1
    made.problems += _bad_address(contact)
    for name, row in rows.items():
        made.rows[name].append(row)
    if contact.client_id:
        made.marks[key] = mark


def _context(order: ExportOrder, external_id: str) -> CellContext:
    return CellContext(order.title, order.settings.country, order.settings.language, external_id)


def _mark(rows: Mapping[str, list[str]], program: CrmProgram, contact: Contact) -> str:
    """What a contact's rows are remembered by: all cells but the program's own id, and whether it wants e-mail."""
    cells = [pair for name, row in rows.items() for pair in zip(program.files[name], row, strict=True)]
    told = [text for (_, value), text in cells if value not in NOT_OURS]
    return external_table.fingerprint([*told, str(contact.opt_out_email)])


def _why_not(contact: Contact, order: ExportOrder, program: CrmProgram) -> str:
    """Why a contact isn't for this program, as a key of messages; "" where it is."""
    refused = contact.opt_out_email or caseless(contact.email) in order.refused
    if program.sends and refused:
        return "exports.wants_no_email"
    if program.sends and order.settings.needs_consent("email") and not contact.agreed_email:
        return "exports.no_consent"
    filled = {"email": ascii_address(contact.email), "mobile": contact.mobile}
    if program.needs and not any(filled[name] for name in program.needs):
        return "exports.no_email"
    return "" if contact.name or contact.email or contact.phone or contact.mobile else "exports.no_name"


def _places(contact: Contact, program: CrmProgram) -> list[str]:
    """The files that hold a contact: a company goes among the companies, and among the contacts if it has an e-mail."""
    if "companies" not in program.files or contact.kind != "company" or not company_name(contact):
        return ["contacts"]
    return ["contacts", "companies"] if ascii_address(contact.email) else ["companies"]


def _row(contact: Contact, context: CellContext, program: CrmProgram, file: str, problems: list[Problem]) -> list[str]:
    """The cells of one contact in one file."""
    made = []
    for header, value in program.files[file]:
        text = cell(value, contact, context)
        text = _harmless(_lines(text) if value in SEVERAL_LINES else _line(text, value))
        if program.most_bytes and len(text.encode("utf-8", "replace")) > program.most_bytes:
            limit = (("limit", str(program.most_bytes)), ("program", program.title), ("header", header))
            problems.append(_problem("exports.too_long", contact, value, text, limit))
            text = ""
        made.append(text)
    return made


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula; a phone number with its extension is none, and stays."""
    return text if _EXTENSION.fullmatch(text) else harmless(text)


def _line(text: str, value: str) -> str:
    """Text in one line; the two blanks between the parts of an address stay."""
    return "  ".join(map(squeeze, text.split("  "))) if value == "address_two_spaces" else squeeze(text)


def _lines(text: str) -> str:
    return "\n".join(squeeze(line) for line in text.splitlines()).strip()


def _bad_address(contact: Contact) -> list[Problem]:
    """A problem for an e-mail address that no program would take."""
    wrong = contact.email and not ascii_address(contact.email)
    return [_problem("exports.bad_email", contact, "email", contact.email)] if wrong else []


def _problem(code: str, contact: Contact, column: str, value: str, values: tuple[tuple[str, str], ...] = ()) -> Problem:
    table = "People" if contact.person_id else "Clients"
    return Problem(code, table, contact.excel_row, contact.key, column, value, values=values)


def _files(order: ExportOrder, program: CrmProgram, made: _Made) -> Iterable[OutFile]:
    """The files that have rows; the one of the contacts has the list's name alone where there is no other."""
    for name, rows in made.rows.items():
        if rows:
            content = crm_csv([header for header, _ in program.files[name]], rows)
            yield OutFile(_name(order, program, WORDS[name] if len(program.files) > 1 else ""), content)


def _suppression(order: ExportOrder, program: CrmProgram) -> list[OutFile]:
    """Everybody in the workbook who wants no e-mail, as the program takes such a list; no file where nobody is."""
    refused = _refused(order, program)
    content = crm_csv([program.suppression], [[harmless(address)] for address in refused])
    return [OutFile(_name(order, program, "exports.file_suppression"), content)] if refused else []


def _refused(order: ExportOrder, program: CrmProgram) -> list[str]:
    """The addresses of its suppression list; none for a program that has no use for one."""
    return sorted({ascii_address(text) for text in order.refused} - {""}) if program.suppression else []


def _told_of_refused(order: ExportOrder, program: CrmProgram) -> list[Told]:
    """That there is a suppression list, and what it is for."""
    count = len(_refused(order, program))
    told = {"file": _name(order, program, "exports.file_suppression"), "n": count, "program": program.title}
    return [("exports.crm_refused", told)] if count else []


def _name(order: ExportOrder, program: CrmProgram, word: str) -> str:
    """ "Spring HubSpot contacts.csv" """
    what = f" {messages.text(word, order.settings.language)}" if word else ""
    return f"{file_stem(order.title)} {program.title}{what}.csv"


def _told(order: ExportOrder, program: CrmProgram, made: _Made) -> Told:
    """How many went out, how many were as they are there, and who was left out."""
    if made.same and not made.out:
        why = left_out_of(made.left_out, order.settings.language)
        return "exports.crm_same", {"list": order.title, "n": made.same, "program": program.title, "why": why}
    key = "exports.crm_changed" if made.same else "exports.crm_done"
    return done(key, order, made.out, made.left_out, same=made.same, program=program.title)


def crm_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV as these programs read it: UTF-8 without a mark, commas, quotes where needed, CRLF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "replace")
