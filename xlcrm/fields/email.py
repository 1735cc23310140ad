"""Email field: the form of an address by the standards of mail, because a slip in it loses a client silently."""

from __future__ import annotations

import re

from xlcrm.fields.field_errors import FieldError, FormatError, LengthError, PartError
from xlcrm.text import plain_signs

LONGEST = 254  # RFC 5321 4.5.3.1.3 with the two brackets taken off
_PLAIN = re.compile(r"[A-Za-z0-9_+]+(?:[.\-_+'][A-Za-z0-9_+]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,24}")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_SEVERAL = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+?(?:\s*[;,/|]\s*|\s+(?:e|y|o|og|et|und|and|or|oder|eller|ou)?\s*)[^@\s]+@"
)
_RESERVED = (".local", ".arpa", ".invalid", ".localhost", ".onion")
_ROLES = frozenset(
    "info admin administrator amministrazione administracion administration office ufficio oficina bureau buero kontor "
    "sales vendite ventas salg vente ventes verkauf vertrieb contact contatti contacto kontakt contacts mail email "
    "post postmottak support supporto soporte service servizio servicio help helpdesk webmaster postmaster hostmaster "
    "noreply no-reply segreteria secretaria sekretariat marketing billing invoice fatture facturas faktura rechnung "
    "accounts accounting orders ordini pedidos ordre commandes bestellung booking reservations prenotazioni hello hola "
    "team staff jobs hr press newsletter abuse privacy".split()
)


def compact(value: object) -> str:
    """Without spaces around, "mailto:", angle brackets and a comma or semicolon left at the end."""
    text = value if isinstance(value, str) else ""
    if len(text) > 10 * LONGEST:
        return text
    text = text.strip(" \t\r\n\u00a0\u200b\ufeff,;")
    text = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)
    return text[1:-1].strip() if text.startswith("<") and text.endswith(">") else text


def validate(value: object, country: str = "") -> str:
    """The address with its domain in small letters. `country` does not matter.

    The form is that of RFC 5321 with international addresses (RFC 6531): quoted local parts, bracketed IP addresses and
    domains without a dot are valid there and here (`xlcrm.fields.mail_domains` doubts the last). A name before an
    address in angle brackets is understood and left off. Refused, beside what the standards refuse: spaces around
    ("email.spaces", with the suggestion), full-width letters, a last label that no domain can end in, and names and
    addresses that are reserved for local networks. Nothing is looked up on the network.
    """
    if not isinstance(value, str) or not value.strip():
        raise FormatError("email.none", value="")
    if len(value) > 4 * LONGEST:
        raise LengthError("email.too_long", value=value[:60])
    found = _address(value)
    if isinstance(found, str):
        return found
    raise found if found is not None else _refusal(value)


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` gives an address; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The address as `validate` gives it; what is not valid comes back as typed."""
    try:
        return validate(value, country)
    except ValueError:
        return value if isinstance(value, str) else ""


def is_role(value: str) -> bool:
    """True for an address of an office and not of a person: info@, ventas@, post@."""
    local = value.rpartition("@")[0].casefold()
    return re.split(r"[.\-_+\d]", local)[0] in _ROLES or local in _ROLES


def _address(typed: str) -> str | FieldError | None:
    """The canonical address; a FieldError where the standards allow what is refused here; None where they do not."""
    if _PLAIN.fullmatch(typed) and len(typed) <= LONGEST:
        local, _, domain = typed.rpartition("@")
        fits = len(local) <= 64 and all(len(label) <= 63 for label in domain.split("."))
        if fits and "--" not in domain and not domain.lower().endswith(_RESERVED):
            return f"{local}@{domain.lower()}"
    named = re.fullmatch(r"[^<>\"@]*[^<>\"@\s]\s*<([^<>\s]+)>", typed)
    if named:  # email-validator wants quotes around names with accents, people do not write them
        return _address(named[1])
    return _general(typed)


def _general(typed: str) -> str | FieldError | None:
    from email_validator import EmailNotValidError, validate_email

    # RFC 5321 allows an empty quoted string, email-validator does not: it is judged with a letter in it.
    text = '"a"' + typed[2:] if typed.startswith('""@') else typed
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_quoted_local=True,
            allow_domain_literal=True,
            allow_display_name=True,
            globally_deliverable=False,
            test_environment=True,
        )
    except (EmailNotValidError, ValueError, IndexError):  # what the library trips over is no address either
        return None
    if typed != typed.strip() or _WIDE.search(typed):
        return None
    bare = re.search(r"<(.*)>\s*$", text)
    if len((bare[1] if bare else text).rpartition("@")[0].encode()) > 64:
        return LengthError("email.local_too_long", value=typed)
    address = getattr(found, "domain_address", None)
    if address is not None and (address.is_loopback or address.is_unspecified):
        return PartError("email.reserved", value=typed)
    last = found.domain.rpartition(".")[2]
    if "." in found.domain and "-" in last and not last.startswith("xn--") and last.isascii():
        return PartError("email.last_label", value=typed)
    return f'""@{found.domain}' if typed.startswith('""@') else str(found.normalized)


def _accepted(text: str) -> bool:
    return isinstance(_address(text), str)


def _refusal(typed: str) -> FieldError:
    """The fault in words: the common slips of typing one by one, with the right address where it is plain."""
    mended = compact(plain_signs(typed) if _WIDE.search(typed) else typed)
    mended = re.sub(r"\s+", "", mended) if mended.count("@") == 1 and not re.search(r"[\"<>()]", mended) else mended
    if mended != typed and _accepted(mended):
        outer = re.sub(r"\s", "", typed.strip()) == typed.strip()
        return FormatError("email.spaces" if outer else "email.space_inside", value=typed, suggestion=mended)
    if "@" not in typed:
        guess = re.sub(r"\s+", "@", typed.strip())
        plain = guess.count("@") == 1 and "." in guess.partition("@")[2] and _accepted(guess)
        return FormatError("email.no_at", value=typed, suggestion=guess if plain else "")
    if _SEVERAL.search(typed):
        return FormatError("email.several", value=typed)
    if typed.count("@") > 1:
        single = re.sub("@+", "@", typed.strip())
        return FormatError("email.two_ats", value=typed, suggestion=single if _accepted(single) else "")
    local, _, domain = typed.strip().rpartition("@")
    if not local or not domain:
        return FormatError("email.half", value=typed)
    if ".." in typed or local.endswith(".") or local.startswith(".") or domain.startswith(".") or domain.endswith("."):
        return FormatError("email.dots", value=typed, suggestion=_undotted(typed))
    if "," in domain and _accepted(typed.strip().replace(",", ".")):
        return FormatError("email.comma", value=typed, suggestion=typed.strip().replace(",", "."))
    if len(local.encode()) > 64 or len(domain.encode()) > 253:
        return LengthError("email.too_long", value=typed)
    if domain.casefold().endswith(_RESERVED):
        return PartError("email.reserved", value=typed)
    return FormatError("email.characters", value=typed)


def _undotted(typed: str) -> str:
    """The address without doubled and outer dots, "" where that does not make it valid."""
    local, _, domain = re.sub(r"\.{2,}", ".", typed.strip()).rpartition("@")
    mended = f"{local.strip('.')}@{domain.strip('.')}"
    return mended if _accepted(mended) else ""
