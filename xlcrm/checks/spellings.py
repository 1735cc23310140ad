"""Spellings brought together: a salesperson spelt three ways is three salespeople in every table."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial

from xlcrm.checks.judge import Verdict, one_edit
from xlcrm.checks.view import CheckedBook, View
from xlcrm.problems import Problem
from xlcrm.text import caseless, fold, squeeze

# Columns of few words that are grouped by; persons may also stand surname first or with one letter wrong.
GROUPED = {
    "Clients": ("salesperson", "sector", "source", "territory"),
    "Purchases": ("category",),
    "Interactions": ("by",),
    "Opportunities": ("salesperson", "competitor"),
}
PERSONS = frozenset({"salesperson", "by"})
MANY = 400


def check(book: CheckedBook) -> list[Problem]:
    """Spellings that differ from a commoner one of the same column; each variant is one finding."""
    found: list[Problem] = []
    for name, columns in GROUPED.items():
        view = book.get(name)
        for column in columns if view is not None else ():
            if view is not None and view.has(column) and column not in view.table.formulas:
                found += _column(view, column)
    return found


def _column(view: View, column: str) -> list[Problem]:
    """The findings of one column: spellings alike when folded, then rare ones near a common one."""
    return variants(view, column, Counter(view.text(column)[view.filled(column)]))


def variants(view: View, column: str, counts: Counter[str]) -> list[Problem]:
    """The findings of one column from how many cells have each of its spellings."""
    if not 1 < len(counts) <= MANY * 5:
        return []
    found = []
    folded: dict[str, list[str]] = defaultdict(list)
    for word in counts:
        folded[fold(word) or word].append(word)
    best = {key: max(group, key=partial(_usual, counts)) for key, group in folded.items()}
    for key, group in folded.items():
        for variant in group:
            if variant != best[key]:
                certain = squeeze(caseless(variant)) == squeeze(caseless(best[key]))
                found.append(_finding(view, column, variant, best[key], counts, certain))
    if len(best) <= MANY:
        sums = {key: sum(counts[w] for w in group) for key, group in folded.items()}
        found += _near(view, column, best, sums, counts)
    return found


def _usual(counts: Counter[str], word: str) -> tuple[int, bool, bool]:
    """How fit a spelling is to be the right one: the commonest, then not all in capitals, then with a capital."""
    return counts[word], not word.isupper(), word[:1].isupper()


def _near(view: View, column: str, best: dict[str, str], sums: dict[str, int], counts: Counter[str]) -> list[Problem]:
    """Rare spellings one letter, or the order of the names, away from a much commoner one."""
    found = []
    keys = sorted(best, key=lambda key: (-sums[key], key))
    taken: set[str] = set()
    for place, rare in enumerate(keys):
        if any(c.isdigit() for c in rare):  # "Area 12" is no slip of "Area 11"
            continue
        commoner = (key for key in keys[:place] if key not in taken)
        common = next((key for key in commoner if _is_meant(rare, key, column, sums)), None)
        if common is not None:
            taken.add(rare)
            found.append(_finding(view, column, best[rare], best[common], counts, False))
    return found


def _is_meant(rare: str, common: str, column: str, sums: dict[str, int]) -> bool:
    """Whether a rare spelling means a common one: a person's names turned round, or one slip in a longer word.

    A slip is something typed at most three times, and at least five times less than what was meant.
    """
    turned = column in PERSONS and sorted(rare.split()) == sorted(common.split())
    often = sums[common] >= 5 * sums[rare] and sums[rare] <= 3
    return turned or (often and len(rare) >= 7 and one_edit(rare, common))


def _finding(view: View, column: str, variant: str, usual: str, counts: Counter[str], certain: bool) -> Problem:
    """A doubt about all cells with one spelling; `certain` ones are mended without asking."""
    values = (("count", str(counts[variant])), ("usual_count", str(counts[usual])))
    return view.about(Verdict("spelling.variant", usual, certain, "doubt", values), column, variant)
