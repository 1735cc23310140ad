"""Money field: amounts as people of any country type them ("1.234,56", "€ 12", "(12.50)") become one number each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from xlcrm.fields.field_errors import FormatError

# Countries that write a point before the cents; everywhere else it is a comma. Source: Unicode CLDR 46, by territory.
POINT_COUNTRIES = frozenset(
    "AG AI AU BB BD BM BS BW BZ CH CN DM DO EG ET FJ GB GD GG GH GI GT GY HK HN IE IL IM IN IR JE JM JP KE KH KN KP KR "
    "KY LC LI LK LR MM MO MS MT MW MX MY NA NG NI NP NZ PA PE PG PH PK PR SB SG SL SV SZ TC TH TO TT TW TZ UG US VC VG "
    "VI VU WS ZM ZW CA".split()
)
GROUPING = {"CH": "’", "LI": "’", "FR": "\u202f", "NO": "\u00a0", "SE": "\u00a0", "FI": "\u00a0", "PL": "\u00a0"}
_CODES = frozenset(
    "AED ARS AUD BAM BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HRK HUF IDR ILS INR ISK JPY KRW MAD MKD MXN "
    "MYR NOK NZD PEN PHP PLN RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND ZAR".casefold().split()
)
_WORDS = _CODES | frozenset(
    "kr euro euros fr frs sfr dollar dollars dollaro dollari dólar dólares pound pounds sterline sterlina livre livres "
    "libra libras pfund franken franc francs franchi franco francos krone kroner kronor zł zl kč kc ft lei lire "
    "dm".split()
)
_MINUS = "-−–—‐"
_SPACES = re.compile(r"[\s'’‘`´]")
_AROUND = re.compile(r"[^\W\d_]+\.?|[^\w\s.,'’‘`´()+−–—‐-]")
_GROUPED = {
    sign: re.compile(rf"\d{{1,3}}(?:{sign}\d{{3}})+|\d{{1,2}}(?:{sign}\d\d)+{sign}\d{{3}}") for sign in (r"\.", ",")
}
_SPACED = re.compile(r"\d{1,3}(?:[\s'’‘`´]\d{3})+(?:[.,]\d*)?")
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}")
_DOLLARS = re.compile(r"\b(?:US|CA|AU|NZ|HK|[ACRS])\$", re.IGNORECASE)
_DASHED = re.compile(r"[\d\s.,'’‘`´]*\d[.,][-−–—]{1,2}")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,2})?")
_LONGEST = 60


def compact(value: object) -> str:
    """The digits, signs and separators: without currency words and symbols, spaces and apostrophes between digits."""
    text = str(value).strip() if isinstance(value, (str, int, float, Decimal)) else ""
    if len(text) > _LONGEST:
        return text
    return _SPACES.sub("", _AROUND.sub(" ", text))


def validate(value: object, country: str = "", *, decimal: str = "") -> Decimal:
    """The amount, exactly as typed and not rounded.

    Numbers pass through. In text the decimal sign is found from its place: "1.234,56" and "1,234.56" are alike. Only
    a single sign before exactly three digits ("1,234") has two readings: `decimal` ("." or ",") decides where it is
    given, then the habit of `country`, and without both it separates thousands. A currency word or symbol on either
    side, a minus before or after, and brackets for negative are understood; a lone "-" is an accountant's zero, and
    "12,-" is 12. Refused with FormatError: blanks, other words, percent signs, groups that are not of three digits.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise FormatError("money.no_number", value=value if value is not None else "")
    if not isinstance(value, str):
        number = Decimal(str(value))
        if not number.is_finite():
            raise FormatError("money.no_number", value=value)
        return number
    bare = _bare(value)
    if bare and bare in _MINUS:
        return Decimal(0)
    negative, body = _sign(bare)
    number = _number(body, value, decimal or _habit(country))
    return -number if negative else number


def plain(text: str) -> float | None:
    """What `validate` gives for a text of digits with at most two decimals, as most amounts are; None for another."""
    return float(text.replace(",", ".")) + 0.0 if _PLAIN.fullmatch(text) else None  # no zero has a minus


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` gives an amount; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The amount with two decimals (more where there are more), grouped as in `country`; text that is none as typed."""
    try:
        number = validate(value, country)
    except ValueError:
        return value if isinstance(value, str) else ""
    places = -int(number.as_tuple().exponent) if number % 1 else 0
    text = f"{number:,.{max(places, 2)}f}"
    point = country in POINT_COUNTRIES or not country
    grouping = GROUPING.get(country, "," if point else ".")
    return text.translate({ord(","): grouping, ord("."): "." if point else ","})


def ambiguous(value: object) -> bool:
    """True where a text has two readings that differ a thousandfold: "1,234", "12.500"."""
    if not isinstance(value, str) or len(value) > _LONGEST or _PLAIN.fullmatch(value):
        return False
    body = _sign(_bare(value))[1] if is_valid(value) else ""
    return bool(_AMBIGUOUS.fullmatch(body))


def decimal_sign(values: Iterable[object]) -> str:
    """The decimal sign that a column's own values show ("." or ","), "" where they show none or contradict each other.

    A column with one "1.234,56" or "12,5" in it tells how to read its "1.234".
    """
    shown: set[str] = set()
    for value in values:
        if isinstance(value, str) and _PLAIN.fullmatch(value):
            shown.update(sign for sign in ".," if sign in value)
            continue
        if not isinstance(value, str) or len(value) > _LONGEST or not is_valid(value) or ambiguous(value):
            continue
        body = _sign(_bare(value))[1]
        signs = [sign for sign in body if sign in ".,"]
        if not signs:
            continue
        last = signs[-1]
        if signs.count(last) == 1:
            shown.add(last)
        else:
            shown.add("," if last == "." else ".")
    return shown.pop() if len(shown) == 1 else ""


def _habit(country: str) -> str:
    if not country:
        return ""
    return "." if country in POINT_COUNTRIES else ","


def _bare(text: str) -> str:
    """The text without currency words and symbols, or "" where something else stands there."""
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        return ""
    if _SCIENTIFIC.fullmatch(stripped.lstrip("+-")):
        return stripped
    stripped = _DOLLARS.sub("$", stripped)
    for word in _AROUND.findall(stripped):
        if word.rstrip(".").casefold() not in _WORDS and unicodedata.category(word[0]) != "Sc":
            return ""
    return _AROUND.sub(" ", stripped).strip()


def _sign(body: str) -> tuple[bool, str]:
    """Whether the amount is negative, and its digits and separators."""
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()
    if body[:1] and body[0] in _MINUS + "+":
        negative, body = negative or body[0] != "+", body[1:].strip()
        return negative, body.rstrip(_MINUS) if _DASHED.fullmatch(body) else body
    if _DASHED.fullmatch(body):  # "12,-": the dash stands for the cents
        return negative, body.rstrip(_MINUS)
    if body[-1:] and body[-1] in _MINUS:
        return True, body[:-1].strip()
    return negative, body


def _number(body: str, typed: str, decimal: str) -> Decimal:
    if not body.isascii():
        body = "".join(" " if c.isspace() else "'" if c in "’‘´" else c for c in body)
    if _SCIENTIFIC.fullmatch(body):
        return Decimal(body.replace(",", "."))
    if _SPACED.fullmatch(body):
        body = _SPACES.sub("", body)
        return Decimal(body.replace(",", "."))
    if not body.isascii() or not re.fullmatch(r"[\d.,]*\d[\d.,]*", body):
        raise FormatError("money.no_number", value=typed)
    signs = [sign for sign in body if sign in ".,"]
    if not signs:
        return Decimal(body)
    last = signs[-1]
    whole, _, cents = body.rpartition(last)
    if signs.count(last) > 1:  # only a thousands sign comes twice
        return Decimal(_ungrouped(body, last, typed))
    if len(signs) > 1:
        return Decimal(f"{_ungrouped(whole, signs[0], typed)}.{cents or 0}")
    if _AMBIGUOUS.fullmatch(body) and decimal != last:
        return Decimal(whole + cents)
    return Decimal(f"{whole or 0}.{cents or 0}")


def _ungrouped(text: str, sign: str, typed: str) -> str:
    if not _GROUPED[re.escape(sign)].fullmatch(text):
        raise FormatError("money.groups", value=typed)
    return text.replace(sign, "")
