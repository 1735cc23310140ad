"""`xlcrm upgrade`: an older client file gets what later versions brought, and all that a user put in stays."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import TableColumn

from tests.support.paths import CASES
from tests.support.shipped import shipped
from xlcrm import messages, schema, words
from xlcrm.building import build_workbook, palette
from xlcrm.cli.commands import main
from xlcrm.files import encryption
from xlcrm.files.durable import sha256_of
from xlcrm.people.social_categories import social_categories
from xlcrm.settings import Settings
from xlcrm.upgrading.upgrade_book import upgrade_file
from xlcrm.xlsx.lint import lint
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.workbook import open_workbook

OLD = CASES / "upgrade" / "ClientFile-7f6b9ec.xlsm"  # the workbook as it was before the sheet Import
OWN = "What we know"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "My.xlsm"
    shutil.copy(OLD, path)
    return path


@pytest.fixture
def lived_in(old: Path) -> Path:
    """The old workbook after some weeks: rows, a column, a sheet with formulas and formats of a user's own."""
    book = openpyxl.load_workbook(old, keep_vba=True)
    sheet, table = book["Clients"], book["Clients"].tables["Clients"]
    width = len(table.tableColumns)
    sheet.cell(1, width + 1).value = OWN
    sheet.cell(2, 1).value, sheet.cell(2, 3).value = "C1", "Kari Olsen"
    sheet.cell(2, width + 1).value = '=IF(C2="","?",LEN(C2))'
    sheet.cell(2, width + 1).number_format = '0" letters"'
    last = get_column_letter(width + 1)
    table.ref = f"A1:{last}2"
    table.autoFilter.ref = table.ref
    column = TableColumn(id=width + 1, name=OWN)
    table.tableColumns.append(column)
    mine = book.create_sheet("Notes & plans")
    mine["A1"], mine["A2"], mine["A3"] = "007", "=Clients!C2", "=COUNTA(Settings!A:A)"
    mine["A2"].font = Font(bold=True, color="C00000")
    book.save(old)
    return old


def call(*given: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in given])


def cells(path: Path) -> dict[str, dict[str, tuple[object, str, bool]]]:
    """Sheet -> cell -> what it holds, its number format, and whether it is bold."""
    book = openpyxl.load_workbook(path, keep_vba=True)
    return {
        sheet.title: {
            cell.coordinate: (cell.value, cell.number_format, bool(cell.font.b))
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


def whole(path: Path) -> None:
    """It has every table and column of the schema, and Excel would find nothing to repair."""
    tables = read_tables.read(path)
    for spec in schema.TABLES:
        assert {column.name for column in spec.columns} <= set(tables[spec.name].frame.columns), spec.name
    assert lint(path) == []


def test_an_older_workbook_gets_every_table_and_column(old: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    result = call("upgrade", old)
    assert result.exit_code == 0, result.output
    assert all(sheet in result.output for sheet in ("Import", "Merged", "People", "Opportunities"))
    whole(old)
    assert validate_ooxml(old) == []
    again = call("upgrade", old)
    assert (again.exit_code, again.output.strip()) == (0, messages.text("upgrade.current", "en", name="My.xlsm"))


def test_what_a_user_put_in_stays_cell_for_cell(lived_in: Path) -> None:
    before = cells(lived_in)
    assert call("upgrade", lived_in).exit_code == 0
    after = cells(lived_in)
    assert list(after)[: len(before)] == list(before), "sheets keep their order"
    changes = words.title("Changes")
    for title, there in before.items():
        kept = {place: after[title].get(place) for place in there}
        assert kept == there or title == changes
    columns = list(read_tables.read(lived_in)["Clients"].frame.columns)
    assert columns.index(OWN) < columns.index("parent_id"), "new columns stand at the right"
    whole(lived_in)


def test_parts_that_nothing_is_brought_to_stay_byte_for_byte(old: Path, tmp_path: Path) -> None:
    upgrade_file(old, tmp_path / "new.xlsm", Settings())
    with zipfile.ZipFile(old) as before, zipfile.ZipFile(tmp_path / "new.xlsm") as after:
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
        assert set(before.namelist()) <= set(after.namelist())
    book = open_workbook(old)
    book.package.close()
    names = ("Duplicates", "Clients", "Interactions", "Found", "Changes", "Lists", "Settings")
    grown = [book.table(name) for name in names]
    parts = {part for table in grown for part in (table.part, table.sheet.part)}
    assert changed <= parts | {
        "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/vbaProject.bin",
        "customUI/customUI14.xml", "customUI/customUI.xml", book.table("Stages").sheet.part,
        book.sheet(words.title("Start")).part,
    }  # fmt: skip


def test_a_dry_run_says_what_would_come_and_changes_nothing(old: Path) -> None:
    before = sha256_of(old)
    result = call("upgrade", old, "--dry-run")
    assert result.exit_code == 0
    assert messages.text("upgrade.would", "en", name="My.xlsm") in result.output
    assert sha256_of(old) == before
    assert list(old.parent.iterdir()) == [old]


def test_undo_puts_the_old_workbook_back_byte_for_byte(lived_in: Path) -> None:
    before = sha256_of(lived_in)
    assert call("upgrade", lived_in).exit_code == 0
    assert sha256_of(lived_in) != before
    result = call("undo", lived_in)
    assert result.exit_code == 0, result.output
    assert sha256_of(lived_in) == before


def test_an_upgrade_that_was_worked_on_since_is_not_undone(old: Path) -> None:
    assert call("upgrade", old).exit_code == 0
    (old.parent / "list.csv").write_text("Full name\nKari Olsen\n", encoding="utf-8")
    assert call("import", old, old.parent / "list.csv").exit_code in (0, 1)
    saved = sha256_of(old)
    result = call("undo", old, "1")
    assert result.exit_code == 2
    assert "xlcrm restore" in result.output
    assert sha256_of(old) == saved


def test_the_button_import_asks_in_an_upgraded_workbook(old: Path) -> None:
    """Its drop-down offers fields: the cells behind it came, too."""
    assert call("upgrade", old).exit_code == 0
    book = openpyxl.load_workbook(old, keep_vba=True)
    assert "xlcrm_import_fields" in book.defined_names
    lists = [rule.formula1 for rule in book["Import"].data_validations.dataValidation]
    assert "xlcrm_import_fields" in lists
    offered = [cell.value for cell in book["Figures"]["V"][4:] if cell.value]
    assert "Full name" in offered and len(offered) > 40


def test_new_columns_offer_what_a_new_workbook_offers(old: Path) -> None:
    """The list of social categories is too long for a rule, so that its cells and its name come, too."""
    assert call("upgrade", old).exit_code == 0
    book = openpyxl.load_workbook(old, keep_vba=True)
    assert "xlcrm_social_categories" in book.defined_names
    rules = {str(rule.sqref): rule.formula1 for rule in book["Clients"].data_validations.dataValidation}
    assert "xlcrm_social_categories" in rules.values()
    offered = [cell.value for cell in book["Figures"]["X"][4:] if cell.value]
    assert tuple(offered) == social_categories("", "en")
    lists = [cell.value for cell in book["Lists"][1]]
    assert {words.header("Lists", column.name) for column in schema.table("Lists").columns} <= set(lists)


def test_a_drop_down_whose_cells_are_taken_does_not_come(old: Path) -> None:
    book = openpyxl.load_workbook(old, keep_vba=True)
    book["Figures"]["V9"] = "my own"
    book.save(old)
    assert call("upgrade", old).exit_code == 0
    whole(old)
    after = openpyxl.load_workbook(old, keep_vba=True)
    assert [cell.value for cell in after["Figures"]["V"] if cell.value] == ["my own"]
    assert "xlcrm_import_fields" not in after.defined_names
    assert not [r for r in after["Import"].data_validations.dataValidation if r.formula1 == "xlcrm_import_fields"]


def test_new_columns_have_the_formats_of_new_workbooks(old: Path, tmp_path: Path) -> None:
    shipped(tmp_path / "new.xlsm")
    assert call("upgrade", old).exit_code == 0
    have, made = (openpyxl.load_workbook(path, keep_vba=True)["Duplicates"] for path in (old, tmp_path / "new.xlsm"))
    letters = {head.value: get_column_letter(at) for at, head in enumerate(have[1], 1)}
    for at, head in enumerate(made[1], 1):
        here = have.column_dimensions[letters[head.value]]
        assert here.number_format == made.column_dimensions[get_column_letter(at)].number_format


def test_our_macros_and_buttons_are_renewed_and_others_stay(old: Path) -> None:
    from pyopenvba import ExcelFile

    with ExcelFile(str(old)) as book:
        book.vba_project().add_module("TheirOwn", "Option Explicit\r\nPublic Sub Hello()\r\nEnd Sub\r\n")
        book.save()
    assert call("upgrade", old).exit_code == 0
    with ExcelFile(str(old)) as book:
        modules = {module.name: module.source for module in book.vba_project().modules}
    assert "Public Sub Hello()" in modules["TheirOwn"]
    assert "XlcrmPlain" in modules["Xlcrm"] and "\r\n" in modules["Xlcrm"]
    with zipfile.ZipFile(old) as archive:
        assert b'keytip="Y"' not in archive.read("customUI/customUI14.xml")


def test_a_project_that_cannot_be_read_stays_and_the_rest_comes(old: Path, tmp_path: Path) -> None:
    odd, new = tmp_path / "odd.xlsm", tmp_path / "new.xlsm"
    with zipfile.ZipFile(old) as archive, zipfile.ZipFile(odd, "w") as written:
        for entry in archive.infolist():
            is_project = entry.filename == "xl/vbaProject.bin"
            written.writestr(entry, b"\xd0\xcf\x11\xe0" + bytes(600) if is_project else archive.read(entry))
    done = upgrade_file(odd, new, Settings())
    assert not done.macros and "Import" in done.sheets
    with zipfile.ZipFile(odd) as before, zipfile.ZipFile(new) as after:
        assert before.read("xl/vbaProject.bin") == after.read("xl/vbaProject.bin")


def test_a_ribbon_with_buttons_of_others_stays_as_it_is(old: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.xlsm"
    with zipfile.ZipFile(old) as archive, zipfile.ZipFile(own, "w") as written:
        for entry in archive.infolist():
            data = archive.read(entry)
            if entry.filename == "customUI/customUI14.xml":
                data = data.replace(b"</tabs>", b'<tab id="theirs" label="Theirs"/></tabs>')
            written.writestr(entry, data)
    upgrade_file(own, tmp_path / "new.xlsm", Settings())
    with zipfile.ZipFile(tmp_path / "new.xlsm") as archive:
        assert b'id="theirs"' in archive.read("customUI/customUI14.xml")


def test_a_workbook_without_macros_gets_sheets_and_no_macros(old: Path, tmp_path: Path) -> None:
    plain = tmp_path / "Plain.xlsx"
    openpyxl.load_workbook(old).save(plain)
    result = call("upgrade", plain)
    assert result.exit_code == 0, result.output
    whole(plain)
    with zipfile.ZipFile(plain) as archive:
        assert not [name for name in archive.namelist() if "vba" in name.lower()]


def test_sheets_that_a_user_renamed_or_named_alike_do_no_harm(old: Path) -> None:
    book = openpyxl.load_workbook(old, keep_vba=True)
    book["Figures"].title = "Numbers & 'more' (2)"
    book.create_sheet("import")["A1"] = "my own list"
    book.save(old)
    assert call("upgrade", old).exit_code == 0
    whole(old)
    after = openpyxl.load_workbook(old, keep_vba=True)
    assert after["import"]["A1"].value == "my own list"
    assert "Import 2" in after.sheetnames
    assert "'Numbers & ''more'' (2)'!$V$5" in after.defined_names["xlcrm_import_fields"].attr_text


def test_a_table_without_room_stays_and_the_rest_comes(old: Path) -> None:
    book = openpyxl.load_workbook(old, keep_vba=True)
    book["Duplicates"]["G1"] = "beside the table"
    book.save(old)
    result = call("upgrade", old)
    assert result.exit_code == 0
    assert "G1" in result.output
    tables = read_tables.read(old)
    assert "Import" in tables and "band" not in tables["Duplicates"].frame
    assert openpyxl.load_workbook(old, keep_vba=True)["Duplicates"]["G1"].value == "beside the table"
    assert lint(old) == []


def test_a_locked_workbook_is_upgraded_and_stays_locked(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old.write_bytes(encryption.encrypt(old.read_bytes(), "secret"))
    before = sha256_of(old)
    monkeypatch.setenv("XLCRM_PASSWORD", "secret")
    assert call("upgrade", old).exit_code == 0
    assert encryption.is_encrypted(old)
    with encryption.readable(old, "secret") as plain:
        whole(plain)
    assert call("undo", old).exit_code == 0
    assert sha256_of(old) == before


@pytest.mark.filterwarnings("ignore:Print area cannot be set to Defined name:UserWarning")  # as LibreOffice writes it
def test_libreoffice_opens_the_upgraded_workbook(lived_in: Path, soffice: Callable[..., Path]) -> None:
    assert call("upgrade", lived_in).exit_code == 0
    computed = openpyxl.load_workbook(soffice(lived_in, "xlsx"), data_only=True)
    assert computed["Import"]["A1"].value == words.header("Import", "file")
    assert computed["Notes & plans"]["A2"].value == "Kari Olsen"


@pytest.mark.parametrize("language", ["en", "de"])
def test_start_gets_its_line_of_when_the_figures_are(
    language: str, old: Path, tmp_path: Path, validate_ooxml: Callable[..., list[str]]
) -> None:
    """A workbook of any language whose sheet Start has a blank third row."""
    path = old if language == "en" else _without_line(tmp_path / "Mein.xlsm", language)
    new = tmp_path / "new.xlsm"
    assert upgrade_file(path, new, Settings(language=language)).line
    line = openpyxl.load_workbook(new)[words.title("Start", language)]["B3"]
    assert str(line.value).startswith(f"='{words.title('Rhythm', language)}'!$A$3&IF(")
    assert line.font.color.rgb == "00" + palette.MUTED
    assert not lint(new) and not validate_ooxml(new)
    assert not upgrade_file(new, tmp_path / "again.xlsm", Settings(language=language)).line


@pytest.mark.parametrize("title", ["Start", "Ours"])
def test_a_sheet_start_of_somebodys_own_stays_as_it_is(old: Path, tmp_path: Path, title: str) -> None:
    """One with something in the row, and one that was renamed."""
    book = openpyxl.load_workbook(old, keep_vba=True)
    book["Start"]["D3" if title == "Start" else "D30"] = "call Kari"
    book["Start"].title = title
    book.save(old)
    done = upgrade_file(old, tmp_path / "new.xlsm", Settings())
    assert done.sheets and not done.line
    assert openpyxl.load_workbook(tmp_path / "new.xlsm")[title]["B3"].value is None


def _without_line(path: Path, language: str) -> Path:
    """Today's workbook as it was before: the row is there, but holds nothing."""
    shipped(path, language=language)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    start = "xl/worksheets/sheet1.xml"
    parts[start] = re.sub(rb'(<c r="B3"[^>]*?)(?: t="str")?>.*?</c>', rb"\1/>", parts[start], count=1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


# A version to come: the schema alone says what it brings.

LATER = schema.TableSpec("Visits", "Visits", schema.columns("client_id text 10\nday date 12\nsum money 12"))
BESIDE = schema.TableSpec("Targets", "Settings", schema.columns("year integer 8\ngoal money 12"))


@pytest.mark.parametrize("language", ["en", "nb", "fr"])
def test_what_a_later_schema_brings_reaches_todays_workbook(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, validate_ooxml: Callable[..., list[str]]
) -> None:
    path, new = tmp_path / "My.xlsm", tmp_path / "new.xlsm"
    shipped(path, language=language)
    more = schema.columns("shoe_size number 9\nleft_handed flag 9")
    tables = tuple(
        replace(spec, columns=spec.columns + more) if spec.name == "Clients" else spec for spec in schema.TABLES
    )
    monkeypatch.setattr(schema, "TABLES", (*tables, LATER, BESIDE))
    monkeypatch.setattr("xlcrm.xlsx.workbook._KNOWN", frozenset(spec.name for spec in schema.TABLES))
    monkeypatch.setattr(build_workbook, "SHEETS", (*build_workbook.SHEETS, "Visits"))
    monkeypatch.setattr(build_workbook, "_ONE_TABLE", build_workbook._ONE_TABLE | {"Visits"})
    monkeypatch.setitem(schema.SETTINGS, "rounding", "2")
    done = upgrade_file(path, new, Settings(language=language))
    assert done.sheets == ("Visits", "Targets")
    assert done.columns == {words.title("Clients", language): ("shoe_size", "left_handed")}
    assert done.settings == ("rounding",)
    tables_now = read_tables.read(new)
    assert list(tables_now["Visits"].frame.columns) == ["client_id", "day", "sum"]
    assert list(tables_now["Targets"].frame.columns) == ["year", "goal"]
    assert list(tables_now["Clients"].frame.columns)[-2:] == ["shoe_size", "left_handed"]
    sheet = openpyxl.load_workbook(new, keep_vba=True)[words.title("Clients", language)]
    last = get_column_letter(sheet.max_column)
    offered = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}[f"{last}2:{last}1048576"]
    assert str(offered.formula1).strip('"').split(",") == list(words.choices("done", language))
    assert lint(new) == []
    assert validate_ooxml(new) == []
