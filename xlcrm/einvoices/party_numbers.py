"""Numbers of a party as e-invoices want them: VAT id, number in a register, tax registrations, electronic address.

Which scheme a country's numbers have stands in `xlcrm/data/einvoices/company_numbers.csv`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from xlcrm.einvoices.exchange_invoice import Party
from xlcrm.einvoices.unit_codes import DATA
from xlcrm.text import tokens

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9]")
_TAX = "FC"
Pair = tuple[str, str]
# Firms of these forms stand in Norway's Foretaksregisteret and must say so (foretaksregisterloven § 10-2).
_NORWEGIAN_FORMS = frozenset({"as", "asa", "nuf", "ans", "da", "sa"})
_FILES_OF_NORWAY = ("NO", "foretaksregister", "Foretaksregisteret")  # NO-R-002
_FILES_OF_SWEDEN = ("SE", "skatt", "Godkänd för F-skatt")  # SE-R-005


@dataclass(frozen=True)
class PartyNumbers:
    """endpoint and legal are (number, scheme); tax_schemes are (number, VAT | FC | TAX), the VAT id first."""

    endpoint: tuple[str, str] = ("", "")
    legal: tuple[str, str] = ("", "")
    tax_schemes: tuple[tuple[str, str], ...] = ()


def party_numbers(party: Party, form: str, *, seller: bool, outside: bool) -> PartyNumbers:
    """The numbers of a seller or buyer in a format; `outside`: lines are not subject to VAT, so no VAT id may stand."""
    vat = "" if outside else vat_id(party)
    legal, taxes = _of_seller(party, vat, outside=outside) if seller else _of_buyer(party, vat)
    return PartyNumbers(endpoint(party, form), legal, tuple(pair for pair in taxes if pair[0]))


def _of_buyer(party: Party, vat: str) -> tuple[Pair, tuple[Pair, ...]]:
    """A private person has no number to be told."""
    return (_registered(party)[0], ((vat, "VAT"),)) if party.business else (("", ""), ())


def _of_seller(party: Party, vat: str, *, outside: bool) -> tuple[Pair, tuple[Pair, ...]]:
    """One number must be there (BR-CO-26), and one registration at most beside the VAT id (UBL-SR-13)."""
    legal, tax = _registered(party)
    said = _statements(party)
    if not (legal[0] or vat):
        legal = (party.tax_number.strip() or vat_id(party), "")
    untold = not (vat or outside or said) and party.country != "SE"  # SE-R-005
    return legal, ((vat, "VAT"), (tax or (party.tax_number.strip() if untold else ""), _TAX), *said)


def vat_id(party: Party) -> str:
    """A VAT id without blanks and points, with its country before it and, of a Norwegian firm, MVA behind it."""
    compact = _compact(party.vat_id)
    if not compact:
        return ""
    named = compact if compact[:2].isalpha() else {"GR": "EL"}.get(party.country, party.country) + compact
    return f"{named}MVA" if re.fullmatch("NO[0-9]{9}", named) else named


def endpoint(party: Party, form: str) -> tuple[str, str]:
    """Electronic address (number, scheme): the typed one; else for EHF the organisation number, else the e-mail."""
    typed = party.peppol_id.strip().rpartition("::")[2]
    if ":" in typed:
        scheme, _, number = typed.partition(":")
        return number.strip(), scheme.strip()
    legal = _registered(party)[0]
    if form == "ehf" and legal[1]:
        return legal
    return (party.email, "EM") if form in ("xrechnung", "facturx") and party.email else ("", "")


def _registered(party: Party) -> tuple[tuple[str, str], str]:
    """(number, scheme) in the country's register of firms, or the number with which a firm is registered for tax."""
    kept = _as_registered(party)
    scheme = next((row["scheme"] for row in _schemes(party.country) if re.fullmatch(row["pattern"], kept)), "")
    if not kept or scheme == _TAX:
        return ("", ""), party.tax_number.strip()
    return (kept, scheme), ""


def _as_registered(party: Party) -> str:
    """A firm's number as its register has it: Finland's with its hyphen, of a SIRET the SIREN.

    Where none is typed, some countries' VAT ids hold it.
    """
    compact = _compact(party.tax_number)
    if not compact:
        found = (re.fullmatch(row["of_vat_id"], vat_id(party)) for row in _schemes(party.country) if row["of_vat_id"])
        return next((one[1] for one in found if one), "")
    siret = re.fullmatch("([0-9]{9})[0-9]{5}", compact) if party.country == "FR" else None
    return siret[1] if siret else party.tax_number.strip() if party.country == "FI" else compact


def _statements(party: Party) -> tuple[tuple[str, str], ...]:
    """What a seller's country wants said beside the VAT id."""
    said = [
        (statement, "TAX")
        for country, word, statement in (_FILES_OF_NORWAY, _FILES_OF_SWEDEN)
        if party.country == country and word in party.registration.casefold()
    ]
    if party.country == "NO" and not said and _NORWEGIAN_FORMS & set(tokens(party.name)[-1:]):
        return ((_FILES_OF_NORWAY[2], "TAX"),)
    return tuple(said)


def _compact(number: str) -> str:
    return _NOT_IN_IDS.sub("", number).upper()


@cache
def _schemes(country: str) -> tuple[dict[str, str], ...]:
    with (DATA / "company_numbers.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row for row in csv.DictReader(file) if row["country"] == country)
