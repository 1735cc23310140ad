"""An independent look at FatturaPA files: the controls that SdI makes on their content, in fractions.

It knows nothing of xlcrm. The codes are those of the exchange's list of controls; amounts may differ by what the list
allows (a cent for lines and VAT, a euro for the taxable sum). `sums` reads what a file says, for whoever reckons to the
cent.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from xmlschema import XMLSchema

CENT, EURO = Fraction(1, 100), Fraction(1)
OLD_NATURES = {"N2", "N3", "N6"}


def agency_schema(folder: Path) -> XMLSchema:
    """The schema of Agenzia delle Entrate from a folder, with the one for signatures: nothing is fetched."""
    signature = {"http://www.w3.org/2000/09/xmldsig#": str(folder / "xmldsig-core-schema.xsd")}
    return XMLSchema(str(folder / "FatturaPA-1.2.2.xsd"), locations=signature, allow="local")


class InvoiceFile:
    """A file, read."""

    def __init__(self, content: bytes) -> None:
        self.root = ElementTree.fromstring(content)
        self.lines = self.root.findall(".//DettaglioLinee")
        self.taxes = self.root.findall(".//DatiRiepilogo")

    def text(self, path: str, of: Element | None = None) -> str:
        return (self.root if of is None else of).findtext(f".//{path}" if of is None else path, "")

    def number(self, path: str, of: Element | None = None) -> Fraction:
        return Fraction(self.text(path, of) or "0")

    def groups(self) -> dict[tuple[Fraction, str], Fraction]:
        """(rate, nature) -> sum of the lines' totals."""
        found: dict[tuple[Fraction, str], Fraction] = defaultdict(Fraction)
        for line in self.lines:
            found[self.key(line)] += self.number("PrezzoTotale", line)
        return found

    def key(self, of: Element) -> tuple[Fraction, str]:
        return self.number("AliquotaIVA", of), self.text("Natura", of)


def faults(content: bytes, *, received: str = "9999-12-31") -> list[str]:
    """The codes with which the exchange would refuse a file; [] for none. `received` is the day on which it comes."""
    try:
        file = InvoiceFile(content)
        found = [code for code, control in CONTROLS if not control(file)]
    except (ValueError, ZeroDivisionError):
        return ["00200"]
    return found + (["00403"] if file.text("DatiGeneraliDocumento/Data") > received else [])


def line_total(file: InvoiceFile, line: Element) -> Fraction:
    """Quantity x (price - discount)."""
    price = file.number("PrezzoUnitario", line)
    for change in line.findall("ScontoMaggiorazione"):
        sign = -1 if file.text("Tipo", change) == "SC" else 1
        percent = file.text("Percentuale", change)
        price += sign * (price * Fraction(percent) / 100 if percent else file.number("Importo", change))
    quantity = file.text("Quantita", line)
    return price * (Fraction(quantity) if quantity else 1)


def _lines_reckoned(file: InvoiceFile) -> bool:
    return all(abs(line_total(file, line) - file.number("PrezzoTotale", line)) <= CENT for line in file.lines)


def _nature_where_no_vat(elements: Callable[[InvoiceFile], list[Element]]) -> Callable[[InvoiceFile], bool]:
    return lambda file: all(file.number("AliquotaIVA", one) or file.text("Natura", one) for one in elements(file))


def _none_where_vat(elements: Callable[[InvoiceFile], list[Element]]) -> Callable[[InvoiceFile], bool]:
    return lambda file: not any(
        file.number("AliquotaIVA", one) and file.text("Natura", one) for one in elements(file)
    )  # fmt: skip


def _every(file: InvoiceFile) -> list[Element]:
    return [*file.lines, *file.taxes]


def _summed(file: InvoiceFile) -> bool:
    groups = file.groups()
    return all(
        abs(groups[file.key(one)] + file.number("Arrotondamento", one) - file.number("ImponibileImporto", one)) < EURO
        for one in file.taxes
    )  # fmt: skip


def _taxed(file: InvoiceFile) -> bool:
    return all(
        abs(file.number("ImponibileImporto", one) * file.number("AliquotaIVA", one) / 100 - file.number("Imposta", one))
        <= CENT
        for one in file.taxes
    )


def _rates_listed(file: InvoiceFile) -> bool:
    listed = {file.number("AliquotaIVA", one) for one in file.taxes}
    return all(file.number("AliquotaIVA", line) in listed for line in file.lines)


def _code_fits_form(file: InvoiceFile) -> bool:
    form, code = file.text("FormatoTrasmissione"), file.text("CodiceDestinatario")
    return len(code) == (6 if form == "FPA12" else 7)


def _pec_fits_code(file: InvoiceFile) -> bool:
    return not file.text("PECDestinatario") or file.text("CodiceDestinatario") == "0000000"


def _buyer_known(file: InvoiceFile) -> bool:
    of = file.root.find(".//CessionarioCommittente/DatiAnagrafici")
    return of is not None and bool(file.text("IdFiscaleIVA/IdCodice", of) or file.text("CodiceFiscale", of))


def _not_before_linked(file: InvoiceFile) -> bool:
    own = file.text("DatiGeneraliDocumento/Data")
    return all(not one.text or one.text <= own for one in file.root.findall(".//DatiFattureCollegate/Data"))


def luhn_holds(number: str) -> bool:
    """The check digit of Italian VAT numbers."""
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(number))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AT_ODD_PLACES = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22,
    25, 24, 23,
)  # fmt: skip
_ODD = dict(zip(_SIGNS, _AT_ODD_PLACES, strict=True))


def fiscal_code_holds(code: str) -> bool:
    """The last letter of a person's fiscal code; a body's has the check digit of VAT numbers."""
    if code.isdigit():
        return len(code) == 11 and luhn_holds(code)
    even = dict(zip(_SIGNS, (*range(10), *range(26)), strict=True))
    if not re.fullmatch("[A-Z0-9]{15}[A-Z]", code):
        return False
    total = sum(_ODD[sign] if place % 2 == 0 else even[sign] for place, sign in enumerate(code[:15]))
    return chr(ord("A") + total % 26) == code[15]


def _italian(of: Element | None) -> Iterator[str]:
    for vat in [] if of is None else of.findall(".//IdFiscaleIVA"):
        if vat.findtext("IdPaese") == "IT":
            yield vat.findtext("IdCodice", "")


def _vat_numbers_hold(path: str) -> Callable[[InvoiceFile], bool]:
    return lambda file: all(
        len(number) == 11 and number.isdigit() and luhn_holds(number) for number in _italian(file.root.find(path))
    )  # fmt: skip


def _fiscal_codes_hold(file: InvoiceFile) -> bool:
    return all(fiscal_code_holds(one.text or "") for one in file.root.findall(".//DatiAnagrafici/CodiceFiscale"))


def _abroad_is_abroad(file: InvoiceFile) -> bool:
    at_home = file.text("CessionarioCommittente/DatiAnagrafici/IdFiscaleIVA/IdPaese") == "IT"
    return file.text("CodiceDestinatario") != "XXXXXXX" or not at_home


def _split_without_reverse(file: InvoiceFile) -> bool:
    return not any(
        file.text("EsigibilitaIVA", one) == "S" and file.text("Natura", one)[:2] == "N6" for one in file.taxes
    )


def _discounts_filled(file: InvoiceFile) -> bool:
    return all(
        file.text("Percentuale", one) or file.text("Importo", one)
        for one in file.root.findall(".//ScontoMaggiorazione")
    )


def _groups_listed(file: InvoiceFile) -> bool:
    return set(file.groups()) <= {file.key(one) for one in file.taxes}


def _groups_used(file: InvoiceFile) -> bool:
    return {file.key(one) for one in file.taxes} <= set(file.groups())


CONTROLS: tuple[tuple[str, Callable[[InvoiceFile], bool]], ...] = (
    ("00301", _vat_numbers_hold(".//CedentePrestatore")),
    ("00305", _vat_numbers_hold(".//CessionarioCommittente")),
    ("00306", _fiscal_codes_hold),
    ("00313", _abroad_is_abroad),
    ("00400", _nature_where_no_vat(lambda file: file.lines)),
    ("00401", _none_where_vat(lambda file: file.lines)),
    ("00417", _buyer_known),
    ("00418", _not_before_linked),
    ("00419", _rates_listed),
    ("00420", _split_without_reverse),
    ("00421", _taxed),
    ("00422", _summed),
    ("00423", _lines_reckoned),
    ("00424", lambda file: not any(0 < file.number("AliquotaIVA", one) < 1 for one in _every(file))),
    ("00425", lambda file: any(sign.isdigit() for sign in file.text("DatiGeneraliDocumento/Numero"))),
    ("00426", _pec_fits_code),
    ("00427", _code_fits_form),
    ("00428", lambda file: file.root.get("versione") == file.text("FormatoTrasmissione")),
    ("00429", _nature_where_no_vat(lambda file: file.taxes)),
    ("00430", _none_where_vat(lambda file: file.taxes)),
    ("00438", _discounts_filled),
    ("00443", _groups_used),
    ("00444", _groups_listed),
    ("00445", lambda file: not any(file.text("Natura", one) in OLD_NATURES for one in _every(file))),
)


def sums(content: bytes) -> dict[str, object]:
    """What a file says, in cents: lines with rate and nature, sums of each, the whole, rounding, what is to be paid."""
    file = InvoiceFile(content)
    payment = file.root.find(".//ImportoPagamento")
    return {
        "lines": [(_cents(file.number("PrezzoTotale", line)), *file.key(line)) for line in file.lines],
        "taxes": {
            file.key(one): (_cents(file.number("ImponibileImporto", one)), _cents(file.number("Imposta", one)))
            for one in file.taxes
        },
        "total": _cents(file.number("ImportoTotaleDocumento")),
        "rounding": _cents(file.number("DatiGeneraliDocumento/Arrotondamento")),
        "payment": None if payment is None else _cents(Fraction(payment.text or "0")),
        "stamp": _cents(file.number("ImportoBollo")),
    }


def _cents(amount: Fraction) -> int:
    cents = amount * 100
    if cents.denominator != 1:
        raise ValueError(amount)
    return cents.numerator
