"""Header words of other people's lists: `Rag. Soc.`, `Nº tel.`, `MailingStreet` and the fields that they mean.

They stand in `xlcrm/data/header_words.csv`: table, field, rank (1 the usual word, 2 and 3 weaker ones), words. Table
`ambiguous` holds headers that only values can tell; table `choice` holds words for the schema's choices. How a single
program spells its headers is in `programs.py`.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from xlcrm import schema, words
from xlcrm.importing import programs
from xlcrm.messages import LANGUAGES
from xlcrm.text import fold

# Words that say whose detail it is, not which: stripped from either end where the whole header is unknown.
LEADING = frozenset(
    "contact customer client cliente kunde kunden kontakt person primary main mailing billing business work office "
    "home personal private company organization organisation firmen firma azienda empresa your invoice".split()
)
TRAILING = frozenset(
    "1 geschaftlich privat buro firma bureau domicile travail professionnel personnel ufficio uff abitazione casa "
    "trabajo particular oficina arbeid jobb hjemme home work business office private personal value "
    "azienda empresa contact cliente kunde client customer".split()
)
STRIPPABLE = frozenset(
    "first_name middle_name last_name email phone mobile address street house_number unit postal_code city region "
    "country po_box address_extra job_title".split()
)
_HINT = re.compile(r"[(\[{][^)\]}]*[)\]}]|\*+|:\s*$")
# "What's your first name?", "Ihre Telefonnummer", "your-email": a form asks for what a list simply calls by its name
_ASKED = re.compile(
    r"(?:(?:what(?:['’]?s| is| are)|please enter|enter|wie (?:lautet|ist)|quali? (?:è|e'|sono)|¿?cu[aá]l es|"
    r"quel(?:le)? est|hva er)\s+)?"
    r"(?:your|ihre?n?|deine?n?|(?:il |la )?(?:suo|sua|tuo|tua)|votre|ton|ta|su|tu|ditt|din)[\s_-]+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b(?:nr|num|n[uú]m)\b\.?|\bn\.?[º°]|\bn\.(?=\s|[^\W\d_]{3})|#|№", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class HeaderReading(NamedTuple):
    """One way to read a header. `score`: 100 the schema's own word, 90 a synonym, less for weaker words."""

    table: str
    field: str
    score: int
    how: str


def key(header: str) -> str:
    """A header for comparing: without case, accents, punctuation and spaces ("E-Mail" and "e mail" are alike)."""
    return "".join(tokens(header))


def tokens(header: str) -> list[str]:
    """The words of a header, also where they are run together ("contactLastName")."""
    text = _NUMBER.sub(" nr ", str(header)).replace("&", " and ")
    return fold(_CAMEL.sub(" ", text)).split()


def _spelling(header: str) -> str:
    """The key with its slashes: "Gate/nr" (street and number) is not "Gatenr" (the number alone)."""
    return "/".join(key(part) for part in header.split("/"))


def readings(table: str, header: str, program: str = "") -> list[HeaderReading]:
    """What a header may mean as a column of `table` (or of the tables "ambiguous"), best first; empty where unknown.

    `program` is the one that wrote the list, where `programs.program_of` knows it: its own word goes before all others,
    but where `table` has no column for it.
    """
    told = programs.field_of(program, table, header) if program else ""
    if told:
        return [HeaderReading(table, told, 96, "export")] if told != programs.NO_FIELD else []
    own = _schema_reading(table, header)
    found = ([own] if own else []) + _worded(table, header)
    if not found:
        found = _stripped(table, header) or _consent(table, header) or _asked(table, header)
    best = {r.field: r for r in sorted(found, key=lambda reading: reading.score)}
    return sorted(best.values(), key=lambda reading: -reading.score)


def _asked(table: str, header: str) -> list[HeaderReading]:
    """A question for a detail of the person who answers, as the detail."""
    plain = _detail(header)
    return _worded(table, plain) or _stripped(table, plain) if plain else []


def _detail(header: str) -> str:
    """What a header that is a question asks for, "" where it is none."""
    text = header.strip()
    return _ASKED.sub("", text.rstrip("?:* "), count=1) if _ASKED.match(text) else ""


def _worded(table: str, header: str) -> list[HeaderReading]:
    """By the synonyms: as typed, else without what stands in brackets."""
    for text, loss in ((header, 0), (_HINT.sub(" ", header), 2)):
        rows = _synonyms().get((table, key(text)), ())
        if rows:
            own = _spelling(text)
            return [
                HeaderReading(table, f, 92 - 3 * rank - loss + (spelt == own), "synonym") for f, rank, spelt in rows
            ]
    return []


def usual(table: str, header: str) -> str:
    """The column that a text is a usual word for; "" where it is none, or one for several columns."""
    found = {field for field, rank, _ in _synonyms().get((table, key(header)), ()) if rank == 1}
    return found.pop() if len(found) == 1 else ""


def of(table: str, field: str) -> list[str]:
    """The usual words for a column, in any language; those that only one program uses are left out."""
    rows = (row for row in _rows() if (row["table"], row["field"], row["rank"]) == (table, field, "1"))
    return [word for row in rows for word in row["words"].split("|")]


def ambiguous(header: str) -> str:
    """The group of a header that only the values can tell ("name", "customer", "title" ...), "" for all others."""
    rows = _synonyms().get(("ambiguous", key(_HINT.sub(" ", _detail(header) or header))), ())
    return rows[0][0] if rows else ""


def choice_of(group: str, word: object) -> str:
    """The canonical choice behind a word: the schema's in six languages, or a synonym; "" where none is meant."""
    text = str(word)
    found = words.choice(group, text)
    if found or not text.strip():
        return found
    rows = _choices().get(group, {})
    return rows.get(key(text), "")


# Beginnings of words by which a header asks for consent or for refusal, and for what. Values decide whether it does.
_REFUSES = re.compile(
    r"\b(?:(?:no|not|non|ne|pas|stop)\b|unsubscri|opt ?out|kein|nicht|ikke|ingen|geen|niet|refus|rifiut|rechaz|"
    r"reserver|"
    r"opposi|oposi|widerspr|sperre|block|abgemeld|avmeld|desinscri|desabonn|disiscri|baja|bounce|robinson|bloctel|exclu|esclus)"
)
_AGREES = re.compile(
    r"\b(?:accept|accett|acept|agree|consen|einwillig|zustimm|samtyk|samtyck|toestemm|godt|godkj|erlaub|erwunsch|"
    r"opt ?in|permi|autori|authori|allow|subscri|abonn|iscri|inscri|suscri|pameld|angemeld|onsker|wants?\b|ok\b|"
    r"may (?:we|i)\b|receiv|ricev|recib|recev|erhalt|mocht|motta)"
)
_CHANNELS = {
    "phone": re.compile(r"\b(?:phone|telefon|telephon|tel\b|call|sms|bloctel|ring|llama|chiam|appel|anruf|text)"),
    "email": re.compile(
        r"\b(?:e ?mail|newsletter|nyhetsbrev|nyhedsbrev|boletin|nieuwsbrief|e ?post\b|courriel|correo el)"
    ),
    "post": re.compile(r"\b(?:post|posta|courrier|brev|brief|carta|correo)"),
    "all": re.compile(
        r"\b(?:marketing|markedsf|werb|publici|pubblici|prospection|reklame|privacy|gdpr|rgpd|dsgvo|contact)"
    ),
}


def _consent(table: str, header: str) -> list[HeaderReading]:
    """ "Accepte la prospection par e-mail" by the beginnings of its words; a refusal goes before a consent."""
    text = fold(header)
    channel = next((name for name, pattern in _CHANNELS.items() if pattern.search(text)), "")
    if table != "Clients" or not channel:
        return []
    if _REFUSES.search(text):
        return [HeaderReading(table, "refuses_all" if channel == "all" else f"opt_out_{channel}", 70, "synonym")]
    return [HeaderReading(table, f"agrees_{channel}", 70, "synonym")] if _AGREES.search(text) else []


def _schema_reading(table: str, header: str) -> HeaderReading | None:
    field = words.column_of(table, header)
    if field and not schema.table(table).column(field):  # a column of a part: no list is asked for it
        return None
    if not field and table in {spec.name for spec in schema.TABLES}:
        field = _schema_keys(table).get(key(header), "")
    return HeaderReading(table, field, 100, "word") if field else None


def _stripped(table: str, header: str) -> list[HeaderReading]:
    parts = tokens(_HINT.sub(" ", header))
    shorter = list(parts)
    while len(shorter) > 1 and shorter[-1] in TRAILING:
        shorter = shorter[:-1]
    ways = [shorter]
    if len(shorter) > 1 and shorter[0] in LEADING:
        ways.append(shorter[1:])
    if len(parts) > 1 and parts[0] in LEADING:
        ways.append(parts[1:])
    for way in ways:
        name = "".join(way)
        field = _schema_keys(table).get(name, "")
        fields = [field] if field else [f for f, _, _ in _synonyms().get((table, name), ())]
        if way != parts and fields and fields[0] in STRIPPABLE:
            return [HeaderReading(table, fields[0], 82, "synonym")]
    return []


@cache
def _schema_keys(table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        columns = schema.table(table).columns
    except KeyError:
        return found
    for column in columns:
        for word in (column.name, *(words.header(table, column.name, language) for language in LANGUAGES)):
            found.setdefault(key(word), column.name)
    return found


@cache
def _synonyms() -> dict[tuple[str, str], tuple[tuple[str, int, str], ...]]:
    found: dict[tuple[str, str], tuple[tuple[str, int, str], ...]] = {}
    for row in _rows():
        for word in row["words"].split("|"):
            place = (row["table"], key(word))
            entry = (row["field"], int(row["rank"]), _spelling(word))
            if entry not in found.get(place, ()):
                found[place] = (*found.get(place, ()), entry)
    return found


@cache
def _choices() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in _rows():
        if row["table"] == "choice":
            group, _, name = row["field"].partition(":")
            for word in row["words"].split("|"):
                found.setdefault(group, {})[key(word)] = name
    return found


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with (Path(__file__).parents[1] / "data" / "header_words.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
