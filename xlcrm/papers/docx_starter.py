"""The starter of a Word letter: a .docx with the address in the window of the envelope and every variable once.

Written part by part, because it is short and nothing of another program's template should come along.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from xlcrm import messages
from xlcrm.papers.docx_package import STAMP
from xlcrm.papers.label_sheet import PAPERS
from xlcrm.papers.letter_window import LetterWindow

WML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LOCALES = {"it": "it-IT", "es": "es-ES", "nb": "nb-NO", "en": "en-GB", "fr": "fr-FR", "de": "de-DE"}
ACCENT, FAINT = "12355B", "5B6B7A"
LEFT, RIGHT, TOP, BOTTOM = 25.0, 20.0, 25.0, 25.0  # mm, the margins
CONTENT_TYPES = (
    HEAD + f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>'
    '<Override PartName="/word/footer1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>'
)
RELS = (
    HEAD + f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
DOCUMENT_RELS = (
    HEAD + f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/footer" Target="footer1.xml"/></Relationships>'
)


def docx_starter(window: LetterWindow, language: str, fields: Sequence[str], *, asking: bool = False) -> bytes:
    """The starter for letters in this window; with `asking`, one with a form for what is missing."""
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELS,
        "word/document.xml": _document(window, language, fields, asking),
        "word/_rels/document.xml.rels": DOCUMENT_RELS,
        "word/styles.xml": _styles(language),
        "word/footer1.xml": HEAD + f'<w:ftr xmlns:w="{WML}">{_footer()}</w:ftr>',
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, STAMP), content.encode(), zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _document(window: LetterWindow, language: str, fields: Sequence[str], asking: bool) -> str:
    width, height = PAPERS[window.paper]
    body = (
        _head(window, width)
        + _address(window)
        + _spacer(max(window.top + window.height, window.top + 40) + 8.5 - TOP)
        + _paragraph("{{ client.date }}", after=280)
        + _paragraph(_words("asking_subject" if asking else "starter_subject", language), "Subject")
        + _paragraph("{{ client.salutation }}")
        + _paragraph(_words("asking_text" if asking else "starter_body", language))
        + (_form() + _paragraph(_words("asking_end", language)) if asking else "")
        + _paragraph("{{ client.closing }}", before=240, after=800, keep=True)
        + _paragraph("{{ sender.signed }}", after=0, keep=True)
        + _paragraph("{{ sender.role }}", "Small")
        + _notes(language, fields)
        + "<w:sectPr>"
        + '<w:footerReference w:type="default" r:id="rId2"/>'
        + f'<w:pgSz w:w="{_twips(width)}" w:h="{_twips(height)}"/>'
        + f'<w:pgMar w:top="{_twips(TOP)}" w:right="{_twips(RIGHT)}" w:bottom="{_twips(BOTTOM)}" '
        + f'w:left="{_twips(LEFT)}" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )
    return HEAD + f'<w:document xmlns:w="{WML}" xmlns:r="{OFFICE}"><w:body>{body}</w:body></w:document>'


def _head(window: LetterWindow, width: float) -> str:
    """The sender: its name on top, its address and numbers on the side that the window leaves free."""
    left = LEFT if window.left > width / 2 else width - RIGHT - 60
    place = _frame(left, window.top, 60, 40)
    return (
        _paragraph("{{ sender.name }}", "Sender", frame=_frame(LEFT, 13, width - LEFT - RIGHT, 9))
        + _paragraph('{{ sender.lines | join("\n") }}', "Small", frame=place, after=80)
        + _paragraph('{{ sender.contacts | join("\n") }}', "Small", frame=place)
    )


def _address(window: LetterWindow) -> str:
    """The address where the window shows it, and the sender's line above where there is room for one."""
    line = ""
    if window.sender:
        place = _frame(window.left, window.top + window.sender - 4.5, window.width, 4.5)
        line = _paragraph('{{ sender.name }} · {{ sender.lines | join(" · ") }}', "SenderLine", frame=place)
    place = _frame(window.left, window.top + window.sender, window.width, window.height - window.sender)
    return line + _paragraph("{{ client.address_block }}", "Address", frame=place)


def _form() -> str:
    """A row for each question, with a line to write on."""
    border = f'<w:tcBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="{FAINT}"/></w:tcBorders>'

    def cell(width: int, text: str, borders: str = "") -> str:
        return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{borders}</w:tcPr>{_paragraph(text, after=0)}</w:tc>'

    row = '<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="600" w:hRule="atLeast"/></w:trPr>'
    return (
        '<w:tbl><w:tblPr><w:tblW w:w="9354" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
        '<w:tblGrid><w:gridCol w:w="3600"/><w:gridCol w:w="5754"/></w:tblGrid>'
        + row + cell(3600, "{%tr for question in client.questions %}") + cell(5754, "") + "</w:tr>"
        + row + cell(3600, "{{ question }}") + cell(5754, "", border) + "</w:tr>"
        + row + cell(3600, "{%tr endfor %}") + cell(5754, "") + "</w:tr></w:tbl>"
        + _paragraph("", after=0)
    )  # fmt: skip


def _notes(language: str, fields: Sequence[str]) -> str:
    """What may be used, as notes that aren't printed."""
    names = ["client.date", "client.salutation", "client.closing", "client.address_block", "client.lines"]
    names += ["sender.name", "sender.lines", "sender.contacts", "sender.signed", "sender.role", "list", "today"]
    names += [f"client.{field}" for field in fields if f"client.{field}" not in names]
    texts = [messages.text("papers.starter_note", language), messages.text("papers.starter_names", language), *names]
    return "".join(_paragraph(f"{{#p {text} #}}", "Note") for text in texts)


def _footer() -> str:
    return _paragraph('{{ sender.footer | join(" · ") }}', "Small")


def _words(name: str, language: str) -> str:
    return messages.text(f"papers.{name}", language)


def _spacer(height: float) -> str:
    """A blank paragraph exactly this high, in mm, which takes the place of head and window."""
    spacing = f'<w:spacing w:before="0" w:after="0" w:line="{_twips(height)}" w:lineRule="exact"/>'
    return f"<w:p><w:pPr>{spacing}</w:pPr></w:p>"


def _paragraph(
    text: str, style: str = "", *, frame: str = "", before: int = -1, after: int = -1, keep: bool = False
) -> str:
    spacing = "".join(f' w:{name}="{value}"' for name, value in (("before", before), ("after", after)) if value >= 0)
    properties = (
        (f'<w:pStyle w:val="{style}"/>' if style else "")
        + ("<w:keepNext/>" if keep else "")
        + frame
        + (f"<w:spacing{spacing}/>" if spacing else "")
    )
    run = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{run}</w:p>" if properties else f"<w:p>{run}</w:p>"


def _frame(left: float, top: float, width: float, height: float) -> str:
    """A frame at a place of the page, in mm; consecutive paragraphs with the same frame share it."""
    return (
        f'<w:framePr w:w="{_twips(width)}" w:h="{_twips(height)}" w:hRule="atLeast" w:hSpace="0" w:wrap="around" '
        f'w:vAnchor="page" w:hAnchor="page" w:x="{_twips(left)}" w:y="{_twips(top)}"/>'
    )


def _twips(mm: float) -> int:
    return round(mm * 1440 / 25.4)


def _styles(language: str) -> str:
    """The few styles of the starter, on Word's own font."""
    fonts = '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Calibri"/>'

    def style(name: str, paragraph: str, run: str) -> str:
        return (
            f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>'
        )

    close = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    return (
        HEAD + f'<w:styles xmlns:w="{WML}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="22"/>'
        f'<w:szCs w:val="22"/><w:lang w:val="{LOCALES[language]}"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="160" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        "<w:qFormat/></w:style>"
        + style("Sender", close, f'<w:b/><w:color w:val="{ACCENT}"/><w:sz w:val="32"/>')
        + style("Small", close, f'<w:color w:val="{FAINT}"/><w:sz w:val="17"/>')
        + style("SenderLine", close, f'<w:color w:val="{FAINT}"/><w:sz w:val="13"/><w:u w:val="single"/>')
        + style("Address", close, '<w:sz w:val="20"/>')
        + style("Subject", '<w:spacing w:after="240"/>', f'<w:b/><w:color w:val="{ACCENT}"/><w:sz w:val="24"/>')
        + style("Note", close, f'<w:i/><w:color w:val="{FAINT}"/><w:sz w:val="18"/>')
        + "</w:styles>"
    )
