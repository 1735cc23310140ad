"""The sheet Import: an import by the button that asks in the workbook what is not clear about a list.

The first click fills the table Import with what each column of the list would become and imports nothing. The next
click with the same file reads what a person made of it, imports, and empties the table. Without doubt, or where the
workbook has no such table, it is the import of `xlcrm.importing.planning`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from xlcrm import messages, words
from xlcrm.errors import CrmError
from xlcrm.importing import planning, steps
from xlcrm.importing.cells.plain_cells import plain
from xlcrm.importing.header_words import key
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.mapping import map_columns
from xlcrm.importing.remembered import Choices, together
from xlcrm.importing.remembered import of as of_shape
from xlcrm.plan import Added, Plan, Removed
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text

SHEET = "Import"
COLUMNS = ("file", "column", "field", "before", "after", "doubt")
UNCLEAR = frozenset({"import.nothing_mapped", "import.not_lines"})
DOUBT = "import.own_doubt"
# the question of a first row -> the finding that asks it
QUESTIONS = {"dates": "import.date_order", "decimal": "import.decimal_asked", "people": "import.people_asked"}
# the word chosen for it -> the option of an import
ANSWERS = {
    "dates": {"dmy": "dmy", "mdy": "mdy"},
    "decimal": {"comma": ",", "point": "."},
    "people": {"firms": "yes", "rows": "no"},
}
Look = Callable[[Choices], Plan]


class Answered(NamedTuple):
    """What a click does, and what was answered in the sheet (nothing where the click asks)."""

    plan: Plan
    choices: Choices


class Line(NamedTuple):
    """One row of the table Import, as text."""

    file: str
    column: str
    field: str
    before: str
    after: str
    doubt: str


def plan(
    tables: Tables,
    incoming: Sequence[Incoming],
    *,
    settings: Settings,
    today: dt.date,
    remembered: Mapping[str, Choices] = {},
) -> Answered:
    """The import of these lists, or the plan that asks in the sheet Import and imports nothing.

    A column that is not clear stays the user's own where its cell "Our column" is left blank; the order of dates, the
    decimal sign, and whether firms or people are the clients have to be chosen before anything is imported. Words are
    understood in any of the six languages.
    A list that is `remembered` is read as was said then; a word of anybody's in the sheet asks for its table instead.
    CrmError: as `planning.plan`, without import.nothing_mapped and import.not_lines where the sheet can ask.
    The tables are not changed.
    """

    def look(choices: Choices) -> Plan:
        return planning.plan(
            tables, incoming, settings=settings, today=today, remembered=remembered,
            mapping=choices.mapping, dates=choices.dates, decimal=choices.decimal, people=choices.people,
        )  # fmt: skip

    if not _can_ask(tables):
        return Answered(look(Choices()), Choices())
    sheet = tables[SHEET]
    proposed = _tried(look, Choices(), incoming, settings.language)
    lines = _of_these(_lines(sheet), incoming)
    choices = _decided(lines, proposed, incoming)
    done = _tried(look, choices, incoming, settings.language) if lines else proposed
    if not lines and _lines(sheet) and of_shape(incoming, remembered):
        before = together(of_shape(incoming, remembered).values())
        return Answered(_asking(sheet, done, before, incoming, settings.language), Choices())
    if done.nothing_to_do or _asked(done) or (not lines and _doubts(done)):
        return Answered(_asking(sheet, done, choices, incoming, settings.language), Choices())
    return Answered(done.join(Plan(done.action, removed=_emptied(sheet))), choices)


def _can_ask(tables: Tables) -> bool:
    """True where the workbook has the table with all its columns."""
    return SHEET in tables and set(COLUMNS) <= set(tables[SHEET].frame.columns)


def _tried(look: Look, choices: Choices, incoming: Sequence[Incoming], language: str) -> Plan:
    """The plan; where no column can be told, one with `nothing_to_do` that only says what the columns hold."""
    try:
        return look(choices)
    except CrmError as fault:
        if fault.key not in UNCLEAR:
            raise
    notes: list[steps.Note] = []
    for one in map(plain, incoming):
        given = _about(choices.mapping, one)
        notes += steps.of_mapping(map_columns(one.frame, "Clients", given), {}, one, language)
    return Plan("import", notes=tuple(notes), nothing_to_do=True)


def _about(mapping: Mapping[str, str], one: Incoming) -> dict[str, str]:
    there = {key(str(header)) for header in one.frame.columns}
    return {header: field for header, field in mapping.items() if key(header) in there}


def _asked(done: Plan) -> set[str]:
    """The questions that nobody answered yet."""
    codes = {problem.code for problem in done.problems}
    return {name for name, code in QUESTIONS.items() if code in codes}


def _doubts(done: Plan) -> list[str]:
    """Their columns that are not clear."""
    return [str(values["header"]) for code, values in done.notes if code == DOUBT]


# Reads what a person made of the table.


def _lines(sheet: Table) -> list[Line]:
    text = [as_text(sheet.frame[name]).str.strip().tolist() for name in COLUMNS]
    return [Line(*cells) for cells in zip(*text, strict=True) if any(cells)]


def _of_these(lines: Sequence[Line], incoming: Sequence[Incoming]) -> list[Line]:
    """The lines where all of them are about these lists; none where the table holds another file's."""
    headers = _headers(incoming)
    mine = [line.file == _name(incoming) and (_question(line) or key(line.column) in headers) for line in lines]
    return list(lines) if all(mine) else []


def _decided(lines: Sequence[Line], proposed: Plan, incoming: Sequence[Incoming]) -> Choices:
    """What differs from what was proposed, and what was left blank where a column was not clear."""
    doubtful = set(map(key, _doubts(proposed)))
    fields = {key(str(v["header"])): str(v.get("field", "")) for code, v in proposed.notes if _is_mapped(code)}
    mapping, told = {}, dict.fromkeys(QUESTIONS, "")
    headers = _headers(incoming)
    for line in lines:
        if key(line.column) not in headers:
            question = _question(line)
            told[question] = ANSWERS[question].get(words.choice("import_answer", line.field), "")
        elif key(line.column) in doubtful or _meant(line.field) != _meant(fields.get(key(line.column), "")):
            mapping[headers[key(line.column)]] = line.field
    return Choices(mapping, **told)


def _meant(text: str) -> str:
    """The column behind a word in any language, so that a word in another one is no change."""
    return words.column_of("Clients", text) or words.column_of("Purchases", text) or fold(text)


def _question(line: Line) -> str:
    return words.choice("import_question", line.column)


def _headers(incoming: Sequence[Incoming]) -> dict[str, str]:
    return {key(str(header)): str(header) for one in incoming for header in one.frame.columns}


def _name(incoming: Sequence[Incoming]) -> str:
    return ", ".join(dict.fromkeys(one.file for one in incoming))


def _is_mapped(code: str) -> bool:
    return code.startswith("import.mapped_")


# Fills the table and empties it.


def _asking(sheet: Table, done: Plan, choices: Choices, incoming: Sequence[Incoming], language: str) -> Plan:
    """The table as it is to be looked at, and the sentence that asks to; nothing else of the workbook is touched."""
    file = _name(incoming)
    found = [*_questions(done, choices, file, language), *_columns(done, file, incoming, language)]
    rows = pd.DataFrame(found, columns=list(COLUMNS)).astype("str")
    said = ("import.sheet_asked", {"file": file})
    return Plan("import", added=(Added(SHEET, rows),), removed=_emptied(sheet), notes=(said,), nothing_to_do=True)


def _questions(done: Plan, choices: Choices, file: str, language: str) -> list[Line]:
    """A line for each of the order of dates, the decimal sign, and firms and people, where asked or answered."""
    asked, found = _asked(done), []
    examples = {p.code: dict(p.values).get("examples", "") for p in done.problems}
    for name, code in QUESTIONS.items():
        option = getattr(choices, name)
        if name not in asked and not option:
            continue
        answer = next((word for word, value in ANSWERS[name].items() if value == option), "")
        shown = words.choice_word("import_answer", answer, language) if answer else ""
        doubt = messages.text(f"import.sheet_{name}", language) if name in asked else ""
        column = words.choice_word("import_question", name, language)
        found.append(Line(file, column, shown, examples.get(code, ""), "", doubt))
    return found


def _columns(done: Plan, file: str, incoming: Sequence[Incoming], language: str) -> list[Line]:
    """A line for each column of the lists that holds something, in their order."""
    headers, found = _headers(incoming), {}
    for code, values in done.notes:
        header = str(values.get("header", ""))
        if key(header) not in headers or "before" not in values:
            continue
        field = str(values["field"]) if _is_mapped(code) else ""
        doubt = messages.text("import.sheet_column", language) if code == DOUBT else ""
        found[key(header)] = Line(file, header, field, str(values["before"]), str(values["after"]), doubt)
    return list(found.values())


def _emptied(sheet: Table) -> tuple[Removed, ...]:
    return (Removed(SHEET, sheet.frame),) if len(sheet.frame) else ()
