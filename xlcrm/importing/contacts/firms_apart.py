"""A contact list taken apart: the firms' rows and the private persons' for Clients, the firms' people for People.

What belongs to a person (name, title, job, mobile, own e-mail, birth date, what they don't want) goes along with the
person; what belongs to the firm (address, tax number, general telephone, info@, website, figures) stays with the firm,
once. What two rows say of one firm and only one can hold is kept in the notes of the person of that row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pandas as pd

from xlcrm import schema, words
from xlcrm.fields import email as email_field
from xlcrm.importing.batches import Batch, own_headers
from xlcrm.importing.contacts.contact_headers import NAMES
from xlcrm.importing.contacts.contact_list import ContactList
from xlcrm.importing.incoming import Mapped
from xlcrm.importing.matching import alike, comparable
from xlcrm.merging.combining import BLOCKS
from xlcrm.people.channel_consent import CONSENT, FLAGS
from xlcrm.people.job_roles import role_of
from xlcrm.tables import Table
from xlcrm.text import tokens
from xlcrm.values import as_text, text_of

# Columns of Clients that are a person's in every list, and those that are one where a row is a person.
ALWAYS = frozenset(
    "full_name title first_name middle_name last_name suffix gender job_title birth_date mobile salutation".split()
)
IN_PERSONS_ROW = frozenset({"language", "preferred_contact", "notes", *FLAGS})
# What is a person's and has no column in People: it is kept in the notes.
INTO_NOTES = frozenset(("nickname", "occupation", "social_category", "household", *CONSENT))
ADDRESS = BLOCKS["address"]
PEOPLE = frozenset(column.name for column in schema.table("People").columns) - {"client_id"}
UNTOLD = frozenset({"client_id", "kind", "company", *ADDRESS})


class FirmsApart(NamedTuple):
    """`clients` is the batch for Clients; `people` a row a person with People's columns, "client_at" (the row of
    `clients`) and "list_row" (the row number in the file); `own` the headers of People's new columns."""

    clients: Batch
    people: pd.DataFrame
    own: tuple[str, ...]


@dataclass
class _Work:
    """The list while it is taken apart. `own` is column of the batch -> column of People."""

    given: ContactList
    language: str
    own: dict[str, str]
    firm_mail: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.frame = self.given.batch.frame
        self.text = {str(c): as_text(self.frame[c]).str.strip().tolist() for c in self.frame.columns}
        self.groups, self.rows = self.given.groups, self.given.rows
        met = self.given.known is not None  # by e-mail alone, perhaps without a name
        self.at_firm = [g >= 0 and (met or bool(r.person)) for g, r in zip(self.groups, self.rows, strict=True)]
        firsts: dict[int, int] = {}
        for at, group in enumerate(self.groups):
            if group >= 0:
                firsts.setdefault(group, at)
        self.firsts = firsts

    def cell(self, column: str, at: int) -> str:
        return self.text[column][at] if column in self.text else ""

    def of_person(self, column: str) -> list[bool]:
        """In which rows a cell of the column is the person's, and not the firm's."""
        if column in ALWAYS:
            return self.at_firm
        if column == "email":
            return self._mail_of_person()
        if column == "phone":
            return self._phone_of_person()
        personal = not self.given.by_firm and (column in IN_PERSONS_ROW | INTO_NOTES or column in self.own)
        both = column in FLAGS or (column == "client_id" and self.given.numbers_people)
        return self.at_firm if personal or both else [False] * len(self.rows)

    def of_firm(self, column: str, personal: Sequence[bool]) -> list[bool]:
        """In which rows it is the firm's: where it is nobody's else; a no in a firm's row counts for both."""
        both = column in FLAGS and self.given.by_firm
        return [group >= 0 and (both or not mine) for group, mine in zip(self.groups, personal, strict=True)]

    def _mail_of_person(self) -> list[bool]:
        """An e-mail is the firm's where it is the office's or that of several there; in a firm's row also where it
        doesn't spell the contact's name."""
        shared = self._shared("email")
        found = []
        for at, (group, mine) in enumerate(zip(self.groups, self.at_firm, strict=True)):
            mail = self.cell("email", at)
            office = (group, mail.casefold()) in shared or _is_office(mail)
            if self.given.by_firm and "email" not in self.given.columns.sure:
                office = office or not _spells(mail, self.rows[at].person)
            free = self.firm_mail.setdefault(group, mail.casefold()) == mail.casefold() if mail and office else False
            found.append(mine and bool(mail) and not free)
        return found

    def _phone_of_person(self) -> list[bool]:
        if any(m.field == "phone" and m.header for m in self.given.columns.mapped if _is_house(m)):
            return [False] * len(self.rows)
        if self.given.by_firm and "phone" not in self.given.columns.sure:
            return [False] * len(self.rows)
        shared = self._shared("phone") | set(zip(self.groups, self.house(), strict=True))
        keys = self.keys("phone")
        pairs = zip(self.groups, keys, self.at_firm, strict=True)
        return [mine and bool(key) and (group, key) not in shared for group, key, mine in pairs]

    def house(self) -> list[str]:
        """The number of the house in each row, as it is compared."""
        return _keys(self.house_numbers(), "phone")

    def house_numbers(self) -> list[str]:
        found = [""] * len(self.rows)
        for header in self.given.columns.house:
            found = [old or new for old, new in zip(found, self.given.listed(header), strict=True)]
        return found

    def keys(self, column: str) -> list[str]:
        return _keys(self.text.get(column, [""] * len(self.rows)), column)

    def _shared(self, column: str) -> set[tuple[int, str]]:
        """The cells that several people of a firm have."""
        names = {
            (group, key, frozenset(tokens(row.person)))
            for group, key, row in zip(self.groups, self.keys(column), self.rows, strict=True)
            if group >= 0 and key
        }
        return {pair for pair, count in Counter((group, key) for group, key, _ in names).items() if count > 1}


def _is_office(mail: str) -> bool:
    """info@, and also the mailbox of a department: einkauf@, acquisti@."""
    local = mail.rpartition("@")[0]
    return email_field.is_role(mail) or bool(role_of(local))


def _is_house(one: Mapped) -> bool:
    from xlcrm.importing.contacts.contact_headers import is_firm_phone

    return is_firm_phone(one.header)


def _keys(cells: Sequence[str], column: str) -> list[str]:
    return comparable(pd.Series(list(cells), dtype="str"), "Clients", column).tolist()


def _spells(mail: str, person: str) -> bool:
    """Whether the part before the "@" holds a word of the name, or an initial with the surname."""
    local = set(tokens(mail.rpartition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ")))
    joined = "".join(sorted(local))
    return any(len(word) > 1 and (word in local or word in joined) for word in tokens(person))


def apart(given: ContactList, clients_table: Table, people: Table, language: str) -> FirmsApart:
    """The list as rows for Clients and rows for People; the list given is not changed."""
    work = _Work(given, language, _own_of_people(given, clients_table, people))
    personal = {str(c): work.of_person(str(c)) for c in work.frame.columns}
    clients = _clients(work, personal)
    rows = _people(work, personal, clients)
    used = tuple(name for name in work.own.values() if name in rows and (as_text(rows[name]) != "").any())
    left = [c for c in rows.columns if c not in set(work.own.values()) or c in used]
    fresh = tuple(name for name in used if name not in people.frame.columns)
    return FirmsApart(replace(given.batch, frame=clients), rows[left], fresh)


def _own_of_people(given: ContactList, clients: Table, people: Table) -> dict[str, str]:
    """The user's own columns of a list of persons, under their names in People."""
    if given.by_firm:
        return {}
    mine = own_headers(given.columns.mapped, clients)
    theirs = own_headers([m for m in given.columns.mapped if not m.field], people)
    return {mine[header]: name for header, name in theirs.items() if mine[header] in given.batch.frame}


def _clients(work: _Work, personal: dict[str, list[bool]]) -> pd.DataFrame:
    """The rows of firms (under the index of their first row) and of private persons, in the order of the list."""
    frame = work.frame
    kept = [at for at, group in enumerate(work.groups) if group < 0 or work.firsts[group] == at]
    found = {name: _firm_cells(work, name, personal[name]) for name in map(str, frame.columns)}
    whole = pd.DataFrame(found, index=frame.index)
    whole = _with_address(work, whole)
    whole = _with_house(work, whole)
    return _with_kind(work, whole).iloc[kept]


def _firm_cells(work: _Work, column: str, personal: Sequence[bool]) -> pd.Series[Any]:
    """A column as the clients have it: of a firm's rows the first cell that is its own."""
    cells = work.frame[column]
    own = work.of_firm(column, personal)
    firsts: dict[int, int] = {}
    for at, (group, mine, text) in enumerate(zip(work.groups, own, work.text[column], strict=True)):
        if mine and text:
            firsts.setdefault(group, at)
    source = [at if group < 0 else firsts.get(group, -1) for at, group in enumerate(work.groups)]
    taken = cells.iloc[[max(at, 0) for at in source]].set_axis(cells.index)
    return taken.mask(pd.Series([at < 0 for at in source], index=cells.index), _blank(cells))


def _blank(cells: pd.Series[Any]) -> Any:
    return "" if isinstance(cells.dtype, pd.StringDtype) else None


def _with_address(work: _Work, whole: pd.DataFrame) -> pd.DataFrame:
    """An address is taken whole from the first row of a firm that has one."""
    columns = [c for c in ADDRESS if c in whole]
    firsts: dict[int, int] = {}
    for at, group in enumerate(work.groups):
        if group >= 0 and any(work.cell(c, at) for c in columns if c != "country"):
            firsts.setdefault(group, at)
    source = [firsts.get(group, at) for at, group in enumerate(work.groups)]
    moved = {c: work.frame[c].iloc[source].set_axis(whole.index) for c in columns}
    return whole.assign(**moved)


def _with_house(work: _Work, whole: pd.DataFrame) -> pd.DataFrame:
    """The firm's own number before any other; a private person's where nothing else stands."""
    numbers = work.house_numbers()
    if not any(numbers):
        return whole
    have = as_text(whole["phone"]).tolist() if "phone" in whole else [""] * len(whole)
    by_firm: dict[int, str] = {}
    for group, number in zip(work.groups, numbers, strict=True):
        if group >= 0 and number:
            by_firm.setdefault(group, number)
    phones = [
        by_firm.get(group, old) if group >= 0 else old or number
        for group, old, number in zip(work.groups, have, numbers, strict=True)
    ]
    return whole.assign(phone=pd.Series(phones, index=whole.index, dtype="str"))


def _with_kind(work: _Work, whole: pd.DataFrame) -> pd.DataFrame:
    """A firm with people is a company, under the name that its first row has."""
    company = words.choice_word("kind", "company", work.language)
    kinds = as_text(whole["kind"]).tolist() if "kind" in whole else [""] * len(whole)
    kinds = [company if group >= 0 else kind for group, kind in zip(work.groups, kinds, strict=True)]
    names = [
        row.firm if group >= 0 else work.cell("company", at)
        for at, (group, row) in enumerate(zip(work.groups, work.rows, strict=True))
    ]
    put = {"kind": kinds, "company": names}
    if work.given.numbers_people and "client_id" in whole:
        ids = zip(work.groups, work.at_firm, as_text(whole["client_id"]), strict=True)
        alone = _alone_ids(work)
        put["client_id"] = [alone.get(group, "") if group >= 0 else text for group, _, text in ids]
    return whole.assign(**{c: pd.Series(v, index=whole.index, dtype="str") for c, v in put.items()})


def _alone_ids(work: _Work) -> dict[int, str]:
    """The firm's number out of a row of the firm without a person, where the others number its people."""
    found: dict[int, str] = {}
    for at, (group, person) in enumerate(zip(work.groups, work.at_firm, strict=True)):
        if group >= 0 and not person and work.cell("client_id", at):
            found.setdefault(group, work.cell("client_id", at))
    return found


# The people.


def _people(work: _Work, personal: dict[str, list[bool]], clients: pd.DataFrame) -> pd.DataFrame:
    """A row a person, in the order of the list, the second contact of a row behind its first."""
    asides = _asides(work, personal, clients)
    found: list[dict[str, object]] = []
    for at in range(len(work.rows)):
        place = {
            "client_at": work.frame.index[_client_at(work, at)],
            "list_row": work.given.batch.row(work.frame.index[at]),
        }
        others = [_extra(work, number, at) for number in sorted(work.given.columns.extras)]
        if work.at_firm[at]:
            own, others = _joined(_person(work, personal, at, asides), others, work.given.columns.extras)
            found.append({**own, **place})
        found += [{**other, **place} for other in others if any(other.get(name) for name in NAMES)]
    spec = [column.name for column in schema.table("People").columns]
    names = [*spec, *work.own.values(), "client_at", "list_row"]
    for person in found:
        title = text_of(person.get("job_title", ""))
        role = role_of(title)
        person["role"] = words.choice_word("role", role, work.language) if role else ""
    frame = pd.DataFrame(found, columns=list(dict.fromkeys(names)))
    return _as_table(frame[[c for c in frame.columns if c in ("client_at", "list_row") or frame[c].notna().any()]])


def _as_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Text columns as text with "" where blank; dates as dates where all of them are."""
    text = {
        c: frame[c].where(frame[c].notna(), "").astype("str")
        for c in frame.columns
        if c not in ("client_at", "list_row") and all(isinstance(v, str) for v in frame[c].dropna())
    }
    dates = {
        c: frame[c].astype("datetime64[us]")
        for c in ("birth_date",)
        if c in frame and c not in text and _all_days(frame[c])
    }
    return frame.assign(**text, **dates)


def _all_days(cells: pd.Series[Any]) -> bool:
    return all(hasattr(value, "year") for value in cells.dropna())


def _client_at(work: _Work, at: int) -> int:
    group = work.groups[at]
    return work.firsts[group] if group >= 0 else at


def _person(work: _Work, personal: dict[str, list[bool]], at: int, asides: dict[int, list[str]]) -> dict[str, object]:
    """The first contact of a row."""
    targets = {column: column for column in work.text if column in PEOPLE} | work.own | {"client_id": "person_id"}
    filled = [c for c in targets if c in work.text and personal[c][at] and work.cell(c, at)]
    found: dict[str, object] = {targets[column]: work.frame[column].iloc[at] for column in filled}
    if found.get("full_name") and work.rows[at].person and not (found.get("first_name") or found.get("last_name")):
        found["full_name"] = work.rows[at].person
    notes = [text_of(found.get("notes", "")), *asides.get(at, [])]
    return {**found, "notes": "; ".join(filter(None, notes))}


def _extra(work: _Work, number: int, at: int) -> dict[str, object]:
    cells = work.given.beside(number)
    return {name: texts[at] for name, texts in cells.items() if texts[at]}


def _joined(
    own: dict[str, object], others: list[dict[str, object]], extras: Iterable[int]
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The first contact with the columns that are its alone, and the others; another name there is another person."""
    left = []
    for number, other in zip(sorted(extras), others, strict=True):
        if number == 1 and _may_be_one(own, other):
            own = {**own, **{name: value for name, value in other.items() if name == "email" or not own.get(name)}}
        else:
            left.append(other)
    return own, left


def _may_be_one(own: dict[str, object], other: dict[str, object]) -> bool:
    mine, theirs = (set(tokens(" ".join(text_of(one.get(n, "")) for n in NAMES))) for one in (own, other))
    return not mine or not theirs or mine <= theirs or theirs <= mine


def _asides(work: _Work, personal: dict[str, list[bool]], clients: pd.DataFrame) -> dict[int, list[str]]:
    """What a row says of its firm otherwise than the firm's row has it, and what People has no column for."""
    found: dict[int, list[str]] = defaultdict(list)
    place = {label: at for at, label in enumerate(clients.index)}
    for column in map(str, work.frame.columns):
        if column in UNTOLD:
            continue
        keys = comparable(work.frame[column], "Clients", column).tolist()
        firm = comparable(clients[column], "Clients", column).tolist()
        for at in (at for at, key in enumerate(keys) if key and work.at_firm[at]):
            kept = firm[place[work.frame.index[_client_at(work, at)]]]
            if column in INTO_NOTES if personal[column][at] else _is_other(column, kept, keys[at]):
                found[at].append(_told(work, column, work.cell(column, at)))
    _addresses(work, found)
    return found


def _is_other(column: str, kept: str, key: str) -> bool:
    return key != kept and not alike(column, kept, key)


def _addresses(work: _Work, found: dict[int, list[str]]) -> None:
    """Another address than the firm's, as one text."""
    columns = [c for c in ADDRESS if c in work.text]
    firm: dict[int, tuple[str, str]] = {}
    for at, group in enumerate(work.groups):
        whole = ", ".join(filter(None, (work.cell(c, at) for c in columns)))
        if group < 0 or not any(work.cell(c, at) for c in columns if c != "country"):
            continue
        first = firm.setdefault(group, (" ".join(tokens(whole)), whole))[0]
        if work.at_firm[at] and not set(tokens(whole)) <= set(first.split()):
            found[at].append(_told(work, "address", whole))


def _told(work: _Work, column: str, value: str) -> str:
    label = words.header("Clients", column, work.language) if schema.table("Clients").column(column) else column
    return f"{label}: {value}"
