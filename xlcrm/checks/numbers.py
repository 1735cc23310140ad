"""A number typed as text is left out of every sum, silently."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xlcrm.checks.judge import Verdict, of_fault, placeholder
from xlcrm.checks.view import View, Workbook
from xlcrm.fields import money
from xlcrm.fields.field_errors import FieldError
from xlcrm.problems import Problem

NEVER_NEGATIVE = frozenset({"employees", "turnover"})


def check(book: Workbook, view: View, column: str) -> list[Problem]:
    """Text in a number column: readable (mended without asking), with two readings, or none; negative head counts."""
    cells = view.table.frame[column]
    found: list[Problem] = []
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        texts = [value for value in cells if isinstance(value, str) and value.strip()]
        sign = money.decimal_sign(texts)
        habit = sign or ("," if book.settings.country and book.settings.country not in money.POINT_COUNTRIES else "")
        habit = habit or ("." if book.settings.country else "")
        text_cells = np.array([isinstance(value, str) for value in cells], dtype=bool)
        judged = view.judged(column, lambda value, _: _judge(value, book.settings.country, habit))
        found = [p for p in judged if text_cells[p.row - view.table.first_row]]
    if column in NEVER_NEGATIVE:
        negative = (view.numbers(column) < 0).to_numpy()
        found += view.each(negative, Verdict("number.negative", level="doubt"), column)
    return found


def _judge(value: str, country: str, sign: str) -> Verdict | None:
    if placeholder(value) and not any(c.isdigit() for c in value) and value.strip() not in ("-", "–", "—"):
        return Verdict("value.placeholder", level="doubt")
    try:
        number = money.validate(value, country, decimal=sign)
    except FieldError as fault:
        return of_fault(fault)
    plain = f"{number:f}"
    if money.ambiguous(value) and not sign:
        other = f"{money.validate(value, decimal='.' if '.' in value else ','):f}"
        return Verdict("number.ambiguous", plain, False, "doubt", (("other", other),))
    return Verdict("number.text", plain, True, "note")
