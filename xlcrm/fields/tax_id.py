"""Tax number field: VAT and tax numbers by country, with the check digits that find a wrong figure."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from xlcrm.fields.field_errors import ChecksumError, FieldError, FormatError, LengthError, PartError

# What may stand in a client's tax number, by country: modules of python-stdnum and our own, the likeliest first.
KINDS: dict[str, tuple[str, ...]] = {
    "IT": ("it.iva", "it.codicefiscale"),
    "ES": ("es.nif",),
    "NO": ("no.mva", "no.orgnr", "no.fodselsnummer"),
    "FR": ("fr.tva", "fr.siren", "fr.siret", "fr.nif"),
    "DE": ("de.vat", "de.idnr", "de.stnr"),
    "GB": ("gb.vat", "gb.utr", "gb.company", "gb.nino"),
    "CH": ("ch.vat", "ch.uid", "ch.ssn"),
    "AT": ("at.uid", "at.tin", "at.vnr"),
    "US": ("us.tin",),
    "SE": ("se.vat", "se.orgnr", "se.personnummer"),
    "DK": ("dk.cvr", "dk.cpr"),
    "FI": ("fi.alv", "fi.ytunnus", "fi.hetu"),
    "NL": ("nl.btw", "nl.bsn"),
    "BE": ("be.vat", "be.nn"),
    "PT": ("pt.nif",),
    "PL": ("pl.nip", "pl.pesel", "pl.regon"),
    "IE": ("ie.vat", "ie.pps"),
    "CZ": ("cz.dic", "cz.rc"),
    "SM": ("sm.coe",),
    "MC": ("mc.tva", "fr.siren", "fr.siret"),
}
# Kinds of nothing but figures that may begin with a zero, which a spreadsheet drops.
_ZEROS = frozenset(
    "it.iva no.fodselsnummer fr.siren fr.siret fr.tva gb.vat gb.utr at.tin se.orgnr dk.cpr be.vat".split()
)
STRICT = frozenset("IT ES NO FR DE GB".split())
# Kinds whose parts python-stdnum looks at before their length.
_LENGTHS = {"fr.nif": 13}
_VAT_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK XI CH".split()
)
_VAT_ELSEWHERE = {"GB": "gb.vat", "NO": "no.vat", "CH": "ch.vat"}  # outside the EU, with rules of their own
_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
# Prefixes of Companies House: Scotland, Northern Ireland, partnerships, registered societies, overseas companies.
_UK_COMPANY = re.compile(
    r"\d{8}|(?:AC|CE|CS|FC|GE|GN|GS|IC|IP|LP|NC|NF|NI|NL|NO|NP|NR|NZ|OC|OE|PC|RC|RS|SA|SC|SE|SF|SI|SL|SO|SP|SR|SZ|ZC)"
    r"\d{6}"
)
_LABEL = re.compile(
    r"^\s*(?:p\.?\s*iva|c\.?\s*f\.?|cod\.?\s*fisc\.?|partita\s+iva|codice\s+fiscale|n\.?i\.?f\.?|c\.?i\.?f\.?"
    r"|ust-?id(?:-?nr)?\.?|vat(?:\s*(?:no|nr|reg)\.?)?|org\.?\s*nr\.?|siret|siren|tva)\b[\s.:]*",
    re.IGNORECASE,
)
_LONGEST = 40


def compact(value: object) -> str:
    """Capitals without spaces, points, hyphens and words like "P.IVA" before the number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    if len(text) > 10 * _LONGEST:
        return text
    text = _LABEL.sub("", text)
    return re.sub(r"[\s.\-–‐]", "", text).upper()


def validate(value: object, country: str = "") -> str:
    """The number in capitals without separators; a VAT prefix stays where it was typed.

    A number passes if it is one of the kinds of `country` (`KINDS`: VAT, company, person) or a VAT number of another
    country with its prefix. For countries that nobody here knows the rules of, and where the country is unknown, four
    to twenty letters and figures pass. ChecksumError where a kind fits but for its check digit, LengthError,
    PartError or FormatError otherwise; "tax_id.zero" suggests the leading zero that a spreadsheet dropped.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
        raise FormatError("tax_id.none", value="")
    typed = str(value)
    if len(typed) > 2 * _LONGEST or re.search(r"[^\x00-\x7f–‐\u00a0\u202f]", typed):
        raise FormatError("tax_id.characters", value=typed[:60])
    return _judged(typed, country.upper())


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` gives a number; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The number as its office prints it (NO 995 525 828 MVA); what is not valid comes back as typed."""
    try:
        number = validate(value, country)
    except ValueError:
        return value if isinstance(value, str) else ""
    for name in KINDS.get(country.upper(), ()):
        module = _module(name)
        if hasattr(module, "format") and _fits(name, number):
            return str(module.format(number))
    return number


def kind(value: object, country: str) -> str:
    """Which kind of number of `country` it is ("it.codicefiscale", "no.orgnr"), "" where it is none or not valid."""
    text = compact(value)
    return next((name for name in KINDS.get(country.upper(), ()) if _fits(name, text)), "")


@lru_cache(maxsize=1024)
def _judged(typed: str, country: str) -> str:
    """The number as `validate` gives it, for a text of a right length: at home, then abroad, then what must pass."""
    text = compact(typed)
    prefix = "GR" if text.startswith("EL") else text[:2]
    faults: list[FieldError] = []
    for name in KINDS.get(country, _general(country)):
        fault = _fault(name, text, typed)
        if fault is None:
            return text
        faults.append(fault)
    if text[:2] in _VAT_COUNTRIES and prefix != country and (not faults or len(text) > 4):
        fault = _fault(_VAT_ELSEWHERE.get(prefix, "eu.vat"), text, typed)
        if fault is None:
            return text
        if not country:
            raise fault
    if _is_strict(text, prefix, country, faults):
        raise _refusal(text, typed, country, faults)
    return _loosely(text, typed)


def _loosely(text: str, typed: str) -> str:
    """A number that no rule is known for: letters and figures of a likely length; FormatError otherwise."""
    if re.fullmatch(r"(?=.*\d)[A-Z0-9/]{4,20}", text):
        return text
    raise FormatError("tax_id.characters", value=typed)


def _is_strict(text: str, prefix: str, country: str, faults: list[FieldError]) -> bool:
    """Whether a number that no rule knows is wrong, rather than of a kind that nobody here has a rule for.

    It is in the countries whose every kind is known (`STRICT`), with the VAT prefix of its own country, and where a
    kind fits but for its check digit: that is no chance.
    """
    home = len(text) > 4 and prefix == country and country in _VAT_COUNTRIES
    return country in STRICT or home or any(isinstance(fault, ChecksumError) for fault in faults)


def _refusal(text: str, typed: str, country: str, faults: list[FieldError]) -> FieldError:
    """The fault of the kind that came nearest: a check digit says more than a length, a length more than a letter."""
    for zeros in (1, 2, 3) if text.isdigit() and len(text) > 6 else ():
        padded = "0" * zeros + text
        if any(_fits(name, padded) for name in KINDS.get(country, ()) if name in _ZEROS):
            return LengthError("tax_id.zero", value=typed, suggestion=padded)
    order = (ChecksumError, PartError, LengthError, FormatError)
    return min(faults, key=lambda fault: order.index(type(fault)))


def _general(country: str) -> tuple[str, ...]:
    """The kind to try for a country without rules here: whatever python-stdnum has as its VAT number."""
    return (f"{country.lower()}.vat",) if re.fullmatch("[A-Z]{2}", country) else ()


def _fits(name: str, text: str) -> bool:
    """Whether a compact text is a number of a kind."""
    return _fault(name, text, text) is None


def _fault(name: str, text: str, typed: str) -> FieldError | None:
    """None where `text` is a number of this kind; what is wrong otherwise."""
    from stdnum import exceptions

    try:
        module = _module(name)
        if module is None:
            return FormatError("tax_id.characters", value=typed)
        module.validate(text)
    except exceptions.InvalidChecksum:
        return ChecksumError("tax_id.check_digit", value=typed)
    except exceptions.InvalidComponent:
        if len(text) != _LENGTHS.get(name, len(text)):
            return LengthError("tax_id.length", value=typed)
        return PartError("tax_id.office" if name == "it.iva" else "tax_id.part", value=typed)
    except exceptions.InvalidLength:
        return LengthError("tax_id.length", value=typed)
    except (exceptions.ValidationError, ValueError, IndexError):
        return FormatError("tax_id.characters", value=typed)
    return None


@cache
def _module(name: str) -> Any:
    """What validates a kind: our own, a module of python-stdnum, or what it has under another name; None: nothing."""
    if name in _OWN:
        return _OWN[name]
    try:
        return import_module(f"stdnum.{name}")
    except ImportError:
        from stdnum.util import get_cc_module

        return get_cc_module(*name.split(".", 1))


class _Pattern:
    """A kind of number without a check digit, in the shape of a python-stdnum module."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        """`pattern` is matched against the whole compact number."""
        self._fullmatch: Callable[[str], re.Match[str] | None] = pattern.fullmatch

    def validate(self, number: str) -> str:
        """The number itself; InvalidFormat of python-stdnum where it does not match."""
        from stdnum.exceptions import InvalidFormat

        if not self._fullmatch(number):
            raise InvalidFormat
        return number


_OWN = {"gb.nino": _Pattern(_NINO), "gb.company": _Pattern(_UK_COMPANY)}
