# Two commands for a fresh machine with Python 3.11+ and git: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test fuzz install lint clean

.venv/.demo: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	touch $@

.venv/.test: .venv/.demo
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[test]"
	touch $@

install: .venv/.demo

demo: .venv/.demo
	rm -rf demo
	$(BIN)/xlcrm demo demo

lint: .venv/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Branch coverage is measured where decisions are made, in the core (tool.coverage in pyproject.toml). Tests of what
# stands around it run whole commands for minutes, and counting their lines would make them two thirds slower.
# Nor is it counted in tests marked `no_cover` and in random examples (tests/conftest.py), which would take twice as long:
# the share that is shown is the least there is.
CORE := addresses checks documents doubles fields importing interactions lists names opportunities people salutations \
	segments spend splitting undo

# modules are compiled once for all the processes that tests start, whatever the environment says
test: export PYTHONDONTWRITEBYTECODE =
test: lint
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term:skip-covered $(CORE:%=tests/%)
	$(BIN)/python -m pytest -n auto --dist worksteal $(CORE:%=--ignore=tests/%)

# new random examples each time; a find names its seed or example, which then goes into the test
fuzz: .venv/.test
	XLCRM_FUZZ=$$(date +%s) $(BIN)/python -m pytest -n auto -m "hypothesis or fuzz"

clean:
	rm -rf .venv demo build *.egg-info
