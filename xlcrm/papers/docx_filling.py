"""Filling of a .docx template: its fields by Jinja in a sandbox, letter by letter, and letters joined to one document.

docxtpl makes a template out of what Word writes (it splits «{{ client.name }}» over several runs); rendering is ours,
so that everything is escaped, a misspelt name is found, and nothing else is reached. Runs in a limited process.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from html import unescape
from typing import Any

from babel import numbers
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from lxml import etree

from xlcrm.errors import CrmError
from xlcrm.papers.docx_package import DocxPackage, W, as_part, parsed
from xlcrm.papers.misspelt_names import known_names, misspelt
from xlcrm.papers.paper_data import locale_of, shown
from xlcrm.papers.template_sandbox import FAULTS, TemplateSandbox, line_of


def word_sandbox(language: str) -> TemplateSandbox:
    """The sandbox for letters in a language: dates and decimal numbers are written as it writes them.

    Filters: `money` (two decimals and a currency), `day` (the month in letters).
    """

    def written(value: object) -> object:
        kinds = (dt.date, Decimal, float, type(None))
        return shown(value, language) if isinstance(value, kinds) else value

    def money(value: Decimal, currency: str = "") -> str:
        """An amount with two decimals and its currency behind."""
        return f"{numbers.format_decimal(value, '#,##0.00', locale=locale_of(language))} {currency}".strip()

    made = TemplateSandbox(undefined=StrictUndefined, autoescape=True, finalize=written)
    made.filters.update(money=money, day=written)
    return made


Names = Mapping[str, Any]
MISSING = re.compile(r"has no attribute '([^']*)'|^'([^']*)' is undefined")
TAGS = re.compile(r"<[^>]+>")
BRACES = re.compile(rb"\{(<[^>]*>)*[{%#]")
WORD_2010 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
# what may stand once in a document: marks of a letter that are left out of its further copies
ONCE = ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "commentReference", "proofErr")
# the children of a section that come before what is set here
BEFORE_TYPE = {"headerReference", "footerReference", "footnotePr", "endnotePr"}
BEFORE_NUMBERS = BEFORE_TYPE | {"type", "pgSz", "pgMar", "paperSrc", "pgBorders", "lnNumType"}


class DocxTemplateParts:
    """A template ready to be filled: every part with braces as the source of a Jinja template."""

    def __init__(self, package: DocxPackage) -> None:
        self.package = package
        self.sources = {
            part: _source(package.xml(part))
            for part in (package.main, *package.filled)
            if BRACES.search(package.parts[part])
        }

    def fill_once(self, part: str, values: Names, language: str) -> bytes:
        """A part that all letters share; CrmError "papers.word_once" where it names the client."""
        try:
            return self.fill(part, values, language)
        except CrmError as fault:
            if fault.values.get("name") == "client":
                raise CrmError("papers.word_once", template=self.package.name, name="client") from fault
            raise

    def fill(self, part: str, values: Names, language: str) -> bytes:
        """A part with these values; CrmError "papers.word_field" or "papers.word_syntax"."""
        name, source = self.package.name, self.sources[part]
        try:
            text = _compiled(source, language).render(values)
        except FAULTS as fault:
            raise _refusal(name, source, fault, values) from fault
        text = re.sub(r"\n<w:p([ >])", r"<w:p\1", text)
        text = _docxtpl().resolve_listing(text)
        refusal = CrmError("papers.word_syntax", template=name, where=part, fault="XML")
        root = parsed(text.encode(), refusal)
        if "colspan" in source or "{%tc" in source or "{%- tc" in source:
            root = _docxtpl().fix_tables(etree.tostring(root))
        return as_part(root)


def _source(root: etree._Element) -> str:
    """A part as a Jinja template, each paragraph on a line of its own."""
    text: str = _docxtpl().patch_xml(etree.tostring(root, encoding="unicode"))
    return re.sub(r"<w:p([ >])", r"\n<w:p\1", text)


@cache
def _docxtpl() -> Any:
    """docxtpl's own object, for what it knows of Word's XML; it holds no document."""
    return DocxTemplate(io.BytesIO())


@cache
def _compiled(source: str, language: str) -> Any:
    return word_sandbox(language).from_string(source)


def _refusal(template: str, source: str, fault: BaseException, values: Names) -> CrmError:
    """What Jinja says, as our sentence with the words around the place."""
    line = fault.lineno if isinstance(fault, TemplateSyntaxError) else line_of(fault)
    around = source.splitlines()[max(line - 1, 0) : line]
    where = unescape(TAGS.sub("", "".join(around))).strip()[:80] or "-"
    found = MISSING.search(str(fault)) if isinstance(fault, UndefinedError) else None
    if found:
        word = found[1] or found[2]
        return misspelt("papers.word_field", word, known_names(dict(values)), template=template, where=where)
    return CrmError(
        "papers.word_syntax", template=template, where=where, fault=str(fault)[:200] or type(fault).__name__
    )


def joined_document(documents: Sequence[bytes]) -> bytes:
    """The documents of letters as one, each letter a section with pages from 1, ids of their own, marks only once."""
    roots = [etree.fromstring(document) for document in documents]
    whole = roots[0]
    body = whole.find(f"{W}body")
    if body is None or len(roots) == 1:
        return documents[0]
    for copied in roots[1:]:
        _without_marks(copied)
    last = _section(body)
    letters = [body, *(root.find(f"{W}body") for root in roots[1:])]
    for letter in [found for found in letters[1:] if found is not None]:
        _end_section(body, last)
        section = _section(letter)
        body.extend([child for child in letter if child is not section])
    body.append(last)
    _renumber(whole)
    return as_part(whole)


def _section(body: etree._Element) -> etree._Element:
    """The last section of a body, taken out of it; it starts on a new page, numbered from 1."""
    found = body.find(f"{W}sectPr")
    section = etree.Element(f"{W}sectPr") if found is None else found
    if found is not None:
        body.remove(found)
    _set(section, "type", {"val": "nextPage"}, BEFORE_TYPE)
    numbers = section.find(f"{W}pgNumType")
    kept = {} if numbers is None else {key.removeprefix(W): value for key, value in numbers.attrib.items()}
    _set(section, "pgNumType", {**kept, "start": "1"}, BEFORE_NUMBERS)
    return section


def _set(section: etree._Element, name: str, values: Mapping[str, str], before: set[str]) -> None:
    """One child of a section, at its place in the order that the format asks for."""
    for old in section.findall(f"{W}{name}"):
        section.remove(old)
    at = sum(child.tag.removeprefix(W) in before for child in section)
    section.insert(at, etree.Element(f"{W}{name}", {f"{W}{key}": value for key, value in values.items()}))


def _end_section(body: etree._Element, section: etree._Element) -> None:
    """End a letter: its section goes into its last paragraph, or into a small one of its own after a table."""
    last = body[-1] if len(body) else None
    if last is None or last.tag != f"{W}p" or last.find(f"{W}pPr/{W}sectPr") is not None:
        last = etree.SubElement(body, f"{W}p")
    properties = last.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        last.insert(0, properties)
    change = properties.find(f"{W}pPrChange")
    at = len(properties) if change is None else properties.index(change)
    properties.insert(at, copy.deepcopy(section))


def _without_marks(root: etree._Element) -> None:
    """Take bookmarks, comments and ids of content controls out of a copy; the text stays."""
    for name in ONCE:
        for element in list(root.iter(f"{W}{name}")):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    for properties in list(root.iter(f"{W}sdtPr")):
        for element in properties.findall(f"{W}id"):
            properties.remove(element)


def _renumber(root: etree._Element) -> None:
    """Drawings get ids of their own; paragraphs lose theirs, which Word makes anew."""
    for number, drawing in enumerate(root.iter(f"{DRAWING}docPr"), 1):
        drawing.set("id", str(number))
    for element in root.iter(f"{W}p", f"{W}tr"):
        for name in ("paraId", "textId"):
            element.attrib.pop(f"{WORD_2010}{name}", None)
