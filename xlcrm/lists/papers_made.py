"""Papers of a list (labels, letters, forms to ask, client cards): the texts for the engines, and their files."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pandas as pd
from babel import dates, numbers

from xlcrm import messages, schema, words
from xlcrm.errors import CrmError
from xlcrm.interactions.contact_memory import NAMES, memory_of
from xlcrm.lists import tables_made
from xlcrm.lists.list_job import ListJob, MadeList, Press, nobody, stem, stems, why
from xlcrm.lists.recipients import Recipient, Recipients
from xlcrm.papers.letter_window import letter_window
from xlcrm.papers.paper_texts import (
    CardField,
    CardGroup,
    CardTable,
    CardText,
    LabelText,
    LetterText,
    Paper,
    Sender,
)
from xlcrm.plan import OutFile, Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import as_date, as_number, as_text, text_of

LETTER_PAPER = frozenset(("US", "CA", "MX"))
_NUMBER_KINDS = schema.NUMBERS


def labels(job: ListJob) -> MadeList:
    """Labels on sheets as PDF, or the table that other programs print labels from."""
    order = job.order
    if order.form != "pdf":
        return tables_made.mailing(job)
    found = job.recipients()
    if not found.kept:
        return nobody(job, found.left_out, found.problems)
    texts = [LabelText(each.key, each.excel_row, each.envelope) for each in found.kept]
    paper = _press(job).labels(
        texts, order.sheet, start_at=order.start_at, offset=order.offset, by_column=order.order == "columns",
        template=job.paper_template(".typ"), title=job.title, language=job.settings.language,
    )  # fmt: skip
    return _printed(job, found, [(paper, job.title)], "lists.labels_done")


def letters(job: ListJob) -> MadeList:
    """Letters as PDF or Word, as one file or one each; with a text template as one document."""
    order = job.order
    if order.form in ("html", "txt"):
        return tables_made.mailing(job)
    found = job.recipients()
    if not found.kept:
        return nobody(job, found.left_out, found.problems)
    texts = letter_texts(job, found.kept)
    if order.form == "docx":
        return _word(job, found, texts)
    papers = [_letter_paper(job, part) for part in _parts(job, texts)]
    return _printed(job, found, list(zip(papers, _titles(job, found), strict=True)), "lists.letters_done")


def asking(job: ListJob) -> MadeList:
    """What to ask, as a table or document, or as letters with a form to fill in and send back."""
    if job.order.form != "pdf":
        return tables_made.asking(job)
    clients, left_out = tables_made.asked(job)
    questions = {client["client_id"]: tuple(client["questions"]) for client in clients}
    by_post = replace(job, order=replace(job.order, kind="letters"))
    found = by_post.recipients()
    kept = tuple(each for each in found.kept if each.key in questions)
    left_out += Counter({reason: n for reason, n in found.left_out.items() if reason != "lists.no_way"})
    found = Recipients(kept, left_out, found.problems)
    if not kept:
        return nobody(job, left_out, found.problems)
    texts = [replace(text, questions=questions[text.key]) for text in letter_texts(job, kept)]
    paper = _press(job).asking(
        texts, letter_window(job.order.window), sender(job.settings), today=job.today,
        template=job.paper_template(".typ"), title=job.title, language=job.settings.language,
    )  # fmt: skip
    return _printed(job, found, [(paper, job.title)], "lists.letters_done")


def cards(job: ListJob) -> MadeList:
    """Client cards as PDF, each on its own page; a blank form where the order is for nobody."""
    order, settings = job.order, job.settings
    blank = order.clients is not None and not order.clients
    found = Recipients((), Counter(), ()) if blank else job.recipients()
    if not found.kept and not blank:
        return nobody(job, found.left_out, found.problems)
    job.worked.let_go()  # purchases need the room
    texts = [blank_card(settings)] if blank else card_texts(job.tables, found.kept, settings, job.today)
    paper = _press(job).cards(
        texts, sender(settings), today=job.today, template=job.paper_template(".typ"), title=job.title,
        language=settings.language, paper="Letter" if settings.country in LETTER_PAPER else "A4",
    )  # fmt: skip
    made = _printed(job, found, [(paper, job.title)], "lists.card_blank" if blank else "lists.cards_done")
    return replace(made, reached=())


def letter_texts(job: ListJob, kept: Sequence[Recipient]) -> list[LetterText]:
    """One letter for each; days and numbers stay such, so that each language writes them its own way."""
    typed = _typed(job.tables, job.settings.country, [each.excel_row for each in kept])
    extra = {"subject": job.order.subject or "", "list": job.title}
    return [
        LetterText(
            each.key,
            each.excel_row,
            each.envelope,
            each.row["salutation"],
            each.row["language"],
            fields={**each.row, **typed.get(each.excel_row, {}), **extra},
        )
        for each in kept
    ]


def sender(settings: Settings) -> Sender:
    """Who writes, from the sheet Settings: the address in one line or in several, the town without its code."""
    lines = tuple(filter(None, (part.strip() for part in re.split(r"[\n;,]", settings.seller_address))))
    place = " ".join(word for word in lines[-1].split() if not any(map(str.isdigit, word))) if lines else ""
    contacts = (settings.seller_phone, settings.seller_email, settings.seller_website)
    return Sender(settings.company, lines, place, tuple(filter(None, contacts)))


def _press(job: ListJob) -> Press:
    if job.tools.press is None:
        raise CrmError("lists.no_press", list=job.order.title)
    return job.tools.press


def _letter_paper(job: ListJob, texts: Sequence[LetterText]) -> Paper:
    return _press(job).letters(
        texts, letter_window(job.order.window), sender(job.settings), today=job.today,
        template=job.paper_template(".typ"), title=job.title, language=job.settings.language,
    )  # fmt: skip


def _parts(job: ListJob, texts: Sequence[LetterText]) -> list[Sequence[LetterText]]:
    return [[text] for text in texts] if job.order.files == "each" else [texts]


def _titles(job: ListJob, found: Recipients) -> list[str]:
    """The name of each file: the list's, or in a folder of that name the clients'."""
    if job.order.files != "each":
        return [job.title]
    return [f"{stem(job.title)}/{name}" for name in stems([str(each.row["name"]) for each in found.kept])]


def _printed(job: ListJob, found: Recipients, papers: Sequence[tuple[Paper, str]], note: str) -> MadeList:
    """The files of printed papers, who is on them, and a sentence."""
    files = tuple(OutFile(f"{_path(name)}.pdf", paper.content) for paper, name in papers if paper.content)
    keys = [key for paper, _ in papers for key in paper.printed]
    problems = tuple(problem for paper, _ in papers for problem in paper.problems)
    return _told(job, found, files, keys, problems, note, sum(paper.pages for paper, _ in papers))


def _word(job: ListJob, found: Recipients, texts: Sequence[LetterText]) -> MadeList:
    """Letters from a Word template."""
    template = job.paper_template(".docx") or job.tools.papers.get("letters.docx")
    if template is None:
        raise CrmError("lists.word_template", row=job.order.row, list=job.order.title)
    if job.tools.word is None:
        raise CrmError("lists.no_press", list=job.order.title)
    each = job.order.files == "each"
    done = job.tools.word(texts, template, sender(job.settings), today=job.today, title=job.title, file_each=each)
    names = [f"{stem(job.title)}/{name}" for name in _names(found, [file.key for file in done.files])]
    names = names if each else [job.title] * len(done.files)
    files = tuple(OutFile(f"{_path(name)}.docx", file.content) for name, file in zip(names, done.files, strict=True))
    return _told(job, found, files, done.printed, done.problems, "lists.letters_done", 0)


def _names(found: Recipients, keys: Sequence[str]) -> list[str]:
    by_key = {each.key: str(each.row["name"]) for each in found.kept}
    return stems([by_key.get(key, key) for key in keys])


def _told(
    job: ListJob, found: Recipients, files: tuple[OutFile, ...], keys: Sequence[str], problems: Sequence[Any],
    note: str, pages: int,
) -> MadeList:  # fmt: skip
    told = {"list": job.title, "n": len(keys), "pages": pages, "why": why(found.left_out, job.settings.language)}
    reached = tuple(member for each in _on_paper(found.kept, keys) for member in each.members)
    plan = Plan("lists", files=files, problems=(*found.problems, *problems), notes=((note, told),))
    return MadeList(plan, reached)


def _on_paper(kept: Sequence[Recipient], keys: Sequence[str]) -> Iterator[Recipient]:
    """Those who are on the paper: `keys` are a part of theirs, in the same order; a client's people share one."""
    left = list(keys)[::-1]
    for each in kept:
        if left and each.key == left[-1]:
            left.pop()
            yield each


def _path(name: str) -> str:
    """A file's name; a folder in front of it stays."""
    folder, slash, last = name.rpartition("/")
    return f"{folder}/{stem(last)}" if slash else stem(last) or "list"


def _typed(tables: Tables, country: str, rows: Sequence[int]) -> dict[int, dict[str, object]]:
    """Excel row of Clients -> the cells that are days (date) and numbers, where they can be read as such."""
    table = tables["Clients"]
    places = {row: row - table.first_row for row in rows}
    read: dict[str, pd.Series[Any]] = {}
    for column in schema.table("Clients").columns:
        if column.name not in table.frame or not (column.kind == "date" or column.kind in _NUMBER_KINDS):
            continue
        values = (as_date if column.kind == "date" else as_number)(table.frame[column.name], country)[0]
        read[column.name] = values.iloc[list(places.values())].dropna()
    found: dict[int, dict[str, object]] = {row: {} for row in rows}
    for name, values in read.items():
        for at, value in zip(values.index.tolist(), values, strict=True):
            found[table.excel_row(at)][name] = _plain(value)
    return found


def _plain(value: Any) -> object:
    """A day as a date, a whole number without a point."""
    if isinstance(value, pd.Timestamp):
        return value.date()
    return int(value) if float(value).is_integer() else float(value)


# Client cards: what stands on one, and on the blank form.

# group -> its columns, in the order of a card; those with a star take a whole line, those with a number so many
GROUPS: dict[str, str] = {
    "card.who": "kind full_name company legal_form title job_title gender birth_date tax_id sector",
    "card.reach": "phone mobile email website preferred_contact language",
    "card.address": "address*2 delivery_address*2",
    "card.business": "status source salesperson territory acquired_on potential consent_on opt_out_email opt_out_post"
    " opt_out_phone",
    "card.figures": "total_spend orders spend_12m last_purchase open_amount expected_next last_contact last_contact_by"
    " open_complaints follow_up_on",
    "card.notes": "notes*4",
}
CARD_TABLES: dict[str, tuple[str, str, int]] = {
    "card.people": ("People", "full_name job_title role phone email", 8),
    "card.purchases": ("Purchases", "date invoice product quantity amount", 8),
    "card.contacts": ("Interactions", "date kind by subject outcome", 8),
}
NOT_ON_A_FORM = frozenset(("card.figures",))  # xlcrm works these out


def card_texts(tables: Tables, kept: Sequence[Recipient], settings: Settings, today: dt.date) -> list[CardText]:
    """A card for each: the cells that are filled, and the last purchases, contacts and people of the client."""
    clients = tables["Clients"]
    cells = shown_cells(clients, settings)
    remembered = _remembered(tables, settings, today)
    beside = {title: _rows_by_client(tables, *spec, settings) for title, spec in CARD_TABLES.items()}
    made = []
    for each in kept:
        at = each.excel_row - clients.first_row
        value = {name: column[at] for name, column in cells.items()}
        value |= {name: value.get(name) or remembered[name][at] for name in remembered}
        value["address"] = value.get("address") or "\n".join(each.row["lines"])
        groups = [_group(title, settings.language, value) for title in GROUPS]
        shown = tuple(table for title in CARD_TABLES if (table := beside[title](each.key, title)) is not None)
        made.append(
            CardText(
                each.key,
                each.excel_row,
                str(each.row["name"]),
                each.key,
                settings.language,
                tuple(group for group in groups if group.fields),
                shown,
            )
        )
    return made


def _remembered(tables: Tables, settings: Settings, today: dt.date) -> dict[str, list[str]]:
    """What is known of each client from its contacts, as a person of this language reads it."""
    memory = memory_of(tables, today=today, country=settings.country)
    shown = {
        name: [
            _day(cell, settings.language) if isinstance(cell, pd.Timestamp) else text_of(cell) for cell in memory[name]
        ]
        for name in NAMES
    }
    return {**shown, "open_complaints": [text if text != "0" else "" for text in shown["open_complaints"]]}


def blank_card(settings: Settings) -> CardText:
    """The form: every field that people fill, with room to write and words to tick."""
    language = settings.language
    groups = tuple(_group(title, language, None) for title in GROUPS if title not in NOT_ON_A_FORM)
    return CardText("", 0, messages.text("card.new", language), language=language, groups=groups)


def _group(title: str, language: str, values: dict[str, str] | None) -> CardGroup:
    """One group of fields: on a card those that are filled, on a form (no `values`) all of them."""
    found = []
    for item in GROUPS[title].split():
        name, star, lines = item.partition("*")
        value = "" if values is None else values.get(name, "")
        if value or values is None:
            choices = _choices(name, language) if values is None else ()
            label = words.header("Found" if name in NAMES else "Clients", name, language)
            found.append(CardField(label, value, bool(star), int(lines or 1), choices))
    return CardGroup(messages.text(title, language), tuple(found))


def _choices(name: str, language: str) -> tuple[str, ...]:
    """What can be ticked on the form."""
    column = schema.table("Clients").column(name)
    if column is None or not (column.choices or column.kind == "flag"):
        return ()
    return words.choices(column.choices, language) if column.choices else words.choices("done", language)[:1]


def shown_cells(table: Table, settings: Settings) -> dict[str, list[str]]:
    """The cells of a table as a person of this language reads them."""
    return {str(name): _shown(table, str(name), settings) for name in table.frame.columns}


def _shown(table: Table, name: str, settings: Settings) -> list[str]:
    frame, country, language = table.frame, settings.country, settings.language
    spec = schema.table(table.name).column(name)
    kind = spec.kind if spec else "text"
    typed = as_text(frame[name]).str.strip().to_list()
    if kind == "date":
        read = as_date(frame[name], country)[0]
        return [text if pd.isna(day) else _day(day, language) for text, day in zip(typed, read, strict=True)]
    if kind in schema.NUMBERS:
        read = as_number(frame[name], country)[0]
        return [text if pd.isna(n) else _number(n, kind, language) for text, n in zip(typed, read, strict=True)]
    return typed


@lru_cache(maxsize=10_000)  # 3,000 purchases are on a few hundred days
def _day(day: Any, language: str) -> str:
    return str(dates.format_date(day, "medium", locale=messages.locale_of(language)))


@lru_cache(maxsize=10_000)
def _number(number: float, kind: str, language: str) -> str:
    pattern = {"money": "#,##0.00", "percent": "#,##0.#%"}.get(kind, "#,##0.###")
    return str(numbers.format_decimal(number, pattern, locale=messages.locale_of(language)))


def _rows_by_client(
    tables: Tables, name: str, columns: str, most: int, settings: Settings
) -> Callable[[str, str], CardTable | None]:
    """What makes the card's table of a client from the table `name`: the newest rows, None where there is none."""
    if name not in tables or "client_id" not in tables[name].frame:
        return lambda client, title: None
    table = tables[name]
    there = [column for column in columns.split() if column in table.frame]
    shown = shown_cells(table, settings)
    of_client = _newest_first(table, shown["client_id"], settings.country)
    numeric = [n for n, c in enumerate(there) if (s := schema.table(name).column(c)) and s.kind in schema.NUMBERS]

    def made(client: str, title: str) -> CardTable | None:
        rows = of_client.get(client, [])[:most] if client else []
        header = tuple(words.header(name, column, settings.language) for column in there)
        cells = tuple(tuple(shown[column][at] for column in there) for at in rows)
        heading = messages.text(title, settings.language)
        return CardTable(heading, header, cells, frozenset(numeric)) if rows else None

    return made


def _newest_first(table: Table, ids: Sequence[str], country: str) -> dict[str, list[int]]:
    """client_id -> the positions of its rows, the newest first where they have a date."""
    order = list(range(len(table.frame)))
    if "date" in table.frame:
        days = as_date(table.frame["date"], country)[0].fillna(pd.Timestamp.min)
        order.sort(key=list(days).__getitem__, reverse=True)
    found: dict[str, list[int]] = {}
    for at in order:
        found.setdefault(ids[at], []).append(at)
    return found
