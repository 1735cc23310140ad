"""Order of one list: a row of the sheet Lists with every option read; what is wrong is a Problem of its cell.

Blank cells mean what most people want: the client, one each, row by row from the first label, formal, in the client's
own language, the window of the sender's country, one file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pandas as pd

from xlcrm import schema, words
from xlcrm.errors import CrmError
from xlcrm.papers.label_sheet import LabelSheet, label_sheet, label_sheets, own_sheet
from xlcrm.papers.letter_window import letter_windows
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_flag, as_text

_TABLES = ("xlsx", "csv", "csv-utf8", "html", "txt")
# kind -> its formats, the usual one first
FORMATS_OF: dict[str, tuple[str, ...]] = {
    "mailing": _TABLES,
    "labels": ("pdf", "xlsx", "csv", "csv-utf8"),
    "letters": ("pdf", "docx", "html", "txt"),
    "emails": ("eml",),
    "cards": ("pdf",),
    "contacts": ("vcf",),
    "calendar": ("ics",),
    "asking": (*_TABLES, "pdf"),
    "invoicing": _TABLES,
}
CRM = ("csv",)
FORMATS = ("pdf", "docx", "xlsx", "csv", "csv-utf8", "html", "txt", "eml", "vcf", "ics")
OF_TEMPLATE = {
    ".typ": "pdf", ".docx": "docx", ".columns.txt": "xlsx", ".html": "html", ".htm": "html", ".txt": "txt",
}  # fmt: skip
ON_PAPER = frozenset(("mailing", "labels", "letters"))  # lists that a refusal of post concerns
WINDOWS = {"IT": "c5-right-it", "CH": "c5-right-ch", "LI": "c5-right-ch", "US": "us10", "CA": "us10"}
LETTER_PAPER = frozenset(("US", "CA", "MX"))
CHOICES = {
    "order": ("label_order", "rows"),
    "recipients": ("recipients", "client"),
    "one_per": ("one_per", "person"),
    "salutation": ("manner", "formal"),
    "language": ("list_language", "client"),
    "files": ("files", "one"),
}


@dataclass(frozen=True)
class ListOrder:
    """What a row asks for, in canonical words.

    row         Excel row of the sheet Lists, 0 for an order that stands in none
    form        one of `FORMATS`
    template    as typed, "" for the ready one
    sheet       of labels, offset in mm to the right and down
    recipients  client, main_contact, everyone, or a role of the table People
    sort_by     columns of Clients or People, canonical or a user's own header
    language    "client": of each; else the code that all get
    skip        days since the last contact within which a client is passed over, 0 for none
    clients     only these client_ids, where it was made for some that are selected
    """

    title: str
    kind: str
    form: str
    row: int = 0
    segment: str = ""
    template: str = ""
    sheet: LabelSheet = label_sheets()["L7160"]
    start_at: int = 1
    offset: tuple[float, float] = (0.0, 0.0)
    order: str = "rows"
    recipients: str = "client"
    one_per: str = "person"
    sort_by: tuple[str, ...] = ()
    salutation: str = "formal"
    language: str = "client"
    window: str = "none"
    files: str = "one"
    skip: int = 0
    test: bool = False
    log: bool = False
    subject: str = ""
    clients: frozenset[str] | None = None

    @property
    def key(self) -> str:
        """How problems call the list."""
        return self.title


class _WrongError(Exception):
    """What the reader of a cell found wrong: the message and what fills it."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def read_orders(tables: Tables, settings: Settings) -> tuple[list[ListOrder], list[Problem]]:
    """The rows of the sheet Lists as orders, and a Problem for each option that can't be; a row with one is no order.

    Rows without a list and a kind are blank. Columns that an older workbook lacks are as if blank.
    """
    table = tables["Lists"]
    sheets, problems = own_sheets(tables)
    fields = sort_fields(tables)
    found = []
    for row in rows_of(table):
        reader = _Reader(table, row, settings, {**label_sheets(), **sheets}, fields)
        order = reader.order()
        problems += reader.problems
        found += [order] if order is not None and not reader.problems else []
    return found, problems


def rows_of(table: Table) -> list[dict[str, str]]:
    """The rows of Lists as text without spaces around, and their Excel row; those without list and kind are blank."""
    text = {str(column): as_text(table.frame[column]).str.strip() for column in table.frame.columns}
    blank = dict.fromkeys((column.name for column in schema.LISTS), "")
    rows = []
    for position in table.frame.index:
        row = {**blank, **{name: column[position] for name, column in text.items()}}
        if row["list"] or row["kind"]:
            rows.append({**row, "row": str(table.excel_row(position))})
    return rows


def default_order(kind: str, settings: Settings, clients: Iterable[str] | None = None) -> ListOrder:
    """An order of this kind as a button makes it where no row of Lists asks for one; for some clients, or for all."""
    title = words.choice_word("list", kind, settings.language)
    order = ListOrder(title[:1].upper() + title[1:], kind, forms_of(kind)[0])
    chosen = None if clients is None else frozenset(clients)
    return replace(order, sheet=_home_sheet(settings), window=_home_window(settings), clients=chosen)


def forms_of(kind: str) -> tuple[str, ...]:
    """The formats of a kind, the usual one first; () where there is no such kind."""
    return CRM if kind.startswith("crm:") else FORMATS_OF.get(kind, ())


def own_sheets(tables: Tables) -> tuple[dict[str, LabelSheet], list[Problem]]:
    """The label sheets of the table LabelSheets by name; a row whose measures can't be is a Problem."""
    found: dict[str, LabelSheet] = {}
    problems: list[Problem] = []
    if "LabelSheets" not in tables:
        return found, problems
    table = tables["LabelSheets"]
    frame = table.frame.apply(as_text) if len(table.frame) else table.frame
    for position, row in zip(frame.index, frame.to_dict("records"), strict=True):
        if not str(row.get("sheet", "")).strip():
            continue
        try:
            sheet = own_sheet({str(name): value for name, value in row.items()})
            found[sheet.sheet] = sheet
        except CrmError as fault:
            values = tuple((name, str(value)) for name, value in fault.values.items())
            problems.append(Problem(fault.key, "LabelSheets", table.excel_row(position), values=values))
    return found, problems


def sort_fields(tables: Tables) -> dict[str, str]:
    """What can be sorted by: folded header or name -> column, of Clients and People."""
    found: dict[str, str] = {}
    for name in ("Clients", "People"):
        if name in tables:
            for column in tables[name].frame.columns:
                header = tables[name].headers.get(str(column), str(column))
                for word in (str(column), header):
                    found.setdefault(fold(word), str(column))
    return found


def _home_sheet(settings: Settings) -> LabelSheet:
    return label_sheet("5160" if settings.country in LETTER_PAPER else "L7160")


def _home_window(settings: Settings) -> str:
    return WINDOWS.get(settings.country, "din-b")


class _Reader:
    """Reads the cells of one row; what is wrong is collected, so that all of a row is told at once."""

    def __init__(
        self, table: Table, row: Mapping[str, str], settings: Settings, sheets: Mapping[str, LabelSheet],
        fields: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.table, self.row, self.settings, self.sheets, self.fields = table, row, settings, sheets, fields
        self.problems: list[Problem] = []

    def order(self) -> ListOrder | None:
        """The order, or None where there is no such kind of list."""
        kind = words.choice("list", self.row["kind"])
        if not forms_of(kind):
            kinds = ", ".join(words.choices("list", self.settings.language))
            self._wrong("lists.unknown_kind", "kind", kind=self.row["kind"] or "-", kinds=kinds)
            return None
        chosen: dict[str, Any] = {column: self._choice(column) for column in CHOICES}
        sort = (self._read("sort_by", self._field, ""), self._read("then_by", self._field, ""))
        return ListOrder(
            self.row["list"] or words.choice_word("list", kind, self.settings.language),
            kind,
            self._form(kind),
            int(self.row["row"]),
            self.row["segment"],
            self.row["template"],
            self._read("sheet", self._sheet, _home_sheet(self.settings)),
            self._whole("start_at", 1, 1),
            (self._number("offset_x"), self._number("offset_y")),
            sort_by=tuple(filter(None, sort)),
            window=self._read("window", self._window, _home_window(self.settings)),
            skip=self._whole("skip_touched", 0, 0),
            test=self._flag("test"),
            log=self._flag("log"),
            subject=self.row["subject"],
            **chosen,
        )

    def _form(self, kind: str) -> str:
        """The format: the one typed, else the one that the template's name tells, else the usual one of the kind."""
        allowed, typed = forms_of(kind), self.row["format"].lower().lstrip(".")
        template = self.row["template"].lower()
        told = next((form for suffix, form in OF_TEMPLATE.items() if template.endswith(suffix)), "")
        if typed and typed not in allowed:
            self._wrong("lists.unknown_format", "format", format=self.row["format"], formats=", ".join(allowed))
        return typed or (told if told in allowed else allowed[0])

    def _choice(self, column: str) -> str:
        group, usual = CHOICES[column]

        def read(typed: str) -> str:
            name = words.choice(group, typed)
            return name or str(self._refuse(typed, words.choices(group, self.settings.language)))

        return str(self._read(column, read, usual))

    def _sheet(self, typed: str) -> LabelSheet:
        by_name = {fold(name): sheet for name, sheet in self.sheets.items()}
        plain = fold(typed)
        found = by_name.get(plain) or by_name.get(plain.rpartition(" ")[2])
        return found if found is not None else cast(LabelSheet, self._refuse(typed, self.sheets))

    def _window(self, typed: str) -> str:
        name = words.choice("window", typed)
        return name if name in letter_windows() else str(self._refuse(typed, letter_windows()))

    def _field(self, typed: str) -> str:
        return self.fields.get(fold(typed)) or str(self._refuse(typed, dict.fromkeys(self.fields.values())))

    def _refuse(self, typed: str, allowed: Iterable[str]) -> Any:
        raise _WrongError("lists.bad_option", value=typed, allowed=", ".join(allowed))

    def _whole(self, column: str, least: int, usual: int) -> int:
        def read(typed: str) -> int:
            number = _number_of(typed)
            if number is None or number != int(number) or number < least:
                raise _WrongError("lists.bad_whole", value=typed, least=str(least))
            return int(number)

        return int(self._read(column, read, usual))

    def _number(self, column: str) -> float:
        def read(typed: str) -> float:
            number = _number_of(typed)
            if number is None or abs(number) > MOST_MM:
                raise _WrongError("lists.bad_offset", value=typed, most=str(MOST_MM))
            return number

        return float(self._read(column, read, 0.0))

    def _flag(self, column: str) -> bool:
        return bool(as_flag(pd.Series([self.row[column]]))[0])

    def _read(self, column: str, read: Callable[[str], Any], usual: Any) -> Any:
        """The cell read, `usual` where it is blank or can't be."""
        typed = self.row[column]
        if not typed:
            return usual
        try:
            return read(typed)
        except _WrongError as wrong:
            self._wrong(wrong.code, column, **wrong.values)
            return usual

    def _wrong(self, code: str, column: str, **values: str) -> None:
        header = self.table.headers.get(column, column)
        fill = {"row": self.row["row"], "header": header, **values}
        name = self.row["list"]
        self.problems.append(
            Problem(
                code,
                self.table.name,
                int(self.row["row"]),
                name,
                column,
                self.row[column],
                values=tuple(fill.items()),
            )
        )


MOST_MM = 50  # of an offset


def _number_of(typed: str) -> float | None:
    """A number with a point or a comma, None where it is none."""
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return None
