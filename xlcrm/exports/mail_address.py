"""Mail addresses as a message's header needs them: ASCII only, with international domains in their xn-- form."""

from __future__ import annotations

from email.headerregistry import Address

from xlcrm.fields import email
from xlcrm.text import squeeze

LONGEST_NAME = 120  # characters of a name beside an address


def ascii_address(text: str) -> str:
    """A valid address in ASCII ("anna@bücher.example" -> "anna@xn--bcher-kva.example"); "" where there is none.

    Letters beyond ASCII before the @ need servers that few have (RFC 6531); quoted names and addresses of numbers are
    valid, and no client's.
    """
    if not email.is_valid(text):
        return ""
    local, _, domain = email.validate(text).rpartition("@")
    domain = _ascii_domain(domain)
    plain = local.isascii() and not any(sign in local for sign in '"\\ ') and not domain.startswith("[")
    return f"{local}@{domain}" if plain and domain else ""


def _ascii_domain(domain: str) -> str:
    """The domain in ASCII by IDNA 2008 (UTS 46), "" where it has no such form."""
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def address(name: str, ascii_form: str) -> Address:
    """A header's address of one person; the name in one line, without signs that are not printed."""
    local, _, domain = ascii_form.rpartition("@")
    return Address(header_text(name)[:LONGEST_NAME].strip(), local, domain)


def header_text(text: str) -> str:
    """Text for one line of a header: no line ends, control or direction signs, no half of a surrogate pair."""
    return squeeze(text.encode("utf-8", "ignore").decode("utf-8"))
