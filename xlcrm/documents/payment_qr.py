"""Texts of payment QR codes: the EPC code of a SEPA transfer (EPC069-12) and the Swiss QR bill (SIX, version 0200).

What a banking app reads from an invoice: whom to pay, how much, and with which reference. Amounts are in whole cents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError

SEPA = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE "
    "SI SK SM VA".split()
)
MOST = Decimal("999999999.99")
_TENS = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)  # recursive modulo 10 of SIX, as on the former orange slips


@dataclass(frozen=True)
class PayParty:
    """Somebody on a payment slip, with a structured address (type S)."""

    name: str
    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    town: str = ""
    country: str = ""

    @property
    def complete(self) -> bool:
        """Whether a Swiss QR bill can name them: a name, a postal code, a town and a country."""
        return bool(self.name and self.postal_code and self.town and len(self.country) == 2)


def compact_iban(text: str) -> str:
    """An IBAN without spaces, in capitals; "" where its check digits or its length are wrong."""
    try:
        valid: str = iban_number.validate(text)
    except ValidationError:
        return ""
    return valid


def grouped(text: str) -> str:
    """An IBAN or a creditor reference as it is printed, in fours."""
    plain = text.replace(" ", "")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def epc_text(*, name: str, iban: str, amount: Decimal, currency: str, text: str, bic: str = "") -> str:
    """The lines of a SEPA transfer's code; "" where there can be none: not in euros, no IBAN of SEPA, nothing to pay.

    The name keeps its first 70 characters, the text 140; a creditor reference (RF...) goes to its own line.
    """
    account = compact_iban(iban)
    if currency != "EUR" or account[:2] not in SEPA or not Decimal("0.01") <= amount <= MOST or not name.strip():
        return ""
    said = _one_line(text)
    structured = said.replace(" ", "").upper() if is_creditor_reference(said) else ""
    free = "" if structured else said[:140]
    lines = ("BCD", "002", "1", "SCT", bic.replace(" ", "").upper(), _one_line(name)[:70], account)
    return "\n".join((*lines, f"EUR{amount:.2f}", "", structured, free)).rstrip("\n")


def swiss_text(
    *, creditor: PayParty, iban: str, amount: Decimal, currency: str, debtor: PayParty | None = None,
    reference: str = "", text: str = "",
) -> str:  # fmt: skip
    """The lines of a Swiss QR bill; "" where there can be none: no Swiss IBAN, another currency, no creditor's address.

    A QR-IBAN asks for a QR reference (27 figures), any other IBAN takes a creditor reference (RF...) or none. A debtor
    whose address isn't complete is left out: the slip has a field for it that people fill by hand.
    """
    account = compact_iban(iban)
    kind = reference_kind(account, reference)
    payable = account[:2] in ("CH", "LI") and currency in ("CHF", "EUR") and Decimal("0.01") <= amount <= MOST
    if not payable or not kind or not creditor.complete:
        return ""
    known = debtor if debtor and debtor.complete else None
    lines = [
        "SPC", "0200", "1", account, *_party(creditor), *[""] * 7, f"{amount:.2f}", currency, *_party(known),
        kind, "" if kind == "NON" else reference.replace(" ", ""), _one_line(text)[:140], "EPD",
    ]  # fmt: skip
    return "\r\n".join(lines)


def reference_kind(account: str, reference: str) -> str:
    """QRR, SCOR or NON; "" where the reference doesn't go with the account or its check digit is wrong."""
    plain = reference.replace(" ", "")
    if is_qr_iban(account):
        return "QRR" if re.fullmatch(r"\d{27}", plain) and qr_check_digit(plain[:-1]) == plain[-1] else ""
    if not plain:
        return "NON"
    return "SCOR" if is_creditor_reference(plain) else ""


def is_qr_iban(account: str) -> bool:
    """Whether an IBAN's bank number is one of 30000 to 31999: an account for payments with a QR reference."""
    return account[:2] in ("CH", "LI") and account[4:9].isdigit() and 30000 <= int(account[4:9]) <= 31999


def qr_reference(number: str) -> str:
    """A QR reference from the figures of a document's number: 26 figures and a check digit; "" without any."""
    digits = re.sub(r"\D", "", number)[-26:]
    padded = digits.rjust(26, "0")
    return padded + qr_check_digit(padded) if digits else ""


def qr_check_digit(digits: str) -> str:
    """The check digit of a QR reference: modulo 10, recursive."""
    carry = 0
    for digit in digits:
        carry = _TENS[(carry + int(digit)) % 10]
    return str((10 - carry) % 10)


def creditor_reference(number: str) -> str:
    """A creditor reference (ISO 11649) from a document's number: RF, two check digits, up to 21 letters and figures."""
    plain = re.sub(r"[^0-9A-Z]", "", number.upper())[-21:]
    return f"RF{98 - _mod97(plain + 'RF00'):02d}{plain}" if plain else ""


def is_creditor_reference(text: str) -> bool:
    """Whether a text is a creditor reference with right check digits."""
    plain = text.replace(" ", "").upper()
    return bool(re.fullmatch(r"RF\d\d[0-9A-Z]{1,21}", plain)) and _mod97(plain[4:] + plain[:4]) == 1


def _mod97(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % 97


def _party(party: PayParty | None) -> list[str]:
    """The seven lines of somebody, cut to the lengths of the standard; empty ones for nobody."""
    if party is None:
        return [""] * 7
    fields = ((party.name, 70), (party.street, 70), (party.house_number, 16), (party.postal_code, 16), (party.town, 35))
    return ["S", *(_one_line(text)[:most] for text, most in fields), party.country.upper()]


def _one_line(text: str) -> str:
    return " ".join(text.split())
