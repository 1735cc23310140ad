"""History of statements: which lines were booked or asked before, also from another file of the same account.

A line is known by its reference. Another format has another reference and another text; there it is the line of the
same day and amount that says about the same, each once: two equal payments of one day stay two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from xlcrm.bank.bank_line import BankLine, Statement, listed_line, with_references
from xlcrm.checks.worklist import Listed, listed
from xlcrm.tables import Tables
from xlcrm.text import tokens
from xlcrm.values import as_days, as_decimals, as_text

ALIKE = 0.5  # of the words of the shorter text
NEAR = 4  # days between booking and value
CODES = "bank."


@dataclass(frozen=True)
class StatementHistory:
    """Lines of earlier runs: booked ones, and those that stand in the sheet Problems."""

    booked: tuple[BankLine, ...] = ()
    asked: tuple[tuple[BankLine, Listed], ...] = ()


def history_of(tables: Tables) -> StatementHistory:
    """What the sheets Payments and Problems know; only payments with a reference count."""
    lines = [(listed_line(one.identity.value), one) for one in listed(tables) if one.identity.code.startswith(CODES)]
    return StatementHistory(tuple(_booked(tables)), tuple((line, one) for line, one in lines if line))


def _booked(tables: Tables) -> Iterable[BankLine]:
    """The payments of one reference as one line: its day, its sum, and its notes and documents as text."""
    frame = tables["Payments"].frame
    buyers = _buyers(tables)
    groups: dict[str, list[tuple[Any, Decimal, str, str]]] = defaultdict(list)
    cells = (as_days(frame["date"]), as_decimals(frame["amount"]), texts(frame, "note"), texts(frame, "number"))
    for reference, day, amount, note, number in zip(texts(frame, "reference"), *cells, strict=True):
        if reference and day is not None:
            groups[reference].append((day, amount or Decimal(0), note, number))
    for reference, rows in groups.items():
        said = " ".join(
            dict.fromkeys(part for _, _, note, number in rows for part in (note, number, buyers.get(number, "")))
        )
        yield BankLine(rows[0][0], sum((row[1] for row in rows), Decimal(0)), text=said, reference=reference)


def _buyers(tables: Tables) -> dict[str, str]:
    frame = tables["Documents"].frame
    return dict(zip(texts(frame, "number"), texts(frame, "buyer"), strict=True))


def texts(frame: pd.DataFrame, name: str) -> list[str]:
    """A column as stripped text; blanks where the table has no such column."""
    return [text.strip() for text in as_text(frame[name])] if name in frame else [""] * len(frame)


def sorted_out(statements: Sequence[Statement], history: StatementHistory) -> tuple[list[BankLine], set[str]]:
    """The lines that weren't booked before, those asked before with the reference that they had; and all references.

    A line that stands in several of the statements is one.
    """
    fresh: list[BankLine] = []
    seen: set[str] = set()
    for statement in statements:
        pool = _Pool([*history.booked, *fresh, *(line for line, _ in history.asked)])
        done = {line.reference for line in (*history.booked, *fresh)}
        found = pool.named(with_references(statement.lines))
        seen |= {line.reference for line in found}
        fresh += [line for line in found if line.reference not in done]
    return fresh, seen


class _Pool:
    """Known lines, each of which one line of a statement may be."""

    def __init__(self, lines: Sequence[BankLine]) -> None:
        self._lines = {line.reference: line for line in lines}

    def named(self, lines: Sequence[BankLine]) -> list[BankLine]:
        """The lines, those that are known ones with the reference of these."""
        taken = {line.reference for line in lines if line.reference in self._lines}
        free: dict[tuple[object, Decimal], list[BankLine]] = defaultdict(list)
        for one in self._lines.values():
            if one.reference not in taken:
                free[one.day, one.amount].append(one)
        return [line if line.reference in taken else _adopted(line, free[line.day, line.amount]) for line in lines]


def _adopted(line: BankLine, free: list[BankLine]) -> BankLine:
    """The line with the reference of the known one that says the most like it; as it is where none does."""
    best = max(free, key=lambda one: _alike(line, one), default=None)
    if best is None or _alike(line, best) < ALIKE:
        return line
    free.remove(best)
    return replace(line, reference=best.reference)


def was_near(line: BankLine, history: StatementHistory, seen: set[str]) -> bool:
    """Whether a payment that none of these statements has was booked for nearly the same a few days away.

    Formats of one bank may differ in the day: booking in one, value in the other.
    """
    others = (one for one in history.booked if one.reference not in seen and one.amount == line.amount)
    return any(0 < abs((one.day - line.day).days) <= NEAR and _alike(line, one) >= ALIKE for one in others)


def _alike(line: BankLine, other: BankLine) -> float:
    """How many of the words of the shorter text the longer one has, 0 to 1."""
    if line.currency and other.currency and line.currency != other.currency:
        return 0.0
    one, two = (set(tokens(f"{each.payer} {each.text}")) for each in (line, other))
    return len(one & two) / min(len(one), len(two)) if one and two else float(one == two)
