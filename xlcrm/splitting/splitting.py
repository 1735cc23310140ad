"""Splitting, the operation of `xlcrm split`: names and addresses into fields that can be searched and sorted.

It fills empty fields only. What somebody typed stays; where the split reads it differently the row is left alone and
reported. A doubtful split is listed with both readings and filled only after somebody decides "apply"."""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import messages, words
from xlcrm.addresses import split_addresses
from xlcrm.addresses.address import Address
from xlcrm.addresses.countries import country_code
from xlcrm.addresses.split import split_address
from xlcrm.checks.worklist import LONGEST, listed, worklist_plan
from xlcrm.errors import CrmError
from xlcrm.fields import tax_id
from xlcrm.names.column import split_names
from xlcrm.people.still_there import clients_of
from xlcrm.plan import Plan, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.spend.kinds import Mask
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text, is_blank


def legal_form(number: str, country: str) -> str:
    """The form that a valid number of a country tells ("B12345674" in ES: S.L.); "" where it tells none.

    Source: `data/legal_forms_by_number.csv`, which names the law of each row.
    """
    rows = _by_number().get(country.upper(), ())
    plain = tax_id.compact(number).removeprefix(country.upper())
    found = next((form for pattern, form in rows if pattern.fullmatch(plain)), "")
    return found if found and tax_id.is_valid(number, country) else ""


def forms(clients: Table, countries: pd.Series[Any], read: pd.Series[Any]) -> pd.Series[Any]:
    """The legal form to fill into each row of Clients, "" where none: the cell is filled, or nothing tells it.

    countries  ISO code of each row; read  the forms that the names told, which go first

    Persons have none. A table without tax_id or legal_form gets none.
    """
    found = pd.Series("", index=clients.frame.index, dtype="str")
    if not {"tax_id", "legal_form"} <= set(clients.frame.columns):
        return found
    frame = clients.frame
    open_ = (as_text(frame["legal_form"]).str.strip() == "") & (read == "") & countries.isin(list(_by_number()))
    numbers = as_text(frame["tax_id"]).str.strip()
    kinds = as_text(frame["kind"]) if "kind" in frame.columns else found
    for at in np.flatnonzero(open_ & (numbers != "")).tolist():
        if words.choice("kind", kinds.iloc[at]) != "person":
            found.iloc[at] = legal_form(numbers.iloc[at], countries.iloc[at])
    return found


@cache
def _by_number() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    """Country -> patterns of its numbers and the form that each tells."""
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    path = Path(__file__).parent.parent / "data" / "legal_forms_by_number.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["country"], []).append((re.compile(row["pattern"]), row["form"]))
    return found


# Name and address typed into one cell: each cell is taken apart first, then split as any other.

# Tells a name from the address behind it where both were typed into one cell, and says where it can't be told.

_BREAK = re.compile(r"\s*(?:[,;|]|\s[-–—/]\s)\s*")
# a word, a point and a capital: a given name may stand in front of the street ("López, Ana. Calle Mayor 3")
_SENTENCE = re.compile(r"[^\W\d]{3,}\.\s+[^\W\d_]")


class Apart(NamedTuple):
    """One cell taken apart. `told` is False where nobody can tell name from address; both are "" then."""

    name: str = ""
    address: str = ""
    told: bool = True


def apart(text: str, country: str = "") -> Apart:
    """The name is the first line, or what stands before the first comma, semicolon or dash; the rest is the address.

    It is told only where the name has no figures, where the rest has a street with its number (or a box) and a postal
    code, and where reading the whole cell as an address finds no other name in it.
    """
    if is_blank(text):
        return Apart()
    name, rest = _cut(text.strip())
    if not rest or re.search(r"\d", name):
        return Apart(told=False)
    address, whole = split_address(rest, country=country), split_address(text, country=country)
    told = _is_located(address) and _is_alone(address) and whole.name in ("", name)
    return Apart(name, rest, True) if told and address.sure else Apart(told=False)


def _is_located(address: Address) -> bool:
    """Whether it says where to go: a street with its number, or a box, and a postal code."""
    return bool(address.po_box or (address.street and address.house_number)) and bool(address.postal_code)


def _is_alone(address: Address) -> bool:
    """Whether no part of a name is left in what was read as an address."""
    return not address.name and not _SENTENCE.search(address.street)


def _cut(text: str) -> tuple[str, str]:
    """The text before and behind the first line break, or the first comma, semicolon, bar or dash; "" where none is."""
    if "\n" in text:
        name, _, rest = text.partition("\n")
        return name.strip().rstrip(","), rest.strip()
    found = _BREAK.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


CODE = "split.both_unsure"


def both(
    clients: Table, source: str, countries: pd.Series[Any], names: tuple[str, ...], addresses: tuple[str, ...]
) -> tuple[dict[str, pd.Series[Any]], list[Problem]]:
    """The column `source` as texts of names and of addresses, and a doubt for each cell where nobody can tell.

    `names` and `addresses` are the fields to fill: a row that has something of both is nobody's doubt any more.
    """
    text = as_text(clients.frame[source])
    found = [apart(value, country) for value, country in zip(text, countries, strict=True)]
    untold = ~np.array([one.told for one in found], dtype=bool)
    unfilled = ~(_any(clients, names, source) & _any(clients, addresses, source))
    ids = as_text(clients.frame["client_id"]) if "client_id" in clients.frame else text.map(lambda _: "")
    doubts = [
        Problem(CODE, clients.name, clients.excel_row(at), ids.iloc[at], source, text.iloc[at], level="doubt")
        for at in np.flatnonzero(untold & unfilled).tolist()
    ]
    texts = {
        "name": pd.Series([one.name for one in found], index=text.index, dtype="str"),
        "address": pd.Series([one.address for one in found], index=text.index, dtype="str"),
    }
    return texts, doubts


def _any(clients: Table, fields: tuple[str, ...], source: str) -> Mask:
    """Rows where one of the fields holds something."""
    found = np.zeros(len(clients.frame), dtype=bool)
    for field in fields:
        if field in clients.frame and field != source:
            found |= (as_text(clients.frame[field]).str.strip() != "").to_numpy()
    return found


NAME = ("kind", "title", "first_name", "middle_name", "last_name", "suffix", "nickname", "company", "legal_form")
ADDRESS = ("street", "house_number", "unit", "po_box", "postal_code", "city", "region", "country", "address_extra")
# a postal code and a town behind a comma: an address stands in the column of names
_PLACE = re.compile(r",.*\b\d{4,5}\s+[^\W\d]")
# given name, family name there -> the sentence
_READINGS = {
    (True, True): "name.reading",
    (True, False): "name.reading_first",
    (False, True): "name.reading_last",
}
SOURCES = {"name": "full_name", "address": "address"}


@dataclass(frozen=True, eq=False)
class _Part:
    """Names or addresses of the whole list: the cells, how they read, and what the fields already hold."""

    name: str
    source: str
    text: pd.Series[Any]
    read: pd.DataFrame
    typed: dict[str, pd.Series[Any]]
    ids: pd.Series[Any]

    @property
    def there(self) -> pd.Series[Any]:
        """Rows that have something to split."""
        return self.text.str.strip() != ""

    @cached_property
    def differs(self) -> pd.DataFrame:
        """Fields in which somebody typed something else than the split reads."""
        return pd.DataFrame({c: self._differs(c, typed) for c, typed in self.typed.items()})

    def _differs(self, column: str, typed: pd.Series[Any]) -> pd.Series[Any]:
        """One field of them; what has nothing typed or nothing read is not compared."""
        both = self.there & (typed != "") & (self.read[column] != "")
        both[both] = ~_alike(column, typed[both], self.read[column][both]).to_numpy()
        return both

    def open(self) -> pd.Series[Any]:
        """Rows with a field to fill."""
        gaps = {c: (typed == "") & (self.read[c] != "") for c, typed in self.typed.items()}
        return self.there & pd.DataFrame(gaps, index=self.text.index).any(axis=1)


def plan(
    tables: Tables,
    *,
    settings: Settings,
    today: dt.date,
    column: str = "",
    what: str = "",
    decided_only: bool = False,
) -> Plan:
    """Fill the name fields from `full_name` and the address fields from `address`, and people's names as clients'.

    column   a user's own column to read instead (header as typed); `what` then says whether it holds a "name", an
             "address" or "both" (the name first)
    what     "name" or "address" to do only that
    decided_only   fill nothing but the doubtful rows that somebody decided to apply (Apply corrections)

    A person's name is read by its client's country. A company's blank legal form is filled where its name or its tax
    number tells it. Columns that the workbook lacks are skipped. Blank cells stay blank.
    """
    if "Clients" not in tables:
        raise CrmError("split.no_table")
    sources = _sources(tables["Clients"], column, what)
    made, countries, counts = _clients(tables, sources, settings, as_both=bool(column and what == "both"),
                                       decided_only=decided_only)  # fmt: skip
    if "People" in tables and what != "address":
        # a column of clients says nothing of people, but their doubts stay in the list
        people, filled = _people(tables, countries, settings, decided_only=decided_only or bool(column))
        made = made.join(people)
        counts["name"] += filled
    problems = list(made.problems)
    done = ("split.done", {"names": counts["name"], "addresses": counts["address"], "doubts": _count_doubts(problems)})
    prefixes = tuple(f"split.{name}" for name in (*sources, *((what,) if what == "both" else ())))
    listing = worklist_plan(tables, problems, prefixes=prefixes, settings=settings, today=today)
    return Plan("split", notes=(done,) if made.changes or not decided_only else ()).join(made, listing)


def _clients(
    tables: Tables, sources: dict[str, str], settings: Settings, *, as_both: bool, decided_only: bool
) -> tuple[Plan, pd.Series[Any], dict[str, int]]:
    """The fields of Clients, each row's country as its address tells it, and how many rows got names and addresses."""
    clients, decided = tables["Clients"], _decided(tables, "Clients")
    countries = _countries(clients, settings)
    changes: dict[str, pd.Series[Any]] = {}
    problems: list[Problem] = []
    counts: dict[str, int] = {"name": 0, "address": 0}
    texts = {name: as_text(clients.frame[source]) for name, source in sources.items()}
    if as_both:
        texts, problems = both(clients, sources["name"], countries, NAME, ADDRESS)
    # addresses first: the country that an address names tells how the name beside it is written
    for name, source in sorted(sources.items()):
        part = _part(clients, name, source, texts[name], countries)
        if name == "address":
            countries = countries.where(part.read["country"] == "", part.read["country"])
        rows = _rows(part, decided, decided_only=decided_only)
        counts[name] = _fill(clients, part, rows.good, settings.language, changes)
        problems += _doubts(clients, part, rows.doubtful, settings.language)
        problems += _clashes(clients, part, rows.clash)
        if name == "name" and not decided_only:
            _forms_by_number(clients, part, countries, changes)
    made = Plan("split", changes=diff(clients, pd.DataFrame(changes)), problems=tuple(problems))
    return made, countries, counts


def _count_doubts(problems: list[Problem]) -> int:
    """How many of them wait for a person; notes do not."""
    return sum(problem.level == "doubt" for problem in problems)


def _forms_by_number(
    clients: Table, part: _Part, countries: pd.Series[Any], changes: dict[str, pd.Series[Any]]
) -> None:
    """Put the legal forms that tax numbers tell into `changes`, blank cells only."""
    told = forms(clients, countries, part.read["legal_form"])
    if (told != "").any():
        cells = changes.get("legal_form", clients.frame["legal_form"])
        changes["legal_form"] = cells.astype(object).where(told == "", told)


def _people(tables: Tables, countries: pd.Series[Any], settings: Settings, *, decided_only: bool) -> tuple[Plan, int]:
    """The same for the names of people, by the country of each one's client, and how many rows got some."""
    people, clients = tables["People"], tables["Clients"].frame
    if "full_name" not in people.frame:
        return Plan("split"), 0
    ids = as_text(clients["client_id"]).str.strip() if "client_id" in clients else countries
    home = dict(zip(ids, countries, strict=True)) | {"": settings.country}
    theirs = clients_of(people.frame).map(home).fillna(settings.country).astype("str")
    part = _part(people, "name", "full_name", as_text(people.frame["full_name"]), theirs)
    rows = _rows(part, _decided(tables, "People"), decided_only=decided_only)
    changes: dict[str, pd.Series[Any]] = {}
    filled = _fill(people, part, rows.good, settings.language, changes)
    problems = (*_doubts(people, part, rows.doubtful, settings.language), *_clashes(people, part, rows.clash))
    return Plan("split", changes=diff(people, pd.DataFrame(changes)), problems=problems), filled


def _decided(tables: Tables, table: str) -> set[tuple[str, str, str]]:
    """Code, client_id and value of the lines in Problems about a table that somebody decided to apply."""
    lines = (line for line in listed(tables) if line.decision == "apply" and line.identity.table == table)
    return {(line.identity.code, line.identity.key, line.identity.value) for line in lines}


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows to fill, those to ask about, and those where somebody typed something else than the split reads."""

    good: pd.Series[Any]
    doubtful: pd.Series[Any]
    clash: pd.Series[Any]


def _rows(part: _Part, decided: set[tuple[str, str, str]], *, decided_only: bool) -> _Rows:
    """What to do with each row; a doubtful one is filled only where its very doubt was decided."""
    clash = part.differs.any(axis=1)
    doubtful = part.open() & ~clash & ~part.read["sure"].astype(bool)
    keys = zip(_codes(part), part.ids, part.text.str[:LONGEST], strict=True)
    wanted = doubtful & pd.Series([key in decided for key in keys], index=part.text.index, dtype=bool)
    good = wanted if decided_only else part.there & ~clash & (~doubtful | wanted)
    return _Rows(good, doubtful & ~wanted, clash)


def _part(clients: Table, name: str, source: str, text: pd.Series[Any], countries: pd.Series[Any]) -> _Part:
    """All names or addresses read, with what of an address fits no field as `address_extra`."""
    blank = text.map(lambda _: "")
    typed = {
        c: as_text(clients.frame[c]).str.strip()
        for c in (NAME if name == "name" else ADDRESS)
        if c in clients.frame and c != source
    }
    ids = as_text(clients.frame["client_id"]) if "client_id" in clients.frame else blank
    if name == "name":
        read = split_names(text, country=countries)
        sure = read["sure"].astype(bool) & ~text.map(lambda value: bool(_PLACE.search(value))).astype(bool)
        return _Part(name, source, text, read.assign(sure=sure), typed, ids)
    place = [typed.get(c, blank) for c in ("postal_code", "city")]
    whole = pd.Series(
        [_with_place(*row) for row in zip(*(part.to_list() for part in (text, *place)), strict=True)],
        index=text.index,
        dtype="str",
    )
    read = _addresses(whole, typed.get("country", blank), countries)
    pieces = [read[column].to_list() for column in ("name", "district", "remainder")]
    joined = [", ".join(dict.fromkeys(piece for piece in row if piece)) for row in zip(*pieces, strict=True)]
    return _Part(
        name, source, text, read.assign(address_extra=pd.Series(joined, index=read.index, dtype="str")), typed, ids
    )


def _addresses(text: pd.Series[Any], written: pd.Series[Any], countries: pd.Series[Any]) -> pd.DataFrame:
    """Addresses by the country that stands in its column, else by what the address itself tells, else by the team's.

    The team's own country is a way to read, no fact about a client: it is not filled in where nothing says so.
    """
    home = next(iter(countries[written == ""]), "")
    return split_addresses(text, country=countries.where(written != "", ""), home=home)


def _with_place(text: str, postal_code: str, city: str) -> str:
    """A street line with the town that stands in columns of its own, because a street alone is easily misread."""
    if not text.strip() or not city or fold(city) in fold(text):
        return text
    return f"{text.strip().rstrip(',')}, {postal_code} {city}".strip()


def _codes(part: _Part) -> list[str]:
    """What a doubt is called, row by row: with a second reading, or without one."""
    return [f"split.{part.name}_{'doubt' if any(other) else 'unsure'}" for other in _others(part.read)]


def _others(read: pd.DataFrame) -> list[tuple[str, ...]]:
    """The second reading of each row, blank where there is none: a name's given and family names, or an address."""
    columns = [read[c].tolist() for c in ("other_first", "other_last", "other") if c in read]
    return list(zip(*columns, strict=True))


def _fill(clients: Table, part: _Part, good: pd.Series[Any], language: str, changes: dict[str, pd.Series[Any]]) -> int:
    """Put the fields of the `good` rows into `changes`, empty cells only; how many rows got some."""
    touched = pd.Series(False, index=part.text.index)
    for c, typed in part.typed.items():
        new = part.read[c]
        if c == "kind":
            new = new.map({kind: words.choice_word("kind", kind, language) for kind in new.unique()})
        fill = good & (typed == "") & (new != "")
        if fill.any():
            changes[c] = changes.get(c, clients.frame[c]).astype(object).where(~fill, new)
            touched |= fill
    return int(touched.sum())


def _doubts(clients: Table, part: _Part, rows: pd.Series[Any], language: str) -> list[Problem]:
    """A doubt for each of the rows, with both readings."""
    found = []
    codes, others = _codes(part), _others(part.read)
    texts, read = _Texts.of(part), {c: part.read[c].tolist() for c in part.typed if c != "kind"}
    for position in np.flatnonzero(rows).tolist():
        reading = _reading(clients, {c: cells[position] for c, cells in read.items()})
        values = (("other", _in_words(others[position], language)),)
        problem = _problem(clients, texts, position, codes[position], reading)
        found.append(problem._replace(level="doubt", values=values))
    return found


def _clashes(clients: Table, part: _Part, rows: pd.Series[Any]) -> list[Problem]:
    """A note for each of the rows: what the split reads where somebody typed something else."""
    differs = {c: part.differs[c].tolist() for c in part.typed}
    texts, read = _Texts.of(part), {c: part.read[c].tolist() for c in part.typed}
    found = []
    for position in np.flatnonzero(rows).tolist():
        reading = _reading(clients, {c: cells[position] for c, cells in read.items() if differs[c][position]})
        found.append(_problem(clients, texts, position, f"split.{part.name}_differs", reading))
    return found


class _Texts(NamedTuple):
    """What was split, row by row, for the notes about it: a list is asked far faster than a column."""

    source: str
    ids: list[str]
    text: list[str]

    @classmethod
    def of(cls, part: _Part) -> _Texts:
        """The rows of a part."""
        return cls(part.source, part.ids.tolist(), part.text.tolist())


def _problem(clients: Table, texts: _Texts, position: int, code: str, reading: str) -> Problem:
    """A note about the cell that was split, which suggests a reading."""
    row, key, value = clients.excel_row(position), texts.ids[position], texts.text[position]
    return Problem(code, clients.name, row, key, texts.source, value, reading, level="note")


def _in_words(other: tuple[str, ...], language: str) -> str:
    """A second reading in the user's language; an address is shown as it is."""
    first, *last = other
    if not last:
        return first
    key = _READINGS.get((bool(first), bool(last[0])))
    return messages.text(key, language, first=first, last=last[0]) if key else ""


def _reading(clients: Table, fields: dict[str, str]) -> str:
    """Fields as a person reads them: the workbook's headers and what would stand there, without the blank ones."""
    return "; ".join(f"{clients.headers.get(c, c)}: {value}" for c, value in fields.items() if value)


def _sources(clients: Table, column: str, what: str) -> dict[str, str]:
    """ "name" and "address" -> the column to read, as far as asked for and there; CrmError for a column that isn't."""
    if what not in ("", "both", *SOURCES):
        raise CrmError("split.unknown_kind", what=what)
    if column:
        known = {fold(clients.headers[name]): name for name in clients.frame.columns}
        found = known.get(fold(column)) or (column if column in clients.frame.columns else "")
        if not found:
            raise CrmError("split.no_column", column=column, columns=", ".join(clients.headers.values()))
        return dict.fromkeys(SOURCES, found) if what == "both" else {what or "name": found}
    return {part: source for part, source in SOURCES.items() if source in clients.frame and what in ("", "both", part)}


def _countries(clients: Table, settings: Settings) -> pd.Series[Any]:
    """Each row's country as ISO code; the team's where the row has none, or none that is known."""
    if "country" not in clients.frame:
        return pd.Series(settings.country, index=clients.frame.index, dtype="str")
    typed = as_text(clients.frame["country"]).str.strip()
    codes = {word: country_code(word) for word in typed.unique()}
    return typed.map(codes).where(typed.map(codes) != "", settings.country)


def _alike(column: str, typed: pd.Series[Any], read: pd.Series[Any]) -> pd.Series[Any]:
    """Whether what stands in a field means what the split reads, in whatever spelling or language."""
    if column == "kind":
        pairs = [words.choice("kind", a) == b for a, b in zip(typed, read, strict=True)]
    elif column == "country":
        codes = {word: country_code(word) for word in typed.unique()}
        pairs = [codes[a] == b for a, b in zip(typed, read, strict=True)]
    elif column == "address_extra":
        return pd.Series(True, index=typed.index)  # what does not fit is a person's to arrange
    else:
        pairs = [a == b or fold(a) == fold(b) for a, b in zip(typed, read, strict=True)]
    return pd.Series(pairs, index=typed.index, dtype=bool)
