"""Postal code field: each code is held against what its country's post really uses."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from xlcrm.addresses import countries
from xlcrm.fields.field_errors import FieldError, FormatError, LengthError, PartError
from xlcrm.text import plain_signs

_LONGEST = 20
_ANY = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 -]{1,10}|[A-Z]{2,4} \d[A-Z]{2}")
# Signs that stand before the code on letters from abroad, beside the ISO code (D-10115, FIN-00100).
_SIGNS = {"AT": "A", "BE": "B", "DE": "D", "ES": "E", "FR": "F", "HU": "H", "IT": "I", "LU": "L", "NO": "N", "PT": "P"}
_SIGNS |= {"SE": "S", "FI": "FIN", "SI": "SLO", "SM": "RSM", "RS": "SRB", "EE": "EST", "MK": "NMK", "MD": "MD"}


def compact(value: object) -> str:
    """Capitals, single spaces, plain hyphens."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    if len(text) > 10 * _LONGEST:
        return text
    return " ".join(plain_signs(text).upper().split()).strip(" .,;〒")


def validate(value: object, country: str = "") -> str:
    """The code as the post of `country` writes it: "bt324px" is "BT32 4PX", "I-00144" is "00144".

    A country's sign before the code is dropped; a space or hyphen may be missing or stand where the country has one.
    Patterns are those of Google's address metadata, narrowed by `xlcrm/data/fields/postal_codes.csv`, which says why.
    Where the country is unknown or has no pattern, 2 to 11 letters and figures pass. Refused: LengthError (with a
    suggestion where leading zeros were lost), PartError for a right shape that is not used, FormatError otherwise.
    """
    typed = value if isinstance(value, str) else str(value)
    code = compact(value)
    if not _is_plain(code, typed):
        raise FormatError("postal_code.none", value=typed[:60])
    country = country.upper()
    pattern, shape = _rules(country)
    if not pattern:
        if not _ANY.fullmatch(code):
            raise FormatError("postal_code.none", value=typed)
        return code
    bare = _without_sign(code, country)
    for candidate in (code, bare):
        solid = re.sub("[ -]", "", candidate)
        if re.fullmatch(pattern, solid) and _is_grouped(candidate, solid, shape):
            return _shaped(solid, shape)
    raise _refusal(typed, bare, country)


def _is_plain(code: str, typed: str) -> bool:
    """Whether a compact text may be a code at all: not blank or too long, and of ASCII, also before it was compact."""
    foreign = not typed.isascii() and any(c.isnumeric() and not c.isascii() for c in typed)
    return bool(code) and len(code) <= _LONGEST and code.isascii() and not foreign


def _is_grouped(candidate: str, solid: str, shape: str) -> bool:
    """Whether spaces and hyphens stand nowhere, where the country writes them, or where it lets them be typed."""
    if candidate == solid:
        return True
    written, gap = _shaped(solid, shape), _shaped(solid, shape, typed=True)
    return _groups(candidate) in ([solid], _groups(written), _groups(gap))


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` gives a code; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The code as `validate` gives it; what is not valid comes back as typed."""
    try:
        return validate(value, country)
    except ValueError:
        return value if isinstance(value, str) else ""


@cache
def _narrowed() -> dict[str, tuple[str, str]]:
    """Country -> pattern and shape where its post uses fewer codes than Google's pattern allows."""
    path = Path(__file__).resolve().parent.parent / "data" / "fields" / "postal_codes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["country"]: (row["pattern"], row["shape"]) for row in csv.DictReader(file)}


@cache
def _rules(country: str) -> tuple[str, str]:
    """The pattern of a country's codes without spaces and hyphens ("" where there is none), and how it spaces them.

    A shape is two group lengths around their sign: "3 2", "5-4"; "* 3" counts from the end; "2+3" may be typed with
    a gap but is written without.
    """
    pattern, shape = _narrowed().get(country, ("", ""))
    return pattern or _general(country), shape


@cache
def _general(country: str) -> str:
    """Google's pattern without spaces and hyphens."""
    general = countries.formats().get(country, ("", "", ""))[2]
    return re.sub(r"(\[[^\]]*\])|[ -]\??", lambda m: m[1] if m[1] and m[1] != r"[ \-]" else "", general)


def _shaped(solid: str, shape: str, *, typed: bool = False) -> str:
    """A code without gaps as its country writes it; `typed`: with the gap that "2+3" lets people type."""
    match = re.fullmatch(r"(\*|\d)([ +-])(\d)", shape)
    if match is None:
        return solid
    first, sign, last = match.groups()
    if first == "*":
        whole = len(solid) > 4 and solid[-3:-2].isdigit()
        return f"{solid[: -int(last)]}{sign}{solid[-int(last) :]}" if whole else solid
    if len(solid) != int(first) + int(last):
        return solid
    sign = " " if sign == "+" and typed else sign.replace("+", "")
    return f"{solid[: int(first)]}{sign}{solid[int(first) :]}"


def _groups(code: str) -> list[str]:
    """The parts of a code between its spaces and hyphens."""
    return re.split(r"\s?-\s?|\s", code)


def _without_sign(code: str, country: str) -> str:
    """The code without "I-", "CH-" or "AZ" before its figures."""
    signs = "|".join(sign for sign in (country, _SIGNS.get(country, "")) if sign)
    return re.sub(rf"^(?:{signs})[ -]?(?=\d)", "", code)


def _refusal(typed: str, code: str, country: str) -> FieldError:
    """What is wrong with a code (without its country's sign) that its country does not use."""
    pattern, _ = _rules(country)
    solid = re.sub("[ -]", "", code)
    if re.fullmatch(pattern, solid):  # the right figures with a gap in the wrong place
        return FormatError("postal_code.shape", value=typed)
    if solid.isdigit():
        return _wrong_figures(typed, solid, country)
    if country == "GB" and re.fullmatch(r"[A-Z]{1,2}\d[\dA-Z]?(\d[A-Z]{2})?", solid):
        return PartError("postal_code.unused", value=typed)
    return FormatError("postal_code.shape", value=typed)


def _wrong_figures(typed: str, solid: str, country: str) -> FieldError:
    """A code of nothing but figures: zeros that a spreadsheet dropped, another length, or a number not in use."""
    pattern, shape = _rules(country)
    for zeros in (1, 2, 3) if len(solid) > 2 else ():
        padded = solid.rjust(len(solid) + zeros, "0")
        if re.fullmatch(pattern, padded):
            return LengthError("postal_code.zero", value=typed, suggestion=_shaped(padded, shape))
    general = _general(country)
    lengths = [n for n in range(3, 11) if re.fullmatch(general, "1" * n)]
    if re.fullmatch(general, solid) or len(solid) in (lengths or [len(solid)]):
        return PartError("postal_code.unused", value=typed)
    return LengthError("postal_code.length", value=typed, wanted="/".join(map(str, lengths)))
