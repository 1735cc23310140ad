"""Upgrade of a client file: a new file with the tables, columns, settings, macros and buttons that the old one lacks.

The old file is only read. Columns and rows go in by the writer that every run uses; whole sheets are copied from a
workbook that the builder makes in the user's language. A table that is missing on a sheet which is there gets a sheet
of its own. Nothing of the user's moves: new columns stand at the right of their table, new sheets behind the last one.

The upgraded file takes the place of the workbook's file, whole, as a restored backup does. So it takes the same path as
every other run: a backup first, a line in the journal and in the sheet Changes. Undo puts the replaced file back, byte
for byte, as long as nobody has saved since; afterwards it is refused and names the backup.
"""

from __future__ import annotations

import posixpath
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from xlcrm import messages, schema, words
from xlcrm.building.build_workbook import alone_on, build
from xlcrm.building.sheets.invoicing_sheets import first_value
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.private import private_file
from xlcrm.plan import Added, NewColumn, Plan, WholeFile
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.upgrading import cell_looks, own_macros
from xlcrm.upgrading.cell_looks import StyleMerge
from xlcrm.upgrading.lacking import Lacking, lacking
from xlcrm.upgrading.package_draft import PackageDraft
from xlcrm.upgrading.sheet_copy import SheetCopy
from xlcrm.upgrading.start_line import bring_line
from xlcrm.values import text_of
from xlcrm.xlsx import worksheet_xml, xml_parts
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.workbook import Sheet, Workbook, open_workbook
from xlcrm.xlsx.writing import apply_plan
from xlcrm.xlsx.zip_writer import pack

if TYPE_CHECKING:
    from xlcrm.actions import Operation

STRICT = "http://purl.oclc.org/ooxml"
_STYLES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
MAX_TITLE = 31


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade brought, and what it could not bring.

    sheets    titles of new sheets
    columns   sheet's title -> headers of new columns
    settings  labels of new rows of the sheet Settings
    macros, ribbon  whether ours were brought up to date
    line      whether the sheet Start got its line on the figures
    refused   table's title -> why its columns could not be added, a sentence
    """

    sheets: tuple[str, ...] = ()
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    macros: bool = False
    ribbon: bool = False
    line: bool = False
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        return not (self.sheets or self.columns or self.settings or self.macros or self.ribbon or self.line)


def upgrade_file(source: Path, target: Path, settings: Settings, parts: Sequence[str] = ()) -> Upgraded:
    """Write the upgraded `source` to `target`; where nothing was lacking, nothing is written.

    `parts` of the schema that it is to have from now on; those that it has are kept up to date without a word.
    CrmError where the workbook is one that can't be changed safely (signed, protected, shared, strict).
    """
    language = settings.language
    held = read_tables.read(source)
    missing = _missing(source, held, parts)
    wanted = tuple(dict.fromkeys((*schema.parts_of(held), *parts)))
    with tempfile.TemporaryDirectory(prefix="xlcrm-") as folder:
        made = Path(folder) / "donor.xlsm"
        alone = [name for name in missing.tables if _has_sheet(held, schema.table(name).sheet)]
        build(made, language=language, country=settings.country, currency=settings.currency, alone=alone, parts=wanted)
        grown, refused = _with_columns(source, Path(folder), held, missing, language)
        donor = open_workbook(made)
        with donor.package:
            listed, unfit = _with_lists(grown, Path(folder), donor, missing)
            book = open_workbook(listed)
            with book.package:
                draft = PackageDraft(book)
                titles, line = _bring(draft, donor, missing, alone, refused, unfit)
                macros, ribbon = own_macros.renew_macros(draft, language), own_macros.renew_ribbon(draft, language)
                done = _report(missing, refused, held, titles, language)
                done = replace(done, macros=macros, ribbon=ribbon, line=line)
                if not done.nothing:
                    draft.write(target)
    return done


def _missing(source: Path, held: Tables, parts: Sequence[str]) -> Lacking:
    """What the workbook lacks; CrmError where it can't be changed."""
    book = open_workbook(source)
    with book.package:
        apply_plan.check(book)
        if book.root.tag.startswith("{" + STRICT):
            raise CrmError("upgrade.strict", name=source.name)
        there = {table.canonical: table.columns() for table in book.tables}
    return lacking(there, _labels(held, "Settings"), seller=_labels(held, "Seller"), asked=parts)


def _labels(held: Tables, name: str) -> list[str] | None:
    """The settings that a table has rows of, by canonical name; None where the table isn't there."""
    if name not in held:
        return None
    labels = held[name].frame.get("setting", pd.Series(dtype=object))
    return [words.setting_of(text_of(label)) for label in labels]


def _has_sheet(held: Tables, sheet: str) -> bool:
    """Whether one of the schema's tables of a sheet is there, and so the sheet."""
    return any(spec.sheet == sheet and spec.name in held for spec in schema.with_parts(tuple(schema.PARTS)))


def _with_columns(
    source: Path, folder: Path, held: Tables, missing: Lacking, language: str
) -> tuple[Path, dict[str, CrmError]]:
    """A copy with the new columns and settings, and which tables could not take theirs, and why."""
    plans = {
        name: Plan("upgrade", new_columns=tuple(NewColumn(name, words.header(name, c, language)) for c in columns))
        for name, columns in missing.columns.items()
    }
    if missing.settings:
        rows = Plan("upgrade", added=(Added("Settings", _settings_rows(missing.settings, held, language)),))
        plans["Settings"] = plans.get("Settings", Plan("upgrade")).join(rows)
    if missing.seller:
        rows = Plan("upgrade", added=(Added("Seller", _seller_rows(missing.seller, held, language)),))
        plans["Seller"] = plans.get("Seller", Plan("upgrade")).join(rows)
    if not plans:
        return source, {}
    first, *others = plans.values()
    try:
        apply_plan.apply_plan(source, folder / "grown.xlsx", first.join(*others), held)
    except CrmError:
        return _one_by_one(source, folder, held, plans)
    return folder / "grown.xlsx", {}


def _one_by_one(source: Path, folder: Path, held: Tables, plans: dict[str, Plan]) -> tuple[Path, dict[str, CrmError]]:
    """As `_with_columns` where not every table can take its columns: those that can get them."""
    refused: dict[str, CrmError] = {}
    for number, (name, plan) in enumerate(plans.items()):
        target = folder / f"grown{number}.xlsx"
        try:
            apply_plan.apply_plan(source, target, plan, held)
        except CrmError as fault:
            refused[name] = fault
        else:
            source = target
    return source, refused


def _settings_rows(names: tuple[str, ...], held: Tables, language: str) -> pd.DataFrame:
    """The rows of settings with their defaults, in the columns that the table has."""
    values = [schema.SETTINGS[name] for name in names]
    return _rows(names, [int(value) if value.isdecimal() else value or None for value in values], held, language)


def _seller_rows(names: tuple[str, ...], held: Tables, language: str) -> pd.DataFrame:
    """The rows of the sheet Seller in the same way."""
    return _rows(names, [first_value(name, language) for name in names], held, language, "Seller")


def _rows(
    names: tuple[str, ...], values: Sequence[object], held: Tables, language: str, table: str = "Settings"
) -> pd.DataFrame:
    rows = {
        "setting": [words.setting(name, language) for name in names],
        "value": list(values),
        "meaning": [messages.text(f"setting.{name}", language) for name in names],
    }
    columns = held[table].frame.columns
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in rows.items() if name in columns})


def _with_lists(source: Path, folder: Path, donor: Workbook, missing: Lacking) -> tuple[Path, set[str]]:
    """A copy with the cells behind drop-downs of new sheets, where these belong on a sheet that is there.

    And the names of lists that can't come, because something else stands in their cells.
    """
    book = open_workbook(source)
    with book.package:
        titles, known = _titles(book, donor), _defined(book)
        wanted = {
            name: (titles[sheet], sheet, column)
            for name, formula in _names_needed(donor, missing)
            if name not in known
            for sheet, column in re.findall(r"^OFFSET\('([^']+)'!\$([A-Z]+)\$", formula)
            if sheet in titles
        }
        unfit = {name for name, (title, _, column) in wanted.items() if not _is_blank(book, title, column)}
    for number, (name, (title, sheet, column)) in enumerate(sorted(wanted.items())):
        if name not in unfit:
            target = folder / f"lists{number}.xlsx"
            apply_plan.write_cells(source, target, title, _texts(donor, sheet, column))
            source = target
    return source, unfit


def _names_needed(donor: Workbook, missing: Lacking) -> list[tuple[str, str]]:
    """(name, formula) of the donor's names that the drop-downs of new sheets, and of sheets with new columns, go by."""
    new = {schema.table(name).sheet for name in (*missing.tables, *missing.columns)}
    copy = SheetCopy(PackageDraft(donor), donor, StyleMerge(b"", b""), {})
    found = [pair for sheet in donor.worksheets for pair in copy.names_used(sheet) if _ours(donor, sheet) & new]
    return sorted(set(found))


def _ours(book: Workbook, sheet: Sheet) -> set[str]:
    """The schema's sheets whose tables stand on a sheet."""
    return {spec.sheet for table in book.tables_of(sheet) if (spec := schema.known(table.canonical))}


def _defined(book: Workbook) -> set[str]:
    """The workbook's defined names."""
    groups = (e for e in book.root.iter() if str(e.tag).endswith("}definedName"))
    return {element.get("name", "") for element in groups}


def _is_blank(book: Workbook, title: str, column: str) -> bool:
    """Whether a sheet column holds nothing at all."""
    part = book.sheet(title).part
    cell = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="%s\d+"[^>]*(?<!/)>' % column.encode())
    return not any(cell.search(data) for data in _whole_rows(book, part))


def _whole_rows(book: Workbook, part: str) -> Iterator[bytes]:
    yield from (data for kind, data in worksheet_xml.read(book.package, part) if kind == worksheet_xml.ROWS)


def _texts(donor: Workbook, sheet: str, column: str) -> dict[str, str]:
    """The texts of a column of the donor: cell -> text."""
    data = donor.package.read(donor.sheet(sheet).part)
    cells = re.findall(
        rb'<c r="(%s\d+)"[^>]*t="inlineStr"[^>]*><is><t[^>]*>([^<]*)</t></is></c>' % column.encode(), data
    )
    return {place.decode(): xml_parts.unescape(text) for place, text in cells}


def _titles(book: Workbook, donor: Workbook) -> dict[str, str]:
    """The donor's titles -> what the workbook calls the same sheets, found by their tables."""
    found = {}
    for sheet in donor.worksheets:
        here = [table.canonical for table in donor.tables_of(sheet)]
        same = next((table.sheet.name for table in book.tables if table.canonical in here), "")
        if same:
            found[sheet.name] = same
    return found


def _bring(
    draft: PackageDraft,
    donor: Workbook,
    missing: Lacking,
    alone: list[str],
    refused: Mapping[str, CrmError],
    unfit: set[str],
) -> tuple[dict[str, str], bool]:
    """Bring sheets, looks of columns, the line of Start; the donor's titles of new sheets -> theirs in the workbook.

    And whether the sheet Start got its line.
    """
    book = draft.book
    part = book.related("styles")
    styles = StyleMerge(book.package.read(part) if part else b"", donor.package.read(donor.related("styles")))
    known = _titles(book, donor)
    there = {name: title for name, title in known.items() if not name.endswith(" (1)")}
    new = _new_sheets(donor, missing, alone)
    titles = _free_titles(book, new)
    copy = SheetCopy(draft, donor, styles, {**there, **titles}, unfit)
    grown = [table for table in missing.columns if table not in refused]
    names = _defined(book)
    for sheet in (*new, *(donor.table(table).sheet for table in grown)):
        for name, formula in copy.names_used(sheet):
            copy.name(name, formula)
            names.add(name)
    for sheet in new:
        copy.sheet(sheet)
    for table in grown:
        _dress(draft, donor, table, missing.columns[table], styles, names)
    line = bring_line(draft, donor, copy)
    _put_styles(draft, part, styles)
    return titles, line


def _new_sheets(donor: Workbook, missing: Lacking, alone: list[str]) -> list[Sheet]:
    """The donor's sheets that the workbook gets: whole ones, and those on which a table stands alone."""
    whole = {schema.table(name).sheet for name in missing.tables if name not in alone}
    titles = {alone_on(name) for name in alone}
    return [
        sheet
        for sheet in donor.worksheets
        if sheet.name in titles or (_ours(donor, sheet) & whole and not sheet.name.endswith(" (1)"))
    ]


def _free_titles(book: Workbook, sheets: list[Sheet]) -> dict[str, str]:
    """A title for each new sheet that no sheet has yet: its own, that of its table, or one with a number."""
    taken = {sheet.name.casefold() for sheet in book.sheets}
    found = {}
    for sheet in sheets:
        wanted = sheet.name.removesuffix(" (1)")
        tries = (wanted if n < 2 else f"{wanted[: MAX_TITLE - 4]} {n}" for n in range(1, 10**4))
        found[sheet.name] = next(title for title in tries if title.casefold() not in taken)
        taken.add(found[sheet.name].casefold())
    return found


def _dress(
    draft: PackageDraft, donor: Workbook, table: str, columns: tuple[str, ...], styles: StyleMerge, known: set[str]
) -> None:
    """Give new columns the looks of the donor's; `known` are those that drop-downs may go by."""
    here, there = draft.book.table(table), donor.table(table)
    names, given = here.columns(), there.columns()
    places = {
        here.area.left + names.index(column): (donor, there.sheet.part, there.area.left + given.index(column))
        for column in columns
        if column in names
    }
    part = here.sheet.part
    draft.put(part, pack(cell_looks.dressed(draft.book, part, places, styles, known)))


def _put_styles(draft: PackageDraft, part: str, styles: StyleMerge) -> None:
    """The style part with what was brought; a workbook without one gets it."""
    if part:
        draft.put(part, styles.data())
        return
    new = posixpath.join(posixpath.dirname(draft.book.part), "styles.xml")
    draft.put(new, styles.data())
    draft.type(new, _STYLES_TYPE)
    draft.relate(draft.book.part, _STYLES, new)


def _report(
    missing: Lacking, refused: dict[str, CrmError], held: Tables, titles: dict[str, str], language: str
) -> Upgraded:
    columns = {
        held[name].sheet: tuple(words.header(name, column, language) for column in found)
        for name, found in missing.columns.items()
        if name not in refused
    }
    return Upgraded(
        sheets=tuple(titles.values()),
        columns=columns,
        settings=tuple(_brought(missing, refused, language)),
        refused={held[name].sheet: fault.text(language) for name, fault in refused.items()},
    )


def _brought(missing: Lacking, refused: Collection[str], language: str) -> Iterator[str]:
    """The labels of the rows that Settings and Seller got."""
    for table, names in (("Settings", missing.settings), ("Seller", missing.seller)):
        yield from () if table in refused else (words.setting(name, language) for name in names)


Note = tuple[str, dict[str, object]]


def upgrade(session: Session, parts: Sequence[str] = ()) -> Operation:
    """What brings a closed workbook up to date. CrmError "upgrade.open" while a program has it open."""
    if not session.book.is_file:
        raise CrmError("upgrade.open", name=session.path.name)
    return lambda tables, settings, today: _plan(session, settings, parts)


def _plan(session: Session, settings: Settings, parts: Sequence[str]) -> Plan:
    """The plan; where nothing is lacking, only the sentence that says so."""
    path, password = session.path, session.call.password
    with private_file(path.name) as target, encryption.readable(path, password) as plain:
        done = upgrade_file(plain, target, settings, parts)
        notes = tuple(_notes(session, done, settings.language))
        if done.nothing:
            return Plan("upgrade", notes=notes, nothing_to_do=bool(done.refused))
        held, content = Tables.of(*read_tables.read(target).values()), target.read_bytes()
    if encryption.is_encrypted(path):
        content = encryption.encrypt(content, password)
    replaced = "-" if session.call.dry_run else session.store.backups()[-1].name
    return Plan("upgrade", whole=WholeFile(replaced, content, held), notes=notes)


def _notes(session: Session, done: Upgraded, language: str) -> Iterator[Note]:
    """What was brought, in the order in which a person would look at it, and what could not be."""
    name = {"name": session.path.name}
    if not done.nothing:
        yield "upgrade.would" if session.call.dry_run else "upgrade.done", dict(name)
    elif not done.refused:
        yield "upgrade.current", dict(name)
    if done.sheets:
        yield "upgrade.sheets", {"names": ", ".join(done.sheets)}
    for sheet, headers in done.columns.items():
        yield "upgrade.columns", {"sheet": sheet, "names": ", ".join(headers)}
    if done.settings:
        yield "upgrade.settings", {"names": ", ".join(done.settings)}
    if done.line:
        yield "upgrade.line", {"sheet": words.title("Start", language)}
    if done.macros or done.ribbon:
        yield "upgrade.buttons", {}
    for sheet, reason in done.refused.items():
        yield "upgrade.refused", {"sheet": sheet, "reason": reason}
