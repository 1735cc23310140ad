"""No logic reads a sentence: with every message scrambled in every language, it does the same to the same workbook.

Who rewords a sentence must not change what the program does. Each flow is run with the messages as they are and with
scrambled ones, and what it decides (codes, values, cells, rows, not the wording) has to be equal.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable

import pytest

from tests.support.checking_help import apply, check, decide, tables_of
from tests.support.dirty_list import TODAY, as_tables, dirty
from tests.support.importing_help import applied, incoming, workbook
from xlcrm import checks, importing, messages
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Added, Plan, Removed
from xlcrm.settings import Settings
from xlcrm.splitting import splitting
from xlcrm.tables import Tables

WORDING = frozenset({"problem", "reason"})  # columns that hold sentences: nobody may decide by them
Result = list[object]


def reversed_words(sentence: str) -> str:
    """The sentence from behind, its placeholders kept."""
    pieces = []
    for text, name, specification, _ in string.Formatter().parse(sentence):
        field = "" if name is None else f"{{{name}{':' + specification if specification else ''}}}"
        pieces.append((text[::-1].replace("{", "{{").replace("}", "}}"), field))
    return "".join(field + text for text, field in reversed(pieces))


def hashed(sentence: str) -> str:
    """A sentence of which nothing is left, placeholders neither."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:12]


SCRAMBLES: dict[str, Callable[[str], str]] = {"reversed": reversed_words, "hashed": hashed}


def scrambled(how: str) -> dict[str, dict[str, str]]:
    return {
        key: {language: SCRAMBLES[how](sentence) for language, sentence in sentences.items()}
        for key, sentences in messages.catalogue().items()
    }


def told(plan: Plan) -> Result:
    """What a plan does and finds, without its wording."""
    found: Result = [(p.code, p.table, p.row, p.key, p.column, p.value, p.suggestion, p.level) for p in plan.problems]
    for change in plan.changes:
        if change.column not in WORDING:
            found.append((change.table, change.column, change.after.astype(str).to_dict()))
    parts: tuple[Added | Removed, ...] = (*plan.added, *plan.removed)
    for part in parts:
        rows = part.rows.drop(columns=[c for c in WORDING if c in part.rows])
        found.append((type(part).__name__, part.table, rows.astype(str).to_dict("records")))
    return [*found, [key for key, _ in plan.notes]]


def spoilt(language: str) -> Tables:
    frames, _ = dirty(60, 1)
    return as_tables(frames, language)


def checked(language: str) -> Result:
    """Check, decide, correct, check again."""
    settings = Settings(country="IT", language=language)
    tables = spoilt(language)
    first = check(tables, settings)
    tables = decide(apply(tables, first), "email.no_at", "ignore", language)
    tables = decide(tables, "spelling.variant", "apply", language)
    second = checks.correct_plan(tables, settings=settings, today=TODAY)
    tables = apply(tables, second)
    return [told(first), told(second), told(check(tables, settings))]


def split(language: str) -> Result:
    """Split, check with the doubts in the list, decide, split what was decided."""
    settings = Settings(country="IT", language=language)
    names = "client_id=1 full_name=Zorbex_Quilnat;client_id=2 full_name=Bruno_Martino;client_id=3 full_name=Quilnat"
    tables = tables_of(names, language=language)
    first = splitting.plan(tables, settings=settings, today=TODAY)
    tables = apply(tables, first)
    between = check(tables, settings)
    tables = apply(tables, between)
    for code in sorted({problem.code for problem in first.problems}):
        tables = decide(tables, code, "apply", language)
    second = splitting.plan(tables, settings=settings, today=TODAY, decided_only=True)
    assert second.changes, "what was decided is done"
    return [told(first), told(between), told(second), told(check(apply(tables, second), settings))]


def imported(language: str) -> Result:
    """A list, the list again, one that differs, one that asks."""
    settings = Settings(language=language)
    tables = workbook(language)
    found: Result = []
    for text in (
        "Name;E-mail;City\nNora Ashgrove;nora@example.com;Ludmere\nPiers Penhale;;Brackwater",
        "Name;E-mail;City\nNora Ashgrove;nora@example.com;Ludmere\nPiers Penhale;;Brackwater",
        "Name;E-mail;City\nNora Ashgrove;nora@example.com;Brackwater\nOther Person;nora@example.com;",
        "Name;Born;Colour\nNora Ashgrove;03/04/1980;red\nTotal;;",
    ):
        plan = importing.plan(tables, [incoming(text)], settings=settings, today=TODAY)
        found.append(told(plan))
        if not plan.new_columns:
            tables = applied(tables, plan)
    return found


FLOWS: dict[str, Callable[[str], Result]] = {"check": checked, "split": split, "import": imported}


TURNS = [
    (language, flow, tuple(SCRAMBLES)[(turn + place) % len(SCRAMBLES)])
    for turn, language in enumerate(LANGUAGES)
    for place, flow in enumerate(FLOWS)
]


@pytest.mark.parametrize(("language", "flow", "how"), TURNS)
def test_scrambled_messages_change_nothing(language: str, flow: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, dashboard = FLOWS[flow](language), messages.text("sheet.funnel", language)
    other = scrambled(how)
    monkeypatch.setattr(messages, "catalogue", lambda: other)
    assert messages.text("sheet.funnel", language) == SCRAMBLES[how](dashboard)
    assert FLOWS[flow](language) == plain


def test_a_sheet_of_other_words_is_worked_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook of an earlier version has earlier sentences in its sheet Problems."""
    tables = tables_of("client_id=1 full_name=Zorbex_Quilnat email=nina.example.com")
    settings = Settings(country="IT")
    made = splitting.plan(tables, settings=settings, today=TODAY)
    listed = apply(apply(tables, made), check(apply(tables, made), settings))
    plain = told(splitting.plan(decide(listed, "split.name_doubt", "apply"), settings=settings, today=TODAY))
    frames = {name: listed[name].frame for name in listed}
    frames["Problems"] = frames["Problems"].assign(problem="as it was said in 2025")
    old = as_tables(frames)
    again = check(old, settings)
    shown = {problem.code: problem.sentence() for problem in again.problems}
    assert shown["split.name_doubt"] == "as it was said in 2025", "what stands in the sheet is shown as it stands"
    assert not again.added and not again.removed
    assert told(splitting.plan(decide(old, "split.name_doubt", "apply"), settings=settings, today=TODAY)) == plain
