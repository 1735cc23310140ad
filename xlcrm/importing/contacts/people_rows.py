"""People rows of a list laid over the table People: known ones by e-mail or name within their firm, new ones added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.importing.batches import Batch
from xlcrm.importing.client_rows import KEPT
from xlcrm.importing.filling import Filled, fill
from xlcrm.importing.matching import comparable, name_key
from xlcrm.people.channel_consent import FLAGS
from xlcrm.people.person_ids import person_ids
from xlcrm.plan import Added, NewColumn, Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table
from xlcrm.values import as_flag, as_text


class Planned(NamedTuple):
    """What happens to the table, and how many people come in and were there."""

    plan: Plan
    added: int
    known: int


class _Person(NamedTuple):
    """A person as they are found again: all as it is compared."""

    number: str
    email: str
    name: str
    born: str


@dataclass
class _Firm:
    """The people of a firm so far, each with their place: in the table, or behind it where they are new."""

    people: list[tuple[int, _Person]]

    def place_of(self, one: _Person) -> int:
        """Where the person is, -1 where nobody there is them."""
        tests = (_same_number, _same_email, _same_name)
        return next((place for test in tests for place, other in self.people if test(one, other)), -1)


def _same_number(one: _Person, other: _Person) -> bool:
    return bool(one.number) and one.number == other.number and _related(one, other)


def _same_email(one: _Person, other: _Person) -> bool:
    return bool(one.email) and one.email == other.email and _related(one, other)


def _same_name(one: _Person, other: _Person) -> bool:
    born = not one.born or not other.born or one.born == other.born
    return bool(one.name) and one.name == other.name and born


def _related(one: _Person, other: _Person) -> bool:
    """A word of the name in common, or no name at all on one side: a shared e-mail makes nobody the same."""
    return not one.name or not other.name or bool(set(one.name.split()) & set(other.name.split()))


def plan_people(
    table: Table, people: pd.DataFrame, *, settings: Settings, file: str, update: bool = False,
    taken: Iterable[str] = (), stopped: frozenset[str] = frozenset(), own: tuple[str, ...] = (),
) -> Planned:  # fmt: skip
    """Adds the people who are not there yet and completes those who are.

    `people` has People's columns with their client_id, and "list_row". `taken` are person ids that any table names,
    `stopped` e-mail addresses that somebody opted out with, `own` the headers of new columns. A person is found by
    their id, then by e-mail, then by name, among those of the same client. A no is never taken back.
    """
    rows = people.drop(columns=["list_row", "client_at"], errors="ignore").reset_index(drop=True)
    rows = _guarded(rows, stopped, settings.language)
    at = _places(table.frame, rows, settings.country)
    height = len(table.frame)
    known, fresh = at < height, ~at.duplicated() & (at >= height)
    done = _filled(table, rows[known.to_numpy()], at[known].to_numpy(), update, "import.differs")
    new = rows[fresh.to_numpy()].reset_index(drop=True)
    new = _with_repeats(new, rows[(~known & ~fresh).to_numpy()], (at[~known & ~fresh] - height).to_numpy())
    new = _numbered(new, taken)
    first = ["person_id", "client_id"]
    columns = [*first, *(c for c in new.columns if c not in first and (c in table.frame or c in own))]
    added = (Added(table.name, new[columns]),) if len(new) else ()
    problems = [
        problem._replace(values=(*problem.values, ("file", file))) for part in done for problem in part.problems
    ]
    changes = tuple(change for part in done for change in part.changes)
    used = tuple(NewColumn(table.name, name) for name in own)
    plan = Plan("import", changes=changes, added=added, new_columns=used, problems=tuple(problems))
    return Planned(plan, len(new), int(known.sum()))


def _places(frame: pd.DataFrame, rows: pd.DataFrame, country: str) -> pd.Series[Any]:
    """For each row the place in the table, or behind its end (height, height + 1 ...) for new people."""
    firms: dict[str, _Firm] = defaultdict(lambda: _Firm([]))
    for place, (client, person) in enumerate(_read(frame, country)):
        firms[client].people.append((place, person))
    found, behind = [], len(frame)
    for client, person in _read(rows, country):
        place = firms[client].place_of(person)
        if place < 0:
            place, behind = behind, behind + 1
        firms[client].people.append((place, person))
        found.append(place)
    return pd.Series(found, index=rows.index, dtype="int64")


def _read(frame: pd.DataFrame, country: str) -> list[tuple[str, _Person]]:
    """The people of a frame with their client's id."""

    def column(name: str) -> list[str]:
        return comparable(frame[name], "People", name).tolist() if name in frame else [""] * len(frame)

    names = _names(frame, country)
    both = zip(column("client_id"), column("person_id"), column("email"), names, column("birth_date"), strict=True)
    return [(client.upper(), _Person(number.upper(), *more)) for client, number, *more in both]


def _names(frame: pd.DataFrame, country: str) -> list[str]:
    """Given and family names in any order; of a whole name without title and suffix."""
    from xlcrm.names.column import split_names

    def column(name: str) -> list[str]:
        return as_text(frame[name]).str.strip().tolist() if name in frame else [""] * len(frame)

    wholes = column("full_name")
    distinct = list(dict.fromkeys(filter(None, wholes)))
    read = split_names(pd.Series(distinct, dtype="str"), country=country)
    bare = [" ".join(filter(None, parts)) for parts in zip(read["first_name"], read["last_name"], strict=True)]
    split = {whole: name or whole for whole, name in zip(distinct, bare, strict=True)}
    parts = zip(wholes, column("first_name"), column("last_name"), strict=True)
    return [name_key(" ".join(filter(None, (first, last))) or split.get(whole, "")) for whole, first, last in parts]


def _filled(table: Table, rows: pd.DataFrame, at: Any, update: bool, code: str) -> list[Any]:
    """What rows say of people who are there; a no counts always, a yes never takes one back."""
    outs = [c for c in FLAGS if c in rows]
    plain = rows.drop(columns=[*outs, *(c for c in ("client_id", "person_id") if c in rows)])
    kept = frozenset(map(str, plain.columns)) if not update else KEPT | {"role"}
    parts = [fill(table, plain, at, kept=kept, code=code)]
    for column in outs:
        yes = as_flag(rows[column]).to_numpy()
        parts.append(fill(table, rows.loc[yes, [column]], at[yes], kept=frozenset()))
    return parts


def _with_repeats(new: pd.DataFrame, again: pd.DataFrame, at: Any) -> pd.DataFrame:
    """New people completed from later rows that are the same person; notes are put together."""
    if not len(again):
        return new
    inner = Table("People", "", new, {}, 0)
    plain = again.drop(columns=["notes"], errors="ignore")
    whole = new.copy()
    for change in (
        change for part in _filled(inner, plain, at, False, "import.differs_in_list") for change in part.changes
    ):
        column = whole[change.column].astype(object)
        column.loc[change.after.index] = change.after
        whole[change.column] = column if change.after.dtype == object else column.astype(change.after.dtype)
    if "notes" in again:
        notes = as_text(whole["notes"]).tolist()
        for place, text in zip(at, as_text(again["notes"]), strict=True):
            if text and text not in notes[place]:
                notes[place] = "; ".join(filter(None, (notes[place], text)))
        whole = whole.assign(notes=pd.Series(notes, index=whole.index, dtype="str"))
    return whole


def _numbered(new: pd.DataFrame, used: Iterable[str]) -> pd.DataFrame:
    """Ids for new people: their own where free, else the next ones."""
    given = as_text(new["person_id"]).str.strip().tolist() if "person_id" in new else [""] * len(new)
    return new.assign(person_id=pd.Series(person_ids(given, used), index=new.index, dtype="str"))


def _guarded(rows: pd.DataFrame, stopped: frozenset[str], language: str) -> pd.DataFrame:
    """An address that somebody opted out with is opted out for a person, too."""
    if "email" not in rows or not stopped:
        return rows
    marked = comparable(rows["email"], "People", "email").isin(stopped)
    yes = words.choice_word("done", "yes", language)
    blank = pd.Series("", index=rows.index, dtype="str")
    flags = as_text(rows["opt_out_email"]) if "opt_out_email" in rows else blank
    return rows.assign(opt_out_email=flags.mask(marked, yes))


def stopped_addresses(*tables: Table) -> frozenset[str]:
    """The e-mail addresses that somebody in these tables opted out with, as they are compared."""
    found: set[str] = set()
    for table in tables:
        frame = table.frame
        if {"email", "opt_out_email"} <= set(frame.columns):
            found |= set(comparable(frame["email"], table.name, "email")[as_flag(frame["opt_out_email"])])
    return frozenset(found - {""})


# column of the list -> columns of People that it is looked for in, and the opt-out that it means
STOPS = {
    "email": (("email",), "opt_out_email"),
    "phone": (("phone", "mobile"), "opt_out_phone"),
    "mobile": (("phone", "mobile"), "opt_out_phone"),
}


def stop_people(people: Table, batch: Batch, language: str) -> tuple[Plan, pd.Series[bool]]:
    """The opt-outs that the list means for people of the table, and which of its rows are there; nobody is added."""
    yes = words.choice_word("done", "yes", language)
    hit = pd.Series(False, index=batch.frame.index)
    parts: list[Filled] = []
    for column in (c for c in STOPS if c in batch.frame):
        fields, stop = STOPS[column]
        asked = comparable(batch.frame[column], "People", column)
        for field in (f for f in fields if f in people.frame and stop in people.frame):
            have = comparable(people.frame[field], "People", field)
            at = np.flatnonzero(have.isin(set(asked) - {""}))
            hit |= asked.isin(set(have.iloc[at]))
            parts.append(fill(people, pd.DataFrame({stop: yes}, index=range(len(at))), at, kept=frozenset()))
    return Plan("import", changes=Filled.of(parts).changes), hit
