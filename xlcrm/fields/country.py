"""Country field: any spelling of a country becomes its ISO code, by which phones and tax numbers are judged."""

from __future__ import annotations

from xlcrm.addresses.countries import country_code
from xlcrm.fields.field_errors import FormatError

_LONGEST = 80


def compact(value: object) -> str:
    """The name or code without spaces around."""
    return value.strip() if isinstance(value, str) else ""


def validate(value: object, country: str = "") -> str:
    """The ISO 3166-1 code of two letters behind a name or code in six languages; FormatError where none is meant."""
    text = compact(value)
    found = country_code(text) if len(text) <= _LONGEST else ""
    if not found:
        raise FormatError("country.unknown", value=text[:_LONGEST])
    return found


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` knows the country; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The code; an unknown name as typed."""
    return validate(value) if is_valid(value) else value if isinstance(value, str) else ""
