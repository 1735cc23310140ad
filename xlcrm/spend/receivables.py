"""What clients still owe, so that reminders go to those who are late and to nobody else."""

from __future__ import annotations

import numpy as np

from xlcrm.spend.cents import total
from xlcrm.spend.kinds import NO_DAY, Floats, Ints
from xlcrm.spend.lines import Lines


def receivables(lines: Lines, original: Ints, *, today: int, payment_days: int) -> tuple[Floats, Floats]:
    """Per client the open and the overdue amount, in currency units; NaN for all where no line was ever invoiced.

    Open: invoiced on or before today and not paid by today. Overdue: open, and due before today (on its last day
    nothing is overdue); a line without a due date is due `payment_days` after it was invoiced. A credit note that
    found its purchase shares that purchase's dates unless it has its own; so a cancelled invoice owes nothing, and a
    refund of something paid is a negative open amount: money the firm owes.
    """
    own = (lines.invoiced != NO_DAY) | (lines.paid != NO_DAY)
    source = np.where((original >= 0) & ~own, original, np.arange(len(original)))
    invoiced, due, paid = lines.invoiced[source], lines.due[source], lines.paid[source]
    if not (invoiced != NO_DAY).any():
        unknown = np.full(lines.clients, np.nan)
        return unknown, unknown
    due = np.where(due == NO_DAY, invoiced + payment_days, due)
    is_open = (invoiced != NO_DAY) & (invoiced <= today) & ((paid == NO_DAY) | (paid > today)) & lines.priced
    sums = (total(lines.cents, lines.client, lines.clients, where=is_open & late) for late in (is_open, due < today))
    amount, overdue = sums
    return amount / 100, overdue / 100
