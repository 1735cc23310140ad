"""Marks in blocks of XML, counted as whole arrays of bytes: as Python's own search counts them."""

from __future__ import annotations

import pytest

from xlcrm.xlsx import xml_parts

BLOCKS = [
    (b'<c r="A1"/><c r="B1"/>', True, "cells as Excel writes them"),
    (b"", True, "no cell, an empty block"),
    (b"<", True, "shorter than the mark"),
    (b"<row/><cols/>", True, "other tags that begin alike"),
    (b'<c r="A1"/><c s="1" r="B1"/>', False, "one with another attribute first"),
    (b"<c r='A1'/>", False, "single quotes"),
    (b'<c r="A1"/><c ', False, "the block ends behind a mark"),
    (b'<c r="A1"/><c r=', False, "the block ends within what must follow"),
    (b"<c  r=", False, "two spaces"),
]


@pytest.mark.parametrize(("block", "expected", "why"), BLOCKS, ids=[why for _, _, why in BLOCKS])
def test_what_stands_behind_every_mark(block: bytes, expected: bool, why: str) -> None:
    assert xml_parts.followed(block, b"<c ", b'r="') is expected, why
    assert expected is (block.count(b"<c ") == block.count(b'<c r="'))
    assert xml_parts.count(block, b"<c ") == block.count(b"<c ")
