"""Debit and credit columns of a ledger ("Dare" and "Avere") read as one amount, where the list has no other.

An accounting program prints what clients owe by sides: invoices on the debit side, payments and credit notes on the
credit side. The amount of a line is debit less credit; which credits are payments is told by their type (see
`sale_status`), and where none tells they are left out and asked about.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from xlcrm.importing import header_words, judging
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.word_tables import words_of
from xlcrm.text import fold
from xlcrm.values import as_number, as_text

# Nearly every line stands on one side only.
MOST = 0.9


def with_amount(one: Incoming) -> Incoming:
    """The list with a column "debit - credit" known as the amount; unchanged where it has no such pair of columns."""
    sides = _header(one.frame, "debit_header"), _header(one.frame, "credit_header")
    if not all(sides) or _has_amount(one.frame, sides) or not _are_sides(one.frame, *sides):
        return one
    debit, credit = (_figures(one.frame[side]) for side in sides)
    amount = (debit.fillna(0.0) - credit.fillna(0.0)).where(debit.notna() | credit.notna())
    header = f"{sides[0]} - {sides[1]}"
    if header in one.frame:
        return one
    return replace(one, frame=one.frame.assign(**{header: amount}), known={**one.known, header: "amount"})


def is_ledger(one: Incoming) -> bool:
    """True for a list whose amount was made of two sides."""
    return any(field == "amount" and " - " in header for header, field in one.known.items())


def _header(frame: pd.DataFrame, kind: str) -> str:
    found = [str(header) for header in frame.columns if fold(str(header)) in words_of("sale_words", kind)]
    return found[0] if len(found) == 1 else ""


def _has_amount(frame: pd.DataFrame, sides: tuple[str, str]) -> bool:
    """A column with a usual word for amounts, and with figures below it."""
    others = (str(header) for header in frame.columns if str(header) not in sides)
    called = [header for header in others if header_words.usual("Purchases", header) == "amount"]
    samples = [judging.sample(frame[header]) for header in called]
    return any(values and judging.fits("Purchases", "amount", values) for values in samples)


def _are_sides(frame: pd.DataFrame, debit: str, credit: str) -> bool:
    """Figures in both, and hardly ever in the same row; 0 is none."""
    sides = [_figures(frame[header]).fillna(0.0) != 0 for header in (debit, credit)]
    figures = all(judging.share(judging.sample(frame[h]), judging.is_number) >= MOST for h in (debit, credit))
    either, both = sides[0] | sides[1], sides[0] & sides[1]
    return figures and bool(sides[0].any()) and both.sum() <= (1 - MOST) * either.sum()


def _figures(column: pd.Series[float]) -> pd.Series[float]:
    text = as_text(column).str.strip()
    return as_number(text.where(text != "", None))[0]
