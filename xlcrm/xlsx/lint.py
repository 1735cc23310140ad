"""What Excel would offer to repair and Microsoft's validator lets pass; every file that we write must come through.

The validator checks parts against their schemas. Excel also checks what parts say about each other: these rules. Each
names its source: the standard (ECMA-376), Microsoft's page "Excel specifications and limits", or what Excel was seen
to repair. Files that Excel itself saved have no finding.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from xlcrm.errors import CrmError
from xlcrm.xlsx import lint_sheets, lint_workbook, xml_parts
from xlcrm.xlsx.findings import Finding
from xlcrm.xlsx.package import rels_name
from xlcrm.xlsx.workbook import Workbook, open_workbook

MAX_PARSED = 64 << 20
_NO_TYPE = ("[content_types].xml",)


class Rule(NamedTuple):
    """`source` says where it is known that Excel minds."""

    check: Callable[[Workbook], Iterator[Finding]]
    source: str


def lint(path: Path) -> list[Finding]:
    """Everything in a workbook that Excel would offer to repair, [] for none. CrmError where it cannot be opened."""
    book = open_workbook(path)
    with book.package:
        return [finding for rule in RULES for finding in rule.check(book)]


def content_types(book: Workbook) -> Iterator[Finding]:
    """Every part has a content type, and every type that is declared for a part has its part."""
    package = book.package
    root = xml_parts.parse(package.read("[Content_Types].xml"))
    defaults = {e.get("Extension", "").lower() for e in xml_parts.children(root, "Default")}
    overrides = [e.get("PartName", "").lstrip("/").lower() for e in xml_parts.children(root, "Override")]
    for part in package.entries:
        name = part.lower()
        known = name in overrides or name.rpartition(".")[2] in defaults
        if not known and name not in _NO_TYPE and not name.endswith("/"):
            yield Finding("content-type", part, "no content type")
    for name in overrides:
        if not package.find(name):
            yield Finding("content-type", name, "a content type for a part that is not there")
        if overrides.count(name) > 1:
            yield Finding("content-type", name, "two content types for one part")


def relationships(book: Workbook) -> Iterator[Finding]:
    """Every relationship inside the package has its target, and no two of a part share an id."""
    package = book.package
    for part in ["", *package.entries]:
        if part and not package.find(rels_name(part)):
            continue
        ids: set[str] = set()
        for rel in package.rels(part):
            target = rel.target.split("#")[0]
            if not rel.external and target and not package.find(target):
                yield Finding("relationship", part or "/", f"{rel.id} points to {target}, which is not there")
            if rel.id in ids:
                yield Finding("relationship", part or "/", f"two relationships are called {rel.id}")
            ids.add(rel.id)


def well_formed(book: Workbook) -> Iterator[Finding]:
    """Every XML part can be parsed: control characters and stray markup make Excel give the part up."""
    for part, info in book.package.entries.items():
        if part.lower().endswith((".xml", ".rels")) and info.file_size < MAX_PARSED:
            try:
                xml_parts.parse(book.package.read(part))
            except (CrmError, zipfile.BadZipFile) as error:
                yield Finding("well-formed", part, str(error))


RULES: tuple[Rule, ...] = (
    Rule(content_types, "ECMA-376 part 2, content types: a part without one makes the package invalid"),
    Rule(relationships, "ECMA-376 part 2, relationships; Excel drops what hangs on a dangling one"),
    Rule(well_formed, "XML 1.0, 2.2"),
    Rule(lint_workbook.sheets, "Excel specifications and limits: sheet names; ECMA-376 part 1, 18.2.19"),
    Rule(lint_workbook.names, "ECMA-376 part 1, 18.2.5; Excel specifications and limits: names"),
    Rule(lint_workbook.tables, "ECMA-376 part 1, 18.5.1.2: names and ids unique, name rules as for defined names"),
    Rule(lint_workbook.overlaps, "Excel refuses a table over another table or over merged cells"),
    Rule(lint_workbook.styles, "ECMA-376 part 1, 18.8.10 and 18.8.45: indexes into the style part"),
    Rule(lint_workbook.code_names, "[MS-OVBA] 2.3.1: the document modules of the PROJECT stream"),
    Rule(lint_workbook.calculation_chain, "ECMA-376 part 1, 18.6; Excel reports unreadable content in calcChain.xml"),
    Rule(lint_sheets.check, "ECMA-376 part 1, 18.3.1; Excel specifications and limits: cells, text, lists"),
)
