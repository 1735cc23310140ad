"""Copies sheets of one workbook into the package of another: cells, tables, rules, comments, charts, names.

The donor is a workbook that the builder has just made, so its parts have one plain form. What a sheet points to comes
with it under free names; formats get their new numbers; formulas that name other sheets name those of the target.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from xml.sax.saxutils import escape, quoteattr, unescape

from xlcrm.upgrading.cell_looks import StyleMerge
from xlcrm.upgrading.package_draft import TYPES, PackageDraft, found
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.package import rels_name
from xlcrm.xlsx.workbook import Sheet, Workbook

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FORMAT = re.compile(rb'(<(?:c|row) [^>]*?\bs="|<col [^>]*?\bstyle=")(\d+)(")')
_CONDITIONAL = re.compile(rb'(\bdxfId=")(\d+)(")')
_OWN = re.compile(rb' (?:codeName="[^"]*"|tabSelected="1")')
_QUOTED = re.compile(rb"'((?:[^'<>]|'')+)'!")
_NAME = re.compile(r'<definedName name="([^"]*)"(?: localSheetId="(\d+)")?[^>]*>([^<]*)</definedName>')
_RULES = re.compile(rb"<dataValidations\b[^>]*>(.*?)</dataValidations>", re.DOTALL)
_RULE = re.compile(rb"<dataValidation [^>]*>.*?</dataValidation>", re.DOTALL)
_BY_NAME = re.compile(rb"<formula1>([A-Za-z_]\w*)</formula1>")


class SheetCopy:
    """Sheets of `donor` on their way into `draft`; `titles` says how the target calls the donor's sheets.

    Titles that are not in it stay as they are. Drop-downs that go by one of the names `unfit` are left out.
    """

    def __init__(
        self,
        draft: PackageDraft,
        donor: Workbook,
        styles: StyleMerge,
        titles: Mapping[str, str],
        unfit: Collection[str] = (),
    ) -> None:
        self._unfit = {name.encode() for name in unfit}
        self._draft, self._donor, self._styles, self._titles = draft, donor, styles, titles
        root = xml_parts.parse(donor.package.read(TYPES))
        self._types = {e.get("PartName", "").lstrip("/").lower(): e.get("ContentType", "") for e in root}
        self._defaults = {e.get("Extension", "").lower(): e.get("ContentType", "") for e in root}
        self._names = _names(donor)
        self._copied: dict[str, str] = {}
        self._sheets = len(draft.book.sheets)
        self._ids = {sheet.id for sheet in draft.book.sheets}
        self._table_ids = {_table_id(draft.book.package.read(table.part)) for table in draft.book.tables}
        names = (e.get("name", "") for e in xml_parts.descendants(draft.book.root, "definedName"))
        self._taken = {name.casefold() for name in (*names, *(table.name for table in draft.book.tables))}

    def sheet(self, sheet: Sheet) -> None:
        """Bring a sheet of the donor, behind the last one of the target."""
        title = self._titles.get(sheet.name, sheet.name)
        part = self._part(sheet.part)
        draft = self._draft
        relation = draft.relate(draft.book.part, f"{_OFFICE}/worksheet", part)
        number = max(self._ids, default=0) + 1
        self._ids.add(number)
        data = draft.read(draft.book.part)
        end = found(rb"</((?:\w+:)?)sheets\s*>", data)
        element = (
            f'<{end[1].decode()}sheet xmlns:r="{_OFFICE}" name={quoteattr(title)} sheetId="{number}"'
            f' r:id="{relation}"/>'
        )
        draft.put(draft.book.part, data[: end.start()] + element.encode() + data[end.start() :])
        place = str([s.part for s in self._donor.sheets].index(sheet.part))
        for name, scope, formula in self._names:
            if scope == place:
                self._name(name, formula, self._sheets)
        self._sheets += 1

    def row(self, sheet: Sheet, number: int) -> bytes:
        """A row of one of the donor's sheets, as it must be in the target."""
        data = found(rb'<row r="%d".*?</row>' % number, self._donor.package.read(sheet.part))[0]
        return self._formatted(self._renamed(data))

    def names_used(self, sheet: Sheet) -> list[tuple[str, str]]:
        """(name, formula) of the donor's names for the whole workbook that a sheet's drop-downs go by."""
        data = self._donor.package.read(sheet.part)
        used = set(_BY_NAME.findall(data)) - self._unfit
        return [(name, formula) for name, scope, formula in self._names if not scope and name.encode() in used]

    def name(self, name: str, formula: str) -> None:
        """A name of the donor's for the whole workbook, where the target has none that is called so."""
        if name.casefold() not in self._taken:
            self._taken.add(name.casefold())
            self._name(name, formula, None)

    def _name(self, name: str, formula: str, scope: int | None) -> None:
        """Put a defined name into the workbook part; `scope` is the place of its sheet."""
        draft = self._draft
        data = draft.read(draft.book.part)
        local = "" if scope is None else f' localSheetId="{scope}"'
        text = self._renamed(formula.encode()).decode()
        end = re.search(rb"</((?:\w+:)?)definedNames\s*>", data)
        if end:
            prefix, at, before, after = end[1].decode(), end.start(), "", ""
        else:
            ends = rb"</((?:\w+:)?)(?:sheets|functionGroups|externalReferences)\s*>"
            *_, last = re.finditer(ends, data)
            prefix, at = last[1].decode(), last.end()
            before, after = f"<{prefix}definedNames>", f"</{prefix}definedNames>"
        element = f"{before}<{prefix}definedName name={quoteattr(name)}{local}>{text}</{prefix}definedName>{after}"
        draft.put(draft.book.part, data[:at] + element.encode() + data[at:])

    def _part(self, part: str) -> str:
        """Bring a part and what it points to; its name in the target."""
        if part in self._copied:
            return self._copied[part]
        new = self._copied[part] = self._draft.free(part)
        self._draft.put(new, self._adapted(part))
        kind = self._types.get(part.lower()) or self._defaults.get(part.rpartition(".")[2].lower(), "")
        self._draft.type(new, kind)
        for rel in self._donor.package.rels(part):
            target = rel.target if rel.external else "/" + self._part(self._donor.package.find(rel.target))
            self._relation(part, new, rel.id, target, external=rel.external)
        return new

    def _relation(self, part: str, new: str, id_: str, target: str, *, external: bool) -> None:
        """A relationship of a part that was brought, under the id by which the part knows it."""
        name = rels_name(new)
        root = xml_parts.parse(self._donor.package.read(self._donor.package.find(rels_name(part))))
        kind = next(element.get("Type", "") for element in root if element.get("Id") == id_)
        if not self._draft.read(name):
            space = root.tag.partition("}")[0].lstrip("{")
            self._draft.put(name, f'<Relationships xmlns="{space}"></Relationships>'.encode())
        mode = ' TargetMode="External"' if external else ""
        self._draft.append(name, f'<Relationship Id="{id_}" Type="{kind}" Target={quoteattr(target)}{mode}/>')

    def _adapted(self, part: str) -> bytes:
        """A part's content as it must be in the target."""
        data = self._donor.package.read(part)
        if posixpath.splitext(part)[1] != ".xml":
            return data
        data = self._renamed(data)
        if any(sheet.part == part for sheet in self._donor.sheets):
            return self._formatted(data)
        if any(table.part == part for table in self._donor.tables):
            return self._table(data)
        return data

    def _formatted(self, data: bytes) -> bytes:
        """A sheet with the target's numbers of its formats, and without what only one sheet of a workbook may have."""
        data = _RULES.sub(self._fitting, _OWN.sub(b"", data))
        data = _FORMAT.sub(lambda part: part[1] + b"%d" % self._styles.format(int(part[2])) + part[3], data)
        return _CONDITIONAL.sub(lambda part: part[1] + b"%d" % self._styles.conditional(int(part[2])) + part[3], data)

    def _fitting(self, rules: re.Match[bytes]) -> bytes:
        """The drop-downs and entry checks that can be in the target."""
        kept = [rule for rule in _RULE.findall(rules[1]) if not self._unfit & set(_BY_NAME.findall(rule))]
        return b'<dataValidations count="%d">%s</dataValidations>' % (len(kept), b"".join(kept)) if kept else b""

    def _table(self, data: bytes) -> bytes:
        """A table part under an id and a name that the target does not have yet."""
        number = max(self._table_ids, default=0) + 1
        self._table_ids.add(number)
        old = re.search(rb'\bdisplayName="([^"]*)"', data)
        given = old[1].decode() if old else f"Table{number}"
        wanted = given.rstrip("_")  # that of a table that stands alone
        name = next(n for i in range(10**6) if (n := wanted + "_" * i).casefold() not in self._taken)
        self._taken.add(name.casefold())
        data = re.sub(rb'(<table\b[^>]*?\bid=")\d+', rb"\g<1>%d" % number, data, count=1)
        return re.sub(rb'(<table\b[^>]*?\b)name="[^"]*"', rb'\1name="%s"' % name.encode(), data, count=1).replace(
            b'displayName="%s"' % given.encode(), b'displayName="%s"' % name.encode(), 1
        )

    def _renamed(self, data: bytes) -> bytes:
        """A part whose formulas name the sheets as the target calls them."""

        def sheet(quoted: re.Match[bytes]) -> bytes:
            """A quoted title before a reference."""
            title = unescape(quoted[1].decode()).replace("''", "'")
            named = self._titles.get(title, title)
            return ("'" + escape(named.replace("'", "''")) + "'!").encode()

        return _QUOTED.sub(sheet, data)


def _names(donor: Workbook) -> list[tuple[str, str, str]]:
    """(name, place of its sheet or "", formula as it stands in XML) of the donor's defined names."""
    return _NAME.findall(donor.package.read(donor.part).decode())


def _table_id(data: bytes) -> int:
    return int(xml_parts.parse(data).get("id", "0"))
