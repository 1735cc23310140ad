"""vCard writer: contacts as a .vcf file (RFC 2426, vCard 3.0), which phones, Outlook, Google and Apple all take.

Written here because it is short, and because what comes back from a phone must be the client that went there: the words
as typed, which a card has no place for, stand in lines of our own (X-XLCRM-…), and the reader `importing.vcard` takes
them for as long as they agree with the rest of the card.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from babel import Locale

from xlcrm import messages
from xlcrm.addresses.countries import country_code
from xlcrm.exports.contact import Contact
from xlcrm.exports.export_order import ExportOrder
from xlcrm.exports.file_names import file_stem
from xlcrm.exports.list_notes import done
from xlcrm.plan import OutFile, Plan
from xlcrm.text import numbered, squeeze

WIDTH = 75  # octets of a line (RFC 2426, 2.6)
_LINE_ENDS = re.compile("\r\n?|[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPECIAL = re.compile(r"([\\,;])")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f]")


def vcards(order: ExportOrder, *, each: bool = False) -> Plan:
    """The contacts of an order as one .vcf called as the list, or, with `each`, a folder with a file for each contact.

    Outlook for Windows reads the first card of a file only, hence `each`; phones take all at once. Contacts without
    any name are left out and counted.
    """
    named = [contact for contact in order.contacts if contact.name]
    left_out = {"exports.no_name": len(order.contacts) - len(named)}
    cards = [card(contact, order) for contact in named]
    stem = file_stem(order.title, "contacts")
    if each:
        stems = numbered(file_stem(f"{contact.name} {contact.key}".strip(), "contact") for contact in named)
        files = [OutFile(f"{stem}/{one}.vcf", text) for one, text in zip(stems, cards, strict=True)]
    else:
        files = [OutFile(f"{stem}.vcf", b"".join(cards))] if cards else []
    note = done("exports.vcards_done", order, len(cards), left_out)
    return Plan("lists", files=tuple(files), notes=(note,))


def card(contact: Contact, order: ExportOrder) -> bytes:
    """One card in UTF-8, its lines folded at 75 octets."""
    return b"".join(map(_folded, _lines(contact, order)))


def _lines(contact: Contact, order: ExportOrder) -> Iterable[str]:
    """The lines of a card; those without a value are left out, but for N, which every card must have."""
    language = order.settings.language
    place = "HOME" if contact.kind != "company" and not contact.company else "WORK"
    name = squeeze(contact.name)
    lines = [
        ("FN", _escaped(name)),
        ("N", _joined(_name_parts(contact))),
        ("NICKNAME", _escaped(contact.nickname)),
        ("ORG", _escaped(contact.company or (name if contact.kind == "company" else ""))),
        ("X-ABShowAs", "COMPANY" if contact.kind == "company" else ""),
        ("TITLE", _escaped(contact.job_title)),
        (f"ADR;TYPE={place}", _joined(_address_parts(contact, language))),
        (f"TEL;TYPE={place},VOICE", _escaped(contact.phone)),
        ("TEL;TYPE=CELL,VOICE", _escaped(contact.mobile)),
        ("EMAIL;TYPE=INTERNET", _escaped(contact.email)),
        ("BDAY", contact.birth_date.isoformat() if contact.birth_date else ""),
        ("NOTE", _escaped(contact.notes)),
        ("CATEGORIES", _categories(contact, order)),
        ("UID", _uid(contact, order.identity)),
        ("X-XLCRM-CATEGORIES", _categories(contact, order)),
        *((f"X-XLCRM-{field.upper().replace('_', '-')}", _escaped(value)) for field, value in _typed(contact)),
    ]
    yield from ("BEGIN:VCARD", "VERSION:3.0", "PRODID:-//xlcrm//xlcrm//EN")
    yield from (f"{name}:{value}" for name, value in lines if value.strip(";") or name == "N")
    yield "END:VCARD"


def _name_parts(contact: Contact) -> tuple[str, ...]:
    """Last, first, middle, title and suffix; a name that was never split stands whole where phones look for it."""
    parts = (contact.last_name, contact.first_name, contact.middle_name, contact.title, contact.suffix)
    whole = contact.full_name if contact.kind != "company" and not (parts[0] or parts[1]) else ""
    return ("", whole, "", "", "") if whole else parts


def _address_parts(contact: Contact, language: str) -> tuple[str, ...]:
    """Box, extra line, street with number, town, region, code, country; an address never split is one line."""
    street = street_line(contact)
    town = (contact.city, contact.region, contact.postal_code)
    if not (street or contact.po_box or any(town)):
        return ("", "", contact.address, "", "", "", "")
    return (contact.po_box, contact.address_extra, street, *town, country_name(contact.country, language))


def street_line(contact: Contact) -> str:
    """Street, house number and unit as the client's country writes them, without anything else."""
    from xlcrm.addresses import compose_address

    parts = {"street": contact.street, "house_number": contact.house_number, "unit": contact.unit}
    return " ".join(compose_address(parts, country=country_code(contact.country)))


def country_name(text: str, language: str) -> str:
    """A country's name in a language; as typed where nobody knows it."""
    code = country_code(text)
    name: str | None = Locale.parse({"nb": "nb_NO"}.get(language, language)).territories.get(code) if code else ""
    return name or text


def _typed(contact: Contact) -> list[tuple[str, str]]:
    """The cells as typed that the card's other lines hold in another form."""
    apart = contact.house_number or contact.unit or contact.street == contact.address
    plain = contact.full_name == contact.name and (contact.first_name or contact.last_name)
    fields = {
        "full_name": "" if plain and contact.kind != "company" else contact.full_name,
        "address": contact.address,
        "street": contact.street if apart else "",
        "house_number": contact.house_number,
        "unit": contact.unit,
        "country": contact.country,
    }
    return [(field, value) for field, value in fields.items() if value]


def _uid(contact: Contact, identity: str) -> str:
    """The same for the same client for ever, so that a card taken a second time replaces the first."""
    kind = "person" if contact.person_id else "client"
    whose, ident = (quote(text, "", errors="replace") for text in (identity, contact.key))
    return f"urn:xlcrm:{whose}:{kind}:{ident}" if ident else ""


def _categories(contact: Contact, order: ExportOrder) -> str:
    """The list's name, and that somebody wants no e-mail: a card has no other place for it."""
    out = messages.text("exports.label_no_email", order.settings.language) if contact.opt_out_email else ""
    return ",".join(_escaped(one) for one in (order.title, out) if one)


def _joined(parts: Sequence[str]) -> str:
    """A value of several parts."""
    return ";".join(map(_escaped, parts))


def _escaped(text: str) -> str:
    """A value as RFC 2426 escapes it; signs that no card can hold are dropped."""
    plain = _CONTROL.sub("", _LINE_ENDS.sub("\n", text.encode("utf-8", "ignore").decode("utf-8")))
    return _SPECIAL.sub(r"\\\1", plain.strip()).replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """A line in pieces of 75 octets at most, none of which ends within a character."""
    pieces, piece = [], b""
    for sign in line:
        octets = sign.encode("utf-8")
        if len(piece) + len(octets) > WIDTH:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
