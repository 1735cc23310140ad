"""The Jinja sandbox of Word templates: everything escaped, every misspelt name found, nothing else reached.

Like that of lists (`lists.rendering`), but without what lists import, because its process starts for every run.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from babel import numbers
from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from xlcrm.papers.paper_data import locale_of, shown

LONGEST = 10_000  # of a text or a list that a template multiplies
TEMPLATE = "<template>"  # the file name of a template's code


class WordSandbox(ImmutableSandboxedEnvironment):
    """A sandbox whose templates can't multiply themselves over all memory; SecurityError where one tries."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """`*` and `**` of a template; no powers, and no texts or lists over `LONGEST`."""
        sizes = [len(one) * other for one, other in ((left, right), (right, left))
                 if isinstance(one, (str, list, tuple)) and isinstance(other, int)]  # fmt: skip
        if operator == "**" or max(sizes, default=0) > LONGEST:
            raise SecurityError("this template multiplies too much")
        return super().call_binop(context, operator, left, right)


def word_sandbox(language: str) -> WordSandbox:
    """The sandbox for letters in a language: dates and decimal numbers are written as it writes them.

    Filters: `money` (two decimals and a currency), `day` (the month in letters).
    """

    def written(value: object) -> object:
        kinds = (dt.date, Decimal, float, type(None))
        return shown(value, language) if isinstance(value, kinds) else value

    def money(value: Decimal, currency: str = "") -> str:
        """An amount with two decimals and its currency behind."""
        return f"{numbers.format_decimal(value, '#,##0.00', locale=locale_of(language))} {currency}".strip()

    made = WordSandbox(undefined=StrictUndefined, autoescape=True, finalize=written)
    made.filters.update(money=money, day=written)
    return made


def line_of(fault: BaseException) -> int:
    """The line of the template in which a rendering stopped; 0 unknown."""
    line = 0
    trace = fault.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == TEMPLATE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
