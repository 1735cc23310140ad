"""What runs without a person (workflow, pre-commit hooks, make) names programs and files that are there."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.paths import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("system", ["ubuntu", "windows", "macos"])
def test_the_workflow_runs_on_every_system(system: str) -> None:
    assert f"{system}-latest" in WORKFLOW
    assert (ROOT / ".ci" / "run").is_file() and ".ci/run" in WORKFLOW
    assert "-e .[test]" in WORKFLOW


def test_the_oldest_python_that_is_supported_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    assert f'"{oldest}"' in WORKFLOW
    assert f"Programming Language :: Python :: {oldest}" in project["classifiers"]


def test_hooks_are_local_and_those_of_make_lint() -> None:
    assert re.findall(r"repo: (\S+)", HOOKS) == ["local"]
    assert re.findall(r"entry: (.+)", HOOKS) == ["ruff format", "ruff check", "mypy"]
    for program in ("ruff format --check .", "ruff check .", "mypy"):
        assert f"$(BIN)/{program}" in MAKEFILE


def test_every_test_runs_and_the_core_is_measured() -> None:
    core = re.sub(r"[\\\s]+", " ", re.findall(r"CORE := ((?:.*\\\n)*.*)", MAKEFILE)[0]).split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["coverage"]["run"] == {"branch": True, "source": [f"xlcrm/{name}" for name in core]}
    assert all((ROOT / "tests" / name).is_dir() and (ROOT / "xlcrm" / name).is_dir() for name in core)
    assert "$(CORE:%=tests/%)" in MAKEFILE and "$(CORE:%=--ignore=tests/%)" in MAKEFILE


def test_every_folder_of_code_is_checked_by_mypy() -> None:
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert checked["strict"] and set(checked["files"]) == {"xlcrm", "tests", "benchmarks", "tools"}
