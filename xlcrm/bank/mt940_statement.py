"""MT940 statements (SWIFT) read as bank lines by the library mt-940: the German subfields ?20 to ?33, and /NAME/ forms.

The library comes with the extra `[bank]` and is asked for when a file is MT940.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from xlcrm.bank.bank_line import BankLine, Statement
from xlcrm.documents.payment_qr import compact_iban
from xlcrm.errors import CrmError

FULL = 27  # signs of a subfield that goes on without a blank
_FIELD = re.compile(r"^\d{3}([^\w\s])\d\d|^([^\w\s/])\d\d")
_SLASHED = re.compile(r"/(NAME|REMI|EREF|IBAN|ORDP|BENM|CNTP|TRTP|BIC|MARF|CSID|RTRN|PREF|ULTD|ULTC)/")
_WRONG = (ValueError, KeyError, AttributeError, IndexError, TypeError, RuntimeError, AssertionError, InvalidOperation)


def is_mt940(head: str) -> bool:
    """Whether a file begins as MT940 does, with or without a SWIFT envelope."""
    return bool(re.search(r"(?:\A|[\r\n{:])\s*:20:", head[:2000]) and re.search(r":(?:25|28C?|60[FM]):", head))


def mt940_statement(text: str, name: str) -> Statement:
    """The lines of an MT940 file; CrmError "bank.no_mt940" without the library, "bank.damaged" where it is broken."""
    try:
        from mt940.models import Transactions
    except ImportError as error:
        raise CrmError("bank.no_mt940", name=name) from error
    try:
        with _silent():
            book = Transactions(processors={"post_transaction_details": []})
            book.parse(text)
        lines = [line for one in book if (line := _line(one.data, name))]
    except _WRONG as error:
        raise CrmError("bank.damaged", name=name) from error
    return Statement(name, tuple(replace(line, row=number) for number, line in enumerate(lines, 1)))


@contextmanager
def _silent() -> Iterator[None]:
    """The library writes what it can't read, payers and all, to the terminal: our sentence is enough."""
    log = logging.getLogger("mt940")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)


def _line(data: Mapping[str, Any], name: str) -> BankLine | None:
    """A movement; None for one without an amount or a day."""
    sum_, day = data.get("amount"), data.get("entry_date") or data.get("date")
    amount = Decimal(getattr(sum_, "amount", None) or 0)
    if not amount.is_finite() or not amount or day is None:
        return None
    said = str(data.get("transaction_details") or "")
    payer, iban, text = _details(said)
    reference = str(data.get("bank_reference") or "")
    currency = str(data.get("currency") or "").upper()[:3]
    return BankLine(dt.date(day.year, day.month, day.day), amount, currency, payer, iban, text, reference, name)


def _details(said: str) -> tuple[str, str, str]:
    """Who, from which account, and what for."""
    mark = _FIELD.match(said)
    if mark:
        return _german(said.replace("\n", ""), mark[1] or mark[2])
    solid = " ".join(said.split())
    return _slashed(solid) if _SLASHED.search(solid) else ("", "", solid)


def _german(said: str, mark: str) -> tuple[str, str, str]:
    """Subfields: 20 to 29 and 60 to 63 the text, 31 the account, 32 and 33 the name."""
    fields = dict(re.findall(rf"{re.escape(mark)}(\d\d)([^{re.escape(mark)}]*)", said))
    text = _joined([value for key, value in sorted(fields.items()) if "20" <= key <= "29" or "60" <= key <= "63"])
    name = _joined([fields[key] for key in ("32", "33") if key in fields])
    return name.strip(), compact_iban(fields.get("31", "")), text or fields.get("00", "")


def _joined(parts: list[str]) -> str:
    """Subfields as one text: one that is full goes on in the next."""
    text = ""
    for part in parts:
        text += part if len(part) >= FULL else f"{part} "
    return " ".join(text.split())


def _slashed(said: str) -> tuple[str, str, str]:
    """Words between strokes, as Dutch and other banks write them."""
    parts = _SLASHED.split(said)
    fields = {key: value.strip(" /") for key, value in zip(parts[1::2], parts[2::2], strict=False)}
    text = " ".join(filter(None, (fields.get("REMI", ""), fields.get("EREF", ""))))
    return fields.get("NAME", ""), compact_iban(fields.get("IBAN", "")), text or said
