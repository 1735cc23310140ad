"""Macro workbook (.xlsm) out of openpyxl's workbook: VBA project, ribbon parts, fixed dates and order of parts.

openpyxl knows no 2009 ribbon part and stamps the hour into every file; both are settled here, on the finished package.
"""

from __future__ import annotations

import html
import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook

from xlcrm import messages

# Puts the fonts of a style sheet into the order that Excel writes and Microsoft's validator wants.

_FONT = re.compile(r"<font>(.*?)</font>", re.DOTALL)
_ORDER = "b i strike condense extend outline shadow u vertAlign sz color name family charset scheme".split()


def in_order(styles: bytes) -> bytes:
    """The part xl/styles.xml as openpyxl wrote it, with each font's properties in order."""
    return _FONT.sub(_ordered, styles.decode()).encode()


def _ordered(font: re.Match[str]) -> str:
    found = sorted(re.findall(r"<(\w+)([^>]*)/>", font[1]), key=lambda part: _ORDER.index(part[0]))
    return "<font>" + "".join(f"<{name}{rest}/>" for name, rest in found) + "</font>"


STAMP = (2026, 1, 1, 0, 0, 0)
_ISO = "2026-01-01T00:00:00Z"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_VBA_TYPE = "application/vnd.ms-office.vbaProject"
_VBA_RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_RIBBONS = {
    "customUI/customUI14.xml": "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
    "customUI/customUI.xml": "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
}

_VML_PREFIXES = {
    "urn:schemas-microsoft-com:office:office": "o",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:excel": "x",
}


def finish(
    plain: bytes, vba_project: bytes, ribbons: Mapping[str, str], values: Mapping[str, str | float] | None = None
) -> bytes:
    """The .xlsm package from openpyxl's .xlsx bytes, a vbaProject.bin and the ribbon parts (name -> XML).

    `values` are what the formulas (without their "=") come to, shown until Excel calculates. The same input gives the
    same bytes: entries keep their order, every date is STAMP.
    """
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["[Content_Types].xml"] = _content_types(parts["[Content_Types].xml"].decode()).encode()
    parts["xl/_rels/workbook.xml.rels"] = _related(
        parts["xl/_rels/workbook.xml.rels"].decode(), [("rIdVba", _VBA_RELATION, "vbaProject.bin")]
    ).encode()
    wanted = [(f"rIdRibbon{n}", _RIBBONS[name], name) for n, name in enumerate(ribbons, 1)]
    parts["_rels/.rels"] = _related(parts["_rels/.rels"].decode(), wanted).encode()
    parts["docProps/core.xml"] = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", _ISO.encode(), parts["docProps/core.xml"])
    parts["xl/styles.xml"] = in_order(parts["xl/styles.xml"])
    parts["xl/vbaProject.bin"] = vba_project
    parts.update((name, xml.encode()) for name, xml in ribbons.items())
    for name in [n for n in parts if n.startswith("xl/worksheets/sheet")]:
        parts[name] = _with_values(_quiet_text_numbers(parts[name].decode()), values or {}).encode()
    for name in [n for n in parts if n.startswith("xl/charts/chart")]:
        parts[name] = _said_in_full(parts[name].decode()).encode()
    for name in [n for n in parts if n.endswith(".vml")]:
        parts[name] = _plain_prefixes(parts[name].decode()).encode()
    return _zipped(parts)


def _content_types(xml: str) -> str:
    xml = xml.replace(_MAIN, _MACRO)
    return xml.replace("<Override", f'<Default Extension="bin" ContentType="{_VBA_TYPE}"/><Override', 1)


def _related(xml: str, relations: list[tuple[str, str, str]]) -> str:
    added = "".join(f'<Relationship Id="{i}" Type="{kind}" Target="{target}"/>' for i, kind, target in relations)
    return xml.replace("</Relationships>", added + "</Relationships>")


def _plain_prefixes(vml: str) -> str:
    """The prefixes that Office itself writes in the drawings of comments, an old format that few programs read well."""
    for uri, prefix in _VML_PREFIXES.items():
        found = re.search(rf'xmlns:(\w+)="{re.escape(uri)}"', vml)
        if found:
            vml = re.sub(rf"(?<=[<\s/:]){found[1]}(?=[:=])", prefix, vml)
    return vml


def _quiet_text_numbers(xml: str) -> str:
    """Tell Excel that numbers kept as text (007, a postal code) are meant so: no green corner on every cell.

    The element's place is fixed by the schema (ECMA-376 part 1, 18.3.1.99): after the page's settings and breaks.
    """
    if "<tableParts" not in xml:
        return xml
    note = '<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors>'
    return re.sub(r"(?=<(?:drawing|legacyDrawing|tableParts) )", note, xml, count=1)


# What the schema leaves to the reader's default is written down: readers differ, and Excel's own files say it. Of these
# openpyxl has no attribute (a label's number format) or leaves it out where it is the default (a bar's colours).
_UNSAID = (
    (re.compile(r'(<numFmt formatCode="[^"]*")(?= ?/>)'), r'\1 sourceLinked="0"'),
    (re.compile(r"(<grouping [^>]*/>)(?!<varyColors)"), r'\1<varyColors val="0" />'),
    (
        re.compile(r"(<legend>(?:(?!<overlay|</legend>).)*?)(?=<spPr|<txPr|</legend>)", re.DOTALL),
        r'\1<overlay val="0" />',
    ),
)


def _said_in_full(chart: str) -> str:
    """A chart part with `sourceLinked`, `varyColors` and `overlay` said where openpyxl left them out."""
    for unsaid, said in _UNSAID:
        chart = unsaid.sub(said, chart)
    return chart


# Values of the workbook's formulas, so that none is blank before Excel calculates (Protected View, previews). openpyxl
# writes a formula without its value; ours are few and known.

_FORMULA = re.compile(r"<c ([^>]*)><f>([^<]*)</f><v(?: ?/>|></v>)</c>")  # with or without lxml
_KIND = re.compile(r'\s*\bt="[^"]*"')


def _with_values(sheet: str, values: Mapping[str, str | float]) -> str:
    """A sheet's XML whose formulas (without "=") hold their values; KeyError for a formula that has none."""

    def filled(cell: re.Match[str]) -> str:
        """A cell with its formula's value, a text one marked as such."""
        value = values[html.unescape(cell[2])]
        attributes = _KIND.sub("", cell[1])
        if isinstance(value, str):
            return f'<c {attributes} t="str"><f>{cell[2]}</f><v>{escape(value)}</v></c>'
        return f"<c {attributes}><f>{cell[2]}</f><v>{value:g}</v></c>"

    return _FORMULA.sub(filled, sheet)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, data, compresslevel=9)
    return target.getvalue()


# The VBA project behind the buttons, with its sentences in the workbook's language; the code is the same in all.

SOURCES = Path(__file__).parents[1] / "data" / "workbook"
MODULES = ("Xlcrm", "XlcrmOs")
_SENTENCE = re.compile(r'^(Private Const Say(\w+) As String = )".*"$', re.MULTILINE)


def source(module: str, language: str = "en") -> str:
    """The text of a module; constants named Say… hold the sentences `vba.…` of the catalogue in `language`."""
    text = (SOURCES / f"{module}.bas").read_text(encoding="utf-8")
    return _SENTENCE.sub(lambda found: f'{found[1]}"{_quoted(f"vba.{found[2].lower()}", language)}"', text)


def with_crlf(text: str) -> str:
    """Lines ended as Excel on Windows ends them; `add_module` takes the text as it is.

    Excel for Mac saves bare LF, Excel on Windows never does, and a strict reader refuses modules that have them.
    """
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _quoted(key: str, language: str) -> str:
    return messages.text(key, language).replace('"', '""')


# [MS-OVBA] 2.3.4.1 has writers say version 0xFFFF and leave the cache of compiled code out, so that any version of
# Office compiles the source anew; LibreOffice's exporter and other makers of projects (docs/checklist.md) do the same.
_UNCOMPILED = b"\xcc\x61\xff\xff\x00\x00\x00"


@cache
def project(language: str = "en", sheets: int = 1) -> bytes:
    """A vbaProject.bin of a workbook with so many sheets: a module for it and for each sheet, as in Excel, plus ours.

    The sheets' code names are `code_name(1)` and so on. All modules are source alone, nothing compiled.
    """
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.xlsm"
        path.write_bytes(_sheets_only(sheets))
        with ExcelFile(str(path)) as book:
            vba = book.add_vba_project()
            for module in MODULES:
                vba.add_module(module, with_crlf(source(module, language)))
            for module in vba.modules:
                module.source, module.dirty = module.source, True  # written anew, without what Excel had compiled
            book.save()
        with ExcelFile(str(path)) as book:
            return uncompiled(bytes(book.vba_project_bytes()))


def uncompiled(vba_project: bytes) -> bytes:
    """A vbaProject.bin that says of itself that no version of Office has compiled it."""
    from pyopenvba.cfb import CFB

    made = CFB.from_bytes(vba_project)
    made.write_stream_in_storage("VBA", "_VBA_PROJECT", _UNCOMPILED)
    return bytes(made.to_bytes())


def code_name(number: int) -> str:
    """The name by which macros know the sheet that was made as the `number`th (1 is the first), as Excel gives them."""
    return f"Sheet{number}"


def _sheets_only(count: int) -> bytes:
    """A macro workbook of empty sheets with their code names, for the project that belongs to it."""
    book: Any = Workbook()
    book.code_name = "ThisWorkbook"
    book.remove(book.worksheets[0])
    for number in range(1, count + 1):
        book.create_sheet(code_name(number)).sheet_properties.codeName = code_name(number)
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(_MAIN.encode(), _MACRO.encode())
    return _zipped(parts)
