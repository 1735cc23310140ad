"""Letters joined to one Word document: what may stand once, sections, drawings; valid whatever a template holds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from lxml import etree

from xlcrm.errors import CrmError
from xlcrm.papers.docx_package import W
from xlcrm.papers.word_letters import WordJob, filled

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def picture(document: Any) -> None:
    document.add_picture(io.BytesIO(PNG))


def bookmark(document: Any) -> None:
    paragraph = document.add_paragraph("marked")
    for name in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(name)
        mark.set(qn("w:id"), "1")
        if name == "w:bookmarkStart":
            mark.set(qn("w:name"), "here")
        paragraph._p.append(mark)


def control(document: Any) -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f'<w:sdt xmlns:w="{word}"><w:sdtPr><w:id w:val="7"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>'
    document.element.body.insert(0, etree.fromstring(text))


def table(document: Any) -> None:
    document.add_table(1, 2).rows[0].cells[0].text = "{{ client.name }}"


def two_sections(document: Any) -> None:
    document.add_section(WD_SECTION.CONTINUOUS)
    document.add_paragraph("second {{ client.name }}")


def numbered(document: Any) -> None:
    section = document.sections[0]._sectPr
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:fmt"), "upperRoman")
    section.insert(list(section).index(section.find(qn("w:cols"))), numbers)


def header(document: Any) -> None:
    document.sections[0].header.paragraphs[0].text = "{{ sender.name }}"


def nothing(document: Any) -> None:
    for paragraph in document.paragraphs:
        paragraph._p.getparent().remove(paragraph._p)


def loop(document: Any) -> None:
    made = document.add_table(3, 1)
    for row, text in zip(made.rows, ("{%tr for line in client.lines %}", "{{ line }}", "{%tr endfor %}"), strict=True):
        row.cells[0].text = text


KINDS = [(picture, bookmark, control, table, numbered, header, loop), (two_sections, header, table), (nothing,)]


def template(*kinds: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    document.add_paragraph("Dear {{ client.name }}")
    for kind in kinds:
        kind(document)
    whole = io.BytesIO()
    document.save(whole)
    return whole.getvalue()


def made(source: bytes, n: int = 3) -> bytes:
    """The letters in one file, made in this process."""
    letters = tuple(
        {"name": f"A & B <{k}>", "lines": [f"1.{k}", "2"], "language": "en", "date": "today", "key": str(k)}
        for k in range(n)
    )
    shared = {"sender": {"name": "S & T"}, "list": "L", "date": "today"}
    documents = filled(WordJob("mine.docx", source, letters, shared, "en", False))
    assert isinstance(documents, list), documents
    whole = filled(WordJob("mine.docx", source, (), shared, "en", False, tuple(documents)))
    assert isinstance(whole, list), whole
    return whole[0]


@pytest.mark.parametrize("kinds", KINDS, ids=["all sorts", "two sections", "no paragraph"])
def test_joined_letters_are_valid(
    kinds: tuple[Callable[[Any], None], ...], tmp_path: Path, validate_ooxml: Callable[..., list[str]]
) -> None:
    path = tmp_path / "all.docx"
    path.write_bytes(made(template(*kinds)))
    assert validate_ooxml(path) == []


def test_every_letter_starts_on_page_one_of_its_own() -> None:
    document = docx.Document(io.BytesIO(made(template(numbered, header))))
    assert len(document.sections) == 3
    for section in document.sections:
        numbers = section._sectPr.find(qn("w:pgNumType"))
        assert numbers.get(qn("w:start")) == "1"
        assert numbers.get(qn("w:fmt")) == "upperRoman"
        assert section.start_type == WD_SECTION.NEW_PAGE
        assert section.header.paragraphs[0].text == "S & T"
    names = [paragraph.text for paragraph in document.paragraphs if paragraph.text]
    assert names == [f"Dear A & B <{k}>" for k in range(3)]


def test_what_may_stand_once_stands_once() -> None:
    content = made(template(bookmark, control, picture))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        root = etree.fromstring(file.read("word/document.xml"))
    assert len(list(root.iter(f"{W}bookmarkStart"))) == 1
    assert len([found for found in root.iter(f"{W}id") if found.get(f"{W}val") == "7"]) == 1
    ids = [found.get("id") for found in root.iter("{*}docPr")]
    assert len(ids) == len(set(ids)) == 3


def test_rows_of_a_table_come_again() -> None:
    document = docx.Document(io.BytesIO(made(template(loop))))
    assert [[row.cells[0].text for row in found.rows] for found in document.tables] == [
        [f"1.{k}", "2"] for k in range(3)
    ]


def test_a_template_without_fields_is_copied() -> None:
    document = docx.Document()
    document.add_paragraph("the same for all")
    whole = io.BytesIO()
    document.save(whole)
    texts = [found.text for found in docx.Document(io.BytesIO(made(whole.getvalue()))).paragraphs if found.text]
    assert texts == ["the same for all"] * 3


def test_a_fault_in_the_joining_is_a_sentence() -> None:
    found = filled(WordJob("mine.docx", template(), (), {}, "en", False, (b"<broken", b"<x/>")))
    assert isinstance(found, CrmError)
    assert found.key == "papers.word_syntax"
