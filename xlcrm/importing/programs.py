"""Programs whose exports are known by their header line: which of them wrote a list, and what its headers mean there.

They stand in `xlcrm/data/importing/programs.csv`, a program a block: program, table, field, headers. Field "-" is a
header that is known and no field of ours; table "fact" says how the program writes (dates, decimal).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

from xlcrm.importing.word_tables import rows_of

NO_FIELD = "-"
# A program is told by so many of its headers, of them so many that only it has, or by so many of those alone.
LEAST, SHARE, OWN = 3, 0.5, 3
MARKS, NEARLY_ALL = 2, 0.8


def program_of(headers: Iterable[str]) -> str:
    """The program whose export has this header line; "" where none is known.

    At least three headers spelt as that program spells them, with three among them that no other program has; two are
    enough where half of the list's headers are the program's, one where nearly all are. Of several programs the one
    with the most such headers, then the first in the file.
    """
    spelt = {_spelling(header) for header in headers}
    best, best_score = "", 0.0
    for name, known in _headers().items():
        common = spelt & known
        own = sum(_programs_with()[header] == 1 for header in common)
        score = len(common) + own / 1000
        if score > best_score and _is_told(len(common), own, len(spelt)):
            best, best_score = name, score
    return best


def _is_told(common: int, own: int, all_headers: int) -> bool:
    if common < LEAST or not own:
        return False
    share = common / all_headers
    return own >= OWN or share >= NEARLY_ALL or (own >= MARKS and share >= SHARE)


def field_of(program: str, table: str, header: str) -> str:
    """What the header means in a list of that program for `table`: a field, "-" for none, "" where unknown."""
    return _fields().get((program, table, _spelling(header)), "")


def fact(program: str, name: str) -> str:
    """How the program writes: "dates" is mdy, dmy or ymd, "decimal" is "." or ","; "" where it follows the country."""
    return _fields().get((program, "fact", name), "")


def names() -> tuple[str, ...]:
    """All known programs."""
    return tuple(_headers())


def _spelling(header: str) -> str:
    return " ".join(str(header).split()).casefold()


@cache
def _headers() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows():
        if row["table"] != "fact":
            found.setdefault(row["program"], set()).update(_spelling(word) for word in row["headers"].split("|"))
    return {name: frozenset(words) for name, words in found.items()}


@cache
def _programs_with() -> Counter[str]:
    return Counter(header for known in _headers().values() for header in known)


@cache
def _fields() -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for row in rows():
        if row["table"] == "fact":
            found[row["program"], "fact", row["field"]] = row["headers"]
            continue
        for word in row["headers"].split("|"):
            found[row["program"], row["table"], _spelling(word)] = row["field"]
    return found


def rows() -> tuple[dict[str, str], ...]:
    """The rows of the file."""
    return rows_of("programs")
