"""Mutants: which faults are planted, and that a module in use really runs with one of them."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from benchmarks.mutation import TOPICS, module_of, source_of
from tests.support.mutants import mutant, plant, sites
from tests.support.paths import ROOT

SOURCE = '''
def f(x: int = 3) -> str:
    """A text."""
    if x > 1 and not x == 7:
        print("a")
    return "b" if x else ""
'''


def test_the_faults_of_a_function() -> None:
    made = [mutant(SOURCE, site) for site in sites(SOURCE)]
    kinds = {"comparison", "and or", "condition", "not", "constant", "left out", "returns None"}
    assert {one.kind for one in made} == kinds
    assert len({one.source for one in made}) == len(made) == 14
    assert not [one for one in made if '"""A text."""' not in one.source or "x: int" not in one.source]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_module_has_mutants(topic: str) -> None:
    source = source_of(topic)
    assert len(sites(source)) > 15
    compile(mutant(source, sites(source)[0]).source, topic, "exec")
    assert importlib.import_module(module_of(topic)).__file__ == str(ROOT / "xlcrm" / topic)


def test_a_statement_has_its_own_lines() -> None:
    source = "if (1 ==\n    2):\n    x = (3,\n     4)\n"
    lines = {one.before: list(one.lines) for one in (mutant(source, site) for site in sites(source))}
    assert lines["1 == 2"] == [1, 2]
    assert lines["4"] == [3, 4]


USED = """
import contextlib
LIMIT = 3
class Box:
    full: bool = True
    @property
    def many(self):
        return LIMIT > 2
@contextlib.contextmanager
def held(more=1):
    yield more + LIMIT
"""


def test_a_module_in_use_gets_a_mutant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "module_in_use.py").write_text(USED)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("module_in_use")
    box, held = module.Box(), module.held
    found = set()
    for site in sites(USED):
        plant(module, mutant(USED, site).source)
        with held() as count:
            found.add((box.many, count))
        plant(module, USED)
    assert found == {(True, 4), (True, 5), (False, 4), (None, 4)} and box.full
