"""Schematron rules run with Saxon: compiled ones as they are, and .sch files through a small compiler of our own.

The compiler knows what the rules of Peppol and XRechnung use: ns, let, function, include, pattern, rule, assert. As in
ISO 19757-3 the first rule of a pattern that matches a node is the one that fires for it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SCH = "{http://purl.oclc.org/dsdl/schematron}"
XSL = "http://www.w3.org/1999/XSL/Transform"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@dataclass(frozen=True)
class Verdict:
    """How many rules fired on a file, and which assertions failed: those that are fatal, and warnings."""

    fired: int
    fatal: tuple[str, ...]
    warnings: tuple[str, ...]


def judged(xml: bytes, rules: Path) -> Verdict:
    """The verdict of rules, a .sch or a compiled .xsl/.xslt, on a file."""
    root = ET.fromstring(_transformed(rules, xml.decode()))
    failed = [(one.get("id", ""), one.get("flag", "")) for one in root.iter(f"{SVRL}failed-assert")]
    mild = ("warning", "information")
    return Verdict(
        sum(1 for _ in root.iter(f"{SVRL}fired-rule")),
        tuple(name for name, flag in failed if flag not in mild),
        tuple(name for name, flag in failed if flag in mild),
    )


def _transformed(rules: Path, xml: str) -> str:
    processor, executable = _compiled(rules)
    made: str = executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml))
    assert made, f"{rules.name}: {executable.error_message}"
    return made


@cache
def _saxon() -> Any:
    from saxonche import PySaxonProcessor

    return PySaxonProcessor(license=False)


@cache
def _compiled(rules: Path) -> tuple[Any, Any]:
    processor = _saxon()
    compiler = processor.new_xslt30_processor()
    if rules.suffix == ".sch":
        executable = compiler.compile_stylesheet(stylesheet_text=stylesheet(rules))
    else:
        executable = compiler.compile_stylesheet(stylesheet_file=str(rules))
    return processor, executable


def stylesheet(rules: Path) -> str:
    """A .sch file as XSLT 3 that reports in SVRL."""
    schema = _included(rules)
    root = ET.Element(f"{{{XSL}}}stylesheet", {"version": "3.0", "xmlns:svrl": SVRL[1:-1]})
    for own in schema.iter(f"{SCH}ns"):
        root.set(f"xmlns:{own.get('prefix')}", own.get("uri", ""))
    root.extend(_variable(let) for let in [*schema.findall(f"{SCH}let"), *schema.findall(f"{SCH}pattern/{SCH}let")])
    root.extend(schema.findall(f"{{{XSL}}}function"))
    patterns = schema.findall(f"{SCH}pattern")
    start = _sub(root, "template", match="/")
    report = ET.SubElement(start, "svrl:schematron-output")
    for number, pattern in enumerate(patterns):
        mode = f"m{number}"
        _sub(report, "apply-templates", select="/", mode=mode)
        _sub(_sub(root, "template", match="/|@*|node()", mode=mode, priority="-9"), "apply-templates",
             select="@*|node()", mode=mode)  # fmt: skip
        for place, rule in enumerate(pattern.findall(f"{SCH}rule")):
            root.append(_rule(rule, mode, 1000 - place))
    return ET.tostring(root, encoding="unicode")


def _included(rules: Path) -> ET.Element:
    schema = ET.parse(rules).getroot()
    for place, child in enumerate(list(schema)):
        if child.tag == f"{SCH}include":
            schema[place] = _included(rules.parent / child.get("href", ""))
    return schema


def _rule(rule: ET.Element, mode: str, priority: int) -> ET.Element:
    made = ET.Element(f"{{{XSL}}}template", match=rule.get("context", ""), mode=mode, priority=str(priority))
    lets = [_variable(let) for let in rule.findall(f"{SCH}let")]
    made.extend(lets)
    ET.SubElement(made, "svrl:fired-rule")
    for own in rule.findall(f"{SCH}assert"):
        failed = _sub(made, "if", test=f"not({own.get('test', '')})")
        ET.SubElement(failed, "svrl:failed-assert", id=own.get("id", "").strip(), flag=own.get("flag", ""))
    _sub(made, "apply-templates", select="@*|node()", mode=mode)
    return made


def _variable(let: ET.Element) -> ET.Element:
    return ET.Element(f"{{{XSL}}}variable", name=let.get("name", ""), select=let.get("value", ""))


def _sub(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{XSL}}}{tag}", attributes)
