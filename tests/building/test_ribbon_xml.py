"""The ribbon tab: what the validator lets pass (ids that stand twice, unknown images) and what users would miss."""

from __future__ import annotations

import csv
import importlib.util
import re
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from tests.support.paths import CASES, ROOT
from xlcrm.actions import ACTIONS
from xlcrm.building import ribbon_xml
from xlcrm.cli.commands import main
from xlcrm.messages import LANGUAGES
from xlcrm.ribbon import click

NAMESPACE = "{http://schemas.microsoft.com/office/2009/07/customui}"
LIMIT = 1024  # characters that Office allows in an attribute of the ribbon (MS-CUSTOMUI 2.3, ST_LongString)


def buttons(xml: str) -> list[ET.Element]:
    return list(ET.fromstring(xml).iter(f"{NAMESPACE}button"))


def known_images() -> set[str]:
    with (CASES / "image_mso.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"] for row in csv.DictReader(file)}


CLOSED = {"upgrade"}  # it replaces the workbook's file, which it can't while Excel has it open
TYPED = {"order", "deliver", "credit", "einvoice"}  # what they are made of is a number that somebody types
TYPED |= {"connect"}  # the address of a source
ONCE = {"move-out"}  # done once, by whoever installed the extra that reads what was moved
WITHIN = {"finish"}  # a run does it before its own work, and nobody asks for it


def test_buttons_and_actions_match_one_to_one() -> None:
    tags = [button.attrib["tag"] for button in buttons(ribbon_xml.xml())]
    assert tags == [action.name for action in ACTIONS.values() if action.button]
    assert set(tags) == set(ACTIONS) - CLOSED - TYPED - ONCE - WITHIN


def test_every_operation_of_the_commands_has_a_button() -> None:
    runs = {name for name, action in ACTIONS.items() if action.operation}
    assert runs - CLOSED - TYPED - ONCE - WITHIN <= {button.attrib["tag"] for button in buttons(ribbon_xml.xml())}
    assert runs - WITHIN == set(main.commands) & set(ACTIONS) - {"doctor"}


def test_what_a_button_asks_is_an_option_of_its_action() -> None:
    for action in ACTIONS.values():
        assert action.button is None or action.button.asks in click.ASKS


def test_ids_are_unique_and_names() -> None:
    ids = [node.attrib["id"] for node in ET.fromstring(ribbon_xml.xml()).iter() if "id" in node.attrib]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name) for name in ids)


def test_no_letter_is_taken_from_another_tab() -> None:
    """Y is Help's in English; Office gives a tab without a keytip a free one, in any of its languages."""
    assert "keytip" not in ribbon_xml.xml()


def test_images_are_offices_own() -> None:
    used = {button.attrib["imageMso"] for button in buttons(ribbon_xml.xml())}
    assert used <= known_images()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_has_a_label_and_a_tip_in_six_languages(language: str) -> None:
    xml = ribbon_xml.xml(language)
    english = {button.attrib["tag"]: button.attrib for button in buttons(ribbon_xml.xml("en"))}
    for button in buttons(xml):
        words = button.attrib
        assert words["onAction"] == "XlcrmClick"
        assert 2 <= len(words["label"]) <= 34
        assert len(words["supertip"]) > 40 and len(words["supertip"]) < LIMIT
        assert not words["supertip"].startswith("ribbon.") and not words["label"].startswith("ribbon.")
        if language != "en":
            assert words["supertip"] != english[words["tag"]]["supertip"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_tell_the_buttons_apart(language: str) -> None:
    labels = [button.attrib["label"].casefold() for button in buttons(ribbon_xml.xml(language))]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_parts_say_the_same_in_their_own_namespace(language: str) -> None:
    newer, older = ribbon_xml.parts(language).values()
    assert "2009/07/customui" in newer and "2006/01/customui" in older
    assert newer.replace("2009/07", "2006/01") == older


def test_the_committed_xml_is_current() -> None:
    assert (ROOT / "workbook" / "ribbon.xml").read_text(encoding="utf-8") == ribbon_xml.xml("en")


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_ribbon", ROOT / "tools" / "draw_ribbon.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_in_the_readme_is_drawn_from_the_xml() -> None:
    assert (ROOT / "docs" / "ribbon.svg").read_text(encoding="utf-8") == drawing().draw(ribbon_xml.xml("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_holds_every_word_of_the_tab(language: str) -> None:
    xml = ribbon_xml.xml(language)
    drawn = " ".join(ET.fromstring(drawing().draw(xml)).itertext()).split()
    for node in ET.fromstring(xml).iter():
        for word in node.attrib.get("label", "").split():
            assert word in drawn
