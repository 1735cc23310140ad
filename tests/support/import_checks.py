"""Import cases in a small language of checks: a list is imported into an empty workbook, the result is looked at.

A case is a row of `tests/cases/imports/index.csv`: id, kind, file (several with ";": imported one after the other),
table, country, language, options, checks, why. `options` are those of the command, with ";" between them ("dates=mdy",
"decimal=,", "sheet=Title", "skip_rows=2", "map:Their header=field"). `checks` have " | " between them, all must hold:

    Clients=3                       so many rows in that table at the end
    Clients[2].email=a@example.com  a cell, row counted from 1 in the order of the file; blank behind "=": a blank cell
    Purchases.sum.amount=12.5       the sum of a column
    leftout=2                       rows that were left out and listed (repeated headers and group rows not counted)
    nocolumn:Total                  no user column of that name came along
    column:Fax                      a user column of that name came along
    asked:dates                     a question of that subject was asked (see ASKED), or "asked:CODE" a finding
    said:CODE                       a finding or note of that code, question or not
    refused:CODE                    the import was refused with that code
    right_or_asked:CHECK            the check holds, or something was asked about its column
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from tests.support.importing_help import applied, settings, workbook
from xlcrm import schema, words
from xlcrm.addresses.countries import country_code
from xlcrm.errors import CrmError
from xlcrm.files.list_files import read
from xlcrm.importing import plan
from xlcrm.importing.header_words import choice_of
from xlcrm.plan import Plan
from xlcrm.tables import Tables
from xlcrm.values import NO, is_blank, text_of

TODAY = dt.date(2026, 11, 27)
# Which findings are the question of a subject.
ASKED = {
    "header": {"import.no_header"},
    "dates": {"import.date_order", "import.dates_asked"},
    "decimal": {"import.decimal_asked"},
}
ABOUT = {"kind": {"import.either"}}  # a field that no column of the list has: its question names the column of names
LEFT_OUT = "import.total_row", "import.not_a_record", "import.no_sale"
_CELL = re.compile(r"(\w+)\[(\d+)\]\.(\w+)=(.*)", re.DOTALL)
_SUM = re.compile(r"(\w+)\.sum\.(\w+)=(.*)")
_COUNT = re.compile(r"(Clients|People|Purchases|Interactions|leftout)=(\d+)")


class Case(NamedTuple):
    """A row of the table of cases; `why` says what would go wrong."""

    id: str
    kind: str
    file: str
    table: str
    country: str
    language: str
    options: str
    checks: str
    why: str


@dataclass
class Result:
    """What came of importing a case: the tables at the end, the plans, and the refusal where there was one."""

    tables: Tables
    language: str
    plans: list[Plan] = field(default_factory=list)
    refusal: CrmError | None = None

    @property
    def problems(self) -> list[Any]:
        return [problem for one in self.plans for problem in one.problems]


def cases(path: Path) -> list[Case]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Case(**{name: row.get(name) or "" for name in Case._fields}) for row in rows]


def run(case: Case, folder: Path, tables: Tables | None = None) -> Result:
    """The case imported into an empty workbook (or `tables`) of its country and language, each file on those before."""
    result = Result(tables or workbook(case.language), case.language)
    how = settings(country=case.country, language=case.language)
    for name in case.file.split(";"):
        given = _options(case.options)
        sheet = given.pop("sheet", None)
        given_rows = {"skip_rows": int(given.pop("skip_rows"))} if "skip_rows" in given else {}
        try:
            lists = read(folder / name, sheet=sheet, **given_rows)
            done = plan(result.tables, lists, settings=how, today=TODAY, table=case.table or "Clients", **given)
        except CrmError as refusal:
            result.refusal = refusal
            return result
        result.plans.append(done)
        result.tables = applied(result.tables, done)
    return result


def failures(case: Case, result: Result) -> list[str]:
    """The checks of a case that do not hold, each with what came out instead; empty where all is right."""
    return [told for check in case.checks.split(" | ") if (told := _failure(check.strip(), result))]


def _options(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in filter(None, text.split(";")):
        if item.startswith("map:"):
            header, _, name = item[4:].rpartition("=")
            found.setdefault("mapping", {})[header] = name
        else:
            name, _, value = item.partition("=")
            found[name.strip()] = value
    return found


def _failure(check: str, result: Result) -> str:
    kind, _, rest = check.partition(":")
    if kind == "refused":
        got = result.refusal.key if result.refusal else "no refusal"
        return "" if got == rest else f"{check}: {got}"
    if result.refusal is not None and kind != "right_or_asked":
        return f"{check}: refused, {result.refusal.key}"
    if kind == "right_or_asked":
        return "" if not _failure(rest, result) or _asked_about(rest, result) else f"{check}: {_failure(rest, result)}"
    found = _SPECIAL.get(kind)
    return found(check, rest, result) if found else _value_failure(check, result)


def _value_failure(check: str, result: Result) -> str:
    if match := _CELL.fullmatch(check):
        return _cell_failure(check, result, match)
    if match := _SUM.fullmatch(check):
        frame = result.tables[match[1]].frame
        got = pd.to_numeric(frame[match[2]], errors="coerce").sum()
        return "" if abs(got - float(match[3])) < 0.005 else f"{check}: {got}"
    if match := _COUNT.fullmatch(check):
        got = left_out(result) if match[1] == "leftout" else len(result.tables[match[1]].frame)
        return "" if got == int(match[2]) else f"{check}: {got}"
    raise ValueError(f"no such check: {check}")


def left_out(result: Result) -> int:
    return sum(int(dict(p.values).get("count", "1")) for p in result.problems if p.code in LEFT_OUT)


def _cell_failure(check: str, result: Result, match: re.Match[str]) -> str:
    table, place, name, wanted = match[1], int(match[2]) - 1, match[3], match[4]
    frame = result.tables[table].frame
    if place >= len(frame):
        return f"{check}: only {len(frame)} rows"
    got = frame[name].iloc[place] if name in frame else ""
    return "" if _alike(table, name, got, wanted) else f"{check}: {text_of(got)!r}"


def _alike(table: str, name: str, got: object, wanted: str) -> bool:
    """Whether a cell means what the check says: numbers as numbers, phones as digits, choices in any language."""
    if is_blank(got) or not text_of(got).strip():
        return wanted == ""
    text = text_of(got).strip()
    if text == wanted:
        return True
    column = schema.table(table).column(name)
    kind = column.kind if column else "text"
    if kind in schema.NUMBERS and wanted:
        return _number(text) == _number(wanted)
    if kind == "phone":
        return bool(wanted) and re.sub(r"\D", "", text) == re.sub(r"\D", "", wanted)
    if kind == "flag":
        return wanted in {"yes", ""} and (text.casefold() not in NO) == (wanted == "yes")
    if kind == "choice" and column:
        return choice_of(column.choices, text) == wanted
    if name == "country":
        return bool(wanted) and country_code(text) == wanted
    return False


def _number(text: str) -> float | str:
    try:
        return round(float(text), 4)
    except ValueError:
        return text


def _asked_about(check: str, result: Result) -> bool:
    """True where a question was asked about the check's column, cell or subject."""
    if result.refusal is not None:
        return True
    name = check.partition("=")[0].rpartition(".")[2]
    table = re.split(r"[\[.=]", check)[0]
    topics = set.union(*ASKED.values()) | ABOUT.get(name, set())
    headers = _headers(result, table, name)
    return any(
        p.level != "note" and (p.code in topics or p.column == name or p.column in headers) for p in result.problems
    )


def _headers(result: Result, table: str, name: str) -> set[str]:
    label = words.header(table, name, result.language) if schema.table(table).column(name) else name
    notes = [values for one in result.plans for _, values in one.notes]
    return {str(v["header"]) for v in notes if v.get("field") == label and "header" in v}


def _asked(check: str, rest: str, result: Result) -> str:
    codes = ASKED.get(rest, {f"import.{rest}"})
    return "" if any(p.code in codes for p in result.problems) else f"{check}: not asked"


def _said(check: str, rest: str, result: Result) -> str:
    codes = {p.code for p in result.problems} | {key for one in result.plans for key, _ in one.notes}
    return "" if rest in codes else f"{check}: not said"


def _no_column(check: str, rest: str, result: Result) -> str:
    return f"{check}: is there" if rest in _own_columns(result) else ""


def _column(check: str, rest: str, result: Result) -> str:
    return "" if rest in _own_columns(result) else f"{check}: not there"


def _own_columns(result: Result) -> set[str]:
    return {str(new.header) for one in result.plans for new in one.new_columns}


_SPECIAL = {"asked": _asked, "said": _said, "nocolumn": _no_column, "column": _column}
