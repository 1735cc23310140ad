"""Checks of purchase lines that are too many to be fetched: the rules of `xlcrm.checks`, said to an engine of tables.

The engine counts, and gives each distinct value of a column once, to be judged by the functions that judge cells of
the sheet. Of each kind of finding as many lines are fetched as the sheet Problems lists, the newest ones.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.checks import cells, purchase_lines, spellings
from xlcrm.checks.judge import Verdict
from xlcrm.checks.lines_there import THERE, told_there
from xlcrm.checks.summary import COUNTED, LISTED, more
from xlcrm.checks.view import CheckedBook, View
from xlcrm.problems import Problem
from xlcrm.sources.fetched_frame import cell_types, in_memory, literals
from xlcrm.sources.line_expressions import (
    DATES,
    NUMBERS,
    READ,
    days_read,
    numbers_read,
    read_as_text,
    settled,
    without_hour,
)
from xlcrm.tables import Table

_ASKED = 1_000  # distinct values of one kind of finding whose lines are looked for
_SAME = ("invoice", "client_id", "date", "product", "quantity", "unit_price", "amount", "category", "currency")
_TYPED = "_typed"


@dataclass(frozen=True, eq=False)
class LineChecks:
    """The lines of a `canonical` table as the checks ask for them. What the engine was asked once is kept.

    table  the table Purchases without rows, with its sheet, headers and source
    """

    lines: Any
    table: Table
    country: str
    _found: dict[dt.date, list[Problem]] = field(default_factory=dict)

    @cached_property
    def read(self) -> Any:
        """The lines that hold anything; dates as days since 1970, numbers as floats, each beside itself as typed
        (`date_typed`), and `date_bad` where that is none."""
        import ibis

        as_text = read_as_text(self.lines)
        lines = settled(self.lines, "checked_lines") if as_text else self.lines
        lines = lines.filter(ibis.or_(*(lines[name].notnull() for name in lines.columns)))
        there = [name for name in (*DATES, *NUMBERS) if name in lines.columns]
        lines = lines.mutate(**{name + _TYPED: lines[name] for name in there})
        for name in there:
            lines = (days_read if name in DATES else numbers_read)(lines, name, self.country)
        return settled(lines, "read_lines") if as_text else lines

    def has(self, *names: str) -> bool:
        """Whether the source has all of these columns."""
        return set(names) <= set(self.read.columns)

    @cached_property
    def by_client(self) -> pd.DataFrame:
        """client_id, lines, last (day): of every client, "" for lines without one."""
        lines = self.read
        day = lines.date.max() if self.has("date") else None
        found = lines.group_by("client_id").aggregate(lines=lines.count(), **({} if day is None else {"last": day}))
        frame = found.execute()
        last = frame["last"] if "last" in frame else pd.Series(np.nan, index=frame.index)
        ids = frame["client_id"].astype(object).where(frame["client_id"].notna(), "").astype("str")
        days = pd.to_datetime(last.astype("float64"), unit="D").astype("datetime64[us]")
        made = pd.DataFrame({"lines": frame["lines"].astype("int64"), "last": days}).set_axis(pd.Index(ids))
        return made.sort_index()

    def clients(self) -> pd.DataFrame:
        """`Elsewhere.clients`."""
        return self.by_client.drop(index="", errors="ignore")

    def problems(self, book: CheckedBook) -> list[Problem]:
        """All findings about the lines, alike ones counted as in the sheet Problems."""
        if book.today not in self._found:  # corrections of a workbook change none of these
            self._found[book.today] = [*self._of_cells(book), *self._of_lines(book), *self._of_words(book)]
        return [*self._links(book), *self._found[book.today]]

    def _links(self, book: CheckedBook) -> list[Problem]:
        clients = book.get("Clients")
        if clients is None or not clients.has("client_id"):
            return []
        known = set(clients.text("client_id")) - {""}
        blank = int(self.by_client["lines"].get("", 0))
        lines = self.clients()["lines"]
        unknown = lines[~lines.index.isin(known)].sort_values(ascending=False, kind="stable")
        listed = dict(zip(unknown.index[:LISTED].astype(str), unknown.iloc[:LISTED].tolist(), strict=True))
        found = purchase_lines.unlinked(self._view(book, self.table.frame), listed, blank, known)
        return found + ([more("link.unknown", "Purchases", "client_id", len(unknown))] if len(unknown) > LISTED else [])

    def _view(self, book: CheckedBook, frame: pd.DataFrame) -> View:
        """Some lines, or the distinct values of a column, as the checks see a table."""
        return View(replace(self.table, frame=frame), book.settings)

    # cells, each distinct value of a column judged once

    @cached_property
    def _specs(self) -> dict[str, schema.Column]:
        """The columns of Purchases that the source has."""
        return {column.name: column for column in schema.table("Purchases").columns if self.has(column.name)}

    @cached_property
    def _values(self) -> dict[str, pd.DataFrame]:
        """Of each column that is judged by its cells: its distinct values and how many lines have each."""
        found = {}
        for name in self._specs:
            if name in cells.LINKS or self._is_number(name):
                continue
            values = self.read.select(value=self._as_judged(name)).filter(lambda some: some.value.notnull())
            counted = values.group_by("value").aggregate(lines=lambda some: some.count())
            found[name] = counted.execute().sort_values("value", ignore_index=True)
        return found

    def _is_number(self, name: str) -> bool:
        """Whether a column has nothing but numbers; these are judged with their line."""
        return name in NUMBERS and not self.read[name + _TYPED].type().is_string()

    def _as_judged(self, name: str) -> Any:
        typed = self.read[name + _TYPED] if self.has(name + _TYPED) else self.read[name]
        return without_hour(typed) if name in DATES and typed.type().is_string() else typed

    def _of_cells(self, book: CheckedBook) -> Iterator[Problem]:
        for name, values in self._values.items():
            view = self._view(book, pd.DataFrame({name: _as_read(values["value"])}))
            found = cells.of_column(book, view, self._specs[name])
            if name == "currency":
                found += view.judged(name, purchase_lines.judge_currency)
            by_code: dict[str, dict[int, Problem]] = defaultdict(dict)
            for problem in found:
                by_code[problem.code].setdefault(problem.row - view.table.first_row, problem)
            for code, judged in by_code.items():
                yield from self._with_lines(book, name, code, judged)

    def _with_lines(self, book: CheckedBook, name: str, code: str, judged: dict[int, Problem]) -> Iterator[Problem]:
        """The findings of one code about some of a column's values, one for each line that has such a value."""
        values = self._values[name]
        number = int(values["lines"].iloc[list(judged)].sum())
        if THERE.get(code, code) == "":
            return
        if THERE.get(code, code) in COUNTED:
            first = told_there([next(iter(judged.values()))], self.table)[0]
            yield first._replace(values=(*first.values, ("count", str(number))))
            return
        lines = self.read.mutate(judged=self._as_judged(name))
        asked = values["value"].iloc[sorted(judged)[-_ASKED:]]
        typed, frame = self._fetched(lines.filter(lines.judged.isin(literals(asked))))
        about = dict(zip(_as_read(values["value"]).iloc[list(judged)], judged.values(), strict=True))
        view = self._view(book, typed)
        problems = [self._at(view, at, about[value]) for at, value in enumerate(_as_read(frame["judged"]))]
        yield from self._told(problems, view, number)

    def _at(self, view: View, position: int, problem: Problem) -> Problem:
        """A finding about a value as one about a line that has it."""
        shown = view.cell(problem.column, position)
        return problem._replace(row=view.table.excel_row(position), key=view.text("client_id")[position], value=shown)

    def _told(self, problems: Sequence[Problem], view: View, number: int) -> list[Problem]:
        """The findings about lines that were fetched, and how many of `number` there are besides."""
        found = told_there(problems, view.table)
        if not found or number <= LISTED:
            return found
        return [*found, more(found[0].code, found[0].table, found[0].column, number)]

    def _newest(self, which: Any) -> pd.DataFrame:
        """The newest lines of those that a mask is true for, as many as are listed, as typed."""
        return self._fetched(self.read.filter(which))[0]

    def _fetched(self, lines: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The newest lines as typed, and the same with their cells read."""
        frame = self._first(lines, "client_id", "invoice", "product", "amount", "quantity")
        typed = {name: frame[name + _TYPED if name + _TYPED in frame else name] for name in READ if self.has(name)}
        return in_memory(pd.DataFrame(typed)), frame

    def _first(self, lines: Any, *order: str) -> pd.DataFrame:
        """As many as are listed: the newest first, those of a day by these columns."""
        import ibis

        newest = [ibis.desc("date")] if self.has("date") else []
        frame: pd.DataFrame = lines.order_by([*newest, *filter(self.has, order)]).limit(LISTED).execute()
        return frame

    # lines, told by what their cells are to each other

    @cached_property
    def _counts(self) -> dict[str, int]:
        """How many lines have all three figures (both), which figures are not filled, and which lines are odd."""
        lines, rules = self.read, self._rules
        counted = {name: lines.count(where=mask.fill_null(False)) for name, mask in rules.items()}
        if self.has("amount"):
            counted["amounts"] = lines.count(where=lines[f"amount{_TYPED}"].notnull())
            counted["sizes"] = lines.count(where=(lines.amount.abs() > 0).fill_null(False))
        if not counted:
            return {}
        found = lines.aggregate(**counted).execute().iloc[0]
        return {str(name): int(value) for name, value in found.items()}

    @cached_property
    def _rules(self) -> dict[str, Any]:
        """What is asked of a line: `checks.purchase_lines.amounts` and `order_of_dates`."""
        lines, rules = self.read, {}
        if self.has("quantity", "unit_price", "amount"):
            product = lines.quantity * lines.unit_price
            slack = lines.quantity.abs() * 0.005 + 0.011
            rules["both"] = product.notnull() & lines.amount.notnull()
            rules["off"] = (product - lines.amount).abs() > slack
            rules["missing"] = product.notnull() & lines[f"amount{_TYPED}"].isnull()
        if self.has("due_on", "invoiced_on"):
            rules["early"] = lines.due_on < lines.invoiced_on
        return rules

    def _of_lines(self, book: CheckedBook) -> Iterator[Problem]:
        counts = self._counts
        yield from self._repeated(book)
        view = self._view(book, self.table.frame)
        habit = purchase_lines.often_off(counts.get("off", 0), counts.get("both", 0))
        if habit:
            yield view.about(habit, "amount")
        else:
            yield from self._with_product(book, "off", "amount.off")
        if counts.get("amounts"):
            yield from self._with_product(book, "missing", "amount.missing")
            yield from self._outliers(book, but_off=not habit)
        yield from self._each(book, "early", purchase_lines.DUE_EARLY, "due_on")

    def _with_product(self, book: CheckedBook, rule: str, code: str) -> list[Problem]:
        if not self._counts.get(rule):
            return []
        typed, read = self._fetched(self.read.filter(self._rules[rule]))
        view = self._view(book, typed)
        product = (read["quantity"] * read["unit_price"]).to_numpy("float64")
        found = purchase_lines.with_product(view, np.ones(len(typed), dtype=bool), product, code)
        return self._told(found, view, self._counts[rule])

    def _each(self, book: CheckedBook, rule: str, verdict: Verdict, column: str) -> list[Problem]:
        if not self._counts.get(rule):
            return []
        view = self._view(book, self._newest(self._rules[rule]))
        return self._told(_each_of(view, verdict, column), view, self._counts[rule])

    def _usual(self, share: float) -> float:
        """A quantile of the sizes of amounts above nought; between two neighbours in proportion, as in pandas."""
        sizes = self.read.select(size=self.read.amount.abs()).filter(lambda some: some["size"] > 0)
        place = (self._counts["sizes"] - 1) * share
        low = math.floor(place)
        near = sizes.order_by("size").limit(2, offset=low).execute()["size"].to_numpy("float64")
        return float(near[0] + (near[-1] - near[0]) * (place - low))

    def _outliers(self, book: CheckedBook, *, but_off: bool) -> list[Problem]:
        count = self._counts["sizes"]
        if count < purchase_lines.ENOUGH:
            return []
        limit, verdict = purchase_lines.far_beyond(count, self._usual)
        far = (self.read.amount.abs() > limit).fill_null(False)
        if int(self.read.filter(far).count().execute()) > purchase_lines.OUTLIERS:
            return []
        if but_off and "off" in self._rules:
            far &= ~self._rules["off"].fill_null(False)
        view = self._view(book, self._newest(far))
        return told_there(_each_of(view, verdict, "amount"), view.table)

    def _repeated(self, book: CheckedBook) -> list[Problem]:
        """Lines with an invoice that are the same in every column, each group of them once."""
        if not self.has("invoice") or not (self.has("product") or self.has("amount")):
            return []
        groups = self._groups()
        number = int(groups.count().execute())
        if not number:
            return []
        frame = self._first(groups, "client_id", "invoice")
        shown = {name: frame[name] for name in ("client_id", "invoice", "product") if self.has(name)}
        shown |= {"date": frame["day_typed"]} if self.has("date") else {}
        view = self._view(book, in_memory(pd.DataFrame(shown)))
        return self._told(_each_of(view, Verdict("line.repeated", level="doubt"), "invoice"), view, number)

    def _groups(self) -> Any:
        """What lines with an invoice have of which there are several; texts that are no date or number as typed."""
        import ibis

        lines = self.read.filter(self.read.invoice.notnull())
        names = [name for name in _SAME if self.has(name)]
        unread = [name for name in names if self.has(name + _TYPED) and lines[name + _TYPED].type().is_string()]
        odd = {f"{n}_odd": ibis.ifelse(lines[f"{n}_bad"], lines[n + _TYPED], ibis.null("string")) for n in unread}
        lines = lines.mutate(**odd)
        day = {"day_typed": lines[f"date{_TYPED}"].min()} if self.has("date") else {}
        counted = lines.group_by([*names, *odd]).aggregate(times=lines.count(), **day)
        return counted.filter(counted.times > 1)

    # words of a column, told by how often each stands there

    def _of_words(self, book: CheckedBook) -> Iterator[Problem]:
        view = self._view(book, self.table.frame)
        if self.has("currency"):
            mixed = purchase_lines.mixed_currencies(book, self._counter("currency"))
            yield from [view.about(mixed, "currency")] if mixed else []
        if self.has("category"):
            yield from told_there(spellings.variants(view, "category", self._counter("category")), self.table)

    def _counter(self, name: str) -> Counter[str]:
        """How many lines have each text of a column, the commonest first."""
        values = self._values[name].sort_values(["lines", "value"], ascending=[False, True])
        return Counter(dict(zip(values["value"].astype("str"), values["lines"].astype("int64").tolist(), strict=True)))


def _as_read(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column that an engine gave in the types of a sheet's reader; blank text is ""."""
    return cell_types(str(column.name), column)


def _each_of(view: View, verdict: Verdict, column: str) -> list[Problem]:
    """The same finding about every line of a view."""
    return view.each(np.ones(len(view.table.frame), dtype=bool), verdict, column)
