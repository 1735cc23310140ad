"""A bank line as plain data, however its statement was written, and the reference by which it is known again.

The reference is the bank's own where it has one for this line alone; else it is made of what the line says, with an
ordinal for lines that say the same. So one statement read twice gives the same references.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from xlcrm.problems import Problem
from xlcrm.text import fold

_NONE = re.compile(r"NOTPROVIDED|NONREF|NOREF|KEINE|NICHTANGEGEBEN|N/?A|0+|-+")
_LISTED = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d) (?P<amount>-?\d+\.\d+) (?P<currency>[A-Z]{3}|-) #(?P<reference>\S+)(?: |$)"
)
LEAST = 6  # signs of a bank's reference; shorter ones are ordinals of a statement


@dataclass(frozen=True)
class BankLine:
    """A movement on one of our accounts.

    day         the day of booking, else of value
    amount      exact, in `currency`; negative for what went out
    currency    ISO code; "" where the statement doesn't say: the workbook's
    payer       who paid, or was paid, as the bank writes it
    iban        of the payer
    text        what was written with it, structured references included
    given       the bank's own reference of the movement, "" for none
    file, row   where it stands
    reference   by which it is known again, see `with_references`
    """

    day: dt.date
    amount: Decimal
    currency: str = ""
    payer: str = ""
    iban: str = ""
    text: str = ""
    given: str = ""
    file: str = ""
    row: int = 0
    reference: str = ""

    @property
    def shown(self) -> str:
        """The line as it stands in the sheet Problems; `listed_line` reads it back."""
        who = ": ".join(filter(None, (self.payer, self.text)))
        return f"{self.day} {self.amount:.2f} {self.currency or '-'} #{self.reference} {' '.join(who.split())}".strip()

    @property
    def note(self) -> str:
        """What is kept with the payment: who paid from which account, and the text."""
        return " · ".join(filter(None, (self.payer.strip(), self.iban, " ".join(self.text.split()))))[:250]


def with_references(lines: Sequence[BankLine]) -> tuple[BankLine, ...]:
    """The lines, each with a reference of its own; files are one after the other."""
    given = Counter(_given(line) for line in lines)
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        own = _given(line)
        name = own if own and given[own] == 1 else _said(line)
        seen[name] += 1
        found.append(replace(line, reference=name if seen[name] == 1 else f"{name}-{seen[name]}"))
    return tuple(found)


def _given(line: BankLine) -> str:
    """The bank's reference without blanks, "" where it is none."""
    text = "".join(line.given.split())
    return "" if len(text) < LEAST or _NONE.fullmatch(text.upper()) else text[:70]


def _said(line: BankLine) -> str:
    """A short sum of what the line says."""
    said = "|".join((str(line.day), f"{line.amount:.2f}", line.currency, fold(line.payer), line.iban, fold(line.text)))
    return "x" + hashlib.sha256(said.encode()).hexdigest()[:12]


def listed_line(value: str) -> BankLine | None:
    """What the sheet Problems keeps of a line: day, amount, currency and reference; None for other values."""
    found = _LISTED.match(value)
    if not found:
        return None
    currency = found["currency"].strip("-")
    rest = value[found.end() :].strip()
    try:
        day = dt.date.fromisoformat(found["day"])
    except ValueError:
        return None
    return BankLine(day, Decimal(found["amount"]), currency, text=rest, reference=found["reference"])


@dataclass(frozen=True)
class Statement:
    """A bank statement: the name of its file, its lines, and rows that couldn't be read."""

    file: str
    lines: tuple[BankLine, ...]
    problems: tuple[Problem, ...] = ()
