"""Recipients of a list: who may get it, by which name, at which address, and who is left out for which reason.

A client, its main contact, or the people of a role; one a person, a household or a firm. Nobody who said no and no half
address reaches an envelope; one who refused doesn't silence the others of a household or a firm.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from xlcrm import messages, schema, words
from xlcrm.addresses import compose_address
from xlcrm.addresses.countries import country_code
from xlcrm.interactions.contact_memory import memory_of, words_of
from xlcrm.lists.list_order import ON_PAPER, ListOrder
from xlcrm.lists.touches import touched, why_touched
from xlcrm.people.channel_consent import FLAGS, agreed
from xlcrm.problems import Problem
from xlcrm.salutations.addressee import Addressee
from xlcrm.salutations.households import household_key
from xlcrm.salutations.letter_language import letter_language
from xlcrm.salutations.salutation import joint_name, listed, salute
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import composed, fold, fold_letters
from xlcrm.values import as_date, as_flag, as_number, as_text

ADDRESS = ("street", "house_number", "unit", "po_box", "postal_code", "city", "region", "country")
# what a person at a firm has of its own; all else is the firm's
OF_PERSON = (
    "person_id full_name title first_name middle_name last_name suffix gender job_title role email phone mobile "
    "birth_date salutation notes"
).split()
TEST_ROWS = 5
Row = TypeVar("Row")


@dataclass(frozen=True, eq=False)
class Recipient:
    """One who gets a list.

    row         what templates see as `client`: every column by name as text, and name, lines (those under the name),
                salutation, language and person_id; last_contact, last_contact_by, open_complaints and follow_up_on,
                where the client list has no such column of its own
    excel_row   of the client; person_row that of the person in the sheet People, 0 for the client itself
    members     (client_id, person_id) of all who get it together
    """

    row: dict[str, Any]
    excel_row: int
    person_row: int = 0
    members: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The client's id."""
        return str(self.row["client_id"])

    @property
    def envelope(self) -> tuple[str, ...]:
        """The lines of an envelope or a label, the name first."""
        return (str(self.row["name"]), *self.row["lines"])

    @cached_property
    def known_as(self) -> tuple[str, ...]:
        """The envelope as it is compared with others."""
        return tuple(map(fold, self.envelope))


@dataclass(frozen=True, eq=False)
class Recipients:
    """Who gets a list, in its order, and those left out: reason (message key) -> how many."""

    kept: tuple[Recipient, ...]
    left_out: Counter[str]
    problems: tuple[Problem, ...]

    @property
    def clients(self) -> tuple[dict[str, Any], ...]:
        """The rows that templates see."""
        return tuple(each.row for each in self.kept)


@dataclass(eq=False)
class Worked:
    """What the lists of one run share: who there is, and how each is written to, worked out once.

    Only that of the last list is kept, as a run may have many lists for other clients each. The tables, the day and the
    settings are those of the run.

    found    everybody before anybody is left out, None where nobody has looked
    without  how many clients had nobody to be found: reason -> how many
    """

    asked: tuple[object, ...] = ()
    found: list[Recipient] | None = None
    without: Counter[str] = field(default_factory=Counter)
    written: dict[tuple[object, ...], Recipient] = field(default_factory=dict)

    def begin(self, *asked: object) -> None:
        """Let go of what is known where another list is for others."""
        if self.asked != asked:
            self.let_go()
            self.asked, self.written = asked, {}

    def let_go(self) -> None:
        """Let go of the rows that recipients are made from, which take as much room as they do."""
        self.found, self.without = None, Counter()


def texts(table: Table, wanted: Sequence[str] = ()) -> pd.DataFrame:
    """All columns of a table as text, blank columns of the schema added; the index stays the position."""
    frame = pd.DataFrame({column: as_text(table.frame[column]).str.strip() for column in table.frame.columns})
    there = [*wanted, *(column.name for column in schema.table(table.name).columns if not column.calculated)]
    missing = {column: "" for column in there if column not in frame.columns}
    return pd.concat([frame, pd.DataFrame(missing, index=frame.index, dtype="str")], axis=1)


def records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a frame as dictionaries by column name, each made as it is asked for."""
    names = [str(column) for column in frame.columns]
    cells = [frame[column].to_numpy(dtype=object).tolist() for column in frame.columns]
    return (dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True))


def person(row: Mapping[str, Any]) -> dict[str, Any]:
    """A client as templates see it: every column by name, and `name`, the words on the first line of an envelope."""
    return {**row, "name": full_name(row)}


def full_name(row: Mapping[str, Any]) -> str:
    """The words on the first line of an envelope."""
    parts = " ".join(row[part] for part in ("title", "first_name", "last_name") if row[part])
    typed = parts if row["first_name"] or row["last_name"] else row["full_name"]
    return str(typed or row["company"])


def recipients(
    tables: Tables, order: ListOrder, chosen: pd.Series[Any] | None, *, settings: Settings, today: dt.date,
    worked: Worked | None = None,
) -> Recipients:  # fmt: skip
    """Who of the clients of `chosen` (True per row of Clients; None is everybody) gets the list of `order`.

    Left out, each with its reason: clients with nobody of the role asked for; who was contacted in the last
    `order.skip` days; of lists on paper also those who want no post or, where Settings asks for it, never
    agreed to it, former clients, addresses with no street and no
    PO box, no city, or (where the country has them) no postal code, and the second and further ones of the same name at
    the same address. The lines of an address are in the order of its country; another country than the sender's is
    named in the last line, in the sender's language. A test has the first five. `worked` is what other lists of the
    same run have worked out already, and is added to.
    """
    left_out: Counter[str] = Counter()
    problems: list[Problem] = []
    worked = worked or Worked()
    worked.begin(order.recipients, None if chosen is None else chosen.to_numpy(bool).tobytes())
    if worked.found is None:
        without: Counter[str] = Counter()
        worked.found, worked.without = list(_candidates(tables, order, chosen, today, settings, without)), without
    left_out.update(worked.without)
    recent = touched(tables, order.title, order.skip, today, settings.country)
    kept = []
    for each in worked.found:
        reason = _why_not(each, order, settings) or why_touched(recent, each.key, each.row["person_id"])
        if not reason:
            kept.append(each)
            continue
        left_out[reason] += 1
        if reason in ("lists.incomplete", "lists.not_split"):
            problems.append(Problem(reason, "Clients", each.excel_row, each.key, "address", level="note"))
    written = [_written_once(worked, group, order, settings) for group in _groups(kept, order, settings)]
    if order.kind in ON_PAPER:
        written = list(_once(written, left_out))
    if order.sort_by:
        written = sorted_by(written, [each.row for each in written], order.sort_by, settings.country)
    return Recipients(tuple(written[:TEST_ROWS] if order.test else written), left_out, tuple(problems))


def _candidates(
    tables: Tables, order: ListOrder, chosen: pd.Series[Any] | None, today: dt.date, settings: Settings,
    left_out: Counter[str],
) -> Iterator[Recipient]:  # fmt: skip
    """Each client, or each of its people who is asked for, before anybody is left out for a refusal or an address."""
    table = tables["Clients"]
    everyone = texts(table)
    if chosen is not None:
        everyone = everyone[chosen.reindex(everyone.index, fill_value=False)]
    everyone = everyone.assign(**{flag: as_flag(everyone[flag]) for flag in FLAGS}, person_id="", role="")
    everyone = everyone.assign(agreed_post=agreed(everyone, "post"))
    people = {} if order.recipients == "client" else _people(tables, order.recipients, today, settings.country)
    known = memory_of(tables, today=today, country=settings.country)
    memory = dict(zip(known.index, words_of(known), strict=True))
    for position, row in zip(everyone.index, records(everyone), strict=True):
        client = Recipient({**memory[position], **row, "name": full_name(row)}, table.excel_row(position))
        if any(client.row[column] for column in ("client_id", "name", "address", "street")):
            yield from _of_client(client, people.get(row["client_id"], []), order.recipients, left_out)


def _of_client(
    client: Recipient, named: Sequence[Mapping[str, Any]], who: str, left_out: Counter[str]
) -> Iterator[Recipient]:
    """The people of a client who are meant; the client itself where it has none and that will do."""
    if not named and who in ("client", "main_contact", "everyone"):
        yield client
    elif not named:
        left_out["lists.no_person"] += 1
    for own in named[:1] if who == "main_contact" else named:
        yield _of_firm(client, own)


def _people(tables: Tables, who: str, today: dt.date, country: str) -> dict[str, list[dict[str, Any]]]:
    """client_id -> its people who are still there and have the role, as text; excel_row is that of the sheet People."""
    found: dict[str, list[dict[str, Any]]] = {}
    if "People" not in tables:
        return found
    table = tables["People"]
    frame = texts(table)
    left = as_date(table.frame["until"], country)[0] <= pd.Timestamp(today) if "until" in table.frame else None
    frame = frame.assign(**{flag: as_flag(frame[flag]) for flag in FLAGS})
    for position, row in zip(frame.index, records(frame), strict=True):
        gone = left is not None and bool(left[position])
        if _is_meant(row, who) and not gone:
            found.setdefault(row["client_id"], []).append({**row, "excel_row": table.excel_row(position)})
    return found


def _is_meant(row: Mapping[str, Any], who: str) -> bool:
    """Whether a row of People has a client and a name, and the role that is asked for."""
    named = row["full_name"] or row["first_name"] or row["last_name"]
    fits = who in ("main_contact", "everyone") or words.choice("role", row["role"]) == who
    return bool(row["client_id"] and named and fits)


def _of_firm(client: Recipient, own: Mapping[str, Any]) -> Recipient:
    """A person in place of its client: its own name and ways, the client's address, the refusals of both."""
    merged = {
        **client.row,
        **{name: own[name] for name in OF_PERSON},
        "language": own["language"] or client.row["language"],
    }
    merged |= {flag: own[flag] or client.row[flag] for flag in FLAGS}
    is_firm = client.row["company"] or words.choice("kind", client.row["kind"]) == "company"
    firm = client.row["company"] or client.row["name"] if is_firm else ""
    return Recipient({**person(merged), "company": firm, "kind": "person"}, client.excel_row, own["excel_row"])


def _why_not(each: Recipient, order: ListOrder, settings: Settings) -> str:
    """The first reason that keeps somebody off a list on paper, as a key of messages; "" where none does."""
    row = each.row
    if order.kind not in ON_PAPER:
        return ""
    if row["opt_out_post"]:
        return "lists.opted_out"
    if not row["agreed_post"] and settings.needs_consent("post"):
        return "lists.no_consent"
    if row["status"] and words.choice("status", row["status"]) == "former":
        return "lists.former"
    return _no_address(row, settings.country) if row["name"] else "lists.no_name"


def _no_address(row: Mapping[str, Any], country: str) -> str:
    """Why post doesn't get there: an address that is not split yet, or half of one; "" where it does."""
    place = row["street"] or row["po_box"]
    if not place and not row["city"] and row["address"]:
        return "lists.not_split"
    return "" if place and row["city"] and _has_code(row, country) else "lists.incomplete"


def _groups(kept: Sequence[Recipient], order: ListOrder, settings: Settings) -> list[list[Recipient]]:
    """Those who get one together: the people of a firm, a household, or each alone; in the order of their first."""
    groups: dict[object, list[Recipient]] = {}
    for number, each in enumerate(kept):
        together: object = ""
        if order.one_per == "company" and each.person_row:
            together = each.excel_row
        if order.one_per == "household" and not each.row["company"]:
            together = household_key(each.row, settings.country)
        groups.setdefault(together or (number,), []).append(each)
    return list(groups.values())


def _written_once(worked: Worked, group: Sequence[Recipient], order: ListOrder, settings: Settings) -> Recipient:
    """As `_written`, which is the same for each list in one language and manner."""
    key = (*((each.excel_row, each.person_row) for each in group), order.language, order.salutation)
    if key not in worked.written:
        worked.written[key] = _written(group, order, settings)
    return worked.written[key]


def _written(group: Sequence[Recipient], order: ListOrder, settings: Settings) -> Recipient:
    """The recipient that a group is: with its name, the lines of its address, its language and its salutation."""
    first = group[0]
    usual = settings.language
    language = letter_language(first.row["language"], usual) if order.language == "client" else order.language
    people = [Addressee.of(each.row) for each in group]
    name, lines = _envelope(group, people, language, settings)
    row = {
        **first.row,
        "name": name,
        "lines": lines,
        "language": language,
        "salutation": salute(people, language, manner=order.salutation),
        **{flag: all(each.row[flag] for each in group) for flag in FLAGS},
    }
    members = tuple((each.key, str(each.row["person_id"])) for each in group)
    return Recipient(row, first.excel_row, first.person_row, members)


def _envelope(
    group: Sequence[Recipient], people: Sequence[Addressee], language: str, settings: Settings
) -> tuple[str, list[str]]:
    """The name, and the lines under it: of a firm with the line that names its people."""
    first = group[0].row
    lines = _lines(first, settings.country, settings.language)
    attention = _attention(group, language)
    if attention:
        name = str(first["company"])
        return name, [attention, *(line for line in lines if line != name)]
    return joint_name(people, language) if len(group) > 1 else str(first["name"]), lines


def _attention(group: Sequence[Recipient], language: str) -> str:
    """The line that names the people of a firm under its name, "" for clients without."""
    if not (group[0].person_row and group[0].row["company"]):
        return ""
    return messages.text("lists.attention", language, name=listed([each.row["name"] for each in group], language))


def _once(written: Sequence[Recipient], left_out: Counter[str]) -> Iterator[Recipient]:
    """Each name at each address once; the others are counted."""
    seen: set[tuple[str, ...]] = set()
    for each in written:
        if each.known_as in seen:
            left_out["lists.repeated"] += 1
        else:
            yield each
        seen.add(each.known_as)


def _has_code(client: Mapping[str, Any], country: str) -> bool:
    """Whether there is a postal code, or the client's country (else the sender's) delivers without one."""
    return bool(client["postal_code"]) or (country_code(client["country"]) or country) in NO_POSTAL_CODES


# Countries and territories where post is delivered without a postal code (Universal Postal Union, member pages).
NO_POSTAL_CODES = frozenset(
    """AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GQ GY HK JM KI KM KN KP LC ML MO
    MR MW NR NU QA RW SB SC SL SR ST SY TD TF TG TK TL TO TT TV UG VU YE ZW""".split()
)


def _lines(client: dict[str, Any], country: str, language: str) -> list[str]:
    """The lines under the name: company, what the splitter left over, the address in its country's own order."""
    home = country_code(client["country"]) or country
    company = [client["company"]] if client["company"] and client["company"] != client["name"] else []
    extra = [client["address_extra"]] if client["address_extra"] else []
    lines = compose_address({column: client[column] for column in ADDRESS}, country=home)
    if home and country and home != country:
        lines = [*lines, _country_name(home, language)]
    return [*company, *extra, *lines]


def _country_name(code: str, language: str) -> str:
    """A country's name in capitals, as the last line of an envelope has it, in the language of the sender."""
    from babel import Locale

    return (Locale.parse(language).territories.get(code) or code).upper()


# Sorting by one or two columns, with the order of letters of the sender's country.

# Letters that stand behind z, or behind another letter, in a country's own alphabet; elsewhere å is an a with a ring.
_LAST = "\U0010fff0"
ALPHABETS: dict[str, dict[str, str]] = {
    "NO": {"æ": "z1", "ä": "z1", "ø": "z2", "ö": "z2", "å": "z3"},
    "DK": {"æ": "z1", "ä": "z1", "ø": "z2", "ö": "z2", "å": "z3"},
    "SE": {"å": "z1", "ä": "z2", "æ": "z2", "ö": "z3", "ø": "z3"},
    "FI": {"å": "z1", "ä": "z2", "æ": "z2", "ö": "z3", "ø": "z3"},
    "ES": {"ñ": "n1"},
}
_NUMBERS = schema.NUMBERS | {"number"}


def sorted_by(rows: Sequence[Row], cells: Sequence[dict[str, Any]], columns: Sequence[str], country: str) -> list[Row]:
    """The rows in the order of `columns` (the first one first); blanks come last, equal ones stay as they were.

    cells    what each of `rows` has in these columns, as text; a column of numbers or days is sorted as such
    country  code whose order of letters is used
    """
    order = list(range(len(rows)))
    for column in reversed(columns):
        keys = _keys([str(cell.get(column) or "") for cell in cells], column, country)
        order.sort(key=keys.__getitem__)
    return [rows[at] for at in order]


def _keys(texts: list[str], column: str, country: str) -> list[tuple[bool, Any]]:
    """What to sort by: numbers where all are, days where all are, else letters; True in front of blanks."""
    blank = [not text.strip() for text in texts]
    series = pd.Series(texts, dtype="str")
    kind = next((spec.kind for name in ("Clients", "People") if (spec := schema.table(name).column(column))), "")
    for read, wanted in ((as_number, kind in _NUMBERS or not kind), (as_date, kind == "date")):
        found = read(series, country)[0]
        if wanted and not found[[not each for each in blank]].isna().any():
            return list(zip(blank, found.fillna(found.min()) if len(found.dropna()) else [0] * len(texts), strict=True))
    return [(each, collated(text, country)) for each, text in zip(blank, texts, strict=True)]


def collated(text: str, country: str) -> str:
    """A text whose plain order is that of the country's alphabet; capitals and accents don't count."""
    own = ALPHABETS.get(country, {})
    letters = composed(text).casefold()
    return "".join(own[c][0] + _LAST + own[c][1] if c in own else fold_letters(c) for c in letters)
