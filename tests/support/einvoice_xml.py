"""Look-ups in e-invoices by the names of their elements without prefixes, for tables of expected values."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

_STEP = re.compile(r"(@?)([A-Za-z]+)(?:\[(\d+)\])?")


def value_at(xml: bytes, path: str) -> str:
    """The text at a path like "InvoiceLine[2]/Price/PriceAmount" or ".../@unitCode"; "" where nothing is there."""
    found: ET.Element | None = ET.fromstring(xml)
    for step in path.split("/"):
        matched = _STEP.fullmatch(step)
        assert matched, path
        at, name, index = matched.groups()
        if found is None:
            return ""
        if at:
            return found.get(name, "")
        children = [child for child in found if child.tag.rpartition("}")[2] == name]
        found = children[int(index or 1) - 1] if len(children) >= int(index or 1) else None
    return "" if found is None else (found.text or "").strip() or ("(group)" if len(found) else "")
