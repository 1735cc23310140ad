"""Phone field: any way of typing a number becomes the one form that can be dialled, compared and exported."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from xlcrm.fields.field_errors import FieldError, FormatError, LengthError, PartError

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_LONGEST = 80
# Where the 0 of landlines is dialled from abroad too, so that a number without it is another one.
_ZERO_KEPT = frozenset({"IT", "SM", "VA"})
_JUNK = re.compile(r"[^\d+]")


def compact(value: object) -> str:
    """Digits and a leading plus; an extension and words are left out."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    if len(text) > _LONGEST:
        return text
    plus = "+" if text.lstrip(" (").startswith(("+", "＋")) else ""
    return plus + "".join(c for c in text if c in "0123456789")


def validate(value: object, country: str = "") -> str:
    """The number in E.164 form ("+390668300230"), with ";ext=12" where it has an extension.

    National numbers are read as those of `country`; where that is unknown, a national number of six to fifteen digits
    passes as its digits, since nobody can say more. Whether a number exists comes from Google's libphonenumber:
    FormatError for text that is no number, LengthError for too few or too many digits, PartError for a right
    length in a range that nobody uses, or ("phone.no_plus", with the suggestion) a country code without its plus.
    """
    number = _parsed(_typed(value), country)
    if isinstance(number, str):
        return number
    from phonenumbers import PhoneNumberFormat, format_number

    text = format_number(number, PhoneNumberFormat.E164)
    return f"{text};ext={number.extension}" if number.extension else text


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` gives a number; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """As people of `country` write it: national at home, international abroad; what is no number stays as typed."""
    try:
        number = _parsed(_typed(value), country)
    except ValueError:
        return value if isinstance(value, str) else ""
    if isinstance(number, str):
        return number
    from phonenumbers import PhoneNumberFormat, format_number, region_code_for_number

    home = region_code_for_number(number) == country
    return format_number(number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def kind(value: object, country: str = "") -> str:
    """ "mobile", "landline", or "" where the number is of another kind, may be either, or is not valid."""
    try:
        number = _parsed(_typed(value), country)
    except ValueError:
        return ""
    if isinstance(number, str):
        return ""
    from phonenumbers import PhoneNumberType, number_type

    return {PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE: "landline"}.get(number_type(number), "")


def _typed(value: object) -> str:
    """The cell as text without spaces around; FormatError where it has no figure or is longer than any number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise FormatError("phone.no_number", value="")
    text = str(value).strip()
    if len(text) > _LONGEST or not any(c in "0123456789" for c in text):
        raise FormatError("phone.no_number", value=text)
    return text


@lru_cache(maxsize=1024)
def _parsed(text: str, country: str) -> PhoneNumber | str:
    """The number in a text; a national one whose country nobody knows as its digits. A FieldError where it is none."""
    import phonenumbers

    country = country.upper() if country.upper() in phonenumbers.SUPPORTED_REGIONS else ""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        digits = compact(text)
        unknown_country = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        if unknown_country and not country and digits[:1] not in ("+", "") and 6 <= len(digits) <= 15:
            return _with_plus(text) or digits
        raise _refusal(text, error.error_type) from None
    if phonenumbers.is_valid_number(number):
        return number
    raise _mended(text, country) or _unused(number, text)


def _mended(text: str, country: str) -> FieldError | None:
    """A number that is valid with a plus or a zero in front, as a fault that suggests it; None where neither helps."""
    import phonenumbers

    other = _with_plus(text) if country else None
    if other is not None and other.country_code == phonenumbers.country_code_for_region(country):
        suggestion = phonenumbers.format_number(other, phonenumbers.PhoneNumberFormat.E164)
        return PartError("phone.no_plus", value=text, suggestion=suggestion)
    zero = _lost_zero(text, country) if country in _ZERO_KEPT and text[0] in "123456789" else ""
    return PartError("phone.zero", value=text, suggestion=zero) if zero else None


def _unused(number: PhoneNumber, text: str) -> FieldError:
    """Why a number that could be read does not exist: its length, or a range that nobody uses."""
    import phonenumbers

    result = phonenumbers.ValidationResult
    lengths = {
        result.TOO_LONG: "phone.too_long",
        result.TOO_SHORT: "phone.too_short",
        result.IS_POSSIBLE_LOCAL_ONLY: "phone.too_short",  # without its area code
        result.INVALID_LENGTH: "phone.length",
    }
    key = lengths.get(phonenumbers.is_possible_number_with_reason(number))
    return LengthError(key, value=text) if key else PartError("phone.unused", value=text)


def _lost_zero(text: str, country: str) -> str:
    """The number with a 0 in front, "" where that is not valid either."""
    import phonenumbers

    try:
        number = phonenumbers.parse("0" + text, country)
    except phonenumbers.NumberParseException:
        return ""
    return "0" + text if phonenumbers.is_valid_number(number) else ""


def _with_plus(text: str) -> PhoneNumber | None:
    """The number if a plus before it makes it valid: "33712457898" is a French mobile without its plus."""
    import phonenumbers

    digits = _JUNK.sub("", text)
    if digits.startswith("00"):
        digits = digits[2:]
    if digits.startswith("+") or len(digits) < 9:
        return None
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _refusal(text: str, error: int) -> FieldError:
    """The fault behind an error of libphonenumber's parser; what it has no word for is no number at all."""
    from phonenumbers import NumberParseException

    known: dict[int, tuple[type[FieldError], str]] = {
        NumberParseException.TOO_LONG: (LengthError, "phone.too_long"),
        NumberParseException.TOO_SHORT_AFTER_IDD: (LengthError, "phone.too_short"),
        NumberParseException.TOO_SHORT_NSN: (LengthError, "phone.too_short"),
        NumberParseException.INVALID_COUNTRY_CODE: (PartError, "phone.country_code"),
    }
    kind_of_fault, key = known.get(error, (FormatError, "phone.no_number"))
    return kind_of_fault(key, value=text)
