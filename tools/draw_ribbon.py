"""Draws the ribbon tab as a picture for the README from the same XML that Excel reads, so that the picture stays true.

    python tools/draw_ribbon.py        writes docs/ribbon.svg from workbook/ribbon.xml

Office's own images can't be shown outside Office: each button has a plain sign of ours instead.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
SOURCE, TARGET = ROOT / "workbook" / "ribbon.xml", ROOT / "docs" / "ribbon.svg"
INK, MUTED, LINE, BLUE, PAPER, SHADE = "#1F2933", "#66788A", "#D5DDE5", "#0072B2", "#FFFFFF", "#F3F6F9"
TAB, HEIGHT, PAD = 34, 136, 10
LETTER = 6.3  # average width of a letter at 12 pixels
ROWS = 3  # small buttons above each other
# Lines in a square of 24: our signs for Office's images.
SIGNS = {
    "ImportTextFile": "M12 3v11M7 9l5 5 5-5M4 20h16",
    "DataValidation": "M4 12l5 6L20 5",
    "ReviewAcceptChange": "M4 20l3-1L18 8l-2-2L5 17zM13 20h7",
    "MergeCells": "M4 5l7 7v8M20 5l-9 7M8 17l3 3 3-3",
    "ConvertTextToTable": "M3 5h18v14H3zM9 5v14M15 5v14",
    "RemoveDuplicates": "M3 3h11v11H3zM10 17v4h11V10h-4M13 13l5 5M18 13l-5 5",
    "RefreshAll": "M20 12a8 8 0 1 1-3-6M20 3v5h-5",
    "FindDialog": "M10 4a6 6 0 1 0 .1 0M15 15l6 6",
    "EnvelopesAndLabelsDialog": "M3 6h18v12H3zM3 7l9 7 9-7",
    "BordersAll": "M3 4h18v16H3zM9 4v16M15 4v16M3 9.500h18M3 14.500h18",
    "MailMergeStartLetters": "M5 3h10l4 4v14H5zM15 3v4h4M8 12h8M8 16h8",
    "FileSendAsAttachment": "M3 6h18v12H3zM3 7l9 7 9-7M14 21h7M18 18l3 3-3 3",
    "BusinessCardInsertMenu": "M3 5h18v14H3zM8 9a2 2 0 1 1 0 .1M5 16a3.500 3.500 0 0 1 7 0M14 10h5M14 14h5",
    "ContactPictureMenu": "M3 4h18v16H3zM12 8a3 3 0 1 1 0 .1M6 20a6 5 0 0 1 12 0",
    "ExportTextFile": "M12 14V3M7 8l5-5 5 5M4 14v6h16v-6",
    "FileNew": "M6 3h9l4 4v14H6zM15 3v4h4",
    "FilePrint": "M7 9V3h10v6M5 9h14v8h-3M5 9v8h3M8 14h8v7H8z",
    "Calculator": "M5 3h14v18H5zM8 6h8v3H8M9 13v.5M12 13v.5M15 13v.5M9 17v.5M12 17v.5M15 17v.5",
    "AccountingFormat": "M3 9l9-6 9 6v2H3zM5 11v7M10 11v7M14 11v7M19 11v7M3 20h18",
    "ReviewNewComment": "M3 4h18v12h-9l-5 4v-4H3zM12 7v6M9 10h6",
    "FileSave": "M4 4h13l3 3v13H4zM8 4v5h7V4M8 20v-6h8v6",
    "ReviewCombineRevisions": "M4 4h6v7H4zM14 4h6v7h-6zM7 11v3l5 3 5-3v-3M12 17v4M9 19l3 3 3-3",
    "FileSaveAs": "M4 4h9l3 3v4M4 4v16h6M8 4v4h5V4M13 20l1-4 6-6 3 3-6 6zM8 20v-6h5",
    "AccessTableContacts": "M4 3h14v18H4zM2 7h3M2 12h3M2 17h3M11 9a2 2 0 1 1 0 .1M8 17a3 3 0 0 1 6 0",
    "Undo": "M8 5L3 10l5 5M3 10h11a6 6 0 0 1 0 11h-3",
    "FileOpen": "M3 19V5h6l2 3h8v3M3 19l4-8h15l-4 8z",
    "FileProperties": "M6 3h9l4 4v14H6zM12 9v.5M12 12v6",
    "Delete": "M5 6h14M9 6V3h6v3M7 6l1 15h8l1-15M10 10v7M14 10v7",
    "Help": "M8 9a4 4 0 1 1 5 4c-1 .5-1 1-1 3M12 20v.5",
    "ErrorChecking": "M12 4L2 20h20zM12 10v5M12 17.500v.5",
}


def draw(xml: str) -> str:
    """The SVG of a customUI part with one tab: its label, its groups, large buttons, small ones three in a column."""
    tab = next(node for node in ET.fromstring(xml).iter() if node.tag.endswith("}tab"))
    shapes: list[str] = []
    x = float(PAD)
    for group in tab:
        x = _group(shapes, group, x)
    width, label = round(x), tab.attrib["label"]
    room = 28 + LETTER * len(label)
    frame = [
        f'<rect width="{width}" height="{TAB + HEIGHT}" rx="6" fill="{SHADE}"/>',
        f'<rect x="0.5" y="{TAB}" width="{width - 1}" height="{HEIGHT - 0.5}" rx="6" fill="{PAPER}" stroke="{LINE}"/>',
        _text(PAD + room / 2, 21, label, BLUE, weight="bold"),
        f'<rect x="{PAD + 10}" y="28" width="{room - 20:.0f}" height="3" rx="1.5" fill="{BLUE}"/>',
    ]
    body = "\n".join(frame + shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TAB + HEIGHT}" width="{width}" '
        f'font-family="Arial, Helvetica, sans-serif" font-size="12">\n<title>{escape(label)}</title>\n{body}\n</svg>\n'
    )


def _group(shapes: list[str], group: ET.Element, x: float) -> float:
    start = x
    small: list[ET.Element] = []
    for button in group:
        if button.attrib["size"] == "large":
            x = _large(shapes, button, x)
        else:
            small.append(button)
    for first in range(0, len(small), ROWS):
        column = small[first : first + ROWS]
        for row, button in enumerate(column):
            y = TAB + 12 + 30 * row
            shapes += [_sign(button, x + 4, y, 18), _text(x + 30, y + 14, button.attrib["label"], INK, "start")]
        x += 42 + LETTER * max(len(button.attrib["label"]) for button in column)
    x = max(x, start + 20 + LETTER * len(group.attrib["label"]))
    shapes.append(_text((start + x) / 2, TAB + HEIGHT - 10, group.attrib["label"], MUTED, size=11))
    shapes.append(f'<path d="M{x + 4:.1f} {TAB + 10}v{HEIGHT - 20}" stroke="{LINE}"/>')
    return x + 8 + PAD / 2


def _large(shapes: list[str], button: ET.Element, x: float) -> float:
    lines = textwrap.wrap(button.attrib["label"], 10, break_long_words=False, break_on_hyphens=False)
    width = max(58.0, 16 + LETTER * max(len(line) for line in lines))
    shapes.append(_sign(button, x + width / 2 - 17, TAB + 12, 34))
    for row, line in enumerate(lines):
        shapes.append(_text(x + width / 2, TAB + 66 + 15 * row, line, INK))
    return x + width


def _sign(button: ET.Element, x: float, y: float, size: int) -> str:
    line = SIGNS[button.attrib["imageMso"]]
    return (
        f'<path d="{line}" transform="translate({x:.1f} {y:.1f}) scale({size / 24:.3f})" fill="none" stroke="{BLUE}" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _text(
    x: float, y: float, words: str, colour: str, anchor: str = "middle", *, size: int = 12, weight: str = ""
) -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{x:.1f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}" font-size="{size}"{bold}>'
        f"{escape(words)}</text>"
    )


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(draw(SOURCE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
