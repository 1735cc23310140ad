"""The workbook that `xlcrm new` makes: every table of the schema, in six languages, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.paths import ROOT
from tests.support.typed_openpyxl import bounds
from xlcrm import messages, schema, words
from xlcrm.building import build, macro_workbook, palette
from xlcrm.building.build_workbook import SHEETS, publish
from xlcrm.building.grid import LAST_ROW
from xlcrm.building.sheets import dashboard_sheet, figures_sheet
from xlcrm.messages import LANGUAGES
from xlcrm.segments.search import plan as search_plan
from xlcrm.settings import read_settings
from xlcrm.xlsx.reading import read_tables

COMMITTED = ROOT / "workbook"


@pytest.fixture(scope="module", params=LANGUAGES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    language = request.param
    path = tmp_path_factory.mktemp(language) / "New.xlsm"
    build(path, language=language, country="IT", currency="NOK")
    return language, path


@pytest.fixture(scope="module")
def opened(built: tuple[str, Path]) -> tuple[str, Workbook]:
    language, path = built
    return language, openpyxl.load_workbook(path, keep_vba=True)


def tables(book: Workbook) -> dict[str, tuple[Worksheet, Table]]:
    return {table.name: (sheet, table) for sheet in book.worksheets for table in sheet.tables.values()}


def column(sheet: Worksheet, table: Table, spec: schema.TableSpec, name: str) -> str:
    first, _, _, _ = bounds(table.ref)
    position = [c.name for c in spec.columns].index(name)
    return get_column_letter(int(first or 1) + position)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_table_of_the_schema_stands_on_its_sheet(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    found = tables(book)
    assert set(found) == {spec.name for spec in schema.TABLES}
    for spec in schema.TABLES:
        sheet, table = found[spec.name]
        assert sheet.title == words.title(spec.sheet, language)
        left, top, right, bottom = bounds(table.ref)
        assert right - left + 1 == len(spec.columns)
        heads = [str(sheet.cell(top, at).value) for at in range(left, right + 1)]
        assert heads == [words.header(spec.name, c.name, language) for c in spec.columns]
        assert [c.name for c in table.tableColumns] == heads
        assert len({head.casefold() for head in heads}) == len(heads), "Excel refuses two headers alike"
        if spec.fixed_rows:
            assert bottom - top == spec.fixed_rows
        elif spec.name not in ("Settings", "Segments", "Lists"):
            assert bottom - top == 1, "Excel's own empty table keeps one blank row"
            assert all(sheet.cell(bottom, at).value is None for at in range(left, right + 1))


def test_the_first_searches_and_lists_are_understood(built: tuple[str, Path]) -> None:
    language, path = built
    held = read_tables.read(path)
    settings = read_settings(held)
    made = search_plan(held, settings=settings, today=dt.date(2026, 11, 22))
    counted = {change.column for change in made.changes if change.table == "Segments"}
    assert counted == {"clients", "counted_on"}, "no condition was refused"
    lists = held["Lists"].frame
    assert [words.choice("list", str(kind)) for kind in lists["kind"]] == [
        "mailing",
        "labels",
        "letters",
        "invoicing",
    ]
    assert settings.language == language


def test_sheet_names_are_ones_that_excel_takes(opened: tuple[str, Workbook]) -> None:
    titles = [sheet.title for sheet in opened[1].worksheets]
    assert len({title.casefold() for title in titles}) == len(titles)
    assert all(len(title) <= 31 and not re.search(r"[\\/*?:\[\]]", title) for title in titles)


def test_settings_hold_what_was_asked_for_and_say_what_they_do(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    sheet, table = tables(book)["Settings"]
    rows = {words.setting_of(str(row[0])): row[1:] for row in _rows(sheet, table)}
    assert list(rows) == list(schema.SETTINGS)
    assert (rows["country"][0], rows["language"][0], rows["currency"][0]) == ("IT", language, "NOK")
    assert rows["keep_last"][0] == 20, "a number, so that Excel shows no green corner"
    for name, (_, meaning) in rows.items():
        assert meaning == messages.text(f"setting.{name}", language) != f"setting.{name}"


def _rows(sheet: Worksheet, table: Table) -> list[tuple[object, ...]]:
    left, top, right, bottom = bounds(table.ref)
    cells = sheet.iter_rows(min_row=top + 1, max_row=bottom, min_col=left, max_col=right, values_only=True)
    return [tuple(row) for row in cells]


def test_whole_columns_have_the_format_of_their_kind(
    opened: tuple[str, Workbook],
) -> None:
    language, book = opened
    found = tables(book)
    for name in ("Clients", "Purchases", "Interactions", "Problems"):
        sheet, table = found[name]
        spec = schema.table(name)
        for definition in spec.columns:
            letter = column(sheet, table, spec, definition.name)
            wanted = palette.number_format(definition, language)
            assert sheet[f"{letter}2"].number_format == wanted
            assert sheet.column_dimensions[letter].number_format == wanted
    sheet, table = found["Clients"]
    for name in ("client_id", "postal_code", "phone", "tax_id"):
        assert sheet[f"{column(sheet, table, schema.table('Clients'), name)}2"].number_format == "@"


def test_drop_downs_offer_words_and_warn_at_most(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    found = tables(book)
    for spec in schema.TABLES:
        sheet, table = found[spec.name]
        rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
        for definition in spec.columns:
            if not definition.choices:
                continue
            letter = column(sheet, table, spec, definition.name)
            first = bounds(table.ref)[1] + 1
            rule = rules.get(f"{letter}{first}:{letter}{LAST_ROW}")
            if definition.calculated:
                assert rule is None, "nobody types there"
                continue
            assert rule is not None and rule.type == "list"
            offered = str(rule.formula1).strip('"').split(",")
            assert offered == list(words.choices(definition.choices, language))
            assert len(str(rule.formula1)) <= 257, "Excel takes 255 characters between the quotes"
            assert rule.errorStyle == "warning" and len(str(rule.error)) <= 225


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_offered_as_fields_are_understood(language: str) -> None:
    from xlcrm.segments.fields import FieldNames, find_field

    offered = figures_sheet.figures(language)
    assert len(set(offered)) == len(offered) > 7
    assert all(find_field(text, FieldNames.of()) is not None for text in offered)


def test_every_entry_rule_covers_rows_added_later(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            one_setting = sheet.title == words.title("Settings", language) and str(rule.sqref).startswith("B")
            one_search = sheet.title == words.title("Found", language) and str(rule.sqref) == "B5"
            one_client = sheet.title == words.title("Card", language) and str(rule.sqref) == "A5"
            assert (
                one_setting or one_search or one_client or all(area.max_row == LAST_ROW for area in rule.sqref.ranges)
            )
            assert rule.error is None or len(rule.error) <= 225


def test_calculated_columns_are_shaded_and_explained(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    sheet, table = tables(book)["Clients"]
    spec = schema.table("Clients")
    for definition in spec.columns:
        letter = column(sheet, table, spec, definition.name)
        shaded = sheet[f"{letter}2"].fill.fgColor.rgb == "00" + palette.SHADE
        assert shaded == definition.calculated
        comment = sheet[f"{letter}1"].comment
        if definition.calculated:
            assert comment is not None
            assert comment.text == messages.text(f"metric.{definition.name}", language)
        else:
            assert comment is None


def test_figures_of_opportunities_are_explained(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    for name in ("Bottleneck", "Pipeline", "PipelineBy", "WinRates", "Forecast"):
        sheet, table = tables(book)[name]
        spec = schema.table(name)
        labels = {"stage", "salesperson", "by", "group"}  # what a row is
        for definition in [column for column in spec.columns if column.name not in labels]:
            comment = sheet[f"{column(sheet, table, spec, definition.name)}{bounds(table.ref)[1]}"].comment
            assert comment is not None and comment.text == messages.text(f"metric.deal.{definition.name}", language)


def test_the_rhythm_of_the_year_is_explained(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    for name in ("Seasons", "Together"):
        sheet, table = tables(book)[name]
        spec = schema.table(name)
        for definition in [column for column in spec.columns if column.name not in ("month", "product", "other")]:
            comment = sheet[f"{column(sheet, table, spec, definition.name)}{bounds(table.ref)[1]}"].comment
            assert comment is not None and comment.text == messages.text(f"metric.rhythm.{definition.name}", language)


def test_an_empty_workbook_says_what_to_do_first(built: tuple[str, Path]) -> None:
    language, path = built
    book = openpyxl.load_workbook(path, data_only=True)
    for name, cell in {"Dashboard": "B2", "Rhythm": "A3", "Funnel": "A2", "Start": "B3"}.items():
        assert book[words.title(name, language)][cell].value == messages.text("dashboard.empty", language)


def test_headers_stay_in_sight(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    for name in (
        "Clients", "People", "Purchases", "Interactions", "Opportunities", "Segments", "Lists", "Problems",
        "Duplicates", "Changes",
    ):  # fmt: skip
        sheet = book[words.title(name, language)]
        assert str(sheet.freeze_panes).endswith("2")
        assert sheet.print_title_rows == "$1:$1"


def test_charts_stand_on_the_fixed_rows_of_their_tables(built: tuple[str, Path], opened: tuple[str, Workbook]) -> None:
    language, path = built
    found = tables(opened[1])
    allowed = {
        "Seasons": ("month", "season"),
        "Stages": ("status", "clients"),
        "TopClients": ("name", "spend"),
        "Sectors": ("sector", "spend"),
        "Buyers": ("kind", "clients"),
        "Pipeline": ("stage", "amount", "weighted", "days_median"),
        "Forecast": ("month", "amount", "weighted"),
    }
    shown = {"Pipeline": 4, "Forecast": 12}  # the open stages, the months
    ranges = set()
    for table_name, columns in allowed.items():
        sheet, table = found[table_name]
        _, top, _, bottom = bounds(table.ref)
        last = top + shown.get(table_name, bottom - top)
        for name in columns:
            letter = column(sheet, table, schema.table(table_name), name)
            ranges.add(f"'{sheet.title}'!${letter}${top + 1}:${letter}${last}")
            ranges.add(f"'{sheet.title}'!${letter}${top}")
    _, months = found["Months"]  # twelve rows of the year before, twelve of this one, named as the key figures are
    sheet, key = found["KeyFigures"]
    for name in ("month", "spend", "new_clients"):
        letter = column(found["Months"][0], months, schema.table("Months"), name)
        top = bounds(months.ref)[1]
        title = found["Months"][0].title
        ranges |= {f"'{title}'!${letter}${top + first}:${letter}${top + first + 11}" for first in (1, 13)}
    names = (column(sheet, key, schema.table("KeyFigures"), name) for name in ("value", "year_before"))
    ranges |= {f"'{sheet.title}'!${letter}${bounds(key.ref)[1]}" for letter in names}
    sheet, card = found["CardMonths"]  # likewise, named by two of the client's figures
    for name in ("month", "spend"):
        letter, top = column(sheet, card, schema.table("CardMonths"), name), bounds(card.ref)[1]
        ranges |= {f"'{sheet.title}'!${letter}${top + first}:${letter}${top + first + 11}" for first in (1, 13)}
    _, money = found["CardMoney"]
    names = (column(sheet, money, schema.table("CardMoney"), name) for name in ("spend_12m", "spend_before_12m"))
    ranges |= {f"'{sheet.title}'!${letter}${bounds(money.ref)[1]}" for letter in names}
    charts = [data.decode() for name, data in parts(path).items() if name.startswith("xl/charts/chart")]
    used = [reference for xml in charts for reference in re.findall(r"<(?:c:)?f>([^<]+)</", xml)]
    assert len(charts) == 12
    spacer = f"'{words.title('Figures', language)}'!$I$5:$I$8"
    assert set(used) - {spacer} <= ranges
    assert spacer in used


def test_the_dashboard_prints_on_one_page_and_fits_one_screen(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    sheet = book[words.title("Dashboard", language)]
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)
    assert sheet.page_setup.orientation == "landscape" and str(sheet.page_setup.paperSize) == "9"
    zoom = (sheet.sheet_view.zoomScale or 100) / 100
    wide = sum((sheet.column_dimensions[get_column_letter(at)].width or 0) * 7 for at in range(1, 23)) * zoom
    high = sum((sheet.row_dimensions[row].height or 0) / 0.75 for row in range(1, dashboard_sheet.LAST_ROW + 1)) * zoom
    assert wide <= 1500 and high <= 780, "a window of 1920 x 1080 shows about 1850 x 790 pixels of cells"


def test_a_new_workbook_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    build(tmp_path / "a.xlsm", language="fr")
    build(tmp_path / "b.xlsm", language="fr")
    assert (tmp_path / "a.xlsm").read_bytes() == (tmp_path / "b.xlsm").read_bytes()


def test_the_committed_workbook_is_what_the_build_makes(tmp_path: Path) -> None:
    publish(tmp_path)
    # Part by part: another zlib compresses the same content into other bytes.
    assert parts(COMMITTED / "ClientFile.xlsm") == parts(tmp_path / "ClientFile.xlsm")
    for name in ("ribbon.xml", *(f"{module}.bas" for module in macro_workbook.MODULES)):
        assert (COMMITTED / name).read_text(encoding="utf-8") == (tmp_path / name).read_text(encoding="utf-8")


def test_the_package_is_a_macro_workbook_with_both_ribbons(built: tuple[str, Path]) -> None:
    content = parts(built[1])
    assert b"sheet.macroEnabled.main+xml" in content["[Content_Types].xml"]
    root = content["_rels/.rels"].decode()
    for name in ("customUI/customUI14.xml", "customUI/customUI.xml"):
        assert name in content and f'Target="{name}"' in root
    assert b"vbaProject.bin" in content["xl/_rels/workbook.xml.rels"]
    assert all(entry.date_time == (2026, 1, 1, 0, 0, 0) for entry in zipfile.ZipFile(built[1]).infolist())
    dates = re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", content["docProps/core.xml"])
    assert dates and set(dates) == {b"2026-01-01T00:00:00Z"}


def test_every_sheet_has_a_code_name_with_its_module(built: tuple[str, Path]) -> None:
    from pyopenvba import ExcelFile

    with ExcelFile(str(built[1])) as book:
        modules, faults = list(book.module_names()), book.vba_project().validate()
    sheets = [f"Sheet{number}" for number in range(1, len(SHEETS) + 1)]
    assert modules == ["ThisWorkbook", *sheets, *macro_workbook.MODULES]
    assert faults == []
    content = parts(built[1])
    named = [
        re.findall(rb'codeName="(\w+)"', content[f"xl/worksheets/sheet{number}.xml"])
        for number in range(1, len(SHEETS) + 1)
    ]
    assert named == [[name.encode()] for name in sheets], "a code name that the project doesn't know would be repaired"
    assert re.findall(rb'codeName="(\w+)"', content["xl/workbook.xml"]) == [b"ThisWorkbook"]


def test_the_vba_project_holds_source_and_nothing_compiled(built: tuple[str, Path]) -> None:
    """[MS-OVBA] 2.3.4.1 and 2.3.4.3: on writing version 0xFFFF, and no caches."""
    import io

    import olefile

    with olefile.OleFileIO(io.BytesIO(parts(built[1])["xl/vbaProject.bin"])) as project:
        streams = {entry[-1]: project.openstream(entry).read() for entry in project.listdir()}
    assert streams["_VBA_PROJECT"] == bytes.fromhex("cc61ffff000000")
    assert not [name for name in streams if name.startswith("__SRP_")]
    for name in ("ThisWorkbook", "Sheet1", *macro_workbook.MODULES):
        assert streams[name][0] == 1, "it begins with the compressed source"


def test_one_sheet_is_selected_when_the_workbook_is_opened(built: tuple[str, Path]) -> None:
    sheets = [data for name, data in parts(built[1]).items() if name.startswith("xl/worksheets/sheet")]
    assert [data.count(b'tabSelected="1"') for data in sheets].count(1) == 1
    assert b'tabSelected="1"' in parts(built[1])["xl/worksheets/sheet1.xml"]


def test_every_formula_has_its_value_and_every_text_its_element(built: tuple[str, Path]) -> None:
    """Protected View, phones and previews show what is kept, and calculate nothing."""
    for name, data in parts(built[1]).items():
        if name.startswith("xl/worksheets/sheet"):
            cells = re.findall(rb"<c ([^>]*?)(?:/>|>(.*?)</c>)", data, re.DOTALL)
            assert not [inner for _, inner in cells if b"<f>" in inner and not re.search(rb"<v>", inner)]
            assert not [a for a, inner in cells if b'"inlineStr"' in a and b"<is>" not in inner]


def test_charts_say_what_readers_would_have_to_assume(built: tuple[str, Path]) -> None:
    charts = [data.decode() for name, data in parts(built[1]).items() if name.startswith("xl/charts/chart")]
    for chart in charts:
        assert chart.count("<varyColors ") == 1
        assert not re.search(r'<numFmt formatCode="[^"]*" ?/>', chart)
        assert chart.count("<overlay ") == chart.count("<title>") + chart.count("<legend>")


def test_columns_are_wide_enough_for_words_of_their_header(opened: tuple[str, Workbook]) -> None:
    language, book = opened
    for name in ("Clients", "Purchases", "Interactions", "Problems", "Changes"):
        sheet = book[words.title(name, language)]
        for at, header in enumerate(next(sheet.values), start=1):
            letter = get_column_letter(at)
            longest = max(len(word) for word in str(header).split())
            assert (sheet.column_dimensions[letter].width or 0) >= longest + 2


@pytest.mark.parametrize("language", ["en", "it"])
def test_start_says_of_when_the_figures_are(language: str, tmp_path: Path) -> None:
    book = tmp_path / "My.xlsm"
    build(book, language=language)
    told, shown = (openpyxl.load_workbook(book, data_only=shown).worksheets[0]["B3"].value for shown in (False, True))
    assert shown == messages.text("dashboard.empty", language)
    for action in ("schedule", "refresh"):
        assert messages.text(f"action.{action}", language) in told
