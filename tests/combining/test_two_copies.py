"""Random copies against the replay oracle, and mutants of the merge, each of which some triple must notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.combining.test_combine_cells import CASES, combined_cells, wanted_cells
from tests.support import three_people, two_copies
from xlcrm.combining import combine_plan, combined_table, copy_numbers, row_changes, three_way

TRIPLES = range(20)


@pytest.mark.parametrize("seed", TRIPLES)
def test_a_random_triple_comes_out_by_the_rules(seed: int) -> None:
    assert two_copies.faults(two_copies.triple(seed)) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_week_of_three_people_loses_nothing(seed: int) -> None:
    assert three_people.week(seed) == []


def _no_conflict(made: Any, group: Any) -> None:
    """Takes theirs wherever they changed a cell, whatever we did."""
    for column in group:
        _, new, _ = made._changes(column)
        made._take(column, np.flatnonzero(new))


def _mixed(states: Any, columns: Any, groups: Any) -> Any:
    return REAL_CELLS(states, columns, ())


def _last_note(base: str, ours: str, theirs: str) -> str:
    return theirs


def _all_go(fates: Any, table: Any, *rest: Any) -> None:
    """Deletes whatever the other side deleted."""
    REAL_FATE(fates, table, *rest)
    fates.go[table.name] = table.has("bo")


def _none_back(fates: Any, table: Any, *rest: Any) -> None:
    """Brings nothing back that was deleted here."""
    REAL_FATE(fates, table, *rest)
    fates.come[table.name] = fates.come[table.name] & ~table.has("bt")


def _nobody_written(tables: Any, state: str, gone: str) -> set[str]:
    return set()


def _never_edited(*frames: Any) -> dict[str, str]:
    return {}


def _no_others(*given: Any) -> Any:
    return iter(())


def _opt_in(base: Any, ours: Any, theirs: Any) -> Any:
    """Theirs, also where it is no opt-out."""
    return np.ones(len(ours), dtype=bool), [None for _ in theirs]


def _no_translation(frame: Any, columns: Any, numbers: Any) -> Any:
    return frame if "invoice" in getattr(frame, "columns", ()) else REAL_TRANSLATED(frame, columns, numbers)


REAL_CELLS, REAL_FATE, REAL_TRANSLATED = three_way.merge_cells, row_changes._fate, copy_numbers.translated

MUTANTS: tuple[tuple[str, object, str, Callable[..., Any]], ...] = (
    ("theirs is taken over ours", three_way._Merging, "merge", _no_conflict),
    ("names and addresses are mixed", combine_plan, "merge_cells", _mixed),
    ("the last note wins", three_way, "both_added", _last_note),
    ("what was deleted there goes, edited or not", row_changes, "_fate", _all_go),
    ("nothing comes back", row_changes, "_fate", _none_back),
    ("a new purchase keeps no client", row_changes, "_written", _nobody_written),
    ("a number edited by hand is a new client", copy_numbers, "_edited", _never_edited),
    ("one number for two clients", copy_numbers, "_others", _no_others),
    ("an opt-out does not win", three_way, "_opt_out", _opt_in),
    ("lines do not follow their client", combined_table, "translated", _no_translation),
)


@pytest.mark.parametrize(("what", "module", "name", "mutant"), MUTANTS, ids=[m[0] for m in MUTANTS])
def test_a_mutant_of_the_merge_is_noticed(
    what: str, module: object, name: str, mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, mutant)
    assert any(map(_is_wrong, CASES)) or any(map(_is_noticed, range(8))), f"nothing notices that {what}"


def _is_wrong(case: dict[str, str]) -> bool:
    return combined_cells(case) != wanted_cells(case)


def _is_noticed(seed: int) -> bool:
    try:
        return two_copies.noticed(two_copies.triple(seed, edits=40))
    except Exception:  # noqa: BLE001 (a mutant may make anything of it)
        return True
