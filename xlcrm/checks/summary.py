"""Summary of the problems found: what is alike and harmless becomes one line with a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from xlcrm.checks.worklist import Identity, identity
from xlcrm.problems import Problem

# One line per column, however many cells: nothing is lost in them, and Apply corrections mends them all.
COUNTED = frozenset({"text.spaces", "text.spaces_there", "date.text", "number.text", "gender.known", "birth.known"})
# So many lines of one kind and column are listed; the rest is counted until these are dealt with.
LISTED = 300


def summarised(problems: Sequence[Problem]) -> list[Problem]:
    """The findings as lines of the sheet Problems: counted where `COUNTED`, at most `LISTED` of a code and column."""
    counted: dict[tuple[str, str, str], list[Problem]] = defaultdict(list)
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    found = []
    for problem in problems:
        place = (problem.code, problem.table, problem.column)
        if problem.code in COUNTED:
            counted[place].append(problem)
            continue
        seen[place] += 1
        if seen[place] <= LISTED:
            found.append(problem)
    for (code, table, column), group in counted.items():
        first = group[0]
        count = sum(int(dict(problem.values).get("count", 1)) for problem in group)
        values = (("count", str(count)), ("first_row", str(first.row)), *_tallied(group))
        found.append(Problem(code, table, 0, "", column, "", "", first.safe, first.level, values))
    return found + [more(*place, number) for place, number in seen.items() if number > LISTED]


def more(code: str, table: str, column: str, number: int) -> Problem:
    """The line that says how many of `number` findings of a code and column are not listed."""
    values = (("count", str(number - LISTED)), ("listed", str(LISTED)), ("code", code))
    return Problem("check.more", table, 0, "", column, code, level="note", values=values)


def _tallied(group: Sequence[Problem]) -> tuple[tuple[str, str], ...]:
    """What findings of one line say besides: how many by title, by number and by name, and the rest of the first."""
    told = [dict(problem.values).get("by", "") for problem in group]
    if not any(told):
        return tuple(pair for pair in group[0].values if pair[0] != "count")
    tally = tuple((f"by_{one}", str(told.count(one))) for one in ("title", "number", "name"))
    return (*tally, *(pair for pair in group[0].values if pair[0] != "by"))


def line_of(problem: Problem) -> Identity:
    """The line of the sheet Problems that a finding about one cell is listed or counted in."""
    if problem.code in COUNTED:
        return Identity(problem.code, problem.table, "", problem.column, "", 0)
    return identity(problem)


def counts(problems: Iterable[Problem]) -> dict[str, int]:
    """How many of each level, and how many can be mended without asking."""
    found = {"error": 0, "doubt": 0, "note": 0, "safe": 0}
    for problem in problems:
        found[problem.level] += 1
        found["safe"] += problem.safe
    return found
