"""The role of a person that a job title tells, in six languages: management, buys, pays, assistant, or none.

The words stand in `xlcrm/data/importing/role_words.csv`; the kinds are asked in the order of that file, so that the
assistant of a director is an assistant. A title that tells nothing leaves the role blank: who decides is known by those
who have been there.
"""

from __future__ import annotations

from functools import cache

from xlcrm.importing.word_tables import rows_of, words_of
from xlcrm.text import fold

LESSER = "lesser"


@cache
def role_of(title: str) -> str:
    """The role (as `schema` has it) that a job title in any of the languages tells; "" where it tells none."""
    text = f" {fold(title)} "
    for phrase in sorted(words_of("role_words", LESSER), key=len, reverse=True):
        text = text.replace(f" {phrase} ", "  ")
    return next((role for role in _roles() if any(f" {word} " in text for word in words_of("role_words", role))), "")


@cache
def _roles() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["kind"] for row in rows_of("role_words") if row["kind"] != LESSER))
