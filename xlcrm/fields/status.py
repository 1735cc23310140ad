"""Status field: lead, prospect, client or former, whatever word a list has for it."""

from __future__ import annotations

from xlcrm.fields import choices


def compact(value: object) -> str:
    """The word without spaces around."""
    return value.strip() if isinstance(value, str) else ""


def validate(value: object, country: str = "") -> str:
    """lead, prospect, client or former, from the words of six languages and common synonyms; FormatError otherwise."""
    return choices.canonical("status", value)


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` knows the word; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The word of `country`'s language (English where it has none of the six); an unknown word as typed."""
    if not is_valid(value, country):
        return value if isinstance(value, str) else ""
    return choices.shown("status", validate(value, country), country)
