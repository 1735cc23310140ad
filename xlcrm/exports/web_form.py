"""Web form: the blank form of the list of what is asked, as one page that saves its answers as a file for the inbox.

The page needs no server and no network, and its own policy forbids it both: a person opens it in a browser, fills it in
and gets a file, whose headers are the workbook's own, so that the inbox takes it without a question. A box of consent
is never ticked beforehand; with a tick its day and the page that asked are kept.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from xlcrm import messages, schema, words
from xlcrm.checks.completeness import CRITERIA
from xlcrm.errors import CrmError
from xlcrm.importing.remembered import Choices, shape
from xlcrm.people.channel_consent import CHANNELS, FLAGS
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import caseless

_FOLDER = Path(__file__).parents[1] / "data" / "exports"
# asked where nobody says what is to be asked: what a record must hold, and where somebody lives
_NO_QUESTIONS = {"contacts", "status"}
_ADDRESS = ("street", "house_number", "postal_code", "city", "country")
ASKED = ("first_name", "last_name", "company", *(c for c in CRITERIA[2:] if c not in _NO_QUESTIONS), *_ADDRESS)
_NAMES = ("first_name", "last_name", "full_name", "company")
# what the workbook itself gives or decides, and what a box of its own asks for
_NEVER = frozenset({"client_id", "registered_on", "consent_on", "consent_source", *FLAGS}) | {
    f"consent_{channel}_{part}" for channel in CHANNELS for part in ("on", "source")
}
_TYPES = {"email": "email", "phone": "tel", "date": "date"}
_AUTOCOMPLETE = {
    "full_name": "name", "first_name": "given-name", "middle_name": "additional-name", "last_name": "family-name",
    "company": "organization", "job_title": "organization-title", "email": "email", "phone": "tel", "mobile": "tel",
    "birth_date": "bday", "street": "address-line1", "address": "street-address", "postal_code": "postal-code",
    "city": "address-level2", "region": "address-level1", "country": "country-name", "website": "url",
}  # fmt: skip


@dataclass(frozen=True)
class FormQuestion:
    """What a page asks: the workbook's header, the label in the page's language, and how it is answered.

    name     canonical name of the column, "" for a column of the user's own
    kind     as in the schema; "text" for a column of the user's own
    choices  (value as the workbook has it, label) of a drop-down list
    """

    header: str
    label: str
    name: str = ""
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class WebForm:
    """The page as HTML, and how the files that it saves are to be read (see `importing.remembered`)."""

    page: str
    remembered: Mapping[str, Choices]


@dataclass(frozen=True)
class ConsentBox:
    """A box: its label, and the workbook's headers for the day and the source of a consent ("" for no source)."""

    label: str
    day: str
    source: str


def web_form(
    tables: Tables, settings: Settings, *, stem: str, today: dt.date, language: str = "", asked: Sequence[str] = ()
) -> WebForm:
    """The page with its questions and boxes.

    stem      the workbook's name, with which the files of answers begin
    today     the day that the source of a consent names, so that the page that asked can be found
    language  of the page; the workbook's where it is ""
    asked     columns in any language, or of the user's own; ASKED where it is empty
    CrmError "form.no_column" where there is no such column to ask for.
    """
    language = language or settings.language
    table = tables["Clients"]
    boxes = _consents(table, language)
    questions = tuple(_question(table, name, language, settings) for name in _names(table, asked))
    title = messages.text("form.title", language)
    script, style = _part("web_form.js"), _part("web_form.css")
    body = "\n".join(
        [
            f"<main>\n<h1>{escape(title)}</h1>\n<p>{_said('form.intro', language)}</p>",
            f"<noscript><p><strong>{_said('form.no_script', language)}</strong></p></noscript>",
            f'<form id="form" novalidate hidden {_facts(table, settings, stem, today, language)}>',
            *(_field(question, place) for place, question in enumerate(questions)),
            *_boxes(boxes, language),
            '<p id="problem" role="alert"></p>',
            f'<button type="submit">{_said("form.save", language)}</button>\n</form>',
            *_thanks(settings, language),
            f'<p class="small">{_keeper(settings, language)}</p>\n</main>',
        ]
    )
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; form-action 'none'; base-uri 'none'"
    )
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )
    return WebForm(page, _remembered(tables, questions, boxes))


def _remembered(tables: Tables, questions: Sequence[FormQuestion], boxes: Sequence[ConsentBox]) -> dict[str, Choices]:
    """Who the client is where firm and person are asked for: the firm where the workbook keeps people, else a row."""
    asked = {question.name for question in questions}
    if "company" not in asked or not asked & set(_NAMES[:3]):
        return {}
    table = tables["Clients"]
    headers = [question.header for question in questions]
    headers += [table.headers["registered_on"]] if "registered_on" in table.headers else []
    headers += [header for box in boxes for header in (box.day, box.source) if header]
    keeps_people = "People" in tables and len(tables["People"].frame) > 0
    return {shape(headers): Choices(people="yes" if keeps_people else "no")}


def _names(table: Table, asked: Sequence[str]) -> list[str]:
    """The columns to ask for as the frame has them; those of ASKED that the workbook lacks are left out."""
    there = [str(name) for name in table.frame.columns if str(name) not in table.formulas]
    if not asked:
        return [name for name in ASKED if name in there]
    return [_named(table, there, one) for one in asked]


def _named(table: Table, there: Sequence[str], typed: str) -> str:
    by_header = {caseless(table.headers.get(name, name)): name for name in there}
    name = by_header.get(caseless(typed.strip()), "") or words.column_of("Clients", typed)
    column = schema.table("Clients").column(name)
    if name not in there or name in _NEVER or (column is not None and column.calculated):
        raise CrmError("form.no_column", name=typed.strip(), sheet=table.sheet)
    return name


def _question(table: Table, name: str, language: str, settings: Settings) -> FormQuestion:
    header = table.headers.get(name, name)
    column = schema.table("Clients").column(name)
    if column is None:
        return FormQuestion(header, header)
    canonical = [word for word in _choices(column) if word]
    choices = tuple(
        (words.choice_word(_group(column), word, settings.language), words.choice_word(_group(column), word, language))
        for word in canonical
    )
    return FormQuestion(header, words.header("Clients", name, language), name, column.kind, choices)


def _group(column: schema.Column) -> str:
    return "done" if column.kind == "flag" else column.choices


def _choices(column: schema.Column) -> list[str]:
    """The canonical choices of a column, "" in none."""
    shown = words.choices(_group(column), "en") if _group(column) else ()
    return [words.choice(_group(column), word) for word in shown]


def _field(question: FormQuestion, place: int) -> str:
    """A question with its label."""
    told = f'id="f{place}" data-header="{escape(question.header)}"'
    told += " data-name" if question.name in _NAMES else ""
    label = f'<label for="f{place}">{escape(question.label)}</label>'
    if question.choices:
        options = "".join(f'<option value="{escape(v)}">{escape(shown)}</option>' for v, shown in question.choices)
        return f'<div class="field">{label}<select {told}><option value=""></option>{options}</select></div>'
    if question.name == "notes":
        return f'<div class="field">{label}<textarea {told} rows="4"></textarea></div>'
    kind = _TYPES.get(question.kind, "text")
    fills = _AUTOCOMPLETE.get(question.name, "off")
    return f'<div class="field">{label}<input {told} type="{kind}" autocomplete="{fills}" maxlength="500"></div>'


def _consents(table: Table, language: str) -> list[ConsentBox]:
    """A box a channel; one for all in a workbook from before there were channels; none where it keeps no consent."""
    headers = {name: table.headers.get(name, name) for name in map(str, table.frame.columns)}
    by_channel = [(channel, f"consent_{channel}") for channel in CHANNELS if f"consent_{channel}_on" in headers]
    kept = by_channel or [("all", "consent")] * ("consent_on" in headers)
    return [
        ConsentBox(
            messages.text(f"form.consent_{name}", language), headers[f"{stem}_on"], headers.get(f"{stem}_source", "")
        )
        for name, stem in kept
    ]


def _boxes(consents: Sequence[ConsentBox], language: str) -> Iterator[str]:
    if not consents:
        return
    yield f"<fieldset>\n<legend>{_said('form.consent', language)}</legend>"
    for place, one in enumerate(consents):
        box = f'<input type="checkbox" id="c{place}" data-day="{escape(one.day)}" data-source="{escape(one.source)}">'
        yield f'<div class="check">{box}<label for="c{place}">{escape(one.label)}</label></div>'
    yield f'<p class="small">{_said("form.withdraw", language)}</p>\n</fieldset>'


def _facts(table: Table, settings: Settings, stem: str, today: dt.date, language: str) -> str:
    """What the script has to know, as attributes."""
    facts = {
        "file": f"{stem} {messages.text('form.answers', settings.language)}",
        "source": messages.text("form.source", settings.language, day=today.isoformat()),
        "no-name": messages.text("form.no_name", language),
        "bad-email": messages.text("form.bad_email", language),
        "registered": table.headers.get("registered_on", "registered_on")
        if "registered_on" in table.frame.columns
        else "",
    }
    return " ".join(f'data-{name}="{escape(value)}"' for name, value in facts.items())


def _thanks(settings: Settings, language: str) -> Iterator[str]:
    """What stands there once the answers are saved."""
    yield '<section id="saved" tabindex="-1" hidden>'
    yield f'<p role="status">{_said("form.saved", language)} <strong id="file"></strong></p>'
    sent = messages.text("form.send", language, email=settings.seller_email) if settings.seller_email else ""
    yield f"<p>{escape(sent or messages.text('form.hand_over', language))}</p>"
    yield f'<button type="button" id="again">{_said("form.again", language)}</button>\n</section>'


def _keeper(settings: Settings, language: str) -> str:
    company = ", ".join(filter(None, (settings.company, settings.seller_email)))
    return _said("form.keeper", language, company=company) if company else _said("form.rights", language)


def _said(key: str, language: str, **values: object) -> str:
    return escape(messages.text(key, language, **values))


@cache
def _part(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
