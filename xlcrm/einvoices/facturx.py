"""Factur-X (ZUGFeRD): the paper of an invoice as PDF/A-3 with the same invoice as CII in it, `factur-x.xml`.

The paper comes from typst as PDF/A-2u; PDF/A-3 is the same but for files of any kind that may be attached. So nothing
is drawn anew: the XML is attached and the XMP metadata say so. By pypdf, which the papers need anyway; the library
factur-x would bring lxml and requests.
"""

from __future__ import annotations

import datetime as dt
import io
import re

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from xlcrm.einvoices import cii
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice
from xlcrm.errors import CrmError

FILE_NAME = "factur-x.xml"
RELATIONSHIP = "/Alternative"  # the XML says the same as the paper
_PART = re.compile(r"<pdfaid:part>[23]</pdfaid:part>")
_SCHEMAS, _END = "<pdfaExtension:schemas><rdf:Bag>", "</rdf:RDF>"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_NAMES = (
    ("DocumentFileName", "name of the embedded XML invoice file"),
    ("DocumentType", "INVOICE"),
    ("Version", "The actual version of the Factur-X XML schema"),
    ("ConformanceLevel", "The conformance level of the embedded Factur-X data"),
)
_FACTS = (FILE_NAME, "INVOICE", "1.0", "EN 16931")


def embed(pdf: bytes, invoice: ExchangeInvoice) -> bytes:
    """The paper with the invoice in it, PDF/A-3u; every page stays as it is.

    CrmError "einvoice.file_archive" where the paper is no PDF/A, "einvoice.file_sums" as in `cii.write`.
    """
    xml = cii.write(invoice)
    reader = PdfReader(io.BytesIO(pdf))
    metadata = reader.root_object.get("/Metadata", DecodedStreamObject()).get_object()
    told = metadata.get_data().decode() if isinstance(metadata, StreamObject) else ""
    if not _PART.search(told) or _SCHEMAS not in told:
        raise CrmError("einvoice.file_archive", number=invoice.document.number)
    writer = PdfWriter(clone_from=reader)
    writer.pdf_header = reader.pdf_header
    writer.metadata = reader.metadata
    _attach(writer, xml, invoice.document.date)
    _tell(writer, told)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _attach(writer: PdfWriter, xml: bytes, day: dt.date) -> None:
    plain = DecodedStreamObject()
    plain.set_data(xml)
    stream = plain.flate_encode()
    stream.update({
        NameObject("/Type"): NameObject("/EmbeddedFile"),
        NameObject("/Subtype"): NameObject("/text/xml"),
        NameObject("/Params"): DictionaryObject({
            NameObject("/ModDate"): TextStringObject(f"D:{day:%Y%m%d}000000Z"),
            NameObject("/Size"): NumberObject(len(xml)),
        }),
    })  # fmt: skip
    held = writer._add_object(stream)
    name = TextStringObject(FILE_NAME)
    file = writer._add_object(DictionaryObject({
        NameObject("/Type"): NameObject("/Filespec"),
        NameObject("/F"): name,
        NameObject("/UF"): name,
        NameObject("/Desc"): TextStringObject("Factur-X"),
        NameObject("/AFRelationship"): NameObject(RELATIONSHIP),
        NameObject("/EF"): DictionaryObject({NameObject("/F"): held, NameObject("/UF"): held}),
    }))  # fmt: skip
    _hold(writer.root_object, name, file)


def _hold(root: DictionaryObject, name: TextStringObject, file: IndirectObject) -> None:
    """The file in the catalogue: among the embedded files, and as associated with the document."""
    names = root.setdefault(NameObject("/Names"), DictionaryObject()).get_object()
    tree = DictionaryObject({NameObject("/Names"): ArrayObject([name, file])})
    names[NameObject("/EmbeddedFiles")] = tree
    root[NameObject("/AF")] = ArrayObject([file])
    root[NameObject("/PageMode")] = NameObject("/UseAttachments")


def _tell(writer: PdfWriter, told: str) -> None:
    """XMP: the part of PDF/A, what Factur-X wants said, and the schema of that."""
    text = _PART.sub("<pdfaid:part>3</pdfaid:part>", told).replace(_SCHEMAS, _SCHEMAS + _schema(), 1)
    facts = "".join(f"<fx:{name}>{value}</fx:{name}>" for (name, _), value in zip(_NAMES, _FACTS, strict=True))
    own = f'<rdf:Description rdf:about="" xmlns:fx="{_FX}">{facts}</rdf:Description>'
    stream = DecodedStreamObject()
    stream.set_data(text.replace(_END, own + _END, 1).encode())
    stream.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)


def _schema() -> str:
    properties = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        f"<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{said}</pdfaProperty:description></rdf:li>"
        for name, said in _NAMES
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{_FX}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
