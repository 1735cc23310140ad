"""Formats of one workbook in the style part of another: numbers that fit, whatever form that part has."""

from __future__ import annotations

import re

import pytest

from xlcrm.upgrading.style_merge import StyleMerge
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.styles import MINIMAL, Styles

DONOR = MINIMAL.replace(
    b"<fonts", b'<numFmts count="1"><numFmt numFmtId="164" formatCode="0&quot; x&quot;"/></numFmts><fonts'
)
DONOR = DONOR.replace(b"</fonts>", b'<font><b/><sz val="9"/><name val="Arial"/></font></fonts>').replace(
    b"</cellXfs>",
    b'<xf numFmtId="164" fontId="1" fillId="0" borderId="0" applyAlignment="1" xfId="0">'
    b'<alignment wrapText="1"/></xf><xf numFmtId="14" fontId="1" fillId="1" borderId="0" xfId="0"/></cellXfs>'
    b'<dxfs count="1"><dxf><font><i/></font></dxf></dxfs>',
)
PREFIXED = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", MINIMAL).replace(b"xmlns=", b"xmlns:x=")
TARGETS = {
    "least": MINIMAL,
    "none": b"",
    "prefixed": PREFIXED,
    "own formats": DONOR.replace(b"0&quot; x", b"0&quot; y"),
    "closed at once": MINIMAL.replace(b"</cellXfs>", b'</cellXfs><dxfs count="0"/>'),
}


@pytest.mark.parametrize("name", TARGETS)
def test_formats_are_put_at_the_end_under_new_numbers(name: str) -> None:
    merge = StyleMerge(TARGETS[name], DONOR)
    before = Styles(TARGETS[name] or MINIMAL).count
    assert [merge.format(1), merge.format(2), merge.format(1)] == [before, before + 1, before]
    data = merge.data()
    root = xml_parts.parse(data)
    assert {xml_parts.local(child.tag) for child in root} >= {"fonts", "fills", "borders", "cellXfs"}
    for group in root:
        if group.get("count"):
            assert int(group.get("count", "0")) == len(group)
        assert all(child.tag.startswith("{") for child in group), "all are of the standard's own space"
    codes = {e.get("numFmtId"): e.get("formatCode") for e in xml_parts.descendants(root, "numFmt")}
    formats = [xf for group in xml_parts.children(root, "cellXfs") for xf in group]
    assert codes[formats[before].get("numFmtId")] == '0" x"'
    fonts = [font for group in xml_parts.children(root, "fonts") for font in group]
    bold = fonts[int(formats[before].get("fontId", "0"))]
    assert any(xml_parts.local(part.tag) == "b" for part in bold)


@pytest.mark.parametrize("name", TARGETS)
def test_conditional_formats_come_behind_those_that_were_there(name: str) -> None:
    merge = StyleMerge(TARGETS[name], DONOR)
    place = merge.conditional(0)
    groups = list(xml_parts.children(xml_parts.parse(merge.data()), "dxfs"))
    assert len(groups) == 1 and len(groups[0]) == place + 1


def test_a_part_that_nothing_is_brought_to_stays_as_it_is() -> None:
    assert StyleMerge(DONOR, DONOR).data() == DONOR
