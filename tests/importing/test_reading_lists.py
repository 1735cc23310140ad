"""Files as they come: any encoding, separator and layout is read; what can't be read is refused in a sentence."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from tests.support.importing_help import TODAY, settings, workbook
from tests.support.typed_openpyxl import first_sheet
from xlcrm.errors import CrmError
from xlcrm.files.list_files import read
from xlcrm.importing import Incoming, plan
from xlcrm.messages import LANGUAGES

ROWS = [
    ["Cognome", "Città", "Importo", "Note"],
    ["Müller-Sørensen", "Forlì", "1.234,56", "è già «noto» – 12 €"],
    ["Peña", "Ælby", "12,50", ""],
]


def one(path: Path) -> Incoming:
    (found,) = read(path)
    return found


def cells(found: Incoming) -> list[list[object]]:
    return [list(map(str, found.frame.columns)), *found.frame.astype(object).to_numpy().tolist()]


def save(path: Path, rows: list[list[object]], **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    first = first_sheet(book)
    first.title = "Sheet1"
    for row in rows:
        first.append(row)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_csv_in_any_encoding_with_any_separator(tmp_path: Path, encoding: str, sign: str) -> None:
    path = tmp_path / "list.csv"
    text = "\r\n".join(sign.join(f'"{cell}"' if sign in cell else cell for cell in row) for row in ROWS)
    path.write_bytes(text.encode(encoding))
    assert cells(one(path)) == ROWS


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_old_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    rows = [["Nombre", "Ciudad"], ["Peña Núñez", "Córdoba"], ["Müller", "Köln"], ["Bjørn Åse", "Tromsø"]]
    path = tmp_path / "list.csv"
    path.write_bytes("\n".join(";".join(row) for row in rows).encode(encoding))
    assert cells(one(path)) == rows


def test_text_stays_text(tmp_path: Path) -> None:
    values = ["007", "+47", "=cmd|'/c calc'!A1", "12345678901234567890", "1/2", "1E5", "TRUE", "x" * 10_000, "0,50"]
    path = tmp_path / "list.csv"
    path.write_text("ID;Notes\n" + "\n".join(f"K{i};{v}" for i, v in enumerate(values)), encoding="utf-8")
    found = one(path)
    assert found.frame["Notes"].tolist() == values
    done = plan(workbook(), [found], settings=settings(), today=TODAY)
    assert done.added[0].rows["notes"].tolist() == values


def test_text_in_a_workbook_stays_text_and_dates_are_dates(tmp_path: Path) -> None:
    day = dt.datetime(2024, 2, 29)
    path = save(
        tmp_path / "list.xlsx",
        [["ID", "Name", "PLZ", "Kunde seit"], ["007", "=x", 20121, day], [8, "+47", "00100", None]],
    )
    found = one(path)
    assert found.frame["ID"].tolist() == ["007", 8]
    done = plan(workbook(), [found], settings=settings(), today=TODAY)
    rows = done.added[0].rows
    assert rows["client_id"].tolist() == ["007", "8"]
    assert rows["postal_code"].tolist() == ["20121", "00100"]
    assert rows["acquired_on"].tolist() == [pd.Timestamp(day), pd.NaT]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_other_kinds_of_workbook(tmp_path: Path, soffice: Callable[..., Path], kind: str) -> None:
    path = save(
        tmp_path / "list.xlsx",
        [["Nome", "Cognome", "CAP"], ["Bruna", "Valdirosa", "00184"], ["Ezio", "Montecupo", "20121"]],
    )
    found = one(soffice(path, kind))
    assert cells(found) == [["Nome", "Cognome", "CAP"], ["Bruna", "Valdirosa", "00184"], ["Ezio", "Montecupo", "20121"]]


def test_a_header_below_titles_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "Elenco clienti 2024\n\nStampato il 3/4/2024;pag. 1\n\n"
        "Cognome;Nome;Telefono\nValdirosa;Bruna;06 0000001\n\nMontecupo;Ezio;06 0000002\n",
        encoding="utf-8",
    )
    found = one(path)
    assert list(found.frame.columns) == ["Cognome", "Nome", "Telefono"]
    assert found.frame["Nome"].tolist() == ["Bruna", "Ezio"]
    assert [found.row(0), found.row(1)] == [6, 8]
    (above,) = found.problems
    assert above.code == "import.rows_above"
    assert "Elenco clienti 2024" in above.value


def test_a_list_without_header_keeps_its_first_row(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "Nora Ashgrove,nora@example.com,12\nPiers Penhale,piers@example.com,13\nIvy Larkmoor,ivy@example.com,14\n",
        encoding="utf-8",
    )
    found = one(path)
    assert list(found.frame.columns) == ["A", "B", "C"]
    assert len(found.frame) == 3
    assert [p.code for p in found.problems] == ["import.no_header"]
    done = plan(workbook(), [found], settings=settings(), today=TODAY, mapping={"A": "full_name"})
    assert done.added[0].rows["email"].tolist()[0] == "nora@example.com"


def test_headers_alike_nameless_columns_and_ragged_rows(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "Name;Phone;phone;;Empty\nNora;1234567;7654321;x\nPiers;2345678\nIvy;3456789;;;;more;\n", encoding="utf-8"
    )
    found = one(path)
    assert list(found.frame.columns) == ["Name", "Phone", "phone (2)", "D", "Empty", "F"]
    assert found.frame["F"].tolist() == ["", "", "more"]
    assert [p.code for p in found.problems] == ["import.long_rows"]


def test_a_first_line_that_names_the_separator(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sep=|\nName|City, town\nNora|Brackwater, West\n", encoding="utf-8")
    assert cells(one(path)) == [["Name", "City, town"], ["Nora", "Brackwater, West"]]


def test_line_breaks_and_quotes_inside_cells(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('Name,Notes\n"Nora ""Nory"" Ashgrove","first\nsecond"\nPiers,plain 5" pipe\n', encoding="utf-8")
    found = one(path)
    assert found.frame["Name"].tolist() == ['Nora "Nory" Ashgrove', "Piers"]
    assert found.frame["Notes"].tolist() == ["first\nsecond", 'plain 5" pipe']


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [f"Name {i},city {i}" for i in range(60)]
    rows[5] = 'Name 5,"city 5'
    path.write_text("Name,City\n" + "\n".join(rows), encoding="utf-8")
    with pytest.raises(CrmError) as refused:
        read(path)
    assert refused.value.key == "import.open_quote"
    assert refused.value.values["row"] == 7


def test_a_cell_longer_than_excel_holds_is_cut_and_said(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Name;Notes\nNora;" + "y" * 40_000 + "\n", encoding="utf-8")
    found = one(path)
    assert len(found.frame["Notes"].iloc[0]) == 32_767
    assert [(p.code, p.row, p.column) for p in found.problems] == [("import.too_long", 2, "Notes")]


def test_every_visible_sheet_or_the_one_asked_for(tmp_path: Path) -> None:
    path = save(
        tmp_path / "list.xlsx", [["Name"], ["Nora"]], North=[["Name"], ["Piers"]], Secret=[["Name"], ["Ivy"]], Blank=[]
    )
    book = openpyxl.load_workbook(path)
    book["Secret"].sheet_state = "hidden"
    book.save(path)
    assert [(f.sheet, f.frame["Name"].tolist()) for f in read(path)] == [("Sheet1", ["Nora"]), ("North", ["Piers"])]
    assert [f.frame["Name"].tolist() for f in read(path, sheet="secret")] == [["Ivy"]]
    with pytest.raises(CrmError) as refused:
        read(path, sheet="South")
    assert refused.value.key == "import.no_sheet"
    assert "North" in str(refused.value)


def test_merged_cells_errors_and_empty_formulas_are_said(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = openpyxl.Workbook()
    sheet = first_sheet(book)
    rows: list[list[Any]] = [["Name", "City", "Amount"], ["Nora", "Brackwater", 1], ["Piers"], ["Ivy", "Ludmere"]]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    sheet["D1"], sheet["D2"] = "Total", 7
    sheet.merge_cells("D2:D3")
    sheet["C3"] = "#DIV/0!"
    sheet["C3"].data_type = "e"
    sheet["C4"] = "=1+1"
    book.save(path)
    found = one(path)
    said = {p.code: dict(p.values)["cell"] for p in found.problems}
    assert said == {
        "import.merged_filled": "B2", "import.merged": "D2", "import.error_values": "C3",
        "import.formula_without_value": "C4",
    }  # fmt: skip
    assert found.frame["City"].tolist() == ["Brackwater", "Brackwater", "Ludmere"]
    assert found.frame["Total"].tolist() == [7, None, None]


def test_a_csv_with_the_name_of_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_text("Name\tCity\nNora\tBrackwater\n", encoding="utf-16")
    assert cells(one(path)) == [["Name", "City"], ["Nora", "Brackwater"]]


def _word(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "<w/>")


def _half(path: Path) -> None:
    save(path, [["Name"], ["Nora"]])
    path.write_bytes(path.read_bytes()[:2000])


def _locked(path: Path) -> None:
    from xlcrm.files.encryption import encrypt

    save(path, [["Name"], ["Nora"]])
    path.write_bytes(encrypt(path.read_bytes(), "secret"))


BAD: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "missing": ("list.csv", "file.missing", lambda path: None),
    "folder": ("list.csv", "file.is_folder", lambda path: path.mkdir()),
    "no bytes": ("list.csv", "import.empty", lambda path: path.write_bytes(b"")),
    "blank lines only": ("list.csv", "import.empty", lambda path: path.write_text("\n\n;;;\n\n")),
    "empty workbook": ("list.xlsx", "import.empty", lambda path: save(path, [])),
    "picture": ("list.csv", "import.not_a_list", lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))),
    "pdf": ("list.csv", "import.not_a_list", lambda path: path.write_bytes(b"%PDF-1.7\n%\xe2\xe3")),
    "program": ("list.xlsx", "import.damaged", lambda path: path.write_bytes(b"MZ\x90\x00\x03\x00" + bytes(100))),
    "web page called xls": ("list.xls", "import.not_a_list", lambda path: path.write_text("<html><table></table>")),
    "word document": ("list.xlsx", "import.not_a_list", _word),
    "half a workbook": ("list.xlsx", "import.damaged", _half),
    "password": ("list.xlsx", "import.encrypted", _locked),
    "damaged old workbook": (
        "list.xls",
        "import.damaged",
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, case: str) -> None:
    name, key, make = BAD[case]
    path = tmp_path / name
    make(path)
    with pytest.raises(CrmError) as refused:
        read(path)
    assert refused.value.key == key
    for language in LANGUAGES:
        assert path.name in refused.value.text(language)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Name\nNora\n")

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CrmError) as refused:
        read(path)
    assert refused.value.key == "file.no_permission"


def test_headers_without_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Name;City\n")
    with pytest.raises(CrmError) as refused:
        plan(workbook(), read(path), settings=settings(), today=TODAY)
    assert refused.value.key == "import.no_rows"


CARDS = """BEGIN:VCARD
VERSION:3.0
N:Valdirosa;Bruna;Lia;Dott.ssa;
FN:Bruna Valdirosa
ORG:Lampadario SpA;Vendite
TITLE:Responsabile\\, vendite
TEL;TYPE=CELL:+39 333 0000001
TEL;TYPE=WORK,VOICE:+39 06 0000001
TEL;TYPE=FAX:+39 06 0000009
item1.EMAIL;type=INTERNET:bruna@example.com
EMAIL:b.valdirosa@example.org
ADR;TYPE=WORK:;;Via dei Tigli 4;Borgolieto;MI;20121;Italia
BDAY:1980-04-03
NOTE:prima riga\\nseconda
PHOTO;ENCODING=b:AAAA
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Pe=C3=B1a;Lope
TEL;CELL:600 000 002
NOTE:a long
  line
END:VCARD
"""


def test_vcards(tmp_path: Path) -> None:
    path = tmp_path / "contacts.vcf"
    path.write_text(CARDS.replace("\n", "\r\n"), encoding="utf-8")
    found = one(path)
    first = {column: value for column, value in found.frame.iloc[0].items() if value}
    assert first == {
        "full_name": "Bruna Valdirosa", "title": "Dott.ssa", "first_name": "Bruna", "middle_name": "Lia",
        "last_name": "Valdirosa", "company": "Lampadario SpA", "job_title": "Responsabile, vendite",
        "birth_date": "1980-04-03", "email": "bruna@example.com", "phone": "+39 06 0000001",
        "mobile": "+39 333 0000001", "street": "Via dei Tigli 4", "city": "Borgolieto", "region": "MI",
        "postal_code": "20121", "country": "Italia", "notes": "prima riga\nseconda", "Department": "Vendite",
        "Fax": "+39 06 0000009", "E-mail 2": "b.valdirosa@example.org",
    }  # fmt: skip
    second = {column: value for column, value in found.frame.iloc[1].items() if value}
    assert second == {"first_name": "Lope", "last_name": "Peña", "mobile": "600 000 002", "notes": "a long line"}
    done = plan(workbook(), [found], settings=settings(), today=TODAY)
    assert {c.header for c in done.new_columns} == {"Department", "Fax", "E-mail 2"}
