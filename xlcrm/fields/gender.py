"""Gender field: words and letters of six languages, by which letters address a person."""

from __future__ import annotations

from xlcrm.fields import choices


def compact(value: object) -> str:
    """The word without spaces around."""
    return value.strip() if isinstance(value, str) else ""


def validate(value: object, country: str = "") -> str:
    """F, M or X, from letters and words of six languages; FormatError otherwise.

    "D" is donna (F) in Italy and divers (X) elsewhere. "M" is M everywhere, also in Spain, where it may have meant
    mujer: only a column with an "H" in it tells, which the checks look at.
    """
    if country.upper() == "IT" and compact(value).upper() == "D":
        return "F"
    return choices.canonical("gender", value)


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
    return choices.shown("gender", validate(value, country), country)
