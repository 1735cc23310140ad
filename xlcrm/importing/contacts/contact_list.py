"""A contact list as it is read: the firm and the person of each row, and what speaks for a list of firms' contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from xlcrm.importing import programs
from xlcrm.importing.batches import Batch
from xlcrm.importing.contacts import contact_headers
from xlcrm.importing.contacts.contact_headers import NAMES, ContactHeader, contact_header
from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.importing.matching import name_key
from xlcrm.people.same_firm import Firm, clusters, firm_key
from xlcrm.text import tokens
from xlcrm.values import as_text

Extra = Mapping[str, Sequence[str]]  # field of People -> the cell of each row


class Columns(NamedTuple):
    """The columns of a list, the contacts' apart.

    mapped   what is left for Clients, and the first contact's columns that are mapped there
    extras   number of the contact -> field of People -> header, for columns that are mapped nowhere
    sure     fields of Clients whose header names the contact
    house    headers of the firm's own telephone
    """

    mapped: tuple[Mapped, ...]
    extras: Mapping[int, Mapping[str, str]]
    sure: frozenset[str]
    house: tuple[str, ...]


def columns_of(mapped: Sequence[Mapped]) -> Columns:
    """Which columns are whose, by their headers alone."""
    filled = [one for one in mapped if one.how not in {"given", "empty"}]
    read = {one: found for one in filled if (found := contact_header(one.header)) is not None}
    sure = frozenset(one.field for one, found in read.items() if found.number == 1) - {""}
    extras = _extras(read, any(m.field in NAMES for m in mapped))
    house = tuple(m.header for m in filled if m not in read and contact_headers.is_firm_phone(m.header))
    taken = {*house, *(header for fields in extras.values() for header in fields.values())}
    return Columns(tuple(m for m in mapped if m.header not in taken), extras, sure, house)


def _extras(read: Mapping[Mapped, ContactHeader], mapped_names: bool) -> dict[int, dict[str, str]]:
    """The columns of each contact that are no column of Clients; those of contacts without a name are left out."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for one, header in read.items():
        if header.number > 1 or not one.field:
            found[header.number].setdefault(header.field, one.header)
    return {number: fields for number, fields in found.items() if _is_named(number, fields, mapped_names)}


def _is_named(number: int, fields: Mapping[str, str], mapped_names: bool) -> bool:
    """Whether a contact has a column of names: of its own, or the list's where it is the first."""
    return bool(set(fields) & set(NAMES)) or (number == 1 and mapped_names)


class ContactRow(NamedTuple):
    """The firm that a row names ("" where none), its person's whole name ("" where none), and whether it is part of the
    row above: a further contact of that firm, and nothing else."""

    firm: str
    person: str
    child: bool = False


class ContactsFound(NamedTuple):
    """What a contact list is: its firms with people, the people there, and the rows of people without a firm.

    several   a firm has two people or more
    sure      nobody need be asked: these are firms and their contacts
    """

    firms: int
    people: int
    private: int
    several: bool
    sure: bool


@dataclass(frozen=True)
class ContactList:
    """A list typed as Clients (`batch`), with the columns of its contacts beside it.

    known  where given: the rows that are people at a firm, with the firm's name; all others are clients as they stand
    """

    one: Incoming
    batch: Batch
    columns: Columns
    known: Mapping[int, str] | None = None

    @cached_property
    def program(self) -> str:
        return programs.program_of(map(str, self.one.frame.columns))

    @cached_property
    def rows(self) -> list[ContactRow]:
        """Each row's firm and person."""
        if self.known is not None:
            plain = replace(self, known=None).rows
            return [row._replace(firm=self.known.get(at, ""), child=False) for at, row in enumerate(plain)]
        firms, wholes = self._firm_names(), self.cells("full_name")
        known = {name_key(firm) for firm in (*firms, *wholes) if firm and "," not in firm}
        found: list[ContactRow] = []
        for firm, whole, part, child in zip(firms, wholes, self._parts(), self._children, strict=True):
            firm, person = _apart(firm, whole, part, known)
            above = found[-1].firm if found and child and person and not firm else ""
            found.append(ContactRow(above or firm, person, bool(above)))
        return found

    def _firm_names(self) -> list[str]:
        """The firm that each row names; not an employer, and not what says that there is none."""
        firms, header = self.cells("company"), self._header("company")
        if header and contact_headers.is_employer(header):
            return [""] * self.size
        return ["" if contact_headers.is_no_firm(firm) else firm for firm in firms]

    def _parts(self) -> list[str]:
        """The name of each row's person out of several columns, or out of a first contact's own."""
        first = self.beside(1)
        named = zip(self.cells("first_name"), self.cells("last_name"), strict=True)
        own = zip(named, first["full_name"], first["last_name"], strict=True)
        return [" ".join(filter(None, both)) or whole or last for both, whole, last in own]

    @cached_property
    def groups(self) -> list[int]:
        """The firm of each row as a number, -1 where it names none; two rows of one number are one firm."""
        details = zip(self.cells("tax_id"), self.firm_ids, self.cells("city"), self.cells("email"), strict=True)
        firms = [Firm(row.firm, *more) for row, more in zip(self.rows, details, strict=True)]
        found = clusters(firms)
        for at, row in enumerate(self.rows):
            if row.child:
                found[at] = found[at - 1]
        return found

    @cached_property
    def firm_ids(self) -> list[str]:
        """The firm's own number in each row; blanks where the list numbers its contacts."""
        ids = self.cells("client_id")
        return [""] * len(ids) if self.numbers_people else ids

    @cached_property
    def numbers_people(self) -> bool:
        """Whether the column of ids numbers the contacts and not the firms."""
        header = self._header("client_id")
        return bool(header) and (contact_headers.is_person_id(header) or self._each_its_own())

    def _each_its_own(self) -> bool:
        """Rows of one firm's name that all have another id, people among them."""
        ids: dict[str, list[str]] = defaultdict(list)
        for row, own in zip(self.rows, self.cells("client_id"), strict=True):
            if row.firm and own:
                ids[firm_key(row.firm)].append(own)
        several = {firm for firm, found in ids.items() if len(found) > 1 and len(set(found)) == len(found)}
        return any(row.person and firm_key(row.firm) in several for row in self.rows)

    @cached_property
    def found(self) -> ContactsFound:
        """What the list is, and whether that is sure."""
        people = self._people_of_firms()
        more = self._more()
        several = any(len(names) > 1 for names in people.values()) or self._is_mixed
        private = sum(bool(row.person) and not row.firm for row in self.rows)
        count = sum(map(len, people.values())) + more
        sure = any((self._is_told(several), any(row.child for row in self.rows), more > 0 and bool(people)))
        return ContactsFound(len(people) or min(more, 1), count, private, several, sure)

    def _is_told(self, several: bool) -> bool:
        """A firm with several people, under headers or a program that say what they are, or beside its own row."""
        strong = self.is_strong and several and (self._by_program or not self.customers_numbered)
        return strong or (self._is_mixed and not self.customers_numbered)

    def _people_of_firms(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        for group, row in self._grouped(person=True):
            found[group].add(name_key(row.person))
        return found

    @cached_property
    def _is_mixed(self) -> bool:
        """A firm has a row of its own and rows of its people."""
        alone, named = ({group for group, _ in self._grouped(person=person)} for person in (False, True))
        return bool(alone & named)

    def _grouped(self, *, person: bool) -> list[tuple[int, ContactRow]]:
        """The rows that name a firm, with a person or without."""
        rows = zip(self.groups, self.rows, strict=True)
        return [(group, row) for group, row in rows if group >= 0 and bool(row.person) == person]

    def _more(self) -> int:
        """How many second and third contacts there are."""
        further = [self.beside(number) for number in self.columns.extras if number > 1]
        return sum(any(cells[name][at] for name in NAMES) for cells in further for at in range(self.size))

    @property
    def customers_numbered(self) -> bool:
        """Every row is a customer of its own to the program that wrote the list."""
        return self._each_its_own() and not contact_headers.is_person_id(self._header("client_id"))

    @property
    def _by_program(self) -> bool:
        return contact_headers.is_crm(self.program)

    @property
    def is_strong(self) -> bool:
        """A header names the contact or the account, or the program is one of contacts and accounts."""
        named = bool(self.columns.sure & set(NAMES)) or bool(self.columns.extras)
        return named or contact_headers.is_account(self._header("company")) or self._by_program

    @cached_property
    def by_firm(self) -> bool:
        """Whether a row is a firm with its contact, so that a general telephone, notes and numbers are the firm's."""
        lone = [g for g, row in zip(self.groups, self.rows, strict=True) if g >= 0 and row.person and not row.child]
        once = len(lone) == len(set(lone))
        marked = self.is_strong or any(self.firm_ids) or any(self.cells("tax_id"))
        return once and marked and not contact_headers.is_account(self._header("company")) and not self._persons_program

    @property
    def _persons_program(self) -> bool:
        return self._by_program and not self.columns.extras

    @property
    def size(self) -> int:
        return len(self.batch.frame)

    def has(self, name: str) -> bool:
        """Whether the list has a column of Clients."""
        return name in self.batch.frame

    def cells(self, name: str) -> list[str]:
        """A column of the batch as text without blanks around it; blanks where there is none."""
        if name not in self.batch.frame:
            return [""] * self.size
        return as_text(self.batch.frame[name]).str.strip().tolist()

    def beside(self, number: int) -> Extra:
        """The cells of a contact's own columns, every field of a name among them."""
        headers = self.columns.extras.get(number, {})
        fields = dict.fromkeys((*NAMES, *headers))
        return {f: self.listed(headers[f]) if f in headers else [""] * self.size for f in fields}

    def listed(self, header: str) -> list[str]:
        """A column of the list as text, row by row of the batch."""
        return as_text(self.one.frame[header]).str.strip().reindex(self.batch.frame.index).tolist()

    @cached_property
    def _children(self) -> list[bool]:
        """In which rows only columns of the contact hold something."""
        headers = [str(h) for h in self.one.frame.columns]
        others = [self.listed(h) for h in headers if contact_header(h) is None]
        if len(others) in {0, len(headers)}:
            return [False] * self.size
        return [not any(row) for row in zip(*others, strict=True)]

    def _header(self, field: str) -> str:
        return next((m.header for m in self.columns.mapped if m.field == field and m.table == "Clients"), "")


def _apart(firm: str, whole: str, part: str, known: set[str]) -> tuple[str, str]:
    """The firm and the person of a row; "Firm, Person" is taken apart where that firm is known."""
    before, comma, after = whole.partition(", ")
    if comma and after and (name_key(before) == name_key(firm) if firm else name_key(before) in known):
        return firm or before, after
    person = part or whole
    if firm and set(tokens(person)) == set(tokens(firm)):
        return firm, ""
    return firm, person
