"""Continued rows of an invoice that names its client in the first one only: the client is filled down.

Accounting programs write the client once and leave the cells below it blank. Only where a row is of the same invoice is
it surely that client's; all other blanks stay, and the import says how many lines name nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.problems import Problem
from xlcrm.values import as_text

NAMING = frozenset("client_id full_name first_name last_name last_or_company client_name company email".split())


def filled_down(one: Incoming, mapped: Sequence[Mapped]) -> Incoming:
    """The list with the client's cells of the row above in rows of the same invoice that name nobody.

    Told as import.filled_down. The list given is not changed.
    """
    naming = [m.header for m in mapped if m.field in NAMING]
    invoice = next((m.header for m in mapped if m.field == "invoice"), "")
    if not naming or not invoice or len(one.frame) < 2:
        return one
    frame = one.frame
    numbers = as_text(frame[invoice]).str.strip()
    nobody = pd.concat([as_text(frame[h]).str.strip() == "" for h in naming], axis=1).all(axis=1)
    above = frame[naming].mask(nobody).groupby((numbers != numbers.shift()).cumsum()).ffill()
    known = pd.concat([as_text(above[h]).str.strip() != "" for h in naming], axis=1).any(axis=1)
    found = nobody & known & (numbers != "")
    if not found.any():
        return one
    filled = {h: frame[h].where(~found, above[h]).astype(frame[h].dtype) for h in naming}
    at = int(found.to_numpy().argmax())
    values = (("count", str(int(found.sum()))), ("file", one.name))
    problem = Problem("import.filled_down", row=one.row(at), value=numbers.iloc[at], level="note", values=values)
    return replace(one, frame=frame.assign(**filled), problems=(*one.problems, problem))
