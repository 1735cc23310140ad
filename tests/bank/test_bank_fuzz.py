"""Junk for the readers and the matcher: a sentence or lines, never a traceback; amounts exact, nothing booked twice."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import pytest

from tests.bank.test_payment_matching import ledgers, line_of, rows
from tests.bank.test_statement_files import FOLDER, MEANS
from xlcrm.bank.bank_line import BankLine, with_references
from xlcrm.bank.camt_statement import camt_statement
from xlcrm.bank.payment_matching import match_all
from xlcrm.errors import CrmError
from xlcrm.files.statement_files import read_statements

FILES = sorted(FOLDER.iterdir())
SIGNS = "0123456789/-+.,;:#°º()[]{}?*\\|<>&\"' \n\tREFTINV20260012äßé€\x00\u200b"


def mangled(data: bytes, seed: int) -> bytes:
    """A file with bytes changed, cut out, doubled."""
    dice = random.Random(seed)
    out = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(out) or 1)
        kind = dice.randrange(4)
        if kind == 0:
            out[at : at + 1] = bytes([dice.randrange(256)])
        elif kind == 1:
            del out[at : at + dice.randrange(1, 60)]
        elif kind == 2:
            out[at:at] = out[at : at + dice.randrange(1, 200)]
        else:
            out[at:at] = dice.choice([b'"', b";", b"\n", b"<", b"&x;", b":61:", b"99999999999999999999", b"\xff\xfe"])
    return bytes(out)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_mangled_statements_give_lines_or_a_sentence(file: Path, tmp_path: Path) -> None:
    for seed in range(12):
        target = tmp_path / file.name
        target.write_bytes(mangled(file.read_bytes(), seed))
        try:
            found = read_statements(target, MEANS)
        except CrmError as fault:
            assert fault.text("en") and fault.text("de")
            continue
        for one in found:
            for line in one.lines:
                assert line.amount.is_finite() and line.amount
            for problem in one.problems:
                assert problem.sentence("fr")


def test_junk_texts_never_break_the_matcher() -> None:
    dice = random.Random(7)
    ledger = ledgers()["de"]
    for _ in range(400):
        text = "".join(dice.choice(SIGNS) for _ in range(dice.randrange(120)))
        line = BankLine(dt.date(2026, 4, 15), Decimal("77.77"), "EUR", text[:20], "", text, reference="r")
        assert not match_all([line], ledger)[0].booked or "0015" in text or "21" in text


@pytest.mark.parametrize("book", sorted(ledgers()))
def test_all_lines_at_once_pay_nothing_twice(book: str) -> None:
    """Whatever comes together: nothing gets more than is open, each booked line gives just its amount."""
    ledger = ledgers()[book]
    lines = [line_of(row) for row in rows("lines") if row["book"] == book]
    left = {one.number: one.open for one in ledger.documents}
    for line, verdict in zip(lines, match_all(lines, ledger), strict=True):
        if verdict.booked:
            assert sum(amount for _, amount in verdict.parts) == line.amount
            for number, amount in verdict.parts:
                left[number] -= amount
    assert all(rest * ledger.by_number[number].gross >= 0 for number, rest in left.items())


def test_references_are_stable_and_never_alike() -> None:
    lines = [line_of(row) for row in rows("lines")]
    twice = with_references([*lines, *lines])
    assert len({line.reference for line in twice}) == 2 * len(lines)
    assert with_references(lines) == with_references(lines)


@pytest.mark.parametrize("tag", ["Ntry", "TxDtls", "Amt", "Sts", "BookgDt", "Ustrd", "Nm"])
def test_a_camt_without_one_of_its_parts(tag: str) -> None:
    text = (FOLDER / "camt053_v2.xml").read_text(encoding="utf-8")
    bare = text.replace(f"<{tag}>", "<X>").replace(f"<{tag} Ccy", "<X Ccy").replace(f"</{tag}>", "</X>")
    found = camt_statement(bare.encode(), "a.xml")
    assert found is not None and all(line.amount for line in found.lines)
