"""Email field: the form of an address by the standards of mail, because a slip in it loses a client silently."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from xlcrm.fields.field_errors import FieldError, FormatError, LengthError, PartError
from xlcrm.fields.typed_words import typed_words
from xlcrm.text import plain_signs

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

LONGEST = 254  # RFC 5321 4.5.3.1.3 with the two brackets taken off
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253  # bytes before and behind the @
_PLAIN = re.compile(r"[A-Za-z0-9_+]+(?:[.\-_+'][A-Za-z0-9_+]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,24}")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")

_RESERVED = (".local", ".arpa", ".invalid", ".localhost", ".onion")


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
    roles = typed_words("mail_role")
    return re.split(r"[.\-_+\d]", local)[0] in roles or local in roles


@cache
def _two_addresses() -> re.Pattern[str]:
    """The beginning of a second address behind a first: a sign, "and" or "or" in six languages, or a space between."""
    links = "|".join(sorted(map(re.escape, typed_words("and") | typed_words("or"))))
    return re.compile(rf"[^@\s]+@[^@\s]+\.[^@\s]+?(?:\s*[;,/|]\s*|\s+(?:{links})?\s*)[^@\s]+@")


def _address(typed: str) -> str | FieldError | None:
    """The canonical address; a FieldError where the standards allow what is refused here; None where they do not."""
    if _PLAIN.fullmatch(typed) and len(typed) <= LONGEST:
        local, _, domain = typed.rpartition("@")
        fits = len(local) <= _LONGEST_LOCAL and all(len(label) <= 63 for label in domain.split("."))
        if fits and "--" not in domain and not domain.lower().endswith(_RESERVED):
            return f"{local}@{domain.lower()}"
    named = re.fullmatch(r"[^<>\"@]*[^<>\"@\s]\s*<([^<>\s]+)>", typed)
    if named:  # email-validator wants quotes around names with accents, people do not write them
        return _address(named[1])
    return _general(typed)


def _general(typed: str) -> str | FieldError | None:
    """`_address` by email-validator, with all forms that RFC 5321 and 6531 allow; a name outside is left off."""
    # RFC 5321 allows an empty quoted string, email-validator does not: it is judged with a letter in it.
    text = '"a"' + typed[2:] if typed.startswith('""@') else typed
    found = _validated(text)
    if found is None or typed != typed.strip() or _WIDE.search(typed):
        return None
    bare = re.search(r"<(.*)>\s*$", text)
    if len((bare[1] if bare else text).rpartition("@")[0].encode()) > _LONGEST_LOCAL:
        return LengthError("email.local_too_long", value=typed)
    if key := _unreachable(found):
        return PartError(key, value=typed)
    return f'""@{found.domain}' if typed.startswith('""@') else str(found.normalized)


def _validated(text: str) -> ValidatedEmail | None:
    """What email-validator reads in a text, without asking the network; None where it is no address to it."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(
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


def _unreachable(found: ValidatedEmail) -> str:
    """Why no mail gets to a domain that the standards allow, as a key of messages; "" where it may."""
    address = getattr(found, "domain_address", None)
    if address is not None and (address.is_loopback or address.is_unspecified):
        return "email.reserved"
    _, dot, last = found.domain.rpartition(".")
    return "email.last_label" if dot and "-" in last and not last.startswith("xn--") and last.isascii() else ""


def _accepted(text: str) -> bool:
    """Whether `validate` would give an address for this text."""
    return isinstance(_address(text), str)


def _refusal(typed: str) -> FieldError:
    """The fault in words: the first slip of `_SLIPS` that was made; "email.characters" where none of them was."""
    faults = (slip(typed) for slip, _ in _SLIPS)
    return next((fault for fault in faults if fault is not None), FormatError("email.characters", value=typed))


def _spaced(typed: str) -> FieldError | None:
    """Spaces, "mailto:", brackets or wide letters around or in an address that is right without them."""
    mended = compact(plain_signs(typed) if _WIDE.search(typed) else typed)
    if mended.count("@") == 1 and not re.search(r"[\"<>()]", mended):
        mended = re.sub(r"\s+", "", mended)
    if mended == typed or not _accepted(mended):
        return None
    inside = re.search(r"\s", typed.strip())
    return FormatError("email.space_inside" if inside else "email.spaces", value=typed, suggestion=mended)


def _without_at(typed: str) -> FieldError | None:
    """No @; where one space stands in its place ("anna example.com"), that is suggested."""
    if "@" in typed:
        return None
    guess = re.sub(r"\s+", "@", typed.strip())
    plain = guess.count("@") == 1 and "." in guess.partition("@")[2] and _accepted(guess)
    return FormatError("email.no_at", value=typed, suggestion=guess if plain else "")


def _several(typed: str) -> FieldError | None:
    """Two addresses in one cell; which of them is the client's is a person's to say."""
    return FormatError("email.several", value=typed) if _two_addresses().search(typed) else None


def _two_ats(typed: str) -> FieldError | None:
    """More than one @; where they stand together, one is suggested."""
    if typed.count("@") < 2:
        return None
    single = re.sub("@+", "@", typed.strip())
    return FormatError("email.two_ats", value=typed, suggestion=single if _accepted(single) else "")


def _half(typed: str) -> FieldError | None:
    """Nothing before the @, or nothing behind it."""
    local, _, domain = typed.strip().rpartition("@")
    return None if local and domain else FormatError("email.half", value=typed)


def _dots(typed: str) -> FieldError | None:
    """Doubled dots, and dots at the ends of either side; the address without them is suggested where it is valid."""
    local, _, domain = typed.strip().rpartition("@")
    if ".." not in typed and local == local.strip(".") and domain == domain.strip("."):
        return None
    return FormatError("email.dots", value=typed, suggestion=_undotted(typed))


def _comma(typed: str) -> FieldError | None:
    """A comma in the domain where a dot makes it right."""
    dotted = typed.strip().replace(",", ".")
    if "," not in typed.rpartition("@")[2] or not _accepted(dotted):
        return None
    return FormatError("email.comma", value=typed, suggestion=dotted)


def _too_long(typed: str) -> FieldError | None:
    """More than 64 bytes before the @ or 253 behind it (RFC 5321 4.5.3.1)."""
    local, _, domain = typed.strip().rpartition("@")
    fits = len(local.encode()) <= _LONGEST_LOCAL and len(domain.encode()) <= _LONGEST_DOMAIN
    return None if fits else LengthError("email.too_long", value=typed)


def _reserved(typed: str) -> FieldError | None:
    """A domain of local networks and of tests, to which no mail goes from outside."""
    return PartError("email.reserved", value=typed) if typed.strip().casefold().endswith(_RESERVED) else None


# The slips of typing, in the order in which they are looked for, and why each stands where it does.
_SLIPS: tuple[tuple[Callable[[str], FieldError | None], str], ...] = (
    (_spaced, "comes from copying, and is the only slip whose right address is certain"),
    (_without_at, "what follows looks at both sides of the @"),
    (_several, "two whole addresses have two @, too, and no slip in either"),
    (_two_ats, "a key hit twice; behind it there is just one @"),
    (_half, "the sides are looked at one by one from here on"),
    (_dots, "a dot too many is more often the slip than a comma beside it"),
    (_comma, "beside the dot on most keyboards"),
    (_too_long, "only what has no other slip is measured"),
    (_reserved, "well-formed, but no mail gets there"),
)


def _undotted(typed: str) -> str:
    """The address without doubled and outer dots, "" where that does not make it valid."""
    local, _, domain = re.sub(r"\.{2,}", ".", typed.strip()).rpartition("@")
    mended = f"{local.strip('.')}@{domain.strip('.')}"
    return mended if _accepted(mended) else ""
