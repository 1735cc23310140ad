"""Mutants: which faults are planted, and that a program with one of them really runs with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.mutation import TOPICS
from tests.support.mutants import mutant, sites
from tests.support.paths import ROOT

SOURCE = '''
def f(x: int = 3) -> str:
    """A text."""
    if x > 1 and not x == 7:
        print("a")
    return "b" if x else ""
'''
PROBE = """
import sys
from benchmarks.mutation import _Planted, ROOT
path = ROOT / "xlcrm" / "text.py"
sys.meta_path.insert(0, _Planted("xlcrm.text", path, path.read_text() + "\\nPLANTED = 1\\n"))
from xlcrm import text
print(text.PLANTED)
"""


def test_the_faults_of_a_function() -> None:
    made = [mutant(SOURCE, site) for site in sites(SOURCE)]
    kinds = {"comparison", "and or", "condition", "not", "constant", "left out", "returns None"}
    assert {one.kind for one in made} == kinds
    assert len({one.source for one in made}) == len(made) == 16
    assert not [one for one in made if '"""A text."""' not in one.source or "x: int" not in one.source]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_module_has_mutants_and_tests(topic: str) -> None:
    source = (ROOT / "xlcrm" / topic).read_text(encoding="utf-8")
    assert len(sites(source)) > 15
    assert all((ROOT / path).exists() for path in TOPICS[topic])
    compile(mutant(source, sites(source)[0]).source, topic, "exec")


def test_a_program_runs_with_a_mutant() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "1", done.stderr
