"""E-mails as files (.eml): one draft for each recipient, to look at and send from one's own program.

Nothing is sent here. Each file has exactly one recipient, a line that says how to get no more of them, the header
List-Unsubscribe, and `X-Unsent: 1`, by which Outlook and Apple Mail open it as a draft.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from mimetypes import MimeTypes

from xlcrm import messages, words
from xlcrm.errors import CrmError
from xlcrm.exports.contact import Contact
from xlcrm.exports.crm_cells import address_line
from xlcrm.exports.export_order import ExportOrder
from xlcrm.exports.file_names import file_stem
from xlcrm.exports.list_notes import done
from xlcrm.exports.mail_parts import (
    ascii_address,
    header_line,
    header_text,
    html_of,
    subject_of,
    text_of_html,
    title_of,
    with_line,
)
from xlcrm.fields import email
from xlcrm.lists.rendering import RenderJob
from xlcrm.plan import Grid, OutFile, Plan
from xlcrm.problems import Problem
from xlcrm.text import caseless, numbered

MANY = 500  # recipients from which the limits of mail providers matter (Gmail: 500 a day)
READY = "emails"
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class EmailSender:
    """Who writes: the company's name, "" for none, and its e-mail address."""

    name: str
    email: str


@dataclass(frozen=True)
class EmailTemplate:
    """A mail's template: its name, the text of its .html and of its .txt; one of the two may be ""."""

    name: str
    html: str
    text: str


@dataclass(frozen=True)
class _Recipients:
    """Who gets a message, with its address in ASCII; how many don't, by reason; and the addresses that are wrong."""

    contacts: list[tuple[Contact, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


def email_template(name: str, templates: Mapping[str, str]) -> EmailTemplate:
    """The template of a list: `name` as the list has it, or "" for the ready one; .html and .txt of a name are a pair.

    CrmError "exports.no_template" where `templates` (file name -> text) has neither.
    """
    stem = name.rpartition(".")[0] if name.lower().endswith((".html", ".txt")) else name or READY
    found = {end: templates[f"{stem}.{end}"] for end in ("html", "txt") if f"{stem}.{end}" in templates}
    if not found:
        known = ", ".join(sorted(one for one in templates if one.endswith((".html", ".txt"))))
        raise CrmError("exports.no_template", template=name, templates=known)
    return EmailTemplate(stem, found.get("html", ""), found.get("txt", ""))


def emails(
    order: ExportOrder, sender: EmailSender, template: EmailTemplate, *, render: Callable[[RenderJob], str | Grid],
    subject: str = "", attachments: tuple[OutFile, ...] = (),
) -> Plan:  # fmt: skip
    """A folder, called as the list, with one .eml for each contact who has an address and wants e-mail.

    subject      of all messages, "" for the template's: the first line of its .txt, else the <title> of its .html
    attachments  files that go with every message, under their names
    The language is the contact's where it is one of ours, else that of the settings. Left out and counted: who wants
    no e-mail (or shares the address of one who doesn't), former clients, who has no address, the second of one
    address. An address that is wrong, or that has letters which mail can't carry, is a Problem "exports.bad_email".
    CrmError "exports.no_sender" where the sender's address is blank or wrong, and what `render` raises.
    """
    own = ascii_address(sender.email)
    if not own:
        raise CrmError("exports.no_sender", value=sender.email or "-")
    who = _recipients(order)
    bodies = _bodies(order, who, sender, template, render)
    folder = file_stem(order.title, "e-mails")
    names = numbered(file_stem(f"{contact.name} {contact.key}".strip(), "e-mail") for contact, _ in who.contacts)
    files = []
    for (contact, to), name, (text, page) in zip(who.contacts, names, bodies, strict=True):
        about, text, page = _parts(text, page, subject)
        text, page = with_line(text, page, _opt_out(contact, order, sender))
        head = _headers(EmailSender(sender.name, own), contact, to, about or order.title)
        files.append(OutFile(f"{folder}/{name}.eml", head + _bytes(_message(text, page), attachments)))
    notes = [done("exports.emails_done", order, len(files), who.left_out, folder=folder)]
    if len(files) > MANY:
        notes.append(("exports.emails_many", {"n": len(files)}))
    return Plan("lists", files=tuple(files), problems=tuple(who.problems), notes=tuple(notes))


def email_recipients(order: ExportOrder) -> tuple[Contact, ...]:
    """Who of the order gets a message by `emails`, in its order."""
    return tuple(contact for contact, _ in _recipients(order).contacts)


def _recipients(order: ExportOrder) -> _Recipients:
    """Who of the order gets a message."""
    who, seen = _Recipients(), set(order.refused)
    seen |= {caseless(contact.email) for contact in order.contacts if contact.opt_out_email and contact.email}
    silent = {ascii_address(one) or one for one in seen} | seen
    used: set[str] = set()
    for contact in order.contacts:
        to = ascii_address(contact.email)
        reason = _why_not(contact, to, silent, used, consent=order.settings.needs_consent("email"))
        if reason:
            who.left_out[reason] += 1
        else:
            used.add(caseless(to))
            who.contacts.append((contact, to))
        if reason == "exports.bad_email":
            table = "People" if contact.person_id else "Clients"
            who.problems.append(Problem(reason, table, contact.excel_row, contact.key, "email", contact.email))
    return who


def _why_not(contact: Contact, to: str, silent: set[str], used: set[str], *, consent: bool) -> str:
    """The first reason that keeps a contact from an e-mail, as a key of messages; "" where none does."""
    refused = contact.opt_out_email or caseless(contact.email) in silent or caseless(to) in silent
    reasons = {
        "exports.wants_no_email": refused,
        "exports.no_consent": consent and not contact.agreed_email,
        "exports.former": contact.status == "former",
        "exports.no_email": not contact.email,
        "exports.bad_email": not to,
        "exports.same_email": caseless(to) in used,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _language(contact: Contact, order: ExportOrder) -> str:
    """The language of a message."""
    typed = contact.language.strip().casefold()[:2]
    typed = "nb" if typed in ("no", "nn") else typed
    return typed if typed in messages.LANGUAGES else order.settings.language


def _opt_out(contact: Contact, order: ExportOrder, sender: EmailSender) -> str:
    """How to get no more e-mails, in the recipient's language."""
    return messages.text("exports.opt_out", _language(contact, order), email=email.format(sender.email))


def _bodies(
    order: ExportOrder, who: _Recipients, sender: EmailSender, template: EmailTemplate,
    render: Callable[[RenderJob], str | Grid],
) -> list[tuple[str, str]]:  # fmt: skip
    """The text and the html of each recipient, rendered a language at a time; "" for what the template hasn't."""
    made: list[tuple[str, str]] = [("", "")] * len(who.contacts)
    values = {"list": order.title, "today": order.today, "settings": order.settings, "sender": sender}
    for language in messages.LANGUAGES:
        places = [at for at, (contact, _) in enumerate(who.contacts) if _language(contact, order) == language]
        rows = [_row(who.contacts[at][0], order, sender, language) for at in places]
        texts, pages = (
            _pages(RenderJob(f"{template.name}.{end}", source, f"pages.{end}", language, rows, dict(values)), render)
            for end, source in (("txt", template.text), ("html", template.html))
        )
        for at, text, page in zip(places, texts, pages, strict=True):
            made[at] = (text, page)
    return made


def _row(contact: Contact, order: ExportOrder, sender: EmailSender, language: str) -> dict[str, object]:
    """What a template sees of one recipient."""
    greeting = messages.text("exports.greeting", language, name=contact.name)
    return {
        "client": contact.seen(),
        "name": contact.name,
        "salutation": contact.salutation or greeting,
        "details": _details(contact, language),
        "language": language,
        "opt_out": _opt_out(contact, order, sender),
    }


def _details(contact: Contact, language: str) -> list[tuple[str, str]]:
    """What the workbook has of a contact that it may be asked to look over: header and value, blanks left out."""
    values = {
        "full_name": contact.name,
        "company": contact.company if contact.company != contact.name else "",
        "job_title": contact.job_title,
        "address": address_line(contact, language),
        "phone": contact.phone,
        "mobile": contact.mobile,
    }
    return [(words.header("Clients", column, language), value) for column, value in values.items() if value]


def _pages(job: RenderJob, render: Callable[[RenderJob], str | Grid]) -> Iterator[str]:
    """A page for each row of the job, "" for each where it has no template."""
    if not job.source or not job.rows:
        return iter([""] * len(job.rows))
    made = render(job)
    return iter([made]) if isinstance(made, str) else (str(row[0]) for row in made.rows)


def _parts(text: str, page: str, subject: str) -> tuple[str, str, str]:
    """Subject, text and html of a message, what the template lacks made of what it has."""
    about, body = subject_of(text) if text else (title_of(page), text_of_html(page))
    return subject or about, body, page or html_of(body)


def _headers(sender: EmailSender, contact: Contact, to: str, subject: str) -> bytes:
    """The head of one draft. A name or subject can't put in a header or a recipient of its own."""
    lines = (
        header_line("Subject", subject),
        header_line("From", sender.name, sender.email),
        header_line("To", contact.name, to),
        f"List-Unsubscribe: {_unsubscribe(sender.email, contact.key)}\r\n".encode("ascii"),
        b"X-Unsent: 1\r\n",
    )
    return b"".join(lines)


def _message(text: str, page: str) -> EmailMessage:
    """The bodies of one draft."""
    message = EmailMessage(policy=_POLICY)
    message.set_content(_clean(text))
    message.add_alternative(_clean(page), subtype="html")
    return message


def _clean(text: str) -> str:
    """A body that can be encoded: a workbook may hold half a surrogate pair, and control signs."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _unsubscribe(own: str, key: str) -> str:
    """A mailto for who wants no more, with the client's id where it is plain."""
    ident = "".join(sign for sign in key if sign.isascii() and sign.isalnum())
    whole = f"<mailto:{own}?subject=unsubscribe%20{ident}>"
    return whole if ident == key and ident else f"<mailto:{own}?subject=unsubscribe>"


def _bytes(message: EmailMessage, attachments: tuple[OutFile, ...]) -> bytes:
    """The message in ASCII. Its boundaries are made of what it says, so that the same list gives the same files."""
    for file in attachments:
        kind = MimeTypes().guess_type(file.name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        if isinstance(file.content, bytes):
            message.add_attachment(file.content, maintype=main, subtype=sub, filename=header_text(file.name))
    bodies = [part.get_payload() for part in message.walk() if not part.is_multipart()]
    mark = hashlib.sha256(repr(bodies).encode("utf-8", "replace")).hexdigest()[:32]
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{mark}_{number}")
    return message.as_bytes()
