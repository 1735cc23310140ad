"""Missing facts of an e-invoice as Problems, on the client's or the seller's row, before a number is taken.

A table says what each format cannot be without and where it is typed; a note is worth knowing and keeps nobody from an
invoice (in Italy a firm without a code finds it at the Agenzia delle Entrate).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from xlcrm import words
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice
from xlcrm.einvoices.fatturapa import rea
from xlcrm.einvoices.latin_letters import latin, strange
from xlcrm.fields import tax_id
from xlcrm.fields.field_errors import FieldError, PartError
from xlcrm.problems import Problem

_ITALY, _XRECHNUNG = frozenset({"fatturapa"}), frozenset({"xrechnung"})
_PEPPOL, _UBL = frozenset({"peppol", "ehf"}), frozenset({"peppol", "ehf", "xrechnung"})
_SETTINGS = frozenset({"Seller", "Settings"})
_REGIME = re.compile(r"RF(0[124-9]|1\d|20)")
_PEPPOL_FORM = re.compile(r"\d{4}:\S+")
_COMPANY = re.compile(r"\bs\.? ?(r\.? ?l\.? ?s?|p\.? ?a)\b|\bsoc(\.|ietà) coop", re.IGNORECASE)  # forms of companies
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_ITALIAN_CODE = re.compile(r"[A-Z0-9]{6,7}")
_NAME, _PLACE, _PRODUCT, _NUMBER = 80, 60, 1000, 20  # letters that FatturaPA has room for


@dataclass(frozen=True)
class KnownPlaces:
    """Where facts are typed, and in which language the workbook says so.

    client_row  Excel row of the client in Clients, 0 where there is none
    settings    (table, setting) -> Excel row
    series      of the document's kind, as the seller has it
    """

    client: Mapping[str, str] = field(default_factory=dict)
    client_row: int = 0
    settings: Mapping[tuple[str, str], int] = field(default_factory=dict)
    series: str = ""
    language: str = "en"


Found = Callable[[ExchangeInvoice, KnownPlaces], "str | None"]


@dataclass(frozen=True)
class NeededFact:
    """What e-invoices of some formats need: `wrong` gives what stands there instead, None where nothing is wrong.

    column  of Clients or Purchases, or the setting of Seller or Settings
    what    which part of an address is meant
    """

    code: str
    formats: frozenset[str]
    table: str
    column: str
    wrong: Found
    why: str
    level: str = "error"
    what: str = ""


def _blank(*path: str) -> Found:
    """Wrong where one of a value's parts is blank: ("buyer", "city")."""

    def wrong(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
        value: object = invoice
        for name in path:
            value = getattr(value, name)
        return None if value else ""

    return wrong


def _between(countries: str, found: Found) -> Found:
    """Asked only where seller and buyer are both in one of these countries."""

    def wrong(invoice: ExchangeInvoice, places: KnownPlaces) -> str | None:
        home = invoice.seller.country
        return found(invoice, places) if home == invoice.buyer.country and home in countries.split() else None

    return wrong


def _fails(number: str) -> bool:
    """Whether Italy's exchange refuses a number of Italy for its form or check digit; unknown offices pass."""
    try:
        tax_id.validate(number, "IT")
    except PartError:
        return False
    except FieldError:
        return True
    return False


def _italian_numbers(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    buyer = invoice.buyer
    typed = (buyer.vat_id.removeprefix("IT"), buyer.tax_number)
    at_home = buyer.country == "IT" and not (buyer.vat_id and buyer.vat_id[:2] != "IT")
    return next((number for number in typed if at_home and number and _fails(number)), None)


def _no_number(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    buyer = invoice.buyer
    return "" if buyer.country == "IT" and not (buyer.vat_id or buyer.tax_number) else None


def _sdi_code(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    code = invoice.italian.sdi_code
    return code if code and not _ITALIAN_CODE.fullmatch(code) else None


def _no_code(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    facts, buyer = invoice.italian, invoice.buyer
    return "" if buyer.country == "IT" and buyer.vat_id and not (facts.sdi_code or facts.pec) else None


def _pec(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    pec = invoice.italian.pec
    return pec if pec and not _ADDRESS.fullmatch(pec) else None


def _split_asked(invoice: ExchangeInvoice, places: KnownPlaces) -> str | None:
    said = words.choice("done", places.client.get("split_payment", ""))
    taxed = any(one.rate for one in invoice.document.lines)
    return "" if invoice.italian.public_body and taxed and not said else None


def _postal_code(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    code = invoice.buyer.postal_code
    return code if invoice.buyer.country == "IT" and not re.fullmatch(r"\d{5}", code) else None


def _peppol_form(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    typed = invoice.buyer.peppol_id
    return typed if typed and not _PEPPOL_FORM.fullmatch(typed) else None


def _reachable(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    return None if invoice.buyer.email or invoice.buyer.peppol_id else ""


def _strange(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    buyer = invoice.buyer
    return next((text for text in (buyer.name, buyer.street, buyer.city) if strange(text)), None)


def _strange_product(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    return next((one.product for one in invoice.document.lines if strange(one.product)), None)


def _no_nature(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    known = dict(invoice.italian.natures)
    return next((one.product for one in invoice.document.lines if not one.rate and not known.get(one.line)), None)


def _italian_seller(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    number = invoice.seller.vat_id
    wrong = not number.startswith("IT") or not re.fullmatch(r"\d{11}", number[2:]) or _fails(number[2:])
    return number if wrong else None


def _seller_code(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    code = invoice.seller.postal_code
    return None if re.fullmatch(r"\d{5}", code) else code


def _regime(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    regime = invoice.italian.regime
    return None if _REGIME.fullmatch(regime) else regime


def _no_rea(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    known = rea(invoice.seller.registration)[1] or not _COMPANY.search(invoice.seller.name)
    return None if known else ""


def _series(_: ExchangeInvoice, places: KnownPlaces) -> str | None:
    longest = len(f"{places.series}-2026-00001")
    return places.series if longest > _NUMBER or not places.series.isascii() else None


def _over(longest: int, *texts: str) -> str | None:
    return next((text for text in texts if len(latin(text)) > longest), None)


def _long_name(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    return _over(_NAME, invoice.buyer.name)


def _long_place(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    buyer = invoice.buyer
    town = buyer.city if buyer.country == "IT" else f"{buyer.postal_code} {buyer.city}"
    return _over(_PLACE, ", ".join(filter(None, (buyer.street, buyer.extra))), town)


def _long_product(invoice: ExchangeInvoice, _: KnownPlaces) -> str | None:
    return _over(_PRODUCT, *(one.product for one in invoice.document.lines))


_LONGEST = {"company": _NAME, "street": _PLACE, "product": _PRODUCT}
FACTS: tuple[NeededFact, ...] = (
    NeededFact("einvoice.fiscal_code", _ITALY, "Clients", "tax_id", _no_number, "SdI 00417"),
    NeededFact("einvoice.tax_number", _ITALY, "Clients", "tax_id", _italian_numbers, "SdI 00305, 00306"),
    NeededFact("einvoice.sdi_code", _ITALY, "Clients", "sdi_code", _sdi_code, "SdI 00311, 00427"),
    NeededFact("einvoice.no_address_code", _ITALY, "Clients", "sdi_code", _no_code, "0000000 is valid", "note"),
    NeededFact("einvoice.pec", _ITALY, "Clients", "pec", _pec, "schema: EmailType"),
    NeededFact("einvoice.split_payment", _ITALY, "Clients", "split_payment", _split_asked, "DPR 633/1972, art. 17-ter"),
    NeededFact("einvoice.address", _ITALY, "Clients", "street", _blank("buyer", "street"), "schema", what="street"),
    NeededFact(
        "einvoice.address", _ITALY | _XRECHNUNG, "Clients", "city", _blank("buyer", "city"), "schema; BR-DE-8",
        what="city",
    ),
    NeededFact("einvoice.postal_code", _ITALY, "Clients", "postal_code", _postal_code, "schema: CAPType"),
    NeededFact(
        "einvoice.address", _XRECHNUNG, "Clients", "postal_code", _blank("buyer", "postal_code"), "BR-DE-9",
        what="postal_code",
    ),
    NeededFact("einvoice.letters", _ITALY, "Clients", "company", _strange, "schema: Latin-1"),
    NeededFact("einvoice.letters", _ITALY, "Purchases", "product", _strange_product, "schema: Latin-1"),
    NeededFact("einvoice.too_long", _ITALY, "Clients", "company", _long_name, "schema: String80LatinType"),
    NeededFact("einvoice.too_long", _ITALY, "Clients", "street", _long_place, "schema: String60LatinType"),
    NeededFact("einvoice.too_long", _ITALY, "Purchases", "product", _long_product, "schema: String1000LatinType"),
    NeededFact("einvoice.nature", _ITALY, "Purchases", "vat_category", _no_nature, "SdI 00400, 00445"),
    NeededFact("einvoice.peppol_id", _PEPPOL, "Clients", "peppol_id", _blank("buyer", "peppol_id"), "PEPPOL R010"),
    NeededFact("einvoice.peppol_form", _UBL, "Clients", "peppol_id", _peppol_form, "PEPPOL: scheme of EAS"),
    NeededFact(
        "einvoice.buyer_reference", _XRECHNUNG, "Clients", "buyer_reference", _blank("buyer_reference"), "BR-DE-15"
    ),
    *(
        NeededFact(
            "einvoice.address", _PEPPOL, "Clients", part, _between(where, _blank("buyer", part)), why, what=part
        )
        for part, where, why in (
            ("street", "NL", "NL-R-004"),
            ("city", "DE NL", "DE-R-008, NL-R-004"),
            ("postal_code", "DE NL", "DE-R-009, NL-R-004"),
        )
    ),
    NeededFact("einvoice.buyer_address", _XRECHNUNG, "Clients", "email", _reachable, "BT-49"),
    NeededFact("einvoice.seller_vat", _ITALY, "Seller", "vat_id", _italian_seller, "SdI 00301"),
    NeededFact("einvoice.regime", _ITALY, "Seller", "tax_regime", _regime, "schema: RegimeFiscaleType"),
    NeededFact("einvoice.series", _ITALY, "Seller", "series_invoice", _series, "schema: String20Type"),
    NeededFact("einvoice.no_rea", _ITALY, "Seller", "registration", _no_rea, "art. 2250 c.c.", "note"),
    NeededFact(
        "einvoice.seller_address", _ITALY | _PEPPOL, "Settings", "seller_address", _blank("seller", "street"),
        "schema; IT-R-002, NL-R-002", what="street",
    ),
    NeededFact(
        "einvoice.seller_address", _ITALY | _UBL, "Settings", "seller_address", _blank("seller", "city"),
        "schema; BR-DE-3, DE-R-003, IT-R-003, NL-R-002", what="city",
    ),
    NeededFact(
        "einvoice.seller_address", _ITALY, "Settings", "seller_address", _seller_code, "schema: CAPType",
        what="postal_code",
    ),
    NeededFact(
        "einvoice.seller_address", _UBL, "Settings", "seller_address", _blank("seller", "postal_code"),
        "BR-DE-4, DE-R-004, IT-R-004, NL-R-002", what="postal_code",
    ),
    NeededFact("einvoice.seller_missing", _PEPPOL, "Seller", "peppol_id", _blank("seller", "peppol_id"), "PEPPOL R020"),
    NeededFact("einvoice.seller_missing", _XRECHNUNG, "Seller", "contact", _blank("seller", "contact"), "BR-DE-5"),
    NeededFact("einvoice.seller_missing", _XRECHNUNG, "Settings", "seller_phone", _blank("seller", "phone"), "BR-DE-6"),
    NeededFact("einvoice.seller_missing", _XRECHNUNG, "Settings", "seller_email", _blank("seller", "email"), "BR-DE-7"),
    NeededFact("einvoice.seller_missing", _XRECHNUNG, "Seller", "iban", _blank("iban"), "BR-DE-1, BR-DE-23"),
    NeededFact(
        "einvoice.seller_missing", _PEPPOL, "Settings", "seller_phone", _between("DE", _blank("seller", "phone")),
        "DE-R-006",
    ),
    NeededFact(
        "einvoice.seller_missing", _PEPPOL, "Settings", "seller_email", _between("DE", _blank("seller", "email")),
        "DE-R-007",
    ),
    NeededFact(
        "einvoice.seller_missing", _PEPPOL, "Seller", "iban", _between("NL", _blank("iban")), "NL-R-007, NL-R-008"
    ),
)  # fmt: skip


def missing_facts(invoice: ExchangeInvoice, places: KnownPlaces) -> tuple[Problem, ...]:
    """What an invoice lacks for its format, in the order of the table; notes among them keep nobody from it."""
    return tuple(_problems(invoice, places))


def _problems(invoice: ExchangeInvoice, places: KnownPlaces) -> Iterator[Problem]:
    for fact in FACTS:
        if invoice.format in fact.formats and (value := fact.wrong(invoice, places)) is not None:
            yield _problem(fact, value, invoice, places)


def _problem(fact: NeededFact, value: str, invoice: ExchangeInvoice, places: KnownPlaces) -> Problem:
    typed_once = fact.table in _SETTINGS
    language = places.language
    label = words.setting if typed_once else lambda column, spoken: words.header(fact.table, column, spoken)
    values = {
        "header": label(fact.column, language),
        "setting": label(fact.column, language),
        "sheet": words.title(fact.table, language),
        "what": fact.what,
        "length": str(len(value)),
        "longest": str(_LONGEST.get(fact.column, "")),
    }
    row = places.settings.get((fact.table, fact.column), 0) if typed_once else 0
    return Problem(
        fact.code,
        fact.table,
        places.client_row if fact.table == "Clients" else row,
        "" if typed_once else invoice.document.buyer.client_id,
        "value" if typed_once else fact.column,
        value,
        level=fact.level,
        values=tuple(values.items()),
    )
