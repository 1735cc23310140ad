"""XML of exchange files: elements that leave themselves out when nothing is in them, written as UTF-8.

Tags carry their prefix ("cbc:ID"); the root names the prefixes. Letters that XML cannot hold are dropped.
"""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from decimal import Decimal

from xlcrm.documents.invoice_money import rounded

Element = ET.Element
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def leaf(tag: str, text: str, **attributes: str) -> Element | None:
    """An element with a text; None for a blank one (an empty element is refused by Peppol). Blank attributes go."""
    shown = " ".join(_NOT_XML.sub("", text).split(" ")).strip()
    if not shown:
        return None
    made = Element(tag, {name: value for name, value in attributes.items() if value})
    made.text = shown
    return made


def node(tag: str, *parts: Element | None) -> Element | None:
    """An element with those of the parts that are there; None where none is."""
    held = [part for part in parts if part is not None]
    if not held:
        return None
    made = Element(tag)
    made.extend(held)
    return made


def written(tag: str, prefixes: Mapping[str, str], parts: Iterable[Element | None]) -> bytes:
    """A whole file: root element, names of the prefixes ("" is that of the root itself), parts; UTF-8, indented."""
    root = Element(tag, {f"xmlns:{name}" if name else "xmlns": uri for name, uri in prefixes.items()})
    root.extend(part for part in parts if part is not None)
    ET.indent(root)
    made: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made + b"\n"


def plain(number: Decimal) -> str:
    """A number without zeros behind and never as 1E+1: 10, 2.5, 18.333."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal, currency: str) -> str:
    """An amount with its cents: 10.00, and never -0.00, which rules take for another number than 0."""
    return f"{rounded(value, currency) + 0:f}"


def iso_day(day: dt.date | None) -> str:
    """2026-11-28; "" for none."""
    return day.isoformat() if day else ""
