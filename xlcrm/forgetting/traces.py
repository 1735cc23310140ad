"""Traces of clients: whom a run forgets, and which texts would give them away that belong to nobody who stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.fields import phone
from xlcrm.forgetting.scrubber import Scrubber
from xlcrm.merging.alias_table import id_keys
from xlcrm.tables import Tables
from xlcrm.text import fold_letters
from xlcrm.values import as_text

Mask = np.ndarray[Any, np.dtype[np.bool_]]
# What tells who somebody is: kind of text, and the columns that make one.
FACTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("name", ("full_name",)),
    ("name", ("first_name", "last_name")),
    ("name", ("last_name", "first_name")),
    ("name", ("company",)),
    ("name", ("buyer",)),
    ("email", ("email",)),
    ("phone", ("phone",)),
    ("phone", ("mobile",)),
    ("place", ("address",)),
    ("place", ("buyer_address",)),
    ("place", ("delivery_address",)),
    ("place", ("street", "house_number")),
    ("place", ("house_number", "street")),
    ("place", ("street",)),
    ("text", ("tax_id",)),
    ("text", ("buyer_tax_id",)),
    ("text", ("website",)),
    ("text", ("peppol_id",)),
    ("text", ("main_contact",)),
)
# Whose rows say who somebody is, and the columns with the numbers of clients and of people.
HOLDERS: tuple[tuple[str, str, str], ...] = (
    ("Clients", "client_id", ""),
    ("People", "client_id", "person_id"),
    ("Merged", "new_id", ""),
    ("Merged", "old_id", ""),
    ("Documents", "client_id", ""),
)
# What may look like a client's name and is the firm's own: it is never taken for a trace.
GUARDED: tuple[tuple[str, str], ...] = (
    ("Clients", "salesperson"), ("Clients", "city"), ("Clients", "region"), ("Clients", "sector"),
    ("Clients", "source"), ("Purchases", "product"), ("Purchases", "category"), ("Interactions", "by"),
    ("Opportunities", "salesperson"), ("Settings", "value"), ("Seller", "value"),
)  # fmt: skip
SHORTEST = 4  # characters of a text that is looked for
SURE_WORD = 6  # letters of a single word that is looked for inside of texts


@dataclass(frozen=True)
class Who:
    """Whom a run forgets: numbers of clients and people as `id_keys` gives them, and of open deals that go with them.

    `former` are numbers of clients that were merged into them, `documents` those of their invoices and offers.
    """

    clients: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    deals: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers of clients, former ones too."""
        return self.clients | self.former


@dataclass(frozen=True)
class Erasure:
    """What a run takes out: whom, the texts that give them away, and how far it goes.

    shared         texts of theirs that somebody who stays has, too: they go where a text names a number of theirs
    keep_invoices  invoices and credit notes keep their buyer in the sheet Documents
    everywhere     backups are written anew, too
    """

    who: Who
    texts: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    keep_invoices: bool = False
    everywhere: bool = False

    @cached_property
    def scrubber(self) -> Scrubber:
        """For texts that people read."""
        numbers = tuple(filter(is_telling, self.who.numbers | self.who.people))
        return Scrubber((*self.texts, *numbers), self.phones, numbers, self.shared)

    @cached_property
    def names_only(self) -> Scrubber:
        """For whole parts and files, where digits and numbers like C1234 may be something else."""
        return Scrubber(text for text in self.texts if not text.isdigit())


def named(tables: Sequence[Tables], ids: Iterable[str]) -> Who:
    """Whom numbers of clients (C0042) or people (P0007) mean: the clients with all that was merged into them.

    `tables` are those of the workbook, then of its backups: who was deleted by hand is found there. CrmError
    "forget.unknown" for a number that none has, "forget.merged" for one that is another client by now.
    """
    clients: set[str] = set()
    people: set[str] = set()
    for typed in dict.fromkeys(one.strip() for one in ids):
        key = id_keys(pd.Series([typed])).iloc[0]
        (clients if _is_client(tables, typed, key) else people).add(key)
    former = frozenset(old for held in tables for old in _merged_into(held, clients)) - clients
    theirs = frozenset(p for held in tables for p in _of_clients(held, "People", "person_id", clients))
    papers = frozenset(n for held in tables for n in _of_clients(held, "Documents", "number", clients))
    return Who(frozenset(clients), frozenset(people) | theirs, _open_deals(tables[0], clients), former, papers)


def _is_client(tables: Sequence[Tables], typed: str, key: str) -> bool:
    """Whether a number is a client's, rather than a person's."""
    if _is_merged(tables[0], key):
        raise _merged(tables[0], typed, key)
    for name, column in (("Clients", "client_id"), ("People", "person_id")):
        if any(key in _ids(held, name, column) for held in tables):
            return name == "Clients"
    raise CrmError("forget.unknown", client=typed)


def _is_merged(tables: Tables, key: str) -> bool:
    return key in _ids(tables, "Merged", "old_id") and key not in _ids(tables, "Clients", "client_id")


def _merged(tables: Tables, typed: str, key: str) -> CrmError:
    frame = tables["Merged"].frame
    now = as_text(frame["new_id"])[(id_keys(frame["old_id"]) == key).to_numpy()].iloc[-1]
    return CrmError("forget.merged", client=typed, now=now)


def _ids(tables: Tables, table: str, column: str) -> frozenset[str]:
    if table not in tables or column not in tables[table].frame:
        return frozenset()
    return frozenset(id_keys(tables[table].frame[column])) - {""}


def _merged_into(tables: Tables, clients: Iterable[str]) -> Iterator[str]:
    """Numbers of clients that were merged into these, directly or by way of another."""
    if "Merged" not in tables or not {"old_id", "new_id"} <= set(tables["Merged"].frame):
        return
    frame = tables["Merged"].frame
    pairs = list(zip(id_keys(frame["old_id"]), id_keys(frame["new_id"]), strict=True))
    reached = set(clients)
    for _ in pairs:
        more = {old for old, new in pairs if new in reached} - reached
        if not more:
            break
        reached |= more
    yield from reached - set(clients) - _ids(tables, "Clients", "client_id")


def _of_clients(tables: Tables, table: str, column: str, clients: Iterable[str]) -> Iterator[str]:
    """The cells of a column in the rows of these clients."""
    if table in tables and {column, "client_id"} <= set(tables[table].frame):
        frame = tables[table].frame
        theirs = id_keys(frame["client_id"]).isin(set(clients)).to_numpy()
        yield from (key for key in id_keys(frame[column])[theirs] if key)


def _open_deals(tables: Tables, clients: Iterable[str]) -> frozenset[str]:
    """Opportunities of these clients that are neither won nor lost: nobody is left to win."""
    if "Opportunities" not in tables or "stage" not in tables["Opportunities"].frame:
        return frozenset()
    frame = tables["Opportunities"].frame
    closed = as_text(frame["stage"]).map(lambda stage: words.choice("stage", stage) in ("won", "lost"))
    theirs = frozenset(_of_clients(tables, "Opportunities", "opportunity", clients))
    return theirs - frozenset(id_keys(frame["opportunity"])[closed.to_numpy(dtype=bool)])


# Which texts give them away.


def erasure_of_rows(frames: Iterable[pd.DataFrame], who: Who, country: str = "") -> Erasure:
    """What rows of clients and people say of them; nobody is known who stays."""
    facts = {fact for frame in frames for fact in facts_of(frame)}
    texts = frozenset(text for kind, text in facts if kind != "phone" and _is_sought(kind, text))
    return Erasure(who, texts, frozenset(national(text, country) for kind, text in facts if kind == "phone"))


def erasure(
    tables: Sequence[Tables], who: Who, *, country: str = "", keep_invoices: bool = False, everywhere: bool = False
) -> Erasure:
    """What to look for: all that the rows of `who` say of them, less what also says who somebody is that stays.

    `tables` as for `named`: of all of them those who are forgotten are taken, of the first one those who stay.
    """
    facts = {fact for held in tables for fact in _facts(held, who, theirs=True)}
    staying = "\n".join(_staying(tables[0], who))
    sought = {text for kind, text in facts if kind != "phone" and _is_sought(kind, text)}
    texts = _alone(sought, staying)
    phones = frozenset(national(text, country) for kind, text in facts if kind == "phone")
    heard = {national(hit) for hit in Scrubber((), phones).found(staying)}
    return Erasure(who, texts, phones - heard, frozenset(sought - texts), keep_invoices, everywhere)


def _alone(texts: set[str], staying: str) -> frozenset[str]:
    """The texts that don't stand in what is said of those who stay."""
    shared = {fold_letters(hit) for hit in Scrubber(texts).found(staying)}
    return frozenset(text for text in texts if fold_letters(text) not in shared)


def national(number: str, country: str = "") -> str:
    """The digits of a phone number without country code and leading zeros; of what is no valid number all digits."""
    try:
        text = phone.validate(number, country).partition(";")[0]
    except ValueError:
        text = phone.compact(number)
    if text.startswith("+"):
        import phonenumbers

        text = str(phonenumbers.parse(text).national_number)
    return "".join(filter(str.isdigit, text)).lstrip("0")


def _facts(tables: Tables, who: Who, *, theirs: bool) -> Iterator[tuple[str, str]]:
    """(kind, text) of what the rows of those who go say of them, or of those who stay."""
    for name, client, person in HOLDERS:
        if name in tables and client in tables[name].frame:
            frame = tables[name].frame
            mine = _rows_of(frame, client, person, who)
            yield from facts_of(frame[mine if theirs else ~mine])


def _rows_of(frame: pd.DataFrame, client: str, person: str, who: Who) -> Mask:
    mine = id_keys(frame[client]).isin(who.numbers).to_numpy(dtype=bool)
    if person and person in frame:
        mine = mine | id_keys(frame[person]).isin(who.people).to_numpy(dtype=bool)
    return np.asarray(mine, dtype=bool)


def facts_of(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """(kind, text) of what some rows of a table say of somebody, each part of an address a text of its own, too."""
    for kind, columns in FACTS:
        if not set(columns) <= set(frame):
            continue
        cells = [as_text(frame[column]).str.strip() for column in columns]
        for parts in dict.fromkeys(zip(*cells, strict=True)):
            if all(parts):
                yield from _told(kind, " ".join(parts))


def _told(kind: str, text: str) -> Iterator[tuple[str, str]]:
    yield kind, text
    if kind == "place":
        yield from ((kind, line.strip()) for line in text.replace(",", "\n").splitlines() if line.strip() != text)


def _staying(tables: Tables, who: Who) -> Iterator[str]:
    """Texts that say who stays, and the firm's own words."""
    for name, client, person in HOLDERS[:2]:
        if name in tables and client in tables[name].frame:
            frame = tables[name].frame
            yield from (text for _, text in facts_of(frame[~_rows_of(frame, client, person, who)]))
    for table in tables.values():
        yield from (table.sheet, *table.headers.values())  # a mark in a header would break its table
    for name, column in GUARDED:
        if name in tables and column in tables[name].frame:
            yield from as_text(tables[name].frame[column].drop_duplicates())


def _is_sought(kind: str, text: str) -> bool:
    """Whether a text is long enough to mean one client: several words, an address of mail, or a rare long word."""
    several = len(text.split()) > 1 or "@" in text or (kind == "text" and any(map(str.isdigit, text)))
    return len(text) >= SHORTEST and (several or (kind == "name" and len(text) >= SURE_WORD))


def is_telling(number: str) -> bool:
    """Whether a client's number can be told from any other figure in a text."""
    return len(number) >= SHORTEST and any(map(str.isalpha, number)) and any(map(str.isdigit, number))
