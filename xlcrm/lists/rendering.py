"""Rendering of templates in a Jinja sandbox: users write their own, which can read a list and do nothing else.

Two kinds of template, told apart by the file name: `<kind>.columns.txt` holds one column a line, `header | expression`,
and becomes a table (csv, xlsx); every other file is a whole document (txt, html), rendered once for the list.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel import dates, numbers
from jinja2 import StrictUndefined
from jinja2.exceptions import UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from xlcrm import messages, words
from xlcrm.errors import CrmError
from xlcrm.papers.template_sandbox import FAULTS, TemplateSandbox, line_of
from xlcrm.plan import Grid

_MISSING = re.compile(r"has no attribute '([^']*)'|^'([^']*)' is undefined")
LIMIT = 50_000_000  # characters of one list: far above any, far below what hurts a machine
Cells = tuple[object, ...]
_CELLS = (str, int, float, Decimal, dt.date, type(None))


@dataclass(frozen=True, eq=False)
class RenderJob:
    """One list to render: the template `name` with the text `source`, as a table or, for txt and html, a document.

    form    txt, html; pages.txt or pages.html for a document a row (a Grid of one column); any other for a table
    rows    what the expressions of a table, or each page, see in each row
    values  what the whole template sees, beside `t` and `word`
    """

    name: str
    source: str
    form: str
    language: str
    rows: list[dict[str, Any]]
    values: dict[str, object]


def render(job: RenderJob) -> str | Grid:
    """The document or the table of a job; CrmError that names the template and its line."""
    if job.form in ("pages.html", "pages.txt"):
        each = [{**job.values, **row} for row in job.rows]
        made = pages(job.name, job.source, job.language, each, html=job.form == "pages.html")
        return Grid(job.name, ("page",), tuple((page,) for page in made))
    if job.form in ("html", "txt"):
        return document(job.name, job.source, job.language, job.values, html=job.form == "html")
    return grid(job.name, job.source, job.language, job.rows, job.values)


@dataclass(frozen=True)
class ListColumn:
    """A column of a table template: the header, and what renders a cell of it."""

    header: str
    render: Callable[..., object]
    line: int


def environment(language: str, *, html: bool = False) -> ImmutableSandboxedEnvironment:
    """A sandbox whose filters `money` and `day` write as people of this language do."""
    locale = messages.locale_of(language)

    def shown(value: object) -> object:
        """What stands in a document where a template names a value: numbers and days as this language writes them."""
        if isinstance(value, Decimal):
            return numbers.format_decimal(value, "#,##0.########", locale=locale)
        if isinstance(value, float):
            return numbers.format_decimal(Decimal(repr(value)), "#,##0.########", locale=locale)
        if isinstance(value, dt.date):
            return dates.format_date(value, "medium", locale=locale)
        return value

    env = TemplateSandbox(
        undefined=StrictUndefined, autoescape=html, trim_blocks=True, lstrip_blocks=True, finalize=shown
    )

    def money(value: Decimal, currency: str = "") -> str:
        """An amount with two decimals and its currency behind."""
        amount = numbers.format_decimal(value, "#,##0.00", locale=locale)
        return f"{amount} {currency}".strip()

    def day(value: dt.date | None) -> str:
        """A date with its month in letters; "" without one."""
        return dates.format_date(value, "long", locale=locale) if value else ""

    env.filters.update(money=money, day=day, number=shown)
    env.globals.update(
        t=lambda key, **fill: messages.text(key, language, **fill),
        word=lambda table, column: words.header(table, column, language),
    )
    return env


def document(name: str, source: str, language: str, values: Mapping[str, object], *, html: bool = False) -> str:
    """A whole document; a fault in the template is a CrmError that names the file and the line.

    With `html`, or a template of that name, what cells hold is escaped: a <script> of theirs is shown, not run.
    """
    return pages(name, source, language, [values], html=html)[0]


def pages(
    name: str, source: str, language: str, each: Iterable[Mapping[str, object]], *, html: bool = False
) -> list[str]:
    """One document for each set of values, as `document` makes it; the limit is for all together."""
    env = environment(language, html=html or name.lower().endswith((".html", ".htm")))
    made, size = [], 0
    try:
        template = env.from_string(source)
        for values in each:
            parts = []
            for part in template.generate(values):
                size += len(part)
                if size > LIMIT:
                    raise CrmError("lists.template_too_long", template=name)
                parts.append(part)
            made.append("".join(parts))
    except FAULTS as fault:
        raise _refusal(name, getattr(fault, "lineno", None) or line_of(fault) or "-", fault) from fault
    return made


def columns(name: str, source: str, language: str, values: Mapping[str, object]) -> list[ListColumn]:
    """The columns of a table template; blank lines and lines that start with # are left out."""
    env = environment(language)
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        header, bar, expression = line.partition("|")
        if not bar:
            raise CrmError("lists.template_no_bar", template=name, line=number, text=line.strip())
        try:
            title = env.from_string(header.strip()).render(values)
            compiled = env.compile_expression(expression.strip(), undefined_to_none=False)
        except FAULTS as fault:
            raise _refusal(name, number, fault) from fault
        found.append(ListColumn(title, compiled, number))
    return found


def grid(name: str, source: str, language: str, rows: list[dict[str, object]], values: Mapping[str, object]) -> Grid:
    """A table: one row for each of `rows`, whose names the expressions use, with the list's own `values`."""
    made = columns(name, source, language, values)
    cells, size, whole = [], 0, _whole_row(source, language)
    for row in rows:
        cells.append(_row(made, whole, name, {**values, **row}))
        size += sum(len(cell) for cell in cells[-1] if isinstance(cell, str))
        if size > LIMIT:
            raise CrmError("lists.template_too_long", template=name)
    kinds = [[type(row[i]) for row in cells if row[i] not in (None, "")] for i in range(len(made))]
    return Grid(
        str(values.get("list", "")),
        tuple(column.header for column in made),
        tuple(cells),
        money=frozenset(i for i, kind in enumerate(kinds) if kind and set(kind) <= {Decimal} and _cents(cells, i)),
        dates=frozenset(i for i, kind in enumerate(kinds) if kind and set(kind) <= {dt.date}),
    )


def _cents(cells: list[tuple[object, ...]], at: int) -> bool:
    """Whether all numbers of a column have two decimals: quantities and prices with more are no amounts."""
    found = (row[at] for row in cells)
    return all(value.as_tuple().exponent == -2 for value in found if isinstance(value, Decimal))


def _whole_row(source: str, language: str) -> Callable[..., Any]:
    """All cells of a row by one expression, which asks the sandbox once instead of once a cell.

    The columns are known to be right each by itself; where a row fails, they are asked one by one.
    """
    lines = [line for line in source.splitlines() if line.strip() and not line.startswith("#")]
    parts = ", ".join(f"({line.partition('|')[2].strip()})" for line in lines)
    return environment(language).compile_expression(f"[{parts}]", undefined_to_none=False)


def _row(made: Sequence[ListColumn], whole: Callable[..., Any], name: str, values: dict[str, object]) -> Cells:
    """The cells of one row; CrmError that names the line of the first column that can't be worked out."""
    try:
        found = whole(**values)
    except FAULTS:
        found = ()
    if len(found) == len(made) and all(isinstance(value, _CELLS) for value in found):
        return tuple(found)
    return tuple(_rendered(column, name, values) for column in made)


def _rendered(column: ListColumn, name: str, values: Mapping[str, object]) -> object:
    """One cell of a table; CrmError that names the template's line where it can't be worked out."""
    try:
        value = column.render(**values)
        if isinstance(value, StrictUndefined):
            str(value)  # raises, with the name that is missing
        return value if isinstance(value, _CELLS) else str(value)
    except FAULTS as fault:
        raise _refusal(name, column.line, fault) from fault


def _refusal(template: str, line: object, fault: Exception) -> CrmError:
    """A misspelt name, the commonest mistake, is said in the user's language; what else is wrong, in Jinja's words."""
    missing = _MISSING.search(str(fault)) if isinstance(fault, UndefinedError) else None
    if missing:
        return CrmError("lists.template_name", template=template, line=line, name=missing[1] or missing[2])
    if isinstance(fault, MemoryError | RecursionError):
        return CrmError("lists.template_big", template=template, line=line)
    return CrmError("lists.template_fault", template=template, line=line, fault=str(fault)[:300].strip().rstrip("."))
