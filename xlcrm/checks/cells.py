"""Every cell is held against the kind of its column, as the schema names it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xlcrm import schema
from xlcrm.checks import dates, judge, numbers, texts
from xlcrm.checks.view import View, Workbook
from xlcrm.problems import Problem

JUDGES: dict[str, Callable[[str, str], judge.Verdict | None]] = {
    "email": judge.judge_email,
    "phone": judge.judge_phone,
    "postal_code": judge.judge_postal_code,
    "tax_id": judge.judge_tax_id,
    "country": judge.judge_country,
}
PERSON_NAMES = ("first_name", "last_name")
LINKS = ("client_id", "invoice")  # judged by links.py


def check(book: Workbook) -> list[Problem]:
    """Findings about single cells of all typed columns; calculated columns and formulas belong to the workbook."""
    found: list[Problem] = []
    for view in book.views.values():
        for column in schema.table(view.table.name).columns:
            if not column.calculated and view.has(column.name) and column.name not in view.table.formulas:
                found += _column(book, view, column)
    return found


def _hombre_mujer(view: View) -> list[Problem]:
    """One finding where a column of H and M has no F: there M is mujer, and turning H into M would mix the two."""
    letters = view.text("gender")
    count = int(((letters == "H") | (letters == "M")).sum())
    if {"H", "M"} <= set(letters) and "F" not in letters:
        values = (("count", str(count)),)
        return [view.about(judge.Verdict("gender.h_and_m", level="doubt", values=values), "gender")]
    return []


def _column(book: Workbook, view: View, column: schema.Column) -> list[Problem]:
    if column.kind in JUDGES:
        return view.judged(column.name, JUDGES[column.kind], view.countries)
    if column.name == "gender" and (mixed := _hombre_mujer(view)):
        return mixed
    if column.kind == "choice":
        judged = partial(judge.judge_choice, column.choices, language=book.settings.language)
        return view.judged(column.name, judged, view.countries)
    if column.kind == "date":
        return dates.check(book, view, column.name)
    if column.kind in schema.NUMBERS:
        return numbers.check(book, view, column.name)
    if column.kind == "text" and column.name not in LINKS:
        names = view.judged(column.name, judge.judge_person_name) if column.name in PERSON_NAMES else []
        return names + texts.check(view, column.name)
    return []
