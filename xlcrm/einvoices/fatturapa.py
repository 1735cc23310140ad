"""FatturaPA 1.2 writer: an exchange invoice as the XML file that Italy's exchange (SdI) takes.

Elements and lengths are those of the schema of Agenzia delle Entrate, the order of sums that of its technical rules:
a line's total in cents, VAT on the sum of each rate and nature. Amounts of credit notes (TD04) stand without a sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from xlcrm.documents.business_document import DocumentLine
from xlcrm.documents.invoice_money import InvoiceLine, net_price, rounded
from xlcrm.einvoices.exchange_invoice import DocumentReference, ExchangeInvoice, Party
from xlcrm.einvoices.latin_letters import latin

NAMESPACE = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
NO_CODE, ABROAD, SAN_MARINO = "0000000", "XXXXXXX", "2R4GTO8"  # where the exchange delivers without an own code
NO_POSTAL_CODE, NO_NUMBER = "00000", "0000000"
ZERO = Decimal(0)
_EIGHT = Decimal(1).scaleb(-8)
_REA = re.compile(r"\b([A-Z]{2})[\s\-–]{1,3}(\d{1,20})\b")
_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FILE = re.compile(r"_X([0-9A-Z]{4})\.xml$")


def write(invoice: ExchangeInvoice) -> bytes:
    """The file's bytes: UTF-8, the same for the same values."""
    form = "FPA12" if invoice.italian.public_body else "FPR12"
    root = Element(f"{{{NAMESPACE}}}FatturaElettronica", {"versione": form})
    root.extend(filter(_is_filled, (_header(invoice, form), _body(invoice))))
    ElementTree.register_namespace("p", NAMESPACE)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def file_name(invoice: ExchangeInvoice) -> str:
    """The name that the exchange wants: country and number of the sender, and the progressive."""
    return f"{_sender(invoice)}_{invoice.italian.progressive}.xml"


def next_progressive(files: Iterable[str]) -> str:
    """The progressive after the highest of these files: X0001, X0002, ... in base 36; others begin with another letter.

    A file's name must never come twice, not even after a refusal, so other programs' names are kept clear of.
    """
    used = (found[1] for file in files if (found := _FILE.search(file)))
    number = max((int(digits, 36) for digits in used), default=0) + 1
    return "X" + "".join(_DIGITS[number // 36**place % 36] for place in (3, 2, 1, 0))


def rea(registration: str) -> tuple[str, str]:
    """Office and number of the companies register in "REA MI-1234567"; ("", "") where there are none."""
    found = _REA.search(registration.upper().replace("REA", " "))
    return (found[1], found[2]) if found else ("", "")


def destination(invoice: ExchangeInvoice) -> str:
    """Where the exchange delivers: the client's code, or what stands for having none."""
    country = invoice.buyer.country
    none = {"IT": NO_CODE, "SM": SAN_MARINO}.get(country, ABROAD)
    return invoice.italian.sdi_code or none


def _sender(invoice: ExchangeInvoice) -> str:
    return invoice.seller.vat_id


def _is_filled(element: Element | None) -> bool:
    return element is not None and (len(element) > 0 or bool(element.text))


def _node(name: str, *parts: Element | str | None) -> Element:
    """An element of a text or of those of its children that hold something."""
    made = Element(name)
    for part in parts:
        if isinstance(part, str):
            made.text = part
        elif _is_filled(part) and part is not None:
            made.append(part)
    return made


def _amount(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01'), ROUND_HALF_UP):.2f}"


def _exact(number: Decimal) -> str:
    """Two to eight decimals, as many as there are."""
    text = f"{number.quantize(_EIGHT, ROUND_HALF_UP):f}".rstrip("0")
    whole, _, places = text.partition(".")
    return f"{whole}.{places:0<2}"


# --- who sells, who buys


def _header(invoice: ExchangeInvoice, form: str) -> Element:
    facts = invoice.italian
    code = destination(invoice)
    sender = _sender(invoice)
    return _node(
        "FatturaElettronicaHeader",
        _node(
            "DatiTrasmissione",
            _node("IdTrasmittente", _node("IdPaese", sender[:2]), _node("IdCodice", sender[2:])),
            _node("ProgressivoInvio", facts.progressive),
            _node("FormatoTrasmissione", form),
            _node("CodiceDestinatario", code),
            _node("PECDestinatario", latin(facts.pec, ascii_only=True) if code == NO_CODE else ""),
        ),
        _seller(invoice),
        _node("CessionarioCommittente", _buyer_identity(invoice.buyer), _seat(invoice.buyer)),
    )


def _seller(invoice: ExchangeInvoice) -> Element:
    seller = invoice.seller
    return _node(
        "CedentePrestatore",
        _node(
            "DatiAnagrafici",
            _vat_number(seller.vat_id[:2], seller.vat_id[2:]),
            _node("CodiceFiscale", seller.tax_number),
            _node("Anagrafica", _node("Denominazione", latin(seller.name))),
            _node("RegimeFiscale", invoice.italian.regime),
        ),
        _seat(seller),
        _register(invoice),
        _node(
            "Contatti", _node("Telefono", _phone(seller.phone)), _node("Email", latin(seller.email, ascii_only=True))
        ),
    )


def _register(invoice: ExchangeInvoice) -> Element | None:
    office, number = rea(invoice.seller.registration)
    if not number:
        return None
    capital, sole = invoice.italian.share_capital, invoice.italian.sole_shareholder
    return _node(
        "IscrizioneREA",
        _node("Ufficio", office),
        _node("NumeroREA", number),
        _node("CapitaleSociale", _amount(capital) if capital else ""),
        _node("SocioUnico", {True: "SU", False: "SM"}.get(sole, "") if sole is not None else ""),
        _node("StatoLiquidazione", "LN"),
    )


def _vat_number(country: str, number: str) -> Element:
    return _node("IdFiscaleIVA", _node("IdPaese", {"EL": "GR"}.get(country, country)), _node("IdCodice", number))


def _buyer_identity(buyer: Party) -> Element:
    vat = _vat_number(buyer.vat_id[:2], buyer.vat_id[2:]) if buyer.vat_id else None
    at_home = buyer.country == "IT"
    if vat is None and not at_home:
        vat = _vat_number(buyer.country, buyer.tax_number or NO_NUMBER)
    return _node("DatiAnagrafici", vat, _node("CodiceFiscale", buyer.tax_number if at_home else ""), _name(buyer))


def _name(buyer: Party) -> Element:
    """Two names of a person, one of anybody else."""
    if buyer.business or not (buyer.first_name and buyer.last_name):
        return _node("Anagrafica", _node("Denominazione", latin(buyer.name)))
    return _node(
        "Anagrafica", _node("Nome", latin(buyer.first_name)), _node("Cognome", latin(buyer.last_name))
    )  # fmt: skip


def _seat(party: Party) -> Element:
    at_home = party.country == "IT"
    town = party.city if at_home else f"{party.postal_code} {party.city}".strip()
    return _node(
        "Sede",
        _node("Indirizzo", latin(", ".join(filter(None, (party.street, party.extra))))),
        _node("CAP", party.postal_code if at_home else NO_POSTAL_CODE),
        _node("Comune", latin(town)),
        _node("Provincia", party.region.upper() if at_home and re.fullmatch("[A-Za-z]{2}", party.region) else ""),
        _node("Nazione", party.country),
    )


def _phone(typed: str) -> str:
    """5 to 12 signs; "" where it can't be that short."""
    plain = re.sub(r"[^\d+]", "", typed)
    short = plain if len(plain) <= 12 else plain.removeprefix("+39")
    return short if 5 <= len(short) <= 12 else ""


# --- what is sold


@dataclass(frozen=True)
class _Row:
    """A line as it stands in the file: its quantity has no sign, price and total have it."""

    line: DocumentLine
    quantity: Decimal
    price: Decimal
    total: Decimal
    nature: str


def _rows(invoice: ExchangeInvoice) -> list[_Row]:
    sign = -1 if invoice.document.kind == "credit" else 1
    natures = dict(invoice.italian.natures)
    return [_row(one, sign, natures.get(one.line, ""), invoice) for one in invoice.document.lines]


def _row(one: DocumentLine, sign: int, nature: str, invoice: ExchangeInvoice) -> _Row:
    price = net_price(InvoiceLine(one.line, one.quantity, one.unit_price, one.rate), with_vat=invoice.prices_with_vat)
    direction = -1 if sign * one.quantity < 0 else 1
    return _Row(one, abs(one.quantity), direction * price, sign * one.net, "" if one.rate else nature)


def _body(invoice: ExchangeInvoice) -> Element:
    rows = _rows(invoice)
    return _node(
        "FatturaElettronicaBody",
        _node(
            "DatiGenerali",
            _general(invoice, rows),
            _related("DatiOrdineAcquisto", invoice.order or invoice.sales_order),
            _related("DatiFattureCollegate", invoice.corrects),
            *(
                _node("DatiDDT", _node("NumeroDDT", one.number), _node("DataDDT", one.date.isoformat()))
                for one in invoice.deliveries
                if one.date
            ),
        ),
        _node("DatiBeniServizi", *map(_line, rows), *_summary(invoice, rows)),
        _payment(invoice),
    )


def _general(invoice: ExchangeInvoice, rows: Iterable[_Row]) -> Element:
    document, stamp = invoice.document, invoice.italian.stamp_duty
    sign = -1 if document.kind == "credit" else 1
    gross = sign * document.gross
    rounding = gross - sum((net + vat for _, _, net, vat in _taxed(rows, document.currency)), ZERO)
    return _node(
        "DatiGeneraliDocumento",
        _node("TipoDocumento", _kind(invoice)),
        _node("Divisa", document.currency),
        _node("Data", document.date.isoformat()),
        _node("Numero", document.number),
        _node("DatiBollo", _node("BolloVirtuale", "SI"), _node("ImportoBollo", _amount(stamp))) if stamp else None,
        _node("ImportoTotaleDocumento", _amount(gross)),
        _node("Arrotondamento", _amount(rounding) if rounding else ""),
        *(_node("Causale", part) for note in invoice.notes for part in _pieces(latin(note), 200)),
    )


def _kind(invoice: ExchangeInvoice) -> str:
    """TD04 for a credit note, TD24 where goods were delivered on an earlier day, else TD01."""
    if invoice.document.kind == "credit":
        return "TD04"
    earlier = any(one.date and one.date < invoice.document.date for one in invoice.deliveries)
    return "TD24" if earlier else "TD01"


def _pieces(text: str, longest: int) -> Iterator[str]:
    for start in range(0, len(text), longest):
        yield text[start : start + longest]


def _related(name: str, other: DocumentReference | None) -> Element | None:
    if other is None:
        return None
    return _node(
        name, _node("IdDocumento", other.number), _node("Data", other.date.isoformat() if other.date else "")
    )  # fmt: skip


def _line(row: _Row) -> Element:
    one = row.line
    return _node(
        "DettaglioLinee",
        _node("NumeroLinea", str(one.line)),
        _node("Descrizione", latin(one.product) or "-"),
        _node("Quantita", _exact(row.quantity)),
        _node("UnitaMisura", latin(one.unit, ascii_only=True)[:10]),
        _node("PrezzoUnitario", _exact(row.price)),
        _discount(row),
        _node("PrezzoTotale", _amount(row.total)),
        _node("AliquotaIVA", _amount(one.rate * 100)),
        _node("Natura", row.nature),
    )


def _discount(row: _Row) -> Element | None:
    """A discount in percent; one with more than two decimals as an amount a piece, which has eight."""
    share = row.line.discount
    if not share:
        return None
    kind = "SC" if share > 0 else "MG"
    percent = abs(share) * 100
    if percent == percent.quantize(Decimal("0.01")):
        return _node("ScontoMaggiorazione", _node("Tipo", kind), _node("Percentuale", _amount(percent)))
    off = abs(share) * row.price
    return _node("ScontoMaggiorazione", _node("Tipo", kind), _node("Importo", _exact(off)))


def _taxed(rows: Iterable[_Row], currency: str) -> list[tuple[Decimal, str, Decimal, Decimal]]:
    """(rate, nature, net, VAT) of each rate and nature: the highest rate first, then by nature."""
    sums: dict[tuple[Decimal, str], Decimal] = {}
    for row in rows:
        key = (row.line.rate.normalize(), row.nature)
        sums[key] = sums.get(key, ZERO) + row.total
    ordered = sorted(sums.items(), key=lambda item: (-item[0][0], item[0][1]))
    return [(rate, nature, net, rounded(net * rate, currency)) for (rate, nature), net in ordered]


def _summary(invoice: ExchangeInvoice, rows: list[_Row]) -> Iterator[Element]:
    due = "S" if invoice.italian.split_payment else "I"
    for rate, nature, net, vat in _taxed(rows, invoice.document.currency):
        reasons = [row.line.exemption for row in rows if row.nature == nature and row.line.exemption]
        law = latin("; ".join(dict.fromkeys(reasons))) if nature else ""
        yield _node(
            "DatiRiepilogo",
            _node("AliquotaIVA", _amount(rate * 100)),
            _node("Natura", nature),
            _node("ImponibileImporto", _amount(net)),
            _node("Imposta", _amount(vat)),
            _node("EsigibilitaIVA", "" if nature else due),
            _node("RiferimentoNormativo", law[:100]),
        )


def _payment(invoice: ExchangeInvoice) -> Element | None:
    """A transfer to the seller's account, where one is named and something is to be paid."""
    document = invoice.document
    if document.kind == "credit" or not invoice.iban or invoice.payable <= 0:
        return None
    return _node(
        "DatiPagamento",
        _node("CondizioniPagamento", "TP02"),
        _node(
            "DettaglioPagamento",
            _node("ModalitaPagamento", "MP05"),
            _node("DataScadenzaPagamento", document.due_on.isoformat() if document.due_on else ""),
            _node("ImportoPagamento", _amount(invoice.payable)),
            _node("IBAN", invoice.iban),
            _node("BIC", invoice.bic if _BIC.fullmatch(invoice.bic) else ""),
        ),
    )
