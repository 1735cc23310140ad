"""What the user said about a list, remembered by its shape: the next list with the same headers is read so, too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xlcrm.importing.header_words import key
from xlcrm.importing.incoming import Incoming

TOLD = ("dates", "decimal", "people")


@dataclass(frozen=True)
class Choices:
    """`mapping` is header -> column as the user gave them; `dates`, `decimal`, `people` as for `planning.plan`."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""
    decimal: str = ""
    people: str = ""

    def over(self, older: Choices) -> Choices:
        """These choices, and the older ones where these say nothing."""
        whole = {**older.mapping, **self.mapping}
        return Choices(whole, self.dates or older.dates, self.decimal or older.decimal, self.people or older.people)

    @property
    def told(self) -> str:
        """As the options of the command: for a sentence."""
        named = [f'--map "{header}={name}"' for header, name in self.mapping.items()]
        options = [("--dates", self.dates), ("--decimal", self.decimal)]
        people = {"yes": ["--people"], "no": ["--no-people"]}.get(self.people, [])
        return " ".join([*named, *(f"{name} {value}" for name, value in options if value), *people])


def shape(headers: Iterable[str]) -> str:
    """A short name for lists with these headers, in any order and case."""
    return hashlib.sha256("\n".join(sorted(map(key, headers))).encode()).hexdigest()[:16]


def of(lists: Sequence[Incoming], known: Mapping[str, Choices]) -> dict[str, Choices]:
    """The remembered choices for each list that has some, by the list's name."""
    found = {one.name: known.get(shape(map(str, one.frame.columns)), Choices()) for one in lists}
    return {name: choices for name, choices in found.items() if choices.told}


def together(found: Iterable[Choices]) -> Choices:
    """The choices for several lists of one import; what they contradict each other about is not chosen."""
    all_of = list(found)
    mapping = {header: name for one in reversed(all_of) for header, name in one.mapping.items()}
    told = ({getattr(one, name) for one in all_of} - {""} for name in TOLD)
    return Choices(mapping, *(next(iter(said)) if len(said) == 1 else "" for said in told))


def said(lists: Sequence[Incoming], given: Choices) -> dict[str, Choices]:
    """What is to be remembered of what was given: shape -> the choices that are about such a list."""
    found = {}
    for one in lists:
        headers = {key(str(c)) for c in one.frame.columns}
        mapping = {header: name for header, name in given.mapping.items() if key(header) in headers}
        choices = Choices(mapping, given.dates, given.decimal, given.people)
        if choices.told:
            found[shape(map(str, one.frame.columns))] = choices
    return found
