"""Word letters: exact text, valid documents, misspelt fields named, and what a hostile template may not do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.support.paths import CASES
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.papers.letter_window import letter_windows
from xlcrm.papers.paper_starters import starter
from xlcrm.papers.paper_texts import LetterText, PaperTemplate, Sender
from xlcrm.papers.word_letters import word_letters

with (CASES / "docx_attacks.csv").open(encoding="utf-8", newline="") as _file:
    ATTACKS = list(csv.DictReader(_file))
TODAY = dt.date(2026, 11, 27)
SENDER = Sender(
    "Bianchi & Figli", ("Via Tortona 14", "20144 Milano"), "Milano", ("info@example.com",), signed="L. Bianchi"
)
BASE = starter("letters", "docx", language="de")
ODD = "Müller & Söhne <b> \"x\" 'y' {{ z }} {% q %} Łódź ÅÆØ €"


def letter(k: int = 0, **fields: object) -> LetterText:
    lines = (f"{ODD} {k}", "Hauptstraße 12b", "80331 München")
    return LetterText(f"C{k}", k + 2, lines, f"Guten Tag {ODD},", "de", fields=fields)


def template(*paragraphs: str, parts: Mapping[str, str | bytes] | None = None) -> PaperTemplate:
    """The starter with other paragraphs, and with other parts or more of them."""
    with zipfile.ZipFile(io.BytesIO(BASE)) as file:
        content: dict[str, str | bytes] = {name: file.read(name) for name in file.namelist()}
    if paragraphs:
        xml = content["word/document.xml"]
        assert isinstance(xml, bytes)
        text = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
        head, _, rest = xml.decode().partition("<w:body>")
        content["word/document.xml"] = f"{head}<w:body>{text}{rest[rest.index('<w:sectPr') :]}"
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in {**content, **(parts or {})}.items():
            file.writestr(name, part)
    return PaperTemplate("Spring letter.docx", whole.getvalue())


def texts_of(content: bytes) -> list[str]:
    """The paragraphs of a document that hold text."""
    return [found.text for found in docx.Document(io.BytesIO(content)).paragraphs if found.text]


def test_fifty_letters_hold_the_exact_text(tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    given = [letter(k) for k in range(50)]
    made = word_letters(given, PaperTemplate("a.docx", BASE), SENDER, today=TODAY)
    assert made.printed == tuple(f"C{k}" for k in range(50))
    assert [file.key for file in made.files] == [""]
    texts = texts_of(made.files[0].content)
    assert [text for text in texts if text.startswith(f"{ODD} ")] == ["\n".join(text.lines) for text in given]
    assert texts.count(f"Guten Tag {ODD},") == 50
    assert not any("papers." in text or "client." in text for text in texts)
    (tmp_path / "all.docx").write_bytes(made.files[0].content)
    assert validate_ooxml(tmp_path / "all.docx") == []


def test_a_file_each_is_valid(tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    asking = PaperTemplate("asking.docx", starter("asking", "docx", language="nb", window="c5-right-it"))
    given = [LetterText(f"C{k}", 2, (ODD,), "Hei,", "nb", questions=("E-post & co", "Telefon")) for k in range(2)]
    made = word_letters(given, asking, SENDER, today=TODAY, file_each=True)
    assert [file.key for file in made.files] == ["C0", "C1"]
    (tmp_path / "one.docx").write_bytes(made.files[1].content)
    assert validate_ooxml(tmp_path / "one.docx") == []
    table = docx.Document(io.BytesIO(made.files[1].content)).tables[0]
    assert [row.cells[0].text for row in table.rows] == ["E-post & co", "Telefon"]


@pytest.mark.parametrize(("language", "window"), list(zip(LANGUAGES, letter_windows(), strict=True)))
def test_a_starter_is_valid_and_fills(
    language: str, window: str, tmp_path: Path, validate_ooxml: Callable[..., list[str]]
) -> None:
    content = starter("letters", "docx", language=language, window=window, fields=["company", "city"])
    notes = " ".join(texts_of(content))
    assert "client.city" in notes
    assert "papers." not in notes
    made = word_letters([letter()], PaperTemplate("a.docx", content), SENDER, today=TODAY)
    assert "client.city" not in " ".join(texts_of(made.files[0].content))
    (tmp_path / "a.docx").write_bytes(content)
    assert validate_ooxml(tmp_path / "a.docx") == []


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("{{ client.lines[1] }}", "Hauptstraße 12b"),
        ("{{ client.born }}", "2. Januar 1970"),
        ("{{ client.sum }}", "1.234,50"),
        ("{{ client.sum | money('EUR') }}", "1.234,50 EUR"),
        ("{{ client.n + 1 }}", "4"),
        ("{% if client.n &gt; 2 %}many{% else %}few{% endif %}", "many"),
        ("{{ client.nothing }}.", "."),
        ("{{ client[“name”] }}", "A\tB\nC"),
        ("{{ date }} {{ list }}", "Milano, 27. November 2026 L"),
        ("{{ cl</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>ient.n }}", "3"),
        ("{{ client.bad }}", "ab"),
    ],
)
def test_what_a_template_may_write(paragraph: str, expected: str) -> None:
    fields: dict[str, Any] = {
        "born": dt.date(1970, 1, 2),
        "sum": Decimal("1234.5"),
        "n": 3,
        "nothing": None,
        "name": "A\tB\r\nC",
    }
    one = letter(**fields, bad="a\x00\x0c\x07\ufffeb")
    made = word_letters([one], template(paragraph), SENDER, today=TODAY, title="L")
    assert texts_of(made.files[0].content) == [expected]


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case["why"])
def test_a_hostile_template_ends_in_a_sentence(case: dict[str, str]) -> None:
    made = template(*([case["text"]] if case["text"] else []), parts=PARTS.get(case["parts"], {}))
    begun = time.monotonic()
    try:
        done = word_letters([letter(name="A")], made, SENDER, today=TODAY)
        found = ""
        assert case["names"] in " ".join(texts_of(done.files[0].content))
    except CrmError as fault:
        found = fault.key.removeprefix("papers.")
        assert fault.values["template"] == "Spring letter.docx"
        assert all(case["names"] in fault.text(language) for language in LANGUAGES)
    assert time.monotonic() - begun < 8  # 5 s and the start of the process
    assert found in case["ends"].split() or found == case["ends"]


def rels(kind: str, target: str, mode: str = "External") -> str:
    with zipfile.ZipFile(io.BytesIO(BASE)) as file:
        own = file.read("word/_rels/document.xml.rels").decode()
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    more = f'<Relationship Id="rId9" Type="{office}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return own.replace("</Relationships>", f"{more}</Relationships>")


def bomb() -> bytes:
    return b"<a>" + b"x" * 200_000_000 + b"</a>"


LAUGHS = '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
DOCUMENT_RELS = "word/_rels/document.xml.rels"
PARTS: dict[str, dict[str, str | bytes]] = {
    "picture outside": {DOCUMENT_RELS: rels("image", "http://example.com/a.png")},
    "share": {DOCUMENT_RELS: rels("image", r"file://\\server\share\a.png")},
    "template": {DOCUMENT_RELS: rels("attachedTemplate", "http://example.com/a.dotm")},
    "link": {DOCUMENT_RELS: rels("hyperlink", "https://example.com")},
    "script link": {DOCUMENT_RELS: rels("hyperlink", "javascript:alert(1)")},
    "subdocument": {DOCUMENT_RELS: rels("subDocument", "file:///etc/passwd")},
    "macro": {"word/vbaProject.bin": b"x"},
    "ole": {"word/embeddings/oleObject1.bin": b"x"},
    "entity": {"word/document.xml": LAUGHS},
    "no xml": {"word/document.xml": b"\x00"},
    "bomb": {"word/media/a.xml": bomb()},
    "many parts": {f"word/media/{n}.png": b"" for n in range(2_100)},
    "header": {
        "word/footer1.xml": '<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:p><w:r><w:t>{{ client.name }}</w:t></w:r></w:p></w:ftr>"
    },
}


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"PK\x03\x04" + b"\x00" * 50, BASE[:-30], b"{\\rtf1 }"])
def test_what_is_no_word_document_is_refused(content: bytes) -> None:
    with pytest.raises(CrmError) as refused:
        word_letters([letter()], PaperTemplate("a.docx", content), SENDER, today=TODAY)
    assert refused.value.key == "papers.word_unreadable"


def test_a_header_may_name_the_client_in_files_of_their_own() -> None:
    made = word_letters([letter(name=ODD)], template(parts=PARTS["header"]), SENDER, today=TODAY, file_each=True)
    footer = docx.Document(io.BytesIO(made.files[0].content)).sections[0].footer
    assert [found.text for found in footer.paragraphs] == [ODD]


def test_a_template_that_word_is_based_on_is_let_go() -> None:
    made = word_letters([letter()], template(parts=PARTS["template"]), SENDER, today=TODAY)
    with zipfile.ZipFile(io.BytesIO(made.files[0].content)) as file:
        assert b"example.com" not in file.read(DOCUMENT_RELS)


def test_letters_to_nobody_are_no_file() -> None:
    assert word_letters([], PaperTemplate("a.docx", BASE), SENDER, today=TODAY).files == ()
