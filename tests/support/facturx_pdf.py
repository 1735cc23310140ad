"""What a PDF/A-3 with an invoice in it must have, piece by piece, and whether its paper says what its file says.

No validator of PDF/A was to be had.

The pieces are those of ISO 19005-3 that attaching a file can break, and those that Factur-X 1.0 wants; that the paper
itself is PDF/A-2u is typst's own check.
"""

from __future__ import annotations

import datetime as dt
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from babel import dates, numbers
from pypdf import PdfReader

from xlcrm.messages import locale_of

_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
_FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"


def facturx_faults(pdf: bytes) -> list[str]:
    """The pieces that are not as they must be; [] for a whole file."""
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    return [name for name, holds in PIECES.items() if not holds(reader, root)]


def xmp(root: Any) -> ET.Element:
    return ET.fromstring(root["/Metadata"].get_object().get_data())


def _told(root: Any, name: str) -> str:
    return next((one.text or "" for one in xmp(root).iter(name)), "")


def _file(root: Any) -> Any:
    return root["/AF"][0].get_object()


def _fonts(reader: PdfReader) -> bool:
    pages: list[Any] = list(reader.pages)
    fonts = [font.get_object() for page in pages for font in page["/Resources"].get("/Font", {}).values()]
    held = [one for font in fonts for one in (font.get("/DescendantFonts") or [font])]
    described = [one.get_object().get("/FontDescriptor", {}).get_object() for one in held]
    return bool(fonts) and all({"/FontFile", "/FontFile2", "/FontFile3"} & set(one) for one in described)


def _declared(root: Any) -> bool:
    """Every property of Factur-X stands in the extension schema, too."""
    names = {"DocumentType", "DocumentFileName", "Version", "ConformanceLevel"}
    declared = {one.text for one in xmp(root).iter("{http://www.aiim.org/pdfa/ns/property#}name")}
    return names <= declared and all(_told(root, _FX + name) for name in names)


PIECES: dict[str, Callable[[PdfReader, Any], bool]] = {
    "header 1.7": lambda reader, root: reader.pdf_header == "%PDF-1.7",
    "not encrypted": lambda reader, root: not reader.is_encrypted,
    "ID in the trailer": lambda reader, root: len(reader.trailer.get("/ID", [])) == 2,
    "part 3": lambda reader, root: _told(root, f"{_PDFA}part") == "3",
    "level U": lambda reader, root: _told(root, f"{_PDFA}conformance") == "U",
    "Factur-X declared and told": lambda reader, root: _declared(root),
    "level EN 16931": lambda reader, root: _told(root, f"{_FX}ConformanceLevel") == "EN 16931",
    "metadata not packed": lambda reader, root: "/Filter" not in root["/Metadata"].get_object(),
    "colours": lambda reader, root: root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1",
    "fonts": lambda reader, root: _fonts(reader),
    "tagged": lambda reader, root: bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root,
    "no actions": lambda reader, root: not {"/OpenAction", "/AA", "/AcroForm"} & set(root),
    "relationship": lambda reader, root: _file(root)["/AFRelationship"] == "/Alternative",
    "file name": lambda reader, root: _file(root)["/F"] == _file(root)["/UF"] == "factur-x.xml",
    "type text/xml": lambda reader, root: _file(root)["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml",
    "day of the file": lambda reader, root: "/ModDate" in _file(root)["/EF"]["/F"].get_object()["/Params"],
    "in the list of files": lambda reader, root: list(reader.attachments) == ["factur-x.xml"],
    "title as the paper's": lambda reader, root: bool(reader.metadata and reader.metadata.title),
}


def unsaid(pdf: bytes, language: str, country: str, *, with_vat: bool) -> list[str]:
    """What the file in a PDF says and its paper doesn't: number, days, products, line nets, VAT and sums.

    Where prices have VAT in them, the paper shows lines with it: only their products are looked for.
    """
    reader = PdfReader(io.BytesIO(pdf))
    swiss = country == "CH" and language in ("de", "fr", "it")
    locale = f"{language}_CH" if swiss else locale_of(language)
    shown = _squeezed("".join(page.extract_text() for page in reader.pages))
    root = ET.fromstring(reader.attachments["factur-x.xml"][0])
    sums = _all(root, "SpecifiedTradeSettlementHeaderMonetarySummation")[0]
    lines = _all(root, "IncludedSupplyChainTradeLineItem")
    amounts = [
        *_texts(sums, "TaxBasisTotalAmount", "DuePayableAmount", "RoundingAmount"),
        *(text for tax in _all(root, "ApplicableTradeTax") for text in _texts(tax, "CalculatedAmount", "BasisAmount")),
        *(() if with_vat else (text for line in lines for text in _texts(line, "LineTotalAmount"))),
    ]
    days = [*_texts(_all(root, "IssueDateTime")[0], "DateTimeString"), *_due(root)]
    wanted = [
        *_texts(_all(root, "ExchangedDocument")[0], "ID"),
        *(dates.format_date(dt.date.fromisoformat(day), "long", locale=locale) for day in days),
        *(text for line in lines for text in _texts(_all(line, "SpecifiedTradeProduct")[0], "Name")),
        *(_amount(text, locale) for text in amounts),
    ]
    return [text for text in wanted if _squeezed(text) not in shown]


def _due(root: ET.Element) -> list[str]:
    return [text for due in _all(root, "DueDateDateTime") for text in _texts(due, "DateTimeString")]


def _amount(text: str, locale: str) -> str:
    """An amount as papers print it, of "1234.50" in Italian "1.234,50"."""
    pattern = "#,##0." + "0" * len(text.partition(".")[2]) if "." in text else "#,##0"
    shown: str = numbers.format_decimal(Decimal(text), pattern, locale=locale)
    return shown


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _all(root: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == name]


def _texts(root: ET.Element, *names: str) -> list[str]:
    return [one.text or "" for name in names for one in _all(root, name) if one.text and one.text.strip()]
