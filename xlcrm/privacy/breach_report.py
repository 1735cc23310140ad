"""Breach report: who stood in a client file that got out, which kinds of data, and what each of them is told.

The duties are those of GDPR articles 33 (the authority, within 72 hours of knowing) and 34 (the persons, without delay
where the risk to them is high). Whether the risk is high a person decides; sensitive content that was found speaks for
it. Refusals of advertising don't count here: nobody can refuse to be told that their data got out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pandas as pd
from babel.dates import format_date, format_datetime

from xlcrm import messages, words
from xlcrm.addresses import compose_address
from xlcrm.checks import sensitive_check
from xlcrm.checks.view import CheckedBook
from xlcrm.exports.contact import Contact, contacts_of
from xlcrm.exports.mail_parts import ascii_address, header_line
from xlcrm.papers.paper_texts import LetterText
from xlcrm.plan import Grid
from xlcrm.privacy.sensitive_text import KINDS
from xlcrm.salutations.addressee import Addressee
from xlcrm.salutations.letter_language import letter_language
from xlcrm.salutations.salutation import salute
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_text

HOURS = 72  # GDPR article 33 (1)
_OWN = ("email", "birth_date", "tax_id", "notes")
_ADDRESS = ("street", "house_number", "unit", "po_box", "postal_code", "city", "region", "country")
_TABLES = ("Purchases", "Interactions", "Opportunities", "Documents")
PLAIN = ("name", "address", "email", "phone", "birth_date", "tax_id", "notes", *map(str.lower, _TABLES))
MONEY = frozenset({"card", "iban", "password"})


@dataclass(frozen=True)
class Breach:
    """What is known of a breach.

    day      as of which day the file got out
    known    since when the firm knows: the 72 hours begin then
    source   the file that was looked at: a backup's name, or the workbook's
    what, done, contact  in the firm's words: what happened, what was done, whom to ask; "" leaves a place to fill in
    """

    day: dt.date
    known: dt.datetime
    source: str
    what: str = ""
    done: str = ""
    contact: str = ""

    @property
    def until(self) -> dt.datetime:
        """When the authority has to know."""
        return self.known + dt.timedelta(hours=HOURS)


@dataclass(frozen=True)
class Person:
    """One who stood in the file, with the kinds of data that it held of them (`PLAIN`, then those of free text)."""

    contact: Contact
    kinds: tuple[str, ...]

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The kinds that were found in free text and open something, or are specially protected."""
        return tuple(kind for kind in self.kinds if kind in KINDS)


def persons_in(tables: Tables, settings: Settings, today: dt.date) -> tuple[Person, ...]:
    """Everybody in the file: clients, and the people at them, in the order of the sheet.

    What rows of other tables hold counts for the client, and for each of its people.
    """
    found = list(contacts_of(tables, settings=settings))
    people = contacts_of(tables, settings=settings, per="person")
    found += [contact for contact in people if contact.person_id]
    lines = {name: set(as_text(tables[name].frame["client_id"]).str.strip()) for name in _there(tables)}
    secret: dict[str, set[str]] = {}
    for problem in sensitive_check.check(CheckedBook.of(tables, settings, today)):
        secret.setdefault(problem.key, set()).add(problem.code.removeprefix("sensitive."))
    return tuple(Person(contact, _kinds(contact, lines, secret)) for contact in found)


def _there(tables: Tables) -> list[str]:
    return [name for name in _TABLES if name in tables and "client_id" in tables[name].frame]


def _kinds(contact: Contact, lines: Mapping[str, set[str]], secret: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The kinds of data that the file holds of one contact."""
    own = {name for name in _OWN if getattr(contact, name)}
    own |= {"name"} if contact.name else set()
    own |= {"address"} if contact.address or contact.street or contact.city or contact.po_box else set()
    own |= {"phone"} if contact.phone or contact.mobile else set()
    own |= {name.lower() for name, clients in lines.items() if contact.client_id and contact.client_id in clients}
    own |= secret.get(contact.client_id, set()) if contact.client_id else set()
    return tuple(kind for kind in (*PLAIN, *KINDS) if kind in own)


def listed(persons: tuple[Person, ...], language: str) -> Grid:
    """The list of those concerned, for the firm's own records."""
    columns = ("client_id", "full_name", "company", "email", "phone", "language")
    header = [words.header("Clients", column, language) for column in columns]
    header += [messages.text(f"breach.column.{name}", language) for name in ("kinds", "sensitive")]
    rows = [
        (
            *(str(getattr(one.contact, column)) for column in columns),
            _named([kind for kind in one.kinds if kind not in KINDS], language),
            _named(one.sensitive, language),
        )
        for one in persons
    ]
    return Grid(messages.text("breach.file.list", language)[:31], tuple(header), tuple(rows))


def _named(kinds: Any, language: str) -> str:
    """Kinds of data in words."""
    return ", ".join(messages.text(f"breach.kind.{kind}", language) for kind in kinds)


def words_of(breach: Breach, language: str) -> dict[str, object]:
    """The days of a breach as a language writes them, and where the figures come from."""
    locale = messages.locale_of(language)
    return {
        "day": format_date(breach.day, "long", locale),
        "known": format_datetime(breach.known, "short", locale=locale),
        "until": format_datetime(breach.until, "short", locale=locale),
        "source": breach.source,
    }


def _words(breach: Breach, settings: Settings, language: str) -> dict[str, object]:
    """What fills the sentences; places to fill in where the firm has said nothing yet."""
    return {
        **words_of(breach, language),
        "what": breach.what or messages.text("breach.fill_what", language),
        "done": breach.done or messages.text("breach.fill_done", language),
        "contact": breach.contact or messages.text("breach.fill_contact", language),
        "company": settings.company or "-",
    }


def told(person: Person, breach: Breach, settings: Settings) -> tuple[str, list[str]]:
    """The language and the paragraphs of what one person is told (GDPR article 34 (2))."""
    language = letter_language(person.contact.language, settings.language)
    fill = {**_words(breach, settings, language), "kinds": _named(person.kinds, language)}
    parts = ["what", "kinds", "risk", *(["money"] if MONEY & set(person.kinds) else []), "done", "contact"]
    return language, [messages.text(f"breach.letter.{part}", language, **fill) for part in parts]


def letters(persons: tuple[Person, ...], breach: Breach, settings: Settings) -> list[LetterText]:
    """A letter to everybody with an address that post reaches: a street or PO box, and a town."""
    return [_letter(one, breach, settings) for one in persons if by_post(one)]


def by_post(person: Person) -> bool:
    """Whether a letter reaches a person."""
    contact = person.contact
    return bool(contact.name and (contact.street or contact.po_box) and contact.city)


def by_email(person: Person) -> bool:
    """Whether an e-mail reaches a person."""
    return bool(ascii_address(person.contact.email))


def _letter(person: Person, breach: Breach, settings: Settings) -> LetterText:
    contact = person.contact
    language, paragraphs = told(person, breach, settings)
    address = {name: str(getattr(contact, name)) for name in _ADDRESS}
    firm = [contact.company] if contact.company and contact.company != contact.name else []
    lines = (contact.name, *firm, *compose_address(address, country=settings.country))
    fields = {"breach_subject": messages.text("breach.subject", language), "breach_text": "\n".join(paragraphs)}
    greeting = _greeting(contact, language)
    return LetterText(
        contact.key, contact.excel_row, lines, greeting, language, fields={"salutation": greeting, **fields}
    )


def _greeting(contact: Contact, language: str) -> str:
    return salute(Addressee.of({**contact.others, **contact.seen()}), language)


def email(person: Person, breach: Breach, settings: Settings) -> bytes:
    """A draft (.eml) to one person, in plain text."""
    language, paragraphs = told(person, breach, settings)
    message = EmailMessage(policy=SMTP)
    body = [_greeting(person.contact, language), *paragraphs, settings.company]
    message.set_content("\n\n".join(filter(None, body)).encode("utf-8", "replace").decode("utf-8") + "\n")
    head = header_line("Subject", messages.text("breach.subject", language))
    head += header_line("From", settings.company, ascii_address(settings.seller_email))
    head += header_line("To", person.contact.name, ascii_address(person.contact.email)) + b"X-Unsent: 1\r\n"
    return head + message.as_bytes()


def note(persons: tuple[Person, ...], breach: Breach, settings: Settings, records: int) -> str:
    """The note for the authority (GDPR article 33 (3)), in the team's language; `records`: how many rows there were."""
    language = settings.language
    fill = _words(breach, settings, language)
    counted = Counter(kind for one in persons for kind in one.kinds)
    sensitive = sum(bool(one.sensitive) for one in persons)
    reached = {
        "letters": sum(map(by_post, persons)),
        "emails": sum(map(by_email, persons)),
        "neither": sum(not (by_post(one) or by_email(one)) for one in persons),
    }
    kinds = [
        messages.text(
            "breach.note.kind", language, kind=messages.text(f"breach.kind.{kind}", language), n=counted[kind]
        )
        for kind in (*PLAIN, *KINDS)
        if counted[kind]
    ]

    def say(part: str, **more: object) -> str:
        """A sentence of the note."""
        return messages.text(f"breach.note.{part}", language, **{**fill, **more})

    lines = [
        say("title"), "", say("controller"), say("what"), say("source"), say("deadline"), "",
        say("people", n=len(persons), records=records), *kinds, "",
        say("sensitive", n=sensitive) if sensitive else say("not_sensitive"), say("risk"), say("done"),
        say("told", **reached),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def register_line(persons: tuple[Person, ...], breach: Breach, now: dt.datetime, who: str, folder: str) -> list[str]:
    """The line of the register of breaches (GDPR article 33 (5)): figures and days, and nobody's data."""
    sensitive = sum(bool(one.sensitive) for one in persons)
    days = [f"{moment:%Y-%m-%d %H:%M}" for moment in (breach.known, breach.until)]
    counted = [str(len(persons)), str(sensitive)]
    return [f"{now:%Y-%m-%d %H:%M}", breach.day.isoformat(), breach.source, *counted, *days, who, folder]


def records_in(tables: Tables) -> int:
    """How many rows about somebody the file had."""
    frames = [tables[name].frame for name in ("Clients", "People", *_TABLES) if name in tables]
    return sum(int((~frame.isna().all(axis=1)).sum()) for frame in frames if isinstance(frame, pd.DataFrame))
