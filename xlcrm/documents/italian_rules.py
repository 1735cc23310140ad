"""Italian rules of an e-invoice: the nature of lines without VAT (N1 to N7), and when stamp duty is due.

The codes are those of the technical rules of FatturaPA from 2021, in which N2, N3 and N6 have parts and can't stand
alone. What the law leaves open (N6.1 to N6.9) is asked and never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from xlcrm.documents.business_document import DocumentLine

STAMP, STAMP_FROM = Decimal("2.00"), Decimal("77.47")  # DPR 642/1972, tariffa, art. 13
STAMPED = frozenset({"N1", "N2.1", "N2.2", "N3.5", "N3.6", "N4"})  # the others stand in place of VAT, or are exempt
# category -> nature for a buyer at home and abroad; "" is asked
NATURE_OF = {
    "E": ("N4", "N4"),
    "K": ("N3.2", "N3.2"),
    "G": ("N3.1", "N3.1"),
    "O": ("N2.2", "N2.1"),
    "AE": ("", "N2.1"),
    "Z": ("", ""),
}


def nature_of(line: DocumentLine, country: str, *, small: bool = False) -> str:
    """The nature of a line without VAT: what is typed, else the one that its category has; "" where it is to be asked.

    country  the buyer's
    small    the seller is in the regime forfettario, whose sales are N2.2 whoever buys
    """
    if line.nature or line.rate:
        return line.nature
    if small and line.category == "O":
        return "N2.2"
    if line.category == "G" and country == "SM":
        return "N3.3"
    home, abroad = NATURE_OF.get(line.category, ("", ""))
    return home if country == "IT" else abroad


def stamped_sum(lines: Iterable[DocumentLine]) -> Decimal:
    """What the lines come to whose nature bears stamp duty; of a credit note negative."""
    return sum((one.net for one in lines if one.nature in STAMPED), Decimal(0))


def stamp_duty(lines: Iterable[DocumentLine]) -> Decimal:
    """2.00 where lines whose nature bears stamp duty come to more than 77.47, else 0. Credit notes count alike."""
    return STAMP if abs(stamped_sum(lines)) > STAMP_FROM else Decimal(0)


def with_natures(lines: Iterable[DocumentLine], country: str, *, small: bool) -> tuple[DocumentLine, ...]:
    """The lines, each with its `nature_of`; `country` is the buyer's."""
    return tuple(replace(one, nature=nature_of(one, country, small=small)) for one in lines)
