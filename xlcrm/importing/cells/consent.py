"""Consents and refusals in a list: "accepts marketing: no", "cleaned", "non-marketing contact" become opt-outs.

Both polarities are read, in the words of `data/importing/consent_words.csv`. Nobody is ever opted in by a list: a yes
only stays in the user's own column. What nobody can read counts as a refusal and is asked about, since a doubt must
not mail a person; so does a consent that waits for its confirmation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from xlcrm import words
from xlcrm.fields import date
from xlcrm.importing import header_words
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.word_tables import rows_of
from xlcrm.problems import Problem
from xlcrm.text import fold
from xlcrm.values import NO, YES

# Helper field -> the opt-outs that a refusal sets, and whether the column asks for consent or for refusal.
EMAIL, POST, PHONE = "opt_out_email", "opt_out_post", "opt_out_phone"
TARGETS: dict[str, tuple[str, ...]] = {
    "agrees_email": (EMAIL,),
    "agrees_post": (POST,),
    "agrees_phone": (PHONE,),
    "agrees_all": (EMAIL, POST, PHONE),
    "mail_status": (EMAIL,),
    "refuses_all": (EMAIL, POST, PHONE),
    EMAIL: (EMAIL,),
    POST: (POST,),
    PHONE: (PHONE,),
}
# What stops mail: in a column that asks for refusal a yes, in one that asks for consent a no; a doubt in both.
REFUSALS = frozenset({"refuses_all", EMAIL, POST, PHONE})
ALWAYS = frozenset({"out", "wait", ""})
MOST = 0.6
_NEWS = re.compile(r"\b(?:newsletter|nyhetsbrev|nyhedsbrev|boletin|rundbrief|infolettre|lettre d information)")


def says(text: str) -> str:
    """ "out", "in", "wait" (for a confirmation), "maybe" (says nothing of mail), "yes", "no", or "".

    "" where unknown or blank; a date is a yes: since then.
    """
    plain = fold(text)
    known = _words().get(plain)
    if known or not plain:
        return known or ""
    if plain in NO or text.strip() in {"0.0", "0,0"}:
        return "no"
    yes = plain in YES or text.strip() in {"1.0", "1,0"} or (len(text) >= 8 and date.is_valid(text.strip()))
    return "yes" if yes else ""


@cache
def asked_by(header: str) -> tuple[str, ...]:
    """The refusals that a tick under this header would take back, were it not for a person to do; () for none."""
    fields = (reading.field for reading in header_words.readings("Clients", header))
    known = next((TARGETS[field] for field in fields if field.startswith("agrees_")), ())
    return known or ((EMAIL,) if _NEWS.search(fold(header)) else ())


def agrees(text: str) -> bool:
    """Whether a cell of a column that asks for consent gives it."""
    return says(text.strip()) in {"yes", "in"}


def are_mail_states(values: Sequence[str]) -> bool:
    """True where most of a sample are words of a mailing program ("subscribed", "cleaned"), not of a client's stage."""
    found = [_words().get(fold(value), "") for value in values]
    sure = sum(one in {"out", "in", "wait"} for one in found)
    return sure > 0 and sum(map(bool, found)) >= MOST * len(found)


def can_be(values: Sequence[str]) -> bool:
    """True where most of a sample can be read as a consent or a refusal; also for no values at all."""
    return sum(bool(says(value)) for value in values) >= MOST * len(values)


def spread(columns: ListColumns) -> None:
    """Every column of consents into the opt-outs that it means; it stays a column of the user's own, too."""
    yes = words.choice_word("done", "yes", columns.language)
    for one in [m for m in columns.mapped.values() if m.field in TARGETS]:
        texts = columns.text(one.header)
        read = {text: says(text) for text in set(texts)}
        stops = ALWAYS | {"yes" if one.field in REFUSALS else "no"}
        out = [bool(text) and read[text] in stops for text in texts]
        if one.field in (EMAIL, POST, PHONE):
            _write(columns, one.header, one.field, out)
            continue
        for target in TARGETS[one.field] if any(out) else ():
            have = columns.get(target)
            columns.put(target, [yes if no else old for no, old in zip(out, have, strict=True)])
        _ask(columns, one.header, [text for text in texts if text and not read[text]])
        columns.keep(one.header, texts)


def _write(columns: ListColumns, header: str, target: str, out: Sequence[bool]) -> None:
    """An opt-out's own column in the workbook's words; of several for one opt-out, any is enough."""
    yes, no = (words.choice_word("done", word, columns.language) for word in ("yes", "no"))
    texts, main = columns.text(header), columns.header_of(target)
    cells = [yes if stop else no if text else "" for text, stop in zip(texts, out, strict=True)]
    if header != main:
        cells = [yes if new == yes else old for old, new in zip(columns.text(main), cells, strict=True)]
        columns.keep(header, texts)
    columns.put(target, cells)


def _ask(columns: ListColumns, header: str, unclear: Sequence[str]) -> None:
    if unclear:
        counts = (("count", str(len(unclear))), ("file", columns.incoming.name))
        row = columns.incoming.row(columns.text(header).index(unclear[0]))
        columns.problems.append(
            Problem("import.consent_unclear", row=row, column=header, value=unclear[0], level="doubt", values=counts)
        )


@cache
def _words() -> dict[str, str]:
    rows = rows_of("consent_words")
    return {fold(word): row["says"] for row in rows for word in row["words"].split("|")}
