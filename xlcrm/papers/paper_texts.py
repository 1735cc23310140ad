"""Texts that go onto papers (labels, letters, cards), and the Paper that comes out, as frozen values.

Who makes lists fills these; the engines in `printing` and `word_letters` read them and nothing else. `key` is the
client_id and `row` the Excel row, so that a Problem can name who didn't fit. Every text is printed as it is given: no
trimming, no wrapping of a line of an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xlcrm.problems import Problem

Value = object  # str, int, float, Decimal, date, bool, None, and lists and dicts of them


@dataclass(frozen=True)
class LabelText:
    """One label: its lines, first the name; blank lines are left out. No lines at all leave the label blank."""

    key: str
    row: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sender:
    """Who writes: from the sheet Settings. What is blank isn't printed.

    lines     the address without the name, as in a letter head: ("Via Roma 1", "20121 Milano")
    place     the town in front of the date; "" prints the date alone
    contacts  what stands under the address: phone, e-mail, web, as they are to be read
    footer    small print at the foot: company register, VAT number, IBAN
    signed    who signs, under the closing; role is what they are
    """

    name: str = ""
    lines: tuple[str, ...] = ()
    place: str = ""
    contacts: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    signed: str = ""
    role: str = ""


@dataclass(frozen=True)
class LetterText:
    """One letter.

    language    the letter's: of the client or of the list (one of the six); its fixed words and its date follow
    lines       the address block, name first, as `LabelText.lines`
    salutation  with its comma or without, as the language has it
    closing     "" takes the usual one of the language ("Mit freundlichen Grüßen")
    fields      what a template may name beside: every column of the client by its canonical name, and more
    questions   what `asking` asks for, in the letter's language; where known, `known` has the answer to confirm
    """

    key: str
    row: int
    lines: tuple[str, ...]
    salutation: str = ""
    language: str = "en"
    closing: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardField:
    """One field of a card: its label in the card's language and its value; `wide` takes the whole line.

    `lines` is how many lines a blank form has to write on (notes, an address), `choices` what can be ticked there.
    """

    label: str
    value: str = ""
    wide: bool = False
    lines: int = 1
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardGroup:
    """Fields under one heading: «Person», «Address», «How to reach»."""

    title: str
    fields: tuple[CardField, ...]


@dataclass(frozen=True)
class CardTable:
    """A table on a card: the last purchases, the last contacts. `right` are the columns of numbers, from 0."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class CardText:
    """One client card. A blank form is a card without values and with key ""."""

    key: str
    row: int
    title: str
    subtitle: str = ""
    language: str = "en"
    groups: tuple[CardGroup, ...] = ()
    tables: tuple[CardTable, ...] = ()


@dataclass(frozen=True)
class PaperTemplate:
    """A template file: its name as people know it ("Spring letter.docx"), its bytes, and files it may show (pictures).

    `ours` is True for one that comes with xlcrm.
    """

    name: str
    source: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    ours: bool = False


@dataclass(frozen=True)
class Paper:
    """A PDF and what to tell about it.

    content   the PDF; b"" where nothing could be printed
    pages     how many pages it has
    printed   the keys that are on it, in order of printing: what a log may say went out
    problems  one for each text that wasn't printed, with the client's key and row
    """

    content: bytes
    pages: int
    printed: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class WordFile:
    """One Word document; `key` is the client it is for, "" where all letters are in it."""

    key: str
    content: bytes


@dataclass(frozen=True)
class WordLetters:
    """Word letters: the documents, the keys that are in them, and what to tell."""

    files: tuple[WordFile, ...]
    printed: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
