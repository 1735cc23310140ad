"""A .docx template as a package of parts: read within limits, refused where it could run or fetch something, written.

Only what is needed: parts by name, which of them hold text, and the checks. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from posixpath import basename, dirname, join, normpath

from lxml import etree

from xlcrm.errors import CrmError

LARGEST_FILE, LARGEST_PART, LARGEST, MOST_PARTS = 20_000_000, 20_000_000, 100_000_000, 2_000  # bytes, unpacked
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
STAMP = (1980, 1, 1, 0, 0, 0)
# relations that show text which a template may fill, by the end of their type
FILLED = ("header", "footer", "footnotes", "endnotes")
PROGRAMS = re.compile(r"vbaProject|vbaData|activeX|oleObject|\.(bin|exe|js|vbs)$", re.IGNORECASE)
LINKS = re.compile(r"^(https?|mailto|tel):", re.IGNORECASE)
FETCHING = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|RD|DATABASE)\b", re.IGNORECASE)
Parts = dict[str, bytes]


class DocxPackage:
    """The parts of a template, checked; `main` is the document, `filled` are its headers, footers and notes."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.parts = self._read(content)
        self.main = self._main()
        self.filled = tuple(part for kind, part in self._related(self.main) if kind.rpartition("/")[2] in FILLED)
        self._check()

    def written(self, changed: Mapping[str, bytes]) -> bytes:
        """The package as a file, with other contents for some parts."""
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as file:
            for name, content in {**self.parts, **changed}.items():
                file.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
        return whole.getvalue()

    def xml(self, part: str) -> etree._Element:
        """A part as a tree; CrmError where it is none, or brings definitions of its own along."""
        content = self.parts.get(part, b"")
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise self._unreadable()
        return parsed(content, self._unreadable())

    def _unreadable(self) -> CrmError:
        return CrmError("papers.word_unreadable", template=self.name)

    def _read(self, content: bytes) -> Parts:
        """The parts, none larger than allowed, whatever the file says of their sizes."""
        if len(content) > LARGEST_FILE:
            raise CrmError("papers.template_big", template=self.name)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as file:
                entries = [info for info in file.infolist() if not info.is_dir()]
                sizes = [info.file_size for info in entries]
                if len(entries) > MOST_PARTS or sum(sizes) > LARGEST or max(sizes, default=0) > LARGEST_PART:
                    raise CrmError("papers.template_big", template=self.name)
                return {info.filename: file.read(info) for info in entries}
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as fault:
            raise self._unreadable() from fault

    def _related(self, part: str) -> list[tuple[str, str]]:
        """The relations of a part to others of the package: their types and the parts."""
        return [
            (rel.get("Type", ""), normpath(join(dirname(part), rel.get("Target", ""))).lstrip("/"))
            for rel in self._rels(part)
            if rel.get("TargetMode") != "External"
        ]

    def _rels(self, part: str) -> list[etree._Element]:
        name = join(dirname(part), "_rels", f"{basename(part)}.rels")
        return list(self.xml(name).iter(f"{{{PACKAGE_RELS}}}Relationship")) if name in self.parts else []

    def _main(self) -> str:
        """The name of the document's part; a document with macros or a presentation has none."""
        found = [part for kind, part in self._related("") if kind.rpartition("/")[2] == "officeDocument"]
        types = self.parts.get("[Content_Types].xml", b"").decode("utf-8", "replace")
        if not found or found[0] not in self.parts or MAIN_TYPE not in types:
            raise CrmError("papers.word_macro" if "macroEnabled" in types else "papers.word_unreadable",
                           template=self.name)  # fmt: skip
        return found[0]

    def _check(self) -> None:
        """CrmError for programs and for what lies outside; the template that a document is based on is let go."""
        if any(PROGRAMS.search(part) for part in self.parts):
            raise CrmError("papers.word_macro", template=self.name)
        for part in [name for name in self.parts if name.endswith(".rels")]:
            root = self.xml(part)
            for rel in [rel for rel in root if rel.get("TargetMode") == "External"]:
                self._check_outside(rel)
            self.parts[part] = as_part(root)
        settings = join(dirname(self.main), "settings.xml")
        if settings in self.parts:
            root = self.xml(settings)
            for element in root.findall(f"{W}attachedTemplate"):
                root.remove(element)
            self.parts[settings] = as_part(root)
        for part in (self.main, *self.filled):
            self._check_text(self.xml(part))

    def _check_outside(self, rel: etree._Element) -> None:
        """Links to click on may lead out; nothing else may."""
        kind, target = rel.get("Type", "").rpartition("/")[2], rel.get("Target", "")
        parent = rel.getparent()
        if kind == "attachedTemplate" and parent is not None:
            parent.remove(rel)
        elif kind != "hyperlink" or not LINKS.match(target):
            raise CrmError("papers.word_outside", template=self.name, target=target[:200])

    def _check_text(self, root: etree._Element) -> None:
        """CrmError for fields that fetch from outside, and for pages of other kinds built in."""
        code = " ".join(filter(None, (element.text for element in root.iter(f"{W}instrText"))))
        code += " ".join(element.get(f"{W}instr", "") for element in root.iter(f"{W}fldSimple"))
        found = FETCHING.search(code)
        chunk = next(root.iter(f"{W}altChunk"), None)
        if found or chunk is not None:
            raise CrmError("papers.word_outside", template=self.name, target=code[:200] if found else "altChunk")


def parsed(content: bytes, refusal: CrmError) -> etree._Element:
    """XML as a tree, with nothing loaded from elsewhere; `refusal` where it is none."""
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as fault:
        raise refusal from fault


def as_part(root: etree._Element) -> bytes:
    """A tree as the content of a part."""
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return content
