"""Explanations of linkage decisions: for each pair the fields, their level codes and bits, as values and as a sentence.

The codes are what programs read and translate; the English sentence is made from them and nothing reads it back.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from xlcrm.doubles.engine import SURELY, Scored
from xlcrm.doubles.odds import relations
from xlcrm.doubles.prepared import BLANK, KINDS, Ints
from xlcrm.doubles.vetoes import RULES
from xlcrm.doubles.word_forms import rows_of

COLUMNS = ["left", "right", "score", "band", "group", "reasons", "codes"]
Codes = tuple[tuple[str, str, float], ...]


@cache
def _levels() -> dict[tuple[str, str], str]:
    return {(row["kind"], row["code"]): row["said"] for row in rows_of("comparison_levels")}


@cache
def _codes(kind: str) -> tuple[str, ...]:
    return tuple(row["code"] for row in rows_of("comparison_levels") if row["kind"] == kind)


@cache
def _said() -> dict[str, str]:
    return {row["field"]: row["said"] for row in rows_of("compared_fields")}


def reasons_of(found: Scored, keep: Ints) -> list[Codes]:
    """Of each pair (field, level, bits) for the fields that both rows have; then what else it may be, and its veto."""
    evidence = found.evidence.part(keep)
    ratios = {name: np.round(np.log2(ratio), 2) for name, ratio in found.odds.ratios(evidence).items()}
    result = []
    for n in range(len(evidence)):
        levels = ((name, int(evidence.levels[name][n])) for name in found.odds.names)
        codes = [(name, _codes(KINDS[name])[level], float(ratios[name][n])) for name, level in levels if level >= 0]
        codes += [("names", "swapped", 0.0)] if evidence.swapped[n] else []
        result.append((*codes, *_beside(found, int(keep[n]))))
    return result


def _beside(found: Scored, at: int) -> Codes:
    veto, relation = found.veto[at], int(found.relation[at])
    codes: Codes = (("veto", str(veto), 0.0),) if veto else ()
    if relation < len(relations()) and (found.scores[at] < SURELY or veto):
        codes += (("relation", relations()[relation].name, 0.0),)
    return codes


def sentence(codes: Codes) -> str:
    """The codes in English: "first name: a short form or a slip; phone: the same; birth date: different"."""
    return "; ".join(phrase for field, code, _ in codes if (phrase := _phrase(field, code)))


def _phrase(field: str, code: str) -> str:
    if field == "veto":
        return next(veto.said for veto in RULES if veto.code == code)
    if field == "relation":
        return "perhaps " + next(relation.said for relation in relations() if relation.name == code)
    if field == "names":
        return "first and last name changed about"
    return f"{_said()[field]}: {_levels()[KINDS[field], code]}"


def explained(found: Scored) -> pd.DataFrame:
    """The table that `xlcrm.doubles.explain` gives, for a single pair."""
    rows = []
    one, other = int(found.evidence.first[0]), int(found.evidence.second[0])
    for field, code, bits in reasons_of(found, np.array([0]))[0]:
        column = found.rows.column(field) if field in KINDS else None
        values = [_value(column.values, int(column.codes[at])) for at in (one, other)] if column else ["", ""]
        rows.append((field, *values, code, bits, _phrase(field, code)))
    rows.append(("score", "", "", "", float(found.scores[0]), "bits for one client against everything else"))
    return pd.DataFrame(rows, columns=["field", "left", "right", "level", "bits", "why"])


def _value(values: list[str], code: int) -> str:
    return "" if code == BLANK else values[code]
