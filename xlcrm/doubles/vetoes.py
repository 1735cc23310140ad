"""Vetoes, the hard rules of deduplication: what can never be one client, whatever else agrees, with a reason.

Odds weigh evidence, but two valid tax numbers of one kind are not evidence to be outweighed by a shared switchboard.
A pair with a veto is "perhaps" at best, or no pair at all, and never joins a group.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlcrm.doubles.evidence import Comparer, PairEvidence
from xlcrm.doubles.prepared import Mask

Codes = npt.NDArray[np.object_]


def _person_and_firm(comparer: Comparer, evidence: PairEvidence) -> Mask:
    return comparer.person_and_firm(evidence)


def _two_tax_numbers(comparer: Comparer, evidence: PairEvidence) -> Mask:
    """Both have a number of one shape, and it differs by more than a slip; a VAT and a person's number may be one's."""
    level = evidence.levels.get("tax_id")
    if level is None:
        return np.zeros(len(evidence), bool)
    shape = comparer.rows.column("tax_id").map(lambda text: re.sub(r"[a-z]", "a", re.sub(r"\d", "0", text))).codes
    return np.asarray((level >= 0) & (level <= 1) & (shape[evidence.first] == shape[evidence.second]))


def _two_branches(comparer: Comparer, evidence: PairEvidence) -> Mask:
    """The company cell of one names a branch that the other's doesn't."""
    branch = comparer.rows.branch.codes
    return np.asarray(branch[evidence.first] != branch[evidence.second])


TWO = -10.0  # bits of a pair that is none


class Veto(NamedTuple):
    """A rule, the bits that a pair has at most under it, and what a user is told."""

    code: str
    applies: Callable[[Comparer, PairEvidence], Mask]
    ceiling: float
    said: str


RULES = (
    Veto("person_and_firm", _person_and_firm, TWO, "a firm and a person, even its owner, are two clients"),
    Veto("two_tax_numbers", _two_tax_numbers, 0.0, "two tax numbers of one kind belong to two taxpayers"),
    Veto("two_branches", _two_branches, 0.0, "a branch is a client beside its firm"),
)


def under_vetoes(scores: npt.NDArray[np.float64], codes: Codes) -> npt.NDArray[np.float64]:
    """The bits of each pair once its veto is heard: a pair that all else doesn't speak for either is no pair at all."""
    result = scores.copy()
    for veto in RULES:
        forbidden = codes == veto.code
        result[forbidden] = np.where(scores[forbidden] < 0, TWO, np.minimum(scores[forbidden], veto.ceiling))
    return result


def vetoes(comparer: Comparer, evidence: PairEvidence) -> Codes:
    """The code of the first rule that forbids each pair, "" where none does."""
    found: Codes = np.full(len(evidence), "", dtype=object)
    for veto in RULES:
        found[veto.applies(comparer, evidence) & (found == "")] = veto.code
    return found
