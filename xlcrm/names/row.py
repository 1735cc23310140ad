"""What one cell holds before anybody decides which words are the given names: that decision needs the other rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlcrm.names.name_words import Word


@dataclass(slots=True)
class Row:
    """A dissected cell. The order of `units` is open, unless `family` is set: then `given` and `family` are known.

    `partner` is the other half of a couple, `joiner` the "and" between them.
    """

    kind: str = "person"
    units: list[Word] = field(default_factory=list)
    given: list[Word] | None = None
    family: list[Word] | None = None
    title: str = ""
    suffix: str = ""
    nickname: str = ""
    company: str = ""
    legal_form: str = ""
    remainder: list[str] = field(default_factory=list)
    partner: Row | None = None
    joiner: str = ""
    partner_in_front: bool = False
    reason: str = ""
    one_case: bool = False
