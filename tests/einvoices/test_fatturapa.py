"""FatturaPA files say what tables say that were written before the writer, and keep the rules of SdI."""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from xmlschema import XMLSchema

from tests.support.einvoice_examples import DAY, examples
from tests.support.fatturapa_checker import agency_schema, faults, sums
from tests.support.paths import CASES
from tests.support.random_fatturapa import KINDS, raw_invoices, reckoned, spoilt, written_invoice
from xlcrm.einvoices.fatturapa import file_name, next_progressive, rea, write
from xlcrm.einvoices.latin_letters import latin, strange


@pytest.fixture(scope="module")
def schema(shared_data: Path) -> XMLSchema:
    return agency_schema(shared_data / "einvoice")


def _table() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (CASES / "fatturapa.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["case"]].append(row)
    return found


TABLE = _table()


@pytest.mark.parametrize("case", TABLE)
def test_files_say_what_the_table_says(case: str) -> None:
    root = ElementTree.fromstring(write(examples()[case]))
    wrong = []
    for row in TABLE[case]:
        found = root.findall(f".//{row['path']}")
        said = "|".join(one.text or "" for one in found) if found else "-"
        if said != row["expected"]:
            wrong.append((row["path"], said, row["expected"], row["why"]))
    assert wrong == []


def test_a_whole_file_is_as_written_by_hand() -> None:
    assert write(examples()["firm"]) == (CASES / "fatturapa" / "firm.xml").read_bytes()


@pytest.mark.parametrize("case", examples())
def test_examples_pass_the_controls_of_sdi(case: str) -> None:
    assert faults(write(examples()[case]), received=DAY.isoformat()) == []


@pytest.mark.parametrize("case", examples())
def test_examples_are_valid_by_the_schema(case: str, schema: XMLSchema) -> None:
    assert [error.reason for error in schema.iter_errors(io.BytesIO(write(examples()[case])))] == []


def test_random_files_say_what_fractions_give() -> None:
    for number, raw in enumerate(raw_invoices(seed=7, count=40), 1):
        content = write(written_invoice(raw, number))
        assert (sums(content), faults(content)) == (reckoned(raw), []), raw


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "missing field"])
def test_spoilt_files_are_refused(kind: str) -> None:
    rng = random.Random(kind)
    for number, raw in enumerate(raw_invoices(seed=8, count=15), 1):
        content = spoilt(write(written_invoice(raw, number)), kind, rng)
        assert faults(content) or sums(content) != reckoned(raw), raw


def test_a_missing_field_is_refused(schema: XMLSchema) -> None:
    rng = random.Random(1)
    for number, raw in enumerate(raw_invoices(seed=9, count=15), 1):
        content = spoilt(write(written_invoice(raw, number)), "missing field", rng)
        assert faults(content) or not schema.is_valid(io.BytesIO(content))


FILES = (
    ((), "X0001", "the first"),
    (("docs/2026/IT01234567897_X0009.xml",), "X000A", "base 36"),
    (("IT01234567897_X00ZZ.xml", "IT01234567897_X0002.xml"), "X0100", "after the highest, not the last"),
    (("IT01234567897_00007.xml", "RE-2026-0001.pdf", ""), "X0001", "files of other programs are passed over"),
)


@pytest.mark.parametrize(("files", "expected", "why"), FILES)
def test_progressives_never_come_twice(files: tuple[str, ...], expected: str, why: str) -> None:
    assert next_progressive(files) == expected, why


def test_the_file_is_named_as_the_exchange_wants() -> None:
    assert file_name(examples()["firm"]) == "IT01234567897_X0001.xml"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("REA MI-1234567", ("MI", "1234567")),
        ("R.E.A. di Milano MI 1234567, capitale 10.000 euro", ("MI", "1234567")),
        ("rea: to – 99", ("TO", "99")),
        ("Camera di commercio di Milano", ("", "")),
        ("", ("", "")),
    ],
)
def test_register_numbers_are_found(typed: str, expected: tuple[str, str]) -> None:
    assert rea(typed) == expected


LETTERS = (
    ("Łukasz Żółć", "Lukasz Zólc", ""),
    ("Đorđe Šarić", "Dorde Saric", ""),
    ("Straße Å Ø Æ ñ ç", "Straße Å Ø Æ ñ ç", ""),
    ("5 € – “x” …", '5 EUR - "x" ...', ""),
    ("a\u200bb\x0bc", "abc", ""),
    ("Ελένη", "?????", "Ελένη"),
    ("日本 Ltd", "?? Ltd", "日本"),
    ("é", "é", ""),
)


@pytest.mark.parametrize(("typed", "expected", "without"), LETTERS)
def test_letters_outside_latin_1(typed: str, expected: str, without: str) -> None:
    assert (latin(typed), strange(typed)) == (expected, without)
