"""Cells of CRM files: each contact's data in the form in which a program wants it, a function for each value's name.

The names stand in `data/exports/crm_columns.csv`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from xlcrm import messages
from xlcrm.addresses.countries import country_code
from xlcrm.exports.contact import Contact
from xlcrm.exports.mail_parts import ascii_address
from xlcrm.exports.vcard_writer import country_name, street_line
from xlcrm.fields import phone

SEVERAL = " ::: "  # between several values of one cell at Google
LIFECYCLE = {"lead": "Lead", "prospect": "Opportunity", "client": "Customer", "former": "Other"}


@dataclass(frozen=True)
class CellContext:
    """What a cell needs beside its contact: the list's title, home country, language, and the program's id."""

    title: str
    country: str
    language: str
    external_id: str = ""


def cell(value: str, contact: Contact, context: CellContext) -> str:
    """One cell; "business:" and "private:" in front of a value leave it blank for the other kind of contact."""
    whose, colon, name = value.rpartition(":")
    if colon and (whose == "business") != is_business(contact):
        return ""
    if name in _PLAIN:
        return str(getattr(contact, name))
    return _VALUES[name](contact, context)


def is_business(contact: Contact) -> bool:
    """Whether a contact is a company or somebody at one."""
    return contact.kind == "company" or bool(contact.company)


def e164(text: str, contact: Contact, home: str) -> str:
    """A number as +47… without blanks; as typed where it is none, or has an extension, which this form has not."""
    country = country_code(contact.country) or home
    if not text or not phone.is_valid(text, country):
        return text
    found = phone.validate(text, country)
    return found if found.startswith("+") and ";" not in found else text


def mark(contact: Contact) -> str:
    """Whose card it is, in words that the import finds again in whatever column a program gives back."""
    return f"xlcrm:{'person' if contact.person_id else 'client'}:{contact.key}" if contact.key else ""


def _sms(contact: Contact, context: CellContext) -> str:
    """A number that a message can be sent to: blank for who wants no calls, and for what is no whole number."""
    found = e164(contact.mobile, contact, context.country)
    return found if found[1:].isdecimal() and found.startswith("+") and not contact.opt_out_phone else ""


def company_name(contact: Contact) -> str:
    """The company, or the name of one that never got into that column."""
    return contact.company or (contact.full_name if contact.kind == "company" else "")


def _person_name(contact: Contact, context: CellContext) -> str:
    """A person's whole name, blank for companies."""
    parts = (contact.first_name, contact.middle_name, contact.last_name)
    whole = contact.full_name or " ".join(filter(None, parts))
    return "" if contact.kind == "company" or whole == company_name(contact) else whole


def _last_name(contact: Contact, context: CellContext) -> str:
    """A last name; the whole name where it was never split, the company for a company: some imports refuse a blank."""
    if contact.last_name or contact.first_name:
        return contact.last_name or contact.first_name
    return company_name(contact) if contact.kind == "company" else contact.full_name or contact.company


def _address_parts(contact: Contact, country: str) -> list[str]:
    """The parts of an address in their order; one that was never split is one part."""
    street = street_line(contact) or contact.po_box
    if not street and not contact.city:
        return [contact.address] if contact.address else []
    return [part for part in (street, contact.city, contact.region, contact.postal_code, country) if part]


def address_line(contact: Contact, language: str) -> str:
    """An address in one line: as typed where it was."""
    return contact.address or ", ".join(_address_parts(contact, country_name(contact.country, language)))


def _labels(contact: Contact, context: CellContext) -> list[str]:
    """The list's title, and that somebody wants no e-mail."""
    out = [messages.text("exports.label_no_email", context.language)] if contact.opt_out_email else []
    return [context.title, *out]


_PLAIN = frozenset(field.name for field in fields(Contact) if field.type == "str") - {"email", "company"}
_VALUES: dict[str, Callable[[Contact, CellContext], str]] = {
    "external_id": lambda contact, context: context.external_id,
    "key": lambda contact, context: contact.key,
    "email": lambda contact, context: ascii_address(contact.email) and contact.email,
    "company": lambda contact, context: company_name(contact),
    "person_name": _person_name,
    "required_last_name": _last_name,
    "last_or_whole_name": lambda contact, context: "" if contact.kind == "company" else _last_name(contact, context),
    "mark": lambda contact, context: mark(contact),
    "mark_label": lambda contact, context: "xlcrm" if contact.key else "",
    "street_line": lambda contact, context: street_line(contact) or ("" if contact.city else contact.address),
    "address_line": lambda contact, context: address_line(contact, context.language),
    "address_two_spaces": lambda contact, context: "  ".join(_address_parts(contact, country_code(contact.country))),
    "country_en": lambda contact, context: country_name(contact.country, "en"),
    "country_own": lambda contact, context: country_name(contact.country, context.language),
    "phone_e164": lambda contact, context: e164(contact.phone, contact, context.country),
    "mobile_e164": lambda contact, context: e164(contact.mobile, contact, context.country),
    "any_phone_e164": lambda contact, context: e164(contact.mobile or contact.phone, contact, context.country),
    "sms": _sms,
    "birthday_iso": lambda contact, context: contact.birth_date.isoformat() if contact.birth_date else "",
    "birthday_mm_dd": lambda contact, context: f"{contact.birth_date:%m/%d}" if contact.birth_date else "",
    "opt_out_1_0": lambda contact, context: "1" if contact.opt_out_email else "0",
    "owner": lambda contact, context: contact.salesperson if "@" in contact.salesperson else "",
    "lifecycle": lambda contact, context: LIFECYCLE.get(contact.status, ""),
    "labels": lambda contact, context: SEVERAL.join(["* myContacts", *_labels(contact, context)]),
    "categories": lambda contact, context: ";".join(one.replace(";", ",") for one in _labels(contact, context)),
    "email_label": lambda contact, context: _label(contact, contact.email),
    "phone_label": lambda contact, context: _label(contact, contact.phone),
    "mobile_label": lambda contact, context: "Mobile" if contact.mobile else "",
    "address_label": lambda contact, context: _label(contact, contact.city or contact.address),
}


def _label(contact: Contact, value: str) -> str:
    return ("Work" if is_business(contact) else "Home") if value else ""
