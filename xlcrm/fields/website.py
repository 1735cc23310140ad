"""Website field: an address of a page as people type it, with or without https:// in front."""

from __future__ import annotations

import re

from xlcrm.fields.field_errors import FormatError

_LONGEST = 2_000
_SCHEME = re.compile(r"(?i)(https?)\s*[:;]\s*/{1,3}\s*|(https?)//|(h?t?tps?|htt?p?s?)[:;]/{1,2}")
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?\.?(?::\d{1,5})?")
_REST = re.compile(r"[/?#]\S*")


def compact(value: object) -> str:
    """The address without spaces, brackets and quotes around it."""
    return value.strip().strip("<>\"'\u00ab\u00bb").strip() if isinstance(value, str) else ""


def validate(value: object, country: str = "") -> str:
    """The address with the host in small letters; "https://" stays where it was typed and is not added where not.

    Any host with a point in it is one, in any script; what follows it is left as it is. FormatError "website.spaces",
    "website.no_dot" or "website.none" for what no page can have; a scheme that is misspelt is mended.
    """
    text = compact(value)
    if not text or len(text) > _LONGEST or "@" in text.partition("/")[0]:
        raise FormatError("website.none", value=text[:80])
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    if re.search(r"\s", rest):
        raise FormatError("website.spaces", value=text[:80])
    host = _HOST.match(rest)
    if host is None or (host.end() < len(rest) and not _REST.match(rest, host.end())):
        raise FormatError("website.none" if "." in rest else "website.no_dot", value=text[:80])
    start = f"{_scheme(scheme)}://" if scheme else ""
    return start + host.group().lower() + rest[host.end() :]


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` takes the address; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """As `validate` gives it; what is none as typed."""
    return validate(value) if is_valid(value) else value if isinstance(value, str) else ""


def _scheme(found: re.Match[str]) -> str:
    """http or https, whatever of it was typed."""
    return "https" if "s" in found.group().lower() else "http"
