"""What a PDF/A-3 with an invoice in it must have, checked piece by piece: no validator of PDF/A was to be had.

The pieces are those of ISO 19005-3 that attaching a file can break, and those that Factur-X 1.0 wants; that the paper
itself is PDF/A-2u is typst's own check.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from pypdf import PdfReader

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
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"].get("/Font", {}).values()]
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
    "title as the paper's": lambda reader, root: bool((reader.metadata or {}).get("/Title")),
}
